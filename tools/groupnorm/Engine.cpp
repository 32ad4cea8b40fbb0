//===- Engine.cpp - What the verbs that run code share --------------------===//

#include "Verbs.h"
#include "groupnorm/Transforms/CInterface.h"
#include "llvm/Support/FormatVariadic.h"

using namespace gn;
using namespace gn::tool;
using llvm::Error;

std::string tool::describeEngine(const Options &options) {
  unsigned threads =
      options.threads == 0 ? runtime::getOpenMPThreads() : options.threads;
  return llvm::formatv("cpu: {0}, {1} thread{2}",
                       runtime::getHostCPUDescription(), threads,
                       threads == 1 ? "" : "s");
}

Error tool::checkStatus(int32_t status) {
  if (status == static_cast<int32_t>(CStatus::Success))
    return Error::success();
  return llvm::createStringError(
      llvm::formatv("the generated code returned {0}: {1}", status,
                    getText(static_cast<CStatus>(status)).meaning));
}

reference::Comparison
tool::compareWithReference(const reference::Problem &problem,
                           std::vector<double> &x, llvm::ArrayRef<double> gamma,
                           llvm::ArrayRef<double> beta,
                           const runtime::HostArray &y) {
  std::vector<reference::Statistics> statistics =
      reference::groupNorm(problem, x, gamma, beta, x);
  return reference::compare(problem, statistics, gamma, beta, x, y.toDoubles(),
                            runtime::getPrecision(y.getType()));
}
