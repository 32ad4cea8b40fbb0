//===- Names.h - Names of values in printed kernels -------------*- C++ -*-===//
//
// A value is named after its location, if that has a name. Names depend on
// nothing but the IR: where two would be the same, the later one gets a number.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_LIB_TARGET_MSL_NAMES_H
#define GROUPNORM_LIB_TARGET_MSL_NAMES_H

#include "mlir/IR/Location.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringSet.h"

namespace gn::msl {

/// The name that a location carries; empty if it has none.
llvm::StringRef getName(mlir::Location location);

/// Whether a function can have this name as it is.
bool isFunctionName(llvm::StringRef name);

class NameScopes {
public:
  NameScopes() { push(); }
  void push() { scopes.emplace_back(); }
  void pop() { scopes.pop_back(); }
  /// Takes `name` in the innermost scope, with a number if it is a word of MSL
  /// or already visible. Characters that no identifier has are replaced.
  std::string take(llvm::StringRef name);
  /// Takes exactly this name.
  void reserve(llvm::StringRef name) { scopes.back().insert(name); }

private:
  bool isVisible(llvm::StringRef name) const;

  llvm::SmallVector<llvm::StringSet<>> scopes;
};

} // namespace gn::msl

#endif // GROUPNORM_LIB_TARGET_MSL_NAMES_H
