//===- GNAlternatives.cpp - Schedules for sizes at run time ---------------===//

#include "groupnorm/Dialect/GN/IR/GN.h"

using namespace mlir;
using namespace gn;

using EmitError = function_ref<InFlightDiagnostic()>;

static LogicalResult verifyBounds(EmitError emitError, int64_t minSamples,
                                  int64_t positions, int64_t total) {
  for (auto [name, bound] :
       {std::pair("min_samples", minSamples), std::pair("positions", positions),
        std::pair("total", total)})
    if (bound < 0)
      return emitError() << name << " = " << bound << " is negative";
  return success();
}

template <typename AlternativeAttr>
static LogicalResult verifyList(EmitError emitError,
                                ArrayRef<AlternativeAttr> alternatives,
                                size_t most) {
  if (alternatives.empty() || alternatives.size() > most)
    return emitError() << alternatives.size() << " alternatives, not 1 to "
                       << most;
  for (AlternativeAttr alternative : alternatives.drop_back())
    if (!alternative.isBounded())
      return emitError() << "an alternative behind " << alternative
                         << " is never chosen";
  if (alternatives.back().isBounded())
    return emitError() << "the last alternative has a bound: "
                       << alternatives.back() << " does not serve all sizes";
  return success();
}

template <typename AlternativeAttr>
static LogicalResult verifyEach(ArrayRef<AlternativeAttr> alternatives,
                                Operation *op) {
  for (AlternativeAttr alternative : alternatives)
    if (failed(alternative.getSchedule().verifyFor(op)))
      return failure();
  return success();
}

LogicalResult CPUAlternativeAttr::verify(EmitError emitError,
                                         int64_t minSamples, int64_t positions,
                                         int64_t total, CPUScheduleAttr) {
  return verifyBounds(emitError, minSamples, positions, total);
}

LogicalResult
CPUAlternativesAttr::verify(EmitError emitError,
                            ArrayRef<CPUAlternativeAttr> alternatives) {
  return verifyList(emitError, alternatives, kMost);
}

LogicalResult CPUAlternativesAttr::verifyFor(Operation *op) const {
  return verifyEach(getAlternatives(), op);
}

LogicalResult MetalAlternativeAttr::verify(EmitError emitError,
                                           int64_t minSamples,
                                           int64_t positions, int64_t total,
                                           MetalScheduleAttr) {
  return verifyBounds(emitError, minSamples, positions, total);
}

LogicalResult
MetalAlternativesAttr::verify(EmitError emitError,
                              ArrayRef<MetalAlternativeAttr> alternatives) {
  return verifyList(emitError, alternatives, kMost);
}

LogicalResult MetalAlternativesAttr::verifyFor(Operation *op) const {
  return verifyEach(getAlternatives(), op);
}
