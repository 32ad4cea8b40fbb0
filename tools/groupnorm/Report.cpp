//===- Report.cpp - What a verb says of its work --------------------------===//

#include "Report.h"
#include "Executable.h"
#include "groupnorm/Runtime/Measurement.h"
#include "llvm/Support/FormatVariadic.h"

using namespace gn;
using namespace gn::tool;
using namespace gn::runtime;
using llvm::StringRef;

std::string tool::formatSize(double bytes) {
  if (bytes < 1 << 10)
    return llvm::formatv("{0:f0} B", bytes);
  if (bytes < 1 << 20)
    return llvm::formatv("{0:f1} KiB", bytes / (1 << 10));
  return llvm::formatv("{0:f1} MiB", bytes / (1 << 20));
}

void tool::reportProblem(Report &report, const reference::Problem &problem,
                         runtime::ElementType type) {
  report.line("x",
              llvm::formatv("{0} {1}, {2}", runtime::formatShape(problem.shape),
                            runtime::getName(type),
                            formatSize(double(problem.getNumElements()) *
                                       runtime::getSize(type))));
  report.line("groups",
              llvm::formatv("{0} {1}, of {2} features", problem.numGroups,
                            stringifyGrouping(problem.grouping),
                            problem.getNumFeatures() / problem.numGroups));
}

StringRef tool::getReportPath(const Options &options) {
  return llvm::is_contained(options.outputs, "-") ? "-" : "";
}

void tool::reportEngine(Report &report, const Executable &executable,
                        double compileTime, double time) {
  report.line("engine", executable.describe());
  report.line("compile", formatTime(compileTime));
  report.line("run", formatTime(time));
  const MetalReport *metal = executable.getMetalReport();
  if (!metal || !metal->isChecked)
    return;
  for (const MetalReport::Kernel &kernel : metal->kernels)
    report.line("kernel",
                llvm::formatv("{0}: {1} bytes read, {2} written", kernel.name,
                              kernel.bytesRead, kernel.bytesWritten));
  // Findings end a run before there is a report.
  report.line("checks", "nothing found");
}

std::string tool::describe(const HostArray &array) {
  return llvm::formatv("{0} {1}", formatShape(array.getShape()),
                       getName(array.getType()));
}
