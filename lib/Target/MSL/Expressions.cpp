//===- Expressions.cpp - Expressions of printed kernels -------------------===//

#include "Printer.h"
#include "Types.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace gn;
using namespace gn::msl;

//===----------------------------------------------------------------------===//
// Parts
//===----------------------------------------------------------------------===//

FailureOr<std::string> Printer::typeName(Operation *op, Type type) {
  if (std::optional<std::string> name = getTypeName(type))
    return *name;
  refuse(op) << explainType(type);
  return failure();
}

FailureOr<Expression> Printer::expression(Value value) {
  if (auto it = variables.find(value); it != variables.end())
    return Expression{it->second};
  // Statements name the values of ops, and of blocks, before they are used.
  Operation *op = value.getDefiningOp();
  assert(op && isInlined(op) && "a value without a name");
  return expressionOf(op);
}

FailureOr<std::string> Printer::operand(Value value, Binding binding,
                                        bool isSigned) {
  FailureOr<Expression> text = expression(value);
  if (failed(text))
    return failure();
  if (isSigned)
    return getSignedTypeName(value.getType()) + "(" + text->text + ")";
  if (text->binding < binding)
    return "(" + text->text + ")";
  return text->text;
}

/// The scalar of which all lanes of `value` are copies, if that is how it will
/// be said anyway.
static Value getSplatScalar(Value value) {
  auto broadcast = value.getDefiningOp<vector::BroadcastOp>();
  if (broadcast && !isa<VectorType>(broadcast.getSource().getType()))
    return broadcast.getSource();
  return {};
}

FailureOr<Expression> Printer::binary(Operation *op, StringRef sign,
                                      Binding binding, bool isSigned) {
  // A vector and a scalar can be combined, two scalars are no vector.
  Value values[] = {op->getOperand(0), op->getOperand(1)};
  std::string text[2];
  for (int side : {0, 1}) {
    Value other = values[1 - side];
    // x - (y - z) needs parentheses, and bits, shifts and quotients read
    // better with them.
    Binding needed = side == 1 ? Binding(int(binding) + 1) : binding;
    if (binding < Binding::Equality || binding == Binding::Shift)
      needed = Binding::Unary;
    else if (binding == Binding::Quotient)
      needed = side == 1 ? Binding::Unary : Binding::Product;
    Value scalar = getSplatScalar(values[side]);
    DenseFPElementsAttr splat;
    FailureOr<std::string> part = failure();
    if (scalar && !getSplatScalar(other))
      part = operand(scalar, needed, isSigned);
    else if (matchPattern(values[side], m_Constant(&splat)) &&
             splat.isSplat() && !matchPattern(other, m_Constant()) &&
             !getSplatScalar(other))
      part = getFloatLiteral(splat.getSplatValue<APFloat>(),
                             splat.getElementType());
    else
      part = operand(values[side], needed, isSigned);
    if (failed(part))
      return failure();
    text[side] = *part;
  }
  // (a + b) + (c + d): what is added pairwise shows it.
  if (binding == Binding::Sum && text[1].front() == '(') {
    FailureOr<Expression> left = expression(values[0]);
    if (succeeded(left) && left->binding == Binding::Sum &&
        left->text == text[0])
      text[0] = "(" + text[0] + ")";
  }
  return Expression{text[0] + " " + sign.str() + " " + text[1], binding};
}

FailureOr<Expression> Printer::callOf(Operation *op, StringRef name,
                                      ValueRange arguments) {
  SmallVector<std::string> texts;
  for (Value argument : arguments) {
    FailureOr<Expression> text = expression(argument);
    if (failed(text))
      return failure();
    // Among overloads, a literal must be of its very type.
    bool isUnsigned =
        argument.getType().isIndex() || argument.getType().isInteger(32);
    if (isUnsigned && matchPattern(argument, m_Constant()) &&
        llvm::isDigit(text->text.back()))
      text->text += "u";
    texts.push_back(text->text);
  }
  return Expression{name.str() + "(" + llvm::join(texts, ", ") + ")"};
}

FailureOr<Expression> Printer::signedCall(Operation *op) {
  FailureOr<std::string> type = typeName(op, op->getResult(0).getType());
  FailureOr<std::string> lhs =
      operand(op->getOperand(0), Binding::Ternary, /*isSigned=*/true);
  FailureOr<std::string> rhs =
      operand(op->getOperand(1), Binding::Ternary, /*isSigned=*/true);
  if (failed(type) || failed(lhs) || failed(rhs))
    return failure();
  StringRef name = isa<arith::MaxSIOp>(op) ? "max" : "min";
  return Expression{
      llvm::formatv("{0}({1}({2}, {3}))", *type, name, *lhs, *rhs)};
}

FailureOr<Expression> Printer::conversion(Operation *op, bool fromSigned,
                                          bool toSigned) {
  FailureOr<std::string> type = typeName(op, op->getResult(0).getType());
  FailureOr<std::string> value =
      operand(op->getOperand(0), Binding::Ternary, fromSigned);
  if (failed(type) || failed(value))
    return failure();
  if (!toSigned)
    return Expression{*type + "(" + *value + ")"};
  // Through 32 bits at least, of which narrower integers keep the low ones.
  Type wide = op->getResult(0).getType();
  if (getElementTypeOrSelf(wide).getIntOrFloatBitWidth() < 32) {
    Type i32 = IntegerType::get(op->getContext(), 32);
    auto vector = dyn_cast<VectorType>(wide);
    wide = vector ? Type(vector.clone(i32)) : i32;
  }
  return Expression{*type + "(" + getSignedTypeName(wide) + "(" + *value +
                    "))"};
}

FailureOr<Expression> Printer::element(Operation *op, Value buffer,
                                       ValueRange position) {
  FailureOr<Expression> name = expression(buffer);
  if (failed(name))
    return failure();
  assert(position.size() <= 1 && "buffers of a higher rank are refused");
  if (position.empty())
    return getAddressSpace(buffer) == "thread"
               ? *name
               : Expression{"*" + name->text, Binding::Unary};
  FailureOr<Expression> index = expression(position.front());
  if (failed(index))
    return failure();
  return Expression{name->text + "[" + index->text + "]"};
}

FailureOr<Expression> Printer::vectorElement(Operation *op, Value buffer,
                                             ValueRange position,
                                             VectorType type, bool isWritten) {
  FailureOr<std::string> name = typeName(op, type);
  FailureOr<Expression> scalar = element(op, buffer, position);
  if (failed(name) || failed(scalar))
    return failure();
  if (isa<VectorType>(cast<MemRefType>(buffer.getType()).getElementType()) ||
      position.empty()) {
    refuse(op) << "a vector can be loaded from, and stored to, a row of "
                  "scalars only";
    return failure();
  }
  return Expression{
      llvm::formatv("*({0} {1}{2} *)&{3}", getAddressSpace(buffer),
                    isWritten ? "" : "const ", *name, scalar->text),
      Binding::Unary};
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

FailureOr<Expression> Printer::expressionOf(Operation *op) {
  // Every type that is part of the text must be one of MSL's.
  for (Type type : op->getResultTypes())
    if (failed(typeName(op, type)))
      return failure();
  if (isa<arith::ArithDialect, math::MathDialect>(op->getDialect()))
    return arithmetic(op);
  if (isa<vector::VectorDialect>(op->getDialect()))
    return vectorOp(op);
  if (isa<gpu::GPUDialect>(op->getDialect()))
    return gpuOp(op);
  if (auto load = dyn_cast<memref::LoadOp>(op))
    return element(op, load.getMemRef(), load.getIndices());
  if (auto call = dyn_cast<func::CallOp>(op)) {
    if (!functions.contains(call.getCallee())) {
      refuse(op) << "function '" << call.getCallee() << "' must stand above it";
      return failure();
    }
    return callOf(op, call.getCallee(), call.getOperands());
  }
  refuse(op) << "the op is not one that the printer takes";
  return failure();
}

FailureOr<Expression> Printer::vectorOp(Operation *op) {
  if (auto load = dyn_cast<vector::LoadOp>(op))
    return vectorElement(op, load.getBase(), load.getIndices(),
                         load.getVectorType(), /*isWritten=*/false);
  if (isa<vector::BroadcastOp>(op)) {
    if (isa<VectorType>(op->getOperand(0).getType())) {
      refuse(op) << "only a scalar can be broadcast";
      return failure();
    }
    return conversion(op);
  }
  if (isa<vector::FromElementsOp>(op)) {
    FailureOr<std::string> type = typeName(op, op->getResult(0).getType());
    return callOf(op, *type, op->getOperands());
  }
  if (isa<vector::FMAOp>(op))
    return callOf(op, "fma", op->getOperands());
  if (auto extract = dyn_cast<vector::ExtractOp>(op)) {
    FailureOr<std::string> source =
        operand(extract.getSource(), Binding::Primary);
    if (failed(source))
      return failure();
    OpFoldResult position = extract.getMixedPosition().front();
    if (auto constant = getConstantIntValue(position))
      return Expression{*source + "." + "xyzw"[*constant]};
    FailureOr<Expression> lane = expression(cast<Value>(position));
    if (failed(lane))
      return failure();
    return Expression{*source + "[" + lane->text + "]"};
  }
  refuse(op) << "the op is not one that the printer takes";
  return failure();
}

FailureOr<Expression> Printer::gpuOp(Operation *op) {
  auto dimension = [](gpu::Dimension d) {
    return "." + gpu::stringifyDimension(d).str();
  };
  std::string text =
      TypeSwitch<Operation *, std::string>(op)
          .Case([&](gpu::BlockIdOp op) {
            return "threadgroup_position_in_grid" +
                   dimension(op.getDimension());
          })
          .Case([&](gpu::GridDimOp op) {
            return "threadgroups_per_grid" + dimension(op.getDimension());
          })
          .Case([&](gpu::ThreadIdOp op) {
            return "thread_position_in_threadgroup" +
                   dimension(op.getDimension());
          })
          .Case([&](gpu::BlockDimOp op) {
            return "threads_per_threadgroup" + dimension(op.getDimension());
          })
          .Case([&](gpu::GlobalIdOp op) {
            return "thread_position_in_grid" + dimension(op.getDimension());
          })
          .Case([](gpu::SubgroupIdOp) {
            return "simdgroup_index_in_threadgroup";
          })
          .Case(
              [](gpu::NumSubgroupsOp) { return "simdgroups_per_threadgroup"; })
          .Case([](gpu::LaneIdOp) { return "thread_index_in_simdgroup"; })
          .Case([](gpu::SubgroupSizeOp) { return "threads_per_simdgroup"; })
          .Default([](Operation *) { return ""; });
  if (!text.empty()) {
    if (isInKernel)
      return Expression{text};
    refuse(op) << "only a kernel knows its position; pass it to the function";
    return failure();
  }
  if (auto shuffle = dyn_cast<gpu::ShuffleOp>(op)) {
    if (getConstantIntValue(shuffle.getWidth()) != 32) {
      refuse(op) << "the width of a shuffle must be the constant 32, the width "
                    "of a simdgroup";
      return failure();
    }
    if (!shuffle.getValid().use_empty()) {
      refuse(op) << "MSL does not say whether a shuffle was valid";
      return failure();
    }
    auto getName = [](gpu::ShuffleMode mode) -> StringRef {
      switch (mode) {
      case gpu::ShuffleMode::XOR:
        return "simd_shuffle_xor";
      case gpu::ShuffleMode::UP:
        return "simd_shuffle_up";
      case gpu::ShuffleMode::DOWN:
        return "simd_shuffle_down";
      case gpu::ShuffleMode::IDX:
        return "simd_shuffle";
      }
      llvm_unreachable("a shuffle has one of these modes");
    };
    return callOf(op, getName(shuffle.getMode()),
                  {shuffle.getValue(), shuffle.getOffset()});
  }
  refuse(op) << "the op is not one that the printer takes";
  return failure();
}
