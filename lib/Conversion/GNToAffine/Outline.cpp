//===- Outline.cpp - Functions for ops in loops ---------------------------===//

#include "Outline.h"
#include "groupnorm/Dialect/GN/IR/GN.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace gn;

bool gn::canBeLoopsInPlace(Operation *op) {
  return cast<ShapedType>(op->getOperand(0).getType()).hasStaticShape() ||
         op->getParentOp()->hasTrait<OpTrait::AffineScope>();
}

/// Replaces `op` by a call of a function that is `op` alone.
static void outline(Operation *op, SymbolTable &symbols) {
  llvm::SetVector<Value> operands(op->operand_begin(), op->operand_end());
  OpBuilder b(op->getContext());
  Location loc = op->getLoc();
  FunctionType type = b.getFunctionType(
      llvm::to_vector(TypeRange(operands.getArrayRef())), TypeRange());
  auto function = func::FuncOp::create(
      loc, op->getName().stripDialect().str() + "_tile", type);
  function.setPrivate();
  symbols.insert(function);

  IRMapping mapping;
  Block *body = function.addEntryBlock();
  for (auto [operand, argument] : llvm::zip(operands, body->getArguments()))
    mapping.map(operand, argument);
  b.setInsertionPointToStart(body);
  b.clone(*op, mapping);
  func::ReturnOp::create(b, loc);

  b.setInsertionPoint(op);
  func::CallOp::create(b, loc, function, operands.getArrayRef());
  op->erase();
}

LogicalResult gn::outlineTiles(Operation *root) {
  SmallVector<Operation *> tiles;
  root->walk([&](Operation *op) {
    if (isa<GroupNormOp, GroupStatsOp, GroupNormalizeOp>(op) &&
        isa<MemRefType>(op->getOperand(0).getType()) && !canBeLoopsInPlace(op))
      tiles.push_back(op);
  });
  for (Operation *op : tiles) {
    Operation *table = SymbolTable::getNearestSymbolTable(op);
    if (!table || !root->isAncestor(table))
      return op->emitOpError(
          "has dynamic sizes and stands in a loop: it becomes a function of "
          "its own, which needs the pass to run on the module");
    SymbolTable symbols(table);
    outline(op, symbols);
  }
  return success();
}
