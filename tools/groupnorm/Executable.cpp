//===- Executable.cpp - A compiled function on its engine -----------------===//

#include "Executable.h"
#include "groupnorm/Runtime/CPUEngine.h"
#include "groupnorm/Runtime/MetalEngine.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Target/TargetMachine.h"

using namespace gn;
using namespace gn::tool;
using namespace gn::runtime;
using llvm::Error;
using llvm::Expected;

using ExecutablePtr = std::unique_ptr<Executable>;

Executable::~Executable() = default;

/// An error that says why the function may not write argument `result` over
/// argument `input`, if so.
static Error checkInPlace(const CInterface &function, size_t result,
                          size_t input) {
  const CInterface::Argument &written = function.arguments[result];
  const CInterface::Argument &read = function.arguments[input];
  if (llvm::is_contained(written.mayBe, static_cast<int64_t>(input)))
    return Error::success();
  if (written.type != read.type)
    return llvm::createStringError(llvm::formatv(
        "{0} of @{1} is {2} and cannot be {3}, which is {4}", written.name,
        function.name, written.type, read.name, read.type));
  return llvm::createStringError(
      llvm::formatv("{0} of @{1} cannot be {2}, whose elements are needed when "
                    "those of {0} have been written",
                    written.name, function.name, read.name));
}

void tool::renew(llvm::ArrayRef<Argument> arguments, const HostArray &x) {
  void *place = arguments.front().data;
  if (place != x.getData() && x.getNumBytes() != 0)
    std::memcpy(place, x.getData(), x.getNumBytes());
}

Error tool::shareBuffer(const CInterface &function, size_t result,
                        llvm::MutableArrayRef<Argument> arguments) {
  if (Error error = checkInPlace(function, result, /*input=*/0))
    return llvm::createStringError("--in-place: " +
                                   llvm::toString(std::move(error)));
  arguments.front().data = arguments[result].data;
  return Error::success();
}

//===----------------------------------------------------------------------===//
// CPU
//===----------------------------------------------------------------------===//

Error tool::checkStatus(int32_t status) {
  if (status == static_cast<int32_t>(CStatus::Success))
    return Error::success();
  return llvm::createStringError(
      llvm::formatv("the generated code returned {0}: {1}", status,
                    getText(static_cast<CStatus>(status)).meaning));
}

std::string tool::describeCPU(unsigned threads) {
  unsigned count = getThreadCount(threads);
  return llvm::formatv("cpu: {0}, {1} thread{2}", getHostCPUDescription(),
                       count, count == 1 ? "" : "s");
}

namespace {
class CPUExecutable : public Executable {
public:
  static Expected<ExecutablePtr>
  create(const Options &options, Compiler &compiler, mlir::ModuleOp module);

  std::string describe() const override;
  Error run(llvm::ArrayRef<Argument> arguments) override;

private:
  CPUExecutable(CInterface interface, CPUEngine engine, unsigned threads)
      : Executable(std::move(interface)), engine(std::move(engine)),
        threads(threads) {}

  CPUEngine engine;
  unsigned threads;
};
} // namespace

Expected<ExecutablePtr> CPUExecutable::create(const Options &options,
                                              Compiler &compiler,
                                              mlir::ModuleOp module) {
  auto machine = createTargetMachine(options.target);
  if (!machine)
    return machine.takeError();
  if (Error error = compiler.lower(module, Stage::LLVM, **machine))
    return error;
  Expected<CInterface> function = getOnlyFunction(module);
  if (!function)
    return function.takeError();
  Expected<CPUEngine> engine =
      CPUEngine::create(module, function->name, **machine);
  if (!engine)
    return engine.takeError();
  return ExecutablePtr(new CPUExecutable(std::move(*function),
                                         std::move(*engine), options.threads));
}

std::string CPUExecutable::describe() const { return describeCPU(threads); }

Error CPUExecutable::run(llvm::ArrayRef<Argument> arguments) {
  llvm::SmallVector<void *> pointers;
  llvm::SmallVector<int64_t> sizes(interface.numSizes, 0);
  for (auto [argument, wanted] :
       llvm::zip_equal(arguments, interface.arguments)) {
    pointers.push_back(argument.data);
    for (auto [size, place] : llvm::zip_equal(argument.shape, wanted.sizes))
      if (place >= 0)
        sizes[place] = size;
  }
  return checkStatus(engine.call(pointers, sizes));
}

//===----------------------------------------------------------------------===//
// Metal
//===----------------------------------------------------------------------===//

namespace {
class MetalExecutable : public Executable {
public:
  static Expected<ExecutablePtr>
  create(const Options &options, Compiler &compiler, mlir::ModuleOp module);

  std::string describe() const override { return engine.describe(); }
  Error run(llvm::ArrayRef<Argument> arguments) override;
  const MetalReport *getMetalReport() const override { return &report; }

private:
  MetalExecutable(CInterface interface, MetalEngine engine)
      : Executable(std::move(interface)), engine(std::move(engine)) {}

  MetalEngine engine;
  MetalReport report;
};
} // namespace

Expected<ExecutablePtr> MetalExecutable::create(const Options &options,
                                                Compiler &compiler,
                                                mlir::ModuleOp module) {
  Expected<mlir::func::FuncOp> function = compiler.lowerToBuffers(module);
  if (!function)
    return function.takeError();
  if (Error error = compiler.markInPlace(module))
    return error;
  // Before ops become launches, whose effects MLIR does not know.
  Expected<CInterface> interface = compiler.describe(*function);
  if (!interface)
    return interface.takeError();
  if (Error error = compiler.lowerToGPU(module))
    return error;
  Expected<MetalText> metal = compiler.printMetal(*function);
  if (!metal)
    return metal.takeError();
  MetalEngineOptions engineOptions;
  engineOptions.simulate = options.simulate;
  engineOptions.checked = options.checked;
  engineOptions.fileName = interface->name + ".metal";
  Expected<MetalEngine> engine = MetalEngine::create(
      metal->text, std::move(metal->launches), engineOptions);
  if (!engine)
    return engine.takeError();
  return ExecutablePtr(
      new MetalExecutable(std::move(*interface), std::move(*engine)));
}

Error MetalExecutable::run(llvm::ArrayRef<Argument> arguments) {
  llvm::SmallVector<MetalArgument> memory;
  for (const Argument &argument : arguments)
    memory.push_back(
        {argument.data, argument.shape, argument.numBytes, argument.isInput});
  Expected<MetalReport> result = engine.run(memory);
  if (!result)
    return result.takeError();
  report = std::move(*result);
  if (report.findings.empty())
    return Error::success();
  for (const std::string &finding : report.findings)
    llvm::errs() << finding << "\n";
  return llvm::createStringError(llvm::formatv(
      "the checks of the simulator found {0} fault{1} in the kernels",
      report.findings.size(), report.findings.size() == 1 ? "" : "s"));
}

Expected<ExecutablePtr> Executable::create(const Options &options,
                                           Compiler &compiler,
                                           mlir::ModuleOp module) {
  return options.machine == Target::Metal
             ? MetalExecutable::create(options, compiler, module)
             : CPUExecutable::create(options, compiler, module);
}
