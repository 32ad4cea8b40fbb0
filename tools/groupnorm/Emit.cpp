//===- Emit.cpp - groupnorm emit ------------------------------------------===//

#include "Compiler.h"
#include "Verbs.h"
#include "groupnorm/Runtime/FileOutput.h"
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
  return text;
}

/// Writes the header beside the machine code in `path`.
static Error writeHeader(StringRef path, mlir::ModuleOp module,
                         const CHeaderOptions &header) {
  llvm::SmallString<128> headerPath(path);
  llvm::sys::path::replace_extension(headerPath, "h");
  return writeFile(headerPath, [&](llvm::raw_pwrite_stream &stream) {
    printCHeader(module, header, stream);
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
    return writeHeader(path, module, header);
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

  auto machine = createTargetMachine(options.target);
  if (!machine)
    return machine.takeError();
  Stage stage = options.emit == EmitKind::MLIR     ? Stage::Tensors
                : options.emit == EmitKind::Affine ? Stage::Affine
                                                   : Stage::LLVM;
  if (Error error = compiler.lower(**module, stage, getVectorBits(**machine)))
    return error;
  if (stage != Stage::LLVM)
    return writeFile(path, [&](llvm::raw_pwrite_stream &stream) {
      (*module)->print(stream);
      return Error::success();
    });

  llvm::LLVMContext context;
  auto llvmModule = translateToLLVMIR(**module, context, **machine);
  if (!llvmModule)
    return llvmModule.takeError();
  optimize(**llvmModule, **machine);
  switch (options.emit) {
  case EmitKind::LLVM:
    return writeFile(path, [&](llvm::raw_pwrite_stream &stream) {
      (*llvmModule)->print(stream, nullptr);
      return Error::success();
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
