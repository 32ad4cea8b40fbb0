//===- Transforms.h - Rewrites from gn to gn and to linalg ------*- C++ -*-===//

#ifndef GROUPNORM_DIALECT_GN_TRANSFORMS_TRANSFORMS_H
#define GROUPNORM_DIALECT_GN_TRANSFORMS_TRANSFORMS_H

#include "mlir/Support/LLVM.h"

namespace mlir {
class OpBuilder;
class RewritePatternSet;
class Value;
} // namespace mlir

namespace gn {
class GroupNormalizeOp;
class GroupNormOp;
class GroupStatsOp;

/// The type in which statistics pass between the halves.
enum class StatisticsType {
  F64,    // what the numerics contract asks for
  Compute // the compute type of the data: f32, but f64 for f64
};

/// gn.group_norm as gn.group_stats and gn.group_normalize.
mlir::FailureOr<mlir::SmallVector<mlir::Value>>
decomposeGroupNorm(mlir::OpBuilder &b, GroupNormOp op,
                   StatisticsType statisticsType = StatisticsType::F64);

/// gn.group_stats as linalg ops: two sweeps over x, then a merge.
mlir::FailureOr<mlir::SmallVector<mlir::Value>>
decomposeGroupStats(mlir::OpBuilder &b, GroupStatsOp op);

/// gn.group_normalize as linalg ops: three numbers for each feature of each
/// sample, then one sweep over x.
mlir::FailureOr<mlir::SmallVector<mlir::Value>>
decomposeGroupNormalize(mlir::OpBuilder &b, GroupNormalizeOp op);

/// Decomposes gn.group_norm on tensors into its halves.
void populateDecomposeGroupNormPatterns(mlir::RewritePatternSet &patterns,
                                        StatisticsType statisticsType);

/// Decomposes the halves on tensors into linalg ops.
void populateDecomposeHalvesPatterns(mlir::RewritePatternSet &patterns);

/// Pulls element-wise consumers of gn ops on tensors into their epilogues.
void populateFuseEpiloguePatterns(mlir::RewritePatternSet &patterns);

} // namespace gn

#endif // GROUPNORM_DIALECT_GN_TRANSFORMS_TRANSFORMS_H
