//===- Toolchain.cpp - The C++ compiler that kernels go through -----------===//
//
// The compiler is the clang that CMake found when the project was configured,
// or the first clang-22 or clang on the PATH.
//
//===----------------------------------------------------------------------===//
#include "Toolchain.h"
#include "Files.h"
#include "HeaderFolder.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/SHA1.h"
#include <unistd.h>

using namespace gn::sim;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

static Error failure(const llvm::Twine &message) {
  return llvm::createStringError(message);
}

//===----------------------------------------------------------------------===//
// Clang
//===----------------------------------------------------------------------===//

static Expected<std::string> findClang() {
  if (fs::can_execute(GROUPNORM_CLANG))
    return std::string(GROUPNORM_CLANG);
  for (StringRef name : {"clang-22", "clang"})
    if (auto found = llvm::sys::findProgramByName(name))
      return *found;
  return failure("no clang to compile kernels with: install clang-22, or put "
                 "clang on the PATH");
}

namespace {
struct RunResult {
  int status;
  std::string errors;
};
} // namespace

static Expected<RunResult> run(StringRef program,
                               llvm::ArrayRef<std::string> arguments,
                               StringRef output, StringRef folder) {
  // The last argument names the output or the input: steps may run at once.
  std::string errorFile =
      inFolder(folder, path::filename(arguments.back()).str() + ".errors");
  std::vector<StringRef> argv{program};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  std::optional<StringRef> redirects[] = {StringRef(""), output,
                                          StringRef(errorFile)};
  std::string message;
  int status = llvm::sys::ExecuteAndWait(program, argv, std::nullopt, redirects,
                                         0, 0, &message);
  if (status < 0)
    return failure("cannot run '" + program + "': " + message);
  auto errors = llvm::MemoryBuffer::getFile(errorFile);
  return RunResult{status, errors ? (*errors)->getBuffer().str() : ""};
}

// "file:12:3: error: text" lines. One that lies in a header of the simulator
// moves to the place in the kernel that made use of it, which clang's notes
// name.
static Error diagnose(StringRef errors, StringRef what) {
  std::vector<Diagnostic> found;
  bool pending = false; // the last one still wants a place in the kernel
  for (StringRef line : llvm::split(errors, "\n")) {
    auto [place, rest] = line.split(": ");
    auto [severity, text] = rest.split(": ");
    llvm::SmallVector<StringRef, 4> parts;
    place.split(parts, ':');
    unsigned number;
    bool located = parts.size() >= 2 && !parts[1].getAsInteger(10, number);
    if (severity != "error" && severity != "fatal error" && severity != "note")
      continue;
    bool foreign = !located || parts[0].contains("groupnorm-msl-") ||
                   parts[0] == "<simulator>";
    if (text.starts_with("static assertion failed due to requirement"))
      text = text.rsplit("': ").second;
    if (severity != "note") {
      found.push_back(
          {foreign ? "" : parts[0].str(), foreign ? 0 : number, text.str()});
      pending = foreign;
    } else if (pending && !foreign) {
      found.back().file = parts[0].str();
      found.back().line = number;
      pending = false;
    }
  }
  if (found.empty())
    found.push_back(
        {"", 0, (what + " failed: " + errors.split('\n').first).str()});
  return llvm::make_error<CompileError>(std::move(found));
}

static std::vector<std::string> languageFlags(const CompileOptions &options) {
  std::vector<std::string> flags = {
      "-x", "c++", "-std=c++17", "-nostdinc", "-nostdinc++", "-fdeclspec",
      "-fPIC", "-fno-exceptions", "-fno-rtti", "-fno-math-errno",
      "-fno-stack-protector", "-fno-strict-aliasing", "-fvisibility=hidden",
      "-fno-delete-null-pointer-checks", "-fno-optimize-sibling-calls",
      "-Xclang", "-ffloat16-excess-precision=none", "-w", "-Wno-narrowing",
      "-ferror-limit=20", "-fno-crash-diagnostics", "-fno-caret-diagnostics",
      "-fno-color-diagnostics", "-fconstexpr-steps=100000000",
      // The functions behind the runtime's table are not known: without this
      // the compiler takes `convergent` off those that call them.
      "-fconvergent-functions"};
  auto add = [&](std::initializer_list<const char *> more) {
    flags.insert(flags.end(), more.begin(), more.end());
  };
#if !defined(__APPLE__) || !defined(__aarch64__)
  add({"-march=native"});
#endif
  add({options.contract ? "-ffp-contract=fast" : "-ffp-contract=off"});
  if (options.fastMath)
    add({"-ffast-math", "-fhonor-infinities", "-fhonor-nans"});
  // The instrumentation of ThreadSanitizer with callbacks of our own. Loops are
  // not vectorized and stores not merged, so that each access is seen as the
  // kernel wrote it.
  if (options.checked)
    add({"-O1", "-D__GN_CHECKED", "-fno-vectorize", "-fno-slp-vectorize",
         "-gline-tables-only", "-fsanitize=thread", "-fsanitize=array-bounds",
         "-fsanitize-recover=array-bounds", "-mllvm",
         "-tsan-instrument-func-entry-exit=0", "-mllvm",
         "-tsan-instrument-read-before-write=1", "-mllvm",
         "-tsan-instrument-atomics=0", "-mllvm", "-disable-loop-idiom-all"});
  else
    add({"-O2"});
  return flags;
}

//===----------------------------------------------------------------------===//
// The precompiled header
//===----------------------------------------------------------------------===//

static Expected<std::string>
precompiledHeader(const std::vector<std::string> &flags) {
  Expected<std::string> clang = findClang();
  if (!clang)
    return clang;
  Expected<std::string> folder = headerFolder(*clang);
  if (!folder)
    return folder;
  llvm::SHA1 hash;
  for (const std::string &flag : flags)
    hash.update(flag + "\n");
  std::string pch =
      inFolder(*folder, llvm::toHex(hash.final(), true).substr(0, 16) + ".pch");
  if (fs::exists(pch))
    return pch;
  Expected<TemporaryPath> scratch = makeTemporaryFolder();
  if (!scratch)
    return scratch.takeError();
  std::string made = inFolder(scratch->str(), "prelude.pch");
  std::vector<std::string> arguments = flags;
  arguments[1] = "c++-header";
  // Or every kernel instantiates what the headers use, ten times the work of
  // reading them.
  arguments.push_back("-fpch-instantiate-templates");
  for (std::string more :
       {inFolder(*folder, "prelude.h"), std::string("-o"), made})
    arguments.push_back(more);
  Expected<RunResult> result = run(*clang, arguments, "", scratch->str());
  if (!result)
    return result.takeError();
  if (result->status != 0)
    return diagnose(result->errors, "precompiling the Metal headers");
  // Over file systems a rename fails; then the copy is renamed.
  std::string beside = pch + "." + std::to_string(getpid());
  if (fs::copy_file(made, beside) || fs::rename(beside, pch))
    return failure("cannot write '" + pch + "'");
  return pch;
}

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

Expected<std::string> gn::sim::preprocess(StringRef text,
                                          const CompileOptions &options,
                                          StringRef folder) {
  Expected<std::string> clang = findClang();
  if (!clang)
    return clang;
  Expected<std::string> headers = headerFolder(*clang);
  if (!headers)
    return headers;
  std::string in = inFolder(folder, "in.metal"),
              out = inFolder(folder, "out.ii");
  std::string name;
  llvm::raw_string_ostream(name).write_escaped(options.fileName);
  if (Error e = writeText(in, "#line 1 \"" + name + "\"\n" + text.str()))
    return e;
  std::vector<std::string> arguments = {
      "-E",
      "-undef",
      "-x",
      "c++",
      "-std=c++17",
      "-nostdinc",
      "-nostdinc++",
      "-w",
      "-fno-caret-diagnostics",
      "-fno-color-diagnostics",
      "-D__METAL__=1",
      "-D__METAL_MACOS__=1",
      "-D__HAVE_BFLOAT__=1",
      "-D__METAL_VERSION__=" + std::to_string(options.metalVersion),
      "-isystem",
      inFolder(*headers, "metal")};
  StringRef own = path::parent_path(options.fileName);
  arguments.push_back("-I" + (own.empty() ? "." : own.str()));
  for (const std::string &dir : options.includeDirs)
    arguments.push_back("-I" + dir);
  for (const std::string &define : options.defines)
    arguments.push_back("-D" + define);
  arguments.insert(arguments.end(), {in, "-o", out});
  Expected<RunResult> result = run(*clang, arguments, "", folder);
  if (!result)
    return result.takeError();
  if (result->status != 0)
    return diagnose(result->errors, "preprocessing");
  auto buffer = llvm::MemoryBuffer::getFile(out);
  if (!buffer)
    return failure("cannot read '" + out + "'");
  return (*buffer)->getBuffer().str();
}

Expected<std::string> gn::sim::compileLibrary(StringRef cpp,
                                              const CompileOptions &options,
                                              StringRef folder) {
  std::vector<std::string> flags = languageFlags(options);
  Expected<std::string> pch = precompiledHeader(flags);
  if (!pch)
    return pch;
  Expected<std::string> clang = findClang();
  std::string in = inFolder(folder, "kernel.cpp"),
              object = inFolder(folder, "kernel.o"),
              library = inFolder(folder, "kernel.so");
  if (Error e = writeText(in, cpp))
    return e;
  flags.insert(flags.end(), {"-include-pch", *pch, "-c", in, "-o", object});
  Expected<RunResult> result = run(*clang, flags, "", folder);
  if (!result)
    return result.takeError();
  if (result->status != 0)
    return diagnose(result->errors, "compiling");

  // Straight to the linker where it is known: starting clang again costs more
  // than linking does.
  if (fs::can_execute(GROUPNORM_LLD))
    result = run(GROUPNORM_LLD, {"-shared", object, "-o", library}, "", folder);
  else
    result = run(*clang,
                 {"-shared", "-nostdlib",
#ifdef __APPLE__
                  "-Wl,-undefined,dynamic_lookup",
#endif
                  object, "-o", library},
                 "", folder);
  if (!result)
    return result.takeError();
  if (result->status != 0)
    return failure("cannot link the kernel: " +
                   StringRef(result->errors).split('\n').first);
  return library;
}

std::vector<Diagnostic> gn::sim::checkAddressSpaces(StringRef cpp,
                                                    StringRef folder) {
  // Whatever fails here fails in the compilation, which tells of it.
  auto ignore = [](Error error) -> std::vector<Diagnostic> {
    llvm::consumeError(std::move(error));
    return {};
  };
  Expected<std::string> clang = findClang();
  if (!clang)
    return ignore(clang.takeError());
  Expected<std::string> headers = headerFolder(*clang);
  if (!headers)
    return ignore(headers.takeError());
  std::string in = inFolder(folder, "strict.cpp");
  if (Error error = writeText(in, cpp))
    return ignore(std::move(error));
  Expected<RunResult> result =
      run(*clang,
          {"-x", "c++", "-std=c++17", "-fsyntax-only", "-nostdinc",
           "-nostdinc++", "-Wno-everything", "-Werror=vla-extension",
           "-ferror-limit=0", "-fno-caret-diagnostics",
           "-fno-color-diagnostics", "-fno-crash-diagnostics", "-include",
           inFolder(*headers, "strict.h"), in},
          "", folder);
  if (!result)
    return ignore(result.takeError());
  return addressSpaceErrors(result->errors);
}
