//===- Compiler.h - From the options to a module at any stage ---*- C++ -*-===//

#ifndef GROUPNORM_TOOLS_GROUPNORM_COMPILER_H
#define GROUPNORM_TOOLS_GROUPNORM_COMPILER_H

#include "Options.h"
#include "Signature.h"
#include "groupnorm/Dialect/GN/Transforms/CPUTarget.h"
#include "groupnorm/Target/MLX/MLX.h"
#include "groupnorm/Target/MSL/LaunchDescription.h"
#include "groupnorm/Transforms/CInterface.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

namespace llvm {
class SourceMgr;
} // namespace llvm

namespace mlir {
class OpPassManager;
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
                               const Signature &signature,
                               llvm::StringRef name);
  llvm::Expected<Module> build(const reference::Problem &problem,
                               runtime::ElementType type,
                               llvm::StringRef name) {
    return build(problem, Signature::create(options, type), name);
  }

  /// The module of a file.
  llvm::Expected<Module> parse(llvm::StringRef path);

  /// What is known of the CPU to compile for; this machine tells the rest.
  CPUTarget describe(const llvm::TargetMachine &machine) const;

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

  /// Lowers a module of the first stage to buffers, and returns its only
  /// public function.
  llvm::Expected<mlir::func::FuncOp> lowerToBuffers(mlir::ModuleOp module);

  /// Says which buffers may be one, for the description that follows.
  llvm::Error markInPlace(mlir::ModuleOp module);

  /// What a function over buffers takes, as if it had a C interface.
  llvm::Expected<CInterface> describe(mlir::func::FuncOp function);

  /// Lowers buffers to GPU kernels that can be printed as Metal text.
  llvm::Error lowerToGPU(mlir::ModuleOp module);

  /// Prints the kernels that lowerToGPU has made of a function.
  llvm::Expected<MetalText> printMetal(mlir::func::FuncOp function);

  /// The layer of MLX that a function over buffers is, and the Python module
  /// that its kernels become.
  llvm::Expected<MLXLayer> getMLXLayer(mlir::func::FuncOp function);
  llvm::Expected<std::string> printMLX(mlir::func::FuncOp function,
                                       const MLXLayer &layer);

  mlir::MLIRContext &getContext() { return context; }

private:
  llvm::Error
  runPipeline(mlir::ModuleOp module,
              llvm::function_ref<void(mlir::OpPassManager &)> build);
  /// Runs `action`; a failure becomes an error of the first diagnostic.
  llvm::Error
  collectDiagnostics(llvm::function_ref<mlir::LogicalResult()> action);
  /// The same for an action with a result.
  template <typename T>
  llvm::Expected<T> collect(llvm::function_ref<llvm::FailureOr<T>()> action);

  const Options &options;
  /// What the arguments of the function that was built are called.
  llvm::SmallVector<std::string> argumentNames;
  mlir::MLIRContext context;
};

/// The element type of host arrays that `type` stands for, if any.
std::optional<runtime::ElementType> getElementType(mlir::Type type);

/// The only public function of a module of the last stage.
llvm::Expected<CInterface> getOnlyFunction(mlir::ModuleOp module);

} // namespace gn::tool

#endif // GROUPNORM_TOOLS_GROUPNORM_COMPILER_H
