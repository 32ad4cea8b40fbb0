//===- Bench.cpp - groupnorm bench ----------------------------------------===//
//
// Times the generated code in turn with copies and a sweep of the same tensor.
//
//===----------------------------------------------------------------------===//

#include "Executable.h"
#include "Plan.h"
#include "Probes.h"
#include "Verbs.h"
#include "Workload.h"
#include "groupnorm/Runtime/Measurement.h"
#include "groupnorm/Support/FileOutput.h"
#include "llvm/Support/JSON.h"

using namespace gn;
using namespace gn::tool;
using namespace gn::runtime;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
namespace json = llvm::json;

/// How long one sample lasts: long against the clock's resolution, short
/// against the disturbances of a shared machine.
static constexpr double kSampleSeconds = 0.01;

namespace {
/// What is timed, and the bytes that it reads and writes at the least.
struct Entry {
  Contender contender;
  double bytes;
};

struct Measurement {
  std::vector<CPUEngine> engines;
  std::vector<Entry> entries;
  /// The entry that the others are compared with: the faster copy.
  const Contender *copy = nullptr;
  std::vector<unsigned> cpus;
};
} // namespace

/// Adds the probes that a tensor of this size allows.
static Error addProbes(Measurement &measurement, Workload &workload,
                       unsigned threads, llvm::TargetMachine &machine) {
  void *pointers[] = {workload.getX().getData(), workload.getY().getData()};
  for (auto [probe, name, factor, unit] :
       {std::tuple(Probe::MemCpy, "memcpy", 2.0, sizeof(int32_t)),
        std::tuple(Probe::StreamingCopy, "streaming copy", 2.0, kProbeBlock),
        std::tuple(Probe::ReadSweep, "read sweep", 1.0, kProbeBlock)}) {
    size_t bytes = workload.getX().getNumBytes() / unit * unit;
    if (bytes == 0)
      continue;
    Expected<CPUEngine> engine = compileProbe(probe, threads, machine);
    if (!engine)
      return engine.takeError();
    measurement.engines.push_back(std::move(*engine));
    size_t place = measurement.engines.size() - 1;
    auto call = [&measurement, place, pointers, bytes] {
      return checkStatus(
          measurement.engines[place].call(pointers, {int64_t(bytes / 4)}));
    };
    measurement.entries.push_back({Contender(name, call), factor * bytes});
  }
  return Error::success();
}

static Error measure(Measurement &measurement, const Options &options) {
  double warmUp = getWarmUpTime(getThreadCount(options.threads));
  llvm::SmallVector<Contender *> contenders;
  for (Entry &entry : measurement.entries)
    contenders.push_back(&entry.contender);
  for (unsigned round = 0; round < options.rounds; ++round)
    if (Error error = measureRound(contenders, kSampleSeconds, warmUp))
      return error;
  for (Contender *contender : contenders)
    if (StringRef(contender->getName()).ends_with("cpy") ||
        StringRef(contender->getName()).ends_with("copy"))
      if (!measurement.copy ||
          contender->getMedian() < measurement.copy->getMedian())
        measurement.copy = contender;
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Output
//===----------------------------------------------------------------------===//

static void printTable(llvm::raw_ostream &stream,
                       const Measurement &measurement) {
  stream << llvm::formatv("\n{0,-16} {1,10} {2,8} {3,12}\n", "", "time", "GB/s",
                          "of the copy");
  for (const Entry &entry : measurement.entries) {
    const Contender &contender = entry.contender;
    double time = contender.getMedian();
    stream << llvm::formatv("{0,-16} {1,10} {2,8:f1}", contender.getName(),
                            formatTime(time), entry.bytes / time * 1e-9);
    if (measurement.copy)
      stream << llvm::formatv(" {0,12:f2}",
                              contender.getRatio(*measurement.copy));
    stream << "\n";
  }
}

static void printJSON(llvm::raw_ostream &stream, const Options &options,
                      const Plan &plan, const Measurement &measurement) {
  json::OStream out(stream, /*IndentSize=*/2);
  out.object([&] {
    out.attribute("groupnorm", GROUPNORM_VERSION);
    out.attribute("llvm", LLVM_VERSION_STRING);
    out.attribute("cpu", getHostCPUDescription());
    out.attribute("threads", getThreadCount(options.threads));
    out.attribute("pinned_to", json::Array(measurement.cpus));
    out.attribute("shape", json::Array(options.shape));
    out.attribute("dtype", getName(options.type));
    out.attribute("num_groups", options.numGroups);
    out.attribute("grouping", stringifyGrouping(options.grouping));
    out.attribute("schedule", plan.getScheduleText());
    out.attributeArray("predicted", [&] {
      for (const CPUSweep &sweep : plan.traffic.sweeps)
        out.object([&] {
          out.attribute("what", sweep.what);
          out.attribute("level", stringify(sweep.level));
          out.attribute("bytes", sweep.bytes);
        });
    });
    out.attribute("bound", plan.traffic.getBound());
    if (measurement.copy)
      out.attribute("copy", measurement.copy->getName());
    out.attributeObject("contenders", [&] {
      for (const Entry &entry : measurement.entries) {
        const Contender &contender = entry.contender;
        out.attributeObject(contender.getName(), [&] {
          out.attribute("median_seconds", contender.getMedian());
          if (measurement.copy)
            out.attribute("of_copy", contender.getRatio(*measurement.copy));
          out.attribute("bytes", entry.bytes);
          out.attribute("calls_per_sample", contender.getNumCalls());
          out.attribute("samples_seconds", json::Array(contender.getSamples()));
        });
      }
    });
  });
  stream << "\n";
}

static std::string describePinning(llvm::ArrayRef<unsigned> cpus) {
  if (cpus.empty())
    return "not pinned";
  std::string text = cpus.size() == 1 ? "pinned to CPU" : "pinned to CPUs";
  for (unsigned cpu : cpus)
    text += " " + std::to_string(cpu);
  return text;
}

//===----------------------------------------------------------------------===//
// The verb
//===----------------------------------------------------------------------===//

Error tool::benchCode(const Options &options) {
  Measurement measurement;
  // Before OpenMP starts its threads, which inherit this.
  measurement.cpus = pinToCPUs(getThreadCount(options.threads));
  Compiler compiler(options);
  Expected<Plan> plan = makePlanToTime(options, compiler);
  if (!plan)
    return plan.takeError();
  // The op that the plan speaks of does not outlive its lowering.
  if (Error error = compiler.lower(*plan->module, Stage::LLVM, *plan->machine))
    return error;
  Expected<CPUEngine> engine =
      CPUEngine::create(*plan->module, "group_norm", *plan->machine);
  if (!engine)
    return engine.takeError();

  Expected<Workload> workload = Workload::create(options, plan->problem);
  if (!workload)
    return workload.takeError();
  workload->fill(reference::Pattern::Normal);
  if (Error error = workload->call(*engine))
    return error;
  // A wrong result is not worth timing.
  workload->computeReference();
  if (!workload->compare().passed())
    return llvm::createStringError(
        "the result is wrong; 'groupnorm verify' says more");

  measurement.entries.push_back(
      {Contender("group_norm", [&] { return workload->call(*engine); }),
       double(plan->traffic.copyBytes)});
  // Copies start threads only where the kernel does.
  unsigned threads = plan->schedule.getParallel() ? options.threads : 1;
  if (Error error = addProbes(measurement, *workload, threads, *plan->machine))
    return error;
  if (Error error = measure(measurement, options))
    return error;

  if (!options.json.empty())
    if (Error error =
            writeFile(options.json, [&](llvm::raw_pwrite_stream &stream) {
              printJSON(stream, options, *plan, measurement);
              return Error::success();
            }))
      return error;
  Report report(options.json);
  reportProblem(report, plan->problem, options.type);
  report.line("engine", describeCPU(options.threads) + ", " +
                            describePinning(measurement.cpus));
  report.line("compiler",
              "groupnorm " GROUPNORM_VERSION ", LLVM " LLVM_VERSION_STRING);
  reportSchedule(report, *plan);
  reportTraffic(report, *plan);
  report.line("bound", llvm::formatv("{0:f2} of the time of a copy",
                                     plan->traffic.getBound()));
  report.line("rounds", llvm::formatv("{0}, medians", options.rounds));
  printTable(report.getStream(), measurement);
  return Error::success();
}
