//===- Options.cpp - The command line of groupnorm ------------------------===//

#include "CommandLine.h"
#include "groupnorm/Support/ParserMessages.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/Timing.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include <cmath>

using namespace gn;
using namespace gn::tool;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;

char UsageError::ID;

static Error usage(const llvm::Twine &message) {
  return llvm::make_error<UsageError>(message);
}

//===----------------------------------------------------------------------===//
// Their values
//===----------------------------------------------------------------------===//

/// Reads "2x64x64x320".
static Expected<llvm::SmallVector<int64_t>> parseShape(StringRef text,
                                                       bool allowDynamic) {
  llvm::SmallVector<int64_t> shape;
  for (StringRef part : llvm::split(text, 'x')) {
    int64_t size;
    if (allowDynamic && part == "?")
      size = mlir::ShapedType::kDynamic;
    else if (part.empty() || !llvm::all_of(part, llvm::isDigit) ||
             part.getAsInteger(10, size))
      return usage(llvm::formatv(
          "--shape: '{0}' is not a list of sizes such as 2x64x64x320", text));
    shape.push_back(size);
  }
  // Bytes are counted in f64, the widest type there is.
  llvm::SmallVector<int64_t> known(shape);
  llvm::replace(known, mlir::ShapedType::kDynamic, int64_t(1));
  if (!runtime::getByteSize(known, sizeof(double)))
    return usage(llvm::formatv("--shape: {0} is too large", text));
  return shape;
}

static bool isIdentifier(StringRef name) {
  return !name.empty() && !llvm::isDigit(name.front()) &&
         llvm::all_of(name,
                      [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

/// Whether C or C++, both of which can include the header, keep the word for
/// themselves.
static bool isKeyword(StringRef name) {
  static constexpr StringRef words[] = {
      "alignas",  "alignof",   "and",      "asm",       "auto",     "bitand",
      "bitor",    "bool",      "break",    "case",      "catch",    "char",
      "class",    "compl",     "const",    "constexpr", "continue", "decltype",
      "default",  "delete",    "do",       "double",    "else",     "enum",
      "explicit", "export",    "extern",   "false",     "float",    "for",
      "friend",   "goto",      "if",       "inline",    "int",      "long",
      "mutable",  "namespace", "new",      "noexcept",  "not",      "nullptr",
      "operator", "or",        "private",  "protected", "public",   "register",
      "restrict", "return",    "short",    "signed",    "sizeof",   "static",
      "struct",   "switch",    "template", "this",      "throw",    "true",
      "try",      "typedef",   "typeid",   "typename",  "union",    "unsigned",
      "using",    "virtual",   "void",     "volatile",  "while",    "xor"};
  return llvm::is_contained(words, name);
}

/// The flags that say what the problem is, which a module says itself.
static Error checkModuleFlags(const CommandLine &flags) {
  for (const cl::Option *option :
       std::initializer_list<const cl::Option *>{&flags.shape,
                                                 &flags.type,
                                                 &flags.numGroups,
                                                 &flags.epsilon,
                                                 &flags.contiguous,
                                                 &flags.noAffine,
                                                 &flags.epsilonPlacement,
                                                 &flags.featureDim,
                                                 &flags.schedule,
                                                 &flags.weight,
                                                 &flags.bias,
                                                 &flags.activation,
                                                 &flags.withScaleShift,
                                                 &flags.withResidual,
                                                 &flags.withStatistics,
                                                 &flags.weightType,
                                                 &flags.outType,
                                                 &flags.scale,
                                                 &flags.shift,
                                                 &flags.residual,
                                                 &flags.saveStatistics,
                                                 &flags.check,
                                                 &flags.name})
    if (option->getNumOccurrences())
      return usage(llvm::formatv(
          "--{0} does not go with a module file, which says it itself",
          option->ArgStr));
  return Error::success();
}

static Error checkProblemFlags(const CommandLine &flags, Verb verb) {
  if (verb == Verb::Run && flags.inputs.empty())
    return usage("--input is missing: the .npy file of x");
  if (verb == Verb::Run && flags.inputs.size() > 1)
    return usage("--input is given twice; the weight and the bias go to "
                 "--weight and --bias");
  if (verb != Verb::Run && flags.shape.empty())
    return usage("--shape is missing: the shape of x, such as 2x64x64x320");
  if (!flags.numGroups.getNumOccurrences())
    return usage("--num-groups is missing");
  if (flags.numGroups < 1)
    return usage(llvm::formatv("--num-groups: {0} is not positive",
                               flags.numGroups.getValue()));
  if (!std::isfinite(flags.epsilon) || flags.epsilon <= 0)
    return usage(llvm::formatv("--eps: {0} is not positive and finite",
                               llvm::format("%g", flags.epsilon.getValue())));
  if (flags.noAffine && (!flags.weight.empty() || !flags.bias.empty()))
    return usage("--no-affine leaves out what --weight and --bias give");
  if (flags.noAffine && flags.weightType.getNumOccurrences())
    return usage("--no-affine leaves out what --weight-dtype is for");
  if (flags.scale.empty() != flags.shift.empty())
    return usage(llvm::formatv("--{0} needs --{1} beside it",
                               flags.scale.empty() ? "shift" : "scale",
                               flags.scale.empty() ? "scale" : "shift"));
  return Error::success();
}

namespace {
/// The name of a kind of code, and the only machine that it is for, if any.
struct EmitInfo {
  StringRef name;
  std::optional<Target> target;
};
} // namespace

static EmitInfo getInfo(EmitKind kind) {
  switch (kind) {
  case EmitKind::MLIR:
    return {"mlir", std::nullopt};
  case EmitKind::Affine:
    return {"affine", Target::CPU};
  case EmitKind::LLVM:
    return {"llvm", Target::CPU};
  case EmitKind::Assembly:
    return {"asm", Target::CPU};
  case EmitKind::Object:
    return {"obj", Target::CPU};
  case EmitKind::Shared:
    return {"shared", Target::CPU};
  case EmitKind::GPU:
    return {"gpu", Target::Metal};
  case EmitKind::MSL:
    return {"msl", Target::Metal};
  case EmitKind::Launch:
    return {"launch", Target::Metal};
  case EmitKind::MLX:
    return {"mlx", Target::Metal};
  }
  llvm_unreachable("all kinds are listed");
}

static StringRef getName(Target target) {
  return target == Target::CPU ? "cpu" : "metal";
}

/// What the code is for: what --target says, or what --emit leaves.
static Expected<Target> chooseTarget(const CommandLine &flags) {
  EmitInfo emit = getInfo(flags.emitKind);
  if (!flags.target.getNumOccurrences())
    return emit.target.value_or(Target::CPU);
  if (emit.target && *emit.target != flags.target)
    return usage(llvm::formatv("--emit={0} goes with --target {1}", emit.name,
                               getName(*emit.target)));
  return flags.target.getValue();
}

/// The flags that go with one kind of machine alone.
static Error checkTargetFlags(const CommandLine &flags, Target target) {
  auto others =
      target == Target::Metal
          ? std::initializer_list<const cl::Option *>{&flags.threads,
                                                      &flags.targetTriple,
                                                      &flags.targetCPU,
                                                      &flags.l2Size,
                                                      &flags.l3Size,
                                                      &flags.scheduleFile,
                                                      &flags.rounds,
                                                      &flags.json}
          : std::initializer_list<const cl::Option *>{&flags.simulate,
                                                      &flags.checked};
  for (const cl::Option *option : others)
    if (option->getNumOccurrences())
      return usage(llvm::formatv(
          "--{0} goes with --target {1}", option->ArgStr,
          getName(target == Target::CPU ? Target::Metal : Target::CPU)));
  return Error::success();
}

static Expected<Options> makeOptions(const CommandLine &flags, Verb verb) {
  Options options;
  options.verb = verb;
  options.moduleFile = flags.moduleFile;
  // verify needs to know what a module is meant to compute.
  bool isSaidByModule = !flags.moduleFile.empty() && verb != Verb::Verify;
  if (Error error = isSaidByModule ? checkModuleFlags(flags)
                                   : checkProblemFlags(flags, verb))
    return error;

  std::optional<runtime::ElementType> type;
  for (auto [flag, value] : {std::pair(&flags.type, &type),
                             {&flags.weightType, &options.weightType},
                             {&flags.outType, &options.outType}}) {
    if (flag->empty())
      continue;
    *value = runtime::parseElementType(*flag);
    if (!*value)
      return usage(llvm::formatv("--{0}: '{1}' is not f16, bf16, f32 or f64",
                                 flag->ArgStr, flag->getValue()));
  }
  options.type = type.value_or(runtime::ElementType::F32);
  if (options.weightType && *options.weightType != options.type &&
      runtime::getSize(*options.weightType) <= runtime::getSize(options.type))
    return usage(llvm::formatv("--weight-dtype: {0} does not hold what --dtype "
                               "{1} does; it must be that or a wider one",
                               getName(*options.weightType),
                               getName(options.type)));
  if (!flags.shape.empty()) {
    auto shape = parseShape(flags.shape, /*allowDynamic=*/verb == Verb::Emit ||
                                             verb == Verb::Verify);
    if (!shape)
      return shape.takeError();
    options.shape = *shape;
  }
  options.numGroups = flags.numGroups;
  options.epsilon = flags.epsilon;
  options.grouping =
      flags.contiguous ? Grouping::Contiguous : Grouping::Interleaved;
  options.epsilonPlacement = flags.epsilonPlacement;
  if (flags.featureDim.getNumOccurrences())
    options.featureDim = flags.featureDim;
  options.affine = !flags.noAffine;
  options.activation = flags.activation;
  options.scaleFile = flags.scale;
  options.shiftFile = flags.shift;
  options.residualFile = flags.residual;
  options.statisticsPrefix = flags.saveStatistics;
  options.scaleShift = flags.withScaleShift || !flags.scale.empty();
  options.residual = flags.withResidual || !flags.residual.empty();
  options.statistics = flags.withStatistics || !flags.saveStatistics.empty();

  Expected<Target> machine = chooseTarget(flags);
  if (!machine)
    return machine.takeError();
  options.machine = *machine;
  if (Error error = checkTargetFlags(flags, *machine))
    return error;
  options.simulate = flags.simulate;
  options.checked = flags.checked;
  options.schedule = flags.schedule;
  options.scheduleFile = flags.scheduleFile;
  if (!options.schedule.empty() && !options.scheduleFile.empty())
    return usage("--schedule and --schedule-file each give a schedule");
  options.threads = flags.threads;
  if (options.threads > 4096)
    return usage(
        llvm::formatv("--threads: {0} is more than 4096", options.threads));
  options.target.triple = flags.targetTriple;
  options.target.cpu = flags.targetCPU;
  for (const auto *size : {&flags.l2Size, &flags.l3Size})
    if (size->getNumOccurrences() && *size < 1)
      return usage(llvm::formatv("--{0}: {1} is not positive", size->ArgStr,
                                 size->getValue()));
  options.l2Size = flags.l2Size;
  options.l3Size = flags.l3Size;
  options.inputs.assign(flags.inputs.begin(), flags.inputs.end());
  options.outputs.assign(flags.outputs.begin(), flags.outputs.end());
  if (options.outputs.size() > 1 && flags.moduleFile.empty())
    return usage("-o is given twice");
  options.weight = flags.weight;
  options.bias = flags.bias;
  options.inPlace = flags.inPlace;
  options.verify = flags.check;

  options.rounds = flags.rounds;
  if (options.rounds == 0)
    return usage("--rounds: 0 is not positive");
  options.json = flags.json;
  options.timeLimit = flags.timeLimit;
  if (options.timeLimit == 0)
    return usage("--time-limit: 0 is not positive");
  if (verb == Verb::Tune && options.outputs.empty())
    return usage("-o is missing: a file for the schedule");

  options.emit = flags.emitKind;
  options.name = flags.name;
  if (!isIdentifier(options.name))
    return usage(
        llvm::formatv("--name: '{0}' is not a C identifier", options.name));
  if (options.name == "main")
    return usage("--name: 'main' is where a C program begins");
  if (isKeyword(options.name))
    return usage(
        llvm::formatv("--name: '{0}' is a keyword of C or C++", options.name));
  bool isBinary =
      options.emit == EmitKind::Object || options.emit == EmitKind::Shared;
  if (verb == Verb::Emit && isBinary && options.outputs.empty())
    return usage("-o is missing: a file for the machine code");
  if (verb == Verb::Emit && isBinary &&
      llvm::sys::path::extension(options.outputs.front()) == ".h")
    return usage(llvm::formatv("-o: '{0}' is the name of the C header beside "
                               "the machine code",
                               options.outputs.front()));
  if (verb == Verb::Emit && options.emit == EmitKind::Shared &&
      options.outputs.front() == "-")
    return usage("-o -: a shared library needs a file of its own");
  if (verb == Verb::Emit && options.emit == EmitKind::MSL &&
      !options.outputs.empty() &&
      llvm::sys::path::extension(options.outputs.front()) == ".json")
    return usage(llvm::formatv("-o: '{0}' is the name of the launch "
                               "description beside the Metal text",
                               options.outputs.front()));
  return options;
}

/// MLIR registers its debugging flags without a verb: give them to each.
static void registerMLIROptions(llvm::ArrayRef<cl::SubCommand *> verbs) {
  mlir::registerAsmPrinterCLOptions();
  mlir::registerPassManagerCLOptions();
  mlir::registerDefaultTimingManagerCLOptions();
  llvm::SmallVector<cl::Option *> options;
  for (auto &entry : cl::getRegisteredOptions())
    if (entry.first.starts_with("mlir-"))
      options.push_back(entry.second);
  for (cl::Option *option : options) {
    option->removeArgument();
    for (cl::SubCommand *verb : verbs)
      option->addSubCommand(*verb);
    option->setHiddenFlag(cl::Hidden);
    option->addArgument();
  }
}

Expected<Options> tool::parseOptions(int argc, char **argv) {
  // Never destroyed: LLVM's parser refers to the flags until the end.
  static auto &flags = *new CommandLine;
  std::pair<cl::SubCommand *, Verb> verbs[] = {
      {&flags.run, Verb::Run},         {&flags.emit, Verb::Emit},
      {&flags.verify, Verb::Verify},   {&flags.bench, Verb::Bench},
      {&flags.explain, Verb::Explain}, {&flags.tune, Verb::Tune}};
  const cl::OptionCategory *categories[] = {&flags.problem, &flags.code,
                                            &flags.measurement, &flags.files};
  for (auto [verb, kind] : verbs)
    cl::HideUnrelatedOptions(categories, *verb);
  cl::HideUnrelatedOptions(categories);
  registerMLIROptions(llvm::to_vector(flags.all.getSubCommands()));
  cl::SetVersionPrinter([](llvm::raw_ostream &stream) {
    stream << "groupnorm " GROUPNORM_VERSION " (LLVM " LLVM_VERSION_STRING
              ")\n";
  });

  // The program's name in messages and help is the plain one, not its path.
  argv[0] = const_cast<char *>("groupnorm");
  std::string complaint;
  llvm::raw_string_ostream stream(complaint);
  ErrorCapture capture;
  bool parsed = cl::ParseCommandLineOptions(
      argc, argv,
      "Group normalization, compiled: from an MLIR op to machine code\n",
      &stream);
  complaint += capture.finish();
  if (!parsed)
    return usage(cleanMessage("groupnorm", complaint));
  for (auto [verb, kind] : verbs)
    if (*verb)
      return makeOptions(flags, kind);
  return usage(
      "a verb is missing: run, emit, verify, bench, explain or tune; try "
      "'groupnorm --help'");
}

Expected<reference::Problem> tool::makeProblem(const Options &options,
                                               llvm::ArrayRef<int64_t> shape) {
  reference::Problem problem;
  int64_t rank = shape.size();
  if (rank < 2)
    return llvm::createStringError(llvm::formatv(
        "x has the shape {0}, but needs two dimensions or more: N, "
        "spatial..., C",
        runtime::formatShape(shape)));
  problem.shape = llvm::SmallVector<int64_t>(shape);
  problem.featureDim = options.featureDim.value_or(rank - 1);
  if (problem.featureDim < 1 || problem.featureDim >= rank)
    return llvm::createStringError(llvm::formatv(
        "--feature-dim: {0} is not in [1, {1})", problem.featureDim, rank));
  int64_t features = problem.getNumFeatures();
  if (features < 1)
    return llvm::createStringError(llvm::formatv(
        "the number of features (dimension {0} of x) must be known and "
        "positive",
        problem.featureDim));
  if (features % options.numGroups != 0)
    return llvm::createStringError(llvm::formatv(
        "{0} features cannot be divided into {1} groups of one size", features,
        options.numGroups));
  problem.numGroups = options.numGroups;
  problem.epsilon = options.epsilon;
  problem.grouping = options.grouping;
  problem.epsilonPlacement = options.epsilonPlacement;
  return problem;
}
