//===- LoopEmitter.cpp - Building affine loops of vectors -----------------===//

#include "LoopEmitter.h"
#include "groupnorm/Dialect/GN/IR/GN.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IntegerSet.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace gn;

AffineIndex AffineIndex::combine(const AffineIndex &other,
                                 AffineExprKind kind) const {
  AffineIndex result = *this;
  result.operands.append(other.operands);
  AffineExpr shifted =
      other.expr.shiftDims(other.operands.size(), operands.size());
  result.expr = getAffineBinaryOpExpr(kind, expr, shifted);
  return result;
}

/// One map over one list of operands for several indices.
static AffineMap getMap(MLIRContext *context, ArrayRef<AffineIndex> indices,
                        SmallVectorImpl<Value> &operands) {
  SmallVector<AffineExpr> exprs;
  for (const AffineIndex &index : indices) {
    exprs.push_back(
        index.expr.shiftDims(index.operands.size(), operands.size()));
    operands.append(index.operands.begin(), index.operands.end());
  }
  AffineMap map = AffineMap::get(operands.size(), 0, exprs, context);
  affine::canonicalizeMapAndOperands(&map, &operands);
  return map;
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

void LoopEmitter::setRole(Operation *loop) {
  if (!role.empty())
    loop->setAttr(GNDialect::kRoleAttrName, getStringAttr(role));
}

void LoopEmitter::forLoop(ArrayRef<AffineIndex> bounds, int64_t step,
                          LoopBody body) {
  if (bounds.size() == 1 && bounds[0].getConstant()) {
    if (*bounds[0].getConstant() <= 0)
      return;
    if (*bounds[0].getConstant() <= step)
      return body(index(0));
  }
  SmallVector<Value> operands;
  AffineMap map = getMap(getContext(), bounds, operands);
  auto loop = affine::AffineForOp::create(
      *this, ValueRange(), getConstantAffineMap(0), operands, map, step);
  setRole(loop);
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

void LoopEmitter::forRange(AffineIndex first, AffineIndex end, LoopBody body) {
  SmallVector<Value> lowerOperands, upperOperands;
  AffineMap lower = getMap(getContext(), first, lowerOperands);
  AffineMap upper = getMap(getContext(), end, upperOperands);
  auto loop = affine::AffineForOp::create(*this, lowerOperands, lower,
                                          upperOperands, upper);
  setRole(loop);
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

SmallVector<Value> LoopEmitter::forLoop(ArrayRef<AffineIndex> bounds,
                                        int64_t step, ValueRange initial,
                                        ReductionBody body) {
  if (bounds.size() == 1 && bounds[0].getConstant()) {
    if (*bounds[0].getConstant() <= 0)
      return llvm::to_vector(initial);
    if (*bounds[0].getConstant() <= step)
      return body(index(0), initial);
  }
  SmallVector<Value> operands;
  AffineMap map = getMap(getContext(), bounds, operands);
  auto loop =
      affine::AffineForOp::create(*this, ValueRange(), getConstantAffineMap(0),
                                  operands, map, step, initial);
  setRole(loop);
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(loop.getBody());
  SmallVector<Value> carried =
      body(loop.getInductionVar(), loop.getRegionIterArgs());
  affine::AffineYieldOp::create(*this, carried);
  return llvm::to_vector_of<Value>(loop.getResults());
}

void LoopEmitter::workItems(ArrayRef<AffineIndex> rows, AffineIndex columns,
                            bool parallel,
                            function_ref<void(AffineIndex, AffineIndex)> body) {
  if (!parallel || (rows.size() == 1 && rows[0].getConstant() == 1 &&
                    columns.getConstant() == 1)) {
    // Buffers go before every loop that is around here, the caller's too: in
    // one, the stack would grow by a set of buffers with each iteration.
    Region *scope = getBlock()->getParent();
    while (isa<affine::AffineForOp, affine::AffineIfOp, scf::ForOp, scf::IfOp,
               scf::IndexSwitchOp, scf::WhileOp>(scope->getParentOp()))
      scope = scope->getParentRegion();
    auto mark = [&] {
      return arith::ConstantIndexOp::create(*this, 0).getOperation();
    };
    Operation *beforeLoops = mark(), *inScope;
    {
      OpBuilder::InsertionGuard guard(*this);
      setInsertionPointToStart(&scope->front());
      inScope = mark();
    }
    stackBuffers = InsertPoint(inScope->getBlock(), Block::iterator(inScope));
    heapBuffers =
        InsertPoint(beforeLoops->getBlock(), Block::iterator(beforeLoops));
    forLoop(rows, 1, [&](AffineIndex row) {
      forLoop(columns, 1, [&](AffineIndex column) { body(row, column); });
    });
    inScope->erase();
    beforeLoops->erase();
    endWorkItems();
    return;
  }
  SmallVector<AffineIndex> bounds(rows);
  bounds.push_back(columns);
  SmallVector<Value> operands;
  AffineMap map = getMap(getContext(), bounds, operands);
  SmallVector<AffineMap> uppers;
  for (ArrayRef<AffineExpr> exprs :
       {map.getResults().drop_back(), map.getResults().take_back()})
    uppers.push_back(AffineMap::get(map.getNumDims(), map.getNumSymbols(),
                                    exprs, getContext()));
  SmallVector<AffineMap> lowers(2, getConstantAffineMap(0));
  auto loop = affine::AffineParallelOp::create(
      *this, TypeRange(), ArrayRef<arith::AtomicRMWKind>(), lowers,
      ValueRange(), uppers, operands, ArrayRef<int64_t>{1, 1});
  setRole(loop);
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(loop.getBody());
  // Buffers go before everything else, whatever loop asks for them.
  Operation *start = arith::ConstantIndexOp::create(*this, 0);
  stackBuffers = heapBuffers =
      InsertPoint(loop.getBody(), Block::iterator(start));
  body(loop.getIVs()[0], loop.getIVs()[1]);
  endWorkItems();
  start->erase();
}

void LoopEmitter::endWorkItems() {
  // A fence waits for all that has been stored, so one does for many items.
  if (streams)
    LLVM::FenceOp::create(*this, LLVM::AtomicOrdering::seq_cst);
  streams = false;
  for (Value buffer : toFree)
    memref::DeallocOp::create(*this, buffer);
  toFree.clear();
}

void LoopEmitter::ifZero(AffineIndex value, function_ref<void()> body) {
  std::optional<int64_t> constant = value.getConstant();
  if (!constant)
    ifHolds(value, /*isEquality=*/true, body);
  else if (*constant == 0)
    body();
}

void LoopEmitter::ifPositive(AffineIndex value, function_ref<void()> body) {
  std::optional<int64_t> constant = value.getConstant();
  if (!constant)
    ifHolds(value + -1, /*isEquality=*/false, body);
  else if (*constant > 0)
    body();
}

/// Runs `body` where `value` is zero, or where it is not negative.
void LoopEmitter::ifHolds(AffineIndex value, bool isEquality,
                          function_ref<void()> body) {
  assert(value.expr.isPureAffine() && "no size is a factor");
  IntegerSet set =
      IntegerSet::get(value.operands.size(), 0, value.expr, isEquality);
  SmallVector<Value> operands(value.operands.begin(), value.operands.end());
  affine::canonicalizeSetAndOperands(&set, &operands);
  auto branch = affine::AffineIfOp::create(*this, set, operands,
                                           /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(branch.getThenBlock());
  body();
}

void LoopEmitter::forEachVector(int64_t width, LaneCut cut,
                                function_ref<void(LaneRange)> body) {
  int64_t step = cut.getStep();
  int64_t whole = width - width % step;
  forLoop(index(whole), step, [&](AffineIndex lane) { body({lane, step}); });
  for (int64_t lane = whole; lane < width; lane += cut.vector)
    body({index(lane), std::min(cut.vector, width - lane)});
}

void LoopEmitter::forEachBlock(int64_t width, LaneCut cut, int64_t block,
                               function_ref<void(ArrayRef<LaneRange>)> body) {
  int64_t step = cut.getStep();
  int64_t whole = width - width % (step * block);
  forLoop(index(whole), step * block, [&](AffineIndex lane) {
    SmallVector<LaneRange> ranges;
    for (int64_t i = 0; i < block; ++i)
      ranges.push_back({lane + i * step, step});
    body(ranges);
  });
  SmallVector<LaneRange> ranges;
  for (int64_t lane = whole; lane < width; lane += ranges.back().length) {
    int64_t left = width - lane;
    ranges.push_back(
        {index(lane), left >= step ? step : std::min(cut.vector, left)});
  }
  if (!ranges.empty())
    body(ranges);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Value LoopEmitter::load(Value memref, ArrayRef<AffineIndex> position,
                        int64_t length, Type type) {
  SmallVector<Value> operands;
  AffineMap map = getMap(getContext(), position, operands);
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  Value value;
  if (length == 0)
    value = affine::AffineLoadOp::create(*this, memref, map, operands);
  else
    value = affine::AffineVectorLoadOp::create(
        *this, VectorType::get(length, element), memref, map, operands);
  return convert(value, type);
}

SmallVector<Value> LoopEmitter::loadParts(Value memref,
                                          ArrayRef<AffineIndex> position,
                                          int64_t length, Type type,
                                          bool isPair) {
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  SmallVector<Value> parts =
      takeApart(load(memref, position, length, element), isPair);
  for (Value &part : parts)
    part = convert(part, type);
  return parts;
}

void LoopEmitter::store(Value value, Value memref,
                        ArrayRef<AffineIndex> position) {
  SmallVector<Value> operands;
  AffineMap map = getMap(getContext(), position, operands);
  value = convert(value, cast<MemRefType>(memref.getType()).getElementType());
  if (isa<VectorType>(value.getType()))
    affine::AffineVectorStoreOp::create(*this, value, memref, map, operands);
  else
    affine::AffineStoreOp::create(*this, value, memref, map, operands);
}

void LoopEmitter::storeStreaming(Value value, Value memref,
                                 ArrayRef<AffineIndex> position,
                                 int64_t alignment) {
  streams = true;
  SmallVector<Value> indices;
  for (const AffineIndex &index : position)
    indices.push_back(materialize(index));
  value = convert(value, cast<MemRefType>(memref.getType()).getElementType());
  vector::StoreOp::create(*this, value, memref, indices, /*nontemporal=*/true,
                          llvm::MaybeAlign(alignment));
}

void LoopEmitter::prefetch(Value memref, ArrayRef<AffineIndex> position,
                           int64_t distance) {
  unsigned locality = std::abs(distance) > kNear ? 2 : 3;
  auto type = cast<MemRefType>(memref.getType());
  SmallVector<AffineIndex> target(position);
  target.back() =
      target.back() + distance / (type.getElementTypeBitWidth() / 8);
  SmallVector<Value> operands;
  AffineMap map = getMap(getContext(), target, operands);
  affine::AffinePrefetchOp::create(*this, memref, map, operands,
                                   /*isWrite=*/false, locality,
                                   /*isDataCache=*/true);
}

Value LoopEmitter::localBuffer(ArrayRef<int64_t> shape, Type type) {
  OpBuilder::InsertionGuard guard(*this);
  auto bufferType = MemRefType::get(shape, type);
  // A thread's stack holds a few megabytes, and a work item up to ten buffers.
  constexpr int64_t kLargestOnStack = 128 << 10;
  if (bufferType.getNumElements() * type.getIntOrFloatBitWidth() / 8 >
      kLargestOnStack) {
    restoreInsertionPoint(heapBuffers);
    toFree.push_back(
        memref::AllocOp::create(*this, bufferType, getI64IntegerAttr(64)));
    return toFree.back();
  }
  restoreInsertionPoint(stackBuffers);
  return memref::AllocaOp::create(*this, bufferType, getI64IntegerAttr(64));
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

Value LoopEmitter::constant(double value, Type type) {
  APFloat number(value);
  bool losesInfo;
  number.convert(
      cast<FloatType>(getElementTypeOrSelf(type)).getFloatSemantics(),
      APFloat::rmNearestTiesToEven, &losesInfo);
  TypedAttr attr = FloatAttr::get(getElementTypeOrSelf(type), number);
  if (auto vector = dyn_cast<VectorType>(type))
    attr = DenseElementsAttr::get(vector, attr);
  return arith::ConstantOp::create(*this, attr);
}

Value LoopEmitter::add(Value a, Value b) {
  return arith::AddFOp::create(*this, a, b);
}
Value LoopEmitter::sub(Value a, Value b) {
  return arith::SubFOp::create(*this, a, b);
}
Value LoopEmitter::mul(Value a, Value b) {
  return arith::MulFOp::create(*this, a, b);
}
Value LoopEmitter::div(Value a, Value b) {
  return arith::DivFOp::create(*this, a, b);
}
Value LoopEmitter::fma(Value a, Value b, Value c) {
  return math::FmaOp::create(*this, a, b, c);
}

Value LoopEmitter::convert(Value value, Type elementType) {
  Type from = getElementTypeOrSelf(value.getType());
  if (from == elementType)
    return value;
  Type to = elementType;
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    to = vector.clone(elementType);
  unsigned fromWidth = from.getIntOrFloatBitWidth();
  unsigned toWidth = elementType.getIntOrFloatBitWidth();
  // Two half types differ in range and precision both: go through f32.
  if (fromWidth == toWidth)
    return convert(convert(value, getF32Type()), elementType);
  if (fromWidth < toWidth)
    return arith::ExtFOp::create(*this, to, value);
  return arith::TruncFOp::create(*this, to, value);
}

Value LoopEmitter::broadcast(Value scalar, int64_t length) {
  if (length == 0)
    return scalar;
  return vector::BroadcastOp::create(
      *this, VectorType::get(length, scalar.getType()), scalar);
}

SmallVector<Value> LoopEmitter::takeApart(Value vector, bool isPair) {
  if (!isPair)
    return {vector};
  auto parts = vector::DeinterleaveOp::create(*this, vector);
  return {parts.getRes1(), parts.getRes2()};
}

Value LoopEmitter::putTogether(ValueRange parts) {
  if (parts.size() == 1)
    return parts.front();
  return vector::InterleaveOp::create(*this, parts[0], parts[1]);
}

Value LoopEmitter::sumLanes(Value vector) {
  // Free to reassociate: a tree over the lanes, the same in every run.
  return vector::ReductionOp::create(*this, vector::CombiningKind::ADD, vector,
                                     arith::FastMathFlags::reassoc);
}

Value LoopEmitter::sumTree(SmallVector<Value> values) {
  while (values.size() > 1) {
    SmallVector<Value> sums;
    for (size_t i = 0; i + 1 < values.size(); i += 2)
      sums.push_back(add(values[i], values[i + 1]));
    if (values.size() % 2)
      sums.push_back(values.back());
    values = std::move(sums);
  }
  return values.front();
}

Value LoopEmitter::materialize(AffineIndex index) {
  if (std::optional<int64_t> constant = index.getConstant())
    return arith::ConstantIndexOp::create(*this, *constant);
  if (isa<AffineDimExpr>(index.expr) && index.operands.size() == 1)
    return index.operands.front();
  SmallVector<Value> operands;
  AffineMap map = getMap(getContext(), index, operands);
  return affine::AffineApplyOp::create(*this, map, operands);
}

AffineIndex LoopEmitter::minimum(ArrayRef<AffineIndex> indices) {
  SmallVector<Value> operands;
  AffineMap map = getMap(getContext(), indices, operands);
  return AffineIndex(affine::AffineMinOp::create(*this, map, operands));
}

Value LoopEmitter::toFloat(AffineIndex index, Type type) {
  if (std::optional<int64_t> value = index.getConstant())
    return constant(static_cast<double>(*value), type);
  Value integer =
      arith::IndexCastOp::create(*this, getI64Type(), materialize(index));
  return arith::SIToFPOp::create(*this, type, integer);
}
