//===- Checker.cpp - Memory, time and races -------------------------------===//
//
// The shadow of a checked launch: which memory an address means, who touched it
// before, and whether a barrier lies between. Report.cpp words the findings.
//
//===----------------------------------------------------------------------===//
#include "Checker.h"
#include "llvm/Support/Errno.h"
#include "llvm/Support/FormatVariadic.h"
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

using namespace gn::sim;

// A slot begins and ends with space where nothing lies.
static constexpr unsigned slotShift = 32;
static constexpr size_t slotBytes = size_t(1) << slotShift;
static constexpr size_t guardBytes = slotBytes / 4;

static size_t slotsFor(size_t size) {
  return (size + 2 * guardBytes + slotBytes - 1) >> slotShift;
}

Checker::~Checker() {
  for (auto &region : regions)
    if (region->cells)
      munmap(region->cells, region->cellBytes);
  if (arena)
    munmap(arena, numSlots * slotBytes);
}

llvm::Error Checker::reserve(unsigned count) {
  void *p = mmap(nullptr, count * slotBytes, PROT_NONE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED)
    return llvm::createStringError(
        "cannot reserve address space for checks: " + llvm::sys::StrError() +
        " (is there a limit on virtual memory, ulimit -v?)");
  arena = static_cast<char *>(p);
  numSlots = count;
  slots.resize(count);
  return llvm::Error::success();
}

llvm::Expected<Checker::Region *> Checker::addRegion(Space space,
                                                     llvm::StringRef name,
                                                     size_t size,
                                                     unsigned scalarSize) {
  unsigned count = slotsFor(size);
  if (usedSlots + count > numSlots)
    return llvm::createStringError("too much memory for a checked launch");
  auto region = std::make_unique<Region>();
  region->space = space;
  region->name = name.str();
  region->base = arena + usedSlots * slotBytes + guardBytes;
  region->size = size;
  region->scalarSize = scalarSize ? scalarSize : 1;
  region->shift = 2;
  region->readOnly = space == Space::Constant;
  region->initialized = false;
  region->traffic.buffer = name.str();
  region->traffic.constant = space == Space::Constant;
  region->cellBytes = ((size >> region->shift) + 1) * sizeof(Cell);
  void *cells = mmap(nullptr, region->cellBytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (cells == MAP_FAILED ||
      mprotect(region->base, size ? size : 1, PROT_READ | PROT_WRITE))
    return llvm::createStringError("no memory for a checked copy of '" + name +
                                   "'");
  region->cells = static_cast<Cell *>(cells);
  for (unsigned i = 0; i < count; ++i)
    slots[usedSlots + i] = region.get();
  usedSlots += count;
  regions.push_back(std::move(region));
  return regions.back().get();
}

llvm::Expected<char *> Checker::addBuffer(const BufferArgument &buffer,
                                          Space space, llvm::StringRef name,
                                          unsigned scalarSize) {
  auto region = addRegion(space, name, buffer.size, scalarSize);
  if (!region)
    return region.takeError();
  Region &r = **region;
  r.initialized = !buffer.initialized && buffer.role != BufferRole::Out;
  if (const llvm::BitVector *bits = buffer.initialized) {
    size_t known = std::min<size_t>(bits->size(), r.size);
    // Byte by byte where a granule is written in part.
    auto isMixed = [&](size_t begin) {
      size_t end = std::min(begin + (size_t(1) << r.shift), r.size);
      int first = bits->find_first_in(begin, std::min(end, known));
      return first >= 0 && (first != (int)begin || end > known ||
                            bits->find_first_unset_in(begin, end) >= 0);
    };
    for (size_t i = 0; i < known && r.shift; i += size_t(1) << r.shift)
      if (isMixed(i))
        refine(r, 0);
    for (size_t i = 0; i < known; i += size_t(1) << r.shift)
      if (bits->test(i))
        r.cells[i >> r.shift].writeTime = 1;
  }
  return r.base;
}

void Checker::exportInitialized(unsigned i, llvm::BitVector &bits) const {
  const Region &r = *regions[i];
  bits.resize(r.size, r.initialized);
  size_t granule = size_t(1) << r.shift;
  for (size_t b = 0; b < r.size; b += granule)
    if (r.cells[b >> r.shift].writeTime)
      bits.set(b, std::min(b + granule, r.size));
}

char *Checker::addThreadgroupVariable(unsigned id, size_t size,
                                      const char *name) {
  Region *&region = variables[id];
  if (!region || region->size != size) {
    auto added = addRegion(Space::Threadgroup, name, size, 4);
    if (!added) { // 32 KiB never fill the slots that a launch reserves
      llvm::consumeError(added.takeError());
      return nullptr;
    }
    region = *added;
  }
  memset(region->base, 0xff, size);
  return region->base;
}

// Smaller granules where an access does not fill the present ones; what is
// known of one is known of all its parts.
void Checker::refine(Region &region, unsigned shift) {
  size_t bytes = ((region.size >> shift) + 1) * sizeof(Cell);
  void *p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED)
    llvm::report_fatal_error("no memory for the shadow of a buffer", false);
  Cell *cells = static_cast<Cell *>(p);
  unsigned factor = region.shift - shift;
  for (size_t i = 0, n = region.size >> shift; i < n; ++i)
    cells[i] = region.cells[i >> factor];
  munmap(region.cells, region.cellBytes);
  region.cells = cells;
  region.cellBytes = bytes;
  region.shift = shift;
}

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

void Checker::beginThreadgroup(const Dim3 &position) {
  groupStart = ++now;
  groups.push_back({now, position});
  device = threadgroup = Times();
  for (auto [id, region] : variables)
    memset(region->base, 0xff, region->size);
}

void Checker::threadgroupBarrier(unsigned flags) {
  ++now;
  if (flags & __gn::memDevice)
    device.threadgroup = now;
  if (flags & __gn::memThreadgroup)
    threadgroup.threadgroup = now;
}

void Checker::simdgroupBarrier(unsigned simdgroup, unsigned flags) {
  ++now;
  if (flags & __gn::memDevice)
    device.simdgroup[simdgroup] = now;
  if (flags & __gn::memThreadgroup)
    threadgroup.simdgroup[simdgroup] = now;
}

// Whether an access by `who` at `time` is over for the thread that runs now.
bool Checker::ordered(const Region &region, uint32_t time, uint16_t who) const {
  if (time <= 1)
    return true;
  if (time < groupStart)
    return region.space == Space::Threadgroup; // memory of a group that is gone
  unsigned me = worker->currentThread(), other = who & threadMask;
  const Times &times =
      region.space == Space::Threadgroup ? threadgroup : device;
  if (time < times.threadgroup)
    return true;
  if (who & severalThreads)
    return false;
  bool sameSimdgroup = me / __gn::simdWidth == other / __gn::simdWidth;
  if (sameSimdgroup && time < times.simdgroup[me / __gn::simdWidth])
    return true;
  return me == other && !(who & severalLanes);
}

//===----------------------------------------------------------------------===//
// Accesses
//===----------------------------------------------------------------------===//

void Checker::check(const Access &access) {
  size_t at = access.address - arena;
  if (at >= numSlots * slotBytes || !slots[at >> slotShift])
    return foreign(access);
  Region &region = *slots[at >> slotShift];
  size_t offset = access.address - region.base; // wraps before the beginning
  if (offset > region.size || access.size > region.size - offset) {
    outOfBounds(region, (int64_t)offset, access);
    return;
  }
  Traffic &traffic = region.traffic;
  (access.write ? traffic.bytesWritten : traffic.bytesRead) += access.size;
  size_t mask = (size_t(1) << region.shift) - 1;
  if ((offset | access.size) & mask)
    refine(region, std::min(llvm::countr_zero(offset | access.size), 2));
  checkCells(region, offset, access);
}

void Checker::checkCells(Region &region, size_t offset, const Access &access) {
  uint16_t me = worker->currentThread() | (access.atomic ? isAtomic : 0);
  uint32_t pc = (const char *)access.pc - imageBegin;
  bool shared = region.space == Space::Threadgroup;
  size_t bytes = size_t(1) << region.shift;
  for (size_t i = offset >> region.shift,
              end = (offset + access.size) >> region.shift;
       i < end; ++i) {
    Cell &c = region.cells[i];
    bool written = shared ? c.writeTime >= groupStart : c.writeTime != 0;
    if (!written && !region.initialized && !access.write)
      uninitialized(region, i << region.shift, access);
    bool bothAtomic = access.atomic && (c.writer & isAtomic);
    if (c.writeTime > 1 && !bothAtomic &&
        !ordered(region, c.writeTime, c.writer))
      race(region, i, c.writeTime, c.writer, c.writePc, true, access);
    if (access.write) {
      bool readBefore =
          c.readTime > 1 && !(access.atomic && (c.reader & isAtomic));
      if (readBefore && !shared && (c.reader & otherGroup) &&
          c.readTime >= groupStart)
        race(region, i, 0, c.reader, c.readPc, false, access);
      else if (readBefore && !ordered(region, c.readTime, c.reader))
        race(region, i, c.readTime, c.reader, c.readPc, false, access);
      if (c.writeTime < groupStart)
        region.traffic.firstWritten += bytes;
      c.writeTime = now;
      c.writePc = pc;
      c.writer = me;
      continue;
    }
    uint16_t reader = me;
    if (c.readTime < groupStart) {
      region.traffic.firstRead += bytes;
      if (c.readTime > 1)
        reader |= otherGroup;
    } else {
      // Remember that there were others, as long as no barrier hides them.
      reader |= c.reader & otherGroup;
      if (!ordered(region, c.readTime, c.reader))
        reader |= (c.reader & severalThreads) ||
                          ((c.reader ^ me) & threadMask) / __gn::simdWidth
                      ? severalThreads
                      : severalLanes;
      if (!(c.reader & isAtomic))
        reader &= ~isAtomic;
    }
    c.readTime = now;
    c.readPc = pc;
    c.reader = reader;
  }
}

void Checker::access(const void *address, size_t size, bool write, bool atomic,
                     const void *pc) {
  Worker *worker = Worker::active();
  Checker *checker = worker ? worker->getChecker() : nullptr;
  if (checker)
    checker->check(
        {static_cast<const char *>(address), size, write, atomic, pc});
}

// Memory that is in no slot: the thread's own, the simulator's, the module's
// constants. Anything else would end the process.
void Checker::foreign(const Access &access) {
  const char *p = access.address;
  if (worker->owns(p) || (p >= imageBegin && p < imageEnd))
    return;
  invalidAddress(access);
}

namespace gn::sim {
// The hooks read the return address of the kernel's call, so each is a frame
// of its own and forwards it.
struct CheckerHooks {
  template <unsigned Size, bool Write>
  __attribute__((noinline)) static void access(void *address) {
    Checker::access(address, Size, Write, false, __builtin_return_address(0));
  }
  static void atomic(const void *address, unsigned size, unsigned kind) {
    Checker::access(address, size, kind != __gn::atomicLoad, true,
                    __builtin_return_address(0));
  }
  static void *copy(void *to, const void *from, unsigned long size) {
    const void *pc = __builtin_return_address(0);
    if (size) {
      Checker::access(from, size, false, false, pc);
      Checker::access(to, size, true, false, pc);
    }
    return memmove(to, from, size);
  }
  static void *fill(void *to, int byte, unsigned long size) {
    if (size)
      Checker::access(to, size, true, false, __builtin_return_address(0));
    return memset(to, byte, size);
  }
  static void outOfBounds(void *where, unsigned long index) {
    if (Checker *checker = Worker::active()->getChecker())
      checker->arrayBounds(where, index, __builtin_return_address(0));
  }
  static void pastEnd(const char *array, unsigned long size) {
    if (Checker *checker = Worker::active()->getChecker())
      checker->pastEnd(array, size, __builtin_return_address(0));
  }
};
} // namespace gn::sim

void Checker::fill(__gn::Host &host) {
  using Hooks = CheckerHooks;
  host.read[0] = Hooks::access<1, false>;
  host.read[1] = Hooks::access<2, false>;
  host.read[2] = Hooks::access<4, false>;
  host.read[3] = Hooks::access<8, false>;
  host.read[4] = Hooks::access<16, false>;
  host.write[0] = Hooks::access<1, true>;
  host.write[1] = Hooks::access<2, true>;
  host.write[2] = Hooks::access<4, true>;
  host.write[3] = Hooks::access<8, true>;
  host.write[4] = Hooks::access<16, true>;
  host.copy = Hooks::copy;
  host.fill = Hooks::fill;
  host.atomic = Hooks::atomic;
  host.outOfBounds = Hooks::outOfBounds;
  host.pastEnd = Hooks::pastEnd;
}
