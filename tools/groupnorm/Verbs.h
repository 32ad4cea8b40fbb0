//===- Verbs.h - What groupnorm does ----------------------------*- C++ -*-===//

#ifndef GROUPNORM_TOOLS_GROUPNORM_VERBS_H
#define GROUPNORM_TOOLS_GROUPNORM_VERBS_H

#include "Options.h"
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

/// Compares the result `y` with the exact one; x is overwritten.
reference::Comparison compareWithReference(const reference::Problem &problem,
                                           std::vector<double> &x,
                                           llvm::ArrayRef<double> gamma,
                                           llvm::ArrayRef<double> beta,
                                           const runtime::HostArray &y);

} // namespace gn::tool

#endif // GROUPNORM_TOOLS_GROUPNORM_VERBS_H
