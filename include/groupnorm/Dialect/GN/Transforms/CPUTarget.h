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
  int64_t vectorRegisters = 0;
  int64_t cores = 0; // that the threads of a process may have

  /// The vector registers that code may count on: where it is not said, as many
  /// as x86 has of such vectors.
  int64_t getVectorRegisters() const {
    if (vectorRegisters > 0)
      return vectorRegisters;
    return vectorBits >= 512 ? 32 : 16;
  }

  /// Takes from `other` what this one does not know.
  void complete(const CPUTarget &other);
};

/// A CPU of which nothing is known: vectors of 128 bits, 16 cores, and the
/// caches of a common server core, 1 MiB at the second level and 32 MiB at the
/// last.
CPUTarget getCommonCPUTarget();

/// This machine, completed by the common CPU where the operating system does
/// not tell.
CPUTarget getHostCPUTarget();

/// What the target system specification around `op` says of the device "CPU".
CPUTarget getSpecifiedCPUTarget(mlir::Operation *op);

} // namespace gn

#endif // GROUPNORM_DIALECT_GN_TRANSFORMS_CPUTARGET_H
