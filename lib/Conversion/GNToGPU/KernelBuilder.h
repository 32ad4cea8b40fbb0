//===- KernelBuilder.h - Building GPU kernels -------------------*- C++ -*-===//
//
// A thin layer over the builder for what every part of this lowering writes:
// unsigned index arithmetic, loops, loads and stores that widen and round, and
// arithmetic on scalars and vectors alike. Values get names (as locations), so
// that printed kernels read well.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_LIB_CONVERSION_GNTOGPU_KERNELBUILDER_H
#define GROUPNORM_LIB_CONVERSION_GNTOGPU_KERNELBUILDER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace gn {

class KernelBuilder;

/// An index with unsigned arithmetic that folds where it can.
class Index {
public:
  Index(KernelBuilder &b, mlir::Value value) : builder(&b), value(value) {}

  Index operator+(Index other) const;
  Index operator-(Index other) const;
  Index operator*(Index other) const;
  Index operator/(Index other) const;
  Index operator%(Index other) const;
  Index operator+(int64_t other) const;
  Index operator*(int64_t other) const;
  Index operator/(int64_t other) const;
  Index operator%(int64_t other) const;
  mlir::Value operator<(Index other) const;
  mlir::Value operator==(int64_t other) const;

  /// The value, if it is known.
  std::optional<int64_t> getConstant() const;
  bool is(int64_t expected) const { return getConstant() == expected; }
  Index named(llvm::StringRef name) const;

  operator mlir::Value() const { return value; }

private:
  KernelBuilder *builder;
  mlir::Value value;
};

class KernelBuilder : public mlir::ImplicitLocOpBuilder {
public:
  KernelBuilder(mlir::Location loc, mlir::OpBuilder &builder)
      : ImplicitLocOpBuilder(loc, builder) {}

  //===--------------------------------------------------------------------===//
  // Kernels
  //===--------------------------------------------------------------------===//

  struct Argument {
    llvm::StringRef name;
    llvm::StringRef role;
    mlir::Type type;
  };
  /// Opens a kernel of `threads` threads a threadgroup in the module `parent`;
  /// what is built until `endKernel` is its body.
  mlir::gpu::GPUFuncOp beginKernel(mlir::gpu::GPUModuleOp parent,
                                   llvm::StringRef name,
                                   llvm::ArrayRef<Argument> arguments,
                                   int64_t threads);
  /// The open kernel's argument of this name; null if it has none.
  mlir::Value getArgument(llvm::StringRef name);
  void endKernel();
  /// Threadgroup memory of the open kernel.
  mlir::Value threadgroupBuffer(llvm::StringRef name, int64_t size,
                                mlir::Type elementType);
  /// Memory of the thread's own; of size 0, it holds one value.
  mlir::Value privateBuffer(llvm::StringRef name, int64_t size,
                            mlir::Type elementType);
  Index threadIndex();
  Index blockIndex(mlir::gpu::Dimension dimension, llvm::StringRef name);
  Index lane();
  Index simdgroup();
  void barrier();

  //===--------------------------------------------------------------------===//
  // Control flow
  //===--------------------------------------------------------------------===//

  using LoopBody = llvm::function_ref<void(Index)>;
  using ReductionBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      Index, mlir::ValueRange)>;
  /// `for iv = lower to upper step step`. A loop that is known to run once
  /// becomes its body; one that is known not to run becomes nothing.
  void forLoop(llvm::StringRef iv, Index lower, Index upper, Index step,
               LoopBody body, llvm::StringRef role = {});
  llvm::SmallVector<mlir::Value>
  forLoop(llvm::StringRef iv, Index lower, Index upper, Index step,
          llvm::ArrayRef<std::pair<llvm::StringRef, mlir::Value>> initial,
          ReductionBody body, llvm::StringRef role = {});
  /// Runs `body` where `condition` holds; a null condition always does.
  void ifThen(mlir::Value condition, llvm::function_ref<void()> body,
              llvm::StringRef role = {});
  /// What `body` makes where `condition` holds, else `otherwise`.
  mlir::Value ifElse(llvm::StringRef name, mlir::Value condition,
                     llvm::function_ref<mlir::Value()> body,
                     mlir::Value otherwise);
  mlir::Value select(mlir::Value condition, mlir::Value a, mlir::Value b);

  //===--------------------------------------------------------------------===//
  // Memory
  //===--------------------------------------------------------------------===//

  /// The elements from `position` on, a scalar where `lanes` is 1, widened to
  /// f32.
  mlir::Value load(mlir::Value memref, Index position, int64_t lanes);
  /// The element at `position`, as it is.
  mlir::Value loadElement(mlir::Value memref, mlir::ValueRange position = {});
  /// f32 values, rounded to the memref's element type.
  mlir::Value round(mlir::Value value, mlir::Value memref);
  /// Stores values of the memref's element type from `position` on.
  void store(mlir::Value value, mlir::Value memref, Index position);
  void storeElement(mlir::Value value, mlir::Value memref,
                    mlir::ValueRange position = {});

  //===--------------------------------------------------------------------===//
  // Arithmetic
  //===--------------------------------------------------------------------===//

  Index index(int64_t value);
  Index index(mlir::Value value) { return Index(*this, value); }
  Index min(Index a, Index b);
  /// f32, or a vector of it; a scalar where `lanes` is 1.
  mlir::Type floatType(int64_t lanes);
  /// A constant of `type`, f32 or a vector of it.
  mlir::Value constant(double value, mlir::Type type);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value sub(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, mlir::Value b);
  mlir::Value div(mlir::Value a, mlir::Value b);
  mlir::Value neg(mlir::Value a);
  /// As f32, rounded.
  mlir::Value toFloat(Index index);
  mlir::Value fma(mlir::Value a, mlir::Value b, mlir::Value c);
  mlir::Value broadcast(mlir::Value scalar, int64_t lanes);
  mlir::Value pack(mlir::ValueRange scalars);
  mlir::Value extract(mlir::Value vector, int64_t lane);
  mlir::Value extract(mlir::Value vector, Index lane);
  mlir::Value call(mlir::func::FuncOp function, mlir::ValueRange arguments);
  /// Gives the value a name that a target's text uses.
  mlir::Value named(mlir::Value value, llvm::StringRef name);

private:
  mlir::Attribute addressSpace(mlir::gpu::AddressSpace space);

  mlir::gpu::GPUFuncOp kernel;
  mlir::OpBuilder::InsertPoint outside;
  llvm::DenseMap<int64_t, mlir::Value> indices; // constants of the open kernel
};

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOGPU_KERNELBUILDER_H
