//===- Signature.h - What a function of our own takes -----------*- C++ -*-===//

#ifndef GROUPNORM_TOOLS_GROUPNORM_SIGNATURE_H
#define GROUPNORM_TOOLS_GROUPNORM_SIGNATURE_H

#include "Options.h"

namespace mlir {
class Block;
class FloatType;
class ImplicitLocOpBuilder;
class Type;
} // namespace mlir

namespace gn::tool {

/// The operands of a compiled group norm, and their types. The function takes
/// them in this order: x, gamma, beta, scale, shift, residual, y, mean, rstd.
struct Signature {
  /// What the options say for an x of `type`.
  static Signature create(const Options &options, runtime::ElementType type);

  struct Operand {
    llvm::StringLiteral name;
    runtime::ElementType type;
    /// The dimensions of x that it has; of mean and rstd the second is the
    /// groups'.
    llvm::SmallVector<int64_t> dims;
    llvm::SmallVector<int64_t> shape;
    bool isInput, isEpilogueInput;
  };
  llvm::SmallVector<Operand> getOperands(const reference::Problem &) const;

  bool isAffine() const { return gamma.has_value(); }
  bool hasEpilogue() const {
    return scale || residual || activation != reference::Activation::None;
  }
  /// The type of mean and rstd, and of everything between x and y.
  runtime::ElementType getComputeType() const {
    return x == runtime::ElementType::F64 ? runtime::ElementType::F64
                                          : runtime::ElementType::F32;
  }

  runtime::ElementType x, y;
  std::optional<runtime::ElementType> gamma, beta, scale, shift, residual;
  reference::Activation activation = reference::Activation::None;
  bool savesStatistics = false;
};

/// The number of y among the operands: it follows the inputs.
size_t getResultNumber(llvm::ArrayRef<Signature::Operand> operands);

/// The type that holds numbers of both types, of which one must be as wide as
/// the other or wider.
runtime::ElementType getWider(runtime::ElementType a, runtime::ElementType b);

/// Fills the body of an epilogue, whose arguments are the normalized element
/// and those of the inputs in the order of the signature.
void buildEpilogue(mlir::ImplicitLocOpBuilder &b, mlir::Block *body,
                   const Signature &signature, mlir::Type resultType);

} // namespace gn::tool

#endif // GROUPNORM_TOOLS_GROUPNORM_SIGNATURE_H
