//===- DropReturnedArguments.cpp - Results that are arguments -------------===//

#include "groupnorm/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/SymbolTable.h"

namespace gn {
#define GEN_PASS_DEF_DROPRETURNEDARGUMENTSPASS
#include "groupnorm/Transforms/Passes.h.inc"
} // namespace gn

using namespace mlir;

/// Drops the results that `function` returns as it got them.
static void dropReturnedArguments(func::FuncOp function) {
  // Several returns would have to agree; bufferization makes one.
  if (!function.getBody().hasOneBlock())
    return;
  auto returnOp = cast<func::ReturnOp>(function.front().getTerminator());
  BitVector dropped(function.getNumResults());
  for (OpOperand &operand : returnOp->getOpOperands())
    if (isa<BaseMemRefType>(operand.get().getType()) &&
        isa<BlockArgument>(operand.get()))
      dropped.set(operand.getOperandNumber());
  if (dropped.none() || failed(function.eraseResults(dropped)))
    return;
  returnOp->eraseOperands(dropped);
}

namespace {
struct DropReturnedArguments
    : gn::impl::DropReturnedArgumentsPassBase<DropReturnedArguments> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    for (auto function : module.getOps<func::FuncOp>())
      if (function.isPublic() && !function.isExternal() &&
          SymbolTable::symbolKnownUseEmpty(function, module))
        dropReturnedArguments(function);
  }
};
} // namespace
