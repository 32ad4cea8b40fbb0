//===- InitGroupNorm.cpp - The project's own dialect and passes -----------===//
//
// Apart from InitAll.cpp, so that who links or loads these, the plugin for one,
// needs no upstream dialect that they do not use.
//
//===----------------------------------------------------------------------===//

#include "groupnorm/Conversion/Passes.h"
#include "groupnorm/Dialect/GN/IR/GN.h"
#include "groupnorm/Dialect/GN/Transforms/AggregatedOpInterfaceImpl.h"
#include "groupnorm/Dialect/GN/Transforms/BufferizableOpInterfaceImpl.h"
#include "groupnorm/Dialect/GN/Transforms/Passes.h"
#include "groupnorm/Dialect/GN/Transforms/TilingInterfaceImpl.h"
#include "groupnorm/InitAll.h"
#include "groupnorm/Pipelines/Pipelines.h"
#include "groupnorm/Target/MSL/Passes.h"
#include "groupnorm/Transforms/Passes.h"

void gn::registerGNDialect(mlir::DialectRegistry &registry) {
  registry.insert<GNDialect>();
  registerAggregatedOpInterfaceExternalModels(registry);
  registerBufferizableOpInterfaceExternalModels(registry);
  registerTilingInterfaceExternalModels(registry);
}

void gn::registerAllGroupNormPasses() {
  registerGNPasses();
  registerGroupNormConversionPasses();
  registerGroupNormMSLPasses();
  registerGroupNormTransformsPasses();
  registerPipelines();
}
