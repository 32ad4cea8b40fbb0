//===- Variables.cpp - Variables and pointers -----------------------------===//
//
// Variables of program scope, members and what functions declare: which address
// space they are in, threadgroup variables, function constants, and pointers
// that do not say what they point to.
//
//===----------------------------------------------------------------------===//
#include "FrontEnd.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"

using namespace gn::sim;
using llvm::StringRef;

// A variable of program scope, or a member, tokens [begin, end).
void FrontEnd::variable(unsigned begin, unsigned end, bool inClass,
                        const std::string &scope) {
  bool constant = false, isStatic = false, isPointer = false, external = false;
  unsigned name = begin, equals = end;
  for (unsigned i = begin; i < end; i = next(i)) {
    constant |= is(i, "constant");
    isStatic |= is(i, "static") || is(i, "constexpr");
    external |= is(i, "extern");
    isPointer |= is(i, "*") || is(i, "&");
    if (is(i, "<"))
      i = afterAngles(i, end) - 1;
    if (is(i, "=") || is(i, "{") || is(i, "[") || is(i, "(")) {
      if (!is(i, "["))
        equals = i;
      break;
    }
    if (tok(i).kind == Token::Identifier)
      name = i;
  }
  if (name == begin) // a macro's stray word, `struct X;`
    return;
  if (inClass && isPointer && !isStatic)
    localPointer(begin);
  if (inClass)
    members.insert(tok(name).text);
  if (inClass && !isPointer && !isStatic)
    for (unsigned i = begin; i < name; ++i)
      if (is(i, "device") || is(i, "threadgroup") || is(i, "constant"))
        error(name, "'" + tok(name).text +
                        "': a member lies where its struct "
                        "does, so it has no address space");
  if (!constant && (isStatic || !inClass) && !external) {
    error(name, "'" + tok(name).text +
                    "' is a variable of program scope, so it "
                    "must be in the constant address space");
    return;
  }
  if (inClass)
    return;
  for (const Attribute *a : attributesIn(begin, end + 1))
    if (auto *item = a->find("function_constant"))
      return functionConstant(begin, end, name, item->argument, scope);

  auto &mentioned = uses[tok(name).text];
  bool dependent = false;
  for (unsigned i = equals; i < end; ++i)
    if (tok(i).kind == Token::Identifier) {
      mentioned.insert(tok(i).text);
      dependent |= constantNames.contains(tok(i).text);
    }
  if (!dependent || !is(equals, "="))
    return;
  // What depends on a function constant is set when that is.
  std::string setter = "__gn_set_" + tok(name).text.str();
  std::string type = spell(begin, name);
  if (StringRef(type).starts_with("static "))
    type = type.substr(7);
  replace(tok(begin).offset, tok(equals).end(),
          "static __remove_const(" + type + ") " + tok(name).text +
              "; __GN_ENTRY static void " + setter + "() { " + tok(name).text +
              " = (");
  insert(tok(end).offset, "); }");
  initializers.push_back(scope + setter);
  constantNames.insert(tok(name).text);
}

void FrontEnd::functionConstant(unsigned begin, unsigned end, unsigned name,
                                StringRef index, const std::string &scope) {
  std::string type;
  for (unsigned i = begin; i < name; ++i)
    if (!is(i, "constant") && !is(i, "static") && !is(i, "const") &&
        !is(i, "constexpr"))
      type += (type.empty() ? "" : " ") + tok(i).text.str();
  if (end != name + 1) {
    error(name, "a function constant takes its value from the launch, so it "
                "has no initializer");
    return;
  }
  StringRef n = tok(name).text;
  replace(tok(begin).offset, tok(name).end(),
          "static " + type + " " + n + "; static bool __gn_defined_" + n);
  constants.push_back({scope, n.str(), type, index.str()});
  constantNames.insert(n);
}

//===----------------------------------------------------------------------===//
// In functions
//===----------------------------------------------------------------------===//

void FrontEnd::scanBody(const Function &f) {
  for (unsigned i = f.bodyOpen + 1; i < f.bodyClose; ++i) {
    bool statement = is(i - 1, "{") || is(i - 1, "}") || is(i - 1, ";") ||
                     (is(i - 1, "(") && i > 1 && is(i - 2, "for"));
    if (!statement)
      continue;
    unsigned word = i;
    while (is(word, "const") || is(word, "static") || is(word, "volatile") ||
           is(word, "alignas"))
      word = next(is(word, "alignas") ? word + 1 : word);
    if (is(word, "threadgroup"))
      threadgroupVariable(word, f.isKernel);
    else
      localPointer(i);
  }
  if (executes)
    checkIndices(f);
}

// Indices of arrays that the function declares, where no comma of a declaration
// can stand before the name.
void FrontEnd::checkIndices(const Function &f) {
  auto declared = [&](unsigned i) { // the token before it ends a type
    return is(i - 1, ">") ||
           (tok(i - 1).kind == Token::Identifier && !is(i - 1, "return") &&
            !is(i - 1, "case") && !is(i - 1, "else") && !is(i - 1, "do"));
  };
  llvm::StringSet<> arrays;
  std::vector<unsigned> indexed, open; // open: brackets around the token
  for (unsigned i = f.bodyOpen + 1; i < f.bodyClose; ++i) {
    if (tok(i).match > i)
      open.push_back(i);
    else if (tok(i).match && !open.empty())
      open.pop_back();
    if (tok(i).kind != Token::Identifier || !is(i + 1, "["))
      continue;
    if (declared(i))
      arrays.insert(tok(i).text);
    else if (!is(i - 1, ".") && !is(i - 1, "->") && !is(i - 1, "::") &&
             !is(i - 1, "&") &&
             !(is(i - 1, ",") && (open.empty() || is(open.back(), "{"))))
      indexed.push_back(i);
  }
  for (unsigned i : indexed) {
    if (!arrays.contains(tok(i).text) ||
        threadgroupVariables.contains(tok(i).text))
      continue;
    std::string name = tok(i).text.str(), type = "decltype(" + name + ")";
    for (unsigned at = i + 1; is(at, "["); at = next(at)) {
      insert(tok(at).end(), "__gn_index<" + type + ">(");
      insert(tok(tok(at).match).offset, ", \"" + name + "\")");
      type = "__remove_extent(" + type + ")";
    }
  }
}

// threadgroup T name[N], other[M]; at its keyword. Each declarator becomes an
// alias of the array's type and a reference to memory that the simulator
// hands out. An initializer is dropped: a GPU does not run it either.
void FrontEnd::threadgroupVariable(unsigned keyword, bool inKernel) {
  unsigned end = keyword;
  while (!is(end, ";"))
    end = next(end);
  // The type ends before the first declarator's name.
  unsigned name = 0;
  for (unsigned i = keyword + 1; i < end; i = next(i)) {
    if (is(i, "<")) {
      i = afterAngles(i, end) - 1;
      continue;
    }
    if (is(i, "*") || is(i, "&"))
      return; // points to threadgroup memory
    if (is(i, "[") || is(i, "=") || is(i, ",") || is(i, "{") || is(i, "("))
      break;
    if (tok(i).kind == Token::Identifier)
      name = i;
  }
  if (!name)
    return;
  if (!inKernel) {
    error(name, "'" + tok(name).text +
                    "': a threadgroup variable can be "
                    "declared in a kernel function only");
    return;
  }
  if (!executes)
    return insert(tok(keyword).offset, "static ");
  std::string type = spell(keyword + 1, name), code;
  for (unsigned i = name; i < end;) {
    unsigned dims = i + 1;
    while (is(dims, "["))
      dims = next(dims);
    StringRef n = tok(i).text;
    std::string alias = ("__gn_type_" + n).str();
    code += ("typedef " + type + " " + alias + spell(i + 1, dims) + "; " +
             alias + " &" + n + " = __gn_threadgroup_variable<" + alias + ">(" +
             llvm::Twine(numThreadgroupVariables++) + ", \"" + n + "\"); ")
                .str();
    threadgroupVariables.insert(n);
    while (dims < end && !is(dims, ","))
      dims = next(dims);
    i = dims + 1;
  }
  unsigned begin = keyword;
  while (is(begin - 1, "const") || is(begin - 1, "static") ||
         is(begin - 1, "volatile"))
    --begin;
  replace(tok(begin).offset, tok(end).end(), code);
}

bool gn::sim::isKnownType(StringRef t) {
  static const StringRef bases[] = {
      "bool",    "char",     "uchar",   "short",    "ushort",  "int",
      "uint",    "long",     "ulong",   "half",     "float",   "bfloat",
      "int8_t",  "uint8_t",  "int16_t", "uint16_t", "int32_t", "uint32_t",
      "int64_t", "uint64_t", "size_t",  "void"};
  if (llvm::is_contained(bases, t))
    return true;
  t.consume_front("packed_");
  StringRef base = t.rtrim("234x");
  return base != t && llvm::is_contained(bases, base);
}

// `float *p` where a declaration may begin: Metal wants to know which memory.
void FrontEnd::localPointer(unsigned i) {
  while (is(i, "const") || is(i, "static") || is(i, "constexpr") ||
         is(i, "volatile"))
    ++i;
  if (!isKnownType(tok(i).text))
    return;
  ++i;
  while (is(i, "const") || is(i, "volatile"))
    ++i;
  if ((!is(i, "*") && !is(i, "&")) || tok(i + 1).kind != Token::Identifier ||
      isAddressSpace(tok(i + 1).text))
    return;
  error(i + 1, llvm::Twine(is(i, "*") ? "pointer" : "reference") + " '" +
                   tok(i + 1).text +
                   "' has no address space; write device, constant, "
                   "threadgroup or thread");
}
