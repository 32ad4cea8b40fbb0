//===- Run.cpp - groupnorm run --------------------------------------------===//

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

/// "-" where a result goes to the standard output.
static StringRef getReportPath(const Options &options) {
  return llvm::is_contained(options.outputs, "-") ? "-" : "";
}

/// The lines about the engine and what it took.
static void reportEngine(Report &report, const Executable &executable,
                         double compileTime, double time) {
  report.line("engine", executable.describe());
  report.line("compile", formatTime(compileTime));
  report.line("run", formatTime(time));
  const MetalReport *metal = executable.getMetalReport();
  if (!metal || !metal->isChecked)
    return;
  for (const MetalReport::Kernel &kernel : metal->kernels)
    report.line("kernel",
                llvm::formatv("{0}: {1} bytes read, {2} written", kernel.name,
                              kernel.bytesRead, kernel.bytesWritten));
  // Findings end a run before there is a report.
  report.line("checks", "nothing found");
}

static std::string describe(const HostArray &array) {
  return llvm::formatv("{0} {1}", formatShape(array.getShape()),
                       getName(array.getType()));
}

//===----------------------------------------------------------------------===//
// A problem given by flags
//===----------------------------------------------------------------------===//

/// The array of a file for an operand of a norm, none of which holds integers.
static Expected<HostArray> readFloats(StringRef path) {
  Expected<HostArray> array = readNpy(path);
  if (!array || !isInteger(array->getType()))
    return array;
  return llvm::createStringError(llvm::formatv(
      "'{0}' holds {1}, not f16, bf16, f32 or f64; convert the array, for "
      "instance by x.astype('float32')",
      path, getName(array->getType())));
}

/// The array of a file that must have the given shape; without a file, one
/// value throughout.
static Expected<HostArray> readOperand(StringRef flag, StringRef path,
                                       double neutral, StringRef wanted,
                                       llvm::ArrayRef<int64_t> shape,
                                       ElementType type) {
  if (path.empty())
    return HostArray::splat(type, shape, neutral);
  Expected<HostArray> array = readFloats(path);
  if (!array)
    return array;
  if (array->getShape() != shape)
    return llvm::createStringError(
        llvm::formatv("--{0}: '{1}' has the shape {2}, but x has {3}", flag,
                      path, formatShape(array->getShape()), wanted));
  return array;
}

/// Copies x to where the function reads it, if that is not the array itself.
static void renew(llvm::ArrayRef<Argument> arguments, const HostArray &x) {
  void *place = arguments.front().data;
  if (place != x.getData() && x.getNumBytes() != 0)
    std::memcpy(place, x.getData(), x.getNumBytes());
}

/// Lets the result `result` of the function take the memory of its first
/// argument. What is there before a run is to be copied from that argument.
static Error shareBuffer(const CInterface &function, size_t result,
                         llvm::MutableArrayRef<Argument> arguments) {
  if (Error error = checkInPlace(function, result, /*input=*/0))
    return llvm::createStringError("--in-place: " +
                                   llvm::toString(std::move(error)));
  arguments.front().data = arguments[result].data;
  return Error::success();
}

/// Runs the function until the time of a run is known, and returns that of
/// the fastest. The first run pays for fresh memory. Where a run overwrites x,
/// it is renewed before each.
static Expected<double> measure(Executable &executable,
                                llvm::ArrayRef<Argument> arguments,
                                const HostArray &x) {
  constexpr int kCalls = 5;
  constexpr double kEnough = 0.5;
  double best = 0, total = 0;
  for (int call = 0; call <= kCalls && total < kEnough; ++call) {
    renew(arguments, x);
    Stopwatch watch;
    if (Error error = executable.run(arguments))
      return error;
    double time = watch.getSeconds();
    best = call < 2 ? time : std::min(best, time);
    total += time;
  }
  return best;
}

namespace {
/// All arrays of the function, in its order; those of the results are empty.
struct Inputs {
  reference::Problem problem;
  Signature signature;
  llvm::SmallVector<HostArray> arrays;
};
} // namespace

/// Whether the weight's type can stand beside x's.
static Error checkWeight(StringRef flag, StringRef path, ElementType type,
                         ElementType x) {
  if (type == x || getSize(type) > getSize(x))
    return Error::success();
  return llvm::createStringError(
      llvm::formatv("--{0}: '{1}' holds {2}, but x holds {3}; convert one of "
                    "them",
                    flag, path, getName(type), getName(x)));
}

static Expected<Inputs> readInputs(const Options &options) {
  Expected<HostArray> x = readFloats(options.inputs.front());
  if (!x)
    return x.takeError();
  Expected<reference::Problem> problem = makeProblem(options, x->getShape());
  if (!problem)
    return problem.takeError();
  Inputs inputs{
      std::move(*problem), Signature::create(options, x->getType()), {}};
  Signature &signature = inputs.signature;
  int64_t features = inputs.problem.getNumFeatures();
  int64_t samples = inputs.problem.shape[0];
  std::string perFeature = llvm::formatv("{0} features", features);
  std::string perSample =
      llvm::formatv("{0} samples of {1} features", samples, features);
  std::string perElement = "the shape " + formatShape(x->getShape());
  struct {
    std::optional<ElementType> &type;
    StringRef flag, path;
    double neutral;
    StringRef wanted;
    llvm::SmallVector<int64_t> shape;
  } operands[] = {
      {signature.gamma, "weight", options.weight, 1, perFeature, {features}},
      {signature.beta, "bias", options.bias, 0, perFeature, {features}},
      {signature.scale,
       "scale",
       options.scaleFile,
       0,
       perSample,
       {samples, features}},
      {signature.shift,
       "shift",
       options.shiftFile,
       0,
       perSample,
       {samples, features}},
      {signature.residual, "residual", options.residualFile, 0, perElement,
       inputs.problem.shape}};
  ElementType xType = x->getType();
  inputs.arrays.push_back(std::move(*x));
  for (auto &operand : operands) {
    if (!operand.type)
      continue;
    Expected<HostArray> array =
        readOperand(operand.flag, operand.path, operand.neutral, operand.wanted,
                    operand.shape, xType);
    if (!array)
      return array.takeError();
    operand.type = array->getType();
    inputs.arrays.push_back(std::move(*array));
  }
  if (options.affine) {
    for (auto [flag, path, type] :
         {std::tuple("weight", StringRef(options.weight), *signature.gamma),
          {"bias", StringRef(options.bias), *signature.beta}})
      if (Error error = checkWeight(flag, path, type, xType))
        return error;
    // As in MLX, half data with wider weights gives a wide result.
    if (!options.outType)
      signature.y =
          getWider(xType, getWider(*signature.gamma, *signature.beta));
  }
  for (const Signature::Operand &operand :
       signature.getOperands(inputs.problem)) {
    if (operand.isInput)
      continue;
    Expected<HostArray> array = HostArray::create(operand.type, operand.shape);
    if (!array)
      return array.takeError();
    inputs.arrays.push_back(std::move(*array));
  }
  return inputs;
}

/// What a comparison that did not pass says.
static Error describeFailure(const reference::Comparison &comparison) {
  if (comparison.misplaced != 0)
    return llvm::createStringError(llvm::formatv(
        "{0} elements are NaN or infinite in the result or in the reference, "
        "but not in both",
        comparison.misplaced));
  return llvm::createStringError(llvm::formatv(
      "the error is {0:f1} times what is allowed", comparison.worst));
}

/// Writes y and the saved statistics to where they are wanted.
static Error writeResults(const Options &options, const Inputs &inputs) {
  std::vector<std::string> paths;
  llvm::SmallVector<const HostArray *> results;
  for (auto [operand, array] : llvm::zip_equal(
           inputs.signature.getOperands(inputs.problem), inputs.arrays)) {
    if (operand.isInput || (operand.name == "y" && options.outputs.empty()))
      continue;
    paths.push_back(operand.name == "y" ? options.outputs.front()
                                        : options.statisticsPrefix + "." +
                                              operand.name.str() + ".npy");
    results.push_back(&array);
  }
  return writeFiles(paths, [&](size_t i, StringRef path) {
    return writeNpy(path, *results[i]);
  });
}

Error tool::runOnFiles(const Options &options) {
  Expected<Inputs> inputs = readInputs(options);
  if (!inputs)
    return inputs.takeError();
  const reference::Problem &problem = inputs->problem;
  HostArray &x = inputs->arrays.front();

  Stopwatch compileWatch;
  Compiler compiler(options);
  Expected<Compiler::Module> module =
      compiler.build(problem, inputs->signature, "group_norm");
  if (!module)
    return module.takeError();
  Expected<std::unique_ptr<Executable>> executable =
      Executable::create(options, compiler, **module);
  if (!executable)
    return executable.takeError();
  double compileTime = compileWatch.getSeconds();

  llvm::SmallVector<Argument> arguments;
  auto operands = inputs->signature.getOperands(problem);
  for (auto [operand, array] : llvm::zip_equal(operands, inputs->arrays))
    arguments.emplace_back(array.getData(), array, operand.isInput);
  if (options.inPlace)
    if (Error error = shareBuffer((*executable)->getInterface(),
                                  getResultNumber(operands), arguments))
      return error;
  Expected<double> time = measure(**executable, arguments, x);
  if (!time)
    return time.takeError();

  // A wrong result is reported, but not written.
  std::optional<reference::Comparison> comparison;
  if (options.verify)
    comparison = compareWithReference(
        problem, inputs->signature,
        llvm::map_to_vector(inputs->arrays,
                            [](const HostArray &array) { return &array; }));
  bool isWrong = comparison && !comparison->passed();
  if (!isWrong)
    if (Error error = writeResults(options, *inputs))
      return error;

  Report report(getReportPath(options));
  report.line("x", describe(x));
  report.line("groups",
              llvm::formatv("{0} {1}, of {2} features", problem.numGroups,
                            stringifyGrouping(problem.grouping),
                            problem.getNumFeatures() / problem.numGroups));
  reportEngine(report, **executable, compileTime, *time);
  if (comparison)
    report.line("error",
                llvm::formatv("{0:e1} against the f64 reference, "
                              "{1:P0} of what is allowed",
                              comparison->maxError, comparison->worst));
  if (isWrong)
    return describeFailure(*comparison);
  if (!options.outputs.empty())
    report.line("y", options.outputs.front());
  if (!options.statisticsPrefix.empty())
    report.line("stats", options.statisticsPrefix + ".mean.npy, " +
                             options.statisticsPrefix + ".rstd.npy");
  return Error::success();
}

//===----------------------------------------------------------------------===//
// A problem given by a module
//===----------------------------------------------------------------------===//

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
