//===- DecomposeNormalize.cpp - gn.group_normalize in linalg --------------===//
//
// Three numbers for each feature of each sample, m_hi, s and t, are taken in
// the element type of the statistics and rounded to the compute type; the sweep
// over x then is y = fma(x - m_hi, s, t). Here m_hi is the mean as far as the
// compute type can say it, m_lo the rest, s = gamma / sqrt(variance + epsilon)
// and t = beta - m_lo * s. x - m_hi is exact where x is near the mean, so a
// mean that is large beside the deviations costs no accuracy.
//
//===----------------------------------------------------------------------===//

#include "DecomposeUtils.h"
#include "groupnorm/Dialect/GN/Transforms/Transforms.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace gn;

/// m_hi, s and t as tensors of N x C.
static SmallVector<Value> createParameters(ImplicitLocOpBuilder &b,
                                           GroupNormalizeOp op) {
  FeatureMatrix matrix(op);
  FloatType type = cast<FloatType>(getElementTypeOrSelf(op.getMean()));
  FloatType computeType = op.getComputeType();
  auto [rows, columns] = matrix.getShape();
  SmallVector<OpFoldResult> sizes = {
      tensor::getMixedSize(b, b.getLoc(), op.getX(), 0), b.getIndexAttr(rows),
      b.getIndexAttr(columns)};
  Value empty = createEmpty(b, sizes, computeType);

  SmallVector<Value> inputs = {op.getCount(), op.getMean(), op.getM2()};
  SmallVector<SmallVector<int64_t>> dims(3, {0, 1 + matrix.getGroupDim()});
  if (op.isAffine()) {
    inputs.push_back(matrix.expand(b, op.getGamma(), 0));
    inputs.push_back(matrix.expand(b, op.getBeta(), 0));
    dims.append(2, {1, 2});
  }
  dims.append(3, {0, 1, 2});

  SmallVector<Value> parameters = createGeneric(
      b, 3, inputs, {empty, empty, empty}, dims,
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> SmallVector<Value> {
        Value mean = args[1];
        Value scale = createReciprocalDeviation(b, getBoundedEpsilon(op),
                                                op.getEpsilonPlacement(),
                                                args[0], args[2]);
        Value beta = createFloat(b, type, 0);
        if (op.isAffine()) {
          scale =
              arith::MulFOp::create(b, scale, convertFloat(b, args[3], type));
          beta = convertFloat(b, args[4], type);
        }
        Value high = convertFloat(b, mean, computeType);
        if (type != computeType) {
          Value low =
              arith::SubFOp::create(b, mean, convertFloat(b, high, type));
          beta = arith::SubFOp::create(b, beta,
                                       arith::MulFOp::create(b, low, scale));
        }
        return {high, convertFloat(b, scale, computeType),
                convertFloat(b, beta, computeType)};
      });
  for (Value &parameter : parameters)
    parameter = matrix.collapse(b, parameter, 1);
  return parameters;
}

/// The value that an epilogue gives for its arguments.
static Value cloneEpilogue(OpBuilder &b, Block &epilogue,
                           ValueRange arguments) {
  IRMapping mapping;
  mapping.map(epilogue.getArguments(), arguments);
  for (Operation &op : epilogue.without_terminator())
    b.clone(op, mapping);
  return mapping.lookup(cast<YieldOp>(epilogue.getTerminator()).getValue());
}

FailureOr<SmallVector<Value>> gn::decomposeGroupNormalize(OpBuilder &builder,
                                                          GroupNormalizeOp op) {
  if (!op.hasPureTensorSemantics())
    return failure();
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(op);
  ImplicitLocOpBuilder b(getRoleLoc(op, "normalize"), builder);

  SmallVector<Value> parameters = createParameters(b, op);
  FloatType computeType = op.getComputeType();
  Type resultType = getElementTypeOrSelf(op.getInit());
  int64_t rank = op.getXType().getRank();
  SmallVector<int64_t> all = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  SmallVector<int64_t> perFeature = {0, op.getFeatureDimension()};
  SmallVector<Value> inputs = {op.getX()};
  llvm::append_range(inputs, parameters);
  SmallVector<SmallVector<int64_t>> dims = {all, perFeature, perFeature,
                                            perFeature};
  for (auto [i, input] : llvm::enumerate(op.getEpilogueInputs())) {
    inputs.push_back(input);
    dims.push_back(llvm::map_to_vector(
        op.getEpilogueMap(i).getResults(), [](AffineExpr result) -> int64_t {
          return cast<AffineDimExpr>(result).getPosition();
        }));
  }
  dims.push_back(all);
  return createGeneric(
      b, rank, inputs, op.getInit(), dims,
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> SmallVector<Value> {
        Value centered = arith::SubFOp::create(
            b, convertFloat(b, args[0], computeType), args[1]);
        Value y = math::FmaOp::create(b, centered, args[2], args[3]);
        if (!op.hasEpilogue())
          return {convertFloat(b, y, resultType)};
        SmallVector<Value> elements = {y};
        llvm::append_range(elements, args.slice(4, inputs.size() - 4));
        return {cloneEpilogue(b, *op.getEpilogueBlock(), elements)};
      });
}
