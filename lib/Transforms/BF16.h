//===- BF16.h - What the passes that round to bf16 look for -----*- C++ -*-===//

#ifndef GROUPNORM_LIB_TRANSFORMS_BF16_H
#define GROUPNORM_LIB_TRANSFORMS_BF16_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/TypeUtilities.h"

namespace gn {

/// Whether `op` rounds to the nearest of bf16, and the even one of two; what it
/// rounds is f32 or f64, or vectors of either.
inline bool roundsToNearestBF16(mlir::arith::TruncFOp op) {
  return mlir::getElementTypeOrSelf(op.getType()).isBF16() &&
         op.getRoundingmode().value_or(
             mlir::arith::RoundingMode::to_nearest_even) ==
             mlir::arith::RoundingMode::to_nearest_even;
}

} // namespace gn

#endif // GROUPNORM_LIB_TRANSFORMS_BF16_H
