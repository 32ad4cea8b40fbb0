//===- MSL.h - Metal Shading Language out of GPU kernels --------*- C++ -*-===//

#ifndef GROUPNORM_TARGET_MSL_MSL_H
#define GROUPNORM_TARGET_MSL_MSL_H

#include "mlir/IR/BuiltinOps.h"

namespace gn {

/// Prints the kernels of every gpu.module in `module` as MSL 3.1. What MSL
/// cannot say is an error at the op; then what was printed is of no use. Run
/// the pass prepare-for-msl first.
llvm::LogicalResult translateToMSL(mlir::ModuleOp module,
                                   llvm::raw_ostream &os);

/// Registers --mlir-to-msl and --mlir-to-msl-launch.
void registerToMSLTranslations();

} // namespace gn

#endif // GROUPNORM_TARGET_MSL_MSL_H
