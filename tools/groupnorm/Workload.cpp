//===- Workload.cpp - A problem with its arrays ---------------------------===//

#include "Workload.h"
#include "Executable.h"

using namespace gn;
using namespace gn::tool;
using namespace gn::runtime;
using llvm::Error;
using llvm::Expected;

Expected<Workload> Workload::create(const Options &options,
                                    const reference::Problem &problem) {
  Workload workload(problem);
  int64_t features = problem.getNumFeatures();
  llvm::SmallVector<llvm::SmallVector<int64_t>> shapes(2, problem.shape);
  if (options.affine)
    shapes.insert(shapes.begin() + 1, 2, {features});
  for (llvm::ArrayRef<int64_t> shape : shapes) {
    Expected<HostArray> array = HostArray::splat(options.type, shape, 0);
    if (!array)
      return array.takeError();
    workload.arrays.push_back(std::move(*array));
  }
  for (HostArray &array : workload.arrays)
    workload.pointers.push_back(array.getData());
  return workload;
}

/// Numbers of N(0, 1); so many are enough that large arrays repeat them.
static std::vector<double> makeValues(size_t count, uint64_t seed) {
  constexpr size_t kEnough = 1 << 20;
  // One more than a power of two, so that no position has the same value
  // throughout.
  std::vector<double> values =
      reference::makeNoise(std::min(count, kEnough + 1), seed);
  size_t period = values.size();
  values.resize(count);
  for (size_t i = period; i < count; ++i)
    values[i] = values[i - period];
  return values;
}

void Workload::fill(reference::Pattern pattern) {
  auto [smallest, largest] = getRange(getX().getType());
  std::vector<double> noise = makeValues(getX().getNumElements(), /*seed=*/1);
  std::vector<double> values(noise.size());
  reference::fill(pattern, problem, {smallest, largest}, noise, values);
  getX().assign(values);
  for (size_t i = 1; i + 1 < arrays.size(); ++i) {
    std::vector<double> parameter =
        makeValues(arrays[i].getNumElements(), /*seed=*/1 + i);
    // The weight is around 1, the bias around 0.
    for (double &value : parameter)
      value = 0.5 * value + (i == 1 ? 1 : 0);
    arrays[i].assign(parameter);
  }
}

void Workload::computeReference() {
  reference = getX().toDoubles();
  std::vector<double> gamma, beta;
  if (arrays.size() > 2) {
    gamma = arrays[1].toDoubles();
    beta = arrays[2].toDoubles();
  }
  statistics = reference::groupNorm(problem, reference, gamma, beta, reference);
}

reference::Comparison Workload::compare() const {
  std::vector<double> gamma, beta;
  if (arrays.size() > 2) {
    gamma = arrays[1].toDoubles();
    beta = arrays[2].toDoubles();
  }
  const HostArray &y = arrays.back();
  return reference::compare(problem, statistics, gamma, beta, reference,
                            y.toDoubles(), getPrecision(y.getType()));
}

Error Workload::run(Executable &executable) {
  llvm::SmallVector<Argument> arguments;
  for (HostArray &array : arrays)
    arguments.push_back(
        {array.getData(), array, /*isInput=*/&array != &arrays.back()});
  return executable.run(arguments);
}

Error Workload::call(const CPUEngine &engine) const {
  return checkStatus(engine.call(pointers, {}));
}
