//===- Plan.cpp - How a problem is going to be computed -------------------===//

#include "Plan.h"
#include "llvm/Support/FormatVariadic.h"

using namespace gn;
using namespace gn::tool;
using llvm::Error;
using llvm::Expected;

std::string Plan::getScheduleText() const {
  std::string text;
  llvm::raw_string_ostream(text) << schedule;
  return text;
}

Expected<Plan> tool::makePlan(const Options &options, Compiler &compiler) {
  Expected<reference::Problem> problem = makeProblem(options, options.shape);
  if (!problem)
    return problem.takeError();
  Expected<Compiler::Module> module =
      compiler.build(*problem, options.type, "group_norm");
  if (!module)
    return module.takeError();
  auto machine = runtime::createTargetMachine(options.target);
  if (!machine)
    return machine.takeError();

  Plan plan;
  plan.problem = std::move(*problem);
  plan.module = std::move(*module);
  plan.machine = std::move(*machine);
  plan.module->walk([&](GroupNormOp op) { plan.op = op; });
  plan.target = compiler.describe(*plan.machine);
  plan.target.complete(getHostCPUTarget());
  CPUScheduleChoice choice =
      chooseCPUSchedule(plan.op, plan.target, options.threads);
  if (Error error = compiler.select(*plan.module, *plan.machine))
    return error;
  plan.schedule =
      plan.op->getAttrOfType<CPUScheduleAttr>(GNDialect::kScheduleAttrName);
  if (!options.schedule.empty())
    plan.reasons = {"--schedule gives it"};
  else if (plan.schedule != choice.schedule)
    plan.reasons = {"'" + options.scheduleFile + "' gives it"};
  else
    plan.reasons = std::move(choice.reasons);
  plan.traffic = predictTraffic(plan.op, plan.schedule, plan.target);
  return plan;
}

Expected<Plan> tool::makePlanToTime(const Options &options,
                                    Compiler &compiler) {
  Expected<Plan> plan = makePlan(options, compiler);
  if (plan && plan->problem.getNumElements() == 0)
    return llvm::createStringError(
        "x has no elements: there is nothing to time");
  return plan;
}

void tool::reportSchedule(Report &report, const Plan &plan) {
  report.line("schedule", plan.getScheduleText());
}

void tool::reportTraffic(Report &report, const Plan &plan) {
  llvm::StringRef name = "moves";
  for (const CPUSweep &sweep : plan.traffic.sweeps) {
    report.line(name,
                llvm::formatv("{0}, {1}: {2}", sweep.what,
                              stringify(sweep.level), formatSize(sweep.bytes)));
    name = "";
  }
}
