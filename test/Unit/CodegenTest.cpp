//===- CodegenTest.cpp - The llvm dialect to machine code -----------------===//

#include "groupnorm/Runtime/Codegen.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Target/TargetMachine.h"
#include "gtest/gtest.h"

using namespace gn::runtime;

// A back end tells of what it cannot compile by the context, whose own way to
// report an error ends the process.
TEST(Codegen, KeepsErrorsOfTheBackEnd) {
  llvm::LLVMContext context;
  llvm::SMDiagnostic diagnostic;
  std::unique_ptr<llvm::Module> module = llvm::parseAssemblyString(
      // 'i' is for constants.
      "define void @f(i32 %x) {\n"
      "  call void asm sideeffect \"\", \"i\"(i32 %x)\n"
      "  ret void\n"
      "}\n",
      diagnostic, context);
  ASSERT_TRUE(module);
  auto machine = createTargetMachine(CPUTargetOptions());
  ASSERT_TRUE(static_cast<bool>(machine));
  module->setTargetTriple((*machine)->getTargetTriple());
  module->setDataLayout((*machine)->createDataLayout());
  llvm::SmallString<0> code;
  llvm::raw_svector_ostream stream(code);
  std::string message = llvm::toString(
      emitMachineCode(*module, **machine, MachineCode::Object, stream));
  EXPECT_NE(message.find("cannot compile it: "), std::string::npos) << message;
}

// Where the machine is this one, the error does not advise another output.
TEST(Codegen, SaysWhyItCannotLink) {
  std::string message =
      llvm::toString(linkSharedLibrary("none.o", "none.so", CPUTargetOptions(),
                                       /*withOpenMP=*/false));
  EXPECT_TRUE(llvm::StringRef(message).starts_with("linking by '")) << message;
  EXPECT_NE(message.find("none.o"), std::string::npos) << message;
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
}
