//===- MetalPolicy.h - What the policy for Metal looks at -------*- C++ -*-===//

#ifndef GROUPNORM_LIB_DIALECT_GN_TRANSFORMS_METALPOLICY_H
#define GROUPNORM_LIB_DIALECT_GN_TRANSFORMS_METALPOLICY_H

#include "groupnorm/Dialect/GN/Utils/KernelPlan.h"

namespace gn {

/// A GPU, as far as the policy looks at it.
struct MetalTarget {
  int64_t cores;
  int64_t maxThreads;        // of a threadgroup
  int64_t threadgroupMemory; // bytes
};

/// Threads that a core can have at a time, with registers for all of them.
inline constexpr double kResidentThreads = 1024;

/// The sizes of x. What is dynamic has the value that is asked about.
struct MetalSizes {
  double samples;
  double before, after; // spatial positions around the features

  /// For an op whose x has `samples` samples of `positions` positions.
  static MetalSizes create(const KernelPlan &plan, double samples,
                           double positions);
};

/// Items of a tile.
double countItems(const KernelPlan &plan, const MetalSizes &sizes);

struct MetalEstimate {
  double time;  // of the kernels, in bytes that the GPU moves meanwhile
  double bytes; // that they move of x, y and epilogue inputs
};
MetalEstimate estimate(const KernelPlan &plan, const MetalTarget &target,
                       const MetalSizes &sizes);

/// Schedules for all sizes that the dynamic ones of `op` may have: a
/// `#gn.metal_schedule`, or `#gn.metal_alternatives`. Null if none serves it.
mlir::Attribute chooseMetalAlternatives(GroupNormOp op,
                                        const MetalTarget &target);

} // namespace gn

#endif // GROUPNORM_LIB_DIALECT_GN_TRANSFORMS_METALPOLICY_H
