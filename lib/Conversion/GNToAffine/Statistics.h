//===- Statistics.h - The sweeps that gather statistics ---------*- C++ -*-===//

#ifndef GROUPNORM_LIB_CONVERSION_GNTOAFFINE_STATISTICS_H
#define GROUPNORM_LIB_CONVERSION_GNTOAFFINE_STATISTICS_H

#include "Problem.h"

namespace gn {

/// Mean and M2 (sum of squared deviations) of each lane of a piece, in f64.
struct LaneStatistics {
  mlir::Value mean; // memref<width x f64>
  mlir::Value m2;   // memref<width x f64>
};

/// Emits the sweep over one piece of one sample.
LaneStatistics emitLaneStatistics(LoopEmitter &b, const Problem &problem,
                                  AffineIndex sample, AffineIndex piece);

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOAFFINE_STATISTICS_H
