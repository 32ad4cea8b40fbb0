//===- Executable.h - A compiled function on its engine ---------*- C++ -*-===//
//
// What the verbs that run code need to know of an engine, whichever it is.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_TOOLS_GROUPNORM_EXECUTABLE_H
#define GROUPNORM_TOOLS_GROUPNORM_EXECUTABLE_H

#include "Compiler.h"
#include "groupnorm/Runtime/MetalReport.h"
#include <memory>

namespace gn::tool {

/// The memory of one argument.
struct Argument {
  void *data = nullptr;
  llvm::ArrayRef<int64_t> shape;
  size_t numBytes = 0;
  /// Whether it holds values, or waits for the result.
  bool isInput = true;

  Argument(void *data, const runtime::HostArray &array, bool isInput)
      : data(data), shape(array.getShape()), numBytes(array.getNumBytes()),
        isInput(isInput) {}
};

class Executable {
public:
  virtual ~Executable();

  /// Lowers `module`, which is at its first stage and has one public function,
  /// and compiles it for the target of the options. The compiler outlives the
  /// executable.
  static llvm::Expected<std::unique_ptr<Executable>>
  create(const Options &options, Compiler &compiler, mlir::ModuleOp module);

  /// What the function takes.
  const CInterface &getInterface() const { return interface; }
  /// What a report calls the engine.
  virtual std::string describe() const = 0;
  /// Runs the function. What the checks of a simulator found is printed and
  /// makes it fail.
  virtual llvm::Error run(llvm::ArrayRef<Argument> arguments) = 0;
  /// What the last run left to report, where the engine is one for Metal.
  virtual const runtime::MetalReport *getMetalReport() const { return nullptr; }

protected:
  explicit Executable(CInterface interface) : interface(std::move(interface)) {}
  CInterface interface;
};

/// An error for every status of a compiled function but success.
llvm::Error checkStatus(int32_t status);

/// Lets result `result` of the function take the memory of its first argument,
/// which `renew` then has to fill before each run; fails where it may not.
llvm::Error shareBuffer(const CInterface &function, size_t result,
                        llvm::MutableArrayRef<Argument> arguments);

/// Copies x to where the function reads it, if that is not the array itself.
void renew(llvm::ArrayRef<Argument> arguments, const runtime::HostArray &x);

/// "cpu: AMD EPYC (znver4), 2 threads"; 0 threads are as many as OpenMP offers.
std::string describeCPU(unsigned threads);

} // namespace gn::tool

#endif // GROUPNORM_TOOLS_GROUPNORM_EXECUTABLE_H
