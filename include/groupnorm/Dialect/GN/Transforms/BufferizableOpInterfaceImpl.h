//===- BufferizableOpInterfaceImpl.h - Bufferization of gn ------*- C++ -*-===//

#ifndef GROUPNORM_DIALECT_GN_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
#define GROUPNORM_DIALECT_GN_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace gn {
/// Lets one-shot-bufferize take the ops of the gn dialect to memrefs.
void registerBufferizableOpInterfaceExternalModels(
    mlir::DialectRegistry &registry);
} // namespace gn

#endif // GROUPNORM_DIALECT_GN_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
