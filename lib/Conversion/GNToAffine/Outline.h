//===- Outline.h - Functions for ops in loops -------------------*- C++ -*-===//
//
// Affine loops need bounds that are known at the top of a function. The sizes
// of a tile, such as what is left of x in the last iteration of a loop, are:
// in a function of the tile's own.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_LIB_CONVERSION_GNTOAFFINE_OUTLINE_H
#define GROUPNORM_LIB_CONVERSION_GNTOAFFINE_OUTLINE_H

#include "mlir/IR/Operation.h"

namespace gn {

/// Whether affine loops over the dynamic sizes of `op`, a gn op on memrefs, can
/// stand where it does.
bool canBeLoopsInPlace(mlir::Operation *op);

/// Moves each gn op within `root` for which that does not hold to a private
/// function, and calls it; fails where `root` has no place for one.
mlir::LogicalResult outlineTiles(mlir::Operation *root);

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOAFFINE_OUTLINE_H
