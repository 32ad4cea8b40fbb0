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
  Workload workload(problem, Signature::create(options, options.type));
  for (const Signature::Operand &operand :
       workload.signature.getOperands(problem)) {
    Expected<HostArray> array =
        HostArray::splat(operand.type, operand.shape, 0);
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
  for (auto [i, operand] : llvm::enumerate(signature.getOperands(problem))) {
    if (!operand.isInput || operand.name == "x")
      continue;
    std::vector<double> parameter =
        makeValues(arrays[i].getNumElements(), /*seed=*/1 + i);
    // The weight is around 1, the others around 0.
    for (double &value : parameter)
      value = 0.5 * value + (operand.name == "gamma" ? 1 : 0);
    arrays[i].assign(parameter);
  }
}

HostArray &Workload::getY() {
  for (auto [i, operand] : llvm::enumerate(signature.getOperands(problem)))
    if (operand.name == "y")
      return arrays[i];
  llvm_unreachable("there is a y");
}

llvm::SmallVector<const HostArray *> Workload::getArrays() const {
  return llvm::map_to_vector(arrays,
                             [](const HostArray &array) { return &array; });
}

void Workload::computeReference() {
  expectation.emplace(problem, signature, getArrays());
}

reference::Comparison Workload::compare() const {
  return expectation->compare(getArrays());
}

Error Workload::run(Executable &executable) {
  llvm::SmallVector<Argument> arguments;
  for (auto [operand, array] :
       llvm::zip_equal(signature.getOperands(problem), arrays))
    arguments.emplace_back(array.getData(), array, operand.isInput);
  return executable.run(arguments);
}

Error Workload::call(const CPUEngine &engine) const {
  return checkStatus(engine.call(pointers, {}));
}
