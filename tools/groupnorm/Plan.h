//===- Plan.h - How a problem is going to be computed -----------*- C++ -*-===//

#ifndef GROUPNORM_TOOLS_GROUPNORM_PLAN_H
#define GROUPNORM_TOOLS_GROUPNORM_PLAN_H

#include "Compiler.h"
#include "Report.h"
#include "groupnorm/Dialect/GN/Transforms/CPUSchedule.h"
#include "groupnorm/Dialect/GN/Transforms/CPUTraffic.h"
#include "llvm/Target/TargetMachine.h"
#include <memory>

namespace gn::tool {

/// The module of a problem, the schedule of its gn.group_norm, and what follows
/// from that.
struct Plan {
  reference::Problem problem;
  Compiler::Module module; // of the first stage
  std::unique_ptr<llvm::TargetMachine> machine;
  GroupNormOp op;
  CPUTarget target;
  CPUScheduleAttr schedule;
  /// Why it is this one.
  llvm::SmallVector<std::string> reasons;
  CPUTraffic traffic;

  std::string getScheduleText() const;
};

/// Plans for the problem that the options pose.
llvm::Expected<Plan> makePlan(const Options &options, Compiler &compiler);

/// The same to take times, which takes elements.
llvm::Expected<Plan> makePlanToTime(const Options &options, Compiler &compiler);

void reportSchedule(Report &report, const Plan &plan);
void reportTraffic(Report &report, const Plan &plan);

} // namespace gn::tool

#endif // GROUPNORM_TOOLS_GROUPNORM_PLAN_H
