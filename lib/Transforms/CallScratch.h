//===- CallScratch.h - Scratch memory that only a call knows ----*- C++ -*-===//
//
// The buffers of a kernel that are not of constant size, or of which each
// thread needs one of its own. A function with a C interface computes their
// sizes before it calls the kernel, takes all memory at once, and so can say
// that there is none.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_LIB_TRANSFORMS_CALLSCRATCH_H
#define GROUPNORM_LIB_TRANSFORMS_CALLSCRATCH_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace gn {

class CallScratch {
public:
  /// Finds the buffers in `kernel`: those outside of parallel loops whose sizes
  /// follow from its arguments, and those of constant size in parallel loops.
  /// With 1 for `threads` the parallel loops are serial.
  CallScratch(mlir::func::FuncOp kernel, int64_t threads);

  bool isEmpty() const { return buffers.empty() && threadBytes == 0; }

  /// A part of the memory, as one more argument of the kernel takes it.
  struct Part {
    mlir::MemRefType type;
    mlir::Value start;                    // in bytes, i64
    llvm::SmallVector<mlir::Value> sizes; // i64, of each dimension
  };
  struct Layout {
    llvm::SmallVector<Part> parts;
    mlir::Value bytes;    // i64
    mlir::Value tooLarge; // i1: whether `bytes` is more than an i64 can say
  };
  /// Emits what computes the parts, behind the first `start` bytes. `arguments`
  /// stand for those of the kernel.
  mlir::FailureOr<Layout> createLayout(mlir::ImplicitLocOpBuilder &b,
                                       mlir::ValueRange arguments,
                                       int64_t start);

  /// Makes arguments of the buffers.
  mlir::LogicalResult replaceBuffers();

private:
  mlir::FailureOr<mlir::func::FuncOp> getOpenMPFunction(llvm::StringRef name);

  mlir::func::FuncOp kernel;
  int64_t threads;
  llvm::SmallVector<mlir::memref::AllocOp> buffers;
  /// Buffers of a thread, and where they start in its part.
  llvm::SmallVector<std::pair<mlir::memref::AllocOp, int64_t>> threadBuffers;
  int64_t threadBytes = 0;
};

} // namespace gn

#endif // GROUPNORM_LIB_TRANSFORMS_CALLSCRATCH_H
