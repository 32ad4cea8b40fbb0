//===- EmitCInterface.cpp - Functions that C can call ---------------------===//
//
// The checks, the scratch memory and the memref descriptors around a kernel. A
// pointer from C becomes a descriptor in the llvm dialect that an unrealized
// cast hands to the kernel; the conversion to the llvm dialect cancels it.
//
//===----------------------------------------------------------------------===//

#include "CallScratch.h"
#include "groupnorm/Transforms/CInterface.h"
#include "groupnorm/Transforms/Passes.h"
#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/FunctionCallUtils.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/BitVector.h"

namespace gn {
#define GEN_PASS_DEF_EMITCINTERFACEPASS
#include "groupnorm/Transforms/Passes.h.inc"
} // namespace gn

using namespace mlir;
using namespace gn;

static constexpr int64_t kScratchAlignment = 64;

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

namespace {
/// Builds one function around one kernel.
class WrapperBuilder {
public:
  WrapperBuilder(func::FuncOp kernel, const CInterface &description,
                 CallScratch &callScratch, int64_t stackLimit)
      : b(kernel.getLoc(), kernel.getContext()), kernel(kernel),
        module(kernel->getParentOfType<ModuleOp>()), description(description),
        callScratch(callScratch), stackLimit(stackLimit),
        converter(kernel.getContext()) {}

  LogicalResult build();

private:
  Value constant(int64_t value) {
    return arith::ConstantIntOp::create(b, value, 64);
  }
  Value compare(arith::CmpIPredicate predicate, Value lhs, int64_t rhs) {
    return arith::CmpIOp::create(b, predicate, lhs, constant(rhs));
  }
  /// Returns `status` where `condition` holds, and goes on where it does not.
  void returnIf(Value condition, CStatus status);
  /// Returns where there is nothing to write: however many samples of nothing
  /// there are, nobody counts them.
  void returnIfEmpty(ArrayRef<Value> elements);
  /// The size of dimension `dim` of an argument.
  Value getSize(const CInterface::Argument &argument, int64_t dim);
  /// Checks the sizes and returns the elements of an argument.
  Value checkSizes(const CInterface::Argument &argument);
  void checkPointer(const CInterface::Argument &argument, Value pointer,
                    Value numElements);
  Value makeDescriptor(MemRefType type, Value pointer,
                       function_ref<Value(int64_t)> getSize);
  /// Memory for the kernel; `toFree` is set where it must be freed.
  FailureOr<Value> allocateScratch(Value &toFree);
  /// Takes `bytes` from malloc, of which some go into the alignment.
  FailureOr<Value> allocateOnHeap(Value bytes, Value &toFree);
  /// The same where a call knows how much; adds to the kernel's operands.
  LogicalResult allocateCallScratch(SmallVectorImpl<Value> &operands,
                                    Value &toFree);

  ImplicitLocOpBuilder b;
  func::FuncOp kernel, wrapper;
  ModuleOp module;
  const CInterface &description;
  CallScratch &callScratch;
  int64_t stackLimit;
  LLVMTypeConverter converter;
  Block *exit = nullptr;
};
} // namespace

void WrapperBuilder::returnIf(Value condition, CStatus status) {
  Value code =
      arith::ConstantIntOp::create(b, static_cast<int32_t>(status), 32);
  Block *next = b.createBlock(exit);
  b.setInsertionPointToEnd(next->getPrevNode());
  cf::CondBranchOp::create(b, condition, exit, code, next, ValueRange());
  b.setInsertionPointToStart(next);
}

Value WrapperBuilder::getSize(const CInterface::Argument &argument,
                              int64_t dim) {
  if (argument.sizes[dim] < 0)
    return constant(argument.type.getDimSize(dim));
  return wrapper.getArgument(description.arguments.size() +
                             argument.sizes[dim]);
}

Value WrapperBuilder::checkSizes(const CInterface::Argument &argument) {
  int64_t bytes = argument.type.getElementTypeBitWidth() / 8;
  if (argument.type.hasStaticShape())
    return constant(argument.type.getNumElements());
  Value product = constant(bytes), tooLarge;
  auto flagType = b.getI1Type();
  auto resultType = LLVM::LLVMStructType::getLiteral(
      b.getContext(), {b.getI64Type(), flagType});
  for (int64_t dim = 0; dim < argument.type.getRank(); ++dim) {
    Value pair = LLVM::SMulWithOverflowOp::create(b, resultType, product,
                                                  getSize(argument, dim));
    product = LLVM::ExtractValueOp::create(b, pair, 0);
    Value overflow = LLVM::ExtractValueOp::create(b, pair, 1);
    tooLarge =
        tooLarge ? arith::OrIOp::create(b, tooLarge, overflow) : overflow;
  }
  returnIf(tooLarge, CStatus::SizeTooLarge);
  return product;
}

void WrapperBuilder::checkPointer(const CInterface::Argument &argument,
                                  Value pointer, Value numElements) {
  Value address = LLVM::PtrToIntOp::create(b, b.getI64Type(), pointer);
  // Nobody looks at the address of an empty array.
  Value isNull = compare(arith::CmpIPredicate::eq, address, 0);
  if (!argument.type.hasStaticShape())
    isNull = arith::AndIOp::create(
        b, isNull, compare(arith::CmpIPredicate::ne, numElements, 0));
  if (!argument.type.hasStaticShape() || argument.type.getNumElements() != 0)
    returnIf(isNull, CStatus::NullPointer);
  int64_t bytes = argument.type.getElementTypeBitWidth() / 8;
  if (bytes > 1)
    returnIf(compare(arith::CmpIPredicate::ne,
                     arith::AndIOp::create(b, address, constant(bytes - 1)), 0),
             CStatus::MisalignedPointer);
}

void WrapperBuilder::returnIfEmpty(ArrayRef<Value> elements) {
  Value isEmpty;
  for (auto [argument, numElements] :
       llvm::zip(description.arguments, elements)) {
    if (!argument.written)
      continue;
    if (argument.type.hasStaticShape() && argument.type.getNumElements() != 0)
      return;
    Value hasNone = compare(arith::CmpIPredicate::eq, numElements, 0);
    isEmpty = isEmpty ? arith::AndIOp::create(b, isEmpty, hasNone) : hasNone;
  }
  if (isEmpty)
    returnIf(isEmpty, CStatus::Success);
}

Value WrapperBuilder::makeDescriptor(MemRefType type, Value pointer,
                                     function_ref<Value(int64_t)> getSize) {
  Location loc = b.getLoc();
  auto descriptor =
      MemRefDescriptor::poison(b, loc, converter.convertType(type));
  descriptor.setAllocatedPtr(b, loc, pointer);
  descriptor.setAlignedPtr(b, loc, pointer);
  descriptor.setOffset(b, loc, constant(0));
  Value stride = constant(1);
  for (int64_t dim = type.getRank(); dim-- > 0;) {
    Value size = getSize(dim);
    descriptor.setSize(b, loc, dim, size);
    descriptor.setStride(b, loc, dim, stride);
    if (dim > 0)
      stride = arith::MulIOp::create(b, stride, size);
  }
  return UnrealizedConversionCastOp::create(b, type,
                                            static_cast<Value>(descriptor))
      .getResult(0);
}

FailureOr<Value> WrapperBuilder::allocateScratch(Value &toFree) {
  auto pointerType = LLVM::LLVMPointerType::get(b.getContext());
  if (description.scratchOnStack)
    return LLVM::AllocaOp::create(b, pointerType, b.getI8Type(),
                                  constant(description.scratchBytes),
                                  kScratchAlignment)
        .getRes();
  // malloc aligns to less: ask for more, and start at the next multiple.
  return allocateOnHeap(
      constant(description.scratchBytes + kScratchAlignment - 1), toFree);
}

FailureOr<Value> WrapperBuilder::allocateOnHeap(Value bytes, Value &toFree) {
  auto pointerType = LLVM::LLVMPointerType::get(b.getContext());
  FailureOr<LLVM::LLVMFuncOp> malloc =
      LLVM::lookupOrCreateMallocFn(b, module, b.getI64Type());
  if (failed(malloc))
    return failure();
  toFree = LLVM::CallOp::create(b, *malloc, bytes).getResult();
  Value address = LLVM::PtrToIntOp::create(b, b.getI64Type(), toFree);
  returnIf(compare(arith::CmpIPredicate::eq, address, 0), CStatus::OutOfMemory);
  Value distance =
      arith::AndIOp::create(b, arith::SubIOp::create(b, constant(0), address),
                            constant(kScratchAlignment - 1));
  return LLVM::GEPOp::create(b, pointerType, b.getI8Type(), toFree,
                             ArrayRef<LLVM::GEPArg>{distance})
      .getRes();
}

LogicalResult
WrapperBuilder::allocateCallScratch(SmallVectorImpl<Value> &operands,
                                    Value &toFree) {
  auto pointerType = LLVM::LLVMPointerType::get(b.getContext());
  // What the kernel needs in any case comes first.
  int64_t start = llvm::alignTo(description.scratchBytes, kScratchAlignment);
  FailureOr<CallScratch::Layout> layout =
      callScratch.createLayout(b, operands, start);
  if (failed(layout))
    return failure();
  // Room for the alignment is part of what must fit.
  constexpr int64_t kMost = INT64_MAX - kScratchAlignment;
  returnIf(layout->tooLarge, CStatus::SizeTooLarge);
  returnIf(compare(arith::CmpIPredicate::sgt, layout->bytes, kMost),
           CStatus::SizeTooLarge);

  // A little is on the stack: a small problem need not wait for malloc.
  Value onStack;
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&wrapper.front());
    onStack = LLVM::AllocaOp::create(b, pointerType, b.getI8Type(),
                                     constant(stackLimit), kScratchAlignment)
                  .getRes();
  }
  Value none = LLVM::ZeroOp::create(b, pointerType);
  Value fits = compare(arith::CmpIPredicate::sle, layout->bytes, stackLimit);
  Block *before = b.getInsertionBlock();
  Block *heap = b.createBlock(exit);
  Value bytes =
      arith::AddIOp::create(b, layout->bytes, constant(kScratchAlignment - 1));
  FailureOr<Value> memory = allocateOnHeap(bytes, toFree);
  if (failed(memory))
    return failure();
  Block *afterHeap = b.getInsertionBlock();
  Block *both =
      b.createBlock(exit, {pointerType, pointerType}, {b.getLoc(), b.getLoc()});
  b.setInsertionPointToEnd(afterHeap);
  cf::BranchOp::create(b, both, ValueRange{*memory, toFree});
  b.setInsertionPointToEnd(before);
  cf::CondBranchOp::create(b, fits, both, ValueRange{onStack, none}, heap,
                           ValueRange());
  b.setInsertionPointToStart(both);
  toFree = both->getArgument(1);

  auto at = [&](Value offset) -> Value {
    return LLVM::GEPOp::create(b, pointerType, b.getI8Type(),
                               both->getArgument(0),
                               ArrayRef<LLVM::GEPArg>{offset});
  };
  if (description.scratchBytes != 0)
    operands.push_back(makeDescriptor(
        MemRefType::get(description.scratchBytes, b.getI8Type()),
        both->getArgument(0),
        [&](int64_t) { return constant(description.scratchBytes); }));
  for (const CallScratch::Part &part : layout->parts)
    operands.push_back(
        makeDescriptor(part.type, at(part.start),
                       [&](int64_t dim) { return part.sizes[dim]; }));
  return success();
}

LogicalResult WrapperBuilder::build() {
  auto pointerType = LLVM::LLVMPointerType::get(b.getContext());
  SmallVector<Type> types(description.arguments.size(), pointerType);
  types.append(description.numSizes, b.getI64Type());
  b.setInsertionPoint(kernel);
  wrapper = func::FuncOp::create(b, description.name,
                                 b.getFunctionType(types, b.getI32Type()));
  // Buffers that may be one must not be promised to be apart.
  llvm::BitVector mayMeet(description.arguments.size());
  for (auto [i, argument] : llvm::enumerate(description.arguments))
    for (int64_t other : argument.mayBe)
      mayMeet.set(i).set(other);
  for (auto [i, argument] : llvm::enumerate(description.arguments)) {
    if (!mayMeet[i])
      wrapper.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(),
                         b.getUnitAttr());
    if (!argument.written)
      wrapper.setArgAttr(i, LLVM::LLVMDialect::getReadonlyAttrName(),
                         b.getUnitAttr());
  }
  setCInterface(wrapper, description);

  Block *entry = wrapper.addEntryBlock();
  exit = b.createBlock(&wrapper.getBody(), wrapper.end(), b.getI32Type(),
                       b.getLoc());
  func::ReturnOp::create(b, exit->getArgument(0));
  b.setInsertionPointToStart(entry);

  for (Value size : wrapper.getArguments().take_back(description.numSizes))
    returnIf(compare(arith::CmpIPredicate::slt, size, 0),
             CStatus::NegativeSize);
  SmallVector<Value> elements =
      llvm::map_to_vector(description.arguments, [&](const auto &argument) {
        return checkSizes(argument);
      });
  for (auto [argument, pointer, numElements] :
       llvm::zip(description.arguments, wrapper.getArguments(), elements))
    checkPointer(argument, pointer, numElements);
  returnIfEmpty(elements);

  SmallVector<Value> operands;
  for (auto [argument, pointer] :
       llvm::zip(description.arguments, wrapper.getArguments()))
    operands.push_back(makeDescriptor(argument.type, pointer,
                                      [&, &argument = argument](int64_t dim) {
                                        return getSize(argument, dim);
                                      }));
  Value toFree;
  if (!callScratch.isEmpty()) {
    if (failed(allocateCallScratch(operands, toFree)) ||
        failed(callScratch.replaceBuffers()))
      return failure();
  } else if (description.scratchBytes != 0) {
    FailureOr<Value> scratch = allocateScratch(toFree);
    if (failed(scratch))
      return failure();
    operands.push_back(makeDescriptor(
        cast<MemRefType>(kernel.getArgumentTypes().back()), *scratch,
        [&](int64_t) { return constant(description.scratchBytes); }));
  }
  func::CallOp::create(b, kernel, operands);
  if (toFree) {
    FailureOr<LLVM::LLVMFuncOp> free = LLVM::lookupOrCreateFreeFn(b, module);
    if (failed(free))
      return failure();
    LLVM::CallOp::create(b, *free, toFree);
  }
  Value success = arith::ConstantIntOp::create(
      b, static_cast<int32_t>(CStatus::Success), 32);
  cf::BranchOp::create(b, exit, success);
  return LogicalResult::success();
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct EmitCInterface : gn::impl::EmitCInterfacePassBase<EmitCInterface> {
  using EmitCInterfacePassBase::EmitCInterfacePassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<func::FuncOp> kernels;
    for (auto function : module.getOps<func::FuncOp>())
      if (function.isPublic() && !function.isExternal())
        kernels.push_back(function);
    for (func::FuncOp kernel : kernels)
      if (failed(wrap(kernel)))
        return signalPassFailure();
  }

private:
  LogicalResult wrap(func::FuncOp kernel) {
    FailureOr<CInterface> description =
        describeCInterface(kernel, argumentNames);
    if (failed(description))
      return failure();
    OpPassManager packScratch(func::FuncOp::getOperationName());
    packScratch.addPass(createPackScratchPass());
    if (failed(runPipeline(packScratch, kernel)))
      return failure();
    if (kernel.getNumArguments() > description->arguments.size())
      description->scratchBytes =
          cast<MemRefType>(kernel.getArgumentTypes().back()).getNumElements();
    description->scratchOnStack = description->scratchBytes <= stackLimit;
    kernel.walk([&](memref::AllocOp) { description->allocatesMore = true; });
    if (failed(makePrivate(kernel)))
      return failure();
    CallScratch callScratch(kernel, threads);
    return WrapperBuilder(kernel, *description, callScratch, stackLimit)
        .build();
  }

  /// Frees the kernel's name for the function that C calls. The two become
  /// one in machine code.
  LogicalResult makePrivate(func::FuncOp kernel) {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    std::string name = (kernel.getName() + "_kernel").str();
    if (symbols.lookup(name)) {
      unsigned counter = 0;
      name = SymbolTable::generateSymbolName<64>(
                 name,
                 [&](StringRef candidate) {
                   return symbols.lookup(candidate) != nullptr;
                 },
                 counter)
                 .str();
    }
    if (failed(symbols.rename(kernel, name)))
      return failure();
    kernel.setPrivate();
    for (unsigned i = 0; i < kernel.getNumArguments(); ++i)
      kernel.removeArgAttr(i, kMayBeAttrName);
    MLIRContext *context = kernel.getContext();
    kernel->setAttr("llvm.linkage",
                    LLVM::LinkageAttr::get(context, LLVM::Linkage::Internal));
    kernel->setAttr(
        "passthrough",
        ArrayAttr::get(context, StringAttr::get(context, "alwaysinline")));
    return success();
  }
};
} // namespace
