//===- Restrictions.cpp - C++ that Metal does not have --------------------===//
//
// What clang would compile and Metal's compiler refuses, where a look at the
// tokens of a function's body tells: recursion, calls of kernels, pointers to
// functions, variables in the wrong place.
//
//===----------------------------------------------------------------------===//
#include "FrontEnd.h"
#include "Toolchain.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace gn::sim;
using llvm::StringRef;

static bool isAddressSpace(StringRef t) {
  return t == "device" || t == "constant" || t == "thread" ||
         t == "threadgroup";
}

// A word after which a declaration or an expression begins, not the name of a
// type.
static bool isStatementWord(StringRef t) {
  return t == "return" || t == "case" || t == "else" || t == "do" ||
         t == "sizeof";
}

void FrontEnd::restrictBody(const Function &f) {
  StringRef name = tok(f.name).text;
  CallGraphNode &node = callGraph[name];
  node.name = f.name;
  // Overloads and instances of a template may call each other by one name.
  node.unique = !node.known && !f.isTemplate && !f.inClass;
  node.known = true;
  for (unsigned i = f.bodyOpen + 1; i < f.bodyClose; ++i) {
    bool statement = is(i - 1, "{") || is(i - 1, "}") || is(i - 1, ";");
    if (statement)
      restrictVariable(i);
    if (is(i, "(")) {
      restrictParenthesis(i);
      continue;
    }
    bool call = tok(i).kind == Token::Identifier && is(i + 1, "(") &&
                !is(i - 1, ".") && !is(i - 1, "->") && !is(i - 1, "::");
    if (!call)
      continue;
    node.calls.insert(tok(i).text);
    if (kernels.count(tok(i).text))
      error(i,
            "'" + tok(i).text + "' is a kernel; only the host can launch it");
  }
}

// A declaration of a variable that begins at `i`.
void FrontEnd::restrictVariable(unsigned i) {
  bool isStatic = false, isConstant = false, isDevice = false;
  unsigned name = 0;
  for (; !is(i, ";") && !is(i, "=") && !is(i, "{") && !is(i, "}") &&
         !is(i, "(") && !is(i, "[") && tok(i).kind != Token::End;
       ++i) {
    if (is(i, "*") || is(i, "&"))
      return; // its memory may be anywhere
    isStatic |= is(i, "static");
    isConstant |= is(i, "constant");
    isDevice |= is(i, "device");
    if (tok(i).kind == Token::Identifier)
      name = i;
  }
  if (!name)
    return;
  if (isStatic && !isConstant)
    error(name, "'" + tok(name).text +
                    "' is static, so it must be in the "
                    "constant address space");
  if (isDevice)
    error(name, "'" + tok(name).text +
                    "': only what a pointer or a reference "
                    "refers to can be in device memory");
}

// float (*p)(...), and (float *)q without an address space.
void FrontEnd::restrictParenthesis(unsigned i) {
  unsigned close = tok(i).match;
  bool pointer = is(i + 1, "*") && close == i + 3 && is(close + 1, "(") &&
                 tok(i - 1).kind == Token::Identifier &&
                 !isStatementWord(tok(i - 1).text);
  if (pointer) {
    error(i + 2, "'" + tok(i + 2).text +
                     "' is a pointer to a function, which "
                     "Metal does not have");
    return;
  }
  if (!is(close - 1, "*") || close == i + 1)
    return;
  unsigned type = i + 1;
  while (is(type, "const") || is(type, "volatile"))
    ++type;
  for (unsigned j = i + 1; j < close; ++j)
    if (isAddressSpace(tok(j).text))
      return;
  if (isKnownType(tok(type).text) && type + 2 == close)
    error(type, "'" + tok(type).text +
                    " *' has no address space; write device, "
                    "constant, threadgroup or thread");
}

// Whether the Metal library defines a function `name`, by itself or by one of
// the macros that define a function for many types.
static bool isInLibrary(StringRef name) {
  for (const auto &[file, text] : embeddedHeaders())
    for (StringRef line : llvm::split(text, "\n")) {
      size_t at = line.contains("__GN_") ? line.find(name) : StringRef::npos;
      for (; at != StringRef::npos; at = line.find(name, at + 1)) {
        char before = at ? line[at - 1] : ' ';
        StringRef behind = line.substr(at + name.size());
        bool defined = behind.starts_with("(") && !llvm::isAlnum(before) &&
                       before != '_';
        bool generated = behind.starts_with(",") && before == '(';
        if (defined || generated)
          return true;
      }
    }
  return false;
}

// Functions that call themselves. A name that the library has too may mean
// that one.
void FrontEnd::restrictRecursion() {
  for (auto &entry : callGraph) {
    StringRef name = entry.first();
    if (!entry.second.unique)
      continue;
    // Whom it reaches, and from where.
    llvm::StringMap<StringRef> from;
    std::vector<StringRef> todo{name};
    bool found = false;
    while (!todo.empty() && !found) {
      StringRef at = todo.back();
      todo.pop_back();
      auto node = callGraph.find(at);
      if (node == callGraph.end() || !node->second.unique)
        continue;
      for (const auto &call : node->second.calls) {
        found |= call.getKey() == name;
        if (from.try_emplace(call.getKey(), at).second)
          todo.push_back(call.getKey());
      }
    }
    if (!found || isInLibrary(name))
      continue;
    StringRef by = from[name];
    error(entry.second.name,
          "'" + name + "' calls itself" +
              (by == name ? "" : " by way of '" + by.str() + "'") +
              "; Metal has no recursion");
  }
}
