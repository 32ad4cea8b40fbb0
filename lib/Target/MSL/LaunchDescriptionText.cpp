//===- LaunchDescriptionText.cpp - A launch description as JSON -----------===//
//
// Its expressions as numbers and as text, and the whole as a JSON object.
//
//===----------------------------------------------------------------------===//

#include "groupnorm/Target/MSL/LaunchDescription.h"
#include "llvm/Support/Base64.h"

using namespace mlir;
using namespace gn;

int64_t LaunchDescription::evaluate(AffineExpr expr, ArrayRef<int64_t> sizes) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return constant.getValue();
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return sizes[symbol.getPosition()];
  auto op = cast<AffineBinaryOpExpr>(expr);
  int64_t lhs = evaluate(op.getLHS(), sizes),
          rhs = evaluate(op.getRHS(), sizes);
  switch (op.getKind()) {
  case AffineExprKind::Add:
    return lhs + rhs;
  case AffineExprKind::Mul:
    return lhs * rhs;
  case AffineExprKind::Mod:
    return llvm::mod(lhs, rhs);
  case AffineExprKind::FloorDiv:
    return llvm::divideFloorSigned(lhs, rhs);
  default:
    return llvm::divideCeilSigned(lhs, rhs);
  }
}

bool LaunchDescription::evaluate(const Condition &condition,
                                 ArrayRef<int64_t> sizes) {
  bool holds =
      llvm::all_of(condition.comparisons, [&](const Comparison &comparison) {
        return arith::applyCmpPredicate(
            comparison.predicate,
            llvm::APInt(64, evaluate(comparison.lhs, sizes), /*isSigned=*/true),
            llvm::APInt(64, evaluate(comparison.rhs, sizes),
                        /*isSigned=*/true));
      });
  return holds != condition.isNegated;
}

std::vector<char> LaunchDescription::getBytes(const Buffer &buffer) {
  ArrayRef<char> raw = buffer.values.getRawData();
  std::vector<char> bytes;
  for (int64_t i = buffer.values.isSplat() ? buffer.values.getNumElements() : 1;
       i > 0; --i)
    bytes.insert(bytes.end(), raw.begin(), raw.end());
  return bytes;
}

namespace {
/// How tightly the text of an expression binds.
enum class Level { Sum, Product, Primary };
} // namespace

/// An expression in the syntax of Python, in parentheses if it does not bind as
/// tightly as `needed`.
static std::string toText(AffineExpr expr,
                          ArrayRef<LaunchDescription::Size> sizes,
                          Level needed = Level::Sum) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return std::to_string(constant.getValue());
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return sizes[symbol.getPosition()].name;
  auto op = cast<AffineBinaryOpExpr>(expr);
  auto sides = [&](StringRef sign, Level level, Level right) {
    std::string text = (toText(op.getLHS(), sizes, level) + " " + sign + " " +
                        toText(op.getRHS(), sizes, right))
                           .str();
    return level < needed ? "(" + text + ")" : text;
  };
  switch (op.getKind()) {
  case AffineExprKind::Add:
    return sides("+", Level::Sum, Level::Sum);
  case AffineExprKind::Mul:
    return sides("*", Level::Product, Level::Primary);
  case AffineExprKind::Mod:
    return sides("%", Level::Product, Level::Primary);
  case AffineExprKind::FloorDiv:
    return sides("//", Level::Product, Level::Primary);
  default:
    // The opposite of the opposite rounded down is rounded up.
    return "-(-" + toText(op.getLHS(), sizes, Level::Primary) + " // " +
           toText(op.getRHS(), sizes, Level::Primary) + ")";
  }
}

std::string LaunchDescription::toText(AffineExpr expr) const {
  return ::toText(expr, sizes);
}

static StringRef toSign(arith::CmpIPredicate predicate) {
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    return "==";
  case arith::CmpIPredicate::ne:
    return "!=";
  case arith::CmpIPredicate::slt:
  case arith::CmpIPredicate::ult:
    return "<";
  case arith::CmpIPredicate::sle:
  case arith::CmpIPredicate::ule:
    return "<=";
  case arith::CmpIPredicate::sgt:
  case arith::CmpIPredicate::ugt:
    return ">";
  case arith::CmpIPredicate::sge:
  case arith::CmpIPredicate::uge:
    return ">=";
  }
  llvm_unreachable("no other predicate");
}

std::string LaunchDescription::conditionText(const Kernel &kernel) const {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::ListSeparator all(" and ");
  for (const Condition &condition : kernel.conditions) {
    os << all << (condition.isNegated ? "not (" : "");
    llvm::interleave(
        condition.comparisons, os,
        [&](const Comparison &comparison) {
          os << toText(comparison.lhs) << " " << toSign(comparison.predicate)
             << " " << toText(comparison.rhs);
        },
        " and ");
    os << (condition.isNegated ? ")" : "");
  }
  return text;
}

llvm::json::Object LaunchDescription::toJSON() const {
  using namespace llvm::json;
  auto toJSONValue = [&](AffineExpr expr) -> llvm::json::Value {
    if (auto constant = dyn_cast<AffineConstantExpr>(expr))
      return constant.getValue();
    return toText(expr);
  };
  auto three = [&](const std::array<AffineExpr, 3> &exprs) {
    Array array;
    for (AffineExpr expr : exprs)
      array.push_back(toJSONValue(expr));
    return array;
  };
  Array sizeArray, bufferArray, kernelArray;
  for (const Size &size : sizes)
    sizeArray.push_back(Object{{"name", size.name},
                               {"buffer", buffers[size.buffer].name},
                               {"dimension", size.dimension}});
  for (const Buffer &buffer : buffers) {
    Object object{{"name", buffer.name},
                  {"role", buffer.role},
                  {"type", buffer.type},
                  {"element_bytes", buffer.elementBytes},
                  {"elements", toJSONValue(buffer.elements)}};
    if (buffer.argument)
      object["argument"] = *buffer.argument;
    if (buffer.values)
      object["values"] = llvm::encodeBase64(getBytes(buffer));
    bufferArray.push_back(std::move(object));
  }
  for (const Kernel &kernel : kernels) {
    Array arguments;
    for (const Argument &argument : kernel.arguments) {
      if (argument.buffer)
        arguments.push_back(
            Object{{"buffer", buffers[*argument.buffer].name},
                   {"access", argument.isWritten ? "write" : "read"}});
      else
        arguments.push_back(Object{{"constant", argument.name},
                                   {"type", argument.type},
                                   {"value", toJSONValue(argument.value)}});
    }
    Object object{{"name", kernel.name},
                  {"threadgroups", three(kernel.threadgroups)},
                  {"threads_per_threadgroup", three(kernel.threads)},
                  {"arguments", std::move(arguments)}};
    if (!kernel.conditions.empty())
      object["when"] = conditionText(kernel);
    kernelArray.push_back(std::move(object));
  }
  return Object{{"function", function},
                {"math_mode", "safe"},
                {"sizes", std::move(sizeArray)},
                {"buffers", std::move(bufferArray)},
                {"kernels", std::move(kernelArray)}};
}
