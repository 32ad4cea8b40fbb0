//===- FileOutput.h - Files that appear whole or not at all -----*- C++ -*-===//

#ifndef GROUPNORM_RUNTIME_FILEOUTPUT_H
#define GROUPNORM_RUNTIME_FILEOUTPUT_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

namespace gn::runtime {

/// Writes what `write` prints to `path`: into a temporary file beside it that
/// then takes its name, so that a failure leaves nothing behind and an older
/// file unharmed. "-" is the standard output; devices and pipes are written
/// directly.
llvm::Error
writeFile(llvm::StringRef path,
          llvm::function_ref<llvm::Error(llvm::raw_pwrite_stream &)> write);

/// Lets `make` create a file at the path it is given, and moves it to `path`.
llvm::Error makeFile(llvm::StringRef path,
                     llvm::function_ref<llvm::Error(llvm::StringRef)> make);

} // namespace gn::runtime

#endif // GROUPNORM_RUNTIME_FILEOUTPUT_H
