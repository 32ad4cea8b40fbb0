//===- RunStatistics.h - Statistics of a group in runs ----------*- C++ -*-===//
//
// Where features are not last, a group lies in runs: stretches of neighbouring
// elements, all of one length. Its elements are all alike, so one set of
// accumulators goes through all of its runs, and meets once a chunk.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_LIB_CONVERSION_GNTOAFFINE_RUNSTATISTICS_H
#define GROUPNORM_LIB_CONVERSION_GNTOAFFINE_RUNSTATISTICS_H

#include "LoopEmitter.h"
#include "Merge.h"
#include "groupnorm/Dialect/GN/IR/GN.h"

namespace gn {

/// The runs of one group: `at` tells where element `start` of a run stands.
struct Runs {
  mlir::Value x;
  AffineIndex count, length; // positive
  llvm::function_ref<llvm::SmallVector<AffineIndex>(AffineIndex run,
                                                    AffineIndex start)>
      at;
};

/// Emits the sweep over one group; the moments are scalars in f64.
Moments emitRunStatistics(LoopEmitter &b, const Runs &runs,
                          CPUScheduleAttr schedule,
                          mlir::FloatType computeType);

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOAFFINE_RUNSTATISTICS_H
