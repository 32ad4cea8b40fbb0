//===- StandardStreams.h - Standard input and output ------------*- C++ -*-===//

#ifndef GROUPNORM_SUPPORT_STANDARDSTREAMS_H
#define GROUPNORM_SUPPORT_STANDARDSTREAMS_H

#include "llvm/Support/Error.h"

namespace gn {

/// Takes the numbers of standard streams that are closed, for nothing: else the
/// next file that is opened would get one, and what is meant for the stream.
/// Reading and writing them fails as before.
void reserveStandardStreams();

/// Writes out what llvm::outs() holds. Fails where that, or anything before it,
/// could not be written; LLVM itself would end the process at its exit.
llvm::Error flushStandardOutput();

} // namespace gn

#endif // GROUPNORM_SUPPORT_STANDARDSTREAMS_H
