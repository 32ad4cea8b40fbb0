//===- Printer.cpp - Statements of printed kernels ------------------------===//

#include "Printer.h"
#include "groupnorm/Dialect/GN/IR/GN.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace gn;
using namespace gn::msl;

InFlightDiagnostic Printer::refuse(Operation *op) {
  return op->emitOpError("cannot be printed as MSL: ");
}

/// Where to end a line of `text` that has room for `width` characters: at the
/// space with the fewest parentheses around it, and of these the last. None if
/// every space is too far to the left.
static size_t findLineEnd(StringRef text, size_t width) {
  size_t best = StringRef::npos;
  int depth = 0, bestDepth = 0;
  for (size_t i = 0; i < width; ++i) {
    if (text[i] == '(' || text[i] == '[')
      ++depth;
    else if (text[i] == ')' || text[i] == ']')
      --depth;
    if (text[i] != ' ' || i < width / 3)
      continue;
    // The right side of an assignment moves to a line of its own only if it
    // fits there.
    if (text[i - 1] == '=' && text.size() - i > width - 4)
      continue;
    if (best == StringRef::npos || depth <= bestDepth) {
      best = i;
      bestDepth = depth;
    }
  }
  return best;
}

void Printer::printLine(const Twine &twine) {
  std::string text = twine.str();
  StringRef rest = text;
  size_t width = 96 - 2 * depth;
  while (rest.size() > width) {
    size_t end = findLineEnd(rest, width);
    if (end == StringRef::npos)
      break;
    os << rest.take_front(end) << "\n    ";
    rest = rest.drop_front(end + 1);
    width = 92 - 2 * depth;
  }
  os << rest << "\n";
}

/// Leaves a line free between a loop or a branch and what comes after it.
void Printer::separate(Operation *op) {
  Operation *previous = op->getPrevNode();
  while (previous && previous->getNumResults() != 0 &&
         previous->getNumRegions() == 0 && isInlined(previous))
    previous = previous->getPrevNode();
  if (isa_and_nonnull<scf::ForOp, scf::IfOp>(previous))
    os << "\n";
}

void Printer::openBrace() {
  os.indent();
  ++depth;
}

void Printer::closeBrace() {
  os.unindent();
  --depth;
}

LogicalResult Printer::printBlock(Block &block) {
  for (Operation &op : block)
    if (failed(printStatement(&op)))
      return failure();
  return success();
}

LogicalResult Printer::printStatement(Operation *op) {
  return TypeSwitch<Operation *, LogicalResult>(op)
      .Case<scf::ForOp>([&](auto op) { return printFor(op); })
      .Case<scf::IfOp>([&](auto op) { return printIf(op); })
      .Case<memref::AllocaOp>([&](auto op) { return printAlloca(op); })
      .Case<memref::StoreOp, vector::StoreOp>(
          [&](Operation *op) { return printStore(op); })
      .Case<gpu::BarrierOp>([&](auto op) { return printBarrier(op); })
      // Printed with the op that they end.
      .Case<scf::YieldOp, gpu::ReturnOp>([](auto) { return success(); })
      .Case<func::ReturnOp>([&](func::ReturnOp op) -> LogicalResult {
        if (op.getNumOperands() == 0)
          return success();
        FailureOr<Expression> value = expression(op.getOperand(0));
        if (failed(value))
          return failure();
        printLine("return " + value->text + ";");
        return success();
      })
      .Default([&](Operation *op) { return printDefinition(op); });
}

LogicalResult Printer::printDefinition(Operation *op) {
  // Of a shuffle's results the second is never used.
  bool hasOneResult = op->getNumResults() <= 1 || isa<gpu::ShuffleOp>(op);
  if (op->getNumRegions() != 0 || !hasOneResult)
    return refuse(op) << "the op is not one that the printer takes";
  if (isInlined(op))
    return success();
  FailureOr<Expression> value = expressionOf(op);
  if (failed(value))
    return failure();
  if (op->getNumResults() == 0) {
    printLine(value->text + ";");
    return success();
  }
  Value result = op->getResult(0);
  FailureOr<std::string> type = typeName(op, result.getType());
  if (failed(type))
    return failure();
  StringRef name = getName(op->getLoc());
  std::string variable = names.take(name.empty() ? "v" : name);
  separate(op);
  printLine("const " + *type + " " + variable + " = " + value->text + ";");
  variables[result] = variable;
  return success();
}

/// The store that directly follows the allocation of a single value.
static memref::StoreOp getInitialStore(memref::AllocaOp op) {
  Operation *next = op->getNextNode();
  while (isa_and_nonnull<arith::ConstantOp>(next))
    next = next->getNextNode();
  auto store = dyn_cast_or_null<memref::StoreOp>(next);
  bool isInitial = store && op.getType().getRank() == 0 &&
                   store.getMemRef() == op.getResult();
  return isInitial ? store : memref::StoreOp();
}

LogicalResult Printer::printAlloca(memref::AllocaOp op) {
  MemRefType type = op.getType();
  FailureOr<std::string> element = typeName(op, type.getElementType());
  if (failed(element))
    return failure();
  if (!type.hasStaticShape() || type.getRank() > 1 ||
      getAddressSpace(op) != "thread")
    return refuse(op) << "its type is " << type
                      << ", but must be a static memref of rank 0 or 1 in "
                         "private memory";
  StringRef name = getName(op.getLoc());
  std::string variable = names.take(name.empty() ? "local" : name);
  separate(op);
  os << *element << " " << variable;
  if (type.getRank() == 1)
    os << "[" << type.getNumElements() << "]";
  variables[op] = variable;
  if (auto init = getInitialStore(op)) {
    FailureOr<Expression> value = expression(init.getValueToStore());
    if (failed(value))
      return failure();
    os << " = " << value->text;
  }
  os << ";\n";
  return success();
}

LogicalResult Printer::printStore(Operation *op) {
  Value stored;
  FailureOr<Expression> target = failure();
  if (auto store = dyn_cast<memref::StoreOp>(op)) {
    auto alloca = store.getMemRef().getDefiningOp<memref::AllocaOp>();
    if (alloca && getInitialStore(alloca) == store)
      return success();
    stored = store.getValueToStore();
    target = element(op, store.getMemRef(), store.getIndices());
  } else {
    auto vectorStore = cast<vector::StoreOp>(op);
    stored = vectorStore.getValueToStore();
    target = vectorElement(op, vectorStore.getBase(), vectorStore.getIndices(),
                           vectorStore.getVectorType(), /*isWritten=*/true);
  }
  if (failed(target))
    return failure();
  FailureOr<Expression> value = expression(stored);
  if (failed(value))
    return failure();
  printLine(target->text + " = " + value->text + ";");
  return success();
}

LogicalResult Printer::printBarrier(gpu::BarrierOp op) {
  if (!isInKernel)
    return refuse(op) << "a barrier must stand in a kernel";
  // Device memory needs ordering only where the kernel reads what it writes.
  auto kernel = op->getParentOfType<gpu::GPUFuncOp>();
  bool ordersDevice =
      llvm::any_of(kernel.getBody().getArguments(), [](BlockArgument buffer) {
        if (!isa<MemRefType>(buffer.getType()) ||
            getAddressSpace(buffer) != "device" || !isWritten(buffer))
          return false;
        return llvm::any_of(buffer.getUsers(), [](Operation *user) {
          return isa<memref::LoadOp, vector::LoadOp>(user);
        });
      });
  os << "threadgroup_barrier(mem_flags::mem_threadgroup"
     << (ordersDevice ? " | mem_flags::mem_device" : "") << ");\n\n";
  return success();
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

LogicalResult Printer::declare(ValueRange values, ValueRange initial) {
  for (auto [i, value] : llvm::enumerate(values)) {
    Operation *op = value.getDefiningOp();
    FailureOr<std::string> type = typeName(op, value.getType());
    if (failed(type))
      return failure();
    std::string init;
    if (!initial.empty()) {
      FailureOr<Expression> text = expression(initial[i]);
      if (failed(text))
        return failure();
      init = " = " + text->text;
    }
    StringRef name = getName(value.getLoc());
    variables[value] = names.take(name.empty() ? "result" : name);
    os << *type << " " << variables[value] << init << ";\n";
  }
  return success();
}

LogicalResult Printer::printYield(Operation *yield, ArrayRef<Value> targets) {
  // Assignments happen one after another: a value that mentions a variable
  // which has been assigned by then must be computed first.
  SmallVector<std::string> values;
  for (auto [i, value] : llvm::enumerate(yield->getOperands())) {
    FailureOr<Expression> text = expression(value);
    if (failed(text))
      return failure();
    values.push_back(text->text);
    if (!mentions(value, targets.take_front(i)))
      continue;
    FailureOr<std::string> type = typeName(yield, value.getType());
    if (failed(type))
      return failure();
    std::string next = names.take("next");
    printLine("const " + *type + " " + next + " = " + values.back() + ";");
    values.back() = next;
  }
  for (auto [target, operand, value] :
       llvm::zip_equal(targets, yield->getOperands(), values)) {
    const std::string &variable = variables[target];
    if (value == variable)
      continue;
    // x = x + y is said as x += y.
    StringRef sum = value;
    Operation *op = operand.getDefiningOp();
    bool isSum = isa_and_nonnull<arith::AddFOp, arith::AddIOp>(op) &&
                 isInlined(op) && op->getOperand(0) == target &&
                 sum.consume_front(variable + " + ");
    if (isSum) {
      FailureOr<Expression> summand = expression(op->getOperand(1));
      if (failed(summand))
        return failure();
      printLine(variable + " += " + summand->text + ";");
    } else {
      printLine(variable + " = " + value + ";");
    }
  }
  return success();
}

/// Whether a loop should be unrolled: it runs over an array that a thread keeps
/// in registers, which cannot be indexed.
static bool mustUnroll(scf::ForOp op) {
  std::optional<int64_t> lower = getConstantIntValue(op.getLowerBound());
  std::optional<int64_t> upper = getConstantIntValue(op.getUpperBound());
  if (!lower || !upper)
    return false;
  auto walk = op.getBody()->walk<WalkOrder::PreOrder>([](Operation *inner) {
    if (isa<scf::ForOp>(inner))
      return WalkResult::skip(); // it is asked for itself
    Value buffer;
    if (auto load = dyn_cast<memref::LoadOp>(inner))
      buffer = load.getMemRef();
    else if (auto store = dyn_cast<memref::StoreOp>(inner))
      buffer = store.getMemRef();
    bool isArray = buffer &&
                   cast<MemRefType>(buffer.getType()).getRank() == 1 &&
                   getAddressSpace(buffer) == "thread";
    return isArray ? WalkResult::interrupt() : WalkResult::advance();
  });
  return walk.wasInterrupted();
}

LogicalResult Printer::printFor(scf::ForOp op) {
  FailureOr<std::string> type = typeName(op, op.getInductionVar().getType());
  FailureOr<Expression> lower = expression(op.getLowerBound());
  FailureOr<std::string> upper = operand(op.getUpperBound(), Binding::Relation);
  FailureOr<Expression> step = expression(op.getStep());
  if (failed(type) || failed(lower) || failed(upper) || failed(step))
    return failure();

  printRole(op);
  // Carried values live in variables that the loop's results share.
  SmallVector<Value> carried;
  for (auto [argument, init, result] : llvm::zip_equal(
           op.getRegionIterArgs(), op.getInitArgs(), op.getResults())) {
    FailureOr<std::string> carriedType = typeName(op, argument.getType());
    FailureOr<Expression> value = expression(init);
    if (failed(carriedType) || failed(value))
      return failure();
    StringRef name = getName(argument.getLoc());
    std::string variable = names.take(name.empty() ? "carried" : name);
    os << *carriedType << " " << variable << " = " << value->text << ";\n";
    variables[argument] = variable;
    variables[result] = variable;
    carried.push_back(argument);
  }

  if (mustUnroll(op))
    os << "#pragma clang loop unroll(full)\n";
  names.push();
  StringRef name = getName(op.getInductionVar().getLoc());
  std::string iv = names.take(name.empty() ? "i" : name);
  variables[op.getInductionVar()] = iv;
  os << "for (" << *type << " " << iv << " = " << lower->text << "; " << iv
     << " < " << *upper << "; ";
  if (getConstantIntValue(op.getStep()) == 1)
    os << "++" << iv;
  else
    os << iv << " += " << step->text;
  os << ") {\n";
  openBrace();
  if (failed(printBlock(*op.getBody())) ||
      failed(printYield(op.getBody()->getTerminator(), carried)))
    return failure();
  closeBrace();
  os << "}\n";
  names.pop();
  return success();
}

LogicalResult Printer::printIf(scf::IfOp op) {
  printRole(op);
  // What the other branch would only assign is there from the start.
  ValueRange initial;
  if (op.getNumResults() != 0 && llvm::hasSingleElement(*op.elseBlock()))
    initial = op.elseYield().getOperands();
  if (failed(declare(op.getResults(), initial)))
    return failure();
  FailureOr<Expression> condition = expression(op.getCondition());
  if (failed(condition))
    return failure();
  os << "if (" << condition->text << ") {\n";
  SmallVector<Value> targets(op.getResults());
  for (Region *region : op.getRegions()) {
    if (region->empty())
      continue;
    if (region->getRegionNumber() == 1 && !initial.empty())
      break;
    if (region->getRegionNumber() == 1)
      os << "} else {\n";
    names.push();
    openBrace();
    if (failed(printBlock(region->front())) ||
        failed(printYield(region->front().getTerminator(), targets)))
      return failure();
    closeBrace();
    names.pop();
  }
  os << "}\n";
  return success();
}
