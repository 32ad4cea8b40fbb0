//===- GNEpilogue.h - What epilogues must be --------------------*- C++ -*-===//

#ifndef GROUPNORM_LIB_DIALECT_GN_IR_GNEPILOGUE_H
#define GROUPNORM_LIB_DIALECT_GN_IR_GNEPILOGUE_H

#include "groupnorm/Dialect/GN/IR/GN.h"
#include "mlir/IR/PatternMatch.h"

namespace gn {

/// C18 to C21: the inputs of the epilogue of a gn.group_norm or a
/// gn.group_normalize.
template <typename OpTy> llvm::LogicalResult verifyEpilogue(OpTy op);

/// Rewrites of epilogues that are always right.
template <typename OpTy>
void populateEpilogueCanonicalizationPatterns(
    mlir::RewritePatternSet &patterns);

} // namespace gn

#endif // GROUPNORM_LIB_DIALECT_GN_IR_GNEPILOGUE_H
