//===- Codegen.cpp - The llvm dialect to machine code ---------------------===//

#include "groupnorm/Runtime/Codegen.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/OpenMP/OpenMPToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/IR/DiagnosticHandler.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

using namespace gn::runtime;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// The target
//===----------------------------------------------------------------------===//

/// The features of this machine, as a target machine takes them.
static std::string getHostFeatures() {
  std::string features;
  for (const auto &feature : llvm::sys::getHostCPUFeatures())
    features += llvm::formatv("{0}{1}{2}", features.empty() ? "" : ",",
                              feature.second ? '+' : '-', feature.first());
  return features;
}

/// Whether LLVM has a back end for a CPU of this kind that compiles f64, calls
/// and what else the generated code is made of; some others end the process.
static bool isSupported(const llvm::Triple &triple) {
  switch (triple.getArch()) {
  case llvm::Triple::aarch64:
  case llvm::Triple::loongarch64:
  case llvm::Triple::ppc64:
  case llvm::Triple::ppc64le:
  case llvm::Triple::riscv64:
  case llvm::Triple::systemz:
  case llvm::Triple::x86_64:
    return true;
  default:
    return false;
  }
}

Expected<std::unique_ptr<llvm::TargetMachine>>
gn::runtime::createTargetMachine(const CPUTargetOptions &options) {
  if (options.triple.empty()) {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
  } else {
    llvm::InitializeAllTargetInfos();
    llvm::InitializeAllTargets();
    llvm::InitializeAllTargetMCs();
    llvm::InitializeAllAsmPrinters();
  }
  llvm::Triple triple(llvm::Triple::normalize(
      options.triple.empty() ? llvm::sys::getDefaultTargetTriple()
                             : options.triple));
  std::string reason;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, reason);
  if (!target)
    return llvm::createStringError(llvm::formatv(
        "there is no code generator for the target '{0}'", triple.str()));
  if (!triple.isArch64Bit())
    return llvm::createStringError(
        llvm::formatv("the target '{0}' is not a 64-bit one", triple.str()));
  if (!isSupported(triple))
    return llvm::createStringError(llvm::formatv(
        "the target '{0}' is none of x86_64, aarch64, riscv64, ppc64, ppc64le, "
        "s390x and loongarch64",
        triple.str()));

  std::string cpu = options.cpu, features = options.features;
  if (options.triple.empty() && cpu.empty()) {
    cpu = llvm::sys::getHostCPUName().str();
    features = getHostFeatures() + (features.empty() ? "" : "," + features);
  }
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      target->createMCSubtargetInfo(triple, "", ""));
  if (!cpu.empty() && subtarget && !subtarget->isCPUStringValid(cpu))
    return llvm::createStringError(
        llvm::formatv("the target '{0}' has no CPU '{1}'", triple.str(), cpu));
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      triple, cpu, features, llvm::TargetOptions(), llvm::Reloc::PIC_,
      /*CM=*/std::nullopt, llvm::CodeGenOptLevel::Aggressive));
  if (!machine)
    return llvm::createStringError(llvm::formatv(
        "no code can be generated for the target '{0}'", triple.str()));
  return machine;
}

int64_t gn::runtime::getVectorBits(const llvm::TargetMachine &machine) {
  // The registers, not the width that LLVM's own vectorizer prefers: vectors
  // as wide as AVX-512's pay off in code that is vectors throughout.
  const llvm::MCSubtargetInfo &subtarget = *machine.getMCSubtargetInfo();
  if (machine.getTargetTriple().isX86())
    return subtarget.checkFeatures("+avx512f") ? 512
           : subtarget.checkFeatures("+avx")   ? 256
                                               : 128;
  return 128;
}

int64_t gn::runtime::getVectorRegisters(const llvm::TargetMachine &machine) {
  if (machine.getTargetTriple().isX86() && getVectorBits(machine) < 512)
    return 16;
  return 32;
}

bool gn::runtime::hasBF16Conversion(const llvm::TargetMachine &machine) {
  const llvm::MCSubtargetInfo &subtarget = *machine.getMCSubtargetInfo();
  if (machine.getTargetTriple().isX86())
    return subtarget.checkFeatures("+avx512bf16");
  if (machine.getTargetTriple().isAArch64())
    return subtarget.checkFeatures("+bf16");
  return false;
}

int64_t gn::runtime::getTableLanes(const llvm::TargetMachine &machine) {
  const llvm::MCSubtargetInfo &subtarget = *machine.getMCSubtargetInfo();
  if (!machine.getTargetTriple().isX86())
    return 0;
  return subtarget.checkFeatures("+avx512f") ? 16
         : subtarget.checkFeatures("+avx2")  ? 8
                                             : 0;
}

//===----------------------------------------------------------------------===//
// LLVM IR
//===----------------------------------------------------------------------===//

void gn::runtime::registerTranslations(mlir::DialectRegistry &registry) {
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
  mlir::registerOpenMPDialectTranslation(registry);
}

Expected<std::unique_ptr<llvm::Module>>
gn::runtime::translateToLLVMIR(mlir::ModuleOp module,
                               llvm::LLVMContext &context,
                               llvm::TargetMachine &machine) {
  std::unique_ptr<llvm::Module> llvmModule =
      mlir::translateModuleToLLVMIR(module, context, "groupnorm");
  if (!llvmModule)
    return llvm::createStringError(
        "the module cannot be translated to LLVM IR");
  llvmModule->setTargetTriple(machine.getTargetTriple());
  llvmModule->setDataLayout(machine.createDataLayout());
  return llvmModule;
}

/// What the generated code gains from, in a third of the time of -O3: its loops
/// are of vectors already, and their bodies as long as the schedule makes them,
/// so that unrolling what is not unrolled to its end only costs time. Loops
/// over scalars, which are vectorized here, are what a module computes besides.
static constexpr StringRef kPasses =
    "cgscc(inline),globaldce,"
    "function(sroa,instcombine<no-verify-fixpoint>,simplifycfg,"
    "loop-mssa(loop-rotate,licm),early-cse<memssa>,"
    "loop(indvars,loop-deletion,loop-unroll-full),"
    "sroa,gvn,loop-vectorize,instcombine<no-verify-fixpoint>,"
    "loop-mssa(licm),simplifycfg,dce)";

void gn::runtime::optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  llvm::ModulePassManager passes;
  llvm::cantFail(builder.parsePassPipeline(passes, kPasses));
  passes.run(module, modules);
}

//===----------------------------------------------------------------------===//
// Machine code
//===----------------------------------------------------------------------===//

namespace {
/// Keeps the first error of a back end; by default it would end the process.
class ErrorKeeper : public llvm::DiagnosticHandler {
public:
  explicit ErrorKeeper(std::string &message) : message(message) {}
  bool handleDiagnostics(const llvm::DiagnosticInfo &info) override {
    if (info.getSeverity() != llvm::DS_Error)
      return false;
    if (message.empty()) {
      llvm::raw_string_ostream stream(message);
      llvm::DiagnosticPrinterRawOStream printer(stream);
      info.print(printer);
    }
    return true;
  }

private:
  std::string &message;
};
} // namespace

Error gn::runtime::emitMachineCode(llvm::Module &module,
                                   llvm::TargetMachine &machine,
                                   MachineCode kind,
                                   llvm::raw_pwrite_stream &stream) {
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, stream, /*DwoOut=*/nullptr,
                                  kind == MachineCode::Assembly
                                      ? llvm::CodeGenFileType::AssemblyFile
                                      : llvm::CodeGenFileType::ObjectFile))
    return llvm::createStringError(llvm::formatv(
        "the target '{0}' cannot emit {1}", machine.getTargetTriple().str(),
        kind == MachineCode::Assembly ? "assembly" : "object files"));
  std::string message;
  module.getContext().setDiagnosticHandler(
      std::make_unique<ErrorKeeper>(message));
  passes.run(module);
  module.getContext().setDiagnosticHandler(nullptr);
  if (!message.empty())
    return llvm::createStringError(llvm::formatv(
        "the target '{0}' cannot compile it: {1}",
        machine.getTargetTriple().str(), StringRef(message).split('\n').first));
  return Error::success();
}

StringRef gn::runtime::getOpenMPLibrary() { return GROUPNORM_LIBOMP; }

/// The compiler driver that links.
static Expected<std::string> findLinker() {
  // First the one of the build, for it is known to work with the library, if
  // it is still there: what has a path is not looked for.
  for (StringRef name : {GROUPNORM_LINKER, "clang-22", "clang", "cc"})
    if (auto path = llvm::sys::findProgramByName(name);
        path && llvm::sys::fs::can_execute(*path))
      return *path;
  return llvm::createStringError("no C compiler to link with is on the PATH; "
                                 "install clang or gcc, or emit "
                                 "an object file");
}

/// Runs the command; what it says on failure goes into the error.
static Error run(llvm::ArrayRef<StringRef> command) {
  llvm::SmallString<128> log;
  if (std::error_code code =
          llvm::sys::fs::createTemporaryFile("groupnorm-link", "log", log))
    return llvm::createStringError("cannot create a temporary file: " +
                                   code.message());
  llvm::FileRemover remover(log);
  std::string message;
  int status = llvm::sys::ExecuteAndWait(
      command.front(), command, /*Env=*/std::nullopt,
      {std::nullopt, StringRef(log), StringRef(log)}, /*SecondsToWait=*/0,
      /*MemoryLimit=*/0, &message);
  if (status == 0)
    return Error::success();
  if (auto text = llvm::MemoryBuffer::getFile(log); text && message.empty())
    message = (*text)->getBuffer().split('\n').first.str();
  return llvm::createStringError(
      message.empty() ? llvm::formatv("exit status {0}", status).str()
                      : message);
}

Error gn::runtime::linkSharedLibrary(StringRef object, StringRef library,
                                     const CPUTargetOptions &options,
                                     bool withOpenMP) {
  Expected<std::string> linker = findLinker();
  if (!linker)
    return linker.takeError();
  std::string target = "--target=" + options.triple;
  std::string rpath =
      "-Wl,-rpath," + llvm::sys::path::parent_path(getOpenMPLibrary()).str();
  llvm::SmallVector<StringRef> command = {*linker, "-shared", "-o",
                                          library, object,    "-lm"};
  if (!options.triple.empty())
    command.push_back(target);
  if (withOpenMP)
    command.append({getOpenMPLibrary(), rpath});
  Error error = run(command);
  if (!error)
    return error;
  std::string reason = llvm::toString(std::move(error));
  if (options.triple.empty())
    return llvm::createStringError(
        llvm::formatv("linking by '{0}' failed: {1}", *linker, reason));
  return llvm::createStringError(llvm::formatv(
      "linking for '{0}' by '{1}' failed: {2}; --emit=obj needs no linker",
      options.triple, *linker, reason));
}
