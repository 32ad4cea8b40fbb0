//===- Toolchain.cpp - The C++ compiler that kernels go through -----------===//
//
// The compiler is the clang that CMake found when the project was configured,
// or the first clang-22 or clang on the PATH.
//
//===----------------------------------------------------------------------===//
#include "Toolchain.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/SHA1.h"
#include <mutex>
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
// Files
//===----------------------------------------------------------------------===//

TemporaryPath::~TemporaryPath() {
  if (!path.empty())
    fs::remove_directories(path);
}

Expected<TemporaryPath> gn::sim::makeTemporaryFolder() {
  llvm::SmallString<128> made;
  if (std::error_code ec = fs::createUniqueDirectory("groupnorm-msl", made))
    return failure("cannot make a folder for temporary files: " + ec.message());
  return TemporaryPath(made.str().str());
}

static Error writeFile(StringRef name, StringRef text) {
  std::error_code ec;
  llvm::raw_fd_ostream os(name, ec);
  if (!ec) {
    os << text;
    os.close();
    ec = os.error();
    os.clear_error();
  }
  return ec ? failure("cannot write '" + name + "': " + ec.message())
            : Error::success();
}

static std::string inFolder(StringRef folder, StringRef name) {
  llvm::SmallString<128> out(folder);
  path::append(out, name);
  return out.str().str();
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
  std::optional<StringRef> redirects[] = {
      StringRef(""), output, StringRef(errorFile)};
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
      found.push_back({foreign ? "" : parts[0].str(), foreign ? 0 : number,
                       text.str()});
      pending = foreign;
    } else if (pending && !foreign) {
      found.back().file = parts[0].str();
      found.back().line = number;
      pending = false;
    }
  }
  if (found.empty())
    found.push_back({"", 0, (what + " failed: " + errors.split('\n').first).str()});
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
      // The functions behind the runtime's table are not known: without this the
      // compiler takes `convergent` off those that call them.
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
// Headers
//===----------------------------------------------------------------------===//

// v.xyz and v.rgb as properties of metal::vec<T, N>: every choice of two to
// four of its elements, written too where no element occurs twice.
static std::string swizzles(unsigned n) {
  std::string out;
  llvm::raw_string_ostream os(out);
  const StringRef letters = "xyzw", colors = "rgba";
  for (unsigned length = 2; length <= 4; ++length) {
    unsigned choices = 1;
    for (unsigned i = 0; i < length; ++i)
      choices *= n;
    for (unsigned choice = 0; choice < choices; ++choice) {
      std::string name, color, get, put;
      unsigned used = 0;
      bool distinct = true;
      for (unsigned i = 0, rest = choice; i < length; ++i, rest /= n) {
        unsigned e = rest % n;
        name += letters[e];
        color += colors[e];
        get += llvm::formatv("{0}get({1})", i ? ", " : "", e).str();
        put += llvm::formatv("put({0}, s.get({1})); ", e, i).str();
        distinct &= !(used >> e & 1);
        used |= 1u << e;
      }
      std::string type = llvm::formatv("vec<T, {0}>", length).str();
      os << llvm::formatv(
          "__GN_FN constexpr {0} __get_{1}() const {{ return {0}({2}); }\n",
          type, name, get);
      if (distinct)
        os << llvm::formatv("__GN_FN void __put_{0}({1} s) {{ {2}}\n", name,
                            type, put);
      for (const std::string &alias : {name, color})
        os << llvm::formatv("__declspec(property(get = __get_{0}{1})) {2} {3};\n",
                            name, distinct ? ", put = __put_" + name : "", type,
                            alias);
    }
  }
  return out;
}

static Error writeHeaders(StringRef folder) {
  std::string metal = inFolder(folder, "metal");
  if (std::error_code ec = fs::create_directories(metal))
    return failure("cannot make '" + metal + "': " + ec.message());
  for (auto [name, text] : embeddedHeaders())
    if (Error e = writeFile(
            inFolder(name.starts_with("metal_") ? metal : folder.str(), name), text))
      return e;
  // What else Metal calls its headers; <metal_stdlib> includes them all.
  for (StringRef name :
       {"metal_array", "metal_atomic", "metal_common", "metal_compute",
        "metal_config", "metal_geometric", "metal_integer", "metal_limits",
        "metal_math", "metal_matrix", "metal_numeric", "metal_pack",
        "metal_packed_vector", "metal_quadgroup", "metal_relational",
        "metal_simdgroup", "metal_simdgroup_matrix", "metal_type_traits",
        "metal_types", "metal_uniform", "metal_utility", "metal_vector"})
    if (Error e = writeFile(inFolder(metal, name), "#include <metal_stdlib>\n"))
      return e;
  std::string all;
  for (unsigned n : {2, 3, 4})
    all += llvm::formatv("#if __GN_SWIZZLES == {0}\n{1}#endif\n", n, swizzles(n));
  return writeFile(inFolder(folder, "swizzles.h"), all + "#undef __GN_SWIZZLES\n");
}

// The folder of the headers, named after what is in it. It is made under
// another name and then renamed, so that nobody sees it half done.
static Expected<std::string> headerFolder() {
  static std::mutex mutex;
  static std::string known;
  std::lock_guard<std::mutex> lock(mutex);
  if (!known.empty() && fs::exists(known))
    return known;
  Expected<std::string> clang = findClang();
  if (!clang)
    return clang.takeError();
  llvm::SHA1 hash;
  hash.update(*clang);
  fs::file_status status;
  if (!fs::status(*clang, status)) // another compiler, another precompiled header
    hash.update(std::to_string(status.getLastModificationTime()
                                   .time_since_epoch()
                                   .count()));
  hash.update(swizzles(2));
  for (auto [name, text] : embeddedHeaders()) {
    hash.update(name);
    hash.update(text);
  }
  llvm::SmallString<128> folder;
  path::system_temp_directory(/*ErasedOnReboot=*/true, folder);
  path::append(folder, llvm::formatv("groupnorm-msl-{0}-{1}", getuid(),
                                     llvm::toHex(hash.final(), true).substr(0, 16)));
  if (!fs::exists(folder)) {
    Expected<TemporaryPath> fresh = makeTemporaryFolder();
    if (!fresh)
      return fresh.takeError();
    if (Error e = writeHeaders(fresh->str()))
      return e;
    // Somebody else may have been faster; theirs is as good.
    std::error_code ec = fs::rename(fresh->str(), folder);
    if (ec && !fs::exists(folder))
      return failure("cannot make '" + folder + "': " + ec.message());
  }
  // Nobody else may have put compiler input there.
  if (fs::status(folder, status) || status.getUser() != getuid() ||
      (status.permissions() & (fs::group_write | fs::others_write)))
    return failure("'" + folder + "' does not belong to this user; remove it");
  return known = folder.str().str();
}

static Expected<std::string>
precompiledHeader(const std::vector<std::string> &flags) {
  Expected<std::string> folder = headerFolder();
  if (!folder)
    return folder;
  llvm::SHA1 hash;
  for (const std::string &flag : flags)
    hash.update(flag + "\n");
  std::string pch = inFolder(
      *folder, llvm::toHex(hash.final(), true).substr(0, 16) + ".pch");
  if (fs::exists(pch))
    return pch;
  Expected<std::string> clang = findClang();
  Expected<TemporaryPath> scratch = makeTemporaryFolder();
  if (!scratch)
    return scratch.takeError();
  std::string made = inFolder(scratch->str(), "prelude.pch");
  std::vector<std::string> arguments = flags;
  arguments[1] = "c++-header";
  // Or every kernel instantiates what the headers use, ten times the work of
  // reading them.
  arguments.push_back("-fpch-instantiate-templates");
  for (std::string more : {inFolder(*folder, "prelude.h"), std::string("-o"), made})
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
  Expected<std::string> headers = headerFolder();
  if (!headers)
    return headers;
  Expected<std::string> clang = findClang();
  if (!clang)
    return clang;
  std::string in = inFolder(folder, "in.metal"), out = inFolder(folder, "out.ii");
  std::string name;
  llvm::raw_string_ostream(name).write_escaped(options.fileName);
  if (Error e = writeFile(in, "#line 1 \"" + name + "\"\n" + text.str()))
    return e;
  std::vector<std::string> arguments = {
      "-E", "-undef", "-x", "c++", "-std=c++17", "-nostdinc", "-nostdinc++",
      "-w", "-fno-caret-diagnostics", "-fno-color-diagnostics",
      "-D__METAL__=1", "-D__METAL_MACOS__=1", "-D__HAVE_BFLOAT__=1",
      "-D__METAL_VERSION__=" + std::to_string(options.metalVersion),
      "-isystem", inFolder(*headers, "metal")};
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
  std::string in = inFolder(folder, "kernel.cpp"), object = inFolder(folder, "kernel.o"),
              library = inFolder(folder, "kernel.so");
  if (Error e = writeFile(in, cpp))
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
  Expected<std::string> headers = headerFolder();
  Expected<std::string> clang = findClang();
  std::string in = inFolder(folder, "strict.cpp");
  Error written = writeFile(in, cpp);
  if (!headers || !clang || written) {
    llvm::consumeError(headers.takeError());
    llvm::consumeError(clang.takeError());
    llvm::consumeError(std::move(written));
    return {};
  }
  Expected<RunResult> result =
      run(*clang,
          {"-x", "c++", "-std=c++17", "-fsyntax-only", "-nostdinc",
           "-nostdinc++", "-Wno-everything", "-Werror=vla-extension",
           "-ferror-limit=0", "-fno-caret-diagnostics", "-fno-color-diagnostics", "-fno-crash-diagnostics", "-include",
           inFolder(*headers, "strict.h"), in},
          "", folder);
  if (!result) {
    llvm::consumeError(result.takeError());
    return {};
  }
  return addressSpaceErrors(result->errors);
}
