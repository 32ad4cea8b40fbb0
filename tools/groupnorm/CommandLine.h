//===- CommandLine.h - The flags of groupnorm -------------------*- C++ -*-===//
//
// What each verb takes and what its help says; Options.cpp makes sense of it.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_TOOLS_GROUPNORM_COMMANDLINE_H
#define GROUPNORM_TOOLS_GROUPNORM_COMMANDLINE_H

#include "Options.h"
#include "llvm/Support/CommandLine.h"

namespace gn::tool {
namespace cl = llvm::cl;

/// Text that is not empty: an empty one is most often a variable of a shell's
/// that has not been set.
class TextParser : public cl::parser<std::string> {
public:
  using parser::parser;
  bool parse(cl::Option &option, llvm::StringRef, llvm::StringRef text,
             std::string &value) {
    value = text.str();
    return text.empty() && option.error("requires a value");
  }
};
using Text = cl::opt<std::string, /*ExternalStorage=*/false, TextParser>;
using Texts = cl::list<std::string, bool, TextParser>;

struct CommandLine {
  cl::SubCommand run{"run", "Compile for this machine and run on .npy files"};
  cl::SubCommand emit{"emit", "Print or write the code of any stage"};
  cl::SubCommand verify{
      "verify", "Compare generated code with the exact reference on data that "
                "breaks careless code"};
  cl::SubCommand bench{
      "bench",
      "Time generated code beside copies, or count the bytes it moves"};
  cl::SubCommand explain{
      "explain", "Say which schedule is chosen, why, and what it moves"};
  cl::SubCommand tune{"tune", "Search for a faster schedule by measurement"};

  /// All verbs; those that are given a shape rather than an x; those that obey
  /// a schedule; those that take a module in place of a problem; those that run
  /// nothing, and so may be for another machine; those that run code once;
  /// those that know more than the CPU.
  cl::SubCommandGroup all{&run, &emit, &verify, &bench, &explain, &tune};
  cl::SubCommandGroup shaped{&emit, &verify, &bench, &explain, &tune};
  cl::SubCommandGroup scheduled{&run, &emit, &verify, &bench, &explain};
  cl::SubCommandGroup modular{&run, &emit, &verify};
  cl::SubCommandGroup portable{&emit, &explain};
  cl::SubCommandGroup running{&run, &verify};
  cl::SubCommandGroup targeted{&run, &emit, &verify, &bench};

  cl::OptionCategory problem{"The problem"};
  cl::OptionCategory code{"The generated code"};
  cl::OptionCategory measurement{"The measurement"};
  cl::OptionCategory files{"Input and output"};

  Text moduleFile{cl::Positional, cl::desc("[module.mlir]"), cl::sub(modular),
                  cl::cat(problem)};
  Text shape{"shape",
             cl::desc("Shape of x; '?' is a size known at run time (emit)"),
             cl::value_desc("NxHxWxC"), cl::sub(shaped), cl::cat(problem)};
  Text type{"dtype",         cl::desc("Element type: f16, bf16, f32 or f64"),
            cl::init("f32"), cl::value_desc("type"),
            cl::sub(shaped), cl::cat(problem)};
  cl::opt<long long> numGroups{
      "num-groups", cl::desc("Number of groups, a divisor of the features"),
      cl::sub(all), cl::value_desc("G"), cl::cat(problem)};
  cl::opt<double> epsilon{"eps",
                          cl::desc("Added to the variance (default 1e-5)"),
                          cl::init(1e-5),
                          cl::sub(all),
                          cl::value_desc("e"),
                          cl::cat(problem)};
  cl::opt<bool> contiguous{
      "pytorch-compatible",
      cl::desc("Group g is features g*C/G to (g+1)*C/G-1; without it, features "
               "g, g+G, g+2G..."),
      cl::sub(all), cl::cat(problem)};
  cl::opt<bool> noAffine{"no-affine",
                         cl::desc("Leave out the weight and the bias"),
                         cl::sub(all), cl::cat(problem)};
  cl::opt<EpsilonPlacement> epsilonPlacement{
      "epsilon-placement",
      cl::desc("Where epsilon is added"),
      cl::values(clEnumValN(EpsilonPlacement::InsideSqrt, "inside_sqrt",
                            "1/sqrt(var + eps) (default)"),
                 clEnumValN(EpsilonPlacement::OutsideSqrt, "outside_sqrt",
                            "1/(sqrt(var) + eps)")),
      cl::init(EpsilonPlacement::InsideSqrt),
      cl::sub(all),
      cl::cat(problem)};
  cl::opt<long long> featureDim{
      "feature-dim",
      cl::desc("Dimension of x that holds the features (default the last)"),
      cl::value_desc("D"), cl::sub(all), cl::cat(problem)};

  cl::opt<reference::Activation> activation{
      "activation",
      cl::desc("Fused activation, of y, or of y * (1 + scale) + shift + "
               "residual:"),
      cl::values(
          clEnumValN(reference::Activation::SiLU, "silu", "v / (1 + exp(-v))"),
          clEnumValN(reference::Activation::ReLU, "relu", "max(v, 0)"),
          clEnumValN(reference::Activation::LeakyReLU, "leaky_relu",
                     "v, or v/100 below 0"),
          clEnumValN(reference::Activation::GELU, "gelu",
                     "v/2 * (1 + erf(v / sqrt(2)))"),
          clEnumValN(reference::Activation::GELUTanh, "gelu_tanh",
                     "its approximation by tanh")),
      cl::init(reference::Activation::None),
      cl::sub(all),
      cl::cat(problem)};
  cl::opt<bool> withScaleShift{
      "with-scale-shift",
      cl::desc("Multiply y by 1 + scale and add shift, each of shape NxC"),
      cl::sub(shaped), cl::cat(problem)};
  cl::opt<bool> withResidual{"with-residual",
                             cl::desc("Add a residual of the shape of x"),
                             cl::sub(shaped), cl::cat(problem)};
  cl::opt<bool> withStatistics{
      "with-stats",
      cl::desc("Write the mean and 1/deviation of each group too, NxG"),
      cl::sub(shaped), cl::cat(problem)};
  Text weightType{
      "weight-dtype",
      cl::desc("Element type of the weight and the bias (default x's)"),
      cl::value_desc("type"), cl::sub(shaped), cl::cat(problem)};
  Text outType{
      "out-dtype",
      cl::desc("Element type of the result (default the wider of x's and the "
               "weight's)"),
      cl::value_desc("type"), cl::sub(all), cl::cat(problem)};

  cl::opt<Target> target{"target",
                         cl::desc("Kind of machine:"),
                         cl::values(clEnumValN(Target::CPU, "cpu",
                                               "affine loops, by LLVM "
                                               "(default)"),
                                    clEnumValN(Target::Metal, "metal",
                                               "kernels in Metal Shading "
                                               "Language")),
                         cl::init(Target::CPU),
                         cl::sub(targeted),
                         cl::cat(code)};
  cl::opt<unsigned> threads{
      "threads",
      cl::desc("0: as many as OpenMP offers at run time (default); 1: none, no "
               "OpenMP at all; T: exactly T"),
      cl::init(0),
      cl::value_desc("T"),
      cl::sub(all),
      cl::cat(code)};
  Text schedule{
      "schedule",
      cl::desc("Schedule to obey, such as '#gn.cpu_schedule<chunk = 32>' or "
               "'#gn.metal_schedule<strategy = split>'; tune starts from it"),
      cl::value_desc("attribute"), cl::sub(all), cl::cat(code)};
  Text scheduleFile{
      "schedule-file",
      cl::desc("Schedules to obey, as 'groupnorm tune' writes them; what the "
               "file has none for gets a warning, and the usual one"),
      cl::value_desc("file"), cl::sub(scheduled), cl::cat(code)};
  cl::opt<bool> simulate{
      "simulate",
      cl::desc("Run Metal kernels in the simulator even where there is a GPU"),
      cl::sub(running), cl::cat(code)};
  cl::opt<bool> checked{
      "checked",
      cl::desc("Run Metal kernels in the simulator, look for races, stray "
               "accesses and the like, and count the bytes that they move"),
      cl::sub(running), cl::cat(code)};
  Text targetTriple{"target-triple",
                    cl::desc("Machine to emit code for (default this one)"),
                    cl::value_desc("triple"), cl::sub(portable), cl::cat(code)};
  Text targetCPU{"target-cpu",
                 cl::desc("CPU to emit code for (default this one)"),
                 cl::value_desc("name"), cl::sub(portable), cl::cat(code)};
  cl::opt<long long> l2Size{
      "l2",
      cl::desc("Bytes of a core's second-level cache (default this machine's)"),
      cl::value_desc("bytes"), cl::sub(all), cl::cat(code)};
  cl::opt<long long> l3Size{
      "l3", cl::desc("Bytes of the last-level cache (default this machine's)"),
      cl::value_desc("bytes"), cl::sub(all), cl::cat(code)};
  cl::opt<EmitKind> emitKind{
      "emit",
      cl::desc("What to emit:"),
      cl::values(
          clEnumValN(EmitKind::MLIR, "mlir", "the gn op on tensors (default)"),
          clEnumValN(EmitKind::Affine, "affine", "affine loops"),
          clEnumValN(EmitKind::LLVM, "llvm", "optimized LLVM IR"),
          clEnumValN(EmitKind::Assembly, "asm", "assembly"),
          clEnumValN(EmitKind::Object, "obj", "object file and C header"),
          clEnumValN(EmitKind::Shared, "shared", "shared library and C header"),
          clEnumValN(EmitKind::GPU, "gpu", "GPU kernels and their launches"),
          clEnumValN(EmitKind::MSL, "msl",
                     "Metal text, and beside it a launch description (.json)"),
          clEnumValN(EmitKind::Launch, "launch", "the launch description"),
          clEnumValN(EmitKind::MLX, "mlx",
                     "Python module with a GroupNorm layer for MLX")),
      cl::init(EmitKind::MLIR),
      cl::sub(emit),
      cl::cat(code)};
  Text name{"name",
            cl::desc("Name of the emitted function"),
            cl::init("group_norm"),
            cl::value_desc("name"),
            cl::sub(emit),
            cl::cat(code)};

  cl::opt<unsigned> rounds{
      "rounds",
      cl::desc("Rounds, in each of which everything is timed (default 15)"),
      cl::init(15),
      cl::value_desc("R"),
      cl::sub(bench),
      cl::cat(measurement)};
  cl::opt<unsigned> timeLimit{
      "time-limit",  cl::desc("Seconds that the search may take (default 30)"),
      cl::init(30),  cl::value_desc("S"),
      cl::sub(tune), cl::cat(measurement)};

  Texts inputs{
      "input",
      cl::desc("x, or each argument of the module's function in turn; - is the "
               "standard input"),
      cl::value_desc("x.npy"), cl::sub(run), cl::cat(files)};
  Text weight{"weight", cl::desc("Weight of each feature (default 1)"),
              cl::value_desc("w.npy"), cl::sub(run), cl::cat(files)};
  Text bias{"bias", cl::desc("Bias of each feature (default 0)"),
            cl::value_desc("b.npy"), cl::sub(run), cl::cat(files)};
  Text scale{"scale",
             cl::desc("Scale of each feature of each sample; see "
                      "--activation"),
             cl::value_desc("s.npy"), cl::sub(run), cl::cat(files)};
  Text shift{"shift", cl::desc("Shift of each feature of each sample"),
             cl::value_desc("t.npy"), cl::sub(run), cl::cat(files)};
  Text residual{"residual",
                cl::desc("Added to the result, before the activation"),
                cl::value_desc("r.npy"), cl::sub(run), cl::cat(files)};
  Text saveStatistics{
      "save-stats",
      cl::desc("Write the mean and 1/deviation of each group of each sample to "
               "PREFIX.mean.npy and PREFIX.rstd.npy"),
      cl::value_desc("PREFIX"), cl::sub(run), cl::cat(files)};
  Texts outputs{"o",
                cl::desc("Output file; - is the standard output"),
                cl::value_desc("file"),
                cl::sub(run),
                cl::sub(emit),
                cl::sub(tune),
                cl::cat(files)};
  Text json{"json",
            cl::desc("Write every sample, as JSON; - is the standard output"),
            cl::value_desc("file"), cl::sub(bench), cl::cat(files)};
  cl::opt<bool> inPlace{
      "in-place",
      cl::desc("Let the function write the first result over the first input, "
               "in memory; fails where it may not"),
      cl::sub(run), cl::cat(code)};
  cl::opt<bool> check{"verify",
                      cl::desc("Compare the result with the exact reference"),
                      cl::sub(run), cl::cat(files)};
};

} // namespace gn::tool

#endif // GROUPNORM_TOOLS_GROUPNORM_COMMANDLINE_H
