//===- Statistics.h - A thread's statistics of its items --------*- C++ -*-===//
//
// A block of items is summed in two steps while it is in registers: its mean,
// then the deviations from that mean and their squares. Nothing cancels, and
// whatever x is, a block's statistics are as good as f32 can say. Blocks are
// merged one after another.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_LIB_CONVERSION_GNTOGPU_STATISTICS_H
#define GROUPNORM_LIB_CONVERSION_GNTOGPU_STATISTICS_H

#include "Helpers.h"
#include "TileView.h"

namespace gn {

class ThreadStatistics {
public:
  /// Makes the sets in private memory of the open kernel. They need not start
  /// empty where every thread adds a first block.
  ThreadStatistics(KernelBuilder &b, const KernelPlan &p, TileView &tile,
                   Helpers &helpers, bool startsEmpty = true);

  /// Loads one item in each of `rounds` rounds, the first of them `item`, into
  /// `values[slot]` and on (a single one can do without), and adds them to the
  /// sets, which are empty before the first block. Of a block that may end
  /// early, `present` items are there, one at least.
  void addBlock(mlir::Value x, Index item, int64_t rounds, mlir::Value values,
                int64_t slot = 0, bool isFirst = false,
                std::optional<Index> present = std::nullopt);
  /// Adds all items of the threadgroup that are this thread's, in blocks, but
  /// for the rounds before `begin`.
  void addAll(mlir::Value x, Index begin);

  /// Set number `lane` of lanesApart() ones.
  mlir::Value get(Index lane);

private:
  void forEachSet(llvm::function_ref<void(Index lane)> body);
  void put(Index lane, mlir::Value block, bool isFirst);

  KernelBuilder &b;
  const KernelPlan &p;
  TileView &tile;
  Helpers &helpers;
  mlir::Value sets;
};

/// Registers for items of `rounds` rounds.
mlir::Value createValuesBuffer(KernelBuilder &b, const KernelPlan &p,
                               int64_t rounds);

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOGPU_STATISTICS_H
