//===- CPUSchedule.h - The policy that chooses CPU schedules ----*- C++ -*-===//

#ifndef GROUPNORM_DIALECT_GN_TRANSFORMS_CPUSCHEDULE_H
#define GROUPNORM_DIALECT_GN_TRANSFORMS_CPUSCHEDULE_H

#include "groupnorm/Dialect/GN/IR/GN.h"
#include "groupnorm/Dialect/GN/Transforms/CPUTarget.h"

namespace gn {

/// A schedule, and the facts that decided it, a sentence each. For dynamic
/// sizes the schedule is a #gn.cpu_alternatives.
struct CPUScheduleChoice {
  ScheduleAttrInterface schedule;
  llvm::SmallVector<std::string> reasons;
};

/// What gn-select-schedule gives `op`, which is one of the gn ops, on a machine
/// like `target`. With 1 for `threads` the schedule is serial; with 0 it counts
/// on one for each of the target's cores, and is right for any number.
CPUScheduleChoice chooseCPUSchedule(mlir::Operation *op,
                                    const CPUTarget &target, int64_t threads);

} // namespace gn

#endif // GROUPNORM_DIALECT_GN_TRANSFORMS_CPUSCHEDULE_H
