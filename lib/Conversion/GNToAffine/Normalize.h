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

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOAFFINE_NORMALIZE_H
