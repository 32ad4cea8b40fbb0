//===- RoundBF16.cpp - Rounding to bf16 by integers -----------------------===//
//
// f64 becomes an f32 first, rounded to odd: towards zero, with the last bit set
// if anything was lost. An f32 has more than two bits beyond bf16, so what is
// then rounded to bf16 is as if rounded once (Boldo and Melquiond, "When double
// rounding is odd", 2005).
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
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace gn {
#define GEN_PASS_DEF_ROUNDBF16PASS
#include "groupnorm/Transforms/Passes.h.inc"
} // namespace gn

using namespace mlir;

/// `type`, or a vector like it, with elements of another type.
static Type withElement(Type type, Type element) {
  auto shape = dyn_cast<ShapedType>(type);
  return shape ? shape.clone(element) : element;
}

static Value createInteger(ImplicitLocOpBuilder &b, Type type, int64_t value) {
  TypedAttr attr = b.getI32IntegerAttr(value);
  if (auto shape = dyn_cast<ShapedType>(type))
    attr = DenseElementsAttr::get(shape, Attribute(attr));
  return arith::ConstantOp::create(b, attr);
}

/// f32 to bf16, to nearest.
static Value roundByIntegers(ImplicitLocOpBuilder &b, Value x) {
  Type i32 = withElement(x.getType(), b.getI32Type());
  Value bits = arith::BitcastOp::create(b, i32, x);
  Value upper = arith::ShRUIOp::create(b, bits, createInteger(b, i32, 16));
  Value isOdd = arith::AndIOp::create(b, upper, createInteger(b, i32, 1));
  Value half = arith::AddIOp::create(b, bits, createInteger(b, i32, 0x7fff));
  Value rounded = arith::AddIOp::create(b, half, isOdd);
  Value isNaN = arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, x, x);
  Value quiet =
      arith::OrIOp::create(b, bits, createInteger(b, i32, 0x00400000));
  Value chosen = arith::SelectOp::create(b, isNaN, quiet, rounded);
  Value shifted = arith::ShRUIOp::create(b, chosen, createInteger(b, i32, 16));
  Value narrow = arith::TruncIOp::create(
      b, withElement(x.getType(), b.getI16Type()), shifted);
  return arith::BitcastOp::create(b, withElement(x.getType(), b.getBF16Type()),
                                  narrow);
}

/// f64 to f32, to odd. NaN and infinities stay.
static Value roundToOdd(ImplicitLocOpBuilder &b, Value x) {
  Type f32 = withElement(x.getType(), b.getF32Type());
  Type i32 = withElement(x.getType(), b.getI32Type());
  Value nearest = arith::TruncFOp::create(b, f32, x);
  Value back = arith::ExtFOp::create(b, x.getType(), nearest);
  Value isAway = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT,
                                       math::AbsFOp::create(b, back),
                                       math::AbsFOp::create(b, x));
  Value isInexact =
      arith::CmpFOp::create(b, arith::CmpFPredicate::ONE, back, x);
  Value bits = arith::BitcastOp::create(b, i32, nearest);
  Value towardsZero =
      arith::SubIOp::create(b, bits, arith::ExtUIOp::create(b, i32, isAway));
  Value odd = arith::OrIOp::create(b, towardsZero,
                                   arith::ExtUIOp::create(b, i32, isInexact));
  return arith::BitcastOp::create(b, f32, odd);
}

namespace {
/// Rounds f64, and maybe f32.
struct RoundTruncation : OpRewritePattern<arith::TruncFOp> {
  RoundTruncation(MLIRContext *context, bool roundF32)
      : OpRewritePattern(context), roundF32(roundF32) {}

  LogicalResult matchAndRewrite(arith::TruncFOp op,
                                PatternRewriter &rewriter) const override {
    Value x = op.getIn();
    bool isF64 = getElementTypeOrSelf(x.getType()).isF64();
    if (!gn::roundsToNearestBF16(op) || !(isF64 || roundF32))
      return rewriter.notifyMatchFailure(op, "not to nearest bf16");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    if (isF64)
      x = roundToOdd(b, x);
    rewriter.replaceOp(
        op, roundF32 ? roundByIntegers(b, x)
                     : arith::TruncFOp::create(b, op.getType(), x).getResult());
    return success();
  }

private:
  bool roundF32;
};

struct RoundBF16 : gn::impl::RoundBF16PassBase<RoundBF16> {
  using RoundBF16PassBase::RoundBF16PassBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<RoundTruncation>(&getContext(), roundF32);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};
} // namespace
