//===- Compiler.h - From the options to a module at any stage ---*- C++ -*-===//

#ifndef GROUPNORM_TOOLS_GROUPNORM_COMPILER_H
#define GROUPNORM_TOOLS_GROUPNORM_COMPILER_H

#include "Options.h"
#include "groupnorm/Transforms/CInterface.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

namespace llvm {
class SourceMgr;
} // namespace llvm

namespace gn::tool {

/// How far a module is lowered.
enum class Stage { Tensors, Affine, LLVM };

/// Owns the context and turns MLIR's diagnostics into errors.
class Compiler {
public:
  explicit Compiler(const Options &options);

  using Module = mlir::OwningOpRef<mlir::ModuleOp>;

  /// A module with one gn.group_norm on tensors, in a function `name`.
  llvm::Expected<Module> build(const reference::Problem &problem,
                               runtime::ElementType type, llvm::StringRef name);

  /// The module of a file.
  llvm::Expected<Module> parse(llvm::StringRef path);

  /// Lowers a module of the first stage to `stage`, for vector registers of
  /// `vectorBits`, or of this machine's for 0. At the last stage public
  /// functions have a C interface.
  llvm::Error lower(mlir::ModuleOp module, Stage stage, int64_t vectorBits = 0);

private:
  /// Runs `action`; a failure becomes an error of the first diagnostic.
  llvm::Error
  collectDiagnostics(llvm::function_ref<mlir::LogicalResult()> action);

  const Options &options;
  mlir::MLIRContext context;
};

/// The element type of host arrays that `type` stands for, if any.
std::optional<runtime::ElementType> getElementType(mlir::Type type);

/// The only public function of a module of the last stage.
llvm::Expected<CInterface> getOnlyFunction(mlir::ModuleOp module);

} // namespace gn::tool

#endif // GROUPNORM_TOOLS_GROUPNORM_COMPILER_H
