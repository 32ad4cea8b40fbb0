//===- HeaderFolder.h - The headers that kernels include ------------------===//
//
// They are part of this library, and written once, precompiled, to a folder
// under the system's temporary one.
//
//===----------------------------------------------------------------------===//
#ifndef GROUPNORM_RUNTIME_SIMULATOR_HEADERFOLDER_H
#define GROUPNORM_RUNTIME_SIMULATOR_HEADERFOLDER_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace gn::sim {

/// The headers as (name, text), generated from the folder metal/.
llvm::ArrayRef<std::pair<llvm::StringRef, llvm::StringRef>> embeddedHeaders();

/// The folder of the headers for the compiler `clang`, named after what is in
/// it. It is made where it is not there. Fails where that cannot be, or where
/// somebody else could write to it.
llvm::Expected<std::string> headerFolder(llvm::StringRef clang);

} // namespace gn::sim

#endif // GROUPNORM_RUNTIME_SIMULATOR_HEADERFOLDER_H
