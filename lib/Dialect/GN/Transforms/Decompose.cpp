//===- Decompose.cpp - gn.group_norm in halves, and the pass --------------===//

#include "DecomposeUtils.h"
#include "groupnorm/Dialect/GN/Transforms/Passes.h"
#include "groupnorm/Dialect/GN/Transforms/Transforms.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace gn {
#define GEN_PASS_DEF_GNDECOMPOSEPASS
#include "groupnorm/Dialect/GN/Transforms/Passes.h.inc"
} // namespace gn

using namespace mlir;
using namespace gn;

/// The mean and the reciprocal deviation of each group, out of statistics.
static SmallVector<Value> createSavedStatistics(ImplicitLocOpBuilder &b,
                                                GroupNormOp op,
                                                GroupStatsOp stats) {
  FloatType type = op.getComputeType();
  return createGeneric(
      b, 2, stats.getResults(), {op.getMean(), op.getRstd()},
      SmallVector<SmallVector<int64_t>>(5, {0, 1}),
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> SmallVector<Value> {
        Value rstd = createReciprocalDeviation(b, getBoundedEpsilon(op),
                                               op.getEpsilonPlacement(),
                                               args[0], args[2]);
        // The mean of nothing is 0/0, as its variance is.
        auto statsType = cast<FloatType>(args[0].getType());
        Value zero = createFloat(b, statsType, 0);
        Value isEmpty =
            arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, args[0], zero);
        Value nan = arith::ConstantOp::create(
            b, b.getFloatAttr(statsType,
                              APFloat::getNaN(statsType.getFloatSemantics())));
        Value mean = arith::SelectOp::create(b, isEmpty, nan, args[1]);
        return {convertFloat(b, mean, type), convertFloat(b, rstd, type)};
      });
}

FailureOr<SmallVector<Value>>
gn::decomposeGroupNorm(OpBuilder &builder, GroupNormOp op,
                       StatisticsType statisticsType) {
  if (!op.hasPureTensorSemantics())
    return failure();
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(op);
  ImplicitLocOpBuilder b(op.getLoc(), builder);

  FloatType type = statisticsType == StatisticsType::F64
                       ? FloatType(b.getF64Type())
                       : op.getComputeType();
  SmallVector<OpFoldResult> sizes = {
      tensor::getMixedSize(b, b.getLoc(), op.getX(), 0),
      b.getIndexAttr(op.getNumGroups())};
  // No elements yet: the neutral element of the merge.
  Value zeros = createZeros(b, sizes, type);
  auto stats = GroupStatsOp::create(
      b, TypeRange{zeros.getType(), zeros.getType(), zeros.getType()},
      op.getX(), zeros, zeros, zeros, op.getNumGroupsAttr(),
      op.getGroupingAttr(), op.getFeatureDimAttr());
  auto normalize = GroupNormalizeOp::create(
      b, op.getInit().getType(), op.getX(), stats.getResult(0),
      stats.getResult(1), stats.getResult(2), op.getGamma(), op.getBeta(),
      op.getEpilogueInputs(), op.getInit(), op.getNumGroupsAttr(),
      op.getEpsilonAttr(), op.getGroupingAttr(), op.getEpsilonPlacementAttr(),
      op.getFeatureDimAttr(), op.getEpilogueMapsAttr(),
      op.getEpilogue().size());
  IRMapping mapping;
  for (auto [from, to] :
       llvm::zip_equal(op.getEpilogue(), normalize.getEpilogue()))
    from.cloneInto(&to, mapping);
  SmallVector<Value> results(normalize.getResult());
  if (op.savesStatistics())
    llvm::append_range(results, createSavedStatistics(b, op, stats));
  return results;
}

namespace {

struct DecomposeGroupNorm : OpRewritePattern<GroupNormOp> {
  DecomposeGroupNorm(MLIRContext *context, StatisticsType statisticsType)
      : OpRewritePattern(context), statisticsType(statisticsType) {}

  LogicalResult matchAndRewrite(GroupNormOp op,
                                PatternRewriter &rewriter) const override {
    FailureOr<SmallVector<Value>> results =
        decomposeGroupNorm(rewriter, op, statisticsType);
    if (failed(results))
      return rewriter.notifyMatchFailure(op, "only tensors are decomposed");
    rewriter.replaceOp(op, *results);
    return success();
  }

  StatisticsType statisticsType;
};

/// A half on tensors, through the interface that it shares with other ops.
template <typename OpTy> struct DecomposeHalf : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    auto aggregated = dyn_cast<linalg::AggregatedOpInterface>(*op);
    if (!aggregated)
      return rewriter.notifyMatchFailure(
          op, "the external models of AggregatedOpInterface are missing");
    FailureOr<SmallVector<Value>> results =
        aggregated.decomposeOperation(rewriter);
    if (failed(results))
      return rewriter.notifyMatchFailure(op, "only tensors are decomposed");
    rewriter.replaceOp(op, *results);
    return success();
  }
};

struct GNDecompose : gn::impl::GNDecomposePassBase<GNDecompose> {
  using GNDecomposePassBase::GNDecomposePassBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateDecomposeGroupNormPatterns(patterns, statisticsType);
    if (!halvesOnly)
      populateDecomposeHalvesPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace

void gn::populateDecomposeGroupNormPatterns(RewritePatternSet &patterns,
                                            StatisticsType statisticsType) {
  patterns.add<DecomposeGroupNorm>(patterns.getContext(), statisticsType);
}

void gn::populateDecomposeHalvesPatterns(RewritePatternSet &patterns) {
  patterns.add<DecomposeHalf<GroupStatsOp>, DecomposeHalf<GroupNormalizeOp>>(
      patterns.getContext());
}
