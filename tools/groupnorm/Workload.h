//===- Workload.h - A problem with its arrays -------------------*- C++ -*-===//

#ifndef GROUPNORM_TOOLS_GROUPNORM_WORKLOAD_H
#define GROUPNORM_TOOLS_GROUPNORM_WORKLOAD_H

#include "Options.h"
#include "groupnorm/Reference/TestData.h"
#include "groupnorm/Runtime/CPUEngine.h"

namespace gn::tool {
class Executable;

/// x, gamma and beta with data in them, and memory for y, for whoever computes
/// one problem many times.
class Workload {
public:
  static llvm::Expected<Workload> create(const Options &options,
                                         const reference::Problem &problem);

  /// Fills x by the pattern, and the parameters by random numbers.
  void fill(reference::Pattern pattern);
  /// Computes what is to come out for the data that x holds now.
  void computeReference();
  /// Compares y with that.
  reference::Comparison compare() const;

  runtime::HostArray &getX() { return arrays.front(); }
  runtime::HostArray &getY() { return arrays.back(); }
  /// The arguments of the compiled function.
  llvm::ArrayRef<void *> getPointers() const { return pointers; }
  /// Calls the function on the arrays.
  llvm::Error call(const runtime::CPUEngine &engine) const;
  llvm::Error run(Executable &executable);

private:
  Workload(const reference::Problem &problem) : problem(problem) {}

  reference::Problem problem;
  llvm::SmallVector<runtime::HostArray> arrays;
  llvm::SmallVector<void *> pointers;
  std::vector<double> reference;
  std::vector<reference::Statistics> statistics;
};

} // namespace gn::tool

#endif // GROUPNORM_TOOLS_GROUPNORM_WORKLOAD_H
