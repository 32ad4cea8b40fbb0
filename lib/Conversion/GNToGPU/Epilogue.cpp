//===- Epilogue.cpp - What follows the normalization ----------------------===//
//
// The body of the epilogue, an element's computation, becomes one on vectors of
// an item's lanes. An epilogue input is read like x where it has x's shape,
// once where all lanes have the same element, four wide where their elements
// are neighbours, and one by one elsewhere.
//
//===----------------------------------------------------------------------===//

#include "Epilogue.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace gn;

std::string gn::getEpilogueInputName(int64_t input) {
  return llvm::formatv("input{0}", input);
}

Type EpilogueEmitter::widen(Type scalar) {
  return p.vector == 1 ? scalar : VectorType::get({p.vector}, scalar);
}

Value EpilogueEmitter::load(int64_t input, Index item) {
  Value buffer = b.getArgument(getEpilogueInputName(input));
  Type element = cast<MemRefType>(buffer.getType()).getElementType();
  auto one = [&](int64_t lane) {
    return b.loadElement(
        buffer, {tile.offsetInInput(p.epilogueInputs[input], item, lane)});
  };
  switch (tile.lanesOfInput(p.epilogueInputs[input])) {
  case TileView::Lanes::Same: {
    Value scalar = one(0);
    return p.vector == 1
               ? scalar
               : vector::BroadcastOp::create(b, widen(element), scalar);
  }
  case TileView::Lanes::Neighbours:
    if (p.vector == 1)
      return one(0);
    return vector::LoadOp::create(
        b, cast<VectorType>(widen(element)), buffer,
        ValueRange{tile.offsetInInput(p.epilogueInputs[input], item, 0)});
  case TileView::Lanes::Apart: {
    SmallVector<Value> scalars;
    for (int64_t lane = 0; lane < p.vector; ++lane)
      scalars.push_back(one(lane));
    return b.pack(scalars);
  }
  }
  llvm_unreachable("the lanes of an input are one of these");
}

void EpilogueEmitter::loadCommon() {
  for (auto [i, input] : llvm::enumerate(p.epilogueInputs))
    common.push_back(tile.isFixedInput(input)
                         ? b.named(load(i, b.index(0)), getEpilogueInputName(i))
                         : Value());
}

void EpilogueEmitter::clone(Operation &op, IRMapping &mapping) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    TypedAttr value = constant.getValue();
    if (p.vector != 1)
      value =
          DenseElementsAttr::get(cast<VectorType>(widen(constant.getType())),
                                 static_cast<Attribute>(value));
    mapping.map(constant.getResult(), arith::ConstantOp::create(b, value));
    return;
  }
  SmallVector<Value> operands;
  for (Value operand : op.getOperands())
    operands.push_back(mapping.lookup(operand));
  // MSL has no erf, and its arithmetic is long.
  if (isa<math::ErfOp>(op) && op.getResult(0).getType().isF32())
    return mapping.map(op.getResult(0), helpers.erf(operands.front()));
  auto types = llvm::map_to_vector(op.getResultTypes(),
                                   [&](Type type) { return widen(type); });
  OperationState state(b.getLoc(), op.getName(), operands, types,
                       op.getAttrs());
  mapping.map(op.getResults(), b.create(state)->getResults());
}

Value EpilogueEmitter::emit(Index item, Value normalized) {
  if (!p.op.hasEpilogue())
    return b.round(normalized, b.getArgument("y"));
  Block &body = *p.op.getEpilogueBlock();
  IRMapping mapping;
  mapping.map(body.getArgument(0), normalized);
  for (int64_t i = 0, e = p.epilogueInputs.size(); i < e; ++i)
    mapping.map(body.getArgument(i + 1), common[i] ? common[i] : load(i, item));
  for (Operation &op : body.without_terminator())
    clone(op, mapping);
  return mapping.lookup(cast<YieldOp>(body.getTerminator()).getValue());
}
