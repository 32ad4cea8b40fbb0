//===- Declarations.cpp - Scopes and functions ----------------------------===//
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
  if (is(i, "namespace") ||
      (is(i, "extern") && tok(i + 1).kind == Token::String)) {
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
                  llvm::any_of(attributesIn(i, i + 1),
                               [](auto *a) { return a->find("kernel"); });
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
        if (is(i, "{") &&
            !(tok(i - 1).kind == Token::Identifier || is(i - 1, ">")))
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
    if (executes && seenBefore(begin, i, i,
                               scope)) { // trait<device T *>, trait<thread T *>
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
  KernelDefinition kernel{std::move(parameters),
                          attributesIn(f.begin, f.bodyOpen + 1),
                          /*maxThreads=*/"", tok(f.name).line, "::" + scope};
  checkKernel(f, kernel);
  threadMaximum(f, kernel);
  if (!f.isTemplate) {
    std::string hostName = "\"" + name + "\"";
    for (const Attribute *a : kernel.attributes)
      if (auto *item = a->find("host_name"))
        hostName = item->argument.str();
    // A kernel without an entry is compiled for nothing, unless it is static.
    if (executes)
      insert(tok(f.begin).offset, "static ");
    insert(tok(f.bodyClose).end(), entry(kernel, kernel.scope + name, hostName,
                                         name, kernel.scope + name, scope));
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
