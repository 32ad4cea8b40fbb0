//===- GN.h - The gn dialect ------------------------------------*- C++ -*-===//
//
// Group normalization as an MLIR dialect: gn.group_norm and its two halves,
// gn.group_stats and gn.group_normalize, with their attributes.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_DIALECT_GN_IR_GN_H
#define GROUPNORM_DIALECT_GN_IR_GN_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace gn {
/// The type that data of `elementType` is computed in: f64 for f64, f32 for
/// f32 and the half types.
mlir::FloatType getComputeType(mlir::Type elementType);

/// Whether `op` may stand in an epilogue (C22). If not, `why` says what is
/// wrong with it, in words that follow its name.
bool isEpilogueOp(mlir::Operation *op, llvm::StringRef *why = nullptr);
/// Whether it is an op that may stand there on scalars, whatever it is on.
bool isEpilogueOpKind(mlir::Operation *op, llvm::StringRef *why = nullptr);
/// Whether `type` may be that of an element in memory besides x's (C21).
bool isEpilogueElementType(mlir::Type type);

/// Where the elements of an epilogue's input stand that belong to a run of x,
/// the elements of its dimensions from some one on, which are neighbours.
enum class EpilogueAccess {
  Uniform, // one element for a whole run
  Lanes,   // one for each feature, the same at all positions of a run
  Run,     // an element for each of the run's, in the same order
  Gather   // anything else
};
/// That of an input read by `map`, in runs of the dimensions from `firstRunDim`
/// on.
EpilogueAccess getEpilogueAccess(mlir::AffineMap map, int64_t firstRunDim,
                                 int64_t featureDim);
} // namespace gn

#include "groupnorm/Dialect/GN/IR/GNAttrInterfaces.h.inc"
#include "groupnorm/Dialect/GN/IR/GNDialect.h.inc"
#include "groupnorm/Dialect/GN/IR/GNEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "groupnorm/Dialect/GN/IR/GNAttrs.h.inc"

#define GET_OP_CLASSES
#include "groupnorm/Dialect/GN/IR/GNOps.h.inc"

namespace gn {
/// The epsilon that `op` computes with. Where it scales in f32, that is at
/// least so much that 1/deviation, and its product with gamma, stay finite.
template <typename OpTy> double getBoundedEpsilon(OpTy op) {
  double epsilon = op.getEpsilon().convertToDouble();
  if (op.getComputeType().isF64())
    return epsilon;
  bool isInside = op.getEpsilonPlacement() == EpsilonPlacement::InsideSqrt;
  return std::max(epsilon, isInside ? 0x1p-200 : 0x1p-100);
}
} // namespace gn

#endif // GROUPNORM_DIALECT_GN_IR_GN_H
