//===- TestData.h - Adversarial data and the error measure ------*- C++ -*-===//
//
// Input that breaks careless group normalization, the same on every machine,
// and the tolerance that a result is held to.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_REFERENCE_TESTDATA_H
#define GROUPNORM_REFERENCE_TESTDATA_H

#include "groupnorm/Reference/Epilogue.h"
#include "groupnorm/Reference/GroupNorm.h"
#include "llvm/ADT/StringRef.h"

namespace gn::reference {

/// The normal numbers of the type that data is stored in. Patterns that would
/// leave it use the largest and smallest numbers that it has.
struct Range {
  double smallest, largest;
};

enum class Pattern {
  Normal,        ///< N(0, 1)
  LargeMean,     ///< 1e4 + N(0, 1)
  SmallSpread,   ///< 100 + 0.01 * N(0, 1)
  Steps,         ///< 80000, 80001, 80002, 80003 in turn, or 2000 and up
  Drift,         ///< the mean moves from 0 to 1000 over the positions
  OutliersFirst, ///< the first positions are 1e4 times as large as the others
  Constant,      ///< one value throughout
  Tiny,          ///< 1e-20 * N(0, 1)
  Huge,          ///< 1e18 * N(0, 1), cut off at 1e18
  NaNs,          ///< N(0, 1) with one NaN each in two groups
  Infinities,    ///< N(0, 1) with one infinity each in two groups
};

/// All patterns, in the order above.
llvm::ArrayRef<Pattern> getPatterns();
/// What a table calls the pattern.
llvm::StringRef getName(Pattern pattern);

/// `count` values of N(0, 1) that depend on `seed` alone.
std::vector<double> makeNoise(size_t count, uint64_t seed);

/// Fills x by `pattern`, out of as many values of noise.
void fill(Pattern pattern, const Problem &problem, Range range,
          llvm::ArrayRef<double> noise, llvm::MutableArrayRef<double> x);

/// How far a result is from the reference.
struct Comparison {
  /// The largest |result - reference| over the elements that are finite in
  /// both.
  double maxError = 0;
  /// The tolerance of the element that comes closest to its own.
  double tolerance = 0;
  /// That element's |result - reference| / tolerance.
  double worst = 0;
  /// Elements that are NaN or infinite in one of the two alone.
  int64_t misplaced = 0;

  bool passed() const { return misplaced == 0 && worst <= 1; }
};

/// What a result is rounded to.
struct ResultType {
  int precision; // bits
  double leastNormal;
};

/// Compares `result` with `reference`, element by element. An element whose
/// group reaches a normalized magnitude of `peak` may be off by
///
///     |gamma| * max(min(2e-6 * peak, 4e-6), 5e-7 * peak)
///
/// and by the rounding of beta and of the result itself to its type; for
/// computation in f64 a millionth of that. x counts as it was stored, so that
/// its rounding costs nothing. Elements that are NaN or infinite must be just
/// that in both.
///
/// `reference` is normalized; what is expected is `epilogue` of it. That scales
/// the tolerance by its slope, and adds a few roundings of what it works on.
Comparison compare(const Problem &problem,
                   llvm::ArrayRef<Statistics> statistics,
                   llvm::ArrayRef<double> gamma, llvm::ArrayRef<double> beta,
                   llvm::ArrayRef<double> reference,
                   llvm::ArrayRef<double> result, const ResultType &resultType,
                   bool computesInF64, const Epilogue &epilogue = {});

/// Compares the mean and the reciprocal deviation of each sample and group with
/// those of the reference. Infinite data may make either NaN or infinite.
Comparison compareStatistics(llvm::ArrayRef<Statistics> statistics,
                             llvm::ArrayRef<double> mean,
                             llvm::ArrayRef<double> rstd, bool computesInF64);

} // namespace gn::reference

#endif // GROUPNORM_REFERENCE_TESTDATA_H
