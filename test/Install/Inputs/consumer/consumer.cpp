// Builds a function with a gn.group_norm of so many groups, verifies it and
// prints it: what a compiler that links the dialect starts with.
#include "groupnorm/Dialect/GN/IR/GN.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include <cstdlib>

int main(int argc, char **argv) {
  mlir::MLIRContext context;
  context.loadDialect<gn::GNDialect, mlir::func::FuncDialect>();
  mlir::OpBuilder b(&context);
  mlir::Location loc = b.getUnknownLoc();
  mlir::OwningOpRef<mlir::ModuleOp> module = mlir::ModuleOp::create(loc);
  b.setInsertionPointToEnd(module->getBody());
  auto x = mlir::MemRefType::get({2, 64, 320}, b.getF32Type());
  auto func =
      mlir::func::FuncOp::create(b, loc, "norm", b.getFunctionType({x, x}, {}));
  b.setInsertionPointToEnd(func.addEntryBlock());
  mlir::OperationState norm(loc, gn::GroupNormOp::getOperationName());
  norm.addOperands(func.getArguments());
  norm.addAttribute("num_groups", b.getI64IntegerAttr(std::atoi(argv[1])));
  norm.addAttribute("operandSegmentSizes",
                    b.getDenseI32ArrayAttr({1, 0, 0, 0, 1, 0, 0}));
  b.create(norm);
  mlir::func::ReturnOp::create(b, loc);
  if (failed(mlir::verify(*module)))
    return 1;
  module->print(llvm::outs());
  return 0;
}
