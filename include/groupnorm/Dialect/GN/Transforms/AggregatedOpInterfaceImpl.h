//===- AggregatedOpInterfaceImpl.h - Decomposition of gn --------*- C++ -*-===//

#ifndef GROUPNORM_DIALECT_GN_TRANSFORMS_AGGREGATEDOPINTERFACEIMPL_H
#define GROUPNORM_DIALECT_GN_TRANSFORMS_AGGREGATEDOPINTERFACEIMPL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace gn {
/// Lets whoever decomposes ops through linalg::AggregatedOpInterface, such as
/// transform.structured.decompose_interface, decompose the tensor forms of the
/// ops of the gn dialect. (That transform op refuses gn.group_stats, as it does
/// any op of several results: a script has transform.apply_registered_pass with
/// "gn-decompose" for it.)
void registerAggregatedOpInterfaceExternalModels(
    mlir::DialectRegistry &registry);
} // namespace gn

#endif // GROUPNORM_DIALECT_GN_TRANSFORMS_AGGREGATEDOPINTERFACEIMPL_H
