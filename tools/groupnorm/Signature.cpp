//===- Signature.cpp - What a function of our own takes -------------------===//

#include "Signature.h"
#include "groupnorm/Dialect/GN/IR/GN.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace gn;
using namespace gn::tool;
using reference::Activation;
using runtime::ElementType;

ElementType tool::getWider(ElementType a, ElementType b) {
  return runtime::getSize(a) < runtime::getSize(b) ? b : a;
}

Signature Signature::create(const Options &options, ElementType type) {
  Signature signature;
  signature.x = type;
  ElementType wide = type;
  if (options.affine) {
    signature.gamma = signature.beta = options.weightType.value_or(type);
    wide = getWider(type, *signature.gamma);
  }
  signature.y = options.outType.value_or(wide);
  if (options.scaleShift)
    signature.scale = signature.shift = type;
  if (options.residual)
    signature.residual = type;
  signature.activation = options.activation;
  signature.savesStatistics = options.statistics;
  return signature;
}

llvm::SmallVector<Signature::Operand>
Signature::getOperands(const reference::Problem &problem) const {
  llvm::SmallVector<Operand> operands;
  auto add = [&](llvm::StringLiteral name, std::optional<ElementType> type,
                 llvm::ArrayRef<int64_t> dims, bool isInput,
                 bool isEpilogueInput = false) {
    if (!type)
      return;
    Operand operand{name, *type,   llvm::SmallVector<int64_t>(dims),
                    {},   isInput, isEpilogueInput};
    for (int64_t dim : dims)
      operand.shape.push_back(problem.shape[dim]);
    operands.push_back(std::move(operand));
  };
  int64_t feature = problem.featureDim;
  auto all = llvm::to_vector(llvm::seq<int64_t>(0, problem.shape.size()));
  add("x", x, all, true);
  add("gamma", gamma, feature, true);
  add("beta", beta, feature, true);
  add("scale", scale, {0, feature}, true, true);
  add("shift", shift, {0, feature}, true, true);
  add("residual", residual, all, true, true);
  add("y", y, all, false);
  if (!savesStatistics)
    return operands;
  for (llvm::StringLiteral name :
       {llvm::StringLiteral("mean"), llvm::StringLiteral("rstd")}) {
    add(name, getComputeType(), 0, false);
    operands.back().shape.push_back(problem.numGroups);
  }
  return operands;
}

size_t tool::getResultNumber(llvm::ArrayRef<Signature::Operand> operands) {
  return llvm::count_if(operands, [](const Signature::Operand &operand) {
    return operand.isInput;
  });
}

//===----------------------------------------------------------------------===//
// The epilogue
//===----------------------------------------------------------------------===//

namespace {
/// Arithmetic on scalars of one float type.
struct Scalars {
  Value number(double value) {
    return arith::ConstantOp::create(b, b.getFloatAttr(type, value));
  }
  Value add(Value lhs, Value rhs) { return arith::AddFOp::create(b, lhs, rhs); }
  Value mul(Value lhs, Value rhs) { return arith::MulFOp::create(b, lhs, rhs); }
  Value fma(Value x, Value y, Value z) {
    return math::FmaOp::create(b, x, y, z);
  }
  /// NaN stays NaN.
  Value atLeast(Value x, double limit) {
    return arith::MaximumFOp::create(b, x, number(limit));
  }
  Value convert(Value value, Type to) {
    unsigned from = value.getType().getIntOrFloatBitWidth();
    unsigned width = to.getIntOrFloatBitWidth();
    if (from < width)
      return arith::ExtFOp::create(b, to, value);
    if (from > width)
      return arith::TruncFOp::create(b, to, value);
    return value;
  }
  Value activate(Activation activation, Value x);

  ImplicitLocOpBuilder &b;
  Type type;
};
} // namespace

Value Scalars::activate(Activation activation, Value x) {
  // From here down e^-x is infinite and the result zero; of an infinite x the
  // formulas would make no number.
  double lowest = type.isF64() ? -710 : -89;
  switch (activation) {
  case Activation::None:
    return x;
  case Activation::SiLU: {
    x = atLeast(x, lowest);
    Value e = math::ExpOp::create(b, arith::NegFOp::create(b, x));
    return arith::DivFOp::create(b, x, add(e, number(1)));
  }
  case Activation::ReLU:
    return atLeast(x, 0);
  case Activation::LeakyReLU: {
    Value isNegative =
        arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, x, number(0));
    return arith::SelectOp::create(b, isNegative,
                                   mul(x, number(reference::kLeakySlope)), x);
  }
  case Activation::GELU: {
    x = atLeast(x, lowest);
    Value e = math::ErfOp::create(b, mul(x, number(llvm::numbers::sqrt2 / 2)));
    return mul(mul(x, number(0.5)), add(e, number(1)));
  }
  case Activation::GELUTanh: {
    x = atLeast(x, lowest);
    // (1 + tanh(v)) / 2 = 1 / (1 + e^-2v), v = sqrt(2/pi) (x + 0.044715 x^3).
    double linear = -2 * std::sqrt(2 / llvm::numbers::pi);
    Value factor = fma(mul(x, x), number(linear * 0.044715), number(linear));
    Value e = math::ExpOp::create(b, mul(x, factor));
    return arith::DivFOp::create(b, x, add(e, number(1)));
  }
  }
  llvm_unreachable("all activations are listed");
}

void tool::buildEpilogue(ImplicitLocOpBuilder &b, Block *body,
                         const Signature &signature, Type resultType) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(body);
  Value value = body->getArgument(0);
  Scalars scalars{b, value.getType()};
  unsigned next = 1;
  auto takeInput = [&] {
    return scalars.convert(body->getArgument(next++), value.getType());
  };
  if (signature.scale) {
    Value scale = takeInput(), shift = takeInput();
    value = scalars.fma(value, scalars.add(scale, scalars.number(1)), shift);
  }
  if (signature.residual)
    value = scalars.add(value, takeInput());
  value = scalars.activate(signature.activation, value);
  YieldOp::create(b, scalars.convert(value, resultType));
}
