//===- StandardStreams.cpp - Standard input and output --------------------===//

#include "groupnorm/Support/StandardStreams.h"
#include "llvm/Support/raw_ostream.h"
#include <fcntl.h>
#include <unistd.h>

void gn::reserveStandardStreams() {
  for (int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(stream, F_GETFD) == -1) {
      // The lowest free number is this one. Opened the wrong way round, its use
      // is an error still.
      int mode = stream == STDIN_FILENO ? O_WRONLY : O_RDONLY;
      if (open("/dev/null", mode) == -1)
        return;
    }
}

llvm::Error gn::flushStandardOutput() {
  llvm::raw_fd_ostream &out = llvm::outs();
  out.flush();
  if (!out.has_error())
    return llvm::Error::success();
  std::error_code code = out.error();
  out.clear_error();
  return llvm::createStringError("cannot write the standard output: " +
                                 code.message());
}
