//===- Verbs.h - What groupnorm does ----------------------------*- C++ -*-===//

#ifndef GROUPNORM_TOOLS_GROUPNORM_VERBS_H
#define GROUPNORM_TOOLS_GROUPNORM_VERBS_H

#include "Options.h"
#include "Signature.h"
#include "groupnorm/Reference/TestData.h"

namespace gn::tool {

llvm::Error runOnFiles(const Options &options);
llvm::Error runModuleOnFiles(const Options &options);
llvm::Error emitCode(const Options &options);
llvm::Error verifyCode(const Options &options);
llvm::Error benchCode(const Options &options);
llvm::Error benchMetal(const Options &options);
llvm::Error explainSchedule(const Options &options);
llvm::Error tuneSchedule(const Options &options);

/// What is to come out of the arrays of a function, in the order of its
/// signature.
struct Expectation {
  Expectation(const reference::Problem &problem, const Signature &signature,
              llvm::ArrayRef<const runtime::HostArray *> arrays);
  /// Compares what the arrays of the results hold with it.
  reference::Comparison
  compare(llvm::ArrayRef<const runtime::HostArray *> arrays) const;

private:
  reference::Problem problem;
  Signature signature;
  reference::Epilogue epilogue;
  std::vector<double> gamma, beta, normalized;
  std::vector<reference::Statistics> statistics;
};

/// Compares the results among the arrays with what is to come out of the
/// others.
inline reference::Comparison
compareWithReference(const reference::Problem &problem,
                     const Signature &signature,
                     llvm::ArrayRef<const runtime::HostArray *> arrays) {
  return Expectation(problem, signature, arrays).compare(arrays);
}

} // namespace gn::tool

#endif // GROUPNORM_TOOLS_GROUPNORM_VERBS_H
