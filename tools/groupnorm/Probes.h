//===- Probes.h - What the memory of this machine can do --------*- C++ -*-===//

#ifndef GROUPNORM_TOOLS_GROUPNORM_PROBES_H
#define GROUPNORM_TOOLS_GROUPNORM_PROBES_H

#include "groupnorm/Runtime/CPUEngine.h"

namespace llvm {
class TargetMachine;
} // namespace llvm

namespace gn::tool {

enum class Probe {
  MemCpy,        ///< y = x by the C library's memcpy
  StreamingCopy, ///< y = x by stores that go around the cache
  ReadSweep      ///< a sum of x, in the manner of STREAM
};

/// All but memcpy work on whole blocks of this many bytes.
inline constexpr size_t kProbeBlock = 256;

/// Compiles a probe by the code generator, and for the threads, that the kernel
/// has. It takes x, y (both aligned to 64 bytes) and the number of 4-byte words
/// in each, one at least; the sweep writes no more than a block of y.
llvm::Expected<runtime::CPUEngine> compileProbe(Probe probe, unsigned threads,
                                                llvm::TargetMachine &machine);

} // namespace gn::tool

#endif // GROUPNORM_TOOLS_GROUPNORM_PROBES_H
