//===- CallScratch.cpp - Scratch memory that only a call knows ------------===//

#include "CallScratch.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace gn;

/// A cache line, and as much as any vector asks for.
static constexpr int64_t kAlignment = 64;

//===----------------------------------------------------------------------===//
// Which buffers
//===----------------------------------------------------------------------===//

static bool isParallel(Operation *op) {
  return isa<affine::AffineParallelOp, scf::ParallelOp, scf::ForallOp>(op);
}

static bool isInParallelLoop(Operation *op) {
  for (Operation *parent = op->getParentOp(); parent;
       parent = parent->getParentOp())
    if (isParallel(parent))
      return true;
  return false;
}

/// Whether `value` follows from the arguments of its function, by nothing but
/// arithmetic.
static bool followsFromArguments(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return isa<func::FuncOp>(argument.getOwner()->getParentOp());
  Operation *op = value.getDefiningOp();
  return op->getNumRegions() == 0 && isMemoryEffectFree(op) &&
         llvm::all_of(op->getOperands(), followsFromArguments);
}

/// Whether memory of the caller can take the place of a buffer: one of numbers
/// of whole bytes in row-major order that is freed where it was made.
static bool isReplaceable(memref::AllocOp alloc) {
  MemRefType type = alloc.getType();
  return type.getLayout().isIdentity() && !type.getMemorySpace() &&
         type.getElementType().isIntOrFloat() &&
         type.getElementTypeBitWidth() % 8 == 0 &&
         alloc.getAlignment().value_or(1) <= kAlignment &&
         llvm::any_of(alloc->getUsers(), [&](Operation *user) {
           return isa<memref::DeallocOp>(user) &&
                  user->getBlock() == alloc->getBlock();
         });
}

static std::optional<int64_t> getBytes(MemRefType type) {
  std::optional<int64_t> bytes = type.getElementTypeBitWidth() / 8;
  for (int64_t size : type.getShape())
    if (bytes)
      bytes = llvm::checkedMul(*bytes, size);
  return bytes;
}

CallScratch::CallScratch(func::FuncOp kernel, int64_t threads)
    : kernel(kernel), threads(threads) {
  kernel.walk([&](memref::AllocOp alloc) {
    if (!isReplaceable(alloc))
      return;
    if (!isInParallelLoop(alloc)) {
      if (llvm::all_of(alloc->getOperands(), followsFromArguments))
        buffers.push_back(alloc);
      return;
    }
    constexpr int64_t kLargest = int64_t(1) << 40;
    if (!alloc.getType().hasStaticShape())
      return;
    std::optional<int64_t> bytes = getBytes(alloc.getType());
    if (!bytes || *bytes > kLargest - threadBytes)
      return;
    threadBuffers.push_back({alloc, threadBytes});
    threadBytes += llvm::alignTo(*bytes, kAlignment);
  });
}

FailureOr<func::FuncOp> CallScratch::getOpenMPFunction(StringRef name) {
  auto module = kernel->getParentOfType<ModuleOp>();
  if (Operation *found = SymbolTable::lookupSymbolIn(module, name)) {
    auto function = dyn_cast<func::FuncOp>(found);
    if (function && function.isExternal())
      return function;
    kernel.emitOpError() << "needs the OpenMP function '" << name
                         << "', but the module has something else of that name";
    return failure();
  }
  OpBuilder b = OpBuilder::atBlockBegin(module.getBody());
  auto function = func::FuncOp::create(
      b, kernel.getLoc(), name, b.getFunctionType(TypeRange(), b.getI32Type()));
  function.setPrivate();
  return function;
}

//===----------------------------------------------------------------------===//
// Where they are
//===----------------------------------------------------------------------===//

namespace {
/// Arithmetic on i64 that remembers whether it has overflowed.
class CheckedBuilder {
public:
  explicit CheckedBuilder(ImplicitLocOpBuilder &b) : b(b) {}

  Value constant(int64_t value) {
    return arith::ConstantIntOp::create(b, value, 64);
  }
  Value mul(Value lhs, Value rhs) {
    return check<LLVM::SMulWithOverflowOp>(lhs, rhs);
  }
  Value add(Value lhs, Value rhs) {
    return check<LLVM::SAddWithOverflowOp>(lhs, rhs);
  }
  /// The next multiple of the alignment.
  Value align(Value value) {
    return arith::AndIOp::create(b, add(value, constant(kAlignment - 1)),
                                 constant(-kAlignment));
  }
  Value getOverflow() {
    return overflow ? overflow : arith::ConstantIntOp::create(b, 0, 1);
  }

private:
  template <typename OpTy> Value check(Value lhs, Value rhs) {
    auto type = LLVM::LLVMStructType::getLiteral(
        b.getContext(), {b.getI64Type(), b.getI1Type()});
    Value pair = OpTy::create(b, type, lhs, rhs);
    Value flag = LLVM::ExtractValueOp::create(b, pair, 1);
    overflow = overflow ? arith::OrIOp::create(b, overflow, flag) : flag;
    return LLVM::ExtractValueOp::create(b, pair, 0);
  }

  ImplicitLocOpBuilder &b;
  Value overflow;
};

/// Lays out the buffers in the order of the kernel. What is in different
/// branches of a condition shares its memory.
class LayoutBuilder {
public:
  LayoutBuilder(ImplicitLocOpBuilder &b, IRMapping &mapping,
                ArrayRef<memref::AllocOp> buffers)
      : b(b), checked(b), mapping(mapping), buffers(buffers),
        parts(buffers.size()) {}

  Value place(Region &region, Value start) {
    for (Block &block : region)
      for (Operation &op : block)
        start = place(op, start);
    return start;
  }

  ImplicitLocOpBuilder &b;
  CheckedBuilder checked;
  IRMapping &mapping;
  ArrayRef<memref::AllocOp> buffers;
  SmallVector<CallScratch::Part> parts;

private:
  Value place(Operation &op, Value start) {
    if (auto alloc = dyn_cast<memref::AllocOp>(op)) {
      const auto *found = llvm::find(buffers, alloc);
      if (found == buffers.end())
        return start;
      return place(alloc, parts[found - buffers.begin()], start);
    }
    bool exclusive = isa<scf::IfOp, scf::IndexSwitchOp, affine::AffineIfOp>(op);
    Value end = start;
    for (Region &region : op.getRegions()) {
      Value last = place(region, exclusive ? start : end);
      end = exclusive && last != start && end != start
                ? Value(arith::MaxSIOp::create(b, end, last))
            : last != start ? last
                            : end;
    }
    return end;
  }

  Value place(memref::AllocOp alloc, CallScratch::Part &part, Value start) {
    part.type = alloc.getType();
    part.start = start;
    Value bytes = checked.constant(part.type.getElementTypeBitWidth() / 8);
    auto dynamicSize = alloc.getDynamicSizes().begin();
    for (int64_t size : part.type.getShape()) {
      part.sizes.push_back(ShapedType::isDynamic(size)
                               ? arith::IndexCastOp::create(
                                     b, b.getI64Type(), copy(*dynamicSize++))
                                     .getResult()
                               : checked.constant(size));
      bytes = checked.mul(bytes, part.sizes.back());
    }
    return checked.align(checked.add(start, bytes));
  }

  /// `value` of the kernel, computed here.
  Value copy(Value value) {
    if (Value known = mapping.lookupOrNull(value))
      return known;
    Operation *op = value.getDefiningOp();
    for (Value operand : op->getOperands())
      copy(operand);
    b.clone(*op, mapping);
    return mapping.lookup(value);
  }
};
} // namespace

FailureOr<CallScratch::Layout>
CallScratch::createLayout(ImplicitLocOpBuilder &b, ValueRange arguments,
                          int64_t start) {
  IRMapping mapping;
  for (auto [own, given] : llvm::zip(kernel.getArguments(), arguments))
    mapping.map(own, given);
  LayoutBuilder layout(b, mapping, buffers);
  CheckedBuilder &checked = layout.checked;
  Value end = layout.place(kernel.getBody(), checked.constant(start));
  if (threadBytes != 0) {
    Value numThreads = checked.constant(threads);
    if (threads == 0) {
      FailureOr<func::FuncOp> function =
          getOpenMPFunction("omp_get_max_threads");
      if (failed(function))
        return failure();
      Value most =
          func::CallOp::create(b, *function, ValueRange()).getResult(0);
      numThreads = arith::ExtSIOp::create(b, b.getI64Type(), most);
    }
    Part part;
    part.type = MemRefType::get(ShapedType::kDynamic, b.getI8Type());
    part.start = end;
    part.sizes = {checked.mul(numThreads, checked.constant(threadBytes))};
    end = checked.add(end, part.sizes.front());
    layout.parts.push_back(std::move(part));
  }
  return Layout{std::move(layout.parts), end, checked.getOverflow()};
}

//===----------------------------------------------------------------------===//
// The kernel's side
//===----------------------------------------------------------------------===//

static void replace(memref::AllocOp alloc, Value memory) {
  for (Operation *user : llvm::make_early_inc_range(alloc->getUsers()))
    if (isa<memref::DeallocOp>(user))
      user->erase();
  alloc.replaceAllUsesWith(memory);
  alloc.erase();
}

LogicalResult CallScratch::replaceBuffers() {
  auto addArgument = [&](MemRefType type) -> Value {
    if (failed(kernel.insertArgument(kernel.getNumArguments(), type, {},
                                     kernel.getLoc())))
      return nullptr;
    return kernel.getArguments().back();
  };
  for (memref::AllocOp alloc : buffers) {
    Value memory = addArgument(alloc.getType());
    if (!memory)
      return failure();
    replace(alloc, memory);
  }
  if (threadBytes == 0)
    return success();
  Value memory = addArgument(
      MemRefType::get(ShapedType::kDynamic, OpBuilder(kernel).getI8Type()));
  if (!memory)
    return failure();
  for (auto [alloc, offset] : threadBuffers) {
    ImplicitLocOpBuilder b(alloc.getLoc(), alloc);
    Value start = arith::ConstantIndexOp::create(b, offset);
    if (threads != 1) {
      FailureOr<func::FuncOp> function =
          getOpenMPFunction("omp_get_thread_num");
      if (failed(function))
        return failure();
      Value thread = arith::IndexCastOp::create(
          b, b.getIndexType(),
          func::CallOp::create(b, *function, ValueRange()).getResult(0));
      Value part = arith::MulIOp::create(
          b, thread, arith::ConstantIndexOp::create(b, threadBytes));
      start = arith::AddIOp::create(b, part, start);
    }
    replace(alloc, memref::ViewOp::create(b, alloc.getType(), memory, start,
                                          /*sizes=*/ValueRange()));
  }
  return success();
}
