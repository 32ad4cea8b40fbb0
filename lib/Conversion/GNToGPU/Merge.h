//===- Merge.h - From threads' statistics to groups' ------------*- C++ -*-===//

#ifndef GROUPNORM_LIB_CONVERSION_GNTOGPU_MERGE_H
#define GROUPNORM_LIB_CONVERSION_GNTOGPU_MERGE_H

#include "Statistics.h"

namespace gn {

/// Merges the statistics of a threadgroup's threads, group by group, and calls
/// `store` with a group of the tile and its statistics, in one thread. A
/// barrier is left to the caller.
void emitThreadgroupMerge(
    KernelBuilder &b, const KernelPlan &p, TileView &tile, Helpers &helpers,
    ThreadStatistics &statistics,
    llvm::function_ref<void(Index group, mlir::Value merged)> store);

/// Merges `count` sets of statistics, `load`ed by their number, in the calling
/// simdgroup; valid in lane 0.
mlir::Value emitSimdgroupMerge(KernelBuilder &b, Helpers &helpers, Index count,
                               Index lane,
                               llvm::function_ref<mlir::Value(Index)> load);

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOGPU_MERGE_H
