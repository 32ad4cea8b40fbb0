//===- DecomposeStats.cpp - gn.group_stats in linalg ----------------------===//
//
// The corrected two-pass algorithm. The first sweep over x gives an estimate of
// the mean, the second sums the deviations from it and their squares; the sum
// of the deviations, zero but for rounding, corrects both results. All is in
// the element type of the statistics. What comes out is merged with the inits
// by Chan's formula.
//
//===----------------------------------------------------------------------===//

#include "DecomposeUtils.h"
#include "groupnorm/Dialect/GN/Transforms/Transforms.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace gn;

/// The number of elements of x in one group of one sample, as a float.
static Value createCount(ImplicitLocOpBuilder &b, GroupStatsOp op,
                         FloatType type) {
  int64_t constant = op.getNumFeatures() / op.getNumGroups();
  Value dynamic;
  for (int64_t dim = 1, rank = op.getXType().getRank(); dim < rank; ++dim) {
    if (dim == op.getFeatureDimension())
      continue;
    if (!op.getXType().isDynamicDim(dim)) {
      constant *= op.getXType().getDimSize(dim);
      continue;
    }
    Value size = tensor::DimOp::create(b, op.getX(), dim);
    dynamic = dynamic ? arith::MulIOp::create(b, dynamic, size) : size;
  }
  if (!dynamic)
    return createFloat(b, type, static_cast<double>(constant));
  Value count = arith::MulIOp::create(
      b, dynamic, arith::ConstantIndexOp::create(b, constant));
  count = arith::IndexCastOp::create(b, b.getI64Type(), count);
  return arith::SIToFPOp::create(b, type, count);
}

FailureOr<SmallVector<Value>> gn::decomposeGroupStats(OpBuilder &builder,
                                                      GroupStatsOp op) {
  if (!op.hasPureTensorSemantics())
    return failure();
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(op);
  ImplicitLocOpBuilder b(getRoleLoc(op, "statistics"), builder);

  auto type = cast<FloatType>(getElementTypeOrSelf(op.getCount()));
  FeatureMatrix matrix(op);
  int64_t featureDim = op.getFeatureDimension();
  Value x = matrix.expand(b, op.getX(), featureDim);
  int64_t rank = op.getXType().getRank() + 1;
  SmallVector<int64_t> all = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  SmallVector<int64_t> perGroup = {0, featureDim + matrix.getGroupDim()};
  SmallVector<OpFoldResult> sizes = {
      tensor::getMixedSize(b, b.getLoc(), op.getX(), 0),
      b.getIndexAttr(matrix.getNumGroups())};
  Value zeros = createZeros(b, sizes, type);
  Value one = createFloat(b, type, 1);
  Value count = createCount(b, op, type);
  Value divisor = arith::MaximumFOp::create(b, count, one);

  Value sum = createGeneric(
      b, rank, x, zeros, {all, perGroup},
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> SmallVector<Value> {
        Value element = convertFloat(b, args[0], type);
        return {arith::AddFOp::create(b, args[1], element)};
      })[0];
  Value estimate = createGeneric(
      b, 2, sum, createEmpty(b, sizes, type), {{0, 1}, {0, 1}},
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> SmallVector<Value> {
        return {arith::DivFOp::create(b, args[0], divisor)};
      })[0];
  SmallVector<Value> deviations = createGeneric(
      b, rank, {x, estimate}, {zeros, zeros},
      {all, perGroup, perGroup, perGroup},
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> SmallVector<Value> {
        Value element = convertFloat(b, args[0], type);
        Value deviation = arith::SubFOp::create(b, element, args[1]);
        Value square = arith::MulFOp::create(b, deviation, deviation);
        return {arith::AddFOp::create(b, args[2], deviation),
                arith::AddFOp::create(b, args[3], square)};
      });

  b.setLoc(getRoleLoc(op, "merge"));
  Value zero = createFloat(b, type, 0);
  return createGeneric(
      b, 2, {estimate, deviations[0], deviations[1]},
      {op.getCount(), op.getMean(), op.getM2()},
      SmallVector<SmallVector<int64_t>>(6, {0, 1}),
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> SmallVector<Value> {
        Value sum = args[1];
        // The correction: the mean of x is the estimate and the mean deviation
        // from it. Rounding must not leave M2 below zero.
        Value meanDeviation = arith::DivFOp::create(b, sum, divisor);
        Value mean = arith::AddFOp::create(b, args[0], meanDeviation);
        Value m2 = arith::SubFOp::create(
            b, args[2], arith::MulFOp::create(b, sum, meanDeviation));
        m2 = arith::MaximumFOp::create(b, m2, zero);
        return mergeStatistics(b, args.take_back(3), {count, mean, m2});
      });
}
