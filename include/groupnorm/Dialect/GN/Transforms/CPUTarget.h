//===- CPUTarget.h - What a schedule needs to know of a CPU -----*- C++ -*-===//

#ifndef GROUPNORM_DIALECT_GN_TRANSFORMS_CPUTARGET_H
#define GROUPNORM_DIALECT_GN_TRANSFORMS_CPUTARGET_H

#include <cstdint>

namespace mlir {
class Operation;
} // namespace mlir

namespace gn {

struct CPUTarget {
  int64_t vectorBits = 0; // of a vector register
  int64_t l2Size = 0;     // bytes, of one core
  int64_t l3Size = 0;     // bytes, of the last level, which cores may share

  /// Takes from `other` what this one does not know.
  void complete(const CPUTarget &other);
};

/// This machine. What the operating system does not tell is taken from a
/// common server core: 1 MiB of second-level and 32 MiB of last-level cache.
CPUTarget getHostCPUTarget();

/// What the target system specification around `op` says of the device "CPU".
CPUTarget getSpecifiedCPUTarget(mlir::Operation *op);

} // namespace gn

#endif // GROUPNORM_DIALECT_GN_TRANSFORMS_CPUTARGET_H
