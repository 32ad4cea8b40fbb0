//===- Files.h - Files between the steps of a compilation -----------------===//
#ifndef GROUPNORM_RUNTIME_SIMULATOR_FILES_H
#define GROUPNORM_RUNTIME_SIMULATOR_FILES_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace gn::sim {

/// A file or a folder that goes away with its owner.
class TemporaryPath {
public:
  explicit TemporaryPath(std::string path) : path(std::move(path)) {}
  TemporaryPath(TemporaryPath &&other) : path(std::move(other.path)) {
    other.path.clear();
  }
  ~TemporaryPath();
  const std::string &str() const { return path; }

private:
  std::string path;
};

/// A new, empty folder of the user's own.
llvm::Expected<TemporaryPath> makeTemporaryFolder();

llvm::Error writeText(llvm::StringRef name, llvm::StringRef text);

/// The path of the file `name` in `folder`.
std::string inFolder(llvm::StringRef folder, llvm::StringRef name);

} // namespace gn::sim

#endif // GROUPNORM_RUNTIME_SIMULATOR_FILES_H
