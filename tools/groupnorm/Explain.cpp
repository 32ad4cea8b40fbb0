//===- Explain.cpp - groupnorm explain ------------------------------------===//

#include "Plan.h"
#include "Verbs.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Target/TargetMachine.h"

using namespace gn;
using namespace gn::tool;
using llvm::Error;
using llvm::Expected;

Error tool::explainSchedule(const Options &options) {
  Compiler compiler(options);
  Expected<Plan> plan = makePlan(options, compiler);
  if (!plan)
    return plan.takeError();

  Report report("");
  reportProblem(report, plan->problem, options.type);
  const CPUTarget &target = plan->target;
  report.line("target",
              llvm::formatv("{0}-bit vectors, L2 cache {1}, last level {2}",
                            target.vectorBits, formatSize(target.l2Size),
                            formatSize(target.l3Size)));
  reportSchedule(report, *plan);
  llvm::StringRef name = "because";
  for (const std::string &reason : plan->reasons) {
    report.line(name, reason);
    name = "";
  }
  reportTraffic(report, *plan);
  const CPUTraffic &traffic = plan->traffic;
  report.line("bound",
              llvm::formatv("{0:f2} of the time of a copy, which "
                            "reads x and writes y: {1}",
                            traffic.getBound(), formatSize(traffic.copyBytes)));
  return Error::success();
}
