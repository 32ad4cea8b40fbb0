//===- Compare.cpp - What the verbs that check results share --------------===//

#include "Verbs.h"
#include "groupnorm/Runtime/HostArray.h"

using namespace gn;
using namespace gn::tool;

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
