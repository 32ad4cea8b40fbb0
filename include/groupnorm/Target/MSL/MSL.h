//===- MSL.h - Metal Shading Language out of GPU kernels --------*- C++ -*-===//

#ifndef GROUPNORM_TARGET_MSL_MSL_H
#define GROUPNORM_TARGET_MSL_MSL_H

#include "mlir/IR/BuiltinOps.h"
#include <string>

namespace gn {

/// Prints the kernels of every gpu.module in `module` as MSL 3.1. What MSL
/// cannot say is an error at the op; then what was printed is of no use. Run
/// the pass prepare-for-msl first.
llvm::LogicalResult translateToMSL(mlir::ModuleOp module,
                                   llvm::raw_ostream &os);

/// Kernels without their signatures, for a host that writes those itself.
struct MSLFragments {
  struct Kernel {
    std::string name;
    /// What the kernel says about itself, in lines of comment.
    std::string comment;
    /// What the body calls the kernel's arguments.
    llvm::SmallVector<std::string> parameters;
    /// The lines between the braces. The places of a thread in its grid are
    /// called as their attributes are.
    std::string body;
  };
  /// What stands above all kernels: the functions that they call.
  std::string header;
  llvm::SmallVector<Kernel> kernels;
};

/// The same for kernels apart.
llvm::FailureOr<MSLFragments> translateToMSLFragments(mlir::ModuleOp module);

/// Registers --mlir-to-msl and --mlir-to-msl-launch.
void registerToMSLTranslations();

} // namespace gn

#endif // GROUPNORM_TARGET_MSL_MSL_H
