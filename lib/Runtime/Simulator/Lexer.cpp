//===- Lexer.cpp - Tokens of preprocessed Metal text ----------------------===//
//
// A plain C++ lexer, less what the preprocessor has already done. Attributes
// are taken out of the token stream and hung on the token that follows them;
// brackets know their partners.
//
//===----------------------------------------------------------------------===//
#include "Lexer.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace gn::sim;
using llvm::StringRef;

namespace {

bool isIdentifierStart(char c) { return llvm::isAlpha(c) || c == '_'; }
bool isIdentifierPart(char c) { return llvm::isAlnum(c) || c == '_'; }

class Lexer {
public:
  Lexer(StringRef text, LexedText &out, LexError &error)
      : text(text), out(out), error(error) {
    out.files.push_back("");
  }

  bool run() {
    while (at < text.size())
      if (!one())
        return false;
    push(Token::End, at);
    return foldAttributes() && matchBrackets();
  }

private:
  bool fail(const Token &where, const llvm::Twine &message) {
    error = {out.files[where.file], where.line, message.str()};
    return false;
  }

  void push(Token::Kind kind, size_t end) {
    out.tokens.push_back({kind, text.slice(at, end), at, file, line, 0, {}});
    at = end;
  }

  bool one() {
    char c = text[at];
    if (c == '\n') {
      ++line, ++at;
      lineStart = true;
    } else if (llvm::isSpace(c)) {
      ++at;
    } else if (c == '#' && lineStart) {
      directive();
    } else {
      lineStart = false;
      return token(c);
    }
    return true;
  }

  // `# 12 "file" 2` tells where the next line came from; all other directives
  // that the preprocessor leaves are pragmas.
  void directive() {
    size_t end = std::min(text.find('\n', at), text.size());
    StringRef rest = text.slice(at + 1, end).ltrim();
    unsigned number;
    if (!rest.consumeInteger(10, number)) {
      StringRef name = rest.split('"').second.rsplit('"').first;
      line = number - 1; // the newline adds one
      auto found = llvm::find(out.files, name);
      file = found - out.files.begin();
      if (found == out.files.end())
        out.files.push_back(name.str());
    } else {
      out.pragmas.push_back({at, end});
    }
    at = end;
  }

  bool token(char c) {
    size_t end = at + 1;
    if (isIdentifierStart(c)) {
      while (end < text.size() && isIdentifierPart(text[end]))
        ++end;
      push(Token::Identifier, end);
      return true;
    }
    bool point = c == '.' && end < text.size() && llvm::isDigit(text[end]);
    if (llvm::isDigit(c) || point) {
      while (end < text.size() &&
             (isIdentifierPart(text[end]) || text[end] == '.' ||
              text[end] == '\'' ||
              ((text[end] == '+' || text[end] == '-') && isExponent(at, end))))
        ++end;
      push(Token::Number, end);
      return true;
    }
    if (c == '"' || c == '\'') {
      while (end < text.size() && text[end] != c && text[end] != '\n')
        end += text[end] == '\\' ? 2 : 1;
      if (end >= text.size() || text[end] != c) {
        push(Token::String, std::min(end, text.size()));
        return fail(out.tokens.back(), "a literal does not end");
      }
      push(Token::String, end + 1);
      return true;
    }
    // `>>` stays two tokens: it may close two template argument lists.
    static const StringRef longer[] = {
        "<<=", ">>=", "...", "::", "->", "&&", "||", "==", "!=", "<=", ">=",
        "+=",  "-=",  "*=",  "/=", "%=", "&=", "|=", "^=", "++", "--", "<<"};
    for (StringRef op : longer)
      if (text.substr(at).starts_with(op)) {
        end = at + op.size();
        break;
      }
    push(Token::Punctuator, end);
    return true;
  }

  // Whether a sign at `sign` belongs to the number that begins at `begin`.
  bool isExponent(size_t begin, size_t sign) const {
    char before = llvm::toLower(text[sign - 1]);
    bool hex = text.substr(begin).starts_with_insensitive("0x");
    return before == (hex ? 'p' : 'e');
  }

  bool opens(size_t i) const { return twice(i, "["); }
  bool closes(size_t i) const { return twice(i, "]"); }
  bool twice(size_t i, StringRef bracket) const {
    return i + 1 < out.tokens.size() && out.tokens[i].is(bracket) &&
           out.tokens[i + 1].is(bracket) &&
           out.tokens[i + 1].offset == out.tokens[i].offset + 1;
  }

  bool foldAttributes() {
    std::vector<Token> kept;
    std::vector<unsigned> waiting;
    auto &tokens = out.tokens;
    for (size_t i = 0; i < tokens.size(); ++i) {
      // a[[..]{..}()] is no attribute: a subscript follows a name or a bracket
      // only where the inner one opens a lambda.
      if (!opens(i)) {
        tokens[i].attributes = std::move(waiting);
        waiting.clear();
        kept.push_back(std::move(tokens[i]));
        continue;
      }
      Attribute attribute;
      attribute.begin = tokens[i].offset;
      size_t first = i;
      for (i += 2; !closes(i); ++i) {
        if (tokens[i].kind == Token::End)
          return fail(tokens[first], "an attribute [[ does not end");
        if (tokens[i].kind == Token::Identifier)
          i = item(i, attribute);
      }
      attribute.end = tokens[++i].end();
      waiting.push_back(out.attributes.size());
      out.attributes.push_back(std::move(attribute));
    }
    tokens = std::move(kept);
    return true;
  }

  // Reads name or name(argument) at `i`; gives its last token.
  size_t item(size_t i, Attribute &attribute) {
    const auto &tokens = out.tokens;
    size_t begin = tokens[i].offset;
    while (tokens[i + 1].is("::") && tokens[i + 2].kind == Token::Identifier)
      i += 2;
    Attribute::Item item{text.slice(begin, tokens[i].end()), ""};
    if (tokens[i + 1].is("(")) {
      size_t open = ++i;
      for (int depth = 1; depth && tokens[i + 1].kind != Token::End;) {
        ++i;
        depth += tokens[i].is("(") ? 1 : tokens[i].is(")") ? -1 : 0;
      }
      item.argument = text.slice(tokens[open].end(), tokens[i].offset).trim();
    }
    attribute.items.push_back(item);
    return i;
  }

  bool matchBrackets() {
    llvm::SmallVector<unsigned> open;
    auto &tokens = out.tokens;
    for (unsigned i = 0; i < tokens.size(); ++i) {
      StringRef t = tokens[i].text;
      if (tokens[i].kind != Token::Punctuator || t.size() != 1)
        continue;
      if (t == "(" || t == "[" || t == "{") {
        open.push_back(i);
      } else if (t == ")" || t == "]" || t == "}") {
        char wanted = t == ")" ? '(' : t == "]" ? '[' : '{';
        if (open.empty() || tokens[open.back()].text[0] != wanted)
          return fail(tokens[i], "'" + t + "' closes nothing");
        tokens[i].match = open.back();
        tokens[open.pop_back_val()].match = i;
      }
    }
    if (!open.empty())
      return fail(tokens[open.back()],
                  "'" + tokens[open.back()].text + "' is never closed");
    return true;
  }

  StringRef text;
  LexedText &out;
  LexError &error;
  size_t at = 0;
  unsigned file = 0, line = 1;
  bool lineStart = true;
};

} // namespace

bool gn::sim::lex(StringRef text, LexedText &result, LexError &error) {
  return Lexer(text, result, error).run();
}
