//===- FileInput.h - The contents of files ----------------------*- C++ -*-===//

#ifndef GROUPNORM_SUPPORT_FILEINPUT_H
#define GROUPNORM_SUPPORT_FILEINPUT_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

namespace gn {

/// The contents of the file at `path`; "-" is the standard input. Parsers of
/// text want a zero behind the last byte; without it a large file need not be
/// copied. The error names the path and the reason. A device is refused: some
/// never end.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
readFile(llvm::StringRef path, bool endsInZero = true);

} // namespace gn

#endif // GROUPNORM_SUPPORT_FILEINPUT_H
