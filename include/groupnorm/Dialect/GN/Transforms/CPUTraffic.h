//===- CPUTraffic.h - The bytes that a CPU schedule moves -------*- C++ -*-===//

#ifndef GROUPNORM_DIALECT_GN_TRANSFORMS_CPUTRAFFIC_H
#define GROUPNORM_DIALECT_GN_TRANSFORMS_CPUTRAFFIC_H

#include "groupnorm/Dialect/GN/IR/GN.h"
#include "groupnorm/Dialect/GN/Transforms/CPUTarget.h"

namespace gn {

/// Where bytes come from or go to. A tensor is taken to be where a call before
/// left it.
enum class CPULevel { L2, LastLevel, Memory };

llvm::StringRef stringify(CPULevel level);

/// One pass of a call over one tensor.
struct CPUSweep {
  llvm::StringRef what; // "statistics read x"
  CPULevel level;
  int64_t bytes;
};

/// What one call moves; parameters and statistics, which are small, are left
/// out.
struct CPUTraffic {
  llvm::SmallVector<CPUSweep> sweeps;
  /// What a copy of x to y would move: one read and one write.
  int64_t copyBytes = 0;

  /// Bytes that come from `level`, or go to it.
  int64_t getBytes(CPULevel level) const;
  /// What a call moves past the cores' own caches, as a multiple of the copy:
  /// the time that it cannot go below where that is what limits both. All
  /// sweeps count where nothing passes those caches.
  double getBound() const;
};

/// The traffic of `op`, of a static shape, under the schedule.
CPUTraffic predictTraffic(GroupNormOp op, CPUScheduleAttr schedule,
                          const CPUTarget &target);

} // namespace gn

#endif // GROUPNORM_DIALECT_GN_TRANSFORMS_CPUTRAFFIC_H
