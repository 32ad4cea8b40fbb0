//===- Arithmetic.cpp - arith and math in MSL -----------------------------===//

#include "Printer.h"
#include "Types.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace gn;
using namespace gn::msl;

namespace {
struct Operator {
  StringRef sign;
  Binding binding;
  bool isSigned = false;
};
} // namespace

/// Ops that are an operator between two operands.
static std::optional<Operator> getOperator(Operation *op) {
  bool isBool = getElementTypeOrSelf(op->getResult(0).getType()).isInteger(1);
  return TypeSwitch<Operation *, std::optional<Operator>>(op)
      .Case<arith::AddFOp, arith::AddIOp>(
          [](auto) { return Operator{"+", Binding::Sum}; })
      .Case<arith::SubFOp, arith::SubIOp>(
          [](auto) { return Operator{"-", Binding::Sum}; })
      .Case<arith::MulFOp, arith::MulIOp>(
          [](auto) { return Operator{"*", Binding::Product}; })
      .Case<arith::DivFOp, arith::DivUIOp>(
          [](auto) { return Operator{"/", Binding::Quotient}; })
      .Case<arith::RemUIOp>(
          [](auto) { return Operator{"%", Binding::Quotient}; })
      .Case<arith::DivSIOp>(
          [](auto) { return Operator{"/", Binding::Quotient, true}; })
      .Case<arith::RemSIOp>(
          [](auto) { return Operator{"%", Binding::Quotient, true}; })
      .Case<arith::ShRSIOp>(
          [](auto) { return Operator{">>", Binding::Shift, true}; })
      .Case<arith::ShLIOp>([](auto) { return Operator{"<<", Binding::Shift}; })
      .Case<arith::ShRUIOp>([](auto) { return Operator{">>", Binding::Shift}; })
      .Case<arith::AndIOp>([&](auto) {
        return isBool ? Operator{"&&", Binding::And}
                      : Operator{"&", Binding::BitAnd};
      })
      .Case<arith::OrIOp>([&](auto) {
        return isBool ? Operator{"||", Binding::Or}
                      : Operator{"|", Binding::BitOr};
      })
      .Case<arith::XOrIOp>([&](auto) {
        return isBool ? Operator{"!=", Binding::Equality}
                      : Operator{"^", Binding::BitXor};
      })
      .Default([](Operation *) { return std::nullopt; });
}

/// Ops that are a function of MSL's library. In f32, `precise::` chooses the
/// accurate one whatever the math mode is.
static StringRef getFunction(Operation *op) {
  bool isFloat = getElementTypeOrSelf(op->getResult(0).getType()).isF32();
  auto precise = [&](StringRef name) {
    return isFloat ? name : name.drop_front(StringRef("precise::").size());
  };
  return TypeSwitch<Operation *, StringRef>(op)
      .Case([](math::FmaOp) { return "fma"; })
      .Case([](math::AbsFOp) { return "fabs"; })
      .Case([](math::FloorOp) { return "floor"; })
      .Case([](math::CeilOp) { return "ceil"; })
      .Case([](math::RoundOp) { return "round"; })
      .Case([](math::RoundEvenOp) { return "rint"; })
      .Case([](math::TruncOp) { return "trunc"; })
      .Case([](math::CopySignOp) { return "copysign"; })
      .Case([](arith::MaxNumFOp) { return "fmax"; })
      .Case([](arith::MinNumFOp) { return "fmin"; })
      .Case([](arith::MaxUIOp) { return "max"; })
      .Case([](arith::MinUIOp) { return "min"; })
      .Case([](arith::RemFOp) { return "fmod"; })
      .Case([&](math::RsqrtOp) { return precise("precise::rsqrt"); })
      .Case([&](math::SqrtOp) { return precise("precise::sqrt"); })
      .Case([&](math::ExpOp) { return precise("precise::exp"); })
      .Case([&](math::Exp2Op) { return precise("precise::exp2"); })
      .Case([&](math::LogOp) { return precise("precise::log"); })
      .Case([&](math::Log2Op) { return precise("precise::log2"); })
      .Case([&](math::SinOp) { return precise("precise::sin"); })
      .Case([&](math::CosOp) { return precise("precise::cos"); })
      .Case([&](math::TanhOp) { return precise("precise::tanh"); })
      .Case([&](math::PowFOp) { return precise("precise::pow"); })
      .Default([](Operation *) { return ""; });
}

FailureOr<Expression> Printer::comparison(arith::CmpFOp op) {
  using P = arith::CmpFPredicate;
  auto between = [&](StringRef sign, Binding binding) {
    return binary(op, sign, binding);
  };
  // What holds for NaN is the opposite of what does not.
  auto unless = [&](StringRef sign) -> FailureOr<Expression> {
    FailureOr<Expression> inner = binary(op, sign, Binding::Relation);
    if (failed(inner))
      return failure();
    return Expression{"!(" + inner->text + ")", Binding::Unary};
  };
  switch (op.getPredicate()) {
  case P::OEQ:
    return between("==", Binding::Equality);
  case P::UNE:
    return between("!=", Binding::Equality);
  case P::OLT:
    return between("<", Binding::Relation);
  case P::OLE:
    return between("<=", Binding::Relation);
  case P::OGT:
    return between(">", Binding::Relation);
  case P::OGE:
    return between(">=", Binding::Relation);
  case P::ULT:
    return unless(">=");
  case P::ULE:
    return unless(">");
  case P::UGT:
    return unless("<=");
  case P::UGE:
    return unless("<");
  case P::ORD:
    return callOf(op, "isordered", op.getOperands());
  case P::UNO:
    return callOf(op, "isunordered", op.getOperands());
  default:
    refuse(op) << "MSL has no operator for the comparison "
               << arith::stringifyCmpFPredicate(op.getPredicate());
    return failure();
  }
}

FailureOr<Expression> Printer::comparison(arith::CmpIOp op) {
  using P = arith::CmpIPredicate;
  switch (op.getPredicate()) {
  case P::eq:
    return binary(op, "==", Binding::Equality);
  case P::ne:
    return binary(op, "!=", Binding::Equality);
  case P::ult:
    return binary(op, "<", Binding::Relation);
  case P::ule:
    return binary(op, "<=", Binding::Relation);
  case P::ugt:
    return binary(op, ">", Binding::Relation);
  case P::uge:
    return binary(op, ">=", Binding::Relation);
  case P::slt:
    return binary(op, "<", Binding::Relation, /*isSigned=*/true);
  case P::sle:
    return binary(op, "<=", Binding::Relation, /*isSigned=*/true);
  case P::sgt:
    return binary(op, ">", Binding::Relation, /*isSigned=*/true);
  case P::sge:
    return binary(op, ">=", Binding::Relation, /*isSigned=*/true);
  }
  llvm_unreachable("a comparison has one of these predicates");
}

FailureOr<Expression> Printer::arithmetic(Operation *op) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    if (std::optional<std::string> literal = getLiteral(constant.getValue()))
      return Expression{*literal, literal->front() == '-' ? Binding::Unary
                                                          : Binding::Primary};
    refuse(op) << "the constant has no literal";
    return failure();
  }
  if (auto compare = dyn_cast<arith::CmpFOp>(op))
    return comparison(compare);
  if (auto compare = dyn_cast<arith::CmpIOp>(op))
    return comparison(compare);

  // bfloat is only moved and converted.
  bool isConversion =
      isa<arith::ExtFOp, arith::TruncFOp, arith::SelectOp, arith::BitcastOp>(
          op);
  if (!isConversion &&
      getElementTypeOrSelf(op->getResult(0).getType()).isBF16()) {
    refuse(op) << "arithmetic on bf16 must be done in f32; run prepare-for-msl";
    return failure();
  }

  if (std::optional<Operator> sign = getOperator(op)) {
    Type element = getElementTypeOrSelf(op->getResult(0).getType());
    if (element.isInteger(8) || element.isInteger(16)) {
      refuse(op) << "MSL computes in 32 bits at least; extend " << element
                 << " to i32 first";
      return failure();
    }
    if (!sign->isSigned)
      return binary(op, sign->sign, sign->binding);
    FailureOr<std::string> type = typeName(op, op->getResult(0).getType());
    FailureOr<Expression> inner =
        binary(op, sign->sign, sign->binding, /*isSigned=*/true);
    if (failed(inner))
      return failure();
    return Expression{*type + "(" + inner->text + ")"};
  }
  if (StringRef function = getFunction(op); !function.empty())
    return callOf(op, function, op->getOperands());

  return TypeSwitch<Operation *, FailureOr<Expression>>(op)
      .Case<arith::ExtFOp, arith::TruncFOp, arith::UIToFPOp, arith::ExtUIOp,
            arith::TruncIOp, arith::FPToUIOp>(
          [&](auto) { return conversion(op); })
      .Case<arith::IndexCastOp, arith::IndexCastUIOp>(
          [&](auto) -> FailureOr<Expression> {
            // Of the same type in MSL, they are the same value.
            if (getTypeName(op->getOperand(0).getType()) ==
                getTypeName(op->getResult(0).getType()))
              return expression(op->getOperand(0));
            return conversion(op);
          })
      .Case<arith::SIToFPOp, arith::ExtSIOp>(
          [&](auto) -> FailureOr<Expression> {
            if (!getElementTypeOrSelf(op->getOperand(0).getType()).isInteger(1))
              return conversion(op, /*fromSigned=*/true);
            refuse(op) << "a bool has no sign; convert it as unsigned";
            return failure();
          })
      .Case<arith::MaxSIOp, arith::MinSIOp>(
          [&](auto) { return signedCall(op); })
      .Case<arith::FPToSIOp>([&](auto) {
        return conversion(op, /*fromSigned=*/false, /*toSigned=*/true);
      })
      .Case<arith::BitcastOp>([&](auto) -> FailureOr<Expression> {
        FailureOr<std::string> type = typeName(op, op->getResult(0).getType());
        return callOf(op, "as_type<" + *type + ">", op->getOperands());
      })
      .Case<arith::NegFOp>([&](auto) -> FailureOr<Expression> {
        FailureOr<std::string> value =
            operand(op->getOperand(0), Binding::Primary);
        if (failed(value))
          return failure();
        return Expression{"-" + *value, Binding::Unary};
      })
      .Case<arith::SelectOp>(
          [&](arith::SelectOp select) -> FailureOr<Expression> {
            if (isa<VectorType>(select.getCondition().getType()))
              return callOf(op, "select",
                            {select.getFalseValue(), select.getTrueValue(),
                             select.getCondition()});
            FailureOr<std::string> condition =
                operand(select.getCondition(), Binding::Or);
            FailureOr<std::string> ifTrue =
                operand(select.getTrueValue(), Binding::Or);
            FailureOr<std::string> ifFalse =
                operand(select.getFalseValue(), Binding::Or);
            if (failed(condition) || failed(ifTrue) || failed(ifFalse))
              return failure();
            return Expression{*condition + " ? " + *ifTrue + " : " + *ifFalse,
                              Binding::Ternary};
          })
      .Default([&](Operation *) -> FailureOr<Expression> {
        refuse(op) << "the op is not one that the printer takes";
        return failure();
      });
}
