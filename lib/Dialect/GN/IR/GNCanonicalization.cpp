//===- GNCanonicalization.cpp - Rewrites that are always right ------------===//

#include "GNEpilogue.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace gn;

/// Whether `value` is a constant all of whose elements equal `expected`.
static bool isConstantOf(Value value, double expected) {
  DenseElementsAttr elements;
  if (!value || !matchPattern(value, m_Constant(&elements)) ||
      !elements.isSplat())
    return false;
  auto splat = dyn_cast<FloatAttr>(elements.getSplatValue<Attribute>());
  return splat && splat.getValue().convertToDouble() == expected &&
         !(expected == 0 && splat.getValue().isNegative());
}

namespace {
/// A gamma of ones with a beta of zeros is what their absence stands for: drop
/// both. A beta of negative zeros stays, since x + -0.0 keeps the sign of a
/// zero where x + 0.0 does not.
template <typename OpTy> struct DropNeutralAffine : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!isConstantOf(op.getGamma(), 1) || !isConstantOf(op.getBeta(), 0))
      return failure();
    rewriter.modifyOpInPlace(op, [&] {
      op.getGammaMutable().clear();
      op.getBetaMutable().clear();
    });
    return success();
  }
};

/// With one group, or one feature a group, both groupings are the same map:
/// keep the default, so that equal ops look equal.
template <typename OpTy> struct NormalizeGrouping : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    int64_t groups = op.getNumGroups();
    if (op.isInterleaved() || (groups != 1 && groups != op.getNumFeatures()))
      return failure();
    rewriter.modifyOpInPlace(op,
                             [&] { op.setGrouping(Grouping::Interleaved); });
    return success();
  }
};
} // namespace

void GroupNormOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add<DropNeutralAffine<GroupNormOp>, NormalizeGrouping<GroupNormOp>>(
      context);
  populateEpilogueCanonicalizationPatterns<GroupNormOp>(patterns);
}

void GroupStatsOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                               MLIRContext *context) {
  patterns.add<NormalizeGrouping<GroupStatsOp>>(context);
}

void GroupNormalizeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                                   MLIRContext *context) {
  patterns.add<DropNeutralAffine<GroupNormalizeOp>,
               NormalizeGrouping<GroupNormalizeOp>>(context);
  populateEpilogueCanonicalizationPatterns<GroupNormalizeOp>(patterns);
}
