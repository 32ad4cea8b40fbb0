//===- CPUPolicy.h - What the policy looks at -------------------*- C++ -*-===//

#ifndef GROUPNORM_LIB_DIALECT_GN_TRANSFORMS_CPUPOLICY_H
#define GROUPNORM_LIB_DIALECT_GN_TRANSFORMS_CPUPOLICY_H

#include "groupnorm/Dialect/GN/Transforms/CPUSchedule.h"

namespace gn {

/// A problem, as far as the policy looks at it.
struct CPUProblem {
  int64_t samples, positions, features, groups;
  int64_t elementSize; // bytes
  mlir::Type computeType;
  bool featuresLast;
  // Where they are not last: features of a group that are neighbours in memory.
  int64_t runFeatures = 1;
  bool wholeOp; // rather than one of its halves
  // Whether an epilogue divides or has elementary functions.
  bool computes = false;
  // Sizes that may be other ones at run time. Then `samples` is 1 and
  // `positions` the product of the sizes that are known, or where the policy is
  // asked for certain sizes, these.
  bool dynamicSamples = false, dynamicPositions = false;

  /// Alternatives are few: they are not spent on what gains a few percent.
  bool isDynamic() const { return dynamicSamples || dynamicPositions; }
  int64_t getSampleSize() const { return positions * features * elementSize; }
  int64_t getSize() const { return samples * getSampleSize(); }
};

/// The schedule for one size. A dynamic size takes one that suits all sizes
/// about as large: none that is made for this very number of positions.
CPUScheduleChoice choose(mlir::MLIRContext *context, const CPUProblem &problem,
                         const CPUTarget &target, int64_t threads);

/// The schedules for all sizes that the dynamic ones may have.
CPUScheduleChoice chooseAlternatives(mlir::MLIRContext *context,
                                     const CPUProblem &problem,
                                     const CPUTarget &target, int64_t threads);

} // namespace gn

#endif // GROUPNORM_LIB_DIALECT_GN_TRANSFORMS_CPUPOLICY_H
