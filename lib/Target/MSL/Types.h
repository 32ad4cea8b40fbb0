//===- Types.h - Types and literals in MSL ----------------------*- C++ -*-===//

#ifndef GROUPNORM_LIB_TARGET_MSL_TYPES_H
#define GROUPNORM_LIB_TARGET_MSL_TYPES_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"

namespace gn::msl {

/// MSL's name for a scalar or a vector of 2 to 4 elements; none where it has no
/// such type. `index` and signless integers are unsigned: their arithmetic
/// wraps around, as unsigned arithmetic does in MSL.
std::optional<std::string> getTypeName(mlir::Type type);
/// The name of the signed integers as wide as `type`'s.
std::string getSignedTypeName(mlir::Type type);
/// Why a type has no name in MSL.
std::string explainType(mlir::Type type);

/// The literal that has exactly this value, in MSL's syntax; none for types
/// without literals.
std::optional<std::string> getLiteral(mlir::TypedAttr value);
/// The literal of a scalar.
std::string getFloatLiteral(const llvm::APFloat &value, mlir::Type type);

} // namespace gn::msl

#endif // GROUPNORM_LIB_TARGET_MSL_TYPES_H
