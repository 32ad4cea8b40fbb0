//===- Worker.h - Runs the threads of one threadgroup ---------------------===//
//
// A worker is one thread of the host that runs threadgroups one after the
// other. The threads of a threadgroup are fibers that take turns: a thread runs
// until it ends or waits for others, so nothing here needs a lock.
//
//===----------------------------------------------------------------------===//
#ifndef GROUPNORM_RUNTIME_SIMULATOR_WORKER_H
#define GROUPNORM_RUNTIME_SIMULATOR_WORKER_H

#include "Fiber.h"
#include "groupnorm/Runtime/Simulator.h"
#include "metal/abi.h"

namespace gn::sim {

class Checker;

/// Most threads that a threadgroup can have.
constexpr unsigned maxThreads = 1024;

/// What all workers of a launch share.
struct LaunchPlan {
  const __gn::Kernel *kernel;
  std::vector<void *> pointers; // one a parameter
  Dim3 threadgroups;            // how many there are
  Dim3 threadgroup;             // how many threads one has, but at the edges
  Dim3 threads;                 // in the whole grid
  ScheduleOrder order;
  std::vector<ThreadgroupMemory> threadgroupMemory; // index: parameter
  size_t threadgroupMemoryLimit;
};

class Worker {
public:
  /// `checker` is null in an unchecked launch.
  Worker(const LaunchPlan &plan, Checker *checker);
  ~Worker();

  /// False: there is no memory for the stacks.
  bool prepare();
  void runThreadgroup(const Dim3 &position);

  /// Leaves the kernel for good; called on a fiber. The checker has noted why.
  [[noreturn]] void abandon();
  bool abandoned() const { return stopped; }
  /// Why nothing more can run, where that is no finding; empty: all is well.
  const std::string &failure() const { return failed; }

  /// What a checker asks while a thread runs.
  unsigned currentThread() const { return current; }
  const __gn::Position &position() const { return threads[current].position; }
  const __gn::Position &position(unsigned i) const {
    return threads[i].position;
  }
  /// Whether `p` is memory that every thread may touch without a check.
  bool owns(const void *p) const;

  Checker *getChecker() const { return checker; }

  /// The worker that runs on this thread of the host.
  static Worker *active();
  /// Fills the table through which kernels call the simulator.
  static void fill(__gn::Host &host);

private:
  // Where lanes leave their values for each other. Two buffers, used in turn:
  // lanes may still read one round's when the first arrives for the next.
  struct Meeting {
    __gn::Exchange buffers[2];
    unsigned round = 0;
    __gn::Exchange &open() { return buffers[round & 1]; }
  };
  struct Thread {
    __gn::Position position;
    fcontext_t context = nullptr; // where it waits
    unsigned fiber = 0;
    const void *pc = nullptr; // of the operation that it waits at
    const char *operation = nullptr;
    unsigned flags = 0;
    Meeting *meeting = nullptr;
    __gn::Exchange *result = nullptr;
  };

  // A set of threads.
  struct ThreadSet {
    uint64_t words[maxThreads / 64] = {};
    void add(unsigned i) { words[i / 64] |= uint64_t(1) << i % 64; }
    void remove(unsigned i) { words[i / 64] &= ~(uint64_t(1) << i % 64); }
    bool has(unsigned i) const { return words[i / 64] >> i % 64 & 1; }
    uint32_t simdgroup(unsigned s) const {
      return words[s / 2] >> (s % 2 * 32);
    }
  };

  struct Simdgroup {
    Meeting whole;
    Meeting quads[__gn::simdWidth / 4];
  };

  static const __gn::Position *self();
  static void barrier(unsigned memFlags, unsigned scope);
  static __gn::Exchange *exchange(const void *value, unsigned size,
                                  unsigned scope, const char *operation);
  static void *threadgroupVariable(unsigned id, unsigned long size,
                                   const char *name);
  static void fiberMain(transfer_t from);

  void place(unsigned thread); // writes its position
  void run(unsigned thread, fcontext_t *save);
  void jump(fcontext_t to, fcontext_t *save);
  void wait();      // until somebody makes the current thread ready
  void finish();    // the current thread ended
  int pick() const; // a ready thread, or -1
  int next();       // the same, after releasing those that wait in vain
  void releaseStalled();
  void releaseBarrier();
  __gn::Exchange *meet(const void *value, unsigned size, unsigned scope,
                       const char *operation, unsigned flags, const void *pc);
  void complete(unsigned simdgroup, uint32_t lanes, Meeting &meeting);
  uint32_t lanesOf(unsigned simdgroup, const Meeting &meeting) const;

  const LaunchPlan &plan;
  Checker *checker;
  StackPool stacks;
  std::vector<fcontext_t> fibers; // where an idle fiber waits
  std::vector<unsigned> idle;     // fibers without a thread
  std::vector<Thread> threads;
  std::vector<Simdgroup> simdgroups;
  struct Variable {
    size_t size = 0;
    char *memory = nullptr;
  };
  std::vector<Variable> variables; // threadgroup variables by their number
  std::unique_ptr<char[]> arena;   // what they live in, unchecked
  size_t arenaUsed = 0;
  std::vector<void *> pointers; // the plan's, with threadgroup arguments

  Dim3 groupPosition, groupSize;
  unsigned count = 0; // threads of this threadgroup
  unsigned live = 0;  // those that have not ended
  unsigned current = 0;
  ThreadSet ready, started, ended, atBarrier, atMeeting;
  unsigned numAtBarrier = 0;
  fcontext_t home = nullptr;    // the worker's own stack
  fcontext_t *saveTo = nullptr; // for the context that a jump leaves
  bool stopped = false;
  std::string failed;
};

} // namespace gn::sim

#endif // GROUPNORM_RUNTIME_SIMULATOR_WORKER_H
