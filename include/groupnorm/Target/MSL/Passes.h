//===- Passes.h - Passes on the way to MSL ----------------------*- C++ -*-===//

#ifndef GROUPNORM_TARGET_MSL_PASSES_H
#define GROUPNORM_TARGET_MSL_PASSES_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Pass/Pass.h"

namespace gn {
#define GEN_PASS_DECL
#include "groupnorm/Target/MSL/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "groupnorm/Target/MSL/Passes.h.inc"
} // namespace gn

#endif // GROUPNORM_TARGET_MSL_PASSES_H
