//===- groupnorm-plugin.cpp - The gn dialect for any mlir-opt -------------===//
//
// mlir-opt --load-dialect-plugin=FILE --load-pass-plugin=FILE ...
//
//===----------------------------------------------------------------------===//

#include "groupnorm/InitAll.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

extern "C" LLVM_ATTRIBUTE_WEAK mlir::DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "GroupNorm", GROUPNORM_VERSION,
          [](mlir::DialectRegistry *registry) {
            gn::registerGNDialect(*registry);
          }};
}

extern "C" LLVM_ATTRIBUTE_WEAK mlir::PassPluginLibraryInfo
mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "GroupNorm", GROUPNORM_VERSION,
          [] { gn::registerAllGroupNormPasses(); }};
}
