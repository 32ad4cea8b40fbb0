//===- Findings.cpp - What a checker has to say ---------------------------===//
//
// Words the findings of a checked launch: which memory, which element, which
// threads. Places in the source are looked up later, off the kernel's stacks.
//
//===----------------------------------------------------------------------===//
#include "Checker.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <sys/mman.h>
#include <unistd.h>

using namespace gn::sim;

static std::string spell(const std::array<uint32_t, 3> &p) {
  return llvm::formatv("({0},{1},{2})", p[0], p[1], p[2]);
}

static std::string spell(const ThreadId &id) {
  return "thread " + spell(id.thread) + " of threadgroup " +
         spell(id.threadgroup);
}

static llvm::StringRef verb(bool write) { return write ? "writes" : "reads"; }

void Checker::report(RawFinding finding) {
  auto key = std::make_tuple(finding.kind, finding.buffer, finding.pc);
  auto [it, fresh] = known.insert({key, found.size()});
  if (fresh)
    found.push_back(std::move(finding));
  else
    ++found[it->second].count;
}

void Checker::abandon() { worker->abandon(); }

// device 'x'[12]
std::string Checker::spell(const Region &region, int64_t offset) const {
  llvm::StringRef space = region.space == Space::Device     ? "device"
                          : region.space == Space::Constant ? "constant"
                                                            : "threadgroup";
  return llvm::formatv("{0} '{1}'[{2}]", space, region.name,
                       llvm::divideFloorSigned(offset, region.scalarSize));
}

ThreadId Checker::idOf(unsigned thread) const {
  const __gn::Position &p = worker->position(thread);
  ThreadId id;
  for (int d = 0; d < 3; ++d) {
    id.threadgroup[d] = p.threadgroup_position_in_grid[d];
    id.thread[d] = p.thread_position_in_threadgroup[d];
  }
  return id;
}

// Who made an access at `time`, maybe in a threadgroup that is gone.
ThreadId Checker::idOf(uint32_t time, uint16_t who) const {
  ThreadId id = idOf(who & threadMask);
  auto after = llvm::upper_bound(
      groups, time, [](uint32_t t, const Group &g) { return t < g.start; });
  for (int d = 0; d < 3; ++d)
    id.threadgroup[d] = std::prev(after)->position[d];
  return id;
}

void Checker::race(const Region &region, size_t cell, uint32_t time,
                   uint16_t who, uint32_t otherPc, bool otherWrite,
                   const Access &access) {
  int64_t offset = cell << region.shift;
  ThreadId me = idOf(worker->currentThread());
  bool between = time < groupStart;
  // Of several that read it only the last is known; time 0 says that it was
  // read by another threadgroup.
  bool known =
      time && (between || (who & threadMask) != worker->currentThread());
  std::string other = known  ? ::spell(idOf(time, who))
                      : time ? "another thread"
                             : "another threadgroup";
  std::string message = llvm::formatv(
      "{0} {1} {2}, which {3} {4} {5}", ::spell(me), verb(access.write),
      spell(region, offset), other, verb(otherWrite),
      between ? "in the same launch" : "with no barrier between");
  report({between ? FindingKind::RaceBetweenThreadgroups : FindingKind::Race,
          region.name, llvm::divideFloorSigned(offset, region.scalarSize), me,
          std::move(message), access.pc,
          known ? imageBegin + otherPc : nullptr});
}

void Checker::uninitialized(const Region &region, size_t offset,
                            const Access &access) {
  ThreadId me = idOf(worker->currentThread());
  report({FindingKind::Uninitialized, region.name,
          int64_t(offset / region.scalarSize), me,
          llvm::formatv("{0} reads {1}, which nobody has written", ::spell(me),
                        spell(region, offset)),
          access.pc});
}

void Checker::outOfBounds(Region &region, int64_t offset,
                          const Access &access) {
  ThreadId me = idOf(worker->currentThread());
  size_t elements = region.size / region.scalarSize;
  report({FindingKind::OutOfBounds, region.name,
          llvm::divideFloorSigned(offset, region.scalarSize), me,
          llvm::formatv("{0} {1} {2} bytes at {3}, {4}", ::spell(me),
                        verb(access.write), access.size, spell(region, offset),
                        offset < 0
                            ? std::string("before its beginning")
                            : llvm::formatv("which has {0} element{1}",
                                            elements, elements == 1 ? "" : "s")
                                  .str()),
          access.pc});
  // Give it memory of its own to touch, so that the launch can go on.
  size_t page = sysconf(_SC_PAGESIZE);
  uintptr_t first = (uintptr_t)access.address & ~(page - 1);
  uintptr_t end = (uintptr_t)access.address + access.size;
  if (++strayPages > 4096 ||
      mprotect((void *)first, end - first, PROT_READ | PROT_WRITE))
    abandon();
}

void Checker::invalidAddress(const Access &access) {
  ThreadId me = idOf(worker->currentThread());
  bool null = access.address < (const char *)4096;
  report({FindingKind::InvalidAddress, "", 0, me,
          llvm::formatv("{0} {1} {2} bytes through {3}; the launch ends here",
                        ::spell(me), verb(access.write), access.size,
                        null ? "a null pointer" : "a pointer to no memory"),
          access.pc});
  abandon();
}

//===----------------------------------------------------------------------===//
// Arrays with a known bound
//===----------------------------------------------------------------------===//

namespace {
// What clang passes to the handlers of its undefined behavior sanitizer.
struct SourceLocation {
  const char *file;
  uint32_t line, column;
};
struct TypeDescriptor {
  uint16_t kind, info;
  char name[1];
};
struct OutOfBoundsData {
  SourceLocation place;
  const TypeDescriptor *arrayType, *indexType;
};
} // namespace

// The name at a place of the compiled text, whose lines are numbered by
// markers.
static llvm::StringRef nameAt(llvm::StringRef source,
                              const SourceLocation &place) {
  llvm::StringRef file;
  unsigned line = 0;
  while (!source.empty()) {
    auto [text, rest] = source.split('\n');
    source = rest;
    llvm::StringRef marker = text;
    if (marker.consume_front("# ") && !marker.consumeInteger(10, line)) {
      file = marker.split('"').second.split('"').first;
      continue;
    }
    if (line++ == place.line && file == place.file)
      return text.substr(place.column - 1).take_while([](char c) {
        return llvm::isAlnum(c) || c == '_';
      });
  }
  return "";
}

void Checker::arrayBounds(void *where, unsigned long index, const void *pc) {
  auto &data = *static_cast<const OutOfBoundsData *>(where);
  llvm::StringRef name = nameAt(source, data.place);
  llvm::StringRef type = data.arrayType->name; // 'alias' (aka 'float[8]')
  size_t aka = type.find("(aka ");
  type = type.substr(aka == llvm::StringRef::npos ? 0 : aka + 5).trim("')");
  bool shared = threadgroupNames->contains(name);
  ThreadId me = idOf(worker->currentThread());
  report({FindingKind::OutOfBounds, name.str(), int64_t(index), me,
          llvm::formatv("{0} uses element {1} of '{2}', which is a {3}{4}",
                        ::spell(me), (int64_t)index, name, type,
                        shared ? "" : "; the launch ends here"),
          pc});
  // Beyond an array of the thread's own lies the stack that it runs on.
  if (!shared)
    abandon();
}

void Checker::pastEnd(llvm::StringRef array, size_t size, const void *pc) {
  ThreadId me = idOf(worker->currentThread());
  report(
      {FindingKind::OutOfBounds, array.str(), int64_t(size), me,
       llvm::formatv("{0} uses element {1} of '{2}', which has {1} element{3}; "
                     "the launch ends here",
                     ::spell(me), size, array, size == 1 ? "" : "s"),
       pc});
  abandon();
}

//===----------------------------------------------------------------------===//
// Barriers and simd operations
//===----------------------------------------------------------------------===//

void Checker::divergentSimd(const char *operation, const void *pc,
                            unsigned thread, unsigned missing, bool ended) {
  ThreadId me = idOf(thread);
  report({FindingKind::DivergentSimd, "", 0, me,
          llvm::formatv("{0} is at {1}, which thread {2} of its simdgroup does "
                        "not reach{3}",
                        ::spell(me), operation, ::spell(idOf(missing).thread),
                        ended ? ": it has returned" : ""),
          pc});
}

void Checker::barrierMismatch(const void *pc, unsigned thread,
                              const void *otherPc, unsigned other) {
  ThreadId me = idOf(thread);
  report({FindingKind::DivergentBarrier, "", 0, me,
          llvm::formatv("{0} is at one barrier and thread {1} at another",
                        ::spell(me), ::spell(idOf(other).thread)),
          pc, otherPc});
}

void Checker::barrierMissed(const void *pc, unsigned thread, unsigned missing) {
  ThreadId me = idOf(thread);
  report({FindingKind::DivergentBarrier, "", 0, me,
          llvm::formatv("{0} is at a barrier, which thread {1} does not reach: "
                        "it has returned",
                        ::spell(me), ::spell(idOf(missing).thread)),
          pc});
}

std::vector<Traffic> Checker::traffic() const {
  std::vector<Traffic> result;
  for (const auto &region : regions)
    if (region->space != Space::Threadgroup)
      result.push_back(region->traffic);
  return result;
}
