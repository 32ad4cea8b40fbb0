//===- groupnorm-simulate.cpp - Many kernels in few compilations ----------===//
//
// For the numeric tests: takes a module of GPU kernels, prints it as one Metal
// text, and compiles that once for each way of running it in the simulator:
//
//   checked      every access followed, and bytes counted
//   reverse      threads and threadgroups in the opposite order
//   contracted   a*b + c may be one fma
//
// Then it reads names of functions from standard input, one a line. For each it
// takes FOLDER/NAME.I.npy as argument I, runs the function in each way, writes
// what the kernels wrote to FOLDER/NAME.I.WAY.npy, and answers with a line of
// JSON: the strategy of the kernels, findings, and bytes read and written in
// device memory.
//
//===----------------------------------------------------------------------===//

#include "groupnorm/InitAll.h"
#include "groupnorm/Runtime/MetalEngine.h"
#include "groupnorm/Runtime/Npy.h"
#include "groupnorm/Target/MSL/LaunchDescription.h"
#include "groupnorm/Target/MSL/MSL.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/JSON.h"
#include <iostream>

using namespace mlir;
using namespace gn;
using namespace gn::runtime;
using llvm::Error;
using llvm::Expected;

namespace {
struct Way {
  StringRef name;
  MetalEngineOptions options;
};
} // namespace

static std::vector<Way> getWays() {
  Way checked{"checked", {}}, reverse{"reverse", {}},
      contracted{"contracted", {}};
  checked.options.checked = true;
  reverse.options.order = sim::ScheduleOrder::Reverse;
  contracted.options.contract = true;
  std::vector<Way> ways{checked, reverse, contracted};
  for (Way &way : ways)
    way.options.simulate = true;
  return ways;
}

/// Runs one function in one way.
static Expected<llvm::json::Object> run(StringRef text,
                                        const LaunchDescription &launches,
                                        const Way &way, StringRef folder,
                                        unsigned numArguments) {
  Expected<MetalEngine> engine =
      MetalEngine::create(text, launches, way.options);
  if (!engine)
    return engine.takeError();
  auto pathOf = [&](unsigned i, StringRef suffix) {
    return llvm::formatv("{0}/{1}.{2}{3}.npy", folder, launches.function, i,
                         suffix)
        .str();
  };
  std::vector<bool> isOutput(numArguments);
  for (const LaunchDescription::Buffer &buffer : launches.buffers)
    if (buffer.argument)
      isOutput[*buffer.argument] = buffer.role == "output";
  std::vector<HostArray> arrays;
  std::vector<MetalArgument> arguments;
  for (unsigned i = 0; i < numArguments; ++i) {
    Expected<HostArray> array = readNpy(pathOf(i, ""));
    if (!array)
      return array.takeError();
    arrays.push_back(std::move(*array));
  }
  for (auto [i, array] : llvm::enumerate(arrays))
    arguments.push_back({array.getData(), array.getShape(), array.getNumBytes(),
                         /*holdsValues=*/!isOutput[i]});
  Expected<MetalReport> report = engine->run(arguments);
  if (!report)
    return report.takeError();
  for (auto [i, array] : llvm::enumerate(arrays))
    if (isOutput[i])
      if (Error error = writeNpy(pathOf(i, ("." + way.name).str()), array))
        return error;

  int64_t read = 0, written = 0;
  llvm::json::Array kernels;
  for (const MetalReport::Kernel &kernel : report->kernels) {
    read += kernel.bytesRead;
    written += kernel.bytesWritten;
    kernels.push_back(kernel.name);
  }
  return llvm::json::Object{{"findings", llvm::json::Array(report->findings)},
                            {"kernels", std::move(kernels)},
                            {"read", read},
                            {"written", written}};
}

static Expected<llvm::json::Object>
runAllWays(ModuleOp module, StringRef text, StringRef name, StringRef folder) {
  auto function = module.lookupSymbol<FunctionOpInterface>(name);
  if (!function)
    return llvm::createStringError("there is no function '" + name + "'");
  FailureOr<LaunchDescription> launches = LaunchDescription::create(function);
  if (failed(launches))
    return llvm::createStringError("its launches cannot be described");
  llvm::json::Object result;
  for (const Way &way : getWays()) {
    Expected<llvm::json::Object> report =
        run(text, *launches, way, folder, function.getNumArguments());
    if (!report)
      return report;
    result[way.name] = std::move(*report);
  }
  return result;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::cl::opt<std::string> input(llvm::cl::Positional, llvm::cl::Required,
                                   llvm::cl::desc("MODULE"));
  llvm::cl::opt<std::string> folder("folder", llvm::cl::Required,
                                    llvm::cl::desc("Where the arrays are"));
  llvm::cl::ParseCommandLineOptions(argc, argv, "Runs functions of a module\n");

  DialectRegistry registry;
  registerAllDialects(registry);
  MLIRContext context(registry);
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(input, &context);
  std::string text;
  llvm::raw_string_ostream os(text);
  if (!module || failed(translateToMSL(*module, os)))
    return 1;
  for (std::string name; std::getline(std::cin, name);) {
    Expected<llvm::json::Object> result =
        runAllWays(*module, text, name, folder);
    if (!result)
      result = llvm::json::Object{{"error", toString(result.takeError())}};
    llvm::outs() << llvm::json::Value(std::move(*result)) << "\n";
    llvm::outs().flush();
  }
}
