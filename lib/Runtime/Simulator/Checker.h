//===- Checker.h - Watches every access of a checked launch ---------------===//
//
// Each piece of memory that a kernel may touch lies in an address slot of its
// own, 4 GiB or more, so that an address tells which memory was meant even far
// out of bounds. Beside it lie shadow cells that remember who wrote and who
// read last, and when. Time counts barriers: two accesses by different threads
// with no barrier between them, one of them a write, are a race.
//
// A checked launch has one worker, so nothing here is locked.
//
//===----------------------------------------------------------------------===//
#ifndef GROUPNORM_RUNTIME_SIMULATOR_CHECKER_H
#define GROUPNORM_RUNTIME_SIMULATOR_CHECKER_H

#include "Worker.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MathExtras.h"
#include <map>
#include <memory>

namespace gn::sim {

/// A finding before its places are looked up.
struct RawFinding {
  FindingKind kind;
  std::string buffer;
  int64_t index;
  ThreadId thread;
  std::string message; // it may end in the place of otherPc
  const void *pc = nullptr, *otherPc = nullptr;
  uint64_t count = 1;
};

class Checker {
public:
  enum class Space { Device, Constant, Threadgroup };

  Checker() = default;
  ~Checker();
  Checker(const Checker &) = delete;

  /// Address space for `bytes` of memory in all (with what surrounds them).
  llvm::Error reserve(unsigned slots);
  void setWorker(Worker *w) { worker = w; }

  /// The loaded kernel's code and constants: accesses to it are left alone.
  void setImage(const char *begin, const char *end) {
    imageBegin = begin;
    imageEnd = end;
  }
  /// The text that clang compiled, to tell which array an index was for, and
  /// which names are threadgroup variables.
  void setSource(llvm::StringRef text, const llvm::StringSet<> &names) {
    source = text;
    threadgroupNames = &names;
  }

  /// Memory for a buffer; the caller fills it. `initialized`: a bit a byte.
  llvm::Expected<char *> addBuffer(const BufferArgument &buffer, Space space,
                                   llvm::StringRef name, unsigned scalarSize);
  /// Updates what the caller knows of buffer `i` in the order of addBuffer.
  void exportInitialized(unsigned i, llvm::BitVector &bits) const;
  char *addThreadgroupVariable(unsigned id, size_t size, const char *name);

  void beginThreadgroup(const Dim3 &position);
  void threadgroupBarrier(unsigned flags);
  void simdgroupBarrier(unsigned simdgroup, unsigned flags);
  void divergentSimd(const char *operation, const void *pc, unsigned thread,
                     unsigned missing, bool ended);
  void barrierMismatch(const void *pc, unsigned thread, const void *otherPc,
                       unsigned other);
  void barrierMissed(const void *pc, unsigned thread, unsigned missing);

  /// Adds the hooks of instrumented code.
  static void fill(__gn::Host &host);

  const std::vector<RawFinding> &findings() const { return found; }
  std::vector<Traffic> traffic() const;

private:
  friend struct CheckerHooks;

  // Who touched a granule last. Time 0: nobody; 1: before the launch.
  struct Cell {
    uint32_t writeTime, writePc, readTime, readPc;
    uint16_t writer, reader; // a thread and flags
  };
  enum Flag : uint16_t {
    threadMask = 0x3ff,
    isAtomic = 0x400,
    severalLanes = 0x800,    // of one simdgroup read since it was written
    severalThreads = 0x1000, // of several
    otherGroup = 0x2000,     // another threadgroup read it too
  };
  struct Region {
    Space space;
    std::string name;
    char *base;
    size_t size;
    unsigned scalarSize;
    unsigned shift; // of the granule, log2 of its bytes
    bool readOnly, initialized;
    Cell *cells = nullptr;
    size_t cellBytes = 0;
    Traffic traffic;
  };
  struct Access {
    const char *address;
    size_t size;
    bool write, atomic;
    const void *pc;
  };
  // The last barrier that a space took part in, by threadgroup or simdgroup.
  struct Times {
    uint32_t threadgroup = 0;
    uint32_t simdgroup[maxThreads / __gn::simdWidth] = {};
  };

  static void access(const void *address, size_t size, bool write, bool atomic,
                     const void *pc);
  void check(const Access &access);
  void checkCells(Region &region, size_t offset, const Access &access);
  void refine(Region &region, unsigned shift);
  bool ordered(const Region &region, uint32_t time, uint16_t who) const;
  void race(const Region &region, size_t cell, uint32_t time, uint16_t who,
            uint32_t otherPc, bool otherWrite, const Access &access);
  void outOfBounds(Region &region, int64_t offset, const Access &access);
  void uninitialized(const Region &region, size_t offset, const Access &access);
  void foreign(const Access &access);
  [[noreturn]] void invalidAddress(const Access &access);
  void arrayBounds(void *where, unsigned long index, const void *pc);
  [[noreturn]] void pastEnd(llvm::StringRef array, size_t size, const void *pc);
  void report(RawFinding finding);
  [[noreturn]] void abandon();

  llvm::Expected<Region *> addRegion(Space space, llvm::StringRef name,
                                     size_t size, unsigned scalarSize);
  std::string spell(const Region &region, int64_t offset) const;
  ThreadId idOf(unsigned thread) const;
  ThreadId idOf(uint32_t time, uint16_t who) const;

  Worker *worker = nullptr;
  char *arena = nullptr;
  unsigned numSlots = 0, usedSlots = 0;
  std::vector<Region *> slots;
  std::vector<std::unique_ptr<Region>> regions;
  std::map<unsigned, Region *> variables;
  const llvm::StringSet<> *threadgroupNames = nullptr;
  llvm::StringRef source;
  const char *imageBegin = nullptr, *imageEnd = nullptr;

  uint32_t now = 1;
  Times device, threadgroup;
  uint32_t groupStart = 0;
  struct Group {
    uint32_t start;
    Dim3 position;
  };
  std::vector<Group> groups; // so far, to tell whose an access was
  std::vector<RawFinding> found;
  std::map<std::tuple<FindingKind, std::string, const void *>, size_t> known;
  size_t strayPages = 0;
};

} // namespace gn::sim

#endif // GROUPNORM_RUNTIME_SIMULATOR_CHECKER_H
