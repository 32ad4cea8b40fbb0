//===- DecomposeUtils.cpp - What the decompositions share -----------------===//

#include "DecomposeUtils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"

using namespace mlir;
using namespace gn;

/// The reassociation between a tensor of rank `rank` and one in which dimension
/// `dim` has become two.
static SmallVector<ReassociationIndices> splitOneDim(int64_t rank,
                                                     int64_t dim) {
  SmallVector<ReassociationIndices> reassociation(rank);
  int64_t next = 0;
  for (int64_t i = 0; i < rank; ++i) {
    reassociation[i].push_back(next++);
    if (i == dim)
      reassociation[i].push_back(next++);
  }
  return reassociation;
}

Value FeatureMatrix::expand(ImplicitLocOpBuilder &b, Value tensor,
                            int64_t dim) const {
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<int64_t> shape(type.getShape());
  SmallVector<OpFoldResult> sizes =
      tensor::getMixedSizes(b, b.getLoc(), tensor);
  auto [rows, columns] = getShape();
  shape[dim] = rows;
  shape.insert(shape.begin() + dim + 1, columns);
  sizes[dim] = b.getIndexAttr(rows);
  sizes.insert(sizes.begin() + dim + 1, b.getIndexAttr(columns));
  return tensor::ExpandShapeOp::create(
      b, RankedTensorType::get(shape, type.getElementType()), tensor,
      splitOneDim(type.getRank(), dim), sizes);
}

Value FeatureMatrix::collapse(ImplicitLocOpBuilder &b, Value tensor,
                              int64_t dim) const {
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
  return tensor::CollapseShapeOp::create(b, tensor, splitOneDim(rank - 1, dim));
}

Location gn::getRoleLoc(Operation *op, StringRef role) {
  return NameLoc::get(StringAttr::get(op->getContext(), role), op->getLoc());
}

Value gn::convertFloat(ImplicitLocOpBuilder &b, Value value, Type type) {
  unsigned from = value.getType().getIntOrFloatBitWidth();
  unsigned to = type.getIntOrFloatBitWidth();
  if (from < to)
    return arith::ExtFOp::create(b, type, value);
  if (from > to)
    return arith::TruncFOp::create(b, type, value);
  return value;
}

Value gn::createFloat(ImplicitLocOpBuilder &b, FloatType type, double value) {
  return arith::ConstantOp::create(b, b.getFloatAttr(type, value));
}

Value gn::createEmpty(ImplicitLocOpBuilder &b, ArrayRef<OpFoldResult> sizes,
                      Type elementType) {
  return tensor::EmptyOp::create(b, sizes, elementType);
}

Value gn::createZeros(ImplicitLocOpBuilder &b, ArrayRef<OpFoldResult> sizes,
                      FloatType elementType) {
  Value zero = createFloat(b, elementType, 0);
  Value empty = createEmpty(b, sizes, elementType);
  return linalg::FillOp::create(b, zero, empty).getResult(0);
}

SmallVector<Value> gn::createGeneric(ImplicitLocOpBuilder &b, int64_t rank,
                                     ValueRange inputs, ValueRange inits,
                                     ArrayRef<SmallVector<int64_t>> dims,
                                     ElementFn fn) {
  assert(dims.size() == inputs.size() + inits.size() &&
         "each operand needs its dimensions");
  SmallVector<AffineMap> maps;
  for (ArrayRef<int64_t> operandDims : dims) {
    SmallVector<AffineExpr> exprs;
    for (int64_t dim : operandDims)
      exprs.push_back(b.getAffineDimExpr(dim));
    maps.push_back(
        AffineMap::get(rank, /*symbolCount=*/0, exprs, b.getContext()));
  }
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::reduction);
  for (int64_t dim : dims.back())
    iterators[dim] = utils::IteratorType::parallel;
  auto body = [&](OpBuilder &nested, Location loc, ValueRange elements) {
    ImplicitLocOpBuilder inner(loc, nested);
    linalg::YieldOp::create(inner, fn(inner, elements));
  };
  return SmallVector<Value>(linalg::GenericOp::create(b, inits.getTypes(),
                                                      inputs, inits, maps,
                                                      iterators, body)
                                .getResults());
}

SmallVector<Value> gn::mergeStatistics(ImplicitLocOpBuilder &b,
                                       ValueRange statsA, ValueRange statsB) {
  Value countA = statsA[0], meanA = statsA[1], m2A = statsA[2];
  Value countB = statsB[0], meanB = statsB[1], m2B = statsB[2];
  Value one = createFloat(b, cast<FloatType>(countA.getType()), 1);
  Value count = arith::AddFOp::create(b, countA, countB);
  // Counts of zero stand for nothing at all: no divisor is below 1.
  Value weight = arith::DivFOp::create(
      b, countB, arith::MaximumFOp::create(b, count, one));
  Value delta = arith::SubFOp::create(b, meanB, meanA);
  Value shift = arith::MulFOp::create(b, delta, weight);
  Value mean = arith::AddFOp::create(b, meanA, shift);
  // In this order a count of zero cannot meet an overflow.
  Value between =
      arith::MulFOp::create(b, arith::MulFOp::create(b, delta, countA), shift);
  Value m2 =
      arith::AddFOp::create(b, arith::AddFOp::create(b, m2A, m2B), between);
  return {count, mean, m2};
}

Value gn::createReciprocalDeviation(ImplicitLocOpBuilder &b, double epsilon,
                                    EpsilonPlacement placement, Value count,
                                    Value m2) {
  auto type = cast<FloatType>(count.getType());
  Value added = createFloat(b, type, epsilon);
  Value value = arith::DivFOp::create(b, m2, count);
  bool inside = placement == EpsilonPlacement::InsideSqrt;
  if (inside)
    value = arith::AddFOp::create(b, value, added);
  value = math::SqrtOp::create(b, value);
  if (!inside)
    value = arith::AddFOp::create(b, value, added);
  return arith::DivFOp::create(b, createFloat(b, type, 1), value);
}
