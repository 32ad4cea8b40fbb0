//===- Epilogue.cpp - What may follow the normalization -------------------===//

#include "groupnorm/Reference/Epilogue.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace gn::reference;

llvm::StringRef gn::reference::getName(Activation activation) {
  switch (activation) {
  case Activation::None:
    return "none";
  case Activation::SiLU:
    return "silu";
  case Activation::ReLU:
    return "relu";
  case Activation::LeakyReLU:
    return "leaky_relu";
  case Activation::GELU:
    return "gelu";
  case Activation::GELUTanh:
    return "gelu_tanh";
  }
  llvm_unreachable("all activations are listed");
}

double gn::reference::activate(Activation activation, double v) {
  switch (activation) {
  case Activation::None:
    return v;
  case Activation::SiLU:
    // The limit, where the product would be of zero and infinity.
    return v == -INFINITY ? -0.0 : v / (1 + std::exp(-v));
  case Activation::ReLU:
    return v < 0 ? 0 : v;
  case Activation::LeakyReLU:
    return v < 0 ? kLeakySlope * v : v;
  case Activation::GELU:
    return v == -INFINITY
               ? -0.0
               : v / 2 * (1 + std::erf(v * llvm::numbers::sqrt2 / 2));
  case Activation::GELUTanh:
    return v == -INFINITY
               ? -0.0
               : v / 2 *
                     (1 + std::tanh(std::sqrt(2 / llvm::numbers::pi) *
                                    (v + 0.044715 * v * v * v)));
  }
  llvm_unreachable("all activations are listed");
}

double Epilogue::beforeActivation(double y, int64_t feature,
                                  int64_t element) const {
  if (!scale.empty())
    y = y * (1 + scale[feature]) + shift[feature];
  return residual.empty() ? y : y + residual[element];
}

double Epilogue::getMagnitude(double y, int64_t feature,
                              int64_t element) const {
  double sum = std::fabs(y);
  if (!scale.empty())
    sum = sum * (1 + std::fabs(scale[feature])) + std::fabs(shift[feature]);
  return residual.empty() ? sum : sum + std::fabs(residual[element]);
}
