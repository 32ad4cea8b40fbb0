//===- Compiler.h - From the options to a module at any stage ---*- C++ -*-===//

#ifndef GROUPNORM_TOOLS_GROUPNORM_COMPILER_H
#define GROUPNORM_TOOLS_GROUPNORM_COMPILER_H

#include "Options.h"
#include "groupnorm/Target/MSL/LaunchDescription.h"
#include "groupnorm/Transforms/CInterface.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

namespace llvm {
class SourceMgr;
} // namespace llvm

namespace mlir {
class PassManager;
} // namespace mlir

namespace gn::tool {

/// How far a module is lowered.
enum class Stage { Tensors, Affine, LLVM };

/// The kernels of a function as text, and how they are launched.
struct MetalText {
  std::string text;
  LaunchDescription launches;
};

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

  /// Gives each op of a module of the first stage the schedule that lowering
  /// would give it.
  llvm::Error select(mlir::ModuleOp module, const llvm::TargetMachine &machine);

  /// The same for a GPU; returns the schedule of the only op, which there must
  /// be kernels for.
  llvm::Expected<MetalScheduleAttr> selectMetal(mlir::ModuleOp module);

  /// Lowers a module of the first stage to `stage`, for the CPU of `machine`.
  /// At the last stage public functions have a C interface.
  llvm::Error lower(mlir::ModuleOp module, Stage stage,
                    const llvm::TargetMachine &machine);

  /// Lowers a module of the first stage to GPU kernels that can be printed as
  /// Metal text, and describes its only public function, for which arrays are
  /// passed as for one with a C interface.
  llvm::Expected<CInterface> lowerToGPU(mlir::ModuleOp module);

  /// Prints the kernels of a module that lowerToGPU has made.
  llvm::Expected<MetalText> printMetal(mlir::ModuleOp module,
                                       llvm::StringRef function);

  mlir::MLIRContext &getContext() { return context; }

private:
  mlir::LogicalResult runPasses(mlir::PassManager &pm, mlir::ModuleOp module);
  /// What the arguments of a function of our own are called.
  llvm::SmallVector<std::string> getArgumentNames() const;
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
