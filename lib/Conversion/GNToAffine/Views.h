//===- Views.h - Fewer dimensions for a buffer ------------------*- C++ -*-===//

#ifndef GROUPNORM_LIB_CONVERSION_GNTOAFFINE_VIEWS_H
#define GROUPNORM_LIB_CONVERSION_GNTOAFFINE_VIEWS_H

#include "LoopEmitter.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"

namespace gn {

/// Whether the last dimension of x, and of the result where there is one, lies
/// contiguously in memory, as all loops want it; emits an error if not.
llvm::LogicalResult verifyRows(mlir::Operation *op,
                               llvm::ArrayRef<mlir::MemRefType> xAndResult);

/// Whether the dimensions [first, last] of a buffer can be seen as one, which
/// is contiguous if it is the last. That any two neighbours can does not say
/// so: a dimension of size 1 may be anywhere.
bool isCollapsible(mlir::MemRefType type, int64_t first, int64_t last);

/// Sees a buffer as one with a dimension for each of `groups`.
mlir::Value collapse(LoopEmitter &b, mlir::Value buffer,
                     llvm::ArrayRef<mlir::ReassociationIndices> groups);

/// Whether a buffer can be seen as [dimensions up to `dim`, the ones behind
/// it], of which the latter are contiguous; and that view.
bool canCollapseBehind(mlir::Value buffer, int64_t dim);
mlir::Value collapseBehind(LoopEmitter &b, mlir::Value buffer, int64_t dim);

/// Where a buffer begins in memory, in elements, for the bounds of loops; null
/// where these must not hang on it, or it has no elements of whole bytes at its
/// beginning.
mlir::Value addressOf(LoopEmitter &b, mlir::Value buffer);

/// The product of the sizes of the dimensions [first, last) of a buffer.
AffineIndex sizeOf(LoopEmitter &b, mlir::Value buffer, int64_t first,
                   int64_t last);

/// The product of two sizes.
AffineIndex multiply(LoopEmitter &b, AffineIndex a, AffineIndex c);

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOAFFINE_VIEWS_H
