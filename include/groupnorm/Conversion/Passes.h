//===- Passes.h - Conversion passes -----------------------------*- C++ -*-===//

#ifndef GROUPNORM_CONVERSION_PASSES_H
#define GROUPNORM_CONVERSION_PASSES_H

#include "mlir/Pass/Pass.h"

namespace gn {
#define GEN_PASS_DECL
#include "groupnorm/Conversion/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "groupnorm/Conversion/Passes.h.inc"
} // namespace gn

#endif // GROUPNORM_CONVERSION_PASSES_H
