//===- FeatureMajor.h - Features that are not last --------------*- C++ -*-===//
//
// With dimensions behind the features, x is a list of segments: runs of
// neighbouring elements of one feature, or, where the features of a group are
// neighbours too, of one group. A segment takes the part of a sample in the
// statistics; vectors run along it.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_LIB_CONVERSION_GNTOAFFINE_FEATUREMAJOR_H
#define GROUPNORM_LIB_CONVERSION_GNTOAFFINE_FEATUREMAJOR_H

#include "LoopEmitter.h"
#include "groupnorm/Dialect/GN/IR/GN.h"

namespace gn {

/// Lowers an op whose features are not last. Emits an error on it and fails
/// where the lowering does not serve it.
mlir::LogicalResult emitFeatureMajor(GroupNormOp op, LoopEmitter &b);
mlir::LogicalResult emitFeatureMajor(GroupStatsOp op, LoopEmitter &b);
mlir::LogicalResult emitFeatureMajor(GroupNormalizeOp op, LoopEmitter &b);

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOAFFINE_FEATUREMAJOR_H
