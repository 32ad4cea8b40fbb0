//===- CPUEngine.h - Runs generated code on this machine --------*- C++ -*-===//

#ifndef GROUPNORM_RUNTIME_CPUENGINE_H
#define GROUPNORM_RUNTIME_CPUENGINE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>

namespace llvm {
class TargetMachine;
namespace orc {
class LLJIT;
} // namespace orc
} // namespace llvm
namespace mlir {
class ModuleOp;
} // namespace mlir

namespace gn::runtime {

/// "AMD EPYC (znver4)": what a report says about this machine's CPU.
std::string getHostCPUDescription();

/// How many threads `threads` stands for: 0 leaves it to OpenMP, and is 1 where
/// there is no OpenMP.
unsigned getThreadCount(unsigned threads);

/// One function of a module, compiled in memory.
class CPUEngine {
public:
  /// Compiles the module, which is in the llvm dialect, by a target machine
  /// for this CPU. `function` has a C interface: pointers, then sizes, and a
  /// status.
  static llvm::Expected<CPUEngine> create(mlir::ModuleOp module,
                                          llvm::StringRef function,
                                          llvm::TargetMachine &machine);
  CPUEngine(CPUEngine &&);
  ~CPUEngine();

  /// Calls the function and returns its status.
  int32_t call(llvm::ArrayRef<void *> pointers,
               llvm::ArrayRef<int64_t> sizes) const;

private:
  using Packed = int32_t (*)(const uint64_t *arguments);
  CPUEngine(std::unique_ptr<llvm::orc::LLJIT> jit, Packed entry);

  std::unique_ptr<llvm::orc::LLJIT> jit;
  Packed entry;
};

} // namespace gn::runtime

#endif // GROUPNORM_RUNTIME_CPUENGINE_H
