//===- FileOutput.h - Files that appear whole or not at all -----*- C++ -*-===//

#ifndef GROUPNORM_SUPPORT_FILEOUTPUT_H
#define GROUPNORM_SUPPORT_FILEOUTPUT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

namespace gn {

/// Writes what `write` prints to `path`: into a temporary file beside it that
/// then takes its name, so that a failure leaves nothing behind and an older
/// file unharmed. "-" is the standard output; devices and pipes are written
/// directly.
llvm::Error
writeFile(llvm::StringRef path,
          llvm::function_ref<llvm::Error(llvm::raw_pwrite_stream &)> write);

/// Lets `make` create a file at the path it is given, and moves it to `path`,
/// which must not be a device or a pipe: it would be replaced.
llvm::Error makeFile(llvm::StringRef path,
                     llvm::function_ref<llvm::Error(llvm::StringRef)> make);

/// Writes several files, all of them or none: `write` writes the one of a given
/// number to the path that it is given. What goes to the standard output,
/// devices and pipes is written last. Two results for one file are an error.
llvm::Error
writeFiles(llvm::ArrayRef<std::string> paths,
           llvm::function_ref<llvm::Error(size_t, llvm::StringRef)> write);

} // namespace gn

#endif // GROUPNORM_SUPPORT_FILEOUTPUT_H
