//===- FeatureMajorEmitter.h - Features that are not last -------*- C++ -*-===//

#ifndef GROUPNORM_LIB_CONVERSION_GNTOAFFINE_FEATUREMAJOREMITTER_H
#define GROUPNORM_LIB_CONVERSION_GNTOAFFINE_FEATUREMAJOREMITTER_H

#include "Apply.h"
#include "FeatureMajorView.h"
#include "Merge.h"
#include "Problem.h"
#include "SplitStatistics.h"

namespace gn {

class FeatureMajorEmitter {
public:
  template <typename OpTy>
  static mlir::FailureOr<FeatureMajorEmitter> create(OpTy op, LoopEmitter &b);

  /// Emits the loops for each schedule of `op`.
  void forEachSchedule(mlir::Operation *op,
                       llvm::function_ref<void(CPUScheduleAttr)> emit) {
    gn::forEachSchedule(b, op, view.samples, view.positions,
                        [&](CPUScheduleAttr schedule) {
                          statistics.setSchedule(b, schedule);
                          emit(schedule);
                        });
  }
  /// A gn.group_norm. Work items are groups, each of which stays in the cache
  /// between its sweeps.
  void emitByGroup();
  /// The same; work items are pieces of segments, in two rounds.
  void emitSplit();
  /// Merges the statistics of x into `result`.
  void emitStatistics(const GroupStatistics &result);
  /// Normalizes by `given`, whose prefix is the sample.
  void emitNormalize(const GroupStatistics &given);

  /// Whether work items may be less than a group.
  bool canSplit() const { return view.isFlat; }

private:
  FeatureMajorEmitter(LoopEmitter &b, FeatureMajorView view,
                      const Problem &statistics)
      : b(b), view(std::move(view)), statistics(statistics) {}

  /// Where the statistics of a segment are: of the group's as many as
  /// `outer * groupWidth` segments, that of one position and one member.
  using SegmentStatistics = llvm::function_ref<GroupStatistics(
      AffineIndex position, AffineIndex member)>;

  Moments emitGroupStatistics(AffineIndex sample, AffineIndex group);
  Moments emitSegmentMerge(SegmentStatistics segments);
  Moments emitSegmentMerge(SplitStatistics &split, AffineIndex sample,
                           AffineIndex group);
  void emitNormalizeGroup(AffineIndex sample, AffineIndex group,
                          mlir::Value mean, mlir::Value rstd);
  int64_t getPieceSize() const;
  AffineIndex getPieces() const;
  Parameters loadParameters(const FeatureMajorView::Run &run, mlir::Value mean,
                            mlir::Value rstd);
  int64_t getStreamAlignment() const;
  bool canStartAtLines() const;
  /// The elements of a run before the first whole line of y.
  AffineIndex getLead(const FeatureMajorView::Run &run) const;
  void emitStreaming(llvm::function_ref<void(int64_t stream)> sweep);
  void emitSweep(const FeatureMajorView::Run &run, AffineIndex piece,
                 const Parameters &parameters, int64_t stream);
  /// Writes what is to be saved of one group.
  void saveStatistics(AffineIndex sample, AffineIndex group,
                      mlir::Value groupMean, mlir::Value groupRstd) {
    if (!mean)
      return;
    if (!view.groupCount.getConstant())
      groupMean = emitNaNIfEmpty(b, groupMean, groupCount());
    b.store(groupMean, mean, {sample, group});
    b.store(groupRstd, rstd, {sample, group});
  }
  mlir::Value groupCount() {
    return b.toFloat(view.groupCount, b.getF64Type());
  }

  LoopEmitter &b;
  FeatureMajorView view;
  // The statistics of segments: the runs of a flat view. Where a group's
  // features are neighbours and nothing stands before them, a segment is a
  // whole group.
  Problem statistics;
  bool wholeGroups = false;
  mlir::Value yBuffer, gamma, beta;
  // Where y begins in memory, in elements; null where nobody asks for it, or
  // the bounds of loops must not hang on it.
  mlir::Value yAddress;
  Epilogue epilogue;
  mlir::Value mean, rstd; // to be saved; null where they are not
  Epsilon epsilon;
};

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOAFFINE_FEATUREMAJOREMITTER_H
