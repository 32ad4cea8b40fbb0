//===- ExpandMath.cpp - Ops of math as arithmetic -------------------------===//
//
// What the arithmetic is, Elementary.cpp says.
//
//===----------------------------------------------------------------------===//

#include "Elementary.h"
#include "groupnorm/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace gn {
#define GEN_PASS_DEF_EXPANDMATHPASS
#include "groupnorm/Transforms/Passes.h.inc"
} // namespace gn

using namespace mlir;
using gn::createNumber;
using gn::Elementary;
using gn::getFloatConstant;

namespace {
/// Rewrites an op by what `expand` builds of its operand; for the half types by
/// way of f32.
template <typename OpTy, Value (Elementary::*expand)(Value)>
struct Expand : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (op->use_empty()) {
      rewriter.eraseOp(op);
      return success();
    }
    Type type = op.getType(), element = getElementTypeOrSelf(type);
    bool isHalf = element.isF16() || element.isBF16();
    if (!isHalf && !element.isF32() && !element.isF64())
      return rewriter.notifyMatchFailure(op, "not f16, bf16, f32 or f64");
    Value x = op.getOperand();
    Type computeType = type;
    if (isHalf) {
      computeType = rewriter.getF32Type();
      if (auto vector = dyn_cast<VectorType>(type))
        computeType = vector.clone(computeType);
      x = arith::ExtFOp::create(rewriter, op.getLoc(), computeType, x);
    }
    Elementary elementary(op.getLoc(), rewriter, computeType);
    Value result = (elementary.*expand)(x);
    if (isHalf)
      result = arith::TruncFOp::create(rewriter, op.getLoc(), type, result);
    rewriter.replaceOp(op, result);
    return success();
  }
};
} // namespace

/// The other term of a sum with a constant, which is no part of anything else.
static std::pair<Value, std::optional<double>> splitSum(arith::AddFOp op) {
  Value term = op.getLhs();
  std::optional<double> number = getFloatConstant(op.getRhs());
  if (!number) {
    term = op.getRhs();
    number = getFloatConstant(op.getLhs());
  }
  if (!number || !term.hasOneUse())
    return {nullptr, std::nullopt};
  return {term, number};
}

/// What 2 is divided by to give `op`, if that is 1 + tanh(x) or 1 + erf(x);
/// null if it is not.
static Value getDenominator(arith::AddFOp op, OpBuilder &builder,
                            int64_t tableLanes) {
  auto [term, number] = splitSum(op);
  Type element = getElementTypeOrSelf(op.getType());
  if (number != 1 || (!element.isF32() && !element.isF64()))
    return nullptr;
  Elementary elementary(op.getLoc(), builder, op.getType(), tableLanes);
  if (auto tanh = term.getDefiningOp<math::TanhOp>())
    return elementary.onePlusTanhDenominator(tanh.getOperand());
  auto erf = term.getDefiningOp<math::ErfOp>();
  if (!erf || !element.isF32() || elementary.hasTable())
    return nullptr;
  return elementary.onePlusErfDenominator(erf.getOperand());
}

namespace {
/// A sum whose other term is an exponential, or 1 and a hyperbolic tangent or
/// an error function.
struct ExpandSum : OpRewritePattern<arith::AddFOp> {
  ExpandSum(MLIRContext *context, int64_t tableLanes)
      : OpRewritePattern(context), tableLanes(tableLanes) {}

  LogicalResult matchAndRewrite(arith::AddFOp op,
                                PatternRewriter &rewriter) const override {
    if (op->use_empty()) {
      rewriter.eraseOp(op);
      return success();
    }
    if (Value denominator = getDenominator(op, rewriter, tableLanes)) {
      rewriter.replaceOpWithNewOp<arith::DivFOp>(
          op, createNumber(rewriter, op.getLoc(), op.getType(), 2),
          denominator);
      return success();
    }
    Type element = getElementTypeOrSelf(op.getType());
    if (!element.isF32() && !element.isF64())
      return rewriter.notifyMatchFailure(op, "not f32 or f64");
    Elementary elementary(op.getLoc(), rewriter, op.getType(), tableLanes);
    // What e^x is where it is no normal number must not matter.
    constexpr double kLeast = 0x1p-60;
    auto [term, number] = splitSum(op);
    auto erf = term ? term.getDefiningOp<math::ErfOp>() : math::ErfOp();
    if (erf && number == 1 && elementary.hasTable()) {
      rewriter.replaceOp(op, elementary.onePlusErf(erf.getOperand()));
      return success();
    }
    auto exp = term ? term.getDefiningOp<math::ExpOp>() : math::ExpOp();
    if (!exp || !(std::abs(*number) >= kLeast))
      return rewriter.notifyMatchFailure(op, "no sum that is served");
    Value summand = term == op.getLhs() ? op.getRhs() : op.getLhs();
    rewriter.replaceOp(op, elementary.expPlus(exp.getOperand(), summand));
    return success();
  }

private:
  int64_t tableLanes;
};

/// A product with such a sum, as in GELU: one division of the other factor.
struct ExpandProduct : OpRewritePattern<arith::MulFOp> {
  ExpandProduct(MLIRContext *context, int64_t tableLanes)
      : OpRewritePattern(context), tableLanes(tableLanes) {}

  LogicalResult matchAndRewrite(arith::MulFOp op,
                                PatternRewriter &rewriter) const override {
    for (auto [factor, rest] : {std::pair(op.getLhs(), op.getRhs()),
                                std::pair(op.getRhs(), op.getLhs())}) {
      auto sum = factor.getDefiningOp<arith::AddFOp>();
      if (!sum || !sum->hasOneUse())
        continue;
      Value other = rest;
      Value denominator = getDenominator(sum, rewriter, tableLanes);
      if (!denominator)
        continue;
      // 2 x / d: where x is a half of something, that is at hand, and else 2 x
      // could be infinite.
      auto half = other.getDefiningOp<arith::MulFOp>();
      if (half && getFloatConstant(half.getRhs()) == 0.5)
        other = half.getLhs();
      else
        denominator = arith::MulFOp::create(
            rewriter, op.getLoc(), denominator,
            createNumber(rewriter, op.getLoc(), op.getType(), 0.5));
      rewriter.replaceOpWithNewOp<arith::DivFOp>(op, other, denominator);
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no product with 1 + tanh or erf");
  }

private:
  int64_t tableLanes;
};

struct ExpandMath : gn::impl::ExpandMathPassBase<ExpandMath> {
  using ExpandMathPassBase::ExpandMathPassBase;

  void runOnOperation() override {
    // The largest first, while its parts are there.
    RewritePatternSet products(&getContext()), sums(&getContext()),
        patterns(&getContext());
    products.add<ExpandProduct>(&getContext(), tableLanes);
    walkAndApplyPatterns(getOperation(), std::move(products));
    sums.add<ExpandSum>(&getContext(), tableLanes);
    walkAndApplyPatterns(getOperation(), std::move(sums));
    gn::populateExpandMathPatterns(patterns);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};
} // namespace

void gn::populateExpandMathPatterns(RewritePatternSet &patterns) {
  populateExpandErfPatterns(patterns);
  patterns.add<Expand<math::ExpOp, &Elementary::exp>,
               Expand<math::TanhOp, &Elementary::tanh>>(patterns.getContext());
}

void gn::populateExpandErfPatterns(RewritePatternSet &patterns) {
  patterns.add<Expand<math::ErfOp, &Elementary::erf>>(patterns.getContext());
}
