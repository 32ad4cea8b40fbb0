//===- CPUEngine.cpp - Runs generated code on this machine ----------------===//

#include "groupnorm/Runtime/CPUEngine.h"
#include "groupnorm/Runtime/Codegen.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/DynamicLibrary.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

using namespace gn::runtime;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
namespace orc = llvm::orc;

//===----------------------------------------------------------------------===//
// This machine
//===----------------------------------------------------------------------===//

std::string gn::runtime::getHostCPUDescription() {
  StringRef name = llvm::sys::getHostCPUName();
  // Linux alone has a file that names the model.
  if (auto info = llvm::MemoryBuffer::getFileAsStream("/proc/cpuinfo")) {
    StringRef text = (*info)->getBuffer();
    size_t start = text.find("model name");
    if (start != StringRef::npos) {
      StringRef model =
          text.substr(start).split('\n').first.split(':').second.trim();
      return llvm::formatv("{0} ({1})", model, name);
    }
  }
  return name.str();
}

/// Loads the OpenMP library into this process, or says how to do without.
static Error loadOpenMP() {
  for (StringRef name : {getOpenMPLibrary(), StringRef("libomp.so"),
                         StringRef("libomp.so.5"), StringRef("libomp.dylib")})
    if (!llvm::sys::DynamicLibrary::LoadLibraryPermanently(name.str().c_str()))
      return Error::success();
  return llvm::createStringError("the OpenMP library libomp is not here; "
                                 "install it (Debian: libomp-22-dev)"
                                 " or pass --threads 1");
}

unsigned gn::runtime::getThreadCount(unsigned threads) {
  if (threads != 0)
    return threads;
  if (Error error = loadOpenMP()) {
    llvm::consumeError(std::move(error));
    return 1;
  }
  void *symbol = llvm::sys::DynamicLibrary::SearchForAddressOfSymbol(
      "omp_get_max_threads");
  return symbol ? reinterpret_cast<int (*)()>(symbol)() : 1;
}

//===----------------------------------------------------------------------===//
// CPUEngine
//===----------------------------------------------------------------------===//

/// Adds a function that takes the arguments of `callee` from an array of
/// 64-bit words, so that one type of pointer calls them all.
static llvm::Function *addPackedEntry(llvm::Function *callee) {
  llvm::LLVMContext &context = callee->getContext();
  llvm::IRBuilder<> builder(context);
  auto *entry = llvm::Function::Create(
      llvm::FunctionType::get(builder.getInt32Ty(), builder.getPtrTy(),
                              /*isVarArg=*/false),
      llvm::GlobalValue::ExternalLinkage, callee->getName() + ".packed",
      callee->getParent());
  builder.SetInsertPoint(llvm::BasicBlock::Create(context, "", entry));
  llvm::SmallVector<llvm::Value *> arguments;
  for (llvm::Argument &argument : callee->args()) {
    llvm::Value *place = builder.CreateConstInBoundsGEP1_64(
        builder.getInt64Ty(), entry->getArg(0), argument.getArgNo());
    arguments.push_back(builder.CreateLoad(argument.getType(), place));
  }
  builder.CreateRet(builder.CreateCall(callee, arguments));
  return entry;
}

Expected<CPUEngine> CPUEngine::create(mlir::ModuleOp module, StringRef function,
                                      llvm::TargetMachine &machine) {
  auto context = std::make_unique<llvm::LLVMContext>();
  auto llvmModule = translateToLLVMIR(module, *context, machine);
  if (!llvmModule)
    return llvmModule.takeError();
  bool usesOpenMP = llvm::any_of(**llvmModule, [](const llvm::Function &f) {
    return f.getName().starts_with("__kmpc_");
  });
  if (usesOpenMP)
    if (Error error = loadOpenMP())
      return error;
  std::string entryName =
      addPackedEntry((*llvmModule)->getFunction(function))->getName().str();
  optimize(**llvmModule, machine);

  // The code generator's options are those of the target machine above.
  orc::JITTargetMachineBuilder jitMachine(machine.getTargetTriple());
  jitMachine.setCPU(machine.getTargetCPU().str())
      .addFeatures(llvm::SubtargetFeatures(machine.getTargetFeatureString())
                       .getFeatures())
      .setRelocationModel(llvm::Reloc::PIC_)
      .setCodeGenOptLevel(llvm::CodeGenOptLevel::Aggressive);
  auto jit =
      orc::LLJITBuilder().setJITTargetMachineBuilder(jitMachine).create();
  if (!jit)
    return jit.takeError();
  auto processSymbols =
      orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
          (*jit)->getDataLayout().getGlobalPrefix());
  if (!processSymbols)
    return processSymbols.takeError();
  (*jit)->getMainJITDylib().addGenerator(std::move(*processSymbols));
  if (Error error = (*jit)->addIRModule(
          orc::ThreadSafeModule(std::move(*llvmModule), std::move(context))))
    return error;
  auto symbol = (*jit)->lookup(entryName);
  if (!symbol)
    return symbol.takeError();
  return CPUEngine(std::move(*jit), symbol->toPtr<Packed>());
}

CPUEngine::CPUEngine(std::unique_ptr<orc::LLJIT> jit, Packed entry)
    : jit(std::move(jit)), entry(entry) {}
CPUEngine::CPUEngine(CPUEngine &&) = default;
CPUEngine::~CPUEngine() = default;

int32_t CPUEngine::call(llvm::ArrayRef<void *> pointers,
                        llvm::ArrayRef<int64_t> sizes) const {
  llvm::SmallVector<uint64_t> arguments;
  for (void *pointer : pointers)
    arguments.push_back(reinterpret_cast<uintptr_t>(pointer));
  for (int64_t size : sizes)
    arguments.push_back(static_cast<uint64_t>(size));
  return entry(arguments.data());
}
