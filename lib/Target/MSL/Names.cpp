//===- Names.cpp - Names of values in printed kernels ---------------------===//

#include "Names.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace gn;

StringRef msl::getName(Location location) {
  if (auto name = dyn_cast<NameLoc>(location))
    return name.getName();
  if (auto fused = dyn_cast<FusedLoc>(location))
    for (Location part : fused.getLocations())
      if (StringRef name = getName(part); !name.empty())
        return name;
  if (auto callSite = dyn_cast<CallSiteLoc>(location))
    return getName(callSite.getCallee());
  return {};
}

/// Words that MSL or its library has taken and that a value could be named by.
static bool isReserved(StringRef name) {
  static const llvm::StringSet<> words = {
      // C++ 17
      "alignas", "alignof", "and", "asm", "auto", "bool", "break", "case",
      "catch", "char", "class", "const", "constexpr", "continue", "decltype",
      "default", "delete", "do", "double", "else", "enum", "explicit", "export",
      "extern", "false", "float", "for", "friend", "goto", "if", "inline",
      "int", "long", "mutable", "namespace", "new", "noexcept", "not",
      "nullptr", "operator", "or", "private", "protected", "public", "register",
      "return", "short", "signed", "sizeof", "static", "struct", "switch",
      "template", "this", "throw", "true", "try", "typedef", "typeid",
      "typename", "union", "unsigned", "using", "virtual", "void", "volatile",
      "while", "xor", "main",
      // Metal
      "kernel", "vertex", "fragment", "device", "constant", "thread",
      "threadgroup", "threadgroup_imageblock", "ray_data", "object_data",
      "half", "bfloat", "uchar", "ushort", "uint", "ulong", "size_t", "texture",
      "sampler", "metal", "access", "packed", "atomic", "array", "visible",
      "object", "mesh", "tile", "vec", "matrix",
      // functions of its library that printed text calls
      "abs", "min", "max", "fmin", "fmax", "fma", "sqrt", "rsqrt", "exp",
      "exp2", "log", "log2", "sin", "cos", "tan", "tanh", "pow", "floor",
      "ceil", "round", "rint", "trunc", "fmod", "copysign", "select", "isnan",
      "isinf", "isfinite", "precise", "fast", "as_type", "simd_shuffle",
      "simd_sum", "threadgroup_barrier", "mem_flags", "step", "mix", "clamp",
      "sign", "dot", "length", "distance", "cross", "normalize", "any", "all",
      "INFINITY", "NAN"};
  return words.contains(name);
}

bool msl::isFunctionName(StringRef name) {
  return !name.empty() && !llvm::isDigit(name.front()) &&
         llvm::all_of(name,
                      [](char c) { return llvm::isAlnum(c) || c == '_'; }) &&
         !isReserved(name);
}

bool msl::NameScopes::isVisible(StringRef name) const {
  return llvm::any_of(scopes, [&](const llvm::StringSet<> &scope) {
    return scope.contains(name);
  });
}

std::string msl::NameScopes::take(StringRef name) {
  std::string base;
  for (char c : name)
    base += llvm::isAlnum(c) || c == '_' ? c : '_';
  // Names with two underscores, or one before a capital, are the compiler's.
  if (base.empty() || !llvm::isAlpha(base.front()))
    base = "v" + base;
  std::string unique = base;
  for (int i = 1; isReserved(unique) || isVisible(unique); ++i)
    unique = base + "_" + llvm::utostr(i);
  scopes.back().insert(unique);
  return unique;
}
