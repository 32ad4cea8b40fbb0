//===- FileOutputTest.cpp - Files that appear whole or not at all ---------===//

#include "groupnorm/Support/FileOutput.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"
#include <sys/stat.h>

using namespace gn;
using llvm::Error;
namespace fs = llvm::sys::fs;

namespace {
/// A folder of its own for each test.
class FileOutput : public ::testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(fs::createUniqueDirectory("groupnorm", folder));
    path = folder;
    llvm::sys::path::append(path, "out");
  }
  void TearDown() override { fs::remove_directories(folder); }

  size_t countFiles() {
    std::error_code error;
    size_t count = 0;
    for (fs::directory_iterator it(folder, error), end; it != end;
         it.increment(error))
      ++count;
    return count;
  }

  llvm::SmallString<128> folder, path;
};
} // namespace

static Error writeText(llvm::raw_pwrite_stream &stream) {
  stream << "text";
  return Error::success();
}

TEST_F(FileOutput, ReplacesAFile) {
  for (int i = 0; i < 2; ++i) {
    ASSERT_FALSE(static_cast<bool>(writeFile(path, writeText)));
    EXPECT_EQ((*llvm::MemoryBuffer::getFile(path))->getBuffer(), "text");
    EXPECT_EQ(countFiles(), 1u);
  }
}

TEST_F(FileOutput, LeavesNothingBehindAFailure) {
  Error error = writeFile(path, [](llvm::raw_pwrite_stream &stream) {
    stream << "half of it";
    return llvm::createStringError("no more");
  });
  EXPECT_EQ(llvm::toString(std::move(error)), "no more");
  EXPECT_EQ(countFiles(), 0u);
}

TEST_F(FileOutput, NamesTheReason) {
  EXPECT_EQ(llvm::toString(writeFile("/nonexistent/y.npy", writeText)),
            "cannot write '/nonexistent/y.npy': No such file or directory");
  EXPECT_EQ(llvm::toString(writeFile(folder, writeText)),
            ("cannot write '" + folder + "': it is a directory").str());
}

TEST_F(FileOutput, DoesNotReplaceAPipe) {
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  Error error =
      makeFile(path, [](llvm::StringRef) { return Error::success(); });
  EXPECT_EQ(llvm::toString(std::move(error)),
            ("cannot write '" + path + "': it is not a file").str());
}

TEST_F(FileOutput, WritesSeveralFilesOrNone) {
  std::vector<std::string> paths = {path.str().str(), (path + ".2").str()};
  auto write = [](size_t number, llvm::StringRef to) {
    return writeFile(to, [&](llvm::raw_pwrite_stream &stream) {
      stream << number;
      return Error::success();
    });
  };
  ASSERT_FALSE(static_cast<bool>(writeFiles(paths, write)));
  for (size_t i : {0, 1})
    EXPECT_EQ((*llvm::MemoryBuffer::getFile(paths[i]))->getBuffer(),
              std::to_string(i));
  for (const std::string &each : paths)
    fs::remove(each);

  paths.push_back("/nonexistent/y.npy");
  EXPECT_EQ(llvm::toString(writeFiles(paths, write)),
            "cannot write '/nonexistent/y.npy': No such file or directory");
  EXPECT_EQ(countFiles(), 0u);

  paths[2] = paths[0];
  EXPECT_EQ(llvm::toString(writeFiles(paths, write)),
            ("cannot write '" + path + "': two results would go there").str());
  EXPECT_EQ(countFiles(), 0u);
}

TEST_F(FileOutput, ReportsAFullDevice) {
  if (!fs::exists("/dev/full"))
    GTEST_SKIP() << "there is no /dev/full here";
  EXPECT_EQ(llvm::toString(writeFile("/dev/full", writeText)),
            "cannot write '/dev/full': No space left on device");
}
