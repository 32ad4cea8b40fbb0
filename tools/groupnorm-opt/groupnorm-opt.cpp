//===- groupnorm-opt.cpp - mlir-opt with the gn dialect -------------------===//

#include "groupnorm/InitAll.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  gn::registerAllDialects(registry);
  gn::registerAllPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "Group normalization compiler: pass driver\n", registry));
}
