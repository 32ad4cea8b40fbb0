//===- TestData.cpp - Adversarial data and the error measure --------------===//

#include "groupnorm/Reference/TestData.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>
#include <limits>

using namespace gn;
using namespace gn::reference;
using llvm::ArrayRef;
using llvm::MutableArrayRef;

//===----------------------------------------------------------------------===//
// Data
//===----------------------------------------------------------------------===//

static constexpr std::pair<Pattern, llvm::StringLiteral> kPatterns[] = {
    {Pattern::Normal, "N(0,1)"},
    {Pattern::LargeMean, "1e4 + N(0,1)"},
    {Pattern::SmallSpread, "100 + 0.01*N(0,1)"},
    {Pattern::Steps, "four large steps"},
    {Pattern::Drift, "drifting mean"},
    {Pattern::OutliersFirst, "outliers first"},
    {Pattern::Constant, "constant"},
    {Pattern::Tiny, "tiny"},
    {Pattern::Huge, "huge"},
    {Pattern::NaNs, "NaN in two groups"},
    {Pattern::Infinities, "Inf in two groups"},
};

ArrayRef<Pattern> reference::getPatterns() {
  static const auto patterns = llvm::map_to_vector(
      kPatterns, [](const auto &entry) { return entry.first; });
  return patterns;
}

llvm::StringRef reference::getName(Pattern pattern) {
  return kPatterns[static_cast<size_t>(pattern)].second;
}

/// A number in (0, 1) that depends on `counter` alone: the output function of
/// the SplitMix64 generator (Steele, Lea and Flood, 2014).
static double uniform(uint64_t counter) {
  uint64_t z = (counter + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  z ^= z >> 31;
  return (static_cast<double>(z >> 11) + 0.5) * 0x1p-53;
}

std::vector<double> reference::makeNoise(size_t count, uint64_t seed) {
  // Box and Muller's transform makes two values out of two.
  std::vector<double> noise(count);
  uint64_t start = seed << 40;
  for (size_t i = 0; i < count; i += 2) {
    double radius = std::sqrt(-2 * std::log(uniform(start + i)));
    double angle = 2 * llvm::numbers::pi * uniform(start + i + 1);
    noise[i] = radius * std::cos(angle);
    if (i + 1 < count)
      noise[i + 1] = radius * std::sin(angle);
  }
  return noise;
}

/// Puts `first` into the first element and `last` into the last one: into the
/// first group of the first sample and the last group of the last sample, which
/// are the same only where there is no other.
static void place(double first, double last, MutableArrayRef<double> x) {
  if (x.empty())
    return;
  x.front() = first;
  x.back() = last;
}

void reference::fill(Pattern pattern, const Problem &problem, Range range,
                     ArrayRef<double> noise, MutableArrayRef<double> x) {
  // The contract holds for |x| up to 1e18.
  double huge = std::fmin(1e18, range.largest);
  double tiny = std::fmax(1e-20, 16 * range.smallest);
  double firstStep = range.largest > 1e5 ? 80000 : 2000;
  View view(problem);
  double positions = static_cast<double>(view.outer) * view.inner;
  // Few enough to leave most chunks alone, and at least one.
  int64_t outliers = std::max<int64_t>(1, view.outer * view.inner / 512);
  view.forEach([&](int64_t, int64_t position, int64_t, int64_t i) {
    double value = noise[i];
    switch (pattern) {
    case Pattern::Normal:
    case Pattern::NaNs:
    case Pattern::Infinities:
      break;
    case Pattern::LargeMean:
      value += 1e4;
      break;
    case Pattern::SmallSpread:
      value = 100 + 0.01 * value;
      break;
    case Pattern::Steps:
      value = firstStep + (position + i) % 4;
      break;
    case Pattern::Drift:
      value += 1000 * (position / positions);
      break;
    case Pattern::OutliersFirst:
      value *= position < outliers ? 1e4 : 1;
      break;
    case Pattern::Constant:
      value = 1234.5678;
      break;
    case Pattern::Tiny:
      value *= tiny;
      break;
    case Pattern::Huge:
      value = std::fmax(-1, std::fmin(1, value / 4)) * huge;
      break;
    }
    x[i] = value;
  });
  double infinity = std::numeric_limits<double>::infinity();
  double nan = std::numeric_limits<double>::quiet_NaN();
  if (pattern == Pattern::NaNs)
    place(nan, nan, x);
  if (pattern == Pattern::Infinities)
    place(infinity, -infinity, x);
}

//===----------------------------------------------------------------------===//
// Error measure
//===----------------------------------------------------------------------===//

Comparison reference::compare(const Problem &problem,
                              ArrayRef<Statistics> statistics,
                              ArrayRef<double> gamma, ArrayRef<double> beta,
                              ArrayRef<double> reference,
                              ArrayRef<double> result,
                              const ResultType &resultType, bool computesInF64,
                              const Epilogue &epilogue) {
  // Half a unit in the last place of a number in [1, 2), and room for the one
  // rounding more that an addition of beta costs.
  double resultRounding = std::ldexp(1.0, -resultType.precision);
  double unit = computesInF64 ? 1e-6 : 1;
  double betaRounding = unit * std::ldexp(1.0, -23);

  std::vector<double> groupTolerance(statistics.size());
  for (auto [tolerance, group] : llvm::zip_equal(groupTolerance, statistics)) {
    tolerance =
        unit * std::fmax(std::fmin(2e-6 * group.peak, 4e-6), 5e-7 * group.peak);
    // What the oracle's own roundings in f64 may amount to.
    tolerance += std::ldexp(std::fabs(group.mean) * group.rstd, -50);
  }
  std::vector<int64_t> groupOf(problem.getNumFeatures());
  for (int64_t c = 0; c < problem.getNumFeatures(); ++c)
    groupOf[c] = problem.getGroup(c);

  Comparison comparison;
  bool hasEpilogue = !epilogue.isEmpty();
  View(problem).forEach([&](int64_t n, int64_t, int64_t c, int64_t i) {
    double wanted = reference[i], found = result[i];
    int64_t feature = n * problem.getNumFeatures() + c;
    if (hasEpilogue)
      wanted = activate(epilogue.activation,
                        epilogue.beforeActivation(wanted, feature, i));
    if (!std::isfinite(wanted) || !std::isfinite(found)) {
      bool same = std::isnan(wanted) ? std::isnan(found) : wanted == found;
      comparison.misplaced += !same;
      return;
    }
    double tolerance = groupTolerance[n * problem.numGroups + groupOf[c]];
    if (!gamma.empty())
      tolerance =
          tolerance * std::fabs(gamma[c]) + betaRounding * std::fabs(beta[c]);
    if (hasEpilogue) {
      // No activation is steeper than this.
      constexpr double kSlope = 1.13;
      if (!epilogue.scale.empty())
        tolerance *= std::fabs(1 + epilogue.scale[feature]);
      tolerance =
          kSlope * tolerance +
          4 * betaRounding * epilogue.getMagnitude(reference[i], feature, i);
    }
    // Below the normal numbers a unit gets no smaller.
    tolerance +=
        resultRounding * std::fmax(std::fabs(wanted), resultType.leastNormal);
    double error = std::fabs(found - wanted);
    comparison.maxError = std::fmax(comparison.maxError, error);
    // An exact result passes even where nothing is tolerated.
    double ratio = error == 0 ? 0 : error / tolerance;
    if (ratio > comparison.worst || comparison.tolerance == 0) {
      comparison.worst = std::fmax(ratio, comparison.worst);
      comparison.tolerance = tolerance;
    }
  });
  return comparison;
}

Comparison reference::compareStatistics(ArrayRef<Statistics> statistics,
                                        ArrayRef<double> mean,
                                        ArrayRef<double> rstd,
                                        bool computesInF64) {
  double unit = computesInF64 ? 1e-6 : 1;
  double rounding = unit * std::ldexp(1.0, -23);
  Comparison comparison;
  auto check = [&](double wanted, double found, double tolerance) {
    if (!std::isfinite(wanted)) {
      comparison.misplaced += std::isfinite(found) && found != 0;
      return;
    }
    double error = std::fabs(found - wanted);
    double ratio = error == 0 ? 0 : error / tolerance;
    comparison.maxError = std::fmax(comparison.maxError, error);
    comparison.misplaced += !std::isfinite(found);
    comparison.worst = std::fmax(comparison.worst, ratio);
  };
  for (auto [group, foundMean, foundRstd] :
       llvm::zip_equal(statistics, mean, rstd)) {
    // An error of the mean matters as far as the normalization scales it.
    check(group.mean, foundMean,
          rounding * std::fabs(group.mean) + unit * 5e-7 / group.rstd);
    check(group.rstd, foundRstd, 2e-6 * unit * group.rstd);
  }
  return comparison;
}
