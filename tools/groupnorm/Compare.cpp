//===- Compare.cpp - What the verbs that check results share --------------===//

#include "Verbs.h"
#include "groupnorm/Runtime/HostArray.h"
#include <cmath>

using namespace gn;
using namespace gn::tool;
using runtime::HostArray;

/// The elements of the array with the given name; nothing without one.
static std::vector<double> getElements(const reference::Problem &problem,
                                       const Signature &signature,
                                       llvm::ArrayRef<const HostArray *> arrays,
                                       llvm::StringRef name) {
  for (auto [operand, array] :
       llvm::zip_equal(signature.getOperands(problem), arrays))
    if (operand.name == name)
      return array->toDoubles();
  return {};
}

Expectation::Expectation(const reference::Problem &problem,
                         const Signature &signature,
                         llvm::ArrayRef<const HostArray *> arrays)
    : problem(problem), signature(signature) {
  auto get = [&](llvm::StringRef name) {
    return getElements(problem, signature, arrays, name);
  };
  gamma = get("gamma");
  beta = get("beta");
  epilogue = {signature.activation, get("scale"), get("shift"),
              get("residual")};
  normalized = get("x");
  statistics =
      reference::groupNorm(problem, normalized, gamma, beta, normalized);
}

reference::Comparison
Expectation::compare(llvm::ArrayRef<const HostArray *> arrays) const {
  auto get = [&](llvm::StringRef name) {
    return getElements(problem, signature, arrays, name);
  };
  bool isF64 = signature.getComputeType() == runtime::ElementType::F64;
  double leastNormal = runtime::getRange(signature.y).first;
  reference::Comparison comparison = reference::compare(
      problem, statistics, gamma, beta, normalized, get("y"),
      {runtime::getPrecision(signature.y), leastNormal}, isF64, epilogue);
  if (!signature.savesStatistics)
    return comparison;
  reference::Comparison saved =
      reference::compareStatistics(statistics, get("mean"), get("rstd"), isF64);
  comparison.misplaced += saved.misplaced;
  comparison.worst = std::fmax(comparison.worst, saved.worst);
  return comparison;
}
