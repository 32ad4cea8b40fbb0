//===- Elementary.cpp - exp, tanh and erf as arithmetic -------------------===//
//
// Without a branch or a call. All three functions go by
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
// tanh and erf take the sign of x. Three sums are cheaper than their terms:
//
//   e^x + c       tolerates an e^x that is zero where it is no normal number,
//                 so that one multiplication by a power of two, fused with the
//                 addition, is enough.
//   1 + tanh(x)   is 2 / (1 + e^-2x).
//   1 + erf(x)    is 2 / (1 + 2^x l(x^2)) likewise, where l is smooth, and may
//                 be the less exact the larger x is.
//
// Where numbers are found in a register by the lane, the first takes n in
// eighths, with 2^(1/8) to 2^(7/8) in a register: that leaves a polynomial of
// two terms less, and fewer constants than AVX2 has registers. And the last
// needs neither a power nor a division: it is 1 + x P(x^2), where the
// coefficients of P are those of one of eight intervals.
//
// utils/fit_elementary.py computes the polynomials, and says how.
//
//===----------------------------------------------------------------------===//

#include "Elementary.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace gn;

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

/// Coefficients are in ascending order.
struct Elementary::Format {
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

static constexpr double kExp32[] = {1,           0.999999464,  0.49999091,
                                    0.166681096, 0.0419041738, 0.00826994237};
static constexpr double kExpTail32[] = {0.49999997, 0.166665435, 0.0416672006,
                                        0.00836652052, 0.00138825213};
static constexpr double kErfc32[] = {
    0.128379166,     0.636619389,     0.102777764,
    -0.0191530623,   -0.000159776013, 0.00166578498,
    -0.000631856499, 0.000117296542,  -9.21144874e-06};
/// The same of f32 alone. e^r, |r| <= ln(2)/16: the first two are one register.
static constexpr double kExpEighth32[] = {1, 1, 0.50006479, 0.166682199};
/// 2^f, |f| <= 1/2.
static constexpr double kExp2Half32[] = {
    1, 0.693147004, 0.240222424, 0.0555073358, 0.00967151299, 0.00132647273};
/// log2((1 - erf(x)) / (1 + erf(x))) / x in x^2; falls for ever.
static constexpr double kErfLogit32[] = {
    -3.25581551,     -0.296518505,  0.000532022561, 0.0018054411,
    -0.000258853979, 1.7270675e-05, -4.58634759e-07};
/// erf(v / sqrt(2)) / v in v^2 - 4 k, where k is the integer next to v^2 / 4:
/// the coefficients for all k in ascending order of the power. At the end,
/// where erf is 1 to a quarter of its last place, v P(v^2) is 1 as f32 computes
/// it.
static constexpr double kErfPieces32[][8] = {
    {0.797884583, 0.477249861, 0.351899564, 0.288521558, 0.24998416,
     0.223605067, 0.204123944, 0.188982219},
    {-0.132980645, -0.0461585894, -0.0210803822, -0.0119393291, -0.00780364173,
     -0.00558922114, -0.00425248034, -0.00337467063},
    {0.0199464746, 0.00528026652, 0.00174794428, 0.000725606398, 0.000363704632,
     0.000209369406, 0.000132864472, 9.03900072e-05},
    {-0.00237310259, -0.000537450891, -0.00014398263, -4.69480183e-05,
     -1.85927202e-05, -8.68556253e-06, -4.60897081e-06, -2.68964823e-06},
    {0.000228914752, 4.73139444e-05, 1.09936273e-05, 2.9942355e-06,
     9.73221063e-07, 3.75271952e-07, 1.67501739e-07, 8.39847587e-08},
    {-1.75502937e-05, -3.71661781e-06, -7.80300638e-07, -1.85511851e-07,
     -5.12448111e-08, -1.66305032e-08, -6.28977981e-09, -2.71271494e-09},
    {8.44895169e-07, 2.45654718e-07, 4.84958811e-08, 1.04950573e-08,
     2.56584021e-09, 7.22887694e-10, 2.35995584e-10, 8.93262062e-11}};
static constexpr double kErfPiecesEnd32 = 5.46875;
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

static const Elementary::Format &getFormat(Type type) {
  static const Elementary::Format f32 = {
      23,  127,  0x1.8p23, 0x1.62e43p-1, -0x1.05c61p-29, 89,      -104,
      -87, 9.02, 3.95,     kExp32,       kExpTail32,     kErfc32, 0};
  static const Elementary::Format f64 = {52,
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

template <typename AttrTy>
static Value createConstant(OpBuilder &builder, Location loc, Type type,
                            AttrTy attr) {
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(builder, loc,
                                     DenseElementsAttr::get(vector, attr));
  return arith::ConstantOp::create(builder, loc, attr);
}

Value gn::createNumber(OpBuilder &builder, Location loc, Type type,
                       double value) {
  return createConstant(
      builder, loc, type,
      builder.getFloatAttr(getElementTypeOrSelf(type), value));
}

std::optional<double> gn::getFloatConstant(Value value) {
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
           std::optional<double> bound = getFloatConstant(operand);
           return bound && *bound >= limit;
         });
}

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

Elementary::Elementary(Location loc, OpBuilder &builder, Type type,
                       int64_t tableLanes)
    : b(loc, builder), type(type),
      format(getFormat(getElementTypeOrSelf(type))), tableLanes(tableLanes) {
  unsigned bits = getElementTypeOrSelf(type).getIntOrFloatBitWidth();
  integerType = b.getIntegerType(bits);
  if (auto vector = dyn_cast<VectorType>(type))
    integerType = vector.clone(integerType);
}

Value Elementary::integer(int64_t value) {
  return createConstant(
      b, b.getLoc(), integerType,
      b.getIntegerAttr(getElementTypeOrSelf(integerType), value));
}

/// x within limits, the ones that it keeps already left out.
Value Elementary::clamp(Value x, double low, double high) {
  Value cut = isAtLeast(x, low) ? x : atLeast(x, low);
  return atMost(cut, high);
}

Value Elementary::polynomial(ArrayRef<double> coefficients, Value x,
                             double factor, double sign) {
  auto coefficient = [&](size_t power) {
    return number(coefficients[power] * factor * (power % 2 ? sign : 1));
  };
  Value sum = coefficient(coefficients.size() - 1);
  for (size_t power = coefficients.size() - 1; power-- > 0;)
    sum = fma(sum, x, coefficient(power));
  return sum;
}

Elementary::Reduced Elementary::reduce(Value x, const Reduction &reduction) {
  // The low bits of a number in [2^mantissaBits, 2^(mantissaBits + 1)) are its
  // integer part. A conversion would be undefined for NaN.
  double unit = reduction.sign / reduction.parts;
  Value shift = number(format.roundingShift + reduction.offset);
  Value shifted = fma(x, number(llvm::numbers::log2e / unit), shift);
  Value n = sub(shift, shifted);
  Value r = fma(n, number(format.ln2High * unit), x);
  if (reduction.inTwoSteps)
    r = fma(n, number(format.ln2Low * unit), r);
  return {asInteger(shifted), r};
}

Value Elementary::powerOfTwo(Value bits) {
  return asFloat(shiftLeft(bits, format.mantissaBits));
}

std::pair<Value, Value> Elementary::splitExp(Value x) {
  // What one step loses grows with n, and e^x is the smaller.
  Reduced reduced = reduce(x, {.offset = 1.0 * format.bias});
  Value r = reduced.r;
  return {powerOfTwo(reduced.bits),
          fma(polynomial(format.expTail, r), mul(r, r), r)};
}

std::pair<Value, Value> Elementary::splitExp2(Value x) {
  Value shift = number(format.roundingShift + format.bias);
  Value shifted = add(x, shift);
  Value f = sub(x, sub(shifted, shift));
  return {powerOfTwo(asInteger(shifted)), polynomial(kExp2Half32, f)};
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

bool Elementary::hasTable() const {
  auto vector = dyn_cast<VectorType>(type);
  return tableLanes != 0 && vector && vector.getElementType().isF32() &&
         vector.getRank() == 1 && !vector.isScalable() &&
         vector.getDimSize(0) % kParts == 0;
}

Value Elementary::powerOfEighth(Value bits, int first, double shift,
                                uint32_t added) {
  // n = 8 k + j: entry j and k, which is shifted to the exponent. What j and
  // the shift leave there is taken from the entry.
  SmallVector<int32_t> table;
  uint32_t ofShift = llvm::bit_cast<uint32_t>(static_cast<float>(shift));
  for (uint32_t j = 0; j < kParts; ++j) {
    float power = std::exp2(static_cast<double>(j) / kParts + first);
    table.push_back(llvm::bit_cast<uint32_t>(power) -
                    ((ofShift + j) << (format.mantissaBits - 3)) - added);
  }
  return arith::AddIOp::create(b, lookUp(table, bits),
                               shiftLeft(bits, format.mantissaBits - 3));
}

Value Elementary::lookUp(ArrayRef<int32_t> table, Value bits) {
  int64_t length = cast<VectorType>(integerType).getDimSize(0);
  int64_t lanes = length % tableLanes == 0 ? tableLanes : kParts;
  StringRef name = lanes == kParts ? "llvm.x86.avx2.permd"
                                   : "llvm.x86.avx512.permvar.si.512";
  auto partType = VectorType::get(lanes, b.getI32Type());
  SmallVector<int32_t> repeated;
  for (int64_t lane = 0; lane < lanes; ++lane)
    repeated.push_back(table[lane % kParts]);
  Value entries = arith::ConstantOp::create(
      b, DenseElementsAttr::get(partType, ArrayRef(repeated)));
  auto lookUpPart = [&](Value part) {
    return LLVM::CallIntrinsicOp::create(b, partType, b.getStringAttr(name),
                                         ValueRange{entries, part})
        .getResult(0);
  };
  if (lanes == length)
    return lookUpPart(bits);
  Value result = integer(0);
  for (int64_t first = 0; first < length; first += lanes) {
    Value part = vector::ExtractStridedSliceOp::create(
        b, bits, ArrayRef{first}, ArrayRef{lanes}, ArrayRef<int64_t>{1});
    result = vector::InsertStridedSliceOp::create(
        b, lookUpPart(part), result, ArrayRef{first}, ArrayRef<int64_t>{1});
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

Value Elementary::exp(Value x) {
  x = clamp(x, format.smallestExponent, format.largestExponent);
  // In two steps: 2^n itself may be infinite or less than a normal number.
  Reduced reduced =
      reduce(x, {.offset = 2.0 * format.bias, .inTwoSteps = true});
  Value half = arith::ShRUIOp::create(b, reduced.bits, integer(1));
  Value rest = arith::SubIOp::create(b, reduced.bits, half);
  return mul(mul(polynomial(format.exp, reduced.r), powerOfTwo(half)),
             powerOfTwo(rest));
}

Value Elementary::expPlus(Value x, Value summand) {
  // A sign costs nothing in the constants.
  double sign = 1;
  if (auto op = x.getDefiningOp<arith::NegFOp>()) {
    x = op.getOperand();
    sign = -1;
  }
  double low = format.smallestNormalExponent, high = format.largestExponent;
  x = sign > 0 ? clamp(x, low, high) : clamp(x, -high, -low);
  // 2 P(r) times 2^(n-1), which is zero below the normal numbers, and not
  // infinite before e^x is.
  if (!hasTable()) {
    Reduced reduced = reduce(
        x, {.sign = sign, .offset = format.bias - 1.0, .inTwoSteps = true});
    return fma(polynomial(format.exp, reduced.r, 2, sign),
               powerOfTwo(reduced.bits), summand);
  }
  // One step takes n ln2High for n ln 2, which is n / 501 units of the power
  // too much; n / 512, to the nearest, is added to its bits.
  constexpr uint32_t kHalf = 256, kLogWhole = 9;
  double shift = format.roundingShift + kHalf;
  Reduced reduced = reduce(x, {.sign = sign, .parts = kParts, .offset = kHalf});
  Value correction =
      arith::ShRUIOp::create(b, reduced.bits, integer(kLogWhole));
  uint32_t none =
      llvm::bit_cast<uint32_t>(static_cast<float>(shift)) >> kLogWhole;
  Value power = powerOfEighth(reduced.bits, /*first=*/-1, shift, none);
  power = arith::AddIOp::create(b, power, correction);
  return fma(polynomial(kExpEighth32, reduced.r, 2, sign), asFloat(power),
             summand);
}

Value Elementary::tanh(Value x) {
  Value t = atMost(math::AbsFOp::create(b, x), format.tanhIsOne);
  auto [power, m] = splitExp(neg(add(t, t)));
  Value one = number(1);
  Value quotient =
      div(fma(power, m, sub(power, one)), fma(power, m, add(power, one)));
  return math::CopySignOp::create(b, quotient, x);
}

Value Elementary::erf(Value x) {
  Value t = atMost(math::AbsFOp::create(b, x), format.erfIsOne);
  Value u = format.erfcCentre == 0 ? t : sub(t, number(format.erfcCentre));
  auto [power, m] = splitExp(neg(fma(polynomial(format.erfc, u), t, t)));
  Value result = fma(neg(power), m, sub(number(1), power));
  return math::CopySignOp::create(b, result, x);
}

Value Elementary::onePlusTanhDenominator(Value x) {
  return expPlus(neg(add(x, x)), number(1));
}

Value Elementary::onePlusErf(Value x) {
  // erf(x) = erf(v / sqrt(2)); often there is v.
  constexpr double kRoot = llvm::numbers::sqrt2;
  auto product = x.getDefiningOp<arith::MulFOp>();
  std::optional<double> factor =
      product ? getFloatConstant(product.getRhs()) : std::nullopt;
  Value v = factor == static_cast<float>(1 / kRoot) ? product.getLhs()
                                                    : mul(x, number(kRoot));
  v = clamp(v, -kErfPiecesEnd32, kErfPiecesEnd32);
  Value square = mul(v, v);
  // The last place of the shift is 4.
  Value shift = number(4 * format.roundingShift);
  Value shifted = add(square, shift);
  Value rest = sub(square, sub(shifted, shift));
  Value piece = asInteger(shifted), sum;
  for (ArrayRef<double> coefficients : llvm::reverse(kErfPieces32)) {
    auto bits = llvm::map_to_vector(coefficients, [](double value) {
      return llvm::bit_cast<int32_t>(static_cast<float>(value));
    });
    Value coefficient = asFloat(lookUp(bits, piece));
    sum = sum ? fma(sum, rest, coefficient) : coefficient;
  }
  // Not one operation: -1 and 1 are to cancel.
  return add(mul(sum, v), number(1));
}

Value Elementary::onePlusErfDenominator(Value x) {
  // A factor of x goes into the coefficients.
  double factor = 1;
  if (auto product = x.getDefiningOp<arith::MulFOp>())
    if (std::optional<double> found = getFloatConstant(product.getRhs())) {
      factor = *found;
      x = product.getLhs();
    }
  double power = factor;
  SmallVector<double> coefficients;
  for (double coefficient : kErfLogit32) {
    coefficients.push_back(coefficient * power);
    power *= factor * factor;
  }
  Value logit = mul(polynomial(coefficients, mul(x, x)), x);
  // 2^-126 is nothing beside 1, and 2^128 is infinite.
  auto [integral, q] = splitExp2(clamp(logit, -126, 128));
  return fma(integral, q, number(1));
}
