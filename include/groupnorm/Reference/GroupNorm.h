//===- GroupNorm.h - The exact reference of group normalization -*- C++ -*-===//
//
// The oracle: group normalization in f64, written to be read. Tests and
// `groupnorm verify` compare generated code with it; generated code never
// calls it.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_REFERENCE_GROUPNORM_H
#define GROUPNORM_REFERENCE_GROUPNORM_H

#include "groupnorm/Dialect/GN/IR/GN.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <vector>

namespace gn::reference {

/// One problem: what gn.group_norm says in its type and attributes.
struct Problem {
  llvm::SmallVector<int64_t> shape;
  /// The dimension of `shape` that holds the features.
  int64_t featureDim = 1;
  int64_t numGroups = 1;
  double epsilon = 1e-5;
  Grouping grouping = Grouping::Interleaved;
  EpsilonPlacement epsilonPlacement = EpsilonPlacement::InsideSqrt;

  int64_t getNumFeatures() const { return shape[featureDim]; }
  int64_t getNumElements() const;
  /// The group that `feature` belongs to.
  int64_t getGroup(int64_t feature) const;
};

/// x in memory order, as four nested loops: samples, the spatial positions
/// before the feature dimension, features, the spatial positions behind it.
struct View {
  explicit View(const Problem &problem);
  int64_t samples, outer, features, inner;
  /// Calls `visit(sample, position, feature, index)` for each element in
  /// memory order; `index` counts from 0.
  template <typename Visitor> void forEach(Visitor visit) const {
    int64_t index = 0;
    for (int64_t n = 0; n < samples; ++n)
      for (int64_t o = 0; o < outer; ++o)
        for (int64_t c = 0; c < features; ++c)
          for (int64_t i = 0; i < inner; ++i)
            visit(n, o * inner + i, c, index++);
  }
};

/// What one sample's group was normalized by.
struct Statistics {
  double mean = 0;
  double rstd = 0;
  /// The largest |x - mean| * rstd: the scale of the group's output.
  double peak = 0;
};

/// Normalizes x into y, which may be x itself. gamma and beta are both empty
/// (no affine step) or one value a feature. Returns the statistics of each
/// sample and group: entry `sample * numGroups + group`.
std::vector<Statistics> groupNorm(const Problem &problem,
                                  llvm::ArrayRef<double> x,
                                  llvm::ArrayRef<double> gamma,
                                  llvm::ArrayRef<double> beta,
                                  llvm::MutableArrayRef<double> y);

} // namespace gn::reference

#endif // GROUPNORM_REFERENCE_GROUPNORM_H
