//===- Passes.h - Passes from gn to gn --------------------------*- C++ -*-===//

#ifndef GROUPNORM_DIALECT_GN_TRANSFORMS_PASSES_H
#define GROUPNORM_DIALECT_GN_TRANSFORMS_PASSES_H

#include "groupnorm/Dialect/GN/IR/GN.h"
#include "groupnorm/Dialect/GN/Transforms/Transforms.h"
#include "mlir/Pass/Pass.h"

namespace gn {
#define GEN_PASS_DECL
#include "groupnorm/Dialect/GN/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "groupnorm/Dialect/GN/Transforms/Passes.h.inc"
} // namespace gn

#endif // GROUPNORM_DIALECT_GN_TRANSFORMS_PASSES_H
