//===- Passes.h - Passes on upstream dialects -------------------*- C++ -*-===//

#ifndef GROUPNORM_TRANSFORMS_PASSES_H
#define GROUPNORM_TRANSFORMS_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir {
class ModuleOp;
class RewritePatternSet;
namespace func {
class FuncOp;
} // namespace func
} // namespace mlir

namespace gn {
#define GEN_PASS_DECL
#include "groupnorm/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "groupnorm/Transforms/Passes.h.inc"

/// Writes math.exp, math.tanh and math.erf as arithmetic.
void populateExpandMathPatterns(mlir::RewritePatternSet &patterns);
/// Writes math.erf alone so, for targets that have the others.
void populateExpandErfPatterns(mlir::RewritePatternSet &patterns);
} // namespace gn

#endif // GROUPNORM_TRANSFORMS_PASSES_H
