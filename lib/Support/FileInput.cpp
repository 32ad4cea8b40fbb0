//===- FileInput.cpp - The contents of files ------------------------------===//

#include "groupnorm/Support/FileInput.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Process.h"

namespace fs = llvm::sys::fs;

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
gn::readFile(llvm::StringRef path, bool endsInZero) {
  auto fail = [&](llvm::StringRef reason) {
    return llvm::createStringError(
        llvm::formatv("cannot read '{0}': {1}", path, reason));
  };
  bool isStandard = path == "-";
  fs::file_status status;
  std::error_code code = isStandard ? fs::status(fs::getStdinHandle(), status)
                                    : fs::status(path, status);
  bool isDevice = !code && (status.type() == fs::file_type::character_file ||
                            status.type() == fs::file_type::block_file);
  // What is typed at a terminal does end.
  if (isDevice && !(isStandard && llvm::sys::Process::StandardInIsUserInput()))
    return fail("it is a device");
  auto buffer = isStandard ? llvm::MemoryBuffer::getSTDIN()
                           : llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                                         endsInZero);
  if (!buffer)
    return fail(buffer.getError().message());
  return std::move(*buffer);
}
