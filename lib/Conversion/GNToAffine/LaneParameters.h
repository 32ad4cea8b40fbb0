//===- LaneParameters.h - What the lanes of a row are normalized by -*- C++
//-*-===//
//
// Each lane of a row has parameters of its own, so that either grouping costs
// the same. A row that does not begin with the first feature has them rotated.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_LIB_CONVERSION_GNTOAFFINE_LANEPARAMETERS_H
#define GROUPNORM_LIB_CONVERSION_GNTOAFFINE_LANEPARAMETERS_H

#include "LaneRecords.h"
#include "Merge.h"
#include "Problem.h"

namespace gn {

class LaneParameters {
public:
  /// Emits what computes them for a sample. Both references are kept.
  LaneParameters(LoopEmitter &b, const Problem &problem, AffineIndex sample,
                 const GroupStatistics &statistics);

  /// The parameters of lanes of a row, or of the two vectors of a pair. With
  /// `packed`, the lanes are a vector or pair of those that the row is cut
  /// into.
  llvm::SmallVector<Parameters> ofLanes(const LaneRange &lanes,
                                        bool packed = false) const;
  /// The same of a row that begins with the first feature.
  llvm::SmallVector<Parameters> ofFeatures(const LaneRange &lanes) const;

private:
  mlir::Value allocate(mlir::Type type) {
    return b.localBuffer(p.width + getNumRepeated(), type);
  }
  /// Lanes that are there a second time, behind the row.
  int64_t getNumRepeated() const {
    return p.lead.isZero() ? 0 : getLineLength(p.yBuffer);
  }
  void allocateBuffers();
  mlir::Value emitDeviations(const GroupStatistics &statistics,
                             const GroupRange &groups);
  void compute(const GroupStatistics &statistics);
  void store(mlir::Value mean, mlir::Value rstd, AffineIndex feature,
             int64_t length);
  int64_t getCopyLength(mlir::Value buffer) const;
  void repeatFirstPosition(llvm::ArrayRef<mlir::Value> buffers);
  void loadEpilogueInputs();
  void pack();
  /// Those of the features, which may lie in `records` too.
  llvm::SmallVector<Parameters> load(const LaneRange &features,
                                     const LaneRange *inRecords) const;

  LoopEmitter &b;
  const Problem &p;
  AffineIndex sample;
  // memref<width, and what is repeated>; null where records will do.
  mlir::Value shifts, scales, offsets;
  // The same, a vector of each in turn, for sweeps by rows.
  LaneRecords records;
  // Of the epilogue's inputs: a scalar, or a buffer like those above, or null
  // where the sweep loads it.
  llvm::SmallVector<mlir::Value> uniform, lanes;
};

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOAFFINE_LANEPARAMETERS_H
