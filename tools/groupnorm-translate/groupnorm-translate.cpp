//===- groupnorm-translate.cpp - From and to other forms ------------------===//

#include "groupnorm/Target/MSL/MSL.h"
#include "mlir/Tools/mlir-translate/MlirTranslateMain.h"

int main(int argc, char **argv) {
  gn::registerToMSLTranslations();
  return failed(mlir::mlirTranslateMain(
      argc, argv, "Group normalization compiler: translation driver"));
}
