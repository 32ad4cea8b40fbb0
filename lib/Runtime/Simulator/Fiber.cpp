//===- Fiber.cpp - Stacks and switches between them -----------------------===//
#include "Fiber.h"
#include <sys/mman.h>
#include <unistd.h>

using namespace gn::sim;

StackPool::~StackPool() {
  if (memory)
    munmap(memory, stride * capacity);
}

bool StackPool::reserve(size_t count) {
  if (count <= capacity)
    return true;
  if (memory)
    munmap(memory, stride * capacity);
  size_t page = sysconf(_SC_PAGESIZE);
  stride = stackSize + page;
  capacity = 0;
  void *p = mmap(nullptr, stride * count, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  memory = p == MAP_FAILED ? nullptr : static_cast<char *>(p);
  if (!memory)
    return false;
  capacity = count;
  for (size_t i = 0; i < count; ++i)
    if (mprotect(memory + i * stride, page, PROT_NONE))
      return false;
  return true;
}

void *StackPool::top(size_t i) const {
  return memory + (i + 1) * stride - (i % 61) * 256;
}
