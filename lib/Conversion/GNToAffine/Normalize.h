//===- Normalize.h - The sweep that normalizes ------------------*- C++ -*-===//

#ifndef GROUPNORM_LIB_CONVERSION_GNTOAFFINE_NORMALIZE_H
#define GROUPNORM_LIB_CONVERSION_GNTOAFFINE_NORMALIZE_H

#include "Merge.h"
#include "Problem.h"

namespace gn {

/// Emits the normalization of one piece of one sample by the statistics of its
/// groups.
void emitNormalize(LoopEmitter &b, const Problem &problem, AffineIndex sample,
                   AffineIndex piece, const GroupStatistics &statistics);

/// Writes the mean and the reciprocal deviation of the groups of one sample to
/// where the op wants them, if it does.
void emitSaveStatistics(LoopEmitter &b, const Problem &problem,
                        AffineIndex sample, const GroupStatistics &statistics);

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOAFFINE_NORMALIZE_H
