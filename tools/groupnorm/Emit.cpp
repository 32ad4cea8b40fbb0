//===- Emit.cpp - groupnorm emit ------------------------------------------===//

#include "Compiler.h"
#include "Verbs.h"
#include "groupnorm/Support/FileOutput.h"
#include "groupnorm/Target/CHeader/CHeader.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Target/TargetMachine.h"

using namespace gn;
using namespace gn::tool;
using namespace gn::runtime;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;

/// Text in front of the function in its header.
static std::string summarize(const Options &options,
                             const reference::Problem &problem) {
  if (!options.moduleFile.empty())
    return "Compiled from " +
           llvm::sys::path::filename(options.moduleFile).str();
  bool inside = problem.epsilonPlacement == EpsilonPlacement::InsideSqrt;
  std::string text = llvm::formatv(
      "Group normalization: {0} {1} groups of {2} features, divided by\n{3}{4}",
      problem.numGroups, stringifyGrouping(problem.grouping),
      problem.getNumFeatures() / problem.numGroups,
      inside ? "sqrt(variance + " : "sqrt(variance) + ",
      llvm::format("%g", problem.epsilon));
  text += inside ? ")" : "";
  text += options.affine ? ", scaled by gamma and shifted by beta." : ".";
  if (options.scaleShift)
    text += "\nThen multiplied by 1 + scale, and shift added.";
  if (options.residual)
    text += "\nThen residual added.";
  if (options.activation != reference::Activation::None)
    text += llvm::formatv("\nThen its {0}.", getName(options.activation));
  if (options.statistics)
    text += "\nmean and rstd are what x is normalized by: (x - mean) * rstd.";
  return text;
}

/// Writes what belongs to the file `path` beside it, under another extension.
static Error writeBeside(StringRef path, StringRef extension,
                         llvm::function_ref<void(llvm::raw_ostream &)> print) {
  llvm::SmallString<128> beside(path);
  llvm::sys::path::replace_extension(beside, extension);
  return writeFile(beside, [&](llvm::raw_pwrite_stream &stream) {
    print(stream);
    return Error::success();
  });
}

/// Writes an object file, and links it where that is wanted; then the header.
static Error emitBinary(const Options &options, StringRef path,
                        mlir::ModuleOp module, llvm::Module &llvmModule,
                        llvm::TargetMachine &machine,
                        const CHeaderOptions &header) {
  auto emitObject = [&](llvm::raw_pwrite_stream &stream) {
    return emitMachineCode(llvmModule, machine, MachineCode::Object, stream);
  };
  if (path == "-")
    return writeFile(path, emitObject);
  return makeFile(path, [&](StringRef temporary) -> Error {
    if (options.emit == EmitKind::Object) {
      if (Error error = writeFile(temporary, emitObject))
        return error;
    } else {
      std::string object = (temporary + ".o").str();
      llvm::scope_exit cleanUp([&] { llvm::sys::fs::remove(object); });
      if (Error error = writeFile(object, emitObject))
        return error;
      bool withOpenMP =
          llvm::any_of(llvmModule, [](const llvm::Function &function) {
            return function.getName().starts_with("__kmpc_");
          });
      if (Error error =
              linkSharedLibrary(object, temporary, options.target, withOpenMP))
        return error;
    }
    return writeBeside(path, "h", [&](llvm::raw_ostream &stream) {
      printCHeader(module, header, stream);
    });
  });
}

/// Writes text that `print` prints.
static Error emitText(StringRef path,
                      llvm::function_ref<void(llvm::raw_ostream &)> print) {
  return writeFile(path, [&](llvm::raw_pwrite_stream &stream) {
    print(stream);
    return Error::success();
  });
}

/// Lowers the module to kernels and writes what is asked for of them.
static Error emitForMetal(const Options &options, Compiler &compiler,
                          mlir::ModuleOp module, StringRef path) {
  Expected<mlir::func::FuncOp> function = compiler.lowerToBuffers(module);
  if (!function)
    return function.takeError();
  std::optional<MLXLayer> layer;
  if (options.emit == EmitKind::MLX) {
    Expected<MLXLayer> found = compiler.getMLXLayer(*function);
    if (!found)
      return found.takeError();
    layer = std::move(*found);
  }
  if (Error error = compiler.lowerToGPU(module))
    return error;
  if (options.emit == EmitKind::GPU)
    return emitText(path,
                    [&](llvm::raw_ostream &stream) { module.print(stream); });
  if (layer) {
    Expected<std::string> python = compiler.printMLX(*function, *layer);
    if (!python)
      return python.takeError();
    return emitText(path,
                    [&](llvm::raw_ostream &stream) { stream << *python; });
  }
  Expected<MetalText> metal = compiler.printMetal(*function);
  if (!metal)
    return metal.takeError();
  auto printLaunches = [&](llvm::raw_ostream &stream) {
    // A list, as groupnorm-translate writes it for all functions of a module.
    llvm::json::Array launches;
    launches.push_back(metal->launches.toJSON());
    stream << llvm::formatv("{0:2}\n", llvm::json::Value(std::move(launches)));
  };
  if (options.emit == EmitKind::Launch)
    return emitText(path, printLaunches);
  auto printText = [&](llvm::raw_ostream &stream) { stream << metal->text; };
  if (path == "-")
    return emitText(path, printText);
  return makeFile(path, [&](StringRef temporary) -> Error {
    if (Error error = emitText(temporary, printText))
      return error;
    return writeBeside(path, "json", printLaunches);
  });
}

Error tool::emitCode(const Options &options) {
  Compiler compiler(options);
  Expected<Compiler::Module> module = nullptr;
  reference::Problem problem;
  if (options.moduleFile.empty()) {
    Expected<reference::Problem> made = makeProblem(options, options.shape);
    if (!made)
      return made.takeError();
    problem = *made;
    module = compiler.build(problem, options.type, options.name);
  } else {
    module = compiler.parse(options.moduleFile);
  }
  if (!module)
    return module.takeError();
  std::string path = options.outputs.empty() ? "-" : options.outputs.front();

  auto printModule = [&](llvm::raw_ostream &stream) {
    (*module)->print(stream);
  };
  if (options.emit == EmitKind::MLIR && options.scheduleFile.empty())
    return emitText(path, printModule);
  if (options.machine == Target::Metal)
    return emitForMetal(options, compiler, **module, path);

  auto machine = createTargetMachine(options.target);
  if (!machine)
    return machine.takeError();
  if (options.emit == EmitKind::MLIR) {
    if (Error error = compiler.select(**module, **machine))
      return error;
    return emitText(path, printModule);
  }
  Stage stage = options.emit == EmitKind::Affine ? Stage::Affine : Stage::LLVM;
  if (Error error = compiler.lower(**module, stage, **machine))
    return error;
  if (stage == Stage::Affine)
    return emitText(path, printModule);

  llvm::LLVMContext context;
  auto llvmModule = translateToLLVMIR(**module, context, **machine);
  if (!llvmModule)
    return llvmModule.takeError();
  optimize(**llvmModule, **machine);
  switch (options.emit) {
  case EmitKind::LLVM:
    return emitText(path, [&](llvm::raw_ostream &stream) {
      (*llvmModule)->print(stream, nullptr);
    });
  case EmitKind::Assembly:
    return writeFile(path, [&](llvm::raw_pwrite_stream &stream) {
      return emitMachineCode(**llvmModule, **machine, MachineCode::Assembly,
                             stream);
    });
  default:
    return emitBinary(options, path, **module, **llvmModule, **machine,
                      {summarize(options, problem), options.threads});
  }
}
