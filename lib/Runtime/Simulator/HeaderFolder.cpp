//===- HeaderFolder.cpp - The headers that kernels include ----------------===//
//
// Writes the headers of this library, and those that are generated, to a folder
// under the system's temporary one.
//
//===----------------------------------------------------------------------===//
#include "HeaderFolder.h"
#include "Files.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA1.h"
#include <mutex>
#include <unistd.h>

using namespace gn::sim;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

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
        os << llvm::formatv(
            "__declspec(property(get = __get_{0}{1})) {2} {3};\n", name,
            distinct ? ", put = __put_" + name : "", type, alias);
    }
  }
  return out;
}

static Error writeHeaders(StringRef folder) {
  std::string metal = inFolder(folder, "metal");
  if (std::error_code ec = fs::create_directories(metal))
    return llvm::createStringError("cannot make '" + metal +
                                   "': " + ec.message());
  for (auto [name, text] : embeddedHeaders())
    if (Error e = writeText(
            inFolder(name.starts_with("metal_") ? metal : folder.str(), name),
            text))
      return e;
  // What else Metal calls its headers; <metal_stdlib> includes them all.
  for (StringRef name :
       {"metal_array",         "metal_atomic",           "metal_common",
        "metal_compute",       "metal_config",           "metal_geometric",
        "metal_integer",       "metal_limits",           "metal_math",
        "metal_matrix",        "metal_numeric",          "metal_pack",
        "metal_packed_vector", "metal_quadgroup",        "metal_relational",
        "metal_simdgroup",     "metal_simdgroup_matrix", "metal_type_traits",
        "metal_types",         "metal_uniform",          "metal_utility",
        "metal_vector"})
    if (Error e = writeText(inFolder(metal, name), "#include <metal_stdlib>\n"))
      return e;
  std::string all;
  for (unsigned n : {2, 3, 4})
    all +=
        llvm::formatv("#if __GN_SWIZZLES == {0}\n{1}#endif\n", n, swizzles(n));
  return writeText(inFolder(folder, "swizzles.h"),
                   all + "#undef __GN_SWIZZLES\n");
}

// It is made under another name and then renamed, so that nobody sees it half
// done.
Expected<std::string> gn::sim::headerFolder(StringRef clang) {
  static std::mutex mutex;
  static std::string known;
  std::lock_guard<std::mutex> lock(mutex);
  if (!known.empty() && fs::exists(known))
    return known;
  llvm::SHA1 hash;
  hash.update(clang);
  fs::file_status status;
  if (!fs::status(clang,
                  status)) // another compiler, another precompiled header
    hash.update(std::to_string(
        status.getLastModificationTime().time_since_epoch().count()));
  hash.update(swizzles(2));
  for (auto [name, text] : embeddedHeaders()) {
    hash.update(name);
    hash.update(text);
  }
  llvm::SmallString<128> folder;
  path::system_temp_directory(/*ErasedOnReboot=*/true, folder);
  path::append(folder,
               llvm::formatv("groupnorm-msl-{0}-{1}", getuid(),
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
      return llvm::createStringError("cannot make '" + folder +
                                     "': " + ec.message());
  }
  // Nobody else may have put compiler input there.
  if (fs::status(folder, status) || status.getUser() != getuid() ||
      (status.permissions() & (fs::group_write | fs::others_write)))
    return llvm::createStringError("'" + folder +
                                   "' does not belong to this user; remove it");
  return known = folder.str().str();
}
