//===- ParserMessages.h - What LLVM's option parser says --------*- C++ -*-===//

#ifndef GROUPNORM_SUPPORT_PARSERMESSAGES_H
#define GROUPNORM_SUPPORT_PARSERMESSAGES_H

#include "llvm/ADT/StringRef.h"
#include <string>

namespace gn {

/// Catches what is written to the standard error: LLVM's parser hands some of
/// its messages to a stream that it is given, and prints the others.
class ErrorCapture {
public:
  ErrorCapture();
  /// Ends the capture and returns the text.
  std::string finish();

private:
  int saved = -1, readEnd = -1;
};

/// Turns a complaint of the parser ("`program`: message!" and maybe a hint in a
/// second line) into one line in the manner of every other error.
std::string cleanMessage(llvm::StringRef program, llvm::StringRef complaint);

} // namespace gn

#endif // GROUPNORM_SUPPORT_PARSERMESSAGES_H
