//===- GNOps.cpp - Operations of the gn dialect ---------------------------===//
//
// The ops' interfaces and folders. Verifiers and canonicalizations have files
// of their own beside this one.
//
//===----------------------------------------------------------------------===//

#include "groupnorm/Dialect/GN/IR/GN.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace gn;

#define GET_OP_CLASSES
#include "groupnorm/Dialect/GN/IR/GNOps.cpp.inc"

FloatType gn::getComputeType(Type elementType) {
  if (elementType.isF64())
    return Float64Type::get(elementType.getContext());
  return Float32Type::get(elementType.getContext());
}

MutableOperandRange GroupNormOp::getDpsInitsMutable() {
  // init, and mean and rstd where there are any, are the last operands.
  unsigned length = savesStatistics() ? 3 : 1;
  return MutableOperandRange(*this, getNumOperands() - length, length);
}

MutableOperandRange GroupStatsOp::getDpsInitsMutable() {
  // count, mean and m2 are the last three operands.
  return MutableOperandRange(*this, /*start=*/1, /*length=*/3);
}

/// All statistics of a group are taken before the first of its elements is
/// written, and each element is read before it is written.
template <typename OpTy>
static bool isReadInPlaceBy(OpTy op, OpOperand &operand) {
  if (&operand == &op.getXMutable())
    return true;
  int64_t input = static_cast<int64_t>(operand.getOperandNumber()) -
                  op.getEpilogueInputs().getBeginOperandIndex();
  return input >= 0 &&
         input < static_cast<int64_t>(op.getEpilogueInputs().size()) &&
         op.getEpilogueMap(input).isIdentity();
}

bool GroupNormOp::isReadInPlace(OpOperand &operand) {
  return isReadInPlaceBy(*this, operand);
}

bool GroupNormalizeOp::isReadInPlace(OpOperand &operand) {
  return isReadInPlaceBy(*this, operand);
}

//===----------------------------------------------------------------------===//
// Memory effects: on memrefs each input is read and each init written; on
// tensors there are none, so that an unused op is dead.
//===----------------------------------------------------------------------===//

using Effects =
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>;

static void addEffects(DestinationStyleOpInterface op, bool readsInits,
                       Effects &effects) {
  auto add = [&](OpOperand &operand, MemoryEffects::Effect *effect) {
    if (isa<BaseMemRefType>(operand.get().getType()))
      effects.emplace_back(effect, &operand, /*stage=*/0,
                           /*effectOnFullRegion=*/true,
                           SideEffects::DefaultResource::get());
  };
  for (OpOperand *input : op.getDpsInputOperands())
    add(*input, MemoryEffects::Read::get());
  for (OpOperand &init : op.getDpsInitsMutable()) {
    if (readsInits)
      add(init, MemoryEffects::Read::get());
    add(init, MemoryEffects::Write::get());
  }
}

void GroupNormOp::getEffects(Effects &effects) {
  addEffects(*this, /*readsInits=*/false, effects);
}

void GroupStatsOp::getEffects(Effects &effects) {
  addEffects(*this, /*readsInits=*/true, effects);
}

void GroupNormalizeOp::getEffects(Effects &effects) {
  addEffects(*this, /*readsInits=*/false, effects);
}

//===----------------------------------------------------------------------===//
// Result shapes: each result has the shape of the init it is tied to.
//===----------------------------------------------------------------------===//

static LogicalResult reifyFromInits(DestinationStyleOpInterface op,
                                    OpBuilder &builder,
                                    ReifiedRankedShapedTypeDims &shapes) {
  for (OpResult result : op->getResults())
    shapes.push_back(tensor::getMixedSizes(builder, op.getLoc(),
                                           op.getTiedOpOperand(result)->get()));
  return success();
}

LogicalResult
GroupNormOp::reifyResultShapes(OpBuilder &builder,
                               ReifiedRankedShapedTypeDims &shapes) {
  return reifyFromInits(*this, builder, shapes);
}

LogicalResult
GroupStatsOp::reifyResultShapes(OpBuilder &builder,
                                ReifiedRankedShapedTypeDims &shapes) {
  return reifyFromInits(*this, builder, shapes);
}

LogicalResult
GroupNormalizeOp::reifyResultShapes(OpBuilder &builder,
                                    ReifiedRankedShapedTypeDims &shapes) {
  return reifyFromInits(*this, builder, shapes);
}

//===----------------------------------------------------------------------===//
// Folders: a memref.cast that only forgets static information goes away. One
// that asserts some stays: the constraints may rest on it (C5).
// (tensor.cast is folded into every destination-style op by the tensor
// dialect's own canonicalization.)
//===----------------------------------------------------------------------===//

static LogicalResult foldMemRefCasts(Operation *op) {
  bool folded = false;
  for (OpOperand &operand : op->getOpOperands()) {
    auto cast = operand.get().getDefiningOp<memref::CastOp>();
    if (!cast || !memref::CastOp::canFoldIntoConsumerOp(cast))
      continue;
    operand.set(cast.getSource());
    folded = true;
  }
  return success(folded);
}

LogicalResult GroupNormOp::fold(FoldAdaptor, SmallVectorImpl<OpFoldResult> &) {
  return foldMemRefCasts(*this);
}

LogicalResult GroupStatsOp::fold(FoldAdaptor, SmallVectorImpl<OpFoldResult> &) {
  return foldMemRefCasts(*this);
}

LogicalResult GroupNormalizeOp::fold(FoldAdaptor,
                                     SmallVectorImpl<OpFoldResult> &) {
  return foldMemRefCasts(*this);
}
