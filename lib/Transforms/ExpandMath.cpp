//===- ExpandMath.cpp - exp, tanh and erf as arithmetic -------------------===//
//
// Code for math.exp, math.tanh and math.erf of f32 and f64, scalars and vectors
// alike, without a branch, a table or a call.
//
//   exp   x = n ln 2 + r with |r| <= ln(2)/2 (Cody and Waite, "Software Manual
//         for the Elementary Functions", 1980, with fused multiply-adds), then
//         e^x = 2^n (1 + r + r^2 P(r)).
//   tanh  t + t^3 P(t^2) below 0.625, and 1 - 2 / (e^2t + 1), written in
//         e^-2t, above.
//   erf   t + t P(t^2) below 1, and 1 - e^-Q(t - 1) above, where Q is
//         -ln(erfc(t)), which is smooth.
//
// tanh and erf are of t = |x| and take the sign of x. Each P and Q interpolates
// its function at the nodes of a Chebyshev polynomial of the first kind over
// the interval where it is used, computed in 60 digits; that is within a small
// factor of the best polynomial. The degrees leave an error well below the
// roundings' in f32, and of a few units in the last place in f64.
//
//===----------------------------------------------------------------------===//

#include "groupnorm/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
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
  /// Where tanh and erf are 1.
  double tanhIsOne, erfIsOne;
  ArrayRef<double> exp;  // (e^r - 1 - r) / r^2, |r| <= ln(2)/2
  ArrayRef<double> tanh; // (tanh(t)/t - 1) / t^2 in t^2, t <= 0.625
  ArrayRef<double> erf;  // erf(t)/t - 1 in t^2, t <= 1
  ArrayRef<double> erfc; // -ln(erfc(t)) in t - 1, 1 <= t <= erfIsOne
};
} // namespace

static constexpr double kExp32[] = {0.5, 0.166665778, 0.0416665561,
                                    0.00836317334, 0.00139261759};
static constexpr double kTanh32[] = {-0.333333343,   0.133333042,
                                     -0.0539592579,  0.0217689183,
                                     -0.00834394526, 0.00229274482};
static constexpr double kErf32[] = {
    0.128379166,   -0.376126379,    0.112837821,    -0.0268654302,
    0.00522103161, -0.000848408032, 0.000112659589, -9.66704465e-06};
static constexpr double kErfc32[] = {
    1.84960556,      2.63896775,     0.84310472,
    0.041575741,     -0.0100778081,  0.00205430086,
    -0.000320239575, 3.29608301e-05, -1.6371514e-06};
static constexpr double kExp64[] = {
    0.50000000000000011,    0.16666666666666669,    0.041666666666624164,
    0.008333333333330065,   0.0013888888917196719,  0.00019841269863040545,
    2.4801521322368692e-05, 2.7557268480310024e-06, 2.7620075879983367e-07,
    2.5100375832561234e-08};
static constexpr double kTanh64[] = {
    -0.33333333333333331,   0.13333333333333322,     -0.053968253968235902,
    0.021869488535133222,   -0.008863235499801992,   0.0035921275075992522,
    -0.0014558283998303246, 0.0005899818158388232,   -0.00023888944636751174,
    9.6041091570262655e-05, -3.7081069215442337e-05, 1.2209921790162781e-05,
    -2.4388316314720878e-06};
static constexpr double kErf64[] = {
    0.12837916709551259,     -0.37612638903183754,    0.11283791670955126,
    -0.026866170645131218,   0.0052239776254416736,   -0.0008548327023403001,
    0.00012055332978879483,  -1.4925650236967501e-05, 1.6462110782018636e-06,
    -1.6365768648832071e-07, 1.4806027146128752e-08,  -1.2277734486795524e-09,
    9.3237235181530271e-11,  -6.1967364287876997e-12, 2.8067128195611264e-13};
static constexpr double kErfc64[] = {
    1.8496055099332505,      2.638967514234317,       0.84310725637520356,
    0.04156109781207129,     -0.010033823688935272,   0.001977895045633395,
    -0.00023730031645189661, -2.6323174193586854e-05, 2.7225113902876197e-05,
    -9.6780320408811325e-06, 2.1109461380870477e-06,  -1.677078782239839e-07,
    -9.2097162164148698e-08, 5.423920062458463e-08,   -1.7544088360069447e-08,
    4.1333853780023824e-09,  -7.5131895726940893e-10, 1.0625552955056022e-10,
    -1.1531768782300016e-11, 9.2968263211221991e-13,  -5.2482078579229935e-14,
    1.851460944061107e-15,   -3.0711608343447995e-17};

static const Format &getFormat(Type type) {
  static const Format f32 = {
      23, 127, 0x1.8p23, 0x1.62e43p-1, -0x1.05c61p-29, 89,     -104,
      10, 4,   kExp32,   kTanh32,      kErf32,         kErfc32};
  static const Format f64 = {52,
                             1023,
                             0x1.8p52,
                             0x1.62e42fefa39efp-1,
                             0x1.abc9e3b39803fp-56,
                             710,
                             -746,
                             20,
                             6,
                             kExp64,
                             kTanh64,
                             kErf64,
                             kErfc64};
  return type.isF64() ? f64 : f32;
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

private:
  struct Power {
    Value scale;    // n, as an integer
    Value fraction; // e^r
  };
  Power reduce(Value x);
  Value powerOfTwo(Value n);
  /// e^x for x from the smallest exponent of a normal number to 0.
  Value expOfNegative(Value x) {
    Power power = reduce(x);
    return mul(power.fraction, powerOfTwo(power.scale));
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
  Value fma(Value x, Value y, Value z) {
    return math::FmaOp::create(b, x, y, z);
  }
  Value isLess(Value lhs, Value rhs) {
    return arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, lhs, rhs);
  }
  Value select(Value condition, Value yes, Value no) {
    return arith::SelectOp::create(b, condition, yes, no);
  }
  /// NaN stays NaN: no comparison with it holds.
  Value atMost(Value x, double limit) {
    Value bound = number(limit);
    return select(isLess(bound, x), bound, x);
  }
  Value atLeast(Value x, double limit) {
    Value bound = number(limit);
    return select(isLess(x, bound), bound, x);
  }
  /// The polynomial by Horner's rule.
  Value polynomial(ArrayRef<double> coefficients, Value x) {
    Value sum = number(coefficients.back());
    for (double coefficient : llvm::reverse(coefficients.drop_back()))
      sum = fma(sum, x, number(coefficient));
    return sum;
  }

  ImplicitLocOpBuilder b;
  Type type, integerType;
  const Format &format;
};
} // namespace

Arithmetic::Power Arithmetic::reduce(Value x) {
  // The low bits of a number in [2^mantissaBits, 2^(mantissaBits + 1)) are its
  // integer part. A conversion would be undefined for NaN.
  Value shift = number(format.roundingShift);
  Value shifted = fma(x, number(llvm::numbers::log2e), shift);
  Value n = arith::NegFOp::create(b, sub(shifted, shift));
  Value scale = arith::SubIOp::create(
      b, arith::BitcastOp::create(b, integerType, shifted),
      arith::BitcastOp::create(b, integerType, shift));
  Value r = fma(n, number(format.ln2High), x);
  r = fma(n, number(format.ln2Low), r);
  Value fraction = fma(polynomial(format.exp, r), mul(r, r), r);
  return {scale, add(fraction, number(1))};
}

Value Arithmetic::powerOfTwo(Value n) {
  Value biased = arith::AddIOp::create(b, n, integer(format.bias));
  return arith::BitcastOp::create(
      b, type, arith::ShLIOp::create(b, biased, integer(format.mantissaBits)));
}

Value Arithmetic::exp(Value x) {
  x = atLeast(atMost(x, format.largestExponent), format.smallestExponent);
  Power power = reduce(x);
  // In two steps: 2^n itself may be infinite or less than a normal number.
  Value half = arith::ShRSIOp::create(b, power.scale, integer(1));
  Value rest = arith::SubIOp::create(b, power.scale, half);
  return mul(mul(power.fraction, powerOfTwo(half)), powerOfTwo(rest));
}

Value Arithmetic::tanh(Value x) {
  Value magnitude = math::AbsFOp::create(b, x);
  Value t = atMost(magnitude, format.tanhIsOne);
  Value square = mul(t, t);
  Value small = fma(mul(t, square), polynomial(format.tanh, square), t);
  Value e = expOfNegative(mul(t, number(-2)));
  Value one = number(1);
  Value quotient = arith::DivFOp::create(b, add(e, e), add(e, one));
  Value large = sub(one, quotient);
  Value result = select(isLess(magnitude, number(0.625)), small, large);
  return math::CopySignOp::create(b, result, x);
}

Value Arithmetic::erf(Value x) {
  Value magnitude = math::AbsFOp::create(b, x);
  Value t = atMost(magnitude, format.erfIsOne);
  Value one = number(1);
  Value small = fma(t, polynomial(format.erf, mul(t, t)), t);
  Value exponent = polynomial(format.erfc, sub(t, one));
  exponent = arith::NegFOp::create(b, exponent);
  Value large = sub(one, expOfNegative(exponent));
  Value result = select(isLess(magnitude, one), small, large);
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

struct ExpandMath : gn::impl::ExpandMathPassBase<ExpandMath> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
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
