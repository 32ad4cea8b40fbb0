//===- groupnorm.cpp - The driver -----------------------------------------===//
//
// One verb each for running, emitting, verifying, timing, explaining and tuning
// compiled group normalization. An error is one line; its exit status is 1, or
// 2 for a mistake on the command line.
//
//===----------------------------------------------------------------------===//

#include "Options.h"
#include "Verbs.h"
#include "groupnorm/Conversion/Passes.h"
#include "groupnorm/Dialect/GN/Transforms/Passes.h"
#include "groupnorm/Support/StandardStreams.h"
#include "groupnorm/Transforms/Passes.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/InitLLVM.h"

using namespace gn;
using namespace gn::tool;
using llvm::Error;
using llvm::Expected;

static Error execute(const Options &options) {
  switch (options.verb) {
  case Verb::Run:
    return options.moduleFile.empty() ? runOnFiles(options)
                                      : runModuleOnFiles(options);
  case Verb::Emit:
    return emitCode(options);
  case Verb::Verify:
    return verifyCode(options);
  case Verb::Bench:
    return options.machine == Target::Metal ? benchMetal(options)
                                            : benchCode(options);
  case Verb::Explain:
    return explainSchedule(options);
  case Verb::Tune:
    return tuneSchedule(options);
  }
  llvm_unreachable("all verbs are listed");
}

int main(int argc, char **argv) {
  reserveStandardStreams();
  llvm::InitLLVM init(argc, argv);
  // The names that --mlir-print-ir-after and its like may be given.
  registerGNPasses();
  registerGroupNormConversionPasses();
  registerGroupNormTransformsPasses();
  mlir::registerConversionPasses();
  mlir::registerTransformsPasses();

  Expected<Options> options = parseOptions(argc, argv);
  Error error = options ? execute(*options) : options.takeError();
  // Before an error is told, which ends what has been printed.
  Error output = flushStandardOutput();
  if (error)
    llvm::consumeError(std::move(output));
  else
    error = std::move(output);
  if (!error)
    return 0;
  int status = error.isA<UsageError>() ? 2 : 1;
  llvm::errs() << "groupnorm: error: " << llvm::toString(std::move(error))
               << "\n";
  return status;
}
