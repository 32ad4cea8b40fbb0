//===- LaunchDescription.h - How printed kernels are launched ---*- C++ -*-===//
//
// What a host needs to run the printed kernels of one function: kernels in
// order, grids, threadgroups, buffers and constants. It is read off the
// function's gpu.launch_func ops. Sizes that are known only at run time are
// symbols in its expressions.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_TARGET_MSL_LAUNCHDESCRIPTION_H
#define GROUPNORM_TARGET_MSL_LAUNCHDESCRIPTION_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/Support/JSON.h"
#include <array>

namespace gn {

struct LaunchDescription {
  /// A dynamic dimension of one of the function's arguments. Expressions refer
  /// to it as the symbol of its number.
  struct Size {
    std::string name;
    unsigned buffer;
    int64_t dimension;
  };
  struct Buffer {
    std::string name, role;
    std::string type; // of an element, in MSL
    int64_t elementBytes;
    mlir::AffineExpr elements;
    std::optional<unsigned> argument; // of the function; none for scratch
    mlir::DenseElementsAttr values;   // of a constant; else null
  };
  /// An argument of a kernel; its number is its buffer index in MSL.
  struct Argument {
    std::optional<unsigned> buffer; // else a constant:
    std::string name, type;
    mlir::AffineExpr value;
    bool isWritten = false;
  };
  struct Comparison {
    mlir::AffineExpr lhs, rhs;
    mlir::arith::CmpIPredicate predicate;
  };
  /// Whether all comparisons hold; or, if negated, whether one does not.
  struct Condition {
    llvm::SmallVector<Comparison> comparisons;
    bool isNegated = false;
  };
  struct Kernel {
    std::string name;
    llvm::SmallVector<Condition> conditions; // launched where all of them hold
    std::array<mlir::AffineExpr, 3> threadgroups, threads;
    llvm::SmallVector<Argument> arguments;
  };

  std::string function;
  llvm::SmallVector<Size> sizes;
  llvm::SmallVector<Buffer> buffers;
  std::vector<Kernel> kernels;

  /// Describes the launches of `function`. Emits an error where something is
  /// launched in a way that this form cannot say.
  static llvm::FailureOr<LaunchDescription>
  create(mlir::FunctionOpInterface function);

  /// The value of an expression, given one number for each of `sizes`.
  static int64_t evaluate(mlir::AffineExpr expr, llvm::ArrayRef<int64_t> sizes);

  static bool evaluate(const Condition &condition,
                       llvm::ArrayRef<int64_t> sizes);

  /// The elements of a constant, in the order of memory.
  static std::vector<char> getBytes(const Buffer &buffer);

  /// An expression in the syntax of Python.
  std::string toText(mlir::AffineExpr expr) const;
  /// Whether the kernel is launched, likewise; empty where it always is.
  std::string conditionText(const Kernel &kernel) const;

  /// The form that docs/msl.md describes.
  llvm::json::Object toJSON() const;
};

} // namespace gn

#endif // GROUPNORM_TARGET_MSL_LAUNCHDESCRIPTION_H
