//===- Helpers.h - Device functions on statistics ---------------*- C++ -*-===//
//
// Statistics of a set of elements are four floats: count, mean, the low part of
// the mean (which is held to twice the precision of f32), and variance. The
// variance stands for M2, since M2 would overflow first.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_LIB_CONVERSION_GNTOGPU_HELPERS_H
#define GROUPNORM_LIB_CONVERSION_GNTOGPU_HELPERS_H

#include "KernelBuilder.h"

namespace gn {

/// The members of a set of statistics.
enum StatisticsMember { Count = 0, Mean = 1, MeanLow = 2, Variance = 3 };

/// Device functions of one gpu.module, made where they are first used.
class Helpers {
public:
  Helpers(KernelBuilder &b, mlir::gpu::GPUModuleOp module)
      : b(b), module(module) {}

  static mlir::VectorType getStatisticsType(mlir::MLIRContext *context);

  /// The sum of a vector's elements, pairwise.
  mlir::Value sumLanes(mlir::Value vector);
  /// The statistics of `count` elements, from the sums of their deviations from
  /// `shift` and of the squares of these.
  mlir::Value fromSums(mlir::Value count, mlir::Value shift, mlir::Value sum,
                       mlir::Value squares);
  /// The statistics of two disjoint sets together.
  mlir::Value merge(mlir::Value a, mlir::Value b);
  /// The statistics of all lanes of a simdgroup together; valid in lane 0.
  mlir::Value mergeSimdgroup(mlir::Value statistics);

  /// The error function of f32, or of a vector of it, of which MSL has none.
  mlir::Value erf(mlir::Value x);

private:
  // Each of these makes the functions that it calls before itself.
  mlir::func::FuncOp sumLanesFunction(mlir::VectorType type);
  mlir::func::FuncOp twoSumFunction();
  mlir::func::FuncOp fromSumsFunction();
  mlir::func::FuncOp mergeFunction();
  mlir::func::FuncOp mergeSimdgroupFunction();
  mlir::func::FuncOp
  getOrCreate(llvm::StringRef name, llvm::StringRef comment,
              llvm::ArrayRef<std::pair<llvm::StringRef, mlir::Type>> arguments,
              mlir::Type result,
              llvm::function_ref<mlir::Value(mlir::ValueRange)> body);

  KernelBuilder &b;
  mlir::gpu::GPUModuleOp module;
};

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOGPU_HELPERS_H
