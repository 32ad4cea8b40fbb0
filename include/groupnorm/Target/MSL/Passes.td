//===- Passes.td - Passes on the way to MSL ----------------*- tablegen -*-===//

#ifndef GROUPNORM_TARGET_MSL_PASSES
#define GROUPNORM_TARGET_MSL_PASSES

include "mlir/Pass/PassBase.td"

def PrepareForMSLPass : Pass<"prepare-for-msl", "::mlir::gpu::GPUModuleOp"> {
  let summary = "Rewrite GPU kernels into what Metal Shading Language can say";
  let description = [{
    The printer behind `--mlir-to-msl` prints and never rewrites. This pass
    makes what it takes:

    - bf16 arithmetic is done in f32 and rounded after each op, since Metal
      converts bfloat but computes in float;
    - `vector.reduction` becomes arithmetic on elements, pairwise;
    - `arith.maximumf` and `arith.minimumf`, which pass NaN on, become
      comparisons, since Metal's fmax and fmin drop it;
    - vectors of more than four elements stay, and are refused by the printer.

    Common subexpressions are merged, and what is not used goes away.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::vector::VectorDialect"];
}

#endif // GROUPNORM_TARGET_MSL_PASSES
