//===- PrepareForMSL.cpp - Rewrite kernels into what MSL can say ----------===//
//
// All rewriting is here; the printer only prints.
//
//===----------------------------------------------------------------------===//

#include "groupnorm/Target/MSL/Passes.h"
#include "groupnorm/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace gn {
#define GEN_PASS_DEF_PREPAREFORMSLPASS
#include "groupnorm/Target/MSL/Passes.h.inc"
} // namespace gn

using namespace mlir;

/// `type` with elements of `element`.
static Type withElement(Type type, Type element) {
  if (auto vector = dyn_cast<VectorType>(type))
    return vector.clone(element);
  return element;
}

namespace {

/// Arithmetic on bf16 becomes arithmetic on f32, rounded at its end.
struct WidenBFloatArithmetic : RewritePattern {
  WidenBFloatArithmetic(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    auto isBFloat = [](Type type) {
      return getElementTypeOrSelf(type).isBF16();
    };
    bool isArithmetic =
        isa<arith::ArithDialect, math::MathDialect>(op->getDialect()) ||
        isa<vector::FMAOp>(op);
    // Moving and converting bf16 needs no arithmetic.
    if (!isArithmetic ||
        isa<arith::ConstantOp, arith::ExtFOp, arith::TruncFOp, arith::BitcastOp,
            arith::SelectOp>(op) ||
        llvm::none_of(op->getOperandTypes(), isBFloat))
      return failure();
    Location loc = op->getLoc();
    Type f32 = rewriter.getF32Type();
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      if (isBFloat(operand.getType()))
        operand = arith::ExtFOp::create(
            rewriter, loc, withElement(operand.getType(), f32), operand);
      operands.push_back(operand);
    }
    SmallVector<Type> types;
    for (Type type : op->getResultTypes())
      types.push_back(isBFloat(type) ? withElement(type, f32) : type);
    OperationState state(loc, op->getName(), operands, types, op->getAttrs());
    Operation *wide = rewriter.create(state);
    SmallVector<Value> results;
    for (auto [result, type] :
         llvm::zip_equal(wide->getResults(), op->getResultTypes())) {
      results.push_back(
          result.getType() == type
              ? Value(result)
              : arith::TruncFOp::create(rewriter, loc, type, result));
    }
    rewriter.replaceOp(op, results);
    return success();
  }
};

/// A reduction of a short vector becomes arithmetic on its elements, pairwise.
struct ExpandReduction : OpRewritePattern<vector::ReductionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(vector::ReductionOp op,
                                PatternRewriter &rewriter) const override {
    VectorType type = op.getSourceVectorType();
    if (type.getRank() != 1 || type.isScalable() || type.getNumElements() > 4)
      return failure();
    SmallVector<Value> values;
    for (int64_t i = 0; i < type.getNumElements(); ++i)
      values.push_back(
          vector::ExtractOp::create(rewriter, op.getLoc(), op.getVector(), i));
    if (op.getAcc())
      values.insert(values.begin(), op.getAcc());
    while (values.size() > 1) {
      SmallVector<Value> next;
      for (size_t i = 0; i + 1 < values.size(); i += 2)
        next.push_back(vector::makeArithReduction(
            rewriter, op.getLoc(), op.getKind(), values[i], values[i + 1]));
      if (values.size() % 2)
        next.push_back(values.back());
      values = std::move(next);
    }
    rewriter.replaceOp(op, values.front());
    return success();
  }
};

/// max and min that pass NaN on: a comparison that fails on NaN keeps it.
template <typename OpTy, arith::CmpFPredicate predicate>
struct ExpandPropagatingMinMax : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Value a = op.getLhs(), b = op.getRhs();
    // a, unless b is more, or b is NaN.
    Value isMore = arith::CmpFOp::create(rewriter, loc, predicate, b, a);
    Value isNaN =
        arith::CmpFOp::create(rewriter, loc, arith::CmpFPredicate::UNO, b, b);
    Value takesB = arith::OrIOp::create(rewriter, loc, isMore, isNaN);
    rewriter.replaceOpWithNewOp<arith::SelectOp>(op, takesB, b, a);
    return success();
  }
};

struct PrepareForMSL : gn::impl::PrepareForMSLPassBase<PrepareForMSL> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<
        WidenBFloatArithmetic, ExpandReduction,
        ExpandPropagatingMinMax<arith::MaximumFOp, arith::CmpFPredicate::OGT>,
        ExpandPropagatingMinMax<arith::MinimumFOp, arith::CmpFPredicate::OLT>>(
        &getContext());
    gn::populateExpandErfPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    IRRewriter rewriter(&getContext());
    DominanceInfo dominance(getOperation());
    eliminateCommonSubExpressions(rewriter, dominance, getOperation());
  }
};

} // namespace
