//===- TranslateRegistration.cpp - --mlir-to-msl --------------------------===//

#include "Printer.h"
#include "groupnorm/Dialect/GN/IR/GN.h"
#include "groupnorm/Target/MSL/LaunchDescription.h"
#include "groupnorm/Target/MSL/MSL.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Tools/mlir-translate/Translation.h"

using namespace mlir;
using namespace gn;

LogicalResult gn::translateToMSL(ModuleOp module, raw_ostream &os) {
  // Nothing is written unless all of it can be.
  std::string text;
  llvm::raw_string_ostream buffer(text);
  msl::Printer printer(buffer);
  printer.printPreamble();
  for (auto kernels : module.getOps<gpu::GPUModuleOp>())
    if (failed(printer.printModule(kernels)))
      return failure();
  os << text;
  return success();
}

FailureOr<MSLFragments> gn::translateToMSLFragments(ModuleOp module) {
  MSLFragments fragments;
  std::string text;
  llvm::raw_string_ostream buffer(text);
  msl::Printer printer(buffer);
  printer.printPreamble();
  for (auto kernels : module.getOps<gpu::GPUModuleOp>())
    if (failed(printer.printFunctions(kernels)))
      return failure();
  fragments.header = std::exchange(text, {});
  for (auto kernels : module.getOps<gpu::GPUModuleOp>()) {
    for (auto kernel : kernels.getOps<gpu::GPUFuncOp>()) {
      auto parameters = printer.printBody(kernel);
      if (failed(parameters))
        return failure();
      auto comment =
          kernel->getAttrOfType<StringAttr>(GNDialect::kCommentAttrName);
      fragments.kernels.push_back(
          {kernel.getName().str(), comment ? comment.str() : "",
           std::move(*parameters), std::exchange(text, {})});
    }
  }
  return fragments;
}

/// All launches in the module, as an array in the order of its functions.
static LogicalResult translateToLaunches(ModuleOp module, raw_ostream &os) {
  llvm::json::Array launches;
  for (auto function : module.getOps<FunctionOpInterface>()) {
    auto description = LaunchDescription::create(function);
    if (failed(description))
      return failure();
    launches.push_back(description->toJSON());
  }
  os << llvm::formatv("{0:2}", llvm::json::Value(std::move(launches))) << "\n";
  return success();
}

static void registerDialects(DialectRegistry &registry) {
  // The llvm dialect is there to be refused: it has kernels, too.
  registry
      .insert<gn::GNDialect, arith::ArithDialect, func::FuncDialect,
              gpu::GPUDialect, LLVM::LLVMDialect, math::MathDialect,
              memref::MemRefDialect, scf::SCFDialect, vector::VectorDialect>();
}

void gn::registerToMSLTranslations() {
  static TranslateFromMLIRRegistration kernels(
      "mlir-to-msl", "Print GPU kernels as Metal Shading Language",
      [](ModuleOp module, raw_ostream &os) {
        return translateToMSL(module, os);
      },
      registerDialects);
  static TranslateFromMLIRRegistration launches(
      "mlir-to-msl-launch", "Describe the launches of GPU kernels as JSON",
      [](ModuleOp module, raw_ostream &os) {
        return translateToLaunches(module, os);
      },
      registerDialects);
}
