//===- ScheduleSpace.h - The schedules around a schedule --------*- C++ -*-===//

#ifndef GROUPNORM_DIALECT_GN_TRANSFORMS_SCHEDULESPACE_H
#define GROUPNORM_DIALECT_GN_TRANSFORMS_SCHEDULESPACE_H

#include "groupnorm/Dialect/GN/IR/GN.h"

namespace gn {

/// The schedules that differ from `schedule` in one field and that the
/// attribute's verifier takes. What a search goes along.
llvm::SmallVector<CPUScheduleAttr> getNeighbours(CPUScheduleAttr schedule);

} // namespace gn

#endif // GROUPNORM_DIALECT_GN_TRANSFORMS_SCHEDULESPACE_H
