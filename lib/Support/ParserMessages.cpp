//===- ParserMessages.cpp - What LLVM's option parser says ----------------===//

#include "groupnorm/Support/ParserMessages.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>
#include <unistd.h>

using namespace gn;
using llvm::StringRef;

/// The standard error while it is captured, else -1. --help ends the process
/// then; LLVM tells of output that was lost where it destroys the stream.
static int hiddenError = -1;

ErrorCapture::ErrorCapture() {
  int ends[2];
  if (pipe(ends) != 0)
    return;
  saved = dup(STDERR_FILENO);
  dup2(ends[1], STDERR_FILENO);
  close(ends[1]);
  readEnd = ends[0];
  hiddenError = saved;
  // What is made first is destroyed last.
  llvm::outs();
  std::atexit([] {
    if (hiddenError >= 0)
      dup2(hiddenError, STDERR_FILENO);
  });
}

std::string ErrorCapture::finish() {
  if (readEnd < 0)
    return {};
  // Closes the last writing end of the pipe, so that reading ends.
  dup2(saved, STDERR_FILENO);
  close(saved);
  hiddenError = -1;
  std::string text;
  char buffer[256];
  for (ssize_t size; (size = read(readEnd, buffer, sizeof(buffer))) > 0;)
    text.append(buffer, size);
  close(readEnd);
  return text;
}

std::string gn::cleanMessage(StringRef program, StringRef complaint) {
  auto [first, rest] = complaint.trim().split('\n');
  std::string message = first.str();
  auto replace = [&](StringRef from, StringRef to) {
    if (size_t place = message.find(from); place != std::string::npos)
      message.replace(place, from.size(), to);
  };
  replace((program + ": ").str(), "");
  replace("for the ", "");
  replace(" option: ", ": ");
  replace("Unknown", "unknown");
  replace("Not enough", "not enough");
  replace("Cannot find option named", "there is no");
  replace("requires a value", "a value is missing");
  for (StringRef type : {"llong", "uint", "number"})
    replace((type + " argument").str(), "a number");
  replace(".  Try: ", "; try ");
  replace("Too many", "too many");
  while (StringRef(message).ends_with("!"))
    message.pop_back();
  StringRef hint = rest.split('\n').first;
  if (hint.consume_front((program + ": Did").str()))
    message += ("; did" + hint).str();
  return message;
}
