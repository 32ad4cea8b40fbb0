//===- DeallocateBuffers.cpp - Free what bufferization has made -----------===//

#include "groupnorm/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Pass/PassManager.h"

namespace gn {
#define GEN_PASS_DEF_DEALLOCATEBUFFERSPASS
#include "groupnorm/Transforms/Passes.h.inc"
} // namespace gn

using namespace mlir;

static OpPassManager makePipeline() {
  OpPassManager pipeline(ModuleOp::getOperationName());
  bufferization::buildBufferDeallocationPipeline(pipeline);
  return pipeline;
}

namespace {
struct DeallocateBuffers
    : gn::impl::DeallocateBuffersPassBase<DeallocateBuffers> {
  void getDependentDialects(DialectRegistry &registry) const override {
    makePipeline().getDependentDialects(registry);
  }

  void runOnOperation() override {
    bool allocates = false, frees = false;
    getOperation().walk([&](Operation *op) {
      allocates |= isa<memref::AllocOp>(op);
      frees |= isa<memref::DeallocOp, memref::ReallocOp>(op);
    });
    // Upstream refuses a function that frees memory by itself.
    if (!allocates || frees)
      return;
    OpPassManager pipeline = makePipeline();
    if (failed(runPipeline(pipeline, getOperation())))
      signalPassFailure();
  }
};
} // namespace
