//===- Restrictions.cpp - C++ that Metal does not have --------------------===//
//
// What clang would compile and Metal's compiler refuses, where a look at the
// tokens of a function's body tells: calls of kernels, addresses of functions,
// variables in the wrong place, and what only newer versions of the language
// have: lambdas, recursion, pointers to functions.
//
//===----------------------------------------------------------------------===//
#include "FrontEnd.h"
#include "HeaderFolder.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace gn::sim;
using llvm::StringRef;

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
    if (version < 230)
      error(i + 2, "'" + tok(i + 2).text +
                       "' is a pointer to a function, which Metal has from "
                       "version 2.3 on");
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

// Words and brackets that mean something Metal does not have, wherever they
// stand.
void FrontEnd::restrictWord(unsigned i) {
  if (i == 0)
    return;
  const Token &before = tok(i - 1);
  if (is(i, "noexcept") && is(i + 1, "(")) {
    // Behind a function's parameters it is no operator.
    static const StringRef declarator[] = {
        ")", "const", "&", "&&", "thread", "device", "constant", "threadgroup"};
    if (!llvm::is_contained(declarator, before.text))
      error(i, "Metal has no operator 'noexcept'");
  } else if (is(i, "[") && version < 320) {
    bool value =
        before.is(")") || before.is("]") || before.is(">") ||
        before.kind == Token::String ||
        (before.kind == Token::Identifier && !isStatementWord(before.text));
    unsigned behind = tok(i).match + 1;
    if (!value && (is(behind, "(") || is(behind, "{")))
      error(i, "Metal has lambda expressions from version 3.2 on");
  }
}

// Where the body of `f` may take the address of a function: its name, where a
// value is wanted and none is declared by that name.
void FrontEnd::restrictAddresses(const Function &f) {
  static const StringRef before[] = {"=",      "(", ",", "&",
                                     "return", "{", "?", ":"};
  static const StringRef behind[] = {";", ")", ",", "}", "?", ":"};
  auto isName = [&](unsigned i) {
    return tok(i).kind == Token::Identifier && !isStatementWord(tok(i).text);
  };
  llvm::StringSet<> declared;
  std::vector<unsigned> found;
  for (unsigned i = f.open + 1; i < f.bodyClose; ++i) {
    if (!isName(i))
      continue;
    unsigned type = i - 1; // the token that ends it, if this is a declaration
    while (is(type, "*") || is(type, "&") || is(type, "&&"))
      --type;
    if (isName(type) || is(type, ">")) {
      declared.insert(tok(i).text);
      continue;
    }
    unsigned next = is(i + 1, "<") ? afterAngles(i + 1, f.bodyClose) : i + 1;
    bool taken = i > f.bodyOpen &&
                 llvm::is_contained(before, tok(i - 1).text) &&
                 llvm::is_contained(behind, tok(next).text);
    bool operand =
        is(i - 1, "(") && (is(i - 2, "decltype") || is(i - 2, "sizeof"));
    if (taken && !operand && !(f.inClass && members.contains(tok(i).text)))
      found.push_back(i);
  }
  for (unsigned i : found)
    if (!declared.contains(tok(i).text))
      addresses.push_back(i);
}

void FrontEnd::reportAddresses() {
  for (unsigned i : addresses) {
    auto known = functions.find(tok(i).text);
    if (known == functions.end())
      continue;
    if (version < 230)
      error(i, "the address of '" + tok(i).text +
                   "' is taken; Metal has pointers to functions from version "
                   "2.3 on");
    else if (!known->second)
      error(i, "the address of '" + tok(i).text +
                   "' is taken, which is not [[visible]]");
  }
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
        bool defined =
            behind.starts_with("(") && !llvm::isAlnum(before) && before != '_';
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
  if (version >= 240)
    return;
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
              "; Metal has recursion from version 2.4 on");
  }
}
