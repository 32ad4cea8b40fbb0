//===- InitAll.h - What the project's tools know ----------------*- C++ -*-===//

#ifndef GROUPNORM_INITALL_H
#define GROUPNORM_INITALL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace gn {

/// The gn dialect with all its interfaces, and no other: what a compiler of its
/// own needs.
void registerGNDialect(mlir::DialectRegistry &registry);

/// The gn dialect and the upstream dialects, with their interfaces, that its
/// modules are written in and lowered to.
void registerAllDialects(mlir::DialectRegistry &registry);

/// The project's own passes and pipelines.
void registerAllGroupNormPasses();

/// The project's own passes and the upstream ones that lower what they leave.
void registerAllPasses();

} // namespace gn

#endif // GROUPNORM_INITALL_H
