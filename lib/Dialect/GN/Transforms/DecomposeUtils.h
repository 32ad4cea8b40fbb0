//===- DecomposeUtils.h - What the decompositions share ---------*- C++ -*-===//

#ifndef GROUPNORM_LIB_DIALECT_GN_TRANSFORMS_DECOMPOSEUTILS_H
#define GROUPNORM_LIB_DIALECT_GN_TRANSFORMS_DECOMPOSEUTILS_H

#include "groupnorm/Dialect/GN/IR/GN.h"
#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace gn {

/// The features as a matrix of which one dimension counts groups: G x C/G where
/// groups are contiguous, C/G x G where they are interleaved.
class FeatureMatrix {
public:
  template <typename OpTy>
  explicit FeatureMatrix(OpTy op)
      : groups(op.getNumGroups()), width(op.getNumFeatures() / groups),
        interleaved(op.isInterleaved()) {}

  int64_t getNumGroups() const { return groups; }
  /// The row and column counts.
  std::array<int64_t, 2> getShape() const {
    return interleaved ? std::array{width, groups} : std::array{groups, width};
  }
  /// Which of the two dimensions counts groups.
  int64_t getGroupDim() const { return interleaved ? 1 : 0; }

  /// `tensor` with dimension `dim`, the features, as this matrix.
  mlir::Value expand(mlir::ImplicitLocOpBuilder &b, mlir::Value tensor,
                     int64_t dim) const;
  /// `tensor` with dimensions `dim` and `dim` + 1, this matrix, as features.
  mlir::Value collapse(mlir::ImplicitLocOpBuilder &b, mlir::Value tensor,
                       int64_t dim) const;

private:
  int64_t groups, width;
  bool interleaved;
};

/// A location that says what part of `op` the code at it is for.
mlir::Location getRoleLoc(mlir::Operation *op, llvm::StringRef role);

/// The float `value` in the float type `type`.
mlir::Value convertFloat(mlir::ImplicitLocOpBuilder &b, mlir::Value value,
                         mlir::Type type);

/// A scalar constant of type `type`.
mlir::Value createFloat(mlir::ImplicitLocOpBuilder &b, mlir::FloatType type,
                        double value);

/// An uninitialized tensor of the given sizes.
mlir::Value createEmpty(mlir::ImplicitLocOpBuilder &b,
                        llvm::ArrayRef<mlir::OpFoldResult> sizes,
                        mlir::Type elementType);

/// A tensor of zeros of the given sizes.
mlir::Value createZeros(mlir::ImplicitLocOpBuilder &b,
                        llvm::ArrayRef<mlir::OpFoldResult> sizes,
                        mlir::FloatType elementType);

/// Computes the elements of the results of a linalg.generic: takes one element
/// of each input and of each init.
using ElementFn = llvm::function_ref<llvm::SmallVector<mlir::Value>(
    mlir::ImplicitLocOpBuilder &, mlir::ValueRange)>;

/// A linalg.generic over `rank` dimensions. Each operand has the dimensions
/// that are listed for it; a dimension that no init has is reduced.
mlir::SmallVector<mlir::Value>
createGeneric(mlir::ImplicitLocOpBuilder &b, int64_t rank,
              mlir::ValueRange inputs, mlir::ValueRange inits,
              llvm::ArrayRef<llvm::SmallVector<int64_t>> dims, ElementFn fn);

/// Merges two sets of count, mean and M2, of which either may be of nothing.
llvm::SmallVector<mlir::Value> mergeStatistics(mlir::ImplicitLocOpBuilder &b,
                                               mlir::ValueRange statsA,
                                               mlir::ValueRange statsB);

/// 1 / sqrt(variance + epsilon), or 1 / (sqrt(variance) + epsilon), where the
/// variance is m2 / count.
mlir::Value createReciprocalDeviation(mlir::ImplicitLocOpBuilder &b,
                                      double epsilon,
                                      EpsilonPlacement placement,
                                      mlir::Value count, mlir::Value m2);

} // namespace gn

#endif // GROUPNORM_LIB_DIALECT_GN_TRANSFORMS_DECOMPOSEUTILS_H
