//===- Epilogue.cpp - What follows the normalization ----------------------===//

#include "Epilogue.h"
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
    int64_t runDims = op.getXType().getRank() - firstRunDim;
    for (auto [i, buffer] : llvm::enumerate(op.getEpilogueInputs())) {
      Input input{buffer, op.getEpilogueMap(i), Access::Gather};
      int64_t found =
          llvm::count_if(input.map.getResults(), [&](AffineExpr result) {
            return cast<AffineDimExpr>(result).getPosition() >= firstRunDim;
          });
      bool hasFeatures = llvm::is_contained(
          input.map.getResults(), b.getAffineDimExpr(op.getFeatureDimension()));
      if (found == 0) {
        input.access = Access::Uniform;
      } else if (found == runDims) {
        input.access = Access::Run;
        input.buffer = collapseLast(b, buffer, runDims);
        if (!input.buffer)
          return op.emitError()
                 << "epilogue input " << i
                 << " must lie contiguously in memory, where x does, to be "
                    "lowered to affine loops; copy it, or run gn-decompose";
      } else if (found == 1 && hasFeatures) {
        input.access = Access::Lanes;
      }
      epilogue.inputs.push_back(input);
    }
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
      b.prefetch(input.buffer, getRunPosition(input, position), distance,
                 /*lastUse=*/true);
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
static Operation *vectorize(LoopEmitter &b, Operation &op, ValueRange operands,
                            int64_t length) {
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
  OperationState state(op.getLoc(), op.getName(), operands, types,
                       op.getAttrs());
  return b.create(state);
}

Value Epilogue::emit(LoopEmitter &b, Value value, ArrayRef<Value> loaded,
                     ArrayRef<AffineIndex> position, int64_t length) const {
  if (!block)
    return value;
  assert(loaded.size() == inputs.size() && "each input needs a place");
  IRMapping mapping;
  mapping.map(block->getArgument(0), value);
  for (auto [i, input] : llvm::enumerate(inputs)) {
    Value elements = loaded[i];
    if (input.access == Access::Run)
      elements = loadRun(b, input, position, length);
    else if (input.access == Access::Gather)
      elements = gather(b, input, position, length);
    mapping.map(block->getArgument(i + 1), elements);
  }
  for (Operation &op : block->without_terminator()) {
    SmallVector<Value> operands =
        llvm::map_to_vector(op.getOperands(), [&](Value operand) {
          return mapping.lookup(operand);
        });
    mapping.map(op.getResults(),
                vectorize(b, op, operands, length)->getResults());
  }
  return mapping.lookup(cast<YieldOp>(block->getTerminator()).getValue());
}
