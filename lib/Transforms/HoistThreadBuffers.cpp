//===- HoistThreadBuffers.cpp - Stack buffers once a thread ---------------===//

#include "groupnorm/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/OpenMP/OpenMPDialect.h"

namespace gn {
#define GEN_PASS_DEF_HOISTTHREADBUFFERSPASS
#include "groupnorm/Transforms/Passes.h.inc"
} // namespace gn

using namespace mlir;

namespace {
struct HoistThreadBuffers
    : gn::impl::HoistThreadBuffersPassBase<HoistThreadBuffers> {
  void runOnOperation() override {
    getOperation().walk([](memref::AllocaOp alloca) {
      // An alloca with operands has a size that may differ between iterations.
      auto parallel = alloca->getParentOfType<omp::ParallelOp>();
      if (!parallel || alloca->getNumOperands() != 0)
        return;
      Block &entry = parallel.getRegion().front();
      alloca->moveBefore(&entry, entry.begin());
    });
  }
};
} // namespace
