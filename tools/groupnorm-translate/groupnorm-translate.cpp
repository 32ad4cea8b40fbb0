//===- groupnorm-translate.cpp - From and to other forms ------------------===//
//
// What groupnorm-opt lowers to, as LLVM IR or Metal Shading Language.
//
//===----------------------------------------------------------------------===//

#include "groupnorm/InitAll.h"
#include "groupnorm/Target/MSL/MSL.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/OpenMP/OpenMPToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/ModuleTranslation.h"
#include "mlir/Tools/mlir-translate/MlirTranslateMain.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"

using namespace mlir;

/// MLIR's own registration would bring every dialect that has a translation;
/// lowered gn ops need these.
static void registerToLLVMIR() {
  TranslateFromMLIRRegistration registration(
      "mlir-to-llvmir", "Translate the llvm and omp dialects to LLVM IR",
      [](Operation *op, raw_ostream &output) -> LogicalResult {
        llvm::LLVMContext context;
        std::unique_ptr<llvm::Module> module =
            translateModuleToLLVMIR(op, context);
        if (!module)
          return failure();
        module->print(output, /*AAW=*/nullptr);
        return success();
      },
      [](DialectRegistry &registry) {
        // All that may be left over, so that the error names the op.
        gn::registerAllDialects(registry);
        registerBuiltinDialectTranslation(registry);
        registerLLVMDialectTranslation(registry);
        registerOpenMPDialectTranslation(registry);
      });
}

int main(int argc, char **argv) {
  registerToLLVMIR();
  gn::registerToMSLTranslations();
  return failed(mlirTranslateMain(
      argc, argv, "Group normalization compiler: translation driver"));
}
