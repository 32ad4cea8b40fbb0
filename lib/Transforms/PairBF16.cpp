//===- PairBF16.cpp - Widening and rounding pairs of bf16 -----------------===//
//
// Two neighbours of bf16 are an integer of 32 bits, of which the odd one is the
// upper half. bf16 is the upper half of an f32, so a mask widens the odd ones
// and a shift the even ones, and no lane moves.
//
// The other way, rounding is arithmetic on 16 bits, on both vectors at once.
// With u the upper halves of the f32 and l the lower ones, u + 1 is nearer
// where l > 0x8000, and the even one of two that are as near where l = 0x8000
// and u is odd: together, where (l | u & 1) > 0x8000. A carry goes to where it
// belongs, the exponent.
//
// NaN must not become something else. The largest u of either sign, 0x7fff and
// 0xffff, would: the subtraction of -1 saturates the former, and the maximum
// brings the latter back. A NaN whose upper half is that of an infinity would
// be lost too, but that is not a quiet one.
//
//===----------------------------------------------------------------------===//

#include "BF16.h"
#include "groupnorm/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace gn {
#define GEN_PASS_DEF_PAIRBF16PASS
#include "groupnorm/Transforms/Passes.h.inc"
} // namespace gn

using namespace mlir;

static Value createSplat(ImplicitLocOpBuilder &b, int64_t value,
                         VectorType type) {
  return arith::ConstantOp::create(
      b, DenseElementsAttr::get(
             type, b.getIntegerAttr(type.getElementType(), value)));
}

/// Whether a NaN of `value` is a quiet one, as the results of arithmetic are.
static bool hasQuietNaN(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return false;
  if (isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp,
          math::FmaOp>(op))
    return true;
  if (auto select = dyn_cast<arith::SelectOp>(op))
    return hasQuietNaN(select.getTrueValue()) &&
           hasQuietNaN(select.getFalseValue());
  if (isa<arith::MaximumFOp, arith::MinimumFOp>(op))
    return llvm::all_of(op->getOperands(), hasQuietNaN);
  FloatAttr splat;
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    if (auto dense = dyn_cast<SplatElementsAttr>(constant.getValue()))
      splat = dyn_cast<FloatAttr>(dense.getSplatValue<Attribute>());
  return splat && !splat.getValue().isNaN();
}

/// Whether it is a vector of one dimension.
static bool isRow(VectorType type) {
  return type.getRank() == 1 && !type.isScalable();
}

namespace {
struct WidenPart : OpRewritePattern<arith::ExtFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::ExtFOp op,
                                PatternRewriter &rewriter) const override {
    auto pairs = op.getIn().getDefiningOp<vector::DeinterleaveOp>();
    if (!pairs || !isRow(pairs.getSourceVectorType()) ||
        !pairs.getSourceVectorType().getElementType().isBF16() ||
        !getElementTypeOrSelf(op.getType()).isF32())
      return rewriter.notifyMatchFailure(op, "not of a row's pairs of bf16");

    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    auto i32 = cast<VectorType>(op.getType()).clone(b.getI32Type());
    Value bits = vector::BitCastOp::create(b, i32, pairs.getSource());
    if (op.getIn() == pairs.getRes1())
      bits = arith::ShLIOp::create(b, bits, createSplat(b, 16, i32));
    else
      bits = arith::AndIOp::create(b, bits, createSplat(b, -0x10000, i32));
    rewriter.replaceOpWithNewOp<arith::BitcastOp>(op, op.getType(), bits);
    return success();
  }
};

struct RoundPair : OpRewritePattern<vector::InterleaveOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(vector::InterleaveOp op,
                                PatternRewriter &rewriter) const override {
    VectorType type = op.getResultVectorType();
    if (!isRow(type) || !type.getElementType().isBF16())
      return rewriter.notifyMatchFailure(op, "not of rows of bf16");
    SmallVector<Value> parts;
    for (Value operand : op->getOperands()) {
      auto truncation = operand.getDefiningOp<arith::TruncFOp>();
      if (!truncation || !gn::roundsToNearestBF16(truncation) ||
          !getElementTypeOrSelf(truncation.getIn().getType()).isF32())
        return rewriter.notifyMatchFailure(op, "not rounded from f32");
      if (!hasQuietNaN(truncation.getIn()))
        return rewriter.notifyMatchFailure(op, "a NaN may not be quiet");
      parts.push_back(truncation.getIn());
    }

    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    int64_t length = type.getNumElements();
    auto i32 = VectorType::get(length / 2, b.getI32Type());
    auto i16 = VectorType::get(length, b.getI16Type());
    auto asWords = [&](Value pairs) -> Value {
      return vector::BitCastOp::create(b, i16, pairs);
    };
    Value even = arith::BitcastOp::create(b, i32, parts[0]);
    Value odd = arith::BitcastOp::create(b, i32, parts[1]);
    Value sixteen = createSplat(b, 16, i32);
    SmallVector<bool> places;
    for (int64_t i = 0; i < length; ++i)
      places.push_back(i % 2 == 0);
    Value isEven = arith::ConstantOp::create(
        b, DenseElementsAttr::get(VectorType::get(length, b.getI1Type()),
                                  ArrayRef<bool>(places)));
    Value upper = arith::SelectOp::create(
        b, isEven, asWords(arith::ShRUIOp::create(b, even, sixteen)),
        asWords(odd));
    Value lower = arith::SelectOp::create(
        b, isEven, asWords(even),
        asWords(arith::ShLIOp::create(b, odd, sixteen)));

    Value isOdd = arith::AndIOp::create(b, upper, createSplat(b, 1, i16));
    Value rest = arith::OrIOp::create(b, lower, isOdd);
    Value goesUp = arith::CmpIOp::create(b, arith::CmpIPredicate::ugt, rest,
                                         createSplat(b, -0x8000, i16));
    Value minusOne = arith::ExtSIOp::create(b, i16, goesUp);
    Value rounded = LLVM::SSubSat::create(b, i16, upper, minusOne);
    Value kept = arith::MaxUIOp::create(b, upper, rounded);
    rewriter.replaceOpWithNewOp<arith::BitcastOp>(op, type, kept);
    return success();
  }
};

struct PairBF16 : gn::impl::PairBF16PassBase<PairBF16> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<WidenPart, RoundPair>(&getContext());
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};
} // namespace
