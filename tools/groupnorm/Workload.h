//===- Workload.h - A problem with its arrays -------------------*- C++ -*-===//

#ifndef GROUPNORM_TOOLS_GROUPNORM_WORKLOAD_H
#define GROUPNORM_TOOLS_GROUPNORM_WORKLOAD_H

#include "Options.h"
#include "Verbs.h"
#include "groupnorm/Reference/TestData.h"
#include "groupnorm/Runtime/CPUEngine.h"

namespace gn::tool {
class Executable;

/// The arrays of one function, with data in its inputs, for whoever computes
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
  runtime::HostArray &getY();
  /// The arguments of the compiled function.
  llvm::ArrayRef<void *> getPointers() const { return pointers; }
  /// Calls the function on the arrays.
  llvm::Error call(const runtime::CPUEngine &engine) const;
  llvm::Error run(Executable &executable);

private:
  Workload(const reference::Problem &problem, const Signature &signature)
      : problem(problem), signature(signature) {}

  llvm::SmallVector<const runtime::HostArray *> getArrays() const;

  reference::Problem problem;
  Signature signature;
  llvm::SmallVector<runtime::HostArray> arrays;
  llvm::SmallVector<void *> pointers;
  std::optional<Expectation> expectation;
};

} // namespace gn::tool

#endif // GROUPNORM_TOOLS_GROUPNORM_WORKLOAD_H
