//===- Inlining.cpp - Which ops are said where they are used --------------===//
//
// The others become statements that name their values. What reads memory, or
// must be reached by all threads together, keeps its place among the others.
//
//===----------------------------------------------------------------------===//

#include "Printer.h"
#include "Types.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace gn;
using namespace gn::msl;

/// Ops that exchange values between threads, or may: all threads must reach
/// them together.
static bool isConvergent(Operation *op) {
  return isa<gpu::ShuffleOp, func::CallOp>(op);
}

static bool readsMemory(Operation *op) {
  return isa<memref::LoadOp, vector::LoadOp>(op);
}

/// Ops whose text is as short as a name.
static bool isTrivial(Operation *op) {
  if (isa<vector::BroadcastOp, gpu::BlockIdOp, gpu::ThreadIdOp, gpu::GridDimOp,
          gpu::BlockDimOp, gpu::GlobalIdOp, gpu::LaneIdOp, gpu::SubgroupIdOp,
          gpu::NumSubgroupsOp, gpu::SubgroupSizeOp>(op))
    return true;
  if (auto extract = dyn_cast<vector::ExtractOp>(op))
    return extract.getDynamicPosition().empty();
  return isa<arith::IndexCastOp, arith::IndexCastUIOp>(op) &&
         getTypeName(op->getOperand(0).getType()) ==
             getTypeName(op->getResult(0).getType());
}

/// Whether running `op` later or earlier could change what a read gives.
static bool changesMemory(Operation *op) {
  if (isMemoryEffectFree(op) || readsMemory(op) || isa<memref::AllocaOp>(op))
    return false;
  // A function without buffers has nothing to change.
  return !isa<func::CallOp>(op) ||
         llvm::any_of(op->getOperandTypes(), llvm::IsaPred<MemRefType>);
}

bool Printer::isInlined(Operation *op) {
  if (matchPattern(op, m_Constant()))
    return true;
  if (auto known = inlined.find(op); known != inlined.end())
    return known->second;
  auto decide = [&]() -> bool {
    // A shuffle's second result is never printed.
    if (op->getNumResults() == 0 || !getName(op->getLoc()).empty())
      return op->getNumResults() != 0 && op->use_empty() &&
             isMemoryEffectFree(op);
    if (op->use_empty())
      return isMemoryEffectFree(op);
    bool isPure = isMemoryEffectFree(op);
    if (!isPure && !readsMemory(op) && !isConvergent(op))
      return false;
    if (isPure && isTrivial(op))
      return true;
    // So is a variable plus a constant.
    if (isa<arith::AddIOp>(op) &&
        matchPattern(op->getOperand(1), m_Constant())) {
      // What is used here alone asks about this op itself.
      Operation *base = op->getOperand(0).getDefiningOp();
      bool mayAsk = base && getName(base->getLoc()).empty();
      if (!mayAsk || (!base->hasOneUse() && !isInlined(base)))
        return true;
    }
    if (!op->hasOneUse())
      return false;

    // Follow the uses up to the statement that will hold the text. It must run
    // as often as the op does, so it must stand in the same block, and nothing
    // between may change what is read.
    bool isFixed = readsMemory(op) || isConvergent(op);
    Operation *text = op; // the whole of it, so far
    Operation *statement = *op->getUsers().begin();
    while (true) {
      if (statement->getBlock() != op->getBlock())
        return false;
      // Only one side of a select is evaluated.
      if (isFixed && isa<arith::SelectOp>(statement))
        return false;
      if (!isInlined(statement))
        break;
      if (!statement->hasOneUse())
        return false;
      text = statement;
      statement = *statement->getUsers().begin();
    }
    if (!isFixed)
      return true;
    // The bound of a loop, and its step, are evaluated again and again.
    if (auto loop = dyn_cast<scf::ForOp>(statement);
        loop && (loop.getUpperBound().getDefiningOp() == text ||
                 loop.getStep().getDefiningOp() == text))
      return false;
    for (Operation *between = op->getNextNode(); between != statement;
         between = between->getNextNode())
      if (changesMemory(between))
        return false;
    return true;
  };
  bool result = decide();
  inlined[op] = result;
  return result;
}

bool Printer::mentions(Value value, ArrayRef<Value> targets) {
  if (llvm::any_of(targets, [&](Value target) {
        return variables[target] == variables.lookup(value) &&
               variables.count(value);
      }))
    return true;
  Operation *op = value.getDefiningOp();
  return op && isInlined(op) &&
         llvm::any_of(op->getOperands(), [&](Value operand) {
           return mentions(operand, targets);
         });
}
