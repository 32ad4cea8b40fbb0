//===- Verbs.h - What groupnorm does ----------------------------*- C++ -*-===//

#ifndef GROUPNORM_TOOLS_GROUPNORM_VERBS_H
#define GROUPNORM_TOOLS_GROUPNORM_VERBS_H

#include "Options.h"
#include "groupnorm/Reference/TestData.h"
#include "groupnorm/Runtime/CPUEngine.h"

namespace gn::tool {

llvm::Error runOnFiles(const Options &options);
llvm::Error runModuleOnFiles(const Options &options);
llvm::Error emitCode(const Options &options);
llvm::Error verifyCode(const Options &options);

/// "cpu: AMD EPYC (znver4), 2 threads".
std::string describeEngine(const Options &options);

/// An error for every status but success.
llvm::Error checkStatus(int32_t status);

/// Compares the result `y` with the exact one; x is overwritten.
reference::Comparison compareWithReference(const reference::Problem &problem,
                                           std::vector<double> &x,
                                           llvm::ArrayRef<double> gamma,
                                           llvm::ArrayRef<double> beta,
                                           const runtime::HostArray &y);

} // namespace gn::tool

#endif // GROUPNORM_TOOLS_GROUPNORM_VERBS_H
