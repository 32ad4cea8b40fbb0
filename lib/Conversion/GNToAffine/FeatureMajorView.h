//===- FeatureMajorView.h - x with features that are not last ---*- C++ -*-===//
//
// x as runs of neighbouring elements of one feature. A flat view numbers the
// runs in the order of memory, with nothing but runs between them; any other
// keeps the dimensions that memory does not join:
//
//   flat    [N * A * C, B]             A positions before the features, B
//   behind other   [N, A..., C, R..., L]      of those behind, L in a row
//
// so that a group has A * C/G runs of B elements, or A * R * C/G of L.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_LIB_CONVERSION_GNTOAFFINE_FEATUREMAJORVIEW_H
#define GROUPNORM_LIB_CONVERSION_GNTOAFFINE_FEATUREMAJORVIEW_H

#include "LoopEmitter.h"
#include "groupnorm/Dialect/GN/IR/GN.h"

namespace gn {

struct FeatureMajorView {
  /// The views of x, and of the result if there is one. Emits an error on `op`
  /// and fails where the lowering does not serve it.
  template <typename OpTy>
  static mlir::FailureOr<FeatureMajorView> create(OpTy op, LoopEmitter &b);

  /// One run of one feature.
  struct Run {
    AffineIndex sample, feature;
    /// The coordinates in A..., or in A as one dimension, and in R...
    llvm::SmallVector<AffineIndex> before, behind;
  };

  /// Run `run` of a group.
  Run getRun(AffineIndex sample, AffineIndex group, AffineIndex run) const;
  /// A run by its number in a flat view.
  Run getRun(AffineIndex number) const;
  /// Where the element of a run with the offset `start` stands in x and y.
  llvm::SmallVector<AffineIndex> at(const Run &run, AffineIndex start) const;
  /// The same for an epilogue: its coordinates in N, A... and C, and its place
  /// behind them if there were no gaps.
  llvm::SmallVector<AffineIndex> inOrder(const Run &run,
                                         AffineIndex start) const;

  AffineIndex featureOf(AffineIndex group, AffineIndex member) const {
    return interleaved ? member * groups + group : group * groupWidth + member;
  }
  AffineIndex groupOf(AffineIndex feature) const {
    return interleaved ? feature % groups : feature.floorDiv(groupWidth);
  }
  /// The number of a run in a flat view.
  AffineIndex numberOf(const Run &run) const {
    return run.sample * (outer * features) + run.before.front() * features +
           run.feature;
  }

  bool isFlat = true;
  mlir::Value x, y; // y is null in gn.group_stats
  bool interleaved = false;
  int64_t features = 1, groups = 1, groupWidth = 1; // C, G, C/G
  int64_t outer = 1;                                // A, of a flat view
  AffineIndex samples;                              // N
  AffineIndex positions;                            // of a sample
  AffineIndex length;                               // of a run
  AffineIndex runsPerGroup;
  AffineIndex groupCount; // elements of a group

private:
  FeatureMajorView(LoopEmitter &b)
      : samples(b.index(0)), positions(b.index(0)), length(b.index(0)),
        runsPerGroup(b.index(0)), groupCount(b.index(0)) {}
  template <typename OpTy>
  mlir::LogicalResult keepDimensions(OpTy op, LoopEmitter &b);

  /// The sizes of A... and R... where they are dimensions of their own. The
  /// first that only a call knows is counted last by runs: then no run's number
  /// is divided by it.
  llvm::SmallVector<AffineIndex> sizesBefore, sizesBehind;
};

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOAFFINE_FEATUREMAJORVIEW_H
