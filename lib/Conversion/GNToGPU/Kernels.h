//===- Kernels.h - The kernels of the strategies ----------------*- C++ -*-===//
//
// Each function fills the kernel that is open in the builder. Arguments are
// found by their names: x, gamma, beta, y, partial (sets of statistics, for
// each sample, group and piece), statistics (for each sample and group), mean
// and rstd where they are saved, epilogue inputs, and the sizes that are known
// only at run time.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_LIB_CONVERSION_GNTOGPU_KERNELS_H
#define GROUPNORM_LIB_CONVERSION_GNTOGPU_KERNELS_H

#include "Helpers.h"
#include "groupnorm/Dialect/GN/Utils/KernelPlan.h"

namespace gn {

/// Strategy `single`: x, gamma, beta -> y, with x in registers.
void emitSingleKernel(KernelBuilder &b, const KernelPlan &p, Helpers &helpers);
/// Strategy `looped`: x, gamma, beta -> y, in two sweeps over x.
void emitLoopedKernel(KernelBuilder &b, const KernelPlan &p, Helpers &helpers);
/// Strategy `split`, three kernels: x -> partial; partial -> statistics;
/// x, statistics, gamma, beta -> y. `pieces` is the number of pieces of a tile.
void emitStatisticsKernel(KernelBuilder &b, const KernelPlan &p,
                          Helpers &helpers, Size pieces);
void emitMergeKernel(KernelBuilder &b, const KernelPlan &p, Helpers &helpers,
                     Size pieces);
void emitNormalizeKernel(KernelBuilder &b, const KernelPlan &p,
                         Helpers &helpers);

/// Without elements: NaN -> mean, rstd. A thread takes a group, `p.threads` of
/// them a threadgroup; the grid's z is the sample.
void emitEmptyKernel(KernelBuilder &b, const KernelPlan &p);

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOGPU_KERNELS_H
