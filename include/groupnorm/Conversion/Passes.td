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

    The samples of x and of the result must each lie contiguously in memory;
    another layout, and features that are not last, are refused with a
    diagnostic.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect",
    "::mlir::LLVM::LLVMDialect"];
}

#endif // GROUPNORM_CONVERSION_PASSES
