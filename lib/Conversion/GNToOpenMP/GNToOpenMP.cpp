//===- GNToOpenMP.cpp - gn.max_threads to OpenMP --------------------------===//
//
// The one thing that loops of gn ask of what runs them.
//
//===----------------------------------------------------------------------===//

#include "groupnorm/Conversion/Passes.h"
#include "groupnorm/Dialect/GN/IR/GN.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace gn {
#define GEN_PASS_DEF_CONVERTGNTOOPENMPPASS
#include "groupnorm/Conversion/Passes.h.inc"
} // namespace gn

using namespace mlir;
using namespace gn;

static constexpr StringLiteral kGetMaxThreads = "omp_get_max_threads";

/// The declaration of the runtime's function.
static FailureOr<func::FuncOp> getFunction(ModuleOp module, Operation *user) {
  OpBuilder b(module.getContext());
  auto type = b.getFunctionType({}, b.getI32Type());
  if (Operation *known = module.lookupSymbol(kGetMaxThreads)) {
    auto function = dyn_cast<func::FuncOp>(known);
    if (function && function.getFunctionType() == type)
      return function;
    return user->emitOpError("needs @") << kGetMaxThreads << ", but the module "
                                        << "has something else of that name";
  }
  b.setInsertionPointToStart(module.getBody());
  auto function =
      func::FuncOp::create(b, module.getLoc(), kGetMaxThreads, type);
  function.setPrivate();
  return function;
}

namespace {
struct ConvertGNToOpenMP
    : gn::impl::ConvertGNToOpenMPPassBase<ConvertGNToOpenMP> {
  using ConvertGNToOpenMPPassBase::ConvertGNToOpenMPPassBase;

  void runOnOperation() override {
    WalkResult walk = getOperation()->walk([&](MaxThreadsOp op) {
      OpBuilder b(op);
      Value count;
      if (threads > 0) {
        count = arith::ConstantIndexOp::create(b, op.getLoc(), threads);
      } else {
        FailureOr<func::FuncOp> function = getFunction(getOperation(), op);
        if (failed(function))
          return WalkResult::interrupt();
        Value call =
            func::CallOp::create(b, op.getLoc(), *function).getResult(0);
        count =
            arith::IndexCastOp::create(b, op.getLoc(), b.getIndexType(), call);
      }
      op.replaceAllUsesWith(count);
      op.erase();
      return WalkResult::advance();
    });
    if (walk.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
