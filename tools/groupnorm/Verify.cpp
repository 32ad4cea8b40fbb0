//===- Verify.cpp - groupnorm verify --------------------------------------===//

#include "Executable.h"
#include "Verbs.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FormatVariadic.h"

using namespace gn;
using namespace gn::tool;
using namespace gn::runtime;
using llvm::Error;
using llvm::Expected;

namespace {
/// One row of the table.
struct Case {
  reference::Pattern pattern;
  /// Weight 1 and bias 0 rather than random ones.
  bool neutral;
  /// Buffers that are aligned to their elements only.
  bool misaligned;
  /// y in the buffer of x.
  bool inPlace;
};

/// A buffer for an array of the problem, wherever a case wants it.
class Buffer {
public:
  static Expected<Buffer> create(ElementType type,
                                 llvm::ArrayRef<int64_t> shape) {
    Expected<HostArray> array = HostArray::create(type, shape);
    if (!array)
      return array.takeError();
    return Buffer(std::move(*array));
  }
  HostArray &getArray() { return array; }
  /// The array's data, or a copy of it that is shifted by one element.
  void *getPointer(bool misaligned) {
    if (!misaligned)
      return array.getData();
    shifted.resize(array.getNumBytes() + kAlignment);
    char *start = shifted.data();
    start += llvm::offsetToAlignedAddr(start, llvm::Align(kAlignment));
    start += getSize(array.getType());
    shiftedData = start;
    std::memcpy(start, array.getData(), array.getNumBytes());
    return start;
  }
  /// Takes the shifted copy back.
  void collect(bool misaligned) {
    if (misaligned)
      std::memcpy(array.getData(), shiftedData, array.getNumBytes());
  }

private:
  static constexpr size_t kAlignment = 128;
  explicit Buffer(HostArray array) : array(std::move(array)) {}
  HostArray array;
  std::vector<char> shifted;
  char *shiftedData = nullptr;
};
} // namespace

/// The types of the arguments that a function for the problem takes.
static bool fits(const CInterface &function, const Options &options,
                 const reference::Problem &problem) {
  Signature signature = Signature::create(options, options.type);
  return function.numSizes ==
             llvm::count(problem.shape, mlir::ShapedType::kDynamic) &&
         llvm::equal(function.arguments, signature.getOperands(problem),
                     [&](const CInterface::Argument &argument,
                         const Signature::Operand &operand) {
                       return argument.type.getShape() ==
                                  llvm::ArrayRef(operand.shape) &&
                              getElementType(argument.type.getElementType()) ==
                                  operand.type;
                     });
}

/// "x, weight, bias and result".
static std::string listOperands(const Options &options,
                                const reference::Problem &problem) {
  llvm::SmallVector<std::string> names;
  for (const Signature::Operand &operand :
       Signature::create(options, options.type).getOperands(problem))
    names.push_back(llvm::StringSwitch<std::string>(operand.name)
                        .Case("gamma", "weight")
                        .Case("beta", "bias")
                        .Case("y", "result")
                        .Default(operand.name.str()));
  std::string last = names.pop_back_val();
  return llvm::join(names, ", ") + " and " + last;
}

/// Compiles the module that is given for the problem, or the problem's own.
static Expected<std::unique_ptr<Executable>>
compile(const Options &options, Compiler &compiler,
        const reference::Problem &problem) {
  Expected<Compiler::Module> module =
      options.moduleFile.empty()
          ? compiler.build(problem, options.type, "group_norm")
          : compiler.parse(options.moduleFile);
  if (!module)
    return module.takeError();
  Expected<std::unique_ptr<Executable>> executable =
      Executable::create(options, compiler, **module);
  if (!executable)
    return executable;
  const CInterface &function = (*executable)->getInterface();
  if (!fits(function, options, problem))
    return llvm::createStringError(
        llvm::formatv("@{0} does not take {1} of the given shape and type",
                      function.name, listOperands(options, problem)));
  return executable;
}

/// The shapes that a problem is verified at: its own, or a few for sizes that
/// it leaves open. They are odd and even, and small and large beside a row.
static llvm::SmallVector<llvm::SmallVector<int64_t>>
getShapes(const reference::Problem &problem) {
  if (!llvm::is_contained(problem.shape, mlir::ShapedType::kDynamic))
    return {problem.shape};
  constexpr int64_t kSizes[][3] = {{1, 1, 1}, {2, 7, 5}, {3, 64, 33}};
  llvm::SmallVector<llvm::SmallVector<int64_t>> shapes;
  for (const auto &sizes : kSizes) {
    shapes.push_back(problem.shape);
    size_t next = 0;
    for (int64_t &size : shapes.back())
      if (mlir::ShapedType::isDynamic(size))
        size = sizes[next++ % std::size(sizes)];
  }
  return shapes;
}

/// Memory for each operand.
static Expected<llvm::SmallVector<Buffer>>
makeBuffers(const Options &options, const reference::Problem &problem) {
  llvm::SmallVector<Buffer> buffers;
  for (const Signature::Operand &operand :
       Signature::create(options, options.type).getOperands(problem)) {
    Expected<Buffer> buffer = Buffer::create(operand.type, operand.shape);
    if (!buffer)
      return buffer.takeError();
    buffers.push_back(std::move(*buffer));
  }
  return buffers;
}

/// Fills an input but x by random numbers: the weight around 1, the others
/// around 0.
static void fillParameter(const Signature::Operand &operand, uint64_t seed,
                          bool neutral, HostArray &array) {
  double spread = neutral && !operand.isEpilogueInput ? 0 : 0.5;
  std::vector<double> values =
      reference::makeNoise(array.getNumElements(), seed);
  for (double &value : values)
    value = (operand.name == "gamma" ? 1 : 0) + spread * value;
  array.assign(values);
}

/// Prints a row for each case at one shape, and returns how many failed.
static Expected<int64_t> verifyShape(const Options &options,
                                     Executable &executable,
                                     const reference::Problem &problem,
                                     llvm::ArrayRef<Case> cases,
                                     llvm::MutableArrayRef<Buffer> buffers) {
  Signature signature = Signature::create(options, options.type);
  llvm::SmallVector<Signature::Operand> operands =
      signature.getOperands(problem);
  std::vector<double> noise =
      reference::makeNoise(problem.getNumElements(), /*seed=*/1);
  std::vector<double> values(noise.size());
  auto [smallest, largest] = getRange(options.type);
  reference::Range range{smallest, largest};
  int64_t failures = 0;
  for (const Case &test : cases) {
    reference::fill(test.pattern, problem, range, noise, values);
    llvm::SmallVector<Argument> arguments;
    for (auto [i, operand, buffer] : llvm::enumerate(operands, buffers)) {
      if (operand.name == "x" || (test.inPlace && operand.name == "y"))
        buffer.getArray().assign(values);
      else if (operand.isInput)
        fillParameter(operand, /*seed=*/1 + i, test.neutral, buffer.getArray());
      arguments.emplace_back(buffer.getPointer(test.misaligned),
                             buffer.getArray(), operand.isInput);
    }
    if (test.inPlace)
      arguments.front().data = arguments[getResultNumber(operands)].data;
    if (Error error = executable.run(arguments))
      return error;
    llvm::SmallVector<const HostArray *> arrays;
    for (auto [operand, buffer] : llvm::zip_equal(operands, buffers)) {
      if (!operand.isInput)
        buffer.collect(test.misaligned);
      arrays.push_back(&buffer.getArray());
    }
    reference::Comparison comparison =
        compareWithReference(problem, signature, arrays);
    std::string name = reference::getName(test.pattern).str();
    if (test.misaligned)
      name += ", misaligned";
    else if (test.inPlace)
      name += ", in place";
    else if (!test.neutral && options.affine)
      name += ", random weights";
    llvm::outs() << llvm::formatv(
        "{0,-36} {1,8:e1} {2,10:P0}  {3}\n", name, comparison.maxError,
        std::min(comparison.worst, 99.99),
        comparison.passed()         ? "ok"
        : comparison.misplaced != 0 ? "FAILED: misplaced NaN or Inf"
                                    : "FAILED");
    failures += !comparison.passed();
  }
  return failures;
}

Error tool::verifyCode(const Options &options) {
  Expected<reference::Problem> problem = makeProblem(options, options.shape);
  if (!problem)
    return problem.takeError();
  Compiler compiler(options);
  Expected<std::unique_ptr<Executable>> executable =
      compile(options, compiler, *problem);
  if (!executable)
    return executable.takeError();
  // An error comes before the first line of the table.
  llvm::SmallVector<reference::Problem> problems;
  llvm::SmallVector<llvm::SmallVector<Buffer>> buffers;
  for (llvm::ArrayRef<int64_t> shape : getShapes(*problem)) {
    problems.push_back(*problem);
    problems.back().shape.assign(shape.begin(), shape.end());
    Expected<llvm::SmallVector<Buffer>> made =
        makeBuffers(options, problems.back());
    if (!made)
      return made.takeError();
    buffers.push_back(std::move(*made));
  }

  llvm::outs() << llvm::formatv(
      "{0} {1}, {2} groups {3}\nengine {4}\n\n", formatShape(problem->shape),
      getName(options.type), problem->numGroups,
      stringifyGrouping(problem->grouping), (*executable)->describe());
  llvm::outs() << llvm::formatv("{0,-36} {1,8} {2,10}\n", "data", "error",
                                "of allowed");

  using reference::Pattern;
  llvm::SmallVector<Case> cases = {{Pattern::Normal, true, false, false}};
  // The buffers of a GPU are aligned to pages.
  if (options.machine == Target::CPU)
    cases.push_back({Pattern::Normal, true, true, false});
  const CInterface &function = (*executable)->getInterface();
  size_t result = getResultNumber(
      Signature::create(options, options.type).getOperands(*problem));
  if (llvm::is_contained(function.arguments[result].mayBe, 0))
    cases.push_back({Pattern::Normal, true, false, true});
  for (Pattern pattern : reference::getPatterns())
    if (options.affine || pattern != Pattern::Normal)
      cases.push_back({pattern, false, false, false});
  int64_t failures = 0, rows = 0;
  for (auto [atShape, itsBuffers] : llvm::zip(problems, buffers)) {
    if (problems.size() > 1)
      llvm::outs() << "at " << formatShape(atShape.shape) << "\n";
    Expected<int64_t> failed =
        verifyShape(options, **executable, atShape, cases, itsBuffers);
    if (!failed)
      return failed.takeError();
    failures += *failed;
    rows += cases.size();
  }
  if (failures != 0)
    return llvm::createStringError(
        llvm::formatv("{0} of {1} rows failed", failures, rows));
  return Error::success();
}
