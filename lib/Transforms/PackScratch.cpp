//===- PackScratch.cpp - One buffer for all of a function's own -----------===//

#include "groupnorm/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/MathExtras.h"

namespace gn {
#define GEN_PASS_DEF_PACKSCRATCHPASS
#include "groupnorm/Transforms/Passes.h.inc"
} // namespace gn

using namespace mlir;

/// A cache line, and as much as any vector asks for.
static constexpr int64_t kAlignment = 64;

/// The bytes of a buffer that can be packed: of constant size, in row-major
/// order, and with elements of whole bytes.
static std::optional<int64_t> getBytes(MemRefType type) {
  if (!type.hasStaticShape() || !type.getLayout().isIdentity() ||
      type.getMemorySpace() || !type.getElementType().isIntOrFloat() ||
      type.getElementTypeBitWidth() % 8 != 0)
    return std::nullopt;
  std::optional<int64_t> bytes = type.getElementTypeBitWidth() / 8;
  for (int64_t size : type.getShape())
    if (bytes)
      bytes = llvm::checkedMul(*bytes, size);
  return bytes;
}

namespace {
struct PackScratch : gn::impl::PackScratchPassBase<PackScratch> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;

    struct Slot {
      memref::AllocOp alloc;
      int64_t offset;
    };
    SmallVector<Slot> slots;
    int64_t total = 0;
    for (auto alloc : function.front().getOps<memref::AllocOp>()) {
      std::optional<int64_t> bytes = getBytes(alloc.getType());
      if (!bytes || alloc.getAlignment().value_or(1) > kAlignment)
        continue;
      std::optional<int64_t> end = llvm::checkedAdd(total, *bytes);
      if (!end || *end > INT64_MAX - kAlignment) {
        alloc.emitOpError("makes the scratch memory larger than an address");
        return signalPassFailure();
      }
      slots.push_back({alloc, total});
      total = llvm::alignTo(*end, kAlignment);
    }
    if (slots.empty())
      return;

    OpBuilder builder(function.getBody());
    auto type = MemRefType::get({total}, builder.getI8Type());
    if (failed(function.insertArgument(function.getNumArguments(), type, {},
                                       function.getLoc())))
      return signalPassFailure();
    Value scratch = function.getArguments().back();
    for (auto [alloc, offset] : slots) {
      builder.setInsertionPoint(alloc);
      Value start =
          arith::ConstantIndexOp::create(builder, alloc.getLoc(), offset);
      Value view =
          memref::ViewOp::create(builder, alloc.getLoc(), alloc.getType(),
                                 scratch, start, /*sizes=*/ValueRange());
      for (Operation *user : llvm::make_early_inc_range(alloc->getUsers()))
        if (isa<memref::DeallocOp>(user))
          user->erase();
      alloc.replaceAllUsesWith(view);
      alloc.erase();
    }
  }
};
} // namespace
