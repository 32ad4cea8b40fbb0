//===- MLX.h - A Python module for MLX out of GPU kernels -------*- C++ -*-===//
//
// MLX (Apple's array library) takes Metal kernels as text: the body of each,
// for a signature that it writes itself. The module printed here has a layer
// that takes the place of mlx.nn.GroupNorm and runs such kernels.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_TARGET_MLX_MLX_H
#define GROUPNORM_TARGET_MLX_MLX_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace gn {

/// What mlx.nn.GroupNorm is told, and the x that its kernels are compiled for.
struct MLXLayer {
  mlir::Type elementType, weightType; // of x; of the weight and the bias
  llvm::SmallVector<int64_t> shape;
  int64_t numGroups;
  double epsilon;
  bool affine, pytorchCompatible;

  /// Reads the layer off a function over buffers, before its op is lowered.
  /// Emits an error if mlx.nn.GroupNorm computes nothing of the kind.
  static llvm::FailureOr<MLXLayer> create(mlir::func::FuncOp function);
};

/// Prints a module of Python. `function` launches the kernels of the layer,
/// which stand in the same module, prepared for MSL.
llvm::LogicalResult translateToMLX(mlir::func::FuncOp function,
                                   const MLXLayer &layer,
                                   llvm::raw_ostream &os);

} // namespace gn

#endif // GROUPNORM_TARGET_MLX_MLX_H
