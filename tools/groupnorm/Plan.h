//===- Plan.h - How a problem is going to be computed -----------*- C++ -*-===//

#ifndef GROUPNORM_TOOLS_GROUPNORM_PLAN_H
#define GROUPNORM_TOOLS_GROUPNORM_PLAN_H

#include "Compiler.h"
#include "Report.h"
#include "groupnorm/Dialect/GN/Transforms/CPUSchedule.h"
#include "groupnorm/Dialect/GN/Transforms/CPUTraffic.h"

namespace gn::tool {

/// The schedule of a module's gn.group_norm, and what follows from it.
struct Plan {
  GroupNormOp op;
  CPUTarget target;
  CPUScheduleAttr schedule;
  /// Why it is this one.
  llvm::SmallVector<std::string> reasons;
  CPUTraffic traffic;

  std::string getScheduleText() const;
};

/// Schedules a module of the first stage that `compiler` built.
llvm::Expected<Plan> makePlan(const Options &options, Compiler &compiler,
                              mlir::ModuleOp module,
                              const llvm::TargetMachine &machine);

void reportSchedule(Report &report, const Plan &plan);
void reportTraffic(Report &report, const Plan &plan);

} // namespace gn::tool

#endif // GROUPNORM_TOOLS_GROUPNORM_PLAN_H
