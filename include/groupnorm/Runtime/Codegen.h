//===- Codegen.h - The llvm dialect to machine code -------------*- C++ -*-===//

#ifndef GROUPNORM_RUNTIME_CODEGEN_H
#define GROUPNORM_RUNTIME_CODEGEN_H

#include "llvm/Support/Error.h"
#include <memory>
#include <string>

namespace llvm {
class LLVMContext;
class Module;
class TargetMachine;
class raw_pwrite_stream;
} // namespace llvm
namespace mlir {
class DialectRegistry;
class ModuleOp;
} // namespace mlir

namespace gn::runtime {

/// The CPU to generate code for; empty fields mean this machine's.
struct CPUTargetOptions {
  std::string triple, cpu, features;
  bool isHost() const {
    return triple.empty() && cpu.empty() && features.empty();
  }
};

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const CPUTargetOptions &options);

/// The bits of a vector register of the target.
int64_t getVectorBits(const llvm::TargetMachine &machine);

/// The number of vector registers of the target.
int64_t getVectorRegisters(const llvm::TargetMachine &machine);

/// Whether the target rounds f32 to bf16 by an instruction.
bool hasBF16Conversion(const llvm::TargetMachine &machine);

/// How many lanes of 32 bits the target can take by an index in each, in the
/// sense of gn-expand-math; 0 if it has no instruction for that.
int64_t getTableLanes(const llvm::TargetMachine &machine);

/// What translateToLLVMIR needs a context to know.
void registerTranslations(mlir::DialectRegistry &registry);

/// Translates a module of the llvm dialect (and omp) for the target, not yet
/// optimized.
llvm::Expected<std::unique_ptr<llvm::Module>>
translateToLLVMIR(mlir::ModuleOp module, llvm::LLVMContext &context,
                  llvm::TargetMachine &machine);

/// Runs LLVM's optimizations for speed.
void optimize(llvm::Module &module, llvm::TargetMachine &machine);

enum class MachineCode { Assembly, Object };

llvm::Error emitMachineCode(llvm::Module &module, llvm::TargetMachine &machine,
                            MachineCode kind, llvm::raw_pwrite_stream &stream);

/// Links an object file to a shared library by the C compiler that the build
/// found, or one on the PATH. `withOpenMP` links the OpenMP library too.
llvm::Error linkSharedLibrary(llvm::StringRef object, llvm::StringRef library,
                              const CPUTargetOptions &options, bool withOpenMP);

/// The OpenMP library that the build found, or the name to look for.
llvm::StringRef getOpenMPLibrary();

} // namespace gn::runtime

#endif // GROUPNORM_RUNTIME_CODEGEN_H
