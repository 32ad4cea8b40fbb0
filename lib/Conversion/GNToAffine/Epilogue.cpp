//===- Epilogue.cpp - What follows the normalization ----------------------===//

#include "Epilogue.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace gn;

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

/// Sees a buffer with its last `count` dimensions as one; null if they are not
/// one run of neighbouring elements.
static Value collapseLast(LoopEmitter &b, Value buffer, int64_t count) {
  auto type = cast<MemRefType>(buffer.getType());
  if (count == 1)
    return type.isLastDimUnitStride() ? buffer : nullptr;
  SmallVector<ReassociationIndices> reassociation;
  int64_t outer = type.getRank() - count;
  for (int64_t dim = 0; dim < outer; ++dim)
    reassociation.push_back({dim});
  reassociation.push_back(
      llvm::to_vector(llvm::seq<int64_t>(outer, type.getRank())));
  if (!memref::CollapseShapeOp::isGuaranteedCollapsible(type, reassociation) ||
      !memref::CollapseShapeOp::computeCollapsedType(type, reassociation)
           .isLastDimUnitStride())
    return nullptr;
  return memref::CollapseShapeOp::create(b, buffer, reassociation);
}

template <typename OpTy>
FailureOr<Epilogue> Epilogue::create(OpTy op, LoopEmitter &b,
                                     int64_t firstRunDim) {
  Epilogue epilogue;
  if constexpr (!std::is_same_v<OpTy, GroupStatsOp>) {
    if (!op.hasEpilogue())
      return epilogue;
    epilogue.block = op.getEpilogueBlock();
    epilogue.firstRunDim = firstRunDim;
    epilogue.x = op.getX();
    epilogue.shape.assign(op.getXType().getShape().begin(),
                          op.getXType().getShape().end());
    for (auto [i, buffer] : llvm::enumerate(op.getEpilogueInputs())) {
      AffineMap map = op.getEpilogueMap(i);
      Input input{
          buffer, map,
          getEpilogueAccess(map, firstRunDim, op.getFeatureDimension())};
      if (input.access == Access::Run) {
        int64_t runDims = op.getXType().getRank() - firstRunDim;
        input.buffer = collapseLast(b, buffer, runDims);
        if (!input.buffer)
          return op.emitError()
                 << "epilogue input " << i
                 << " must lie contiguously in memory, where x does, to be "
                    "lowered to affine loops; copy it, or run gn-decompose";
      }
      epilogue.inputs.push_back(input);
    }
    epilogue.findParts();
  }
  return epilogue;
}

template FailureOr<Epilogue> Epilogue::create(GroupNormOp, LoopEmitter &,
                                              int64_t);
template FailureOr<Epilogue> Epilogue::create(GroupStatsOp, LoopEmitter &,
                                              int64_t);
template FailureOr<Epilogue> Epilogue::create(GroupNormalizeOp, LoopEmitter &,
                                              int64_t);

Type Epilogue::getElementType(size_t input) const {
  return getElementTypeOrSelf(inputs[input].buffer);
}

/// Runs that have a number are counted over the dimensions before them, of
/// which only the first, N, may be dynamic.
AffineIndex Epilogue::getOuterCoordinate(unsigned dim,
                                         ArrayRef<AffineIndex> position) const {
  if (position.size() > 1)
    return position[dim];
  AffineIndex run = position.front();
  int64_t behind = 1;
  for (int64_t i = dim + 1; i < firstRunDim; ++i)
    behind *= shape[i];
  AffineIndex coordinate = behind == 1 ? run : run.floorDiv(behind);
  return dim == 0 ? coordinate : coordinate % shape[dim];
}

SmallVector<Value> Epilogue::loadUniform(LoopEmitter &b,
                                         ArrayRef<AffineIndex> run) const {
  SmallVector<Value> scalars;
  for (const Input &input : inputs) {
    if (input.access != Access::Uniform) {
      scalars.push_back(nullptr);
      continue;
    }
    SmallVector<AffineIndex> position;
    for (AffineExpr result : input.map.getResults())
      position.push_back(
          getOuterCoordinate(cast<AffineDimExpr>(result).getPosition(), run));
    scalars.push_back(
        b.load(input.buffer, position, 0, getElementTypeOrSelf(input.buffer)));
  }
  return scalars;
}

Value Epilogue::loadLanes(LoopEmitter &b, size_t number, AffineIndex run,
                          AffineIndex feature, int64_t length) const {
  const Input &input = inputs[number];
  SmallVector<AffineIndex> position;
  for (AffineExpr result : input.map.getResults()) {
    unsigned dim = cast<AffineDimExpr>(result).getPosition();
    position.push_back(dim < firstRunDim ? getOuterCoordinate(dim, run)
                                         : feature);
  }
  return b.load(input.buffer, position, length, getElementType(number));
}

/// Where the elements of `input` are that stand at `position`.
SmallVector<AffineIndex>
Epilogue::getRunPosition(const Input &input,
                         ArrayRef<AffineIndex> position) const {
  SmallVector<AffineIndex> indices;
  for (AffineExpr result : input.map.getResults()) {
    unsigned dim = cast<AffineDimExpr>(result).getPosition();
    if (dim < firstRunDim)
      indices.push_back(getOuterCoordinate(dim, position.drop_back()));
  }
  indices.push_back(position.back());
  return indices;
}

Value Epilogue::loadRun(LoopEmitter &b, const Input &input,
                        ArrayRef<AffineIndex> position, int64_t length) const {
  return b.load(input.buffer, getRunPosition(input, position), length,
                getElementTypeOrSelf(input.buffer));
}

void Epilogue::prefetch(LoopEmitter &b, ArrayRef<AffineIndex> position,
                        int64_t distance) const {
  for (const Input &input : inputs)
    if (input.access == Access::Run)
      b.prefetch(input.buffer, getRunPosition(input, position), distance);
}

Value Epilogue::gather(LoopEmitter &b, const Input &input,
                       ArrayRef<AffineIndex> position, int64_t length) const {
  auto loadOne = [&](AffineIndex place) -> Value {
    // The coordinates in the run, from the last dimension to the first.
    SmallVector<Value> coordinates(shape.size());
    Value rest = b.materialize(place);
    for (int64_t dim = shape.size() - 1; dim >= firstRunDim; --dim) {
      coordinates[dim] = rest;
      if (dim == firstRunDim)
        break;
      Value size = b.createOrFold<memref::DimOp>(x, dim);
      coordinates[dim] = arith::RemUIOp::create(b, rest, size);
      rest = arith::DivUIOp::create(b, rest, size);
    }
    SmallVector<Value> indices;
    for (AffineExpr result : input.map.getResults()) {
      unsigned dim = cast<AffineDimExpr>(result).getPosition();
      indices.push_back(dim < firstRunDim ? b.materialize(getOuterCoordinate(
                                                dim, position.drop_back()))
                                          : coordinates[dim]);
    }
    return memref::LoadOp::create(b, input.buffer, indices);
  };
  bool hasLast = llvm::is_contained(input.map.getResults(),
                                    b.getAffineDimExpr(shape.size() - 1));
  if (length == 0 || (oneRowPerVector && !hasLast))
    return b.broadcast(loadOne(position.back()), length);
  SmallVector<Value> elements;
  for (int64_t i = 0; i < length; ++i)
    elements.push_back(loadOne(position.back() + i));
  return vector::FromElementsOp::create(
      b, VectorType::get(length, elements.front().getType()), elements);
}

//===----------------------------------------------------------------------===//
// The computation
//===----------------------------------------------------------------------===//

/// An op of the epilogue on vectors of `length` lanes, or on scalars.
static Operation *vectorize(LoopEmitter &b, Operation &op,
                            const IRMapping &mapping, int64_t length) {
  auto widen = [&](Type type) -> Type {
    return length == 0 ? type : VectorType::get(length, type);
  };
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    TypedAttr value = constant.getValue();
    if (length != 0)
      value = DenseElementsAttr::get(
          cast<VectorType>(widen(constant.getType())), value);
    return arith::ConstantOp::create(b, value);
  }
  SmallVector<Type> types = llvm::map_to_vector(op.getResultTypes(), widen);
  SmallVector<Value> operands = llvm::map_to_vector(
      op.getOperands(), [&](Value operand) { return mapping.lookup(operand); });
  OperationState state(op.getLoc(), op.getName(), operands, types,
                       op.getAttrs());
  return b.create(state);
}

/// Emits an op that is the same at all positions of a run, and what it needs.
static void emitInvariant(LoopEmitter &b, Value value, int64_t length,
                          IRMapping &mapping) {
  if (mapping.contains(value))
    return;
  Operation *op = value.getDefiningOp();
  for (Value operand : op->getOperands())
    emitInvariant(b, operand, length, mapping);
  mapping.map(op->getResults(),
              vectorize(b, *op, mapping, length)->getResults());
}

SmallVector<SmallVector<Value>>
Epilogue::loadSwept(LoopEmitter &b, ArrayRef<AffineIndex> position,
                    int64_t length, bool isPair) const {
  SmallVector<SmallVector<Value>> loaded(inputs.size());
  for (int64_t i : swept.set_bits()) {
    Value elements;
    if (inputs[i].access == Access::Run)
      elements = loadRun(b, inputs[i], position, length);
    else if (inputs[i].access == Access::Gather)
      elements = gather(b, inputs[i], position, length);
    if (elements)
      loaded[i] = b.takeApart(elements, isPair);
  }
  return loaded;
}

Value Epilogue::emit(LoopEmitter &b, Value value,
                     ArrayRef<Value> loaded) const {
  if (!block)
    return value;
  assert(loaded.size() == inputs.size() && "each input needs a place");
  auto vector = dyn_cast<VectorType>(value.getType());
  int64_t length = vector ? vector.getDimSize(0) : 0;
  IRMapping mapping;
  for (int64_t i : swept.set_bits())
    mapping.map(block->getArgument(i + 1), loaded[i]);
  mapping.map(normalized, value);
  for (Operation *op : rest)
    mapping.map(op->getResults(),
                vectorize(b, *op, mapping, length)->getResults());
  return mapping.lookup(cast<YieldOp>(block->getTerminator()).getValue());
}

//===----------------------------------------------------------------------===//
// The beginning that is folded
//===----------------------------------------------------------------------===//

/// Whether an element of the epilogue is the same at all positions of a run.
bool Epilogue::isInvariant(Value value) const {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    if (argument.getArgNumber() == 0)
      return false;
    Access access = inputs[argument.getArgNumber() - 1].access;
    return access == Access::Uniform || access == Access::Lanes;
  }
  return llvm::all_of(value.getDefiningOp()->getOperands(),
                      [&](Value operand) { return isInvariant(operand); });
}

/// Whether `op` is affine in its operand `value`.
bool Epilogue::isAffine(Operation *op, Value value) const {
  if (!isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::NegFOp,
           math::FmaOp>(op))
    return false;
  return llvm::all_of(op->getOperands(), [&](Value operand) {
    return operand == value || isInvariant(operand);
  });
}

void Epilogue::findParts() {
  // What is used twice is needed as it is.
  normalized = block->getArgument(0);
  while (normalized.hasOneUse()) {
    Operation *op = *normalized.user_begin();
    if (!isAffine(op, normalized))
      break;
    beginning.push_back(op);
    normalized = op->getResult(0);
  }
  // What is needed of the block from some values on, which `isKnown`.
  auto collect = [&](SmallVector<Value> wanted, llvm::BitVector &reads,
                     function_ref<bool(Value)> isKnown) {
    llvm::SmallPtrSet<Operation *, 16> needed;
    reads.resize(inputs.size());
    while (!wanted.empty()) {
      Value value = wanted.pop_back_val();
      if (isKnown(value))
        continue;
      if (auto argument = dyn_cast<BlockArgument>(value))
        reads.set(argument.getArgNumber() - 1);
      else if (needed.insert(value.getDefiningOp()).second)
        llvm::append_range(wanted, value.getDefiningOp()->getOperands());
    }
    return needed;
  };
  Value first = block->getArgument(0);
  if (!beginning.empty())
    collect({normalized}, folded, [&](Value value) { return value == first; });
  folded.resize(inputs.size());
  auto needed =
      collect({cast<YieldOp>(block->getTerminator()).getValue()}, swept,
              [&](Value value) { return value == normalized; });
  for (Operation &op : block->without_terminator())
    if (needed.contains(&op))
      rest.push_back(&op);
}

void Epilogue::fold(LoopEmitter &b, ArrayRef<Value> loaded, Value &scale,
                    Value &offset) const {
  if (beginning.empty())
    return;
  auto vector = dyn_cast<VectorType>(scale.getType());
  int64_t length = vector ? vector.getDimSize(0) : 0;
  IRMapping mapping;
  for (int64_t i : folded.set_bits())
    mapping.map(block->getArgument(i + 1), loaded[i]);
  // The other operands are computed as they are, then widened.
  llvm::SmallPtrSet<Value, 8> affine{block->getArgument(0)};
  for (Operation *op : beginning)
    affine.insert(op->getResult(0));
  Type wide = getElementTypeOrSelf(scale.getType());
  auto get = [&](Value operand) {
    emitInvariant(b, operand, length, mapping);
    return b.convert(mapping.lookup(operand), wide);
  };
  for (Operation *op : beginning) {
    if (isa<arith::NegFOp>(op)) {
      scale = arith::NegFOp::create(b, scale);
      offset = arith::NegFOp::create(b, offset);
      continue;
    }
    Value lhs = op->getOperand(0), rhs = op->getOperand(1);
    bool onLeft = affine.contains(lhs), onRight = affine.contains(rhs);
    if (isa<arith::AddFOp>(op)) {
      offset = b.add(offset, get(onLeft ? rhs : lhs));
    } else if (isa<arith::SubFOp>(op)) {
      offset = onLeft ? b.sub(offset, get(rhs)) : b.sub(get(lhs), offset);
      if (!onLeft)
        scale = arith::NegFOp::create(b, scale);
    } else if (onLeft || onRight) {
      Value factor = get(onLeft ? rhs : lhs);
      scale = b.mul(scale, factor);
      offset = isa<math::FmaOp>(op)
                   ? b.fma(offset, factor, get(op->getOperand(2)))
                   : b.mul(offset, factor);
    } else {
      offset = b.fma(get(lhs), get(rhs), offset);
    }
  }
}
