//===- Passes.td - Conversion passes -----------------------*- tablegen -*-===//

#ifndef GROUPNORM_CONVERSION_PASSES
#define GROUPNORM_CONVERSION_PASSES

include "mlir/Pass/PassBase.td"

def ConvertGNToAffinePass : Pass<"convert-gn-to-affine"> {
  let summary = "Lower gn ops on memrefs to vectorized affine loops";
  let description = [{
    Lowers `gn.group_norm`, `gn.group_stats` and `gn.group_normalize` on memrefs
    to `affine.for` and `affine.parallel` loops of vectors. The pass holds no
    policy: it obeys the `#gn.cpu_schedule` that an op carries as `gn.schedule`
    (see `gn-select-schedule`), or the default schedule without one. Loops carry
    their role, "statistics", "merge" or "normalize", as `gn.role`.

    x and the result may be windows of larger buffers, as long as their last
    dimension lies contiguously in memory: dimensions that the types let collapse
    do, and of the others each keeps its own stride. Anything else is refused
    with a diagnostic. With features not last, and gaps in memory or sizes before
    the features that are dynamic, work items are groups, whatever the strategy.

    An op with dynamic sizes in a loop, such as a tile, becomes a private
    function: the bounds of affine loops must be known at the top of one.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::func::FuncDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect", "::mlir::LLVM::LLVMDialect"];
}

def ConvertGNToGPUPass : Pass<"convert-gn-to-gpu", "::mlir::ModuleOp"> {
  let summary = "Lower gn.group_norm on memrefs to GPU kernels and their launches";
  let description = [{
    Lowers each `gn.group_norm` on memrefs to kernels in the module
    `@group_norm_kernels` and `gpu.launch_func` ops in its place. The pass holds
    no policy: it obeys the `#gn.metal_schedule` that an op carries as
    `gn.schedule` (see `gn-select-metal-schedule`), or the default schedule
    without one.

    Kernels compute in f32, use no atomics, and give the same bits in every run.
    Arguments carry their name and role ("input", "output", "scratch", "size")
    as `gn.name` and `gn.role`; values carry their names as locations. f64 data,
    memrefs that are not contiguous and schedules that do not fit the op are
    refused with a diagnostic.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::gpu::GPUDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"];
}

def ConvertGNToOpenMPPass : Pass<"convert-gn-to-openmp", "::mlir::ModuleOp"> {
  let summary = "Lower gn.max_threads to a number, or to a call of OpenMP";
  let description = [{
    `gn.max_threads` becomes the constant `threads`, or, where that is 0, a call
    of `omp_get_max_threads`. Its results stay what bounds of affine loops may
    hang on.
  }];
  let options = [
    Option<"threads", "threads", "int64_t", /*default=*/"0",
           "Threads of the parallel loops; 0 leaves it to run time">,
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect"];
}

#endif // GROUPNORM_CONVERSION_PASSES
