//===- TileView.h - Where a thread stands in its tile -----------*- C++ -*-===//
//
// The device side of a KernelPlan: which items a thread takes, where they lie
// in x and y, and which group and feature each of their lanes belongs to.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_LIB_CONVERSION_GNTOGPU_TILEVIEW_H
#define GROUPNORM_LIB_CONVERSION_GNTOGPU_TILEVIEW_H

#include "KernelBuilder.h"
#include "groupnorm/Dialect/GN/Utils/KernelPlan.h"

namespace gn {

/// Names of the kernels' arguments that hold sizes known only at run time.
inline constexpr llvm::StringLiteral kBeforeName = "positions";
inline constexpr llvm::StringLiteral kAfterName = "inner_positions";
inline constexpr llvm::StringLiteral kPiecesName = "pieces";

class TileView {
public:
  /// The view of the open kernel's threadgroup. In strategy `split` the
  /// threadgroup has one piece of the tile, else all of it.
  TileView(KernelBuilder &b, const KernelPlan &p);

  Index thread;             // in the threadgroup
  Index sample, firstGroup; // of the tile
  Index firstFeature;       // of the tile, if its features are contiguous
  Index piece;              // 0 where a tile is not split
  Index begin, end;         // the items of this threadgroup
  Index first;              // this thread's item in the first round, from begin
  mlir::Value isActive;     // whether this thread has items; null: all do

  /// Where an item starts in x and y.
  Index offsetOf(Index item);
  /// The group, counted in the tile, that a lane of this thread belongs to.
  Index groupOfLane(int64_t lane);
  /// The features of an item's lanes, counted in the tile: one if they are all
  /// the same, or one a lane.
  llvm::SmallVector<Index> featuresOf(Index item);

  /// How the elements of an epilogue input for an item's lanes lie: all are the
  /// same, they are neighbours, or neither is known.
  enum class Lanes { Same, Neighbours, Apart };
  Lanes lanesOfInput(const KernelPlan::EpilogueInput &input) const;
  /// Whether they are the same for all items of this thread.
  bool isFixedInput(const KernelPlan::EpilogueInput &input) const;
  /// Where the element for a lane lies in the input.
  Index offsetInInput(const KernelPlan::EpilogueInput &input, Index item,
                      int64_t lane);

  /// The group of a feature, both counted in the tile.
  Index groupOfFeature(Index feature);
  /// The feature, counted in x, of a feature counted in the tile.
  Index featureInX(Index feature);

  int64_t itemsPerRound() const { return p.itemsPerRound; }

private:
  void startRows();
  void startSlab();
  /// The run of a slab that an item lies in, and its first element there.
  std::pair<Index, Index> placeInSlab(Index item);

  KernelBuilder &b;
  const KernelPlan &p;
  Index before, after; // spatial positions around the features
  Index items;         // of the tile
  Index column;        // of the thread's first lane, in Rows
  Index start;         // where the thread's first item would lie
  Index inner;         // elements of a run, in Slab
};

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOGPU_TILEVIEW_H
