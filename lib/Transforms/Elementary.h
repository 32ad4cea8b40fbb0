//===- Elementary.h - exp, tanh and erf as arithmetic -----------*- C++ -*-===//
//
// Code for exp, tanh and erf of f32 and f64, scalars and vectors alike, and for
// sums that are cheaper than their terms. Where the target looks numbers up in
// a register by the lane, so do the sums.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_LIB_TRANSFORMS_ELEMENTARY_H
#define GROUPNORM_LIB_TRANSFORMS_ELEMENTARY_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/TypeUtilities.h"

namespace gn {

/// A float constant, a scalar or a vector of one number.
mlir::Value createNumber(mlir::OpBuilder &builder, mlir::Location loc,
                         mlir::Type type, double value);
/// The value of a float constant, scalar or splat.
std::optional<double> getFloatConstant(mlir::Value value);

/// Builds arithmetic on numbers of one type, a float or a vector of floats.
class Elementary {
public:
  /// What depends on the format.
  struct Format;

  /// `tableLanes`, 0, 8 or 16, is the longest vector of 32-bit numbers of which
  /// x86 takes lanes by an index in each.
  Elementary(mlir::Location loc, mlir::OpBuilder &builder, mlir::Type type,
             int64_t tableLanes = 0);

  mlir::Value exp(mlir::Value x);
  mlir::Value tanh(mlir::Value x);
  mlir::Value erf(mlir::Value x);
  /// e^x + `summand`, exact to a rounding where |summand| is a normal number
  /// and not tiny.
  mlir::Value expPlus(mlir::Value x, mlir::Value summand);
  /// What 2 is divided by to give 1 + tanh(x), or 1 + erf(x), the latter of f32
  /// only.
  mlir::Value onePlusTanhDenominator(mlir::Value x);
  mlir::Value onePlusErfDenominator(mlir::Value x);
  /// 1 + erf(x) of f32, where there are tables.
  mlir::Value onePlusErf(mlir::Value x);
  /// Whether there are tables of kParts numbers.
  bool hasTable() const;

private:
  struct Reduced {
    mlir::Value bits; // n + `offset` in the lowest bits
    mlir::Value r;
  };
  /// sign * x = (n / parts) ln 2 + sign * r.
  struct Reduction {
    double sign = 1;
    double parts = 1;
    double offset = 0;
    bool inTwoSteps = false;
  };
  Reduced reduce(mlir::Value x, const Reduction &reduction);
  /// 2^n and e^r - 1, for x from the smallest exponent of a normal number to 0.
  std::pair<mlir::Value, mlir::Value> splitExp(mlir::Value x);
  /// 2^n and 2^f with n + f = x, for x of f32 from -126 to 128, of which the
  /// power is infinite.
  std::pair<mlir::Value, mlir::Value> splitExp2(mlir::Value x);
  /// The power of two whose biased exponent is in the lowest bits.
  mlir::Value powerOfTwo(mlir::Value bits);

  static constexpr int64_t kParts = 8;
  /// The bits of 2^(n / kParts + first) less `added`, where `bits` are those of
  /// `shift`, a multiple of kParts of its own last place, and n more.
  mlir::Value powerOfEighth(mlir::Value bits, int first, double shift,
                            uint32_t added);
  /// The entries that the lowest bits say.
  mlir::Value lookUp(llvm::ArrayRef<int32_t> table, mlir::Value bits);

  mlir::Value number(double value) {
    return createNumber(b, b.getLoc(), type, value);
  }
  mlir::Value integer(int64_t value);
  mlir::Value asInteger(mlir::Value x) {
    return mlir::arith::BitcastOp::create(b, integerType, x);
  }
  mlir::Value asFloat(mlir::Value bits) {
    return mlir::arith::BitcastOp::create(b, type, bits);
  }
  mlir::Value shiftLeft(mlir::Value bits, int64_t distance) {
    return mlir::arith::ShLIOp::create(b, bits, integer(distance));
  }
  mlir::Value add(mlir::Value lhs, mlir::Value rhs) {
    return mlir::arith::AddFOp::create(b, lhs, rhs);
  }
  mlir::Value sub(mlir::Value lhs, mlir::Value rhs) {
    return mlir::arith::SubFOp::create(b, lhs, rhs);
  }
  mlir::Value mul(mlir::Value lhs, mlir::Value rhs) {
    return mlir::arith::MulFOp::create(b, lhs, rhs);
  }
  mlir::Value div(mlir::Value lhs, mlir::Value rhs) {
    return mlir::arith::DivFOp::create(b, lhs, rhs);
  }
  mlir::Value neg(mlir::Value x) { return mlir::arith::NegFOp::create(b, x); }
  mlir::Value fma(mlir::Value x, mlir::Value y, mlir::Value z) {
    return mlir::math::FmaOp::create(b, x, y, z);
  }
  /// NaN stays NaN.
  mlir::Value atMost(mlir::Value x, double limit) {
    return mlir::arith::MinimumFOp::create(b, x, number(limit));
  }
  mlir::Value atLeast(mlir::Value x, double limit) {
    return mlir::arith::MaximumFOp::create(b, x, number(limit));
  }
  mlir::Value clamp(mlir::Value x, double low, double high);
  /// `factor` times the polynomial of `sign` * x, by Horner's rule.
  mlir::Value polynomial(llvm::ArrayRef<double> coefficients, mlir::Value x,
                         double factor = 1, double sign = 1);

  mlir::ImplicitLocOpBuilder b;
  mlir::Type type, integerType;
  const Format &format;
  int64_t tableLanes;
};

} // namespace gn

#endif // GROUPNORM_LIB_TRANSFORMS_ELEMENTARY_H
