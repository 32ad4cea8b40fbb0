//===- Normalize.cpp - The element-wise half of the kernels ---------------===//
//
// y = fma(x - mean, scale, bias) with scale = gamma / sqrt(var + epsilon) and
// bias = beta - mean_low * scale: x - mean is nearly exact, and the low part of
// the mean, which f32 cannot subtract, goes into the bias. Scales and biases
// are computed once a threadgroup, so that gamma and beta are read once.
//
//===----------------------------------------------------------------------===//

#include "Normalize.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cfloat>
#include <limits>

using namespace mlir;
using namespace gn;

/// What x - mean is multiplied by before gamma.
static Value getReciprocalDeviation(KernelBuilder &b, const KernelPlan &p,
                                    Value variance) {
  Type f32 = b.floatType(1);
  // Rounding to f32 must not make epsilon zero or infinite.
  double bounded = std::clamp(p.op.getEpsilon().convertToDouble(),
                              double(FLT_MIN), double(FLT_MAX));
  Value epsilon = b.constant(bounded, f32);
  if (p.op.getEpsilonPlacement() == EpsilonPlacement::InsideSqrt)
    return math::RsqrtOp::create(b, b.add(variance, epsilon));
  return b.div(b.constant(1, f32),
               b.add(math::SqrtOp::create(b, variance), epsilon));
}

/// A group without elements has no statistics.
static Value getNoStatistic(KernelBuilder &b) {
  return b.constant(std::numeric_limits<double>::quiet_NaN(), b.floatType(1));
}

static void storeStatistics(KernelBuilder &b, Value mean, Value rstd,
                            Index group) {
  b.storeElement(mean, b.getArgument("mean"), {group});
  b.storeElement(rstd, b.getArgument("rstd"), {group});
}

void gn::saveStatistics(KernelBuilder &b, const KernelPlan &p, Value merged,
                        Index group) {
  if (!p.op.savesStatistics())
    return;
  Value mean = b.extract(merged, Mean);
  Value rstd = getReciprocalDeviation(b, p, b.extract(merged, Variance));
  if (!p.before || !p.after) {
    Value nan = getNoStatistic(b);
    Value isEmpty = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ,
                                          b.extract(merged, Count),
                                          b.constant(0, b.floatType(1)));
    mean = b.select(isEmpty, nan, mean);
    rstd = b.select(isEmpty, nan, rstd);
  }
  storeStatistics(b, mean, rstd, group);
}

void gn::saveNoStatistics(KernelBuilder &b, Index group) {
  Value nan = getNoStatistic(b);
  storeStatistics(b, nan, nan, group);
}

Normalizer::Normalizer(KernelBuilder &b, const KernelPlan &p, TileView &tile,
                       Helpers &helpers, Value groupStatistics)
    : b(b), p(p), tile(tile), epilogue(b, p, tile, helpers),
      statistics(groupStatistics) {
  if (!p.hasTable())
    return;
  fillTable();
  b.barrier();
}

std::pair<Value, Value> Normalizer::computeScale(Index feature) {
  // Without gamma and beta, features are not told apart: `feature` is a group.
  Index group = p.affine ? tile.groupOfFeature(feature) : feature;
  Value ofGroup = b.named(b.loadElement(statistics, {group}), "of_group");
  Value scale = getReciprocalDeviation(b, p, b.extract(ofGroup, Variance));
  Value low = b.neg(b.extract(ofGroup, MeanLow));
  if (!p.affine) {
    b.named(scale, "scale");
    return {scale, b.mul(low, scale)};
  }
  Index inX = tile.featureInX(feature);
  if (!inX.getConstant() && Value(inX) != Value(feature))
    inX.named("feature_in_x");
  scale =
      b.named(b.mul(scale, b.load(b.getArgument("gamma"), inX, 1)), "scale");
  return {scale, b.fma(low, scale, b.load(b.getArgument("beta"), inX, 1))};
}

void Normalizer::fillTable() {
  Type f32 = b.floatType(1);
  scaleTable = b.threadgroupBuffer("scale_table", p.tableSize(), f32);
  biasTable = b.threadgroupBuffer("bias_table", p.tableSize(), f32);
  auto fill = [&](Index feature) {
    auto [scale, bias] = computeScale(feature);
    b.named(bias, "bias");
    b.storeElement(scale, scaleTable, {feature});
    b.storeElement(bias, biasTable, {feature});
  };
  Index size = b.index(p.tableSize());
  if (p.tableSize() == 1)
    b.ifThen(tile.thread == 0, [&] { fill(b.index(0)); }, "scale and bias");
  else if (p.tableSize() <= p.threads)
    b.ifThen(tile.thread < size, [&] { fill(tile.thread); }, "scale and bias");
  else
    b.forLoop("feature", tile.thread, size, b.index(p.threads), fill,
              "scale and bias");
}

Value Normalizer::loadMean() {
  SmallVector<Value> means;
  for (int64_t lane = 0; lane < p.lanesApart(); ++lane)
    means.push_back(
        b.extract(b.loadElement(statistics, {tile.groupOfLane(lane)}), Mean));
  return b.named(p.uniformLanes ? means.front() : b.pack(means), "mean");
}

Normalizer::Parameters Normalizer::getParameters(Index item) {
  SmallVector<Index> entries;
  if (p.affine) {
    entries = tile.featuresOf(item);
  } else {
    for (int64_t lane = 0; lane < p.lanesApart(); ++lane)
      entries.push_back(tile.groupOfLane(lane));
  }
  SmallVector<Value> scales, biases;
  for (Index entry : entries) {
    if (p.hasTable()) {
      scales.push_back(b.loadElement(scaleTable, {entry}));
      biases.push_back(b.loadElement(biasTable, {entry}));
    } else {
      auto [scale, bias] = computeScale(entry);
      scales.push_back(scale);
      biases.push_back(bias);
    }
  }
  return {mean, b.pack(scales), b.pack(biases)};
}

void Normalizer::loadCommon() {
  mean = loadMean();
  epilogue.loadCommon();
  if (!p.affine || p.fixedFeatures()) {
    common = getParameters(b.index(0));
    b.named(common->scale, "scale");
    b.named(common->bias, "bias");
  }
}

void Normalizer::emit(Index item, Value value) {
  Parameters parameters = common ? *common : getParameters(item);
  auto spread = [&](Value parameter) {
    return isa<VectorType>(parameter.getType())
               ? parameter
               : b.broadcast(parameter, p.vector);
  };
  Value result = b.fma(b.sub(value, spread(parameters.mean)),
                       spread(parameters.scale), spread(parameters.bias));
  Index place = tile.offsetOf(item);
  if (p.op.hasEpilogue()) {
    b.named(result, "normalized");
    place.named("place");
  }
  b.store(epilogue.emit(item, result), b.getArgument("y"), place);
}
