//===- StreamBits.cpp - Streaming stores of halves ------------------------===//
//
// LLVM's x86 back end has streaming stores of integers, f32 and f64, but makes
// an ordinary store of a vector of bf16, and of f16 where the processor has
// arithmetic of f16 (LLVM 22). A streaming sweep over half as many bytes would
// then take longer than one in f32.
//
// LLVM removes a conversion of bits before a store. `llvm.arithmetic.fence`,
// which is no instruction, keeps it there; it takes floats only.
//
//===----------------------------------------------------------------------===//

#include "groupnorm/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace gn {
#define GEN_PASS_DEF_STREAMBITSPASS
#include "groupnorm/Transforms/Passes.h.inc"
} // namespace gn

using namespace mlir;

namespace {
struct StreamBits : gn::impl::StreamBitsPassBase<StreamBits> {
  void runOnOperation() override {
    getOperation()->walk([](LLVM::StoreOp store) {
      auto type = dyn_cast<VectorType>(store.getValue().getType());
      if (!store.getNontemporal() || !type || type.getRank() != 1 ||
          !isa<Float16Type, BFloat16Type>(type.getElementType()) ||
          type.getNumElements() % 2 != 0)
        return;
      ImplicitLocOpBuilder b(store.getLoc(), store);
      auto pairs = VectorType::get(type.getNumElements() / 2, b.getF32Type());
      Value bits = LLVM::BitcastOp::create(b, pairs, store.getValue());
      auto fence = LLVM::CallIntrinsicOp::create(
          b, pairs, b.getStringAttr("llvm.arithmetic.fence"), bits);
      store.getValueMutable().assign(fence.getResults());
    });
  }
};
} // namespace
