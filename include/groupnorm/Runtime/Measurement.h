//===- Measurement.h - Timing of contenders side by side --------*- C++ -*-===//
//
// What one contender takes compared with another is more stable than either
// time: a shared machine slows both down together. So contenders take turns,
// round by round, and are compared within a round. (Google Benchmark repeats or
// shuffles its benchmarks, but does not pair their samples.)
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_RUNTIME_MEASUREMENT_H
#define GROUPNORM_RUNTIME_MEASUREMENT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace gn::runtime {

class Stopwatch {
public:
  double getSeconds() const {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }

private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now();
};

/// "1.23 ms".
std::string formatTime(double seconds);

/// The middle of the values, which must not be none.
double getMedian(std::vector<double> values);

/// Keeps the process, and the threads that it starts from now on, to as many
/// CPUs of those that it may use. Returns them: fewer where there are fewer,
/// and none where the system cannot do it.
std::vector<unsigned> pinToCPUs(unsigned count);

/// One thing to time, and its samples: seconds a call, one for each round.
class Contender {
public:
  Contender(std::string name, std::function<llvm::Error()> call)
      : name(std::move(name)), call(std::move(call)) {}

  const std::string &getName() const { return name; }
  /// Calls in one sample.
  unsigned getNumCalls() const { return calls; }
  llvm::ArrayRef<double> getSamples() const { return samples; }
  double getMedian() const { return runtime::getMedian(samples); }
  /// The median of the ratio of this time to the other's in the same round.
  double getRatio(const Contender &other) const;

  /// Calls until `seconds` have passed, or not at all.
  llvm::Error warmUp(double seconds);
  /// Warms up, and chooses so many calls that a sample takes `seconds`.
  llvm::Error calibrate(double seconds);
  /// Takes one sample, after a call that puts the caches into the state that
  /// this contender leaves behind.
  llvm::Error measure();
  void forget() { samples.clear(); }

private:
  std::string name;
  std::function<llvm::Error()> call;
  unsigned calls = 0;
  std::vector<double> samples;
};

/// How long threads are called, in seconds, before they are timed: they wake up
/// on whatever CPU the kernel thinks of, two on one for up to 20 ms, before
/// they are spread. One thread has nothing to wait for.
double getWarmUpTime(unsigned threads);

/// One more sample of each, in turn, once the first has been called for
/// `warmUpSeconds`. Contenders that were not calibrated are.
llvm::Error measureRound(llvm::ArrayRef<Contender *> contenders,
                         double sampleSeconds, double warmUpSeconds);

} // namespace gn::runtime

#endif // GROUPNORM_RUNTIME_MEASUREMENT_H
