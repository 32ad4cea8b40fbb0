//===- CInterface.h - What a generated C function takes ---------*- C++ -*-===//
//
// The contract of the functions that gn-emit-c-interface creates, for those
// that call them or print their header.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_TRANSFORMS_CINTERFACE_H
#define GROUPNORM_TRANSFORMS_CINTERFACE_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Support/LLVM.h"

namespace gn {

/// An attribute of an argument that is written: the numbers of those whose
/// buffer it may be.
inline constexpr llvm::StringLiteral kMayBeAttrName = "gn.may_be";

/// What a generated function returns.
enum class CStatus : int32_t {
  Success = 0,
  NullPointer = 1,
  MisalignedPointer = 2,
  NegativeSize = 3,
  SizeTooLarge = 4,
  OutOfMemory = 5,
};
inline constexpr int32_t kNumCStatuses = 6;

/// The name without its prefix ("NULL_POINTER"), and what it means.
struct CStatusText {
  llvm::StringLiteral name, meaning;
};
CStatusText getText(CStatus status);

/// One function with a C interface, as its attribute describes it.
struct CInterface {
  struct Argument {
    std::string name;
    mlir::MemRefType type;
    /// Whether the function writes the buffer; it only reads the others.
    bool written;
    /// For each dimension the place of its size among the int64_t arguments,
    /// or -1 where the type has the size.
    llvm::SmallVector<int64_t> sizes;
    /// The numbers of the arguments whose buffer it may be: each of its
    /// elements is written when theirs is no longer needed.
    llvm::SmallVector<int64_t> mayBe;
  };
  std::string name;
  llvm::SmallVector<Argument> arguments;
  int64_t numSizes = 0;
  int64_t scratchBytes = 0;
  bool scratchOnStack = false;
  /// Whether there are buffers besides, of a size that only a call knows.
  bool allocatesMore = false;
};

/// Describes the interface of a function over memrefs, whose arguments are
/// called `names` or arg0, arg1...; emits an error where it can have none.
llvm::FailureOr<CInterface>
describeCInterface(mlir::FunctionOpInterface function,
                   llvm::ArrayRef<std::string> names);

/// Puts the description on `function`, and reads it back from a function or
/// from what a conversion made of it.
void setCInterface(mlir::FunctionOpInterface function,
                   const CInterface &description);
std::optional<CInterface> getCInterface(mlir::Operation *function);

} // namespace gn

#endif // GROUPNORM_TRANSFORMS_CINTERFACE_H
