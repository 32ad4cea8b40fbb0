//===- groupnorm-opt.cpp - mlir-opt with the gn dialect -------------------===//

#include "groupnorm/Conversion/Passes.h"
#include "groupnorm/Dialect/GN/IR/GN.h"
#include "groupnorm/Dialect/GN/Transforms/AggregatedOpInterfaceImpl.h"
#include "groupnorm/Dialect/GN/Transforms/BufferizableOpInterfaceImpl.h"
#include "groupnorm/Dialect/GN/Transforms/Passes.h"
#include "groupnorm/Target/MSL/Passes.h"
#include "groupnorm/Pipelines/Pipelines.h"
#include "groupnorm/Transforms/Passes.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Affine/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registry.insert<gn::GNDialect>();
  gn::registerBufferizableOpInterfaceExternalModels(registry);
  gn::registerAggregatedOpInterfaceExternalModels(registry);
  mlir::registerTransformsPasses();
  mlir::registerConversionPasses();
  mlir::affine::registerAffinePasses();
  mlir::memref::registerMemRefPasses();
  gn::registerGroupNormConversionPasses();
  gn::registerGNPasses();
  gn::registerGroupNormMSLPasses();
  gn::registerGroupNormTransformsPasses();
  gn::registerPipelines();
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "Group normalization compiler: pass driver\n", registry));
}
