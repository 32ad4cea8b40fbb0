//===- GNToGPU.h - gn ops on memrefs to GPU kernels -------------*- C++ -*-===//

#ifndef GROUPNORM_CONVERSION_GNTOGPU_GNTOGPU_H
#define GROUPNORM_CONVERSION_GNTOGPU_GNTOGPU_H

#include "mlir/Support/LLVM.h"

namespace mlir {
class ModuleOp;
} // namespace mlir

namespace gn {
/// Turns every gn.group_norm on memrefs in `module` into kernels, in one
/// gpu.module, and the launches of them, as its schedule says. Emits an error
/// on each op that cannot become kernels, and then fails.
llvm::LogicalResult convertGNToGPU(mlir::ModuleOp module);
} // namespace gn

#endif // GROUPNORM_CONVERSION_GNTOGPU_GNTOGPU_H
