//===- GroupNorm.cpp - The exact reference of group normalization ---------===//

#include "groupnorm/Reference/GroupNorm.h"
#include <cassert>
#include <cmath>

using namespace gn;
using namespace gn::reference;
using llvm::ArrayRef;
using llvm::MutableArrayRef;

int64_t Problem::getNumElements() const {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return count;
}

int64_t Problem::getGroup(int64_t feature) const {
  if (grouping == Grouping::Interleaved)
    return feature % numGroups;
  return feature / (getNumFeatures() / numGroups);
}

View::View(const Problem &problem)
    : samples(problem.shape[0]), outer(1), features(problem.getNumFeatures()),
      inner(1) {
  for (int64_t size :
       llvm::ArrayRef(problem.shape).slice(1, problem.featureDim - 1))
    outer *= size;
  for (int64_t size :
       llvm::ArrayRef(problem.shape).drop_front(problem.featureDim + 1))
    inner *= size;
}

std::vector<Statistics> reference::groupNorm(const Problem &problem,
                                             ArrayRef<double> x,
                                             ArrayRef<double> gamma,
                                             ArrayRef<double> beta,
                                             MutableArrayRef<double> y) {
  assert(x.size() == y.size() && gamma.size() == beta.size());
  View view(problem);
  int64_t groups = problem.numGroups;
  double count =
      static_cast<double>(view.outer) * view.inner * (view.features / groups);

  std::vector<int64_t> groupOf(view.features);
  for (int64_t c = 0; c < view.features; ++c)
    groupOf[c] = problem.getGroup(c);

  // First sweep: the mean, as exact as a sum in f64 is.
  std::vector<Statistics> statistics(view.samples * groups);
  view.forEach([&](int64_t n, int64_t, int64_t c, int64_t i) {
    statistics[n * groups + groupOf[c]].mean += x[i];
  });
  for (Statistics &group : statistics)
    group.mean /= count;

  // Second sweep: the deviations from that mean. Their sum would be zero if
  // the mean were exact; what it is instead corrects both moments.
  struct Moments {
    double sum = 0, squares = 0, largest = -INFINITY, smallest = INFINITY;
  };
  std::vector<Moments> deviations(statistics.size());
  view.forEach([&](int64_t n, int64_t, int64_t c, int64_t i) {
    Moments &moments = deviations[n * groups + groupOf[c]];
    double d = x[i] - statistics[n * groups + groupOf[c]].mean;
    moments.sum += d;
    moments.squares += d * d;
    moments.largest = std::fmax(moments.largest, d);
    moments.smallest = std::fmin(moments.smallest, d);
  });
  for (auto [group, moments] : llvm::zip_equal(statistics, deviations)) {
    double correction = moments.sum / count;
    double variance = moments.squares / count - correction * correction;
    // Rounding may leave a constant group a hair below zero.
    variance = variance < 0 ? 0 : variance;
    group.mean += correction;
    group.rstd = problem.epsilonPlacement == EpsilonPlacement::InsideSqrt
                     ? 1 / std::sqrt(variance + problem.epsilon)
                     : 1 / (std::sqrt(variance) + problem.epsilon);
    group.peak =
        std::fmax(moments.largest - correction, correction - moments.smallest) *
        group.rstd;
  }

  // Third sweep: normalize, scale and shift.
  view.forEach([&](int64_t n, int64_t, int64_t c, int64_t i) {
    const Statistics &group = statistics[n * groups + groupOf[c]];
    double normalized = (x[i] - group.mean) * group.rstd;
    y[i] = gamma.empty() ? normalized : normalized * gamma[c] + beta[c];
  });
  return statistics;
}
