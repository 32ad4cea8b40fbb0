//===- Files.cpp - Files between the steps of a compilation ---------------===//
#include "Files.h"
#include "groupnorm/Support/FileOutput.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace gn::sim;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
namespace fs = llvm::sys::fs;

TemporaryPath::~TemporaryPath() {
  if (!path.empty())
    fs::remove_directories(path);
}

Expected<TemporaryPath> gn::sim::makeTemporaryFolder() {
  llvm::SmallString<128> made;
  if (std::error_code ec = fs::createUniqueDirectory("groupnorm-msl", made))
    return llvm::createStringError(
        "cannot make a folder for temporary files: " + ec.message());
  return TemporaryPath(made.str().str());
}

Error gn::sim::writeText(StringRef name, StringRef text) {
  return gn::writeFile(name, [&](llvm::raw_pwrite_stream &stream) {
    stream << text;
    return Error::success();
  });
}

std::string gn::sim::inFolder(StringRef folder, StringRef name) {
  llvm::SmallString<128> out(folder);
  llvm::sys::path::append(out, name);
  return out.str().str();
}
