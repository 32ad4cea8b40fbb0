//===- Run.cpp - groupnorm run, on a problem given by flags ---------------===//

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
