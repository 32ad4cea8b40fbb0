//===- SplitStatistics.h - Statistics across work items ---------*- C++ -*-===//

#ifndef GROUPNORM_LIB_CONVERSION_GNTOAFFINE_SPLITSTATISTICS_H
#define GROUPNORM_LIB_CONVERSION_GNTOAFFINE_SPLITSTATISTICS_H

#include "Merge.h"
#include "Problem.h"

namespace gn {

/// Statistics of every sample in buffers of their own: the work items of
/// strategy `split`, which are pieces of samples, meet there.
class SplitStatistics {
public:
  SplitStatistics(LoopEmitter &b, const Problem &problem) : b(b), p(problem) {}

  /// Makes the buffers.
  void allocate();
  /// Emits the work items of min(count) samples from `first` on, and the merge
  /// of their results.
  void emit(AffineIndex first, llvm::ArrayRef<AffineIndex> count);
  /// Both, for all samples.
  void emit() {
    allocate();
    emit(b.index(0), p.samples);
  }
  /// Where the statistics of a sample are.
  GroupStatistics of(AffineIndex sample);
  /// Frees the buffers; nothing may read them after this.
  void release();

private:
  mlir::Value allocateBuffer(bool ofPieces);

  LoopEmitter &b;
  const Problem &p;
  llvm::SmallVector<mlir::Value> buffers;
  mlir::Value partialMean, partialM2, mean, m2;
};

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOAFFINE_SPLITSTATISTICS_H
