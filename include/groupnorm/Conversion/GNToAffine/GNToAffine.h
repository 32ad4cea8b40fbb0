//===- GNToAffine.h - gn ops on memrefs to affine loops ---------*- C++ -*-===//

#ifndef GROUPNORM_CONVERSION_GNTOAFFINE_GNTOAFFINE_H
#define GROUPNORM_CONVERSION_GNTOAFFINE_GNTOAFFINE_H

namespace mlir {
class RewritePatternSet;
} // namespace mlir

namespace gn {
/// Patterns that turn gn.group_norm, gn.group_stats and gn.group_normalize on
/// memrefs into affine loops of vectors, as their schedule says. An op that
/// they cannot lower is left, with a diagnostic on it.
void populateGNToAffinePatterns(mlir::RewritePatternSet &patterns);
} // namespace gn

#endif // GROUPNORM_CONVERSION_GNTOAFFINE_GNTOAFFINE_H
