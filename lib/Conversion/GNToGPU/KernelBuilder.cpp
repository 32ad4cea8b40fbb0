//===- KernelBuilder.cpp - Building GPU kernels ---------------------------===//

#include "KernelBuilder.h"
#include "groupnorm/Dialect/GN/IR/GN.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace gn;

//===----------------------------------------------------------------------===//
// Index
//===----------------------------------------------------------------------===//

std::optional<int64_t> Index::getConstant() const {
  return getConstantIntValue(value);
}

/// Builds `OpTy`, or the constant that it comes to.
template <typename OpTy>
static Index fold(KernelBuilder &b, Value lhs, Value rhs) {
  Value result = b.createOrFold<OpTy>(lhs, rhs);
  std::optional<int64_t> constant = getConstantIntValue(result);
  if (!constant)
    return b.index(result);
  if (result != lhs && result != rhs && result.use_empty())
    result.getDefiningOp()->erase();
  return b.index(*constant);
}

Index Index::operator+(Index other) const {
  return fold<arith::AddIOp>(*builder, value, other);
}
Index Index::operator-(Index other) const {
  return fold<arith::SubIOp>(*builder, value, other);
}
Index Index::operator*(Index other) const {
  return fold<arith::MulIOp>(*builder, value, other);
}
Index Index::operator/(Index other) const {
  return fold<arith::DivUIOp>(*builder, value, other);
}
Index Index::operator%(Index other) const {
  return other.is(1) ? builder->index(0)
                     : fold<arith::RemUIOp>(*builder, value, other);
}
Index Index::operator+(int64_t other) const {
  return *this + builder->index(other);
}
Index Index::operator*(int64_t other) const {
  return *this * builder->index(other);
}
Index Index::operator/(int64_t other) const {
  return *this / builder->index(other);
}
Index Index::operator%(int64_t other) const {
  return *this % builder->index(other);
}
Value Index::operator<(Index other) const {
  return arith::CmpIOp::create(*builder, arith::CmpIPredicate::ult, value,
                               other);
}
Value Index::operator==(int64_t other) const {
  return arith::CmpIOp::create(*builder, arith::CmpIPredicate::eq, value,
                               builder->index(other));
}
Index Index::named(StringRef name) const {
  builder->named(value, name);
  return *this;
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

Attribute KernelBuilder::addressSpace(gpu::AddressSpace space) {
  return gpu::AddressSpaceAttr::get(getContext(), space);
}

gpu::GPUFuncOp KernelBuilder::beginKernel(gpu::GPUModuleOp parent,
                                          StringRef name,
                                          ArrayRef<Argument> arguments,
                                          int64_t threads) {
  outside = saveInsertionPoint();
  setInsertionPointToEnd(parent.getBody());
  SmallVector<Type> types = llvm::map_to_vector(
      arguments, [](const Argument &argument) { return argument.type; });
  kernel = gpu::GPUFuncOp::create(*this, name, getFunctionType(types, {}));
  kernel->setAttr(gpu::GPUDialect::getKernelFuncAttrName(), getUnitAttr());
  kernel.setKnownBlockSize(
      ArrayRef<int32_t>{static_cast<int32_t>(threads), 1, 1});
  for (auto [i, argument] : llvm::enumerate(arguments)) {
    kernel.setArgAttr(i, GNDialect::kNameAttrName,
                      getStringAttr(argument.name));
    kernel.setArgAttr(i, GNDialect::kRoleAttrName,
                      getStringAttr(argument.role));
    kernel.getArgument(i).setLoc(
        NameLoc::get(getStringAttr(argument.name), getLoc()));
  }
  setInsertionPointToEnd(&kernel.getBody().front());
  gpu::ReturnOp end = gpu::ReturnOp::create(*this);
  setInsertionPoint(end);
  indices.clear();
  return kernel;
}

Value KernelBuilder::getArgument(StringRef name) {
  for (unsigned i = 0, e = kernel.getNumArguments(); i < e; ++i)
    if (cast<StringAttr>(kernel.getArgAttr(i, GNDialect::kNameAttrName)) ==
        name)
      return kernel.getArgument(i);
  return {};
}

void KernelBuilder::endKernel() {
  restoreInsertionPoint(outside);
  kernel = nullptr;
  indices.clear();
}

Value KernelBuilder::threadgroupBuffer(StringRef name, int64_t size,
                                       Type elementType) {
  auto type = MemRefType::get({size}, elementType, MemRefLayoutAttrInterface(),
                              addressSpace(gpu::AddressSpace::Workgroup));
  BlockArgument buffer = kernel.addWorkgroupAttribution(
      type, NameLoc::get(getStringAttr(name), getLoc()));
  kernel.setWorkgroupAttributionAttr(kernel.getNumWorkgroupAttributions() - 1,
                                     GNDialect::kNameAttrName,
                                     getStringAttr(name));
  return buffer;
}

Value KernelBuilder::privateBuffer(StringRef name, int64_t size,
                                   Type elementType) {
  SmallVector<int64_t> shape;
  if (size > 0)
    shape.push_back(size);
  auto type = MemRefType::get(shape, elementType, MemRefLayoutAttrInterface(),
                              addressSpace(gpu::AddressSpace::Private));
  return named(memref::AllocaOp::create(*this, type), name);
}

Index KernelBuilder::threadIndex() {
  return index(gpu::ThreadIdOp::create(*this, gpu::Dimension::x))
      .named("thread_index");
}

Index KernelBuilder::blockIndex(gpu::Dimension dimension, StringRef name) {
  return index(gpu::BlockIdOp::create(*this, dimension)).named(name);
}

Index KernelBuilder::lane() {
  return index(
      gpu::LaneIdOp::create(*this, /*upper_bound=*/IntegerAttr()).getResult());
}

Index KernelBuilder::simdgroup() {
  return index(gpu::SubgroupIdOp::create(*this, /*upper_bound=*/IntegerAttr())
                   .getResult());
}

void KernelBuilder::barrier() { gpu::BarrierOp::create(*this); }

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

SmallVector<Value>
KernelBuilder::forLoop(StringRef iv, Index lower, Index upper, Index step,
                       ArrayRef<std::pair<StringRef, Value>> initial,
                       ReductionBody body, StringRef role) {
  SmallVector<Value> initialValues =
      llvm::map_to_vector(initial, [](auto &pair) { return pair.second; });
  if (lower.getConstant() && upper.getConstant() && step.getConstant()) {
    if (*lower.getConstant() >= *upper.getConstant())
      return initialValues;
    if (*lower.getConstant() + *step.getConstant() >= *upper.getConstant())
      return body(lower, initialValues);
  }
  auto loop = scf::ForOp::create(*this, lower, upper, step, initialValues);
  if (!role.empty())
    loop->setAttr(GNDialect::kRoleAttrName, getStringAttr(role));
  loop.getInductionVar().setLoc(NameLoc::get(getStringAttr(iv), getLoc()));
  for (auto [argument, pair] : llvm::zip(loop.getRegionIterArgs(), initial))
    argument.setLoc(NameLoc::get(getStringAttr(pair.first), getLoc()));
  OpBuilder::InsertionGuard guard(*this);
  // The builder terminates the body only where nothing is carried.
  Block *block = loop.getBody();
  if (initial.empty())
    setInsertionPoint(block->getTerminator());
  else
    setInsertionPointToEnd(block);
  SmallVector<Value> next =
      body(index(loop.getInductionVar()), loop.getRegionIterArgs());
  if (!initial.empty())
    scf::YieldOp::create(*this, next);
  return SmallVector<Value>(loop.getResults());
}

void KernelBuilder::forLoop(StringRef iv, Index lower, Index upper, Index step,
                            LoopBody body, StringRef role) {
  forLoop(
      iv, lower, upper, step, {},
      [&](Index i, ValueRange) {
        body(i);
        return SmallVector<Value>();
      },
      role);
}

void KernelBuilder::ifThen(Value condition, function_ref<void()> body,
                           StringRef role) {
  if (!condition)
    return body();
  auto op = scf::IfOp::create(*this, condition, /*withElseRegion=*/false);
  if (!role.empty())
    op->setAttr(GNDialect::kRoleAttrName, getStringAttr(role));
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPoint(op.thenYield());
  body();
}

Value KernelBuilder::ifElse(StringRef name, Value condition,
                            function_ref<Value()> body, Value otherwise) {
  auto op = scf::IfOp::create(*this, TypeRange(otherwise.getType()), condition,
                              /*withElseRegion=*/true);
  op->setLoc(NameLoc::get(getStringAttr(name), getLoc()));
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToEnd(op.thenBlock());
  scf::YieldOp::create(*this, body());
  setInsertionPointToEnd(op.elseBlock());
  scf::YieldOp::create(*this, otherwise);
  return op.getResult(0);
}

Value KernelBuilder::select(Value condition, Value a, Value b) {
  return arith::SelectOp::create(*this, condition, a, b);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Value KernelBuilder::load(Value memref, Index position, int64_t lanes) {
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  Value value;
  if (lanes == 1)
    value = memref::LoadOp::create(*this, memref, ValueRange{position});
  else
    value = vector::LoadOp::create(*this, VectorType::get({lanes}, element),
                                   memref, ValueRange{position});
  if (element.isF32())
    return value;
  return arith::ExtFOp::create(*this, floatType(lanes), value);
}

Value KernelBuilder::loadElement(Value memref, ValueRange position) {
  return memref::LoadOp::create(*this, memref, position);
}

Value KernelBuilder::round(Value value, Value memref) {
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  if (element.isF32())
    return value;
  auto vector = dyn_cast<VectorType>(value.getType());
  return arith::TruncFOp::create(
      *this, vector ? Type(vector.clone(element)) : element, value);
}

void KernelBuilder::store(Value value, Value memref, Index position) {
  if (isa<VectorType>(value.getType()))
    vector::StoreOp::create(*this, value, memref, ValueRange{position});
  else
    memref::StoreOp::create(*this, value, memref, ValueRange{position});
}

void KernelBuilder::storeElement(Value value, Value memref,
                                 ValueRange position) {
  memref::StoreOp::create(*this, value, memref, position);
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

Index KernelBuilder::index(int64_t value) {
  if (!kernel)
    return index(arith::ConstantIndexOp::create(*this, value).getResult());
  // One constant a kernel, above everything that uses it.
  Value &constant = indices[value];
  if (!constant) {
    OpBuilder::InsertionGuard guard(*this);
    Block::iterator first = kernel.getBody().front().begin();
    while (isa<arith::ConstantIndexOp>(*first))
      ++first;
    setInsertionPoint(&kernel.getBody().front(), first);
    constant = arith::ConstantIndexOp::create(*this, value);
  }
  return index(constant);
}

Index KernelBuilder::min(Index a, Index b) {
  return fold<arith::MinUIOp>(*this, a, b);
}

Type KernelBuilder::floatType(int64_t lanes) {
  return lanes == 1 ? Type(getF32Type())
                    : Type(VectorType::get({lanes}, getF32Type()));
}

Value KernelBuilder::constant(double value, Type type) {
  // Rounding to f32 must not make a positive number zero or infinite.
  TypedAttr scalar = getF32FloatAttr(static_cast<float>(value));
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(*this,
                                     DenseElementsAttr::get(vector, scalar));
  return arith::ConstantOp::create(*this, scalar);
}

Value KernelBuilder::add(Value a, Value b) {
  return arith::AddFOp::create(*this, a, b);
}
Value KernelBuilder::sub(Value a, Value b) {
  return arith::SubFOp::create(*this, a, b);
}
Value KernelBuilder::mul(Value a, Value b) {
  return arith::MulFOp::create(*this, a, b);
}
Value KernelBuilder::div(Value a, Value b) {
  return arith::DivFOp::create(*this, a, b);
}
Value KernelBuilder::neg(Value a) { return arith::NegFOp::create(*this, a); }
Value KernelBuilder::toFloat(Index index) {
  Value integer = arith::IndexCastUIOp::create(*this, getI32Type(), index);
  return arith::UIToFPOp::create(*this, getF32Type(), integer);
}
Value KernelBuilder::fma(Value a, Value b, Value c) {
  return math::FmaOp::create(*this, a, b, c);
}

Value KernelBuilder::broadcast(Value scalar, int64_t lanes) {
  if (lanes == 1)
    return scalar;
  return vector::BroadcastOp::create(
      *this, VectorType::get({lanes}, scalar.getType()), scalar);
}

Value KernelBuilder::pack(ValueRange scalars) {
  if (scalars.size() == 1)
    return scalars.front();
  int64_t lanes = scalars.size();
  return vector::FromElementsOp::create(
      *this, VectorType::get({lanes}, scalars.front().getType()), scalars);
}

Value KernelBuilder::extract(Value vector, int64_t lane) {
  return isa<VectorType>(vector.getType())
             ? vector::ExtractOp::create(*this, vector, lane)
             : vector;
}

Value KernelBuilder::extract(Value vector, Index lane) {
  if (std::optional<int64_t> constant = lane.getConstant())
    return extract(vector, *constant);
  return vector::ExtractOp::create(*this, vector, OpFoldResult(Value(lane)));
}

Value KernelBuilder::call(func::FuncOp function, ValueRange arguments) {
  return func::CallOp::create(*this, function, arguments).getResult(0);
}

Value KernelBuilder::named(Value value, StringRef name) {
  Operation *op = value.getDefiningOp();
  if (op && !matchPattern(op, m_Constant()))
    op->setLoc(NameLoc::get(getStringAttr(name), getLoc()));
  return value;
}
