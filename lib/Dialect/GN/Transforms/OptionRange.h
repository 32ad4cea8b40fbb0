//===- OptionRange.h - Ranges of the passes' options ------------*- C++ -*-===//

#ifndef GROUPNORM_LIB_DIALECT_GN_TRANSFORMS_OPTIONRANGE_H
#define GROUPNORM_LIB_DIALECT_GN_TRANSFORMS_OPTIONRANGE_H

#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/PassOptions.h"
#include <limits>

namespace gn {

/// Fails with a diagnostic where `option` is less than `low` or more than
/// `high`. For a pass's `initialize`: options come from text, and what the
/// policies compute with them relies on their ranges.
inline llvm::LogicalResult
checkRange(mlir::MLIRContext *context,
           const mlir::detail::PassOptions::Option<int64_t> &option,
           int64_t low,
           int64_t high = std::numeric_limits<int64_t>::max()) {
  int64_t value = option;
  if (value >= low && value <= high)
    return llvm::success();
  return mlir::emitError(mlir::UnknownLoc::get(context))
         << "option '" << option.getArgStr() << "' = " << value
         << " is not in [" << low << ", " << high << "]";
}

} // namespace gn

#endif // GROUPNORM_LIB_DIALECT_GN_TRANSFORMS_OPTIONRANGE_H
