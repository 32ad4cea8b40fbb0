//===- HoistStackBuffers.cpp - Stack buffers outside of loops -------------===//

#include "groupnorm/Transforms/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/OpenMP/OpenMPDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace gn {
#define GEN_PASS_DEF_HOISTSTACKBUFFERSPASS
#include "groupnorm/Transforms/Passes.h.inc"
} // namespace gn

using namespace mlir;

/// The outermost block whose buffers `op`'s thread has to itself, or null.
static Block *findThreadEntry(Operation *op) {
  for (Operation *parent = op->getParentOp(); parent;
       parent = parent->getParentOp()) {
    if (isa<func::FuncOp, omp::ParallelOp>(parent))
      return &parent->getRegion(0).front();
    if (isa<affine::AffineParallelOp, scf::ParallelOp, scf::ForallOp>(parent))
      return nullptr;
  }
  return nullptr;
}

/// Whether the buffer takes more than `limit` bytes.
static bool isLarge(MemRefType type, int64_t limit) {
  int64_t elementBytes = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  return type.getNumElements() > limit / elementBytes;
}

namespace {
struct HoistStackBuffers
    : gn::impl::HoistStackBuffersPassBase<HoistStackBuffers> {
  using HoistStackBuffersPassBase::HoistStackBuffersPassBase;

  void runOnOperation() override {
    SmallVector<memref::AllocaOp> buffers;
    getOperation().walk([&](memref::AllocaOp buffer) {
      // An alloca with operands has a size that may differ between iterations.
      if (buffer->getNumOperands() == 0 &&
          buffer.getType().getElementType().isIntOrFloat())
        buffers.push_back(buffer);
    });
    // In reverse, since each goes to the front.
    for (memref::AllocaOp buffer : llvm::reverse(buffers)) {
      Block *entry = findThreadEntry(buffer);
      if (!entry)
        continue;
      buffer->moveBefore(entry, entry->begin());
      if (isLarge(buffer.getType(), maxBytes))
        moveToHeap(buffer);
    }
    getOperation().walk<WalkOrder::PostOrder>(
        [](memref::AllocaScopeOp scope) { inlineIfEmpty(scope); });
  }

private:
  /// A scope with nothing left to free only stands in the way: it must stay
  /// one block when its contents become branches.
  static void inlineIfEmpty(memref::AllocaScopeOp scope) {
    bool hasBuffers =
        scope.walk([](memref::AllocaOp) { return WalkResult::interrupt(); })
            .wasInterrupted();
    Block &body = scope.getBodyRegion().front();
    if (hasBuffers || !scope.getBodyRegion().hasOneBlock())
      return;
    Operation *terminator = body.getTerminator();
    scope->replaceAllUsesWith(terminator->getOperands());
    terminator->erase();
    scope->getBlock()->getOperations().splice(scope->getIterator(),
                                              body.getOperations());
    scope.erase();
  }

  static void moveToHeap(memref::AllocaOp buffer) {
    OpBuilder builder(buffer);
    Value heap = memref::AllocOp::create(
        builder, buffer.getLoc(), buffer.getType(), buffer.getAlignmentAttr());
    // At this stage a region is left through its terminators only.
    for (Block &block : *buffer->getParentRegion())
      if (block.getNumSuccessors() == 0) {
        builder.setInsertionPoint(block.getTerminator());
        memref::DeallocOp::create(builder, buffer.getLoc(), heap);
      }
    buffer.replaceAllUsesWith(heap);
    buffer.erase();
  }
};
} // namespace
