//===- Measurement.cpp - Timing of contenders side by side ----------------===//

#include "groupnorm/Runtime/Measurement.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <algorithm>
#include <cmath>

#ifdef __linux__
#include <sched.h>
#endif

using namespace gn::runtime;
using llvm::Error;

std::string gn::runtime::formatTime(double seconds) {
  if (seconds < 1e-6)
    return llvm::formatv("{0:f1} ns", seconds * 1e9);
  if (seconds < 1e-3)
    return llvm::formatv("{0:f1} us", seconds * 1e6);
  if (seconds < 1)
    return llvm::formatv("{0:f2} ms", seconds * 1e3);
  return llvm::formatv("{0:f2} s", seconds);
}

double gn::runtime::getMedian(std::vector<double> values) {
  auto middle = values.begin() + values.size() / 2;
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 != 0)
    return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

std::vector<unsigned> gn::runtime::pinToCPUs(unsigned count) {
  std::vector<unsigned> cpus;
#ifdef __linux__
  cpu_set_t allowed, chosen;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
    return cpus;
  CPU_ZERO(&chosen);
  for (unsigned cpu = 0; cpu < CPU_SETSIZE && cpus.size() < count; ++cpu)
    if (CPU_ISSET(cpu, &allowed)) {
      CPU_SET(cpu, &chosen);
      cpus.push_back(cpu);
    }
  if (sched_setaffinity(0, sizeof(chosen), &chosen) != 0)
    cpus.clear();
#endif
  return cpus;
}

double Contender::getRatio(const Contender &other) const {
  std::vector<double> ratios;
  for (auto [mine, theirs] : llvm::zip(samples, other.samples))
    ratios.push_back(mine / theirs);
  return runtime::getMedian(std::move(ratios));
}

Error Contender::warmUp(double seconds) {
  for (Stopwatch watch; watch.getSeconds() < seconds;)
    if (Error error = call())
      return error;
  return Error::success();
}

Error Contender::calibrate(double seconds) {
  constexpr double kMostCalls = 1e6;
  // The first call pays for fresh memory and cold code, the second times.
  for (calls = 1;; calls *= 8) {
    if (Error error = measure())
      return error;
    double time = samples.back();
    samples.pop_back();
    // Too few calls are timed too coarsely to foretell many.
    if (time * calls < seconds / 16 && calls < kMostCalls / 8)
      continue;
    calls = std::clamp(std::ceil(seconds / time), 1.0, kMostCalls);
    return Error::success();
  }
}

Error Contender::measure() {
  if (Error error = call())
    return error;
  Stopwatch watch;
  for (unsigned i = 0; i < calls; ++i)
    if (Error error = call())
      return error;
  samples.push_back(watch.getSeconds() / calls);
  return Error::success();
}

double gn::runtime::getWarmUpTime(unsigned threads) {
  return threads > 1 ? 0.03 : 0;
}

Error gn::runtime::measureRound(llvm::ArrayRef<Contender *> contenders,
                                double sampleSeconds, double warmUpSeconds) {
  if (Error error = contenders.front()->warmUp(warmUpSeconds))
    return error;
  for (Contender *contender : contenders)
    if (contender->getNumCalls() == 0)
      if (Error error = contender->calibrate(sampleSeconds))
        return error;
  for (Contender *contender : contenders)
    if (Error error = contender->measure())
      return error;
  return Error::success();
}
