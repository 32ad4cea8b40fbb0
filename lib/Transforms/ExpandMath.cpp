//===- ExpandMath.cpp - exp, tanh and erf as arithmetic -------------------===//
//
// Code for math.exp, math.tanh and math.erf of f32 and f64, scalars and vectors
// alike, without a branch, a table or a call. All three go by
//
//   x = n ln 2 + r with |r| <= ln(2)/2 (Cody and Waite, "Software Manual for
//   the Elementary Functions", 1980, with fused multiply-adds)
//
//   exp   e^x = 2^n P(r).
//   tanh  of t = |x|: (1 - e^-2t) / (1 + e^-2t), where e^-2t - 1 and e^-2t + 1
//         are 2^n m + (2^n - 1) and 2^n m + (2^n + 1), m = e^r - 1: no
//         cancellation, near zero or elsewhere.
//   erf   of t = |x|: 1 - e^-g(t), in the same way, where g is -ln(erfc(t)),
//         which is smooth.
//
// tanh and erf take the sign of x. Two sums are cheaper than their terms:
//
//   e^x + c       tolerates an e^x that is zero where it is no normal number,
//                 so that one multiplication by a power of two, fused with the
//                 addition, is enough.
//   1 + tanh(x)   is 2 / (1 + e^-2x).
//
// utils/fit_elementary.py computes the polynomials, and says how.
//
//===----------------------------------------------------------------------===//

#include "groupnorm/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace gn {
#define GEN_PASS_DEF_EXPANDMATHPASS
#include "groupnorm/Transforms/Passes.h.inc"
} // namespace gn

using namespace mlir;

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

namespace {
/// What depends on the format. Coefficients are in ascending order.
struct Format {
  int mantissaBits, bias;
  /// Adding and subtracting it rounds to an integer.
  double roundingShift;
  double ln2High, ln2Low;
  /// Beyond these, e^x is infinite or zero.
  double largestExponent, smallestExponent;
  /// Below it, e^x is no normal number, or hardly one.
  double smallestNormalExponent;
  /// Where tanh and erf are 1.
  double tanhIsOne, erfIsOne;
  ArrayRef<double> exp;     // e^r, |r| <= ln(2)/2
  ArrayRef<double> expTail; // (e^r - 1 - r) / r^2
  ArrayRef<double> erfc;    // -ln(erfc(t)) / t - 1 in t - erfcCentre
  double erfcCentre;
};
} // namespace

static constexpr double kExp32[] = {1,           0.999999464,  0.49999091,
                                    0.166681096, 0.0419041738, 0.00826994237};
static constexpr double kExpTail32[] = {0.49999997, 0.166665435, 0.0416672006,
                                        0.00836652052, 0.00138825213};
static constexpr double kErfc32[] = {
    0.128379166,     0.636619389,     0.102777764,
    -0.0191530623,   -0.000159776013, 0.00166578498,
    -0.000631856499, 0.000117296542,  -9.21144874e-06};
static constexpr double kExp64[] = {1,
                                    1,
                                    0.50000000000000011,
                                    0.16666666666666669,
                                    0.041666666666624129,
                                    0.0083333333333300615,
                                    0.0013888888917213717,
                                    0.00019841269863053618,
                                    2.4801521295954376e-05,
                                    2.7557268459997064e-06,
                                    2.7620088445409746e-07,
                                    2.510038549551032e-08};
static constexpr double kErfc64[] = {
    2.1227261090909058,      0.89198185675819397,     0.020764750706379651,
    -0.0039626711871365329,  0.00071887771524694222,  -0.00011917806152139977,
    1.6858902510952935e-05,  -1.6412253237463374e-06, -5.1102489157836573e-08,
    8.2828722435240128e-08,  -2.8088460593150946e-08, 6.8623506120077655e-09,
    -1.3395354995958362e-09, 1.994168634420873e-10,   -1.5017086403224985e-11,
    -3.411387821199408e-12,  1.9938569384467744e-12,  -6.1336453749606112e-13,
    1.4789918305737213e-13,  -2.7603984227903584e-14, 2.6658875843985753e-15,
    2.4668035672323818e-16,  -7.243121017530807e-17,  1.0775091086282705e-17,
    -1.7077465057130039e-17, 7.9893367890848081e-18,  -1.1864385410901157e-18,
    -1.3145196958110053e-19, 6.9591926791567775e-20,  -9.163218379540523e-21,
    4.3102678600141382e-22};

static const Format &getFormat(Type type) {
  static const Format f32 = {
      23,  127,  0x1.8p23, 0x1.62e43p-1, -0x1.05c61p-29, 89,      -104,
      -87, 9.02, 3.95,     kExp32,       kExpTail32,     kErfc32, 0};
  static const Format f64 = {52,
                             1023,
                             0x1.8p52,
                             0x1.62e42fefa39efp-1,
                             0x1.abc9e3b39803fp-56,
                             710,
                             -746,
                             -708,
                             20,
                             6,
                             kExp64,
                             ArrayRef(kExp64).drop_front(2),
                             kErfc64,
                             2.5};
  return type.isF64() ? f64 : f32;
}

/// The value of a constant, scalar or splat.
static std::optional<double> getConstant(Value value) {
  FloatAttr number;
  DenseElementsAttr elements;
  if (matchPattern(value, m_Constant(&number)))
    return number.getValueAsDouble();
  if (matchPattern(value, m_Constant(&elements)) && elements.isSplat() &&
      isa<FloatType>(elements.getElementType()))
    return elements.getSplatValue<FloatAttr>().getValueAsDouble();
  return std::nullopt;
}

/// Whether `x` is cut off at a constant of at least `limit`.
static bool isAtLeast(Value x, double limit) {
  auto cut = x.getDefiningOp<arith::MaximumFOp>();
  return cut && llvm::any_of(cut.getOperands(), [&](Value operand) {
           std::optional<double> bound = getConstant(operand);
           return bound && *bound >= limit;
         });
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

namespace {
/// Builds arithmetic on numbers of one type, a float or a vector of floats.
class Arithmetic {
public:
  Arithmetic(Location loc, OpBuilder &builder, Type type)
      : b(loc, builder), type(type),
        format(getFormat(getElementTypeOrSelf(type))) {
    unsigned bits = getElementTypeOrSelf(type).getIntOrFloatBitWidth();
    integerType = b.getIntegerType(bits);
    if (auto vector = dyn_cast<VectorType>(type))
      integerType = vector.clone(integerType);
  }

  Value exp(Value x);
  Value tanh(Value x);
  Value erf(Value x);
  /// e^x + `summand`, exact to a rounding where |summand| is a normal number
  /// and not tiny.
  Value expPlus(Value x, Value summand);
  Value onePlusTanh(Value x);

private:
  struct Reduced {
    Value bits; // n + `offset` in the lowest bits
    Value r;
  };
  Reduced reduce(Value x, int offset, bool inTwoSteps);
  /// 2^n and e^r - 1, for x from the smallest exponent of a normal number to 0.
  std::pair<Value, Value> splitExp(Value x);
  /// The power of two whose biased exponent is in the lowest bits.
  Value powerOfTwo(Value bits) {
    return arith::BitcastOp::create(
        b, type, arith::ShLIOp::create(b, bits, integer(format.mantissaBits)));
  }

  template <typename AttrTy> Value constant(AttrTy attr, Type type) {
    if (auto vector = dyn_cast<VectorType>(type))
      return arith::ConstantOp::create(b, DenseElementsAttr::get(vector, attr));
    return arith::ConstantOp::create(b, attr);
  }
  Value number(double value) {
    return constant(b.getFloatAttr(getElementTypeOrSelf(type), value), type);
  }
  Value integer(int64_t value) {
    return constant(b.getIntegerAttr(getElementTypeOrSelf(integerType), value),
                    integerType);
  }
  Value add(Value lhs, Value rhs) { return arith::AddFOp::create(b, lhs, rhs); }
  Value sub(Value lhs, Value rhs) { return arith::SubFOp::create(b, lhs, rhs); }
  Value mul(Value lhs, Value rhs) { return arith::MulFOp::create(b, lhs, rhs); }
  Value div(Value lhs, Value rhs) { return arith::DivFOp::create(b, lhs, rhs); }
  Value neg(Value x) { return arith::NegFOp::create(b, x); }
  Value fma(Value x, Value y, Value z) {
    return math::FmaOp::create(b, x, y, z);
  }
  /// NaN stays NaN.
  Value atMost(Value x, double limit) {
    return arith::MinimumFOp::create(b, x, number(limit));
  }
  Value atLeast(Value x, double limit) {
    return arith::MaximumFOp::create(b, x, number(limit));
  }
  /// x within limits. A sign goes behind them, where it costs nothing, and a
  /// limit that x keeps already is left out.
  Value clamp(Value x, double low, double high) {
    if (auto op = x.getDefiningOp<arith::NegFOp>())
      return neg(clamp(op.getOperand(), -high, -low));
    Value cut = isAtLeast(x, low) ? x : atLeast(x, low);
    return atMost(cut, high);
  }
  /// The polynomial by Horner's rule, times `factor`.
  Value polynomial(ArrayRef<double> coefficients, Value x, double factor = 1) {
    Value sum = number(coefficients.back() * factor);
    for (double coefficient : llvm::reverse(coefficients.drop_back()))
      sum = fma(sum, x, number(coefficient * factor));
    return sum;
  }

  ImplicitLocOpBuilder b;
  Type type, integerType;
  const Format &format;
};
} // namespace

Arithmetic::Reduced Arithmetic::reduce(Value x, int offset, bool inTwoSteps) {
  // The low bits of a number in [2^mantissaBits, 2^(mantissaBits + 1)) are its
  // integer part. A conversion would be undefined for NaN.
  Value shift = number(format.roundingShift + offset);
  Value shifted = fma(x, number(llvm::numbers::log2e), shift);
  Value n = sub(shift, shifted);
  Value r = fma(n, number(format.ln2High), x);
  if (inTwoSteps)
    r = fma(n, number(format.ln2Low), r);
  return {arith::BitcastOp::create(b, integerType, shifted), r};
}

Value Arithmetic::exp(Value x) {
  x = clamp(x, format.smallestExponent, format.largestExponent);
  // In two steps: 2^n itself may be infinite or less than a normal number.
  Reduced reduced = reduce(x, 2 * format.bias, /*inTwoSteps=*/true);
  Value half = arith::ShRUIOp::create(b, reduced.bits, integer(1));
  Value rest = arith::SubIOp::create(b, reduced.bits, half);
  return mul(mul(polynomial(format.exp, reduced.r), powerOfTwo(half)),
             powerOfTwo(rest));
}

Value Arithmetic::expPlus(Value x, Value summand) {
  x = clamp(x, format.smallestNormalExponent, format.largestExponent);
  // 2 P(r) times 2^(n-1), which is zero below the normal numbers, and not
  // infinite before e^x is.
  Reduced reduced = reduce(x, format.bias - 1, /*inTwoSteps=*/true);
  return fma(polynomial(format.exp, reduced.r, 2), powerOfTwo(reduced.bits),
             summand);
}

std::pair<Value, Value> Arithmetic::splitExp(Value x) {
  // What one step loses grows with n, and e^x is the smaller.
  Reduced reduced = reduce(x, format.bias, /*inTwoSteps=*/false);
  Value r = reduced.r;
  return {powerOfTwo(reduced.bits),
          fma(polynomial(format.expTail, r), mul(r, r), r)};
}

Value Arithmetic::tanh(Value x) {
  Value t = atMost(math::AbsFOp::create(b, x), format.tanhIsOne);
  auto [power, m] = splitExp(neg(add(t, t)));
  Value one = number(1);
  Value quotient =
      div(fma(power, m, sub(power, one)), fma(power, m, add(power, one)));
  return math::CopySignOp::create(b, quotient, x);
}

Value Arithmetic::onePlusTanh(Value x) {
  return div(number(2), expPlus(neg(add(x, x)), number(1)));
}

Value Arithmetic::erf(Value x) {
  Value t = atMost(math::AbsFOp::create(b, x), format.erfIsOne);
  Value u = format.erfcCentre == 0 ? t : sub(t, number(format.erfcCentre));
  auto [power, m] = splitExp(neg(fma(polynomial(format.erfc, u), t, t)));
  Value result = fma(neg(power), m, sub(number(1), power));
  return math::CopySignOp::create(b, result, x);
}

//===----------------------------------------------------------------------===//
// Patterns and pass
//===----------------------------------------------------------------------===//

namespace {
/// Rewrites an op by what `expand` builds of its operand; for the half types by
/// way of f32.
template <typename OpTy, Value (Arithmetic::*expand)(Value)>
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
    Arithmetic arithmetic(op.getLoc(), rewriter, computeType);
    Value result = (arithmetic.*expand)(x);
    if (isHalf)
      result = arith::TruncFOp::create(rewriter, op.getLoc(), type, result);
    rewriter.replaceOp(op, result);
    return success();
  }
};

/// A sum whose other term is an exponential, or 1 and a hyperbolic tangent.
struct ExpandSum : OpRewritePattern<arith::AddFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::AddFOp op,
                                PatternRewriter &rewriter) const override {
    Type element = getElementTypeOrSelf(op.getType());
    if (!element.isF32() && !element.isF64())
      return rewriter.notifyMatchFailure(op, "not f32 or f64");
    Value term = op.getLhs(), summand = op.getRhs();
    std::optional<double> number = getConstant(summand);
    if (!number) {
      std::swap(term, summand);
      number = getConstant(summand);
    }
    // What e^x is where it is no normal number must not matter.
    constexpr double kLeast = 0x1p-60;
    if (!number || !term.hasOneUse() || !(std::abs(*number) >= kLeast))
      return rewriter.notifyMatchFailure(op, "no sum of a term and a number");
    Arithmetic arithmetic(op.getLoc(), rewriter, op.getType());
    if (auto exp = term.getDefiningOp<math::ExpOp>()) {
      rewriter.replaceOp(op, arithmetic.expPlus(exp.getOperand(), summand));
      return success();
    }
    auto tanh = term.getDefiningOp<math::TanhOp>();
    if (!tanh || *number != 1)
      return rewriter.notifyMatchFailure(op, "neither exp nor 1 + tanh");
    rewriter.replaceOp(op, arithmetic.onePlusTanh(tanh.getOperand()));
    return success();
  }
};

struct ExpandMath : gn::impl::ExpandMathPassBase<ExpandMath> {
  void runOnOperation() override {
    // Sums first, while their terms are there.
    RewritePatternSet sums(&getContext()), patterns(&getContext());
    sums.add<ExpandSum>(&getContext());
    walkAndApplyPatterns(getOperation(), std::move(sums));
    gn::populateExpandMathPatterns(patterns);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};
} // namespace

void gn::populateExpandMathPatterns(RewritePatternSet &patterns) {
  populateExpandErfPatterns(patterns);
  patterns.add<Expand<math::ExpOp, &Arithmetic::exp>,
               Expand<math::TanhOp, &Arithmetic::tanh>>(patterns.getContext());
}

void gn::populateExpandErfPatterns(RewritePatternSet &patterns) {
  patterns.add<Expand<math::ErfOp, &Arithmetic::erf>>(patterns.getContext());
}
