//===- Worker.cpp - Runs the threads of one threadgroup -------------------===//
//
// Which thread runs next is decided by who is ready, in the order of the plan.
// Where nobody is, some wait for others that will not come; they are released
// as a GPU would release them, and a checker hears of it.
//
//===----------------------------------------------------------------------===//
#include "Worker.h"
#include "Checker.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace gn::sim;
using __gn::Exchange;
using __gn::simdWidth;

static thread_local Worker *activeWorker;

Worker *Worker::active() { return activeWorker; }

Worker::Worker(const LaunchPlan &plan, Checker *checker)
    : plan(plan), checker(checker), pointers(plan.pointers) {}

Worker::~Worker() {
  if (activeWorker == this)
    activeWorker = nullptr;
}

bool Worker::prepare() {
  size_t most = plan.threadgroup[0] * plan.threadgroup[1] * plan.threadgroup[2];
  threads.resize(most);
  simdgroups.resize(llvm::divideCeil(most, simdWidth));
  fibers.resize(most);
  arena.reset(new char[plan.threadgroupMemoryLimit + 64]);
  if (!stacks.reserve(most))
    return false;
  for (size_t i = most; i-- > 0;) {
    fibers[i] =
        make_fcontext(stacks.top(i), StackPool::stackSize / 2, fiberMain);
    idle.push_back(i);
  }
  activeWorker = this;
  for (auto [i, memory] : llvm::enumerate(plan.threadgroupMemory)) {
    pointers[memory.index] = threadgroupVariable(
        ~0u - i, memory.size, plan.kernel->parameters[memory.index].name);
    if (!failed.empty())
      return true;
  }
  return true;
}

bool Worker::owns(const void *p) const {
  auto within = [&](const auto &v) {
    return p >= (const void *)v.data() &&
           p < (const void *)(v.data() + v.size());
  };
  return stacks.contains(p) || within(threads) || within(simdgroups) ||
         within(pointers);
}

void Worker::runThreadgroup(const Dim3 &position) {
  activeWorker = this;
  groupPosition = position;
  count = 1;
  for (int d = 0; d < 3; ++d) {
    uint64_t first = position[d] * plan.threadgroup[d];
    groupSize[d] = std::min(plan.threadgroup[d], plan.threads[d] - first);
    count *= groupSize[d];
  }
  live = count;
  ready = started = ended = atBarrier = atMeeting = ThreadSet();
  numAtBarrier = 0;
  for (unsigned i = 0; i < count; ++i)
    ready.add(i);
  // What a threadgroup finds in its memory is undefined: a NaN shows.
  if (checker)
    checker->beginThreadgroup(position);
  else
    memset(arena.get(), 0xff, arenaUsed);
  current = plan.order == ScheduleOrder::Forward ? 0 : count - 1;
  run(next(), &home);
}

//===----------------------------------------------------------------------===//
// Threads and fibers
//===----------------------------------------------------------------------===//

void Worker::place(unsigned thread) {
  __gn::Position &p = threads[thread].position;
  uint64_t at[3] = {thread % groupSize[0], thread / groupSize[0] % groupSize[1],
                    thread / (groupSize[0] * groupSize[1])};
  for (int d = 0; d < 3; ++d) {
    p.threadgroup_position_in_grid[d] = groupPosition[d];
    p.thread_position_in_threadgroup[d] = at[d];
    p.thread_position_in_grid[d] =
        groupPosition[d] * plan.threadgroup[d] + at[d];
    p.threads_per_threadgroup[d] = groupSize[d];
    p.threads_per_grid[d] = plan.threads[d];
    p.threadgroups_per_grid[d] = plan.threadgroups[d];
    p.dispatch_threads_per_threadgroup[d] = plan.threadgroup[d];
  }
  p.thread_index_in_threadgroup = thread;
  p.thread_index_in_simdgroup = thread % simdWidth;
  p.simdgroup_index_in_threadgroup = thread / simdWidth;
  p.simdgroups_per_threadgroup = llvm::divideCeil(count, simdWidth);
  p.dispatch_simdgroups_per_threadgroup = simdgroups.size();
  p.threads_per_simdgroup = simdWidth;
  p.thread_index_in_quadgroup = thread % 4;
  p.quadgroup_index_in_threadgroup = thread / 4;
  p.quadgroups_per_threadgroup = llvm::divideCeil(count, 4);
}

// Leaves the running context in `save` and continues at `to`.
void Worker::jump(fcontext_t to, fcontext_t *save) {
  saveTo = save;
  transfer_t from = jump_fcontext(to, this);
  *saveTo = from.fctx;
}

void Worker::fiberMain(transfer_t from) {
  Worker *worker = static_cast<Worker *>(from.data);
  *worker->saveTo = from.fctx;
  while (true) {
    __gn::Arguments arguments{worker->pointers.data()};
    worker->plan.kernel->run(&arguments);
    worker->finish();
  }
}

// Continues `thread`, on a new fiber if it has not run yet.
void Worker::run(unsigned thread, fcontext_t *save) {
  current = thread;
  ready.remove(thread);
  if (started.has(thread))
    return jump(threads[thread].context, save);
  started.add(thread);
  place(thread);
  threads[thread].fiber = idle.back();
  idle.pop_back();
  jump(fibers[threads[thread].fiber], save);
}

void Worker::wait() {
  unsigned me = current, thread = next();
  if (thread == me)
    ready.remove(me);
  else
    run(thread, &threads[me].context);
}

// A thread that has not started takes over the fiber of one that ends, so that
// a kernel without barriers never switches.
void Worker::finish() {
  unsigned fiber = threads[current].fiber;
  ended.add(current);
  --live;
  int thread = next();
  if (thread >= 0 && !started.has(thread)) {
    current = thread;
    ready.remove(thread);
    started.add(thread);
    place(thread);
    threads[thread].fiber = fiber;
    return;
  }
  idle.push_back(fiber);
  if (thread < 0)
    jump(home, &fibers[fiber]);
  else
    run(thread, &fibers[fiber]);
}

void Worker::abandon() {
  stopped = true;
  fcontext_t lost;
  jump(home, &lost);
  llvm_unreachable("an abandoned fiber was resumed");
}

int Worker::pick() const {
  int words = llvm::divideCeil(count, 64);
  if (plan.order == ScheduleOrder::Forward) {
    int word = current / 64;
    uint64_t bits =
        ready.words[word] & ~llvm::maskTrailingOnes<uint64_t>(current % 64);
    for (int i = 0; i <= words; ++i) {
      if (bits)
        return word * 64 + llvm::countr_zero(bits);
      word = word + 1 == words ? 0 : word + 1;
      bits = ready.words[word];
    }
    return -1;
  }
  int word = current / 64;
  uint64_t bits =
      ready.words[word] & llvm::maskTrailingOnes<uint64_t>(current % 64 + 1);
  for (int i = 0; i <= words; ++i) {
    if (bits)
      return word * 64 + 63 - llvm::countl_zero(bits);
    word = word == 0 ? words - 1 : word - 1;
    bits = ready.words[word];
  }
  return -1;
}

int Worker::next() {
  while (true) {
    int thread = pick();
    if (thread >= 0 || live == 0)
      return thread;
    releaseStalled();
  }
}

//===----------------------------------------------------------------------===//
// Waiting for each other
//===----------------------------------------------------------------------===//

// The threads that an operation at `meeting` is meant for, ended ones included.
uint32_t Worker::lanesOf(unsigned simdgroup, const Meeting &meeting) const {
  unsigned size = std::min(count - simdgroup * simdWidth, simdWidth);
  uint32_t lanes = llvm::maskTrailingOnes<uint32_t>(size);
  const Simdgroup &group = simdgroups[simdgroup];
  if (&meeting == &group.whole)
    return lanes;
  return lanes & (0xfu << (&meeting - group.quads) * 4);
}

Exchange *Worker::meet(const void *value, unsigned size, unsigned scope,
                       const char *operation, unsigned flags, const void *pc) {
  unsigned lane = current % simdWidth, simdgroup = current / simdWidth;
  Simdgroup &group = simdgroups[simdgroup];
  Meeting &meeting =
      scope == __gn::scopeQuad ? group.quads[lane / 4] : group.whole;
  if (size)
    memcpy(meeting.open().lane[lane], value, size);
  Thread &thread = threads[current];
  thread.pc = pc;
  thread.operation = operation;
  thread.flags = flags;
  thread.meeting = &meeting;
  atMeeting.add(current);

  uint32_t lanes = lanesOf(simdgroup, meeting) & ~ended.simdgroup(simdgroup);
  bool all = (atMeeting.simdgroup(simdgroup) & lanes) == lanes;
  for (uint32_t rest = all ? lanes : 0; rest; rest &= rest - 1) {
    const Thread &other =
        threads[simdgroup * simdWidth + llvm::countr_zero(rest)];
    all &= other.pc == pc && other.meeting == &meeting;
  }
  if (all) {
    complete(simdgroup, lanes, meeting);
    ready.remove(current);
  } else {
    wait();
  }
  return thread.result;
}

// Lets `lanes` go on with what they left at `meeting`.
void Worker::complete(unsigned simdgroup, uint32_t lanes, Meeting &meeting) {
  Exchange &done = meeting.open();
  done.active = lanes;
  done.resultValid = 0;
  ++meeting.round;
  const Thread *first = nullptr;
  for (unsigned lane = 0; lane < simdWidth; ++lane) {
    unsigned i = simdgroup * simdWidth + lane;
    if (i >= count || !atMeeting.has(i) || threads[i].meeting != &meeting)
      continue;
    if (lanes >> lane & 1) {
      first = first ? first : &threads[i];
      threads[i].result = &done;
      atMeeting.remove(i);
      ready.add(i);
    } else { // waits for another round
      memcpy(meeting.open().lane[lane], done.lane[lane], __gn::laneBytes);
    }
  }
  if (!checker || !first)
    return;
  if (uint32_t missing = lanesOf(simdgroup, meeting) & ~lanes)
    checker->divergentSimd(first->operation, first->pc,
                           first->position.thread_index_in_threadgroup,
                           simdgroup * simdWidth + llvm::countr_zero(missing),
                           ended.simdgroup(simdgroup) & missing);
  if (first->flags)
    checker->simdgroupBarrier(simdgroup, first->flags);
}

void Worker::releaseBarrier() {
  if (checker) {
    unsigned first = count, absent = count;
    bool differ = false;
    unsigned flags = ~0u;
    for (unsigned i = 0; i < count; ++i) {
      if (!atBarrier.has(i)) {
        absent = std::min(absent, i);
        continue;
      }
      flags &= threads[i].flags;
      if (first == count)
        first = i;
      else if (threads[i].pc != threads[first].pc && !differ) {
        differ = true;
        checker->barrierMismatch(threads[first].pc, first, threads[i].pc, i);
      }
    }
    if (absent != count)
      checker->barrierMissed(threads[first].pc, first, absent);
    checker->threadgroupBarrier(flags);
  }
  for (unsigned i = 0; i < maxThreads / 64; ++i)
    ready.words[i] |= atBarrier.words[i];
  atBarrier = ThreadSet();
  numAtBarrier = 0;
}

// Everybody waits. Lanes at the earliest simd operation of a simdgroup go
// first, as they do on a GPU whose lanes have parted; barriers last.
void Worker::releaseStalled() {
  for (unsigned s = 0; s < simdgroups.size(); ++s) {
    uint32_t waiting = atMeeting.simdgroup(s), lanes = 0;
    const Thread *first = nullptr;
    for (uint32_t rest = waiting; rest; rest &= rest - 1) {
      const Thread &t = threads[s * simdWidth + llvm::countr_zero(rest)];
      if (!first || t.pc < first->pc)
        first = &t;
    }
    for (uint32_t rest = waiting; rest; rest &= rest - 1) {
      const Thread &t = threads[s * simdWidth + llvm::countr_zero(rest)];
      if (t.pc == first->pc && t.meeting == first->meeting)
        lanes |= 1u << llvm::countr_zero(rest);
    }
    if (lanes)
      return complete(s, lanes, *first->meeting);
  }
  releaseBarrier();
}

//===----------------------------------------------------------------------===//
// What kernels call
//===----------------------------------------------------------------------===//

const __gn::Position *Worker::self() {
  return &activeWorker->threads[activeWorker->current].position;
}

Exchange *Worker::exchange(const void *value, unsigned size, unsigned scope,
                           const char *operation) {
  return activeWorker->meet(value, size, scope, operation, 0,
                            __builtin_return_address(0));
}

void Worker::barrier(unsigned flags, unsigned scope) {
  Worker &w = *activeWorker;
  const void *pc = __builtin_return_address(0);
  if (scope == __gn::scopeSimdgroup) {
    w.meet(nullptr, 0, scope, "simdgroup_barrier", flags, pc);
    return;
  }
  w.threads[w.current].pc = pc;
  w.threads[w.current].flags = flags;
  w.atBarrier.add(w.current);
  if (++w.numAtBarrier == w.live) {
    w.releaseBarrier();
    w.ready.remove(w.current);
  } else {
    w.wait();
  }
}

void *Worker::threadgroupVariable(unsigned id, unsigned long size,
                                  const char *name) {
  Worker &w = *activeWorker;
  // Arguments count down from the highest number.
  unsigned slot = id > ~0u / 2 ? ~id * 2 + 1 : id * 2;
  if (slot >= w.variables.size())
    w.variables.resize(slot + 1);
  Variable &v = w.variables[slot];
  if (v.memory && v.size == size)
    return v.memory;
  size_t begin = llvm::alignTo(w.arenaUsed, 16);
  if (begin + size > w.plan.threadgroupMemoryLimit) {
    w.failed =
        llvm::formatv("kernel '{0}' needs {1} bytes of threadgroup memory "
                      "or more; there are {2}",
                      w.plan.kernel->name, begin + size,
                      w.plan.threadgroupMemoryLimit)
            .str();
    if (!w.home)
      return nullptr; // an argument, before anything runs
    w.abandon();
  }
  v.size = size;
  v.memory = w.checker ? w.checker->addThreadgroupVariable(slot, size, name)
                       : w.arena.get() + begin;
  w.arenaUsed = begin + size;
  if (!w.checker)
    memset(v.memory, 0xff, size);
  return v.memory;
}

void Worker::fill(__gn::Host &host) {
  host.self = self;
  host.barrier = barrier;
  host.exchange = exchange;
  host.threadgroupVariable = threadgroupVariable;
}
