//===- Epilogue.h - What may follow the normalization -----------*- C++ -*-===//

#ifndef GROUPNORM_REFERENCE_EPILOGUE_H
#define GROUPNORM_REFERENCE_EPILOGUE_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <vector>

namespace gn::reference {

enum class Activation { None, SiLU, ReLU, LeakyReLU, GELU, GELUTanh };

/// "silu", "relu", "leaky_relu", "gelu", "gelu_tanh" or "none".
llvm::StringRef getName(Activation activation);

/// The slope of the leaky ReLU below zero.
inline constexpr double kLeakySlope = 0.01;

/// The activation of v, in f64.
double activate(Activation activation, double v);

/// An element-wise computation on the normalized element y:
///
///     activation(y * (1 + scale) + shift + residual)
///
/// with one scale and one shift for each feature of each sample, N x C, and a
/// residual for each element. What is empty is left out.
struct Epilogue {
  Activation activation = Activation::None;
  std::vector<double> scale, shift, residual;

  bool isEmpty() const {
    return activation == Activation::None && scale.empty() && residual.empty();
  }
  /// What the activation is of. `feature` counts N x C, `element` x.
  double beforeActivation(double y, int64_t feature, int64_t element) const;
  /// A number that the roundings of `beforeActivation` are proportional to.
  double getMagnitude(double y, int64_t feature, int64_t element) const;
};

} // namespace gn::reference

#endif // GROUPNORM_REFERENCE_EPILOGUE_H
