//===- Pipelines.h - The named pass pipelines -------------------*- C++ -*-===//
//
// From gn ops on tensors to the llvm dialect, in three parts that also stand
// alone: gn-bufferize, gn-lower-to-affine and gn-affine-to-llvm. gn-to-llvm is
// all of them.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_PIPELINES_PIPELINES_H
#define GROUPNORM_PIPELINES_PIPELINES_H

#include "mlir/Pass/PassOptions.h"

namespace mlir {
class DialectRegistry;
class OpPassManager;
} // namespace mlir

namespace gn {

/// Options of what runs on a CPU; each pipeline has those that concern it.
template <typename Derived>
struct CPUOptions : mlir::PassPipelineOptions<Derived> {
  template <typename T>
  using Option =
      typename mlir::PassPipelineOptions<Derived>::template Option<T>;

  Option<unsigned> threads{
      *this, "threads",
      llvm::cl::desc("Threads of parallel loops: 0 as many as OpenMP offers at "
                     "run time, 1 none (no OpenMP at all), T exactly T"),
      llvm::cl::init(1)};
};

struct LowerToAffineOptions : CPUOptions<LowerToAffineOptions> {
  Option<int64_t> vectorBits{
      *this, "vector-bits",
      llvm::cl::desc("Width of a vector register; 0 is this machine's"),
      llvm::cl::init(0)};
};

struct AffineToLLVMOptions : CPUOptions<AffineToLLVMOptions> {};

struct ToLLVMOptions : CPUOptions<ToLLVMOptions> {
  Option<int64_t> vectorBits{
      *this, "vector-bits",
      llvm::cl::desc("Width of a vector register; 0 is this machine's"),
      llvm::cl::init(0)};
  Option<bool> cInterface{
      *this, "c-interface",
      llvm::cl::desc("Give public functions plain pointers (see "
                     "gn-emit-c-interface) instead of memref descriptors"),
      llvm::cl::init(false)};
  ListOption<std::string> arguments{
      *this, "arguments",
      llvm::cl::desc("Names of the pointers of the C interface")};
};

/// Tensors to memrefs: a function's results become arguments behind its own,
/// written in place.
void buildBufferizePipeline(mlir::OpPassManager &pm);

/// gn ops on memrefs to affine loops, as the schedule says; one is chosen for
/// each op that has none.
void buildLowerToAffinePipeline(mlir::OpPassManager &pm,
                                const LowerToAffineOptions &options);

/// Affine loops (and scf, vector, arith, math, memref and func) to the llvm
/// dialect, and parallel loops to OpenMP.
void buildAffineToLLVMPipeline(mlir::OpPassManager &pm,
                               const AffineToLLVMOptions &options);

/// gn ops on tensors or memrefs to the llvm dialect.
void buildToLLVMPipeline(mlir::OpPassManager &pm, const ToLLVMOptions &options);

/// Makes the pipelines known to the command line.
void registerPipelines();

} // namespace gn

#endif // GROUPNORM_PIPELINES_PIPELINES_H
