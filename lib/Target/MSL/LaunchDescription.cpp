//===- LaunchDescription.cpp - How printed kernels are launched -----------===//

#include "groupnorm/Target/MSL/LaunchDescription.h"
#include "Printer.h"
#include "Types.h"
#include "groupnorm/Dialect/GN/IR/GN.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace gn;

namespace {

class Describer {
public:
  explicit Describer(FunctionOpInterface function) : function(function) {
    description.function = function.getName().str();
  }
  LogicalResult run();
  LaunchDescription description;

private:
  using Conditions = SmallVector<LaunchDescription::Condition>;
  /// Describes what a block launches where the conditions hold.
  LogicalResult addBlock(Block &block, const Conditions &conditions);
  LogicalResult addBranches(scf::IfOp branch, const Conditions &conditions);
  LogicalResult addLaunch(gpu::LaunchFuncOp launch,
                          const Conditions &conditions);
  /// The number of the buffer that `value` is a view of.
  FailureOr<unsigned> getBuffer(gpu::LaunchFuncOp launch, Value value,
                                BlockArgument parameter, StringRef role);
  /// Adds comparisons whose conjunction is `value`, which `user` needs.
  LogicalResult addComparisons(Operation *user, Value value,
                               LaunchDescription::Condition &condition);
  FailureOr<AffineExpr> getExpression(Operation *user, Value value);
  FailureOr<AffineExpr> getSize(Operation *user, memref::DimOp op);
  std::string uniqueName(StringRef name);

  FunctionOpInterface function;
  DenseMap<Value, unsigned> bufferOf;
  // Sizes may be asked for before their buffer is launched: their names are
  // made when all buffers are known.
  SmallVector<std::pair<BlockArgument, int64_t>> sizes;
};

} // namespace

static InFlightDiagnostic refuse(Operation *user) {
  return user->emitOpError("cannot be described: ");
}

/// Looks through ops that show the same elements in another shape.
static Value getSource(Value buffer) {
  while (true) {
    if (auto op = buffer.getDefiningOp<memref::CollapseShapeOp>())
      buffer = op.getSrc();
    else if (auto op = buffer.getDefiningOp<memref::ExpandShapeOp>())
      buffer = op.getSrc();
    else if (auto op = buffer.getDefiningOp<memref::CastOp>())
      buffer = op.getSource();
    else
      return buffer;
  }
}

std::string Describer::uniqueName(StringRef name) {
  std::string unique = name.str();
  for (int i = 1; llvm::any_of(description.buffers,
                               [&](auto &b) { return b.name == unique; });
       ++i)
    unique = (name + "_" + Twine(i)).str();
  return unique;
}

FailureOr<AffineExpr> Describer::getSize(Operation *user, memref::DimOp op) {
  auto argument = dyn_cast<BlockArgument>(op.getSource());
  std::optional<int64_t> dimension = op.getConstantIndex();
  if (!argument || argument.getOwner() != &function.getFunctionBody().front() ||
      !dimension) {
    refuse(user) << "a size is not a dimension of the function's arguments";
    return failure();
  }
  auto type = cast<MemRefType>(argument.getType());
  if (!type.isDynamicDim(*dimension))
    return getAffineConstantExpr(type.getDimSize(*dimension),
                                 user->getContext());
  std::pair<BlockArgument, int64_t> size(argument, *dimension);
  auto *known = llvm::find(sizes, size);
  unsigned number = known - sizes.begin();
  if (known == sizes.end())
    sizes.push_back(size);
  return getAffineSymbolExpr(number, user->getContext());
}

FailureOr<AffineExpr> Describer::getExpression(Operation *user, Value value) {
  if (std::optional<int64_t> constant = getConstantIntValue(value))
    return getAffineConstantExpr(*constant, user->getContext());
  Operation *op = value.getDefiningOp();
  if (auto dim = dyn_cast_or_null<memref::DimOp>(op))
    return getSize(user, dim);
  if (isa_and_nonnull<arith::IndexCastOp, arith::IndexCastUIOp>(op))
    return getExpression(user, op->getOperand(0));
  if (!isa_and_nonnull<arith::AddIOp, arith::SubIOp, arith::MulIOp,
                       arith::DivUIOp, arith::CeilDivUIOp, arith::RemUIOp>(
          op)) {
    refuse(user) << "a size is not arithmetic on dimensions of the "
                    "function's arguments";
    return failure();
  }
  FailureOr<AffineExpr> lhs = getExpression(user, op->getOperand(0));
  FailureOr<AffineExpr> rhs = getExpression(user, op->getOperand(1));
  if (failed(lhs) || failed(rhs))
    return failure();
  return TypeSwitch<Operation *, AffineExpr>(op)
      .Case<arith::AddIOp>([&](auto) { return *lhs + *rhs; })
      .Case<arith::SubIOp>([&](auto) { return *lhs - *rhs; })
      .Case<arith::MulIOp>([&](auto) { return *lhs * *rhs; })
      .Case<arith::DivUIOp>([&](auto) { return lhs->floorDiv(*rhs); })
      .Case<arith::CeilDivUIOp>([&](auto) { return lhs->ceilDiv(*rhs); })
      .Default([&](Operation *) { return *lhs % *rhs; });
}

LogicalResult
Describer::addComparisons(Operation *user, Value value,
                          LaunchDescription::Condition &condition) {
  if (auto both = value.getDefiningOp<arith::AndIOp>())
    return success(succeeded(addComparisons(user, both.getLhs(), condition)) &&
                   succeeded(addComparisons(user, both.getRhs(), condition)));
  auto comparison = value.getDefiningOp<arith::CmpIOp>();
  if (!comparison)
    return refuse(user) << "its condition is not made of comparisons of sizes";
  FailureOr<AffineExpr> lhs = getExpression(user, comparison.getLhs());
  FailureOr<AffineExpr> rhs = getExpression(user, comparison.getRhs());
  if (failed(lhs) || failed(rhs))
    return failure();
  condition.comparisons.push_back({*lhs, *rhs, comparison.getPredicate()});
  return success();
}

FailureOr<unsigned> Describer::getBuffer(gpu::LaunchFuncOp launch, Value value,
                                         BlockArgument parameter,
                                         StringRef role) {
  Value source = getSource(value);
  if (auto known = bufferOf.find(source); known != bufferOf.end()) {
    std::string &before = description.buffers[known->second].role;
    if ((before == "input" && role == "output") ||
        (before == "output" && role == "input"))
      before = "inout";
    return known->second;
  }
  LaunchDescription::Buffer buffer;
  auto type = cast<MemRefType>(source.getType());
  MLIRContext *context = launch.getContext();
  buffer.elements = getAffineConstantExpr(1, context);
  if (auto argument = dyn_cast<BlockArgument>(source)) {
    buffer.argument = argument.getArgNumber();
    for (int64_t i = 0; i < type.getRank(); ++i) {
      AffineExpr size = getAffineConstantExpr(type.getDimSize(i), context);
      if (type.isDynamicDim(i)) {
        std::pair<BlockArgument, int64_t> key(argument, i);
        auto *known = llvm::find(sizes, key);
        size = getAffineSymbolExpr(known - sizes.begin(), context);
        if (known == sizes.end())
          sizes.push_back(key);
      }
      buffer.elements = buffer.elements * size;
    }
  } else if (auto alloc = source.getDefiningOp<memref::AllocOp>()) {
    for (OpFoldResult size : alloc.getMixedSizes()) {
      FailureOr<AffineExpr> expr =
          isa<Attribute>(size)
              ? getAffineConstantExpr(*getConstantIntValue(size), context)
              : getExpression(launch, cast<Value>(size));
      if (failed(expr))
        return failure();
      buffer.elements = buffer.elements * *expr;
    }
  } else if (auto constant = source.getDefiningOp<memref::GetGlobalOp>()) {
    auto global = SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(
        constant, constant.getNameAttr());
    buffer.values = dyn_cast_or_null<DenseElementsAttr>(
        global ? global.getInitialValue().value_or(Attribute()) : Attribute());
    if (!buffer.values || !global.getConstant()) {
      refuse(launch) << "@" << constant.getName()
                     << " is not a constant with a value";
      return failure();
    }
    role = "constant";
    buffer.elements = getAffineConstantExpr(type.getNumElements(), context);
  } else {
    refuse(launch) << "a buffer is neither an argument of the function, nor a "
                      "constant, nor a memref.alloc";
    return failure();
  }
  std::optional<std::string> typeName = msl::getTypeName(type.getElementType());
  if (!typeName) {
    refuse(launch) << msl::explainType(type.getElementType());
    return failure();
  }
  StringRef name = msl::getName(parameter.getLoc());
  auto kernel = cast<gpu::GPUFuncOp>(parameter.getOwner()->getParentOp());
  if (auto attribute = kernel.getArgAttrOfType<StringAttr>(
          parameter.getArgNumber(), GNDialect::kNameAttrName))
    name = attribute;
  buffer.name = uniqueName(name.empty() ? "buffer" : name);
  buffer.role = role.str();
  buffer.type = *typeName;
  Type element = type.getElementType();
  if (auto vector = dyn_cast<VectorType>(element))
    // A vector of three takes the room of four.
    buffer.elementBytes = llvm::PowerOf2Ceil(vector.getNumElements()) *
                          vector.getElementTypeBitWidth() / 8;
  else
    buffer.elementBytes =
        element.isIndex() ? 4 : element.getIntOrFloatBitWidth() / 8;
  unsigned number = description.buffers.size();
  description.buffers.push_back(std::move(buffer));
  bufferOf[source] = number;
  return number;
}

LogicalResult Describer::addLaunch(gpu::LaunchFuncOp launch,
                                   const Conditions &conditions) {
  auto kernel = SymbolTable::lookupNearestSymbolFrom<gpu::GPUFuncOp>(
      launch, launch.getKernel());
  if (!kernel)
    return refuse(launch) << "its kernel is not a gpu.func";
  LaunchDescription::Kernel result;
  result.name = kernel.getName().str();
  result.conditions = conditions;
  gpu::KernelDim3 grid = launch.getGridSizeOperandValues();
  gpu::KernelDim3 block = launch.getBlockSizeOperandValues();
  for (auto [values, target] : {std::pair(grid, &result.threadgroups),
                                std::pair(block, &result.threads)})
    for (auto [i, value] :
         llvm::enumerate(std::array{values.x, values.y, values.z})) {
      FailureOr<AffineExpr> expr = getExpression(launch, value);
      if (failed(expr))
        return failure();
      (*target)[i] = *expr;
    }
  if (launch.getDynamicSharedMemorySize())
    return refuse(launch) << "threadgroup memory of dynamic size";

  for (unsigned i = 0, e = launch.getNumKernelOperands(); i < e; ++i) {
    Value operand = launch.getKernelOperand(i);
    BlockArgument parameter = kernel.getArgument(i);
    auto textOf = [&](StringRef attribute, StringRef otherwise) {
      auto text = kernel.getArgAttrOfType<StringAttr>(i, attribute);
      return text ? text.getValue() : otherwise;
    };
    LaunchDescription::Argument argument;
    argument.name = textOf(GNDialect::kNameAttrName, "").str();
    if (isa<MemRefType>(operand.getType())) {
      argument.isWritten = msl::isWritten(parameter);
      StringRef role = textOf(GNDialect::kRoleAttrName,
                              argument.isWritten ? "output" : "input");
      FailureOr<unsigned> buffer = getBuffer(launch, operand, parameter, role);
      if (failed(buffer))
        return failure();
      argument.buffer = *buffer;
    } else {
      FailureOr<AffineExpr> value = getExpression(launch, operand);
      std::optional<std::string> type = msl::getTypeName(operand.getType());
      if (failed(value))
        return failure();
      if (!type)
        return refuse(launch) << msl::explainType(operand.getType());
      argument.value = *value;
      argument.type = *type;
    }
    result.arguments.push_back(std::move(argument));
  }
  description.kernels.push_back(std::move(result));
  return success();
}

/// The condition that holds where `condition` does not.
static LaunchDescription::Condition
negate(LaunchDescription::Condition condition) {
  if (condition.comparisons.size() == 1) {
    arith::CmpIPredicate &predicate = condition.comparisons.front().predicate;
    predicate = arith::invertPredicate(predicate);
  } else {
    condition.isNegated = !condition.isNegated;
  }
  return condition;
}

/// Whether `a` is superfluous beside `b`: both say that something is larger
/// than a number, and b's is no smaller.
static bool isImplied(const LaunchDescription::Condition &a,
                      const LaunchDescription::Condition &b) {
  if (a.comparisons.size() != 1 || b.comparisons.size() != 1)
    return false;
  const auto &weak = a.comparisons.front(), &strong = b.comparisons.front();
  auto weakBound = dyn_cast<AffineConstantExpr>(weak.rhs);
  auto strongBound = dyn_cast<AffineConstantExpr>(strong.rhs);
  return weak.lhs == strong.lhs &&
         weak.predicate == arith::CmpIPredicate::sgt &&
         strong.predicate == arith::CmpIPredicate::sgt && weakBound &&
         strongBound && weakBound.getValue() <= strongBound.getValue();
}

LogicalResult Describer::addBranches(scf::IfOp branch,
                                     const Conditions &conditions) {
  LaunchDescription::Condition condition;
  if (failed(addComparisons(branch, branch.getCondition(), condition)))
    return failure();
  for (Region *region : branch.getRegions()) {
    Conditions inner = conditions;
    llvm::erase_if(inner, [&](const LaunchDescription::Condition &outer) {
      return isImplied(outer, condition);
    });
    inner.push_back(condition);
    if (!region->empty() && failed(addBlock(region->front(), inner)))
      return failure();
    condition = negate(condition);
  }
  return success();
}

LogicalResult Describer::addBlock(Block &block, const Conditions &conditions) {
  for (Operation &op : block) {
    auto branch = dyn_cast<scf::IfOp>(op);
    auto launch = dyn_cast<gpu::LaunchFuncOp>(op);
    if (branch ? failed(addBranches(branch, conditions))
               : launch && failed(addLaunch(launch, conditions)))
      return failure();
    if (branch || launch)
      continue;
    WalkResult walk = op.walk([](gpu::LaunchFuncOp nested) {
      refuse(nested) << "it must stand at the top of a function, or in an "
                        "scf.if there";
      return WalkResult::interrupt();
    });
    if (walk.wasInterrupted())
      return failure();
  }
  return success();
}

/// Whoever follows the description runs kernels and nothing else.
static LogicalResult verifyLaunchesOnly(Block &block) {
  for (Operation &op : block) {
    if (isa<scf::IfOp>(op)) {
      for (Region &region : op.getRegions())
        if (!region.empty() && failed(verifyLaunchesOnly(region.front())))
          return failure();
      continue;
    }
    if (!isa<gpu::LaunchFuncOp, memref::AllocOp, memref::DeallocOp>(op) &&
        !op.hasTrait<OpTrait::IsTerminator>() && !isPure(&op))
      return op.emitOpError("cannot be described: the function does more than "
                            "launch kernels");
  }
  return success();
}

LogicalResult Describer::run() {
  Block &body = function.getFunctionBody().front();
  if (failed(addBlock(body, {})) || failed(verifyLaunchesOnly(body)))
    return failure();
  for (auto [argument, dimension] : sizes) {
    auto known = bufferOf.find(argument);
    if (known == bufferOf.end())
      return function->emitOpError("cannot be described: argument ")
             << argument.getArgNumber()
             << " gives a size, but is no buffer of a kernel";
    unsigned buffer = known->second;
    description.sizes.push_back(
        {llvm::formatv("{0}_size{1}", description.buffers[buffer].name,
                       dimension),
         buffer, dimension});
  }
  return success();
}

FailureOr<LaunchDescription>
LaunchDescription::create(FunctionOpInterface function) {
  Describer describer(function);
  if (failed(describer.run()))
    return failure();
  return std::move(describer.description);
}
