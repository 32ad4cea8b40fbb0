//===- Pipelines.h - The named pass pipelines -------------------*- C++ -*-===//
//
// From gn ops on tensors to the llvm dialect, in three parts that also stand
// alone: gn-bufferize, gn-lower-to-affine and gn-affine-to-llvm. gn-to-llvm is
// all of them. For a GPU gn-lower-to-gpu follows gn-bufferize, and its result
// is ready to be printed as Metal text.
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

/// Those of what chooses a schedule.
template <typename Derived> struct ScheduledOptions : CPUOptions<Derived> {
  template <typename T>
  using Option = typename CPUOptions<Derived>::template Option<T>;

  Option<int64_t> vectorBits{
      *this, "vector-bits",
      llvm::cl::desc("Width of a vector register; 0 is this machine's"),
      llvm::cl::init(0)};
  Option<int64_t> vectorRegisters{
      *this, "vector-registers",
      llvm::cl::desc("Number of vector registers; 0 is 32 for vectors of 512 "
                     "bits, else 16"),
      llvm::cl::init(0)};
};

struct LowerToAffineOptions : ScheduledOptions<LowerToAffineOptions> {};

/// Those of what lowers to LLVM, beside those of `Base`.
template <typename Base> struct LLVMLoweringOptions : Base {
  template <typename T> using Option = typename Base::template Option<T>;

  Option<int64_t> tableLanes{
      *this, "table-lanes",
      llvm::cl::desc("Lanes of 32 bits that the target can take by index (see "
                     "gn-expand-math)"),
      llvm::cl::init(0)};
  Option<bool> expandBF16{
      *this, "expand-bf16",
      llvm::cl::desc("Round to bf16 by integer arithmetic, for targets without "
                     "an instruction that does; LLVM would call a function"),
      llvm::cl::init(true)};
  Option<bool> pairBF16{
      *this, "pair-bf16",
      llvm::cl::desc("With expand-bf16: the target is a little-endian one, so "
                     "that pairs of bf16 can be converted where they stand"),
      llvm::cl::init(true)};
};

struct AffineToLLVMOptions
    : LLVMLoweringOptions<CPUOptions<AffineToLLVMOptions>> {};

struct ToLLVMOptions : LLVMLoweringOptions<ScheduledOptions<ToLLVMOptions>> {
  Option<bool> cInterface{
      *this, "c-interface",
      llvm::cl::desc("Give public functions plain pointers (see "
                     "gn-emit-c-interface) instead of memref descriptors"),
      llvm::cl::init(false)};
  ListOption<std::string> arguments{
      *this, "arguments",
      llvm::cl::desc("Names of the pointers of the C interface")};
};

struct LowerToGPUOptions : mlir::PassPipelineOptions<LowerToGPUOptions> {
  Option<int64_t> maxThreads{
      *this, "max-threads", llvm::cl::desc("Threads of a threadgroup, at most"),
      llvm::cl::init(512)};
  Option<int64_t> threadgroupMemory{
      *this, "threadgroup-memory",
      llvm::cl::desc("Bytes of threadgroup memory, at most"),
      llvm::cl::init(32768)};
  Option<int64_t> cores{*this, "cores", llvm::cl::desc("Cores of the GPU"),
                        llvm::cl::init(10)};
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

/// gn ops on memrefs to GPU kernels that Metal Shading Language can say, and
/// their launches, as the schedule says; one is chosen for each op that has
/// none.
void buildLowerToGPUPipeline(mlir::OpPassManager &pm,
                             const LowerToGPUOptions &options);

/// Makes the pipelines known to the command line.
void registerPipelines();

} // namespace gn

#endif // GROUPNORM_PIPELINES_PIPELINES_H
