//===- BenchMetal.cpp - groupnorm bench --target metal --------------------===//
//
// A simulator has no clock that means anything for a GPU, but it counts the
// bytes that each kernel asks device memory for: what a GPU's time hangs on.
//
//===----------------------------------------------------------------------===//

#include "Executable.h"
#include "Report.h"
#include "Verbs.h"
#include "Workload.h"

using namespace gn;
using namespace gn::tool;
using namespace gn::runtime;
using llvm::Error;
using llvm::Expected;

/// The sweeps over x that the schedule stands for.
static unsigned getNumSweeps(MetalScheduleAttr schedule) {
  return schedule.getStrategy() == MetalStrategy::Single ? 1 : 2;
}

static void printTable(llvm::raw_ostream &stream, const MetalReport &metal,
                       double size, unsigned sweeps) {
  stream << llvm::formatv("\n{0,-28} {1,14} {2,14}\n", "bytes", "read",
                          "written");
  double read = 0, written = 0;
  for (const MetalReport::Kernel &kernel : metal.kernels) {
    stream << llvm::formatv("{0,-28} {1,14} {2,14}\n", kernel.name,
                            kernel.bytesRead, kernel.bytesWritten);
    read += kernel.bytesRead;
    written += kernel.bytesWritten;
  }
  stream << llvm::formatv("{0,-28} {1,14:f0} {2,14:f0}\n", "all kernels", read,
                          written);
  stream << llvm::formatv("{0,-28} {1,14:f0} {2,14:f0}\n", "predicted of x, y",
                          sweeps * size, size);
  stream << llvm::formatv("{0,-28} {1,14:f3} {2,14:f3}\n", "measured/predicted",
                          read / (sweeps * size), written / size);
}

Error tool::benchMetal(const Options &options) {
  Expected<reference::Problem> problem = makeProblem(options, options.shape);
  if (!problem)
    return problem.takeError();
  if (problem->getNumElements() == 0)
    return llvm::createStringError("x has no elements: nothing is moved");
  Options counting = options;
  counting.checked = true;
  Compiler compiler(counting);
  Expected<Compiler::Module> module =
      compiler.build(*problem, options.type, "group_norm");
  if (!module)
    return module.takeError();
  // None is chosen for an op that no kernel serves; lowering says why.
  Expected<MetalScheduleAttr> schedule = compiler.selectMetal(**module);
  if (!schedule)
    return schedule.takeError();
  Expected<std::unique_ptr<Executable>> executable =
      Executable::create(counting, compiler, **module);
  if (!executable)
    return executable.takeError();

  Expected<Workload> workload = Workload::create(options, *problem);
  if (!workload)
    return workload.takeError();
  workload->fill(reference::Pattern::Normal);
  if (Error error = workload->run(**executable))
    return error;
  workload->computeReference();
  if (!workload->compare().passed())
    return llvm::createStringError(
        "the result is wrong; 'groupnorm verify' says more");

  Report report("");
  reportProblem(report, *problem, options.type);
  report.line("engine", (*executable)->describe());
  std::string text;
  llvm::raw_string_ostream(text) << *schedule;
  report.line("schedule", text);
  printTable(report.getStream(), *(*executable)->getMetalReport(),
             workload->getX().getNumBytes(), getNumSweeps(*schedule));
  return Error::success();
}
