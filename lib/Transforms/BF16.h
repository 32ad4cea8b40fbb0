//===- BF16.h - What the passes that round to bf16 look for -----*- C++ -*-===//

#ifndef GROUPNORM_LIB_TRANSFORMS_BF16_H
#define GROUPNORM_LIB_TRANSFORMS_BF16_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/TypeUtilities.h"

namespace gn {

/// Whether `op` rounds f32, or vectors of it, to the nearest of bf16, and the
/// even one of two.
inline bool roundsToNearestBF16(mlir::arith::TruncFOp op) {
  return mlir::getElementTypeOrSelf(op.getIn().getType()).isF32() &&
         mlir::getElementTypeOrSelf(op.getType()).isBF16() &&
         op.getRoundingmode().value_or(
             mlir::arith::RoundingMode::to_nearest_even) ==
             mlir::arith::RoundingMode::to_nearest_even;
}

} // namespace gn

#endif // GROUPNORM_LIB_TRANSFORMS_BF16_H
