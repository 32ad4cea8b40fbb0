//===- FileOutput.cpp - Files that appear whole or not at all -------------===//

#include "groupnorm/Support/FileOutput.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Signals.h"

using llvm::Error;
using llvm::StringRef;
namespace fs = llvm::sys::fs;

static Error cannotWrite(StringRef path, StringRef reason) {
  return llvm::createStringError(
      llvm::formatv("cannot write '{0}': {1}", path, reason));
}

/// Whether `path` is a device, a pipe or the like, which a file must not
/// replace.
static bool isStream(StringRef path) {
  fs::file_status status;
  return !fs::status(path, status) && fs::is_other(status);
}

/// A name beside `path` that no file has yet.
static Error createTemporary(StringRef path,
                             llvm::SmallVectorImpl<char> &temporary,
                             int &descriptor) {
  std::error_code error =
      fs::createUniqueFile(path + ".tmp-%%%%%%", descriptor, temporary,
                           fs::OF_None, fs::all_read | fs::all_write);
  return error ? cannotWrite(path, error.message()) : Error::success();
}

/// Writes and closes the file; the stream's own way to report an error, ending
/// the process, is not ours.
static Error
writeTo(StringRef path, llvm::raw_fd_ostream &stream,
        llvm::function_ref<Error(llvm::raw_pwrite_stream &)> write) {
  Error error = write(stream);
  stream.flush();
  if (stream.has_error() && !error)
    error = cannotWrite(path, stream.error().message());
  stream.clear_error();
  return error;
}

Error gn::writeFile(
    StringRef path,
    llvm::function_ref<Error(llvm::raw_pwrite_stream &)> write) {
  if (path == "-" || isStream(path)) {
    std::error_code code;
    llvm::raw_fd_ostream stream(path, code, fs::OF_None);
    if (code)
      return cannotWrite(path, code.message());
    if (stream.supportsSeeking())
      return writeTo(path, stream, write);
    // A pipe cannot be written at random: collect the text first.
    llvm::SmallString<0> text;
    llvm::raw_svector_ostream buffer(text);
    if (Error error = write(buffer))
      return error;
    return writeTo(path, stream, [&](llvm::raw_pwrite_stream &out) {
      out << text;
      return Error::success();
    });
  }
  return makeFile(path, [&](StringRef temporary) -> Error {
    std::error_code code;
    llvm::raw_fd_ostream stream(temporary, code, fs::OF_None);
    if (code)
      return cannotWrite(path, code.message());
    return writeTo(path, stream, write);
  });
}

Error gn::makeFile(StringRef path, llvm::function_ref<Error(StringRef)> make) {
  if (fs::is_directory(path))
    return cannotWrite(path, "it is a directory");
  if (isStream(path))
    return cannotWrite(path, "it is not a file");
  llvm::SmallString<128> temporary;
  int descriptor;
  if (Error error = createTemporary(path, temporary, descriptor))
    return error;
  fs::file_t file = fs::convertFDToNativeFile(descriptor);
  fs::closeFile(file);
  // A signal must not leave the temporary file behind either.
  llvm::sys::RemoveFileOnSignal(temporary);
  llvm::scope_exit cleanUp([&] {
    llvm::sys::DontRemoveFileOnSignal(temporary);
    fs::remove(temporary);
  });
  if (Error error = make(temporary))
    return error;
  if (std::error_code code = fs::rename(temporary, path))
    return cannotWrite(path, code.message());
  return Error::success();
}

/// Writes those from number `next` on; each file takes its name when those
/// behind it have theirs.
static Error writeFrom(size_t next, llvm::ArrayRef<std::string> paths,
                       llvm::function_ref<Error(size_t, StringRef)> write) {
  if (next == paths.size())
    return Error::success();
  StringRef path = paths[next];
  if (path == "-" || isStream(path)) {
    if (Error error = writeFrom(next + 1, paths, write))
      return error;
    return write(next, path);
  }
  return gn::makeFile(path, [&](StringRef temporary) -> Error {
    if (Error error = write(next, temporary))
      return error;
    return writeFrom(next + 1, paths, write);
  });
}

Error gn::writeFiles(llvm::ArrayRef<std::string> paths,
                     llvm::function_ref<Error(size_t, StringRef)> write) {
  llvm::StringSet<> files;
  for (StringRef path : paths)
    if (path != "-" && !isStream(path) && !files.insert(path).second)
      return cannotWrite(path, "two results would go there");
  return writeFrom(/*next=*/0, paths, write);
}
