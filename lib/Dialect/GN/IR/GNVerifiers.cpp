//===- GNVerifiers.cpp - The constraints C1 to C14 and C24 ----------------===//
//
// Each check carries the number that the op's description gives it. An error
// says what was found and what is wanted, in that order. The constraints on
// epilogues are in GNEpilogue.cpp.
//
//===----------------------------------------------------------------------===//

#include "GNEpilogue.h"
#include "groupnorm/Dialect/GN/IR/GN.h"
#include "mlir/IR/TypeUtilities.h"
#include <cmath>

using namespace mlir;
using namespace gn;

static bool isSupportedFloat(Type type) {
  return type.isF16() || type.isBF16() || type.isF32() || type.isF64();
}

/// Whether data of `type` can stand in for data of `narrow` without loss.
static bool isSameOrWider(Type type, Type narrow) {
  return type == narrow ||
         (isSupportedFloat(type) &&
          type.getIntOrFloatBitWidth() > narrow.getIntOrFloatBitWidth());
}

/// C1: without it no later check can look at a shape.
static LogicalResult verifyOperandKinds(Operation *op) {
  TypeRange types = op->getOperandTypes();
  if (llvm::all_of(types, llvm::IsaPred<RankedTensorType>) ||
      llvm::all_of(types, llvm::IsaPred<MemRefType>))
    return success();
  return op->emitOpError(
      "C1: the operands must be all ranked tensors or all ranked memrefs");
}

/// C2 to C6: x, its features and their groups.
template <typename OpTy> static LogicalResult verifyGroupedInput(OpTy op) {
  ShapedType x = op.getXType();
  if (x.getRank() < 2)
    return op.emitOpError() << "C2: x has rank " << x.getRank()
                            << ", but needs 2 or more: N, spatial..., C";
  if (!isSupportedFloat(x.getElementType()))
    return op.emitOpError()
           << "C3: the element type of x is " << x.getElementType()
           << ", but must be f16, bf16, f32 or f64";
  int64_t featureDim = op.getFeatureDimension();
  if (featureDim < 1 || featureDim >= x.getRank())
    return op.emitOpError() << "C4: feature_dim is " << featureDim
                            << ", but must be in [1, " << x.getRank() << ")";
  int64_t features = op.getNumFeatures();
  if (ShapedType::isDynamic(features) || features == 0)
    return op.emitOpError()
           << "C5: the number of features (dimension " << featureDim
           << " of x) must be static and positive";
  int64_t groups = static_cast<int64_t>(op.getNumGroups());
  if (groups <= 0 || features % groups != 0)
    return op.emitOpError() << "C6: num_groups is " << groups
                            << ", but must be positive and divide the "
                            << features << " features";
  return success();
}

/// C7 to C11: gamma, beta, init and epsilon.
template <typename OpTy> static LogicalResult verifyNormalization(OpTy op) {
  if (static_cast<bool>(op.getGamma()) != static_cast<bool>(op.getBeta()))
    return op.emitOpError(
        "C7: gamma and beta must be both present or both absent");
  ShapedType x = op.getXType();
  for (auto [name, value] :
       {std::pair<StringRef, Value>("gamma", op.getGamma()),
        {"beta", op.getBeta()}}) {
    if (!value)
      continue;
    auto type = cast<ShapedType>(value.getType());
    if (type.getRank() != 1 || type.getDimSize(0) != op.getNumFeatures())
      return op.emitOpError() << "C8: " << name << " has type " << type
                              << ", but must have the shape of the features, "
                              << op.getNumFeatures();
    if (!isSameOrWider(type.getElementType(), x.getElementType()))
      return op.emitOpError()
             << "C9: the element type of " << name << " is "
             << type.getElementType() << ", but must be that of x, "
             << x.getElementType() << ", or a wider one";
  }
  auto init = cast<ShapedType>(op.getInit().getType());
  if (failed(verifyCompatibleShape(init, x)))
    return op.emitOpError() << "C10: init has type " << init
                            << ", but must have the shape of x, " << x;
  Type initElement = init.getElementType();
  if (!isSupportedFloat(initElement) &&
      !(op.hasEpilogue() && isEpilogueElementType(initElement)))
    return op.emitOpError() << "C3: the element type of init is " << initElement
                            << ", but must be f16, bf16, f32 or f64"
                            << (op.hasEpilogue() ? ", or i8, i16 or i32" : "");
  double epsilon = op.getEpsilon().convertToDouble();
  if (!std::isfinite(epsilon) || epsilon <= 0)
    return op.emitOpError() << "C11: epsilon is " << op.getEpsilonAttr()
                            << ", but must be positive and finite";
  return success();
}

/// C12: the results of a destination-style op.
static LogicalResult verifyResults(DestinationStyleOpInterface op) {
  size_t expected = op.hasPureTensorSemantics() ? op.getNumDpsInits() : 0;
  if (op->getNumResults() != expected)
    return op->emitOpError() << "C12: there are " << op->getNumResults()
                             << " results, but must be " << expected;
  for (OpResult result : op->getResults())
    if (result.getType() != op.getTiedOpOperand(result)->get().getType())
      return op->emitOpError()
             << "C12: result " << result.getResultNumber() << " has type "
             << result.getType() << ", but must have that of its outs operand, "
             << op.getTiedOpOperand(result)->get().getType();
  return success();
}

/// C13 and C14: count, mean and M2.
template <typename OpTy> static LogicalResult verifyStatistics(OpTy op) {
  int64_t samples = op.getXType().getDimSize(0);
  int64_t groups = static_cast<int64_t>(op.getNumGroups());
  Type elementType = getElementTypeOrSelf(op.getCount());
  for (auto [name, value] :
       {std::pair<StringRef, Value>("count", op.getCount()),
        {"mean", op.getMean()},
        {"m2", op.getM2()}}) {
    auto type = cast<ShapedType>(value.getType());
    if (failed(verifyCompatibleShape(type.getShape(), {samples, groups})))
      return op.emitOpError() << "C13: " << name << " has type " << type
                              << ", but must have the shape N x num_groups";
    Type element = type.getElementType();
    if (element != elementType || !(element.isF32() || element.isF64()) ||
        !isSameOrWider(element, op.getComputeType()))
      return op.emitOpError()
             << "C14: the element type of " << name << " is " << element
             << ", but that of count, mean and m2 must be one, f32 or f64, and "
                "at least "
             << op.getComputeType();
  }
  return success();
}

/// C24: the statistics that are saved.
static LogicalResult verifySavedStatistics(GroupNormOp op) {
  if (static_cast<bool>(op.getMean()) != static_cast<bool>(op.getRstd()))
    return op.emitOpError(
        "C24: mean and rstd must be both present or both absent");
  if (!op.savesStatistics())
    return success();
  int64_t samples = op.getXType().getDimSize(0);
  int64_t groups = static_cast<int64_t>(op.getNumGroups());
  for (auto [name, value] : {std::pair<StringRef, Value>("mean", op.getMean()),
                             {"rstd", op.getRstd()}}) {
    auto type = cast<ShapedType>(value.getType());
    if (failed(verifyCompatibleShape(type.getShape(), {samples, groups})) ||
        type.getElementType() != op.getComputeType())
      return op.emitOpError() << "C24: " << name << " has type " << type
                              << ", but must have the shape N x num_groups of "
                              << op.getComputeType();
  }
  return success();
}

LogicalResult GroupNormOp::verify() {
  if (failed(verifyOperandKinds(*this)) || failed(verifyGroupedInput(*this)) ||
      failed(verifyNormalization(*this)) || failed(verifyEpilogue(*this)) ||
      failed(verifySavedStatistics(*this)))
    return failure();
  return verifyResults(*this);
}

LogicalResult GroupStatsOp::verify() {
  if (failed(verifyOperandKinds(*this)) || failed(verifyGroupedInput(*this)) ||
      failed(verifyStatistics(*this)))
    return failure();
  return verifyResults(*this);
}

LogicalResult GroupNormalizeOp::verify() {
  if (failed(verifyOperandKinds(*this)) || failed(verifyGroupedInput(*this)) ||
      failed(verifyStatistics(*this)) || failed(verifyNormalization(*this)) ||
      failed(verifyEpilogue(*this)))
    return failure();
  return verifyResults(*this);
}
