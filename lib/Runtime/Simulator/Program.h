//===- Program.h - A compiled and loaded text -----------------------------===//
#ifndef GROUPNORM_RUNTIME_SIMULATOR_PROGRAM_H
#define GROUPNORM_RUNTIME_SIMULATOR_PROGRAM_H

#include "Files.h"
#include "FrontEnd.h"
#include "groupnorm/Runtime/Simulator.h"
#include "metal/abi.h"
#include <mutex>

namespace gn::sim {

struct Program::Impl {
  Impl(CompileOptions options, TemporaryPath folder)
      : options(std::move(options)), folder(std::move(folder)) {}
  Impl(const Impl &) = delete;
  ~Impl();

  /// Loads the library that lies in `folder` and reads its tables.
  llvm::Error load(const std::string &library);
  llvm::Error readTables();
  /// That there is no such kernel, and which there are.
  llvm::Error unknownKernel(llvm::StringRef name) const;

  CompileOptions options;
  TemporaryPath folder;
  std::string library;
  FrontEndResult source;
  void *handle = nullptr;
  const __gn::Module *module = nullptr;
  const char *imageBegin = nullptr, *imageEnd = nullptr;
  std::vector<Kernel> kernels;
  std::vector<FunctionConstant> constants;
  /// Function constants live in the library: one launch at a time.
  std::mutex mutex;
};

/// A place in a kernel's text, found by an address in the library.
struct SourcePlace {
  std::string file;
  unsigned line = 0;
};

class Checker;
/// Findings with their places, one for each kind, buffer and line.
std::vector<Finding> resolveFindings(const Program::Impl &program,
                                     const Checker &checker);

} // namespace gn::sim

#endif // GROUPNORM_RUNTIME_SIMULATOR_PROGRAM_H
