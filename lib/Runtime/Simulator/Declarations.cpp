//===- Declarations.cpp - Scopes, functions and variables -----------------===//
//
// Walks namespaces and classes declaration by declaration. Bodies of functions
// are opaque but for threadgroup variables and pointers without an address
// space.
//
//===----------------------------------------------------------------------===//
#include "FrontEnd.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"

using namespace gn::sim;
using llvm::StringRef;

static bool isAddressSpace(StringRef t) {
  return t == "device" || t == "constant" || t == "thread" ||
         t == "threadgroup";
}

void FrontEnd::scanScope(unsigned i, unsigned end, bool inClass,
                         std::string scope) {
  while (i < end) {
    bool access = (is(i, "public") || is(i, "private") || is(i, "protected")) &&
                  is(i + 1, ":");
    if (access)
      i += 2;
    else if (is(i, ";") || is(i, "}"))
      ++i;
    else
      i = scanDeclaration(i, end, inClass, scope);
  }
}

// Reads one declaration at `i`; gives the token after it.
unsigned FrontEnd::scanDeclaration(unsigned i, unsigned end, bool inClass,
                                   const std::string &scope) {
  const unsigned begin = i;
  auto semicolon = [&](unsigned from) {
    while (from < end && !is(from, ";"))
      from = next(from);
    return from;
  };

  if (is(i, "inline") && is(i + 1, "namespace"))
    ++i;
  if (is(i, "namespace") || (is(i, "extern") && tok(i + 1).kind == Token::String)) {
    std::string inner = scope;
    unsigned open = i + 1;
    for (; open < end && !is(open, "{") && !is(open, ";"); ++open)
      if (tok(open).kind == Token::Identifier)
        inner += (tok(open).text + "::").str();
    if (open >= end || is(open, ";")) // an alias, or extern "C" void f();
      return open + 1;
    scanScope(open + 1, tok(open).match, false, inner);
    return tok(open).match + 1;
  }
  if (is(i, "using") || is(i, "typedef") || is(i, "static_assert") ||
      is(i, "friend"))
    return semicolon(i) + 1;

  Function f{};
  f.begin = begin;
  f.inClass = inClass;
  if (is(i, "template")) {
    if (!is(i + 1, "<")) {
      unsigned stop = semicolon(i);
      instantiation(i, stop, scope);
      return stop + 1;
    }
    while (is(i, "template") && is(i + 1, "<"))
      i = afterAngles(i + 1, end);
    f.isTemplate = true;
    if (is(i, "using"))
      return semicolon(i) + 1;
  }

  bool classKey = false, enumKey = false, initializer = false;
  for (; i < end; i = next(i)) {
    StringRef t = tok(i).text;
    f.isKernel |= t == "kernel" ||
                  llvm::any_of(attributesIn(i, i + 1), [](auto *a) {
                    return a->find("kernel");
                  });
    if (t == "__attribute__" || t == "alignas" || t == "decltype" ||
        t == "__declspec") {
      ++i; // over its parentheses
    } else if (t == "struct" || t == "class" || t == "union") {
      classKey = true;
    } else if (t == "enum") {
      enumKey = true;
    } else if (t == "operator") {
      f.name = i;
      for (++i; i + 1 < end && !is(i + 1, "("); ++i)
        ;
      if (!f.open && is(i + 1, "(")) {
        f.open = i + 1;
        f.close = tok(i + 1).match;
        i = f.open;
      }
    } else if (t == "<" && !f.open) {
      i = afterAngles(i, end) - 1;
    } else if (t == "(" && !f.open) {
      f.open = i;
      f.close = tok(i).match;
      f.name = i ? i - 1 : 0;
      if (is(f.name, ">")) // f<int>(...)
        while (f.name > begin && !is(f.name, "<"))
          --f.name;
    } else if (t == "=") {
      initializer = true;
      break;
    } else if (t == ":" && f.open && inClass) {
      // Constructor initializers, up to the body.
      for (++i; i < end && !is(i, ";"); i = next(i))
        if (is(i, "{") && !(tok(i - 1).kind == Token::Identifier ||
                            is(i - 1, ">")))
          break;
      --i;
      if (!is(i + 1, "{"))
        break;
    } else if (t == "{" || t == ";") {
      break;
    }
  }
  if (i >= end)
    return end;
  if (is(i, "{") && classKey && !f.open) {
    if (executes && seenBefore(begin, i, i, scope)) { // trait<device T *>, trait<thread T *>
      erase(tok(begin).offset, tok(semicolon(i)).end());
      return semicolon(i) + 1;
    }
    std::string inner = scope + "#" + std::to_string(classes++) + "::";
    scanScope(i + 1, tok(i).match, true, inner);
    return semicolon(i) + 1;
  }
  if (enumKey)
    return semicolon(i) + 1;
  bool function = f.open && !initializer;
  if (function && is(i, "{")) {
    f.bodyOpen = i;
    f.bodyClose = tok(i).match;
    this->function(f, scope);
    return f.bodyClose + 1;
  }
  unsigned stop = semicolon(i);
  if (!function && !classKey)
    variable(begin, stop, inClass, scope);
  return stop + 1;
}

void FrontEnd::function(const Function &f, const std::string &scope) {
  if (dropDuplicate(f, scope))
    return;
  std::string name = tok(f.name).text.str();
  for (unsigned i = f.begin; i < f.bodyClose; ++i)
    if (tok(i).kind == Token::Identifier)
      uses[name].insert(tok(i).text);

  auto parameters = parametersOf(f.open, f.close);
  if (!is(f.name, "operator"))
    checkParameters(parameters, f.isKernel);
  scanBody(f);
  if (executes) {
    if (!f.inClass) {
      bool &visible = functions[name];
      for (const Attribute *a : attributesIn(f.begin, f.bodyOpen + 1))
        visible |= a->find("visible") || a->find("stitchable");
    }
    restrictBody(f);
    restrictAddresses(f);
  }
  if (!f.isKernel)
    return;
  KernelDefinition kernel{std::move(parameters), attributesIn(f.begin, f.bodyOpen + 1),
                          tok(f.name).line, "::" + scope};
  checkKernel(f, kernel);
  if (!f.isTemplate) {
    std::string hostName = "\"" + name + "\"";
    for (const Attribute *a : kernel.attributes)
      if (auto *item = a->find("host_name"))
        hostName = item->argument.str();
    // A kernel without an entry is compiled for nothing, unless it is static.
    if (executes)
      insert(tok(f.begin).offset, "static ");
    insert(tok(f.bodyClose).end(),
           entry(kernel, kernel.scope + name, hostName, name,
                 kernel.scope + name, scope));
  }
  kernels[name] = std::move(kernel);
}

// Without address spaces, overloads that differ in nothing else are the same
// function twice; the first stands for all.
bool FrontEnd::dropDuplicate(const Function &f, const std::string &scope) {
  if (!executes && !f.inClass)
    return false;
  unsigned end = f.bodyOpen;
  // A constructor's initializers are no part of its signature.
  for (unsigned i = f.close; i < f.bodyOpen; ++i)
    if (is(i, ":"))
      end = std::min(end, i);
  if (!seenBefore(f.begin, end, f.close, scope))
    return false;
  erase(tok(f.begin).offset, tok(f.bodyClose).end());
  return true;
}

// Whether tokens [begin, end) declare what others have declared already but for
// address spaces. Those of a method stand behind `close`.
bool FrontEnd::seenBefore(unsigned begin, unsigned end, unsigned close,
                          const std::string &scope) {
  bool spaces = false;
  std::string key = scope;
  for (unsigned i = begin; i < end; ++i) {
    StringRef t = tok(i).text;
    spaces |= isAddressSpace(t);
    if (t == "constant" && i < close)
      t = "const";
    if (isAddressSpace(t) || (t == "const" && i && is(i - 1, "const")))
      continue;
    key += (" " + t).str();
  }
  unsigned flags = spaces ? 2 : 1;
  unsigned &seen = signatures[key];
  bool known = seen && ((seen | flags) & 2);
  seen |= flags;
  return known;
}

//===----------------------------------------------------------------------===//
// Variables
//===----------------------------------------------------------------------===//

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
    error(name, "'" + tok(name).text + "' is a variable of program scope, so it "
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
// Bodies
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
    error(name, "'" + tok(name).text + "': a threadgroup variable can be "
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
             alias + " &" + n + " = __gn_threadgroup_variable<" + alias +
             ">(" + llvm::Twine(numThreadgroupVariables++) + ", \"" + n +
             "\"); ")
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
      "bool",  "char",  "uchar", "short", "ushort", "int",     "uint",
      "long",  "ulong", "half",  "float", "bfloat", "int8_t",  "uint8_t",
      "int16_t", "uint16_t", "int32_t", "uint32_t", "int64_t", "uint64_t",
      "size_t",  "void"};
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
