//===- FrontEnd.cpp - The text as a whole ---------------------------------===//
//
// Token by token: words and literals that Metal spells otherwise or does not
// have. Then the declarations (Declarations.cpp, Variables.cpp) and kernels
// (Kernels.cpp), and last the tables through which the simulator finds what it
// loaded.
//
//===----------------------------------------------------------------------===//
#include "FrontEnd.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FormatVariadic.h"

using namespace gn::sim;
using llvm::StringRef;

FrontEndResult FrontEnd::run() {
  FrontEndResult result;
  LexError lexError;
  if (!lex(text, lexed, lexError)) {
    result.diagnostics.push_back(
        {lexError.file, lexError.line, lexError.message});
    return result;
  }
  checkTokens();
  if (executes) {
    rewriteSwizzles();
    rewriteConditionals();
  } else {
    rewriteCasts();
  }
  for (const Attribute &attribute : lexed.attributes)
    if (!attribute.find("maybe_unused") && !attribute.find("fallthrough") &&
        !attribute.find("nodiscard"))
      erase(attribute.begin, attribute.end);
  erasePragmas();
  scanScope(0, lexed.tokens.size() - 1, /*inClass=*/false, "");
  if (executes) {
    restrictRecursion();
    reportAddresses();
  }
  collectNeeds(result);
  result.text = apply();
  if (executes)
    emitTables(result.text);
  result.threadgroupVariables = std::move(threadgroupVariables);
  result.askedConstants = std::move(askedConstants);
  result.kernelNames = std::move(kernelNames);
  result.diagnostics = std::move(diagnostics);
  return result;
}

//===----------------------------------------------------------------------===//
// Words and literals
//===----------------------------------------------------------------------===//

// Why Metal has no such word; empty: it has.
static StringRef whyForbidden(StringRef word) {
  return llvm::StringSwitch<StringRef>(word)
      .Case("double", "Metal has no type 'double'; use float")
      .Cases({"try", "catch", "throw"}, "Metal has no exceptions")
      .Cases({"new", "delete"}, "Metal has no 'new' and no 'delete'")
      .Cases({"dynamic_cast", "typeid"},
             "Metal has no run-time type information")
      .Case("virtual", "Metal has no virtual functions")
      .Case("goto", "Metal has no 'goto'")
      .Cases({"asm", "__asm__"}, "Metal has no inline assembly")
      .Cases({"thread_local", "register"},
             "Metal has no such storage class; a local variable is the "
             "thread's own")
      .Cases({"vertex", "fragment"}, "the simulator runs compute kernels only")
      .Default("");
}

void FrontEnd::checkTokens() {
  for (unsigned i = 0; i + 1 < lexed.tokens.size(); ++i) {
    const Token &token = tok(i);
    if (executes)
      restrictWord(i);
    if (token.kind == Token::Number)
      rewriteNumber(token);
    else if (token.kind == Token::Identifier)
      rewriteKeyword(i);
  }
}

void FrontEnd::rewriteKeyword(unsigned i) {
  const Token &token = tok(i);
  if (StringRef why = whyForbidden(token.text); !why.empty()) {
    bool deleted = token.is("delete") && i && is(i - 1, "="); // = delete;
    if (!deleted)
      error(i, why);
    return;
  }
  if (token.is("long") && is(i + 1, "long"))
    error(i, "Metal has no type 'long long'; long has 64 bits");
  // Behind the parameters of a method `constant` is no `const`, and clang
  // knows no address spaces there.
  bool qualifiesMethod =
      is(i + 1, "{") || is(i + 1, ":") || is(i + 1, ";") || is(i + 1, "->");
  if (token.is("constant")) {
    if (qualifiesMethod)
      erase(token.offset, token.end());
    else if (executes)
      replace(token.offset, token.end(), "const");
  } else if (token.is("device") || token.is("threadgroup")) {
    if (executes || qualifiesMethod)
      erase(token.offset, token.end());
  } else if (token.is("thread") || token.is("kernel"))
    erase(token.offset, token.end());
  else if (token.is("coherent") && is(i + 1, "("))
    erase(token.offset, tok(tok(i + 1).match).end());
  else if (token.is("is_function_constant_defined") && is(i + 1, "(")) {
    std::string name = spell(i + 2, tok(i + 1).match);
    askedConstants.insert(name);
    replace(token.offset, tok(tok(i + 1).match).end(), "__gn_defined_" + name);
  }
}

// 1.0 is a float in Metal, 1.0h a half and 1.0bf a bfloat.
static std::string rewriteLiteral(StringRef text) {
  bool hex = text.starts_with_insensitive("0x");
  bool real = text.contains('.') || (hex ? text.contains_insensitive("p")
                                         : text.contains_insensitive("e"));
  if (hex && !real)
    return text.str();
  if (!hex && text.ends_with_insensitive("bf"))
    return ("bfloat(" + text.drop_back(2) + (real ? "f)" : ".0f)")).str();
  StringRef digits = text;
  if (digits.consume_back_insensitive("hf") ||
      digits.consume_back_insensitive("h"))
    return (digits + (real ? "f16" : ".0f16")).str();
  if (digits.consume_back_insensitive("f"))
    return (digits + (real ? "f" : ".0f")).str();
  return real ? (text + "f").str() : text.str();
}

void FrontEnd::rewriteNumber(const Token &token) {
  std::string literal = rewriteLiteral(token.text);
  unsigned at = &token - lexed.tokens.data();
  if (StringRef(literal).ends_with_insensitive("lf"))
    return error(at, "Metal has no type 'long double'");
  if (StringRef(literal).rtrim("uU").ends_with_insensitive("ll"))
    return error(at, "Metal has no type 'long long'; long has 64 bits");
  if (literal != token.text)
    replace(token.offset, token.end(), literal);
}

// v.xyz as a property serves where it is written to. Reading it calls the
// getter: clang loses properties in templates. A name that the text uses for
// something of its own stays as it is.
static bool isSwizzle(StringRef t) {
  return t.size() >= 2 && t.size() <= 4 &&
         (t.find_first_not_of("xyzw") == StringRef::npos ||
          t.find_first_not_of("rgba") == StringRef::npos);
}

void FrontEnd::rewriteSwizzles() {
  llvm::StringSet<> own;
  std::vector<unsigned> members;
  for (unsigned i = 1; i + 1 < lexed.tokens.size(); ++i) {
    if (tok(i).kind != Token::Identifier || !isSwizzle(tok(i).text))
      continue;
    if (is(i - 1, ".") || is(i - 1, "->"))
      members.push_back(i);
    else
      own.insert(tok(i).text);
  }
  static const StringRef assignments[] = {
      "=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="};
  for (unsigned i : members) {
    StringRef next = tok(i + 1).text;
    if (own.contains(tok(i).text) || llvm::is_contained(assignments, next) ||
        next == "(")
      continue;
    std::string name = tok(i).text.str();
    for (char &c : name)
      if (size_t color = StringRef("rgba").find(c); color != StringRef::npos)
        c = "xyzw"[color];
    replace(tok(i).offset, tok(i).end(), "__get_" + name + "()");
  }
}

// c ? b : 0, where b may be a bfloat: the literal takes b's type then.
void FrontEnd::rewriteConditionals() {
  static const StringRef behind[] = {";", ")", ",", "]", "}"};
  for (unsigned i = 1; i + 2 < lexed.tokens.size(); ++i) {
    bool digits =
        tok(i + 1).text.find_first_not_of("0123456789") == StringRef::npos;
    if (!is(i, ":") || tok(i + 1).kind != Token::Number || !digits ||
        !llvm::is_contained(behind, tok(i + 2).text))
      continue;
    // Back to the question mark, over brackets and other conditionals.
    unsigned question = i - 1;
    bool plain = true;
    for (int inner = 0; question > 0; --question) {
      const Token &t = tok(question);
      plain &= !isSwizzle(t.text) && !t.is("{");
      if (t.is("?") && inner-- == 0)
        break;
      inner += t.is(":");
      if (t.is(";") || t.is("{") || t.match > question) {
        question = 0;
        break;
      }
      if (t.match)
        question = t.match;
    }
    if (question == 0 || !plain)
      continue;
    std::string other = spell(question + 1, i);
    insert(tok(i + 1).offset, "__gn_like<decltype((" + other + "))>(");
    insert(tok(i + 1).end(), ")");
  }
}

// Names that the text gives to types of pointers into an address space:
// typedef device float *P; and using P = device float *;
llvm::StringSet<> FrontEnd::pointerAliases() const {
  llvm::StringSet<> aliases;
  for (unsigned i = 0; i + 1 < lexed.tokens.size(); ++i) {
    bool isUsing = is(i, "using") && is(i + 2, "=");
    if (!isUsing && !is(i, "typedef"))
      continue;
    unsigned end = i + 1;
    bool hasSpace = false;
    for (; !is(end, ";") && tok(end).kind != Token::End; ++end)
      hasSpace |= isAddressSpace(tok(end).text);
    unsigned name = isUsing ? i + 1 : end - 1;
    unsigned star = isUsing ? end - 1 : end - 2;
    if (hasSpace && is(star, "*"))
      aliases.insert(tok(name).text);
  }
  return aliases;
}

// (device T *)p and the like, for the parse that looks for address spaces:
// clang lets such a cast change them. `->*` binds its right side as a cast
// does.
// So do casts by a name for such a type, (P)p and P(p).
void FrontEnd::rewriteCasts() {
  llvm::StringSet<> aliases = pointerAliases();
  static const StringRef before[] = {"=",      "(",  ",",  "{", "}", ";",
                                     "return", "+",  "-",  "?", ":", "*",
                                     "[",      "==", "!=", "<<"};
  for (unsigned i = 1; i + 1 < lexed.tokens.size(); ++i) {
    unsigned close = tok(i).match;
    if (is(i + 1, "(") && aliases.contains(tok(i).text) &&
        tok(i + 1).match > i + 2 &&
        llvm::is_contained(before, tok(i - 1).text)) {
      insert(tok(i).offset, "(__gn_cast<");
      insert(tok(i).end(), ">() ->* ");
      insert(tok(tok(i + 1).match).end(), ")");
      continue;
    }
    bool isAlias = close == i + 2 && aliases.contains(tok(i + 1).text);
    if (!is(i, "(") || (!isAlias && (close < i + 3 || !is(close - 1, "*"))) ||
        !llvm::is_contained(before, tok(i - 1).text))
      continue;
    bool named = isAlias, plain = true;
    for (unsigned j = i + 1; j < close; ++j) {
      named |= isAddressSpace(tok(j).text);
      plain &= !is(j, "(") && !is(j, "=");
    }
    const Token &operand = tok(close + 1);
    bool applies = operand.kind == Token::Identifier || operand.is("(") ||
                   operand.is("&") || operand.is("*");
    if (!named || !plain || !applies)
      continue;
    replace(tok(i).offset, tok(i).end(), "__gn_cast<");
    replace(tok(close).offset, tok(close).end(), ">() ->* ");
  }
}

// Pragmas ask how to compile, not what for: Metal's own mean nothing to clang,
// and unrolled loops only take longer to compile.
void FrontEnd::erasePragmas() {
  for (auto [begin, end] : lexed.pragmas)
    erase(begin, end);
}

//===----------------------------------------------------------------------===//
// Helpers
//===----------------------------------------------------------------------===//

void FrontEnd::error(unsigned token, const llvm::Twine &message) {
  const Token &t = tok(token);
  diagnostics.push_back({lexed.files[t.file], t.line, message.str()});
}

void FrontEnd::replace(size_t begin, size_t end, const llvm::Twine &with) {
  edits.push_back({begin, end, with.str()});
}

// An edit inside of a larger one is lost with it; lines stay where they are.
std::string FrontEnd::apply() const {
  std::vector<const Edit *> sorted;
  for (const Edit &edit : edits)
    sorted.push_back(&edit);
  // Insertions first, then larger edits; of two alike the one made first.
  llvm::sort(sorted, [](const Edit *a, const Edit *b) {
    bool insertA = a->begin != a->end, insertB = b->begin != b->end;
    return std::make_tuple(a->begin, insertA, b->end, a) <
           std::make_tuple(b->begin, insertB, a->end, b);
  });
  std::string out;
  size_t at = 0;
  for (const Edit *edit : sorted) {
    if (edit->begin < at)
      continue;
    out += text.slice(at, edit->begin);
    out += edit->with;
    out.append(text.slice(edit->begin, edit->end).count('\n'), '\n');
    at = edit->end;
  }
  return out + text.substr(at).str();
}

std::string FrontEnd::spell(unsigned begin, unsigned end,
                            bool rewritten) const {
  std::string out;
  for (unsigned i = begin; i < end; ++i) {
    StringRef t = tok(i).text;
    std::string literal;
    if (rewritten) {
      if (t == "thread" || t == "kernel" ||
          (executes && (t == "device" || t == "threadgroup")))
        continue;
      if (t == "constant" && executes)
        t = "const";
      else if (tok(i).kind == Token::Number)
        t = literal = rewriteLiteral(t);
    }
    bool word =
        !out.empty() && (llvm::isAlnum(out.back()) || out.back() == '_');
    if (!out.empty() &&
        (rewritten || (word && (llvm::isAlnum(t[0]) || t[0] == '_')) ||
         t == "*" || t == "&"))
      out += ' ';
    out += t;
  }
  return out;
}

std::vector<const Attribute *> FrontEnd::attributesIn(unsigned begin,
                                                      unsigned end) const {
  std::vector<const Attribute *> result;
  for (unsigned i = begin; i < end; ++i)
    for (unsigned a : tok(i).attributes)
      result.push_back(&lexed.attributes[a]);
  return result;
}

unsigned FrontEnd::afterAngles(unsigned i, unsigned end) const {
  int depth = 0;
  for (; i < end; i = next(i)) {
    depth += is(i, "<") ? 1 : is(i, ">") ? -1 : 0;
    if (depth == 0)
      return i + 1;
  }
  return end;
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

void FrontEnd::emitTables(std::string &out) {
  llvm::raw_string_ostream os(out);
  os << "\n# 1 \"<simulator>\"\n";
  os << "static __gn::Kernel __gn_kernels[] = {\n";
  for (auto [i, e] : llvm::enumerate(entries))
    os << llvm::formatv(
        "{{{0}, {1}__gn_parameters_{2}, {3}, {4}, {5}, {1}__gn_run_{2}},\n",
        e.hostName, e.scope, i, e.parameters,
        e.maxThreads.empty() ? "0" : e.maxThreads, e.line);
  os << "{}};\nstatic __gn::FunctionConstant __gn_constants[] = {\n";
  for (const Constant &c : constants)
    os << llvm::formatv("{{\"{0}\", \"{1}\", (int)({2}), 0, 0, 0, 0, "
                        "&{3}__gn_defined_{0}},\n",
                        c.name, c.type, c.index, c.scope);
  os << "{}};\n";
  // The constants first, then what depends on them, kernels' parameters too.
  os << "__GN_ENTRY static void __gn_bind(const __gn::Host *host) {\n"
     << "__gn_host = *host;\n";
  for (auto [i, c] : llvm::enumerate(constants))
    os << llvm::formatv(
        "__gn::describeConstant(__gn_constants[{0}], &{1}{2});\n", i, c.scope,
        c.name);
  os << "}\n__GN_ENTRY static void __gn_set_constants() {\n";
  for (const std::string &call : initializers)
    os << call << "();\n";
  for (auto [i, e] : llvm::enumerate(entries))
    os << llvm::formatv("{0}__gn_describe_{1}();\n", e.scope, i);
  os << "}\nextern \"C\" __attribute__((visibility(\"default\"))) const "
        "__gn::Module __gn_module = {\n"
     << llvm::formatv("__gn_kernels, {0}, __gn_constants, {1}, __gn_bind, "
                      "__gn_set_constants};\n",
                      entries.size(), constants.size());
}

// What a kernel can reach by name. It errs on the side of too much: a name is
// followed wherever it is mentioned.
void FrontEnd::collectNeeds(FrontEndResult &result) {
  for (const Entry &entry : entries) {
    llvm::StringSet<> reached;
    std::vector<StringRef> todo{entry.function};
    std::vector<std::string> needed;
    while (!todo.empty()) {
      StringRef name = todo.back();
      todo.pop_back();
      if (!reached.insert(name).second)
        continue;
      if (llvm::any_of(constants, [&](auto &c) { return c.name == name; }))
        needed.push_back(name.str());
      for (const auto &used : uses[name])
        todo.push_back(used.getKey());
    }
    llvm::sort(needed);
    result.neededConstants.push_back(std::move(needed));
  }
}
