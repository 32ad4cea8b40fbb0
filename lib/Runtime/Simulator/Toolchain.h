//===- Toolchain.h - The C++ compiler that kernels go through -------------===//
//
// Runs clang: to preprocess Metal text, and to make a loadable library of what
// the front end wrote.
//
//===----------------------------------------------------------------------===//
#ifndef GROUPNORM_RUNTIME_SIMULATOR_TOOLCHAIN_H
#define GROUPNORM_RUNTIME_SIMULATOR_TOOLCHAIN_H

#include "groupnorm/Runtime/Simulator.h"

namespace gn::sim {

/// Expands includes and macros of `text`, which lies under the name
/// `options.fileName`.
llvm::Expected<std::string> preprocess(llvm::StringRef text,
                                       const CompileOptions &options,
                                       llvm::StringRef folder);

/// Compiles C++ that the front end wrote to a shared library in `folder` and
/// gives its path. Errors are located in the Metal text.
llvm::Expected<std::string> compileLibrary(llvm::StringRef cpp,
                                           const CompileOptions &options,
                                           llvm::StringRef folder);

/// Parses C++ that still has address spaces and gives the places where they are
/// mixed up. It looks at nothing else, and misses what it cannot parse.
std::vector<Diagnostic> checkAddressSpaces(llvm::StringRef cpp,
                                           llvm::StringRef folder);
/// The same for the messages that clang prints.
std::vector<Diagnostic> addressSpaceErrors(llvm::StringRef messages);

} // namespace gn::sim

#endif // GROUPNORM_RUNTIME_SIMULATOR_TOOLCHAIN_H
