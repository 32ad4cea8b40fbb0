//===- TilingInterfaceImpl.h - Tiling of gn ---------------------*- C++ -*-===//

#ifndef GROUPNORM_DIALECT_GN_TRANSFORMS_TILINGINTERFACEIMPL_H
#define GROUPNORM_DIALECT_GN_TRANSFORMS_TILINGINTERFACEIMPL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace gn {
/// Lets the ops of the gn dialect be tiled and fused through TilingInterface,
/// and gn.group_stats be split over space through PartialReductionOpInterface.
void registerTilingInterfaceExternalModels(mlir::DialectRegistry &registry);
} // namespace gn

#endif // GROUPNORM_DIALECT_GN_TRANSFORMS_TILINGINTERFACEIMPL_H
