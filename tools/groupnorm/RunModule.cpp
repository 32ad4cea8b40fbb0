//===- RunModule.cpp - groupnorm run, on the function of a module ---------===//

#include "Executable.h"
#include "Report.h"
#include "Verbs.h"
#include "groupnorm/Runtime/Measurement.h"
#include "groupnorm/Runtime/Npy.h"
#include "groupnorm/Support/FileOutput.h"
#include "llvm/Support/FormatVariadic.h"

using namespace gn;
using namespace gn::tool;
using namespace gn::runtime;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;

/// Whether the array can be passed for the argument; learns the sizes that the
/// argument leaves open.
static bool bind(const CInterface::Argument &argument, const HostArray &array,
                 llvm::MutableArrayRef<int64_t> sizes) {
  if (getElementType(argument.type.getElementType()) != array.getType() ||
      argument.type.getRank() != static_cast<int64_t>(array.getShape().size()))
    return false;
  for (auto [wanted, found, place] : llvm::zip_equal(
           argument.type.getShape(), array.getShape(), argument.sizes)) {
    if (place >= 0 && sizes[place] < 0)
      sizes[place] = found;
    if (found != (place < 0 ? wanted : sizes[place]))
      return false;
  }
  return true;
}

/// Arrays for all arguments: first the files, then memory for the results.
static Expected<llvm::SmallVector<HostArray>>
makeArguments(const CInterface &function, llvm::ArrayRef<std::string> inputs,
              llvm::MutableArrayRef<int64_t> sizes) {
  llvm::SmallVector<HostArray> arrays;
  if (inputs.size() > function.arguments.size())
    return llvm::createStringError(
        llvm::formatv("there are {0} inputs, but @{1} has {2} arguments",
                      inputs.size(), function.name, function.arguments.size()));
  for (auto [path, argument] : llvm::zip(inputs, function.arguments)) {
    Expected<HostArray> array = readNpy(path);
    if (!array)
      return array.takeError();
    if (!bind(argument, *array, sizes))
      return llvm::createStringError(
          "'%s' is %s, but argument %zu of @%s is %s", path.c_str(),
          describe(*array).c_str(), arrays.size(), function.name.c_str(),
          llvm::formatv("{0}", argument.type).str().c_str());
    arrays.push_back(std::move(*array));
  }
  for (const CInterface::Argument &argument :
       llvm::ArrayRef(function.arguments).drop_front(inputs.size())) {
    llvm::SmallVector<int64_t> shape;
    for (auto [size, place] :
         llvm::zip_equal(argument.type.getShape(), argument.sizes))
      shape.push_back(place < 0 ? size : sizes[place]);
    std::optional<ElementType> type =
        getElementType(argument.type.getElementType());
    // Nothing writes an array without elements.
    bool isResult = argument.written || llvm::is_contained(shape, 0);
    if (!isResult || !type || llvm::is_contained(shape, -1))
      return llvm::createStringError(
          llvm::formatv("argument {0} of @{1} needs an --input of its own",
                        arrays.size(), function.name));
    Expected<HostArray> array = HostArray::splat(*type, shape, 0);
    if (!array)
      return array.takeError();
    arrays.push_back(std::move(*array));
  }
  return arrays;
}

Error tool::runModuleOnFiles(const Options &options) {
  Stopwatch compileWatch;
  Compiler compiler(options);
  Expected<Compiler::Module> module = compiler.parse(options.moduleFile);
  if (!module)
    return module.takeError();
  Expected<std::unique_ptr<Executable>> executable =
      Executable::create(options, compiler, **module);
  if (!executable)
    return executable.takeError();
  const CInterface &function = (*executable)->getInterface();
  double compileTime = compileWatch.getSeconds();

  llvm::SmallVector<int64_t> sizes(function.numSizes, -1);
  Expected<llvm::SmallVector<HostArray>> arrays =
      makeArguments(function, options.inputs, sizes);
  if (!arrays)
    return arrays.takeError();
  llvm::ArrayRef<HostArray> results =
      llvm::ArrayRef(*arrays).drop_front(options.inputs.size());
  if (options.outputs.size() > results.size())
    return llvm::createStringError(
        llvm::formatv("there are {0} outputs, but @{1} has {2} results",
                      options.outputs.size(), function.name, results.size()));
  llvm::SmallVector<Argument> arguments;
  for (HostArray &array : *arrays)
    arguments.emplace_back(array.getData(), array,
                           arguments.size() < options.inputs.size());
  if (options.inPlace) {
    if (options.inputs.empty() || results.empty())
      return llvm::createStringError(llvm::formatv(
          "--in-place: @{0} needs an --input and a result", function.name));
    if (Error error = shareBuffer(function, options.inputs.size(), arguments))
      return error;
    renew(arguments, arrays->front());
  }
  Stopwatch watch;
  if (Error error = (*executable)->run(arguments))
    return error;
  double time = watch.getSeconds();

  if (Error error = writeFiles(options.outputs, [&](size_t i, StringRef path) {
        return writeNpy(path, results[i]);
      }))
    return error;

  Report report(getReportPath(options));
  report.line("function", "@" + function.name);
  for (auto [argument, array] : llvm::zip(function.arguments, *arrays))
    report.line(argument.name, describe(array));
  reportEngine(report, **executable, compileTime, time);
  return Error::success();
}
