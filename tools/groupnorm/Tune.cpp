//===- Tune.cpp - groupnorm tune ------------------------------------------===//
//
// Climbs from the policy's schedule, or a given one, to faster neighbours of
// it. A handful of neighbours at a time are compiled and checked, and then
// race: each round times all of them and the best schedule so far, and every
// few rounds the slower half is dropped. What survives takes the best one's
// place only if it is faster by more than the noise.
//
//===----------------------------------------------------------------------===//

#include "Executable.h"
#include "Plan.h"
#include "Verbs.h"
#include "Workload.h"
#include "groupnorm/Dialect/GN/Transforms/ScheduleFile.h"
#include "groupnorm/Dialect/GN/Transforms/ScheduleSpace.h"
#include "groupnorm/Runtime/Measurement.h"
#include "groupnorm/Support/FileOutput.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Process.h"

using namespace gn;
using namespace gn::tool;
using namespace gn::runtime;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;

/// How long one sample lasts.
static constexpr double kSampleSeconds = 0.004;
/// Neighbours that race at a time.
static constexpr size_t kBatch = 8;
/// A schedule is faster only if it takes less than this share of the time.
static constexpr double kNoise = 0.98;

static std::string print(CPUScheduleAttr schedule) {
  std::string text;
  llvm::raw_string_ostream(text) << schedule;
  return text;
}

namespace {

/// A line on a terminal that tells how far the search is; nothing elsewhere.
class Progress {
public:
  explicit Progress(double seconds)
      : seconds(seconds), shown(llvm::sys::Process::StandardErrIsDisplayed()) {}
  ~Progress() {
    if (shown)
      llvm::errs() << "\r\x1b[K";
  }

  double getElapsed() const { return watch.getSeconds(); }
  bool isOver() const { return getElapsed() >= seconds; }
  void show(unsigned tried, double speedup) const {
    if (!shown)
      return;
    constexpr unsigned kWidth = 30;
    double share = std::min(1.0, getElapsed() / seconds);
    unsigned filled = share * kWidth;
    llvm::errs() << "\r[" << std::string(filled, '=')
                 << std::string(kWidth - filled, ' ')
                 << llvm::formatv("] {0:f0}/{1:f0} s, {2} schedules tried, "
                                  "best {3:f2} times as fast\x1b[K",
                                  getElapsed(), seconds, tried, speedup);
  }

private:
  Stopwatch watch;
  double seconds;
  bool shown;
};

/// A schedule that has been compiled and whose result is right.
struct Candidate {
  CPUScheduleAttr schedule;
  std::unique_ptr<CPUEngine> engine;
  std::unique_ptr<Contender> contender;
};

class Tuner {
public:
  Tuner(const Options &options, const reference::Problem &problem,
        Workload workload, llvm::TargetMachine &machine)
      : options(options), problem(problem), workload(std::move(workload)),
        machine(machine), progress(options.timeLimit),
        warmUp(getWarmUpTime(getThreadCount(options.threads))) {}

  /// Searches from `start`.
  Error run(CPUScheduleAttr start);

  CPUScheduleAttr getBest() const { return best.schedule; }
  /// The time under the first schedule over that under the best.
  double getSpeedup() const { return speedup; }
  unsigned getNumTried() const { return tried.size(); }
  unsigned getNumRejected() const { return rejected; }

private:
  /// Compiles; a schedule that the lowering refuses is none.
  std::optional<Candidate> compile(CPUScheduleAttr schedule);
  /// Whether y is right for the data that times are taken on.
  bool isRight(const Candidate &candidate);
  /// Whether y is right for all data of `groupnorm verify`.
  bool isRightOnAllData(const Candidate &candidate);
  /// Times them beside the best until few are left; the fastest takes its place
  /// if it is fast enough. Returns whether one did.
  Expected<bool> race(std::vector<Candidate> candidates);
  Expected<double> compare(const Candidate &candidate, const Candidate &other,
                           unsigned rounds);
  /// Takes y for the right result of the data that x holds.
  void rememberBits() {
    const HostArray &y = workload.getY();
    rightBits.assign(y.getData(), y.getData() + y.getNumBytes());
  }
  void fill(reference::Pattern pattern) {
    workload.fill(pattern);
    workload.computeReference();
  }

  const Options &options;
  const reference::Problem &problem;
  Workload workload;
  llvm::TargetMachine &machine;
  Progress progress;
  double warmUp; // seconds before a round
  Candidate first, best;
  /// The result of a schedule that is right, for the data in the workload.
  std::vector<char> rightBits;
  double speedup = 1;
  llvm::DenseSet<mlir::Attribute> tried;
  unsigned rejected = 0;
};

} // namespace

std::optional<Candidate> Tuner::compile(CPUScheduleAttr schedule) {
  tried.insert(schedule);
  Options given = options;
  given.schedule = print(schedule);
  Compiler compiler(given);
  auto attempt = [&]() -> Expected<CPUEngine> {
    Expected<Compiler::Module> module =
        compiler.build(problem, options.type, "group_norm");
    if (!module)
      return module.takeError();
    if (Error error = compiler.lower(**module, Stage::LLVM, machine))
      return error;
    return CPUEngine::create(**module, "group_norm", machine);
  };
  Expected<CPUEngine> engine = attempt();
  if (!engine) {
    llvm::consumeError(engine.takeError());
    return std::nullopt;
  }
  Candidate candidate{schedule, std::make_unique<CPUEngine>(std::move(*engine)),
                      nullptr};
  candidate.contender =
      std::make_unique<Contender>("", [this, engine = candidate.engine.get()] {
        return workload.call(*engine);
      });
  return candidate;
}

bool Tuner::isRight(const Candidate &candidate) {
  // What a run before left in y proves nothing.
  std::memset(workload.getY().getData(), 0xff, workload.getY().getNumBytes());
  if (Error error = workload.call(*candidate.engine)) {
    llvm::consumeError(std::move(error));
    return false;
  }
  // Most fields do not touch a bit of the result, and comparing bits is quick.
  llvm::ArrayRef<char> bits(workload.getY().getData(),
                            workload.getY().getNumBytes());
  return bits == llvm::ArrayRef(rightBits) || workload.compare().passed();
}

bool Tuner::isRightOnAllData(const Candidate &candidate) {
  bool right = llvm::all_of(reference::getPatterns(), [&](auto pattern) {
    fill(pattern);
    rightBits.clear();
    return isRight(candidate);
  });
  fill(reference::Pattern::Normal);
  return right && isRight(candidate);
}

Expected<double> Tuner::compare(const Candidate &candidate,
                                const Candidate &other, unsigned rounds) {
  for (const Candidate *each : {&candidate, &other})
    each->contender->forget();
  for (unsigned round = 0; round < rounds; ++round)
    if (Error error =
            measureRound({candidate.contender.get(), other.contender.get()},
                         kSampleSeconds, warmUp))
      return error;
  return candidate.contender->getRatio(*other.contender);
}

Expected<bool> Tuner::race(std::vector<Candidate> candidates) {
  for (unsigned rounds = 3; candidates.size() > 1; rounds += 2) {
    best.contender->forget();
    llvm::SmallVector<Contender *> contenders = {best.contender.get()};
    for (Candidate &candidate : candidates) {
      candidate.contender->forget();
      contenders.push_back(candidate.contender.get());
    }
    for (unsigned round = 0; round < rounds; ++round) {
      progress.show(tried.size(), speedup);
      if (Error error = measureRound(contenders, kSampleSeconds, warmUp))
        return error;
    }
    llvm::sort(candidates, [&](const Candidate &a, const Candidate &b) {
      return a.contender->getRatio(*best.contender) <
             b.contender->getRatio(*best.contender);
    });
    candidates.resize((candidates.size() + 1) / 2);
  }
  if (candidates.empty())
    return false;
  Candidate &fastest = candidates.front();
  Expected<double> ratio = compare(fastest, best, /*rounds=*/9);
  if (!ratio)
    return ratio.takeError();
  if (*ratio > kNoise)
    return false;
  if (!isRightOnAllData(fastest)) {
    ++rejected;
    return false;
  }
  speedup /= *ratio;
  best = std::move(fastest);
  rememberBits();
  return true;
}

Error Tuner::run(CPUScheduleAttr start) {
  fill(reference::Pattern::Normal);
  auto compiled = compile(start);
  if (!compiled || !isRightOnAllData(*compiled))
    return llvm::createStringError(
        "the schedule to start from fails; 'groupnorm verify' says more");
  // Twice: the search replaces the one and is held against the other.
  rememberBits();
  best = std::move(*compiled);
  first = *compile(start);

  while (!progress.isOver()) {
    llvm::SmallVector<CPUScheduleAttr> neighbours =
        getNeighbours(best.schedule);
    llvm::erase_if(neighbours,
                   [&](CPUScheduleAttr next) { return tried.contains(next); });
    // Every neighbour of the best is slower: the top of the hill.
    if (neighbours.empty())
      break;
    std::vector<Candidate> batch;
    for (CPUScheduleAttr next : neighbours) {
      progress.show(tried.size(), speedup);
      if (batch.size() == kBatch || progress.isOver())
        break;
      // Without threads a parallel schedule is a serial one.
      if (options.threads == 1 && next.getParallel())
        continue;
      std::optional<Candidate> candidate = compile(next);
      if (candidate && isRight(*candidate))
        batch.push_back(std::move(*candidate));
      else
        ++rejected;
    }
    Expected<bool> improved = race(std::move(batch));
    if (!improved)
      return improved.takeError();
  }

  // The product of the steps is not the whole: measure that.
  if (best.schedule == start)
    return Error::success();
  Expected<double> ratio = compare(best, first, /*rounds=*/15);
  if (!ratio)
    return ratio.takeError();
  speedup = 1 / *ratio;
  if (*ratio > kNoise) {
    best = std::move(first);
    speedup = 1;
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// The verb
//===----------------------------------------------------------------------===//

Error tool::tuneSchedule(const Options &options) {
  pinToCPUs(getThreadCount(options.threads));
  Compiler compiler(options);
  // A file that is there gets one more schedule.
  StringRef path = options.outputs.front();
  ScheduleFile file;
  if (path != "-" && llvm::sys::fs::exists(path)) {
    Expected<ScheduleFile> old =
        ScheduleFile::read(path, &compiler.getContext());
    if (!old)
      return old.takeError();
    file = std::move(*old);
  }
  Expected<Plan> plan = makePlanToTime(options, compiler);
  if (!plan)
    return plan.takeError();
  Expected<Workload> workload = Workload::create(options, plan->problem);
  if (!workload)
    return workload.takeError();

  Tuner tuner(options, plan->problem, std::move(*workload), *plan->machine);
  if (Error error = tuner.run(plan->schedule))
    return error;

  StringRef start = options.schedule.empty() ? "policy" : "start";
  std::string note =
      llvm::formatv("{0:f2} times as fast as the {1}'s, {2}",
                    tuner.getSpeedup(), start, describeCPU(options.threads));
  file.set(ScheduleKey::get(plan->op), tuner.getBest(), note);
  if (Error error = writeFile(path, [&](llvm::raw_pwrite_stream &stream) {
        file.print(stream);
        return Error::success();
      }))
    return error;

  Report report(path);
  reportProblem(report, plan->problem, options.type);
  report.line("engine", describeCPU(options.threads));
  report.line(start, plan->getScheduleText());
  report.line("best", print(tuner.getBest()));
  report.line("speed", llvm::formatv("{0:f2} times the {1}'s",
                                     tuner.getSpeedup(), start));
  report.line("tried",
              llvm::formatv("{0} schedules, {1} of them rejected",
                            tuner.getNumTried(), tuner.getNumRejected()));
  return Error::success();
}
