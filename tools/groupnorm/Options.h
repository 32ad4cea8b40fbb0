//===- Options.h - The command line of groupnorm ----------------*- C++ -*-===//

#ifndef GROUPNORM_TOOLS_GROUPNORM_OPTIONS_H
#define GROUPNORM_TOOLS_GROUPNORM_OPTIONS_H

#include "groupnorm/Reference/Epilogue.h"
#include "groupnorm/Reference/GroupNorm.h"
#include "groupnorm/Runtime/Codegen.h"
#include "groupnorm/Runtime/HostArray.h"
#include "llvm/Support/Error.h"
#include <optional>

namespace gn::tool {

/// A mistake on the command line: exit status 2.
class UsageError : public llvm::ErrorInfo<UsageError, llvm::StringError> {
public:
  static char ID;
  UsageError(const llvm::Twine &message)
      : ErrorInfo(message, llvm::inconvertibleErrorCode()) {}
};

enum class Verb { Run, Emit, Verify, Bench, Explain, Tune };
enum class Target { CPU, Metal };
enum class EmitKind {
  MLIR,
  Affine,
  LLVM,
  Assembly,
  Object,
  Shared,
  GPU,
  MSL,
  Launch,
  MLX
};

struct Options {
  Verb verb;

  // The problem: what a gn.group_norm says, or for run and emit a module of
  // its own. For verify a module that is meant to solve the problem.
  std::string moduleFile;
  /// Of x; run takes the shape of its input.
  llvm::SmallVector<int64_t> shape;
  runtime::ElementType type = runtime::ElementType::F32;
  int64_t numGroups = 0;
  double epsilon = 1e-5;
  Grouping grouping = Grouping::Interleaved;
  EpsilonPlacement epsilonPlacement = EpsilonPlacement::InsideSqrt;
  std::optional<int64_t> featureDim;
  bool affine = true;
  /// Of the weights and of the result where they are not x's own; run takes the
  /// types of its inputs.
  std::optional<runtime::ElementType> weightType, outType;
  // What is fused to it, and written beside y. For run these follow from the
  // files that are given.
  reference::Activation activation = reference::Activation::None;
  bool scaleShift = false, residual = false, statistics = false;

  // The compilation.
  Target machine = Target::CPU;
  std::string schedule, scheduleFile;
  unsigned threads = 0;
  runtime::CPUTargetOptions target;
  int64_t l2Size = 0, l3Size = 0; // bytes; 0 is this machine's

  // How Metal kernels are run.
  bool simulate = false, checked = false;

  // Files.
  std::vector<std::string> inputs, outputs;
  std::string weight, bias, scaleFile, shiftFile, residualFile;
  std::string statisticsPrefix;

  // run
  bool inPlace = false, verify = false;

  // bench
  unsigned rounds = 0;
  std::string json;

  // tune
  unsigned timeLimit = 0; // seconds

  // emit
  EmitKind emit = EmitKind::MLIR;
  std::string name;
};

/// Reads the command line. --help and --version print and end the process, as
/// they do in every tool of LLVM; every mistake is a UsageError.
llvm::Expected<Options> parseOptions(int argc, char **argv);

/// The problem that the options pose for an x of `shape`.
llvm::Expected<reference::Problem> makeProblem(const Options &options,
                                               llvm::ArrayRef<int64_t> shape);

} // namespace gn::tool

#endif // GROUPNORM_TOOLS_GROUPNORM_OPTIONS_H
