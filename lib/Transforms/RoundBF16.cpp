//===- RoundBF16.cpp - Rounding f32 to bf16 by integers -------------------===//
//
// bf16 is the upper half of an f32. To round to the nearest, half of a unit is
// added to the bits, or a little less where that makes a tie even; a carry goes
// to where it belongs, the exponent. NaN could overflow: it keeps its upper
// half, made quiet, as the instructions of x86 and AArch64 have it.
//
// The choice is between integers of 32 bits, whose lanes are as wide as those
// of the comparison, and neither is a constant: LLVM moves a constant behind
// the conversion, and takes a choice between vectors of bf16 apart, with a
// branch for each lane. That is what arith-expand-ops comes to (LLVM 22).
//
//===----------------------------------------------------------------------===//

#include "BF16.h"
#include "groupnorm/Transforms/Passes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace gn {
#define GEN_PASS_DEF_ROUNDBF16PASS
#include "groupnorm/Transforms/Passes.h.inc"
} // namespace gn

using namespace mlir;

namespace {
struct RoundTruncation : OpRewritePattern<arith::TruncFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::TruncFOp op,
                                PatternRewriter &rewriter) const override {
    if (!gn::roundsToNearestBF16(op))
      return rewriter.notifyMatchFailure(op, "not from f32 to nearest bf16");

    Value x = op.getIn();
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    auto withElement = [&](Type element) -> Type {
      auto shape = dyn_cast<ShapedType>(x.getType());
      return shape ? shape.clone(element) : element;
    };
    Type i32 = withElement(b.getI32Type());
    auto integer = [&](int64_t value) -> Value {
      TypedAttr attr = b.getI32IntegerAttr(value);
      if (auto shape = dyn_cast<ShapedType>(i32))
        attr = DenseElementsAttr::get(shape, Attribute(attr));
      return arith::ConstantOp::create(b, attr);
    };
    Value bits = arith::BitcastOp::create(b, i32, x);
    Value upper = arith::ShRUIOp::create(b, bits, integer(16));
    Value isOdd = arith::AndIOp::create(b, upper, integer(1));
    Value half = arith::AddIOp::create(b, bits, integer(0x7fff));
    Value rounded = arith::AddIOp::create(b, half, isOdd);
    Value isNaN = arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, x, x);
    Value quiet = arith::OrIOp::create(b, bits, integer(0x00400000));
    Value chosen = arith::SelectOp::create(b, isNaN, quiet, rounded);
    Value shifted = arith::ShRUIOp::create(b, chosen, integer(16));
    Value narrow =
        arith::TruncIOp::create(b, withElement(b.getI16Type()), shifted);
    rewriter.replaceOpWithNewOp<arith::BitcastOp>(op, op.getType(), narrow);
    return success();
  }
};

struct RoundBF16 : gn::impl::RoundBF16PassBase<RoundBF16> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<RoundTruncation>(&getContext());
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};
} // namespace
