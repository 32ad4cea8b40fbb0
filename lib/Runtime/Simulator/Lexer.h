//===- Lexer.h - Tokens of preprocessed Metal text ------------------------===//
//
// The front end works on the output of the preprocessor: no comments, no
// macros, line markers that say where a line came from.
//
//===----------------------------------------------------------------------===//
#ifndef GROUPNORM_RUNTIME_SIMULATOR_LEXER_H
#define GROUPNORM_RUNTIME_SIMULATOR_LEXER_H

#include "llvm/ADT/StringRef.h"
#include <string>
#include <vector>

namespace gn::sim {

/// One pair of double brackets: [[buffer(0), function_constant(has_mask)]].
struct Attribute {
  struct Item {
    llvm::StringRef name;     // with its scope: clang::always_inline
    llvm::StringRef argument; // what stands between its parentheses
  };
  std::vector<Item> items;
  size_t begin, end; // offsets into the text

  /// The item called `name`, or null.
  const Item *find(llvm::StringRef name) const {
    for (const Item &item : items)
      if (item.name == name)
        return &item;
    return nullptr;
  }
};

struct Token {
  enum Kind { Identifier, Number, String, Punctuator, End };
  Kind kind;
  llvm::StringRef text;
  size_t offset;
  unsigned file; // index into LexedText::files
  unsigned line;
  unsigned match = 0;               // the partner of a bracket
  std::vector<unsigned> attributes; // those that stand right before it

  bool is(llvm::StringRef s) const { return text == s; }
  size_t end() const { return offset + text.size(); }
};

struct LexError {
  std::string file;
  unsigned line;
  std::string message;
};

struct LexedText {
  std::vector<Token> tokens; // ends with an End token
  std::vector<Attribute> attributes;
  std::vector<std::string> files;
  /// Pragma lines, as pairs of offsets.
  std::vector<std::pair<size_t, size_t>> pragmas;
};

/// Splits `text`, which must outlive the result. False: `error` says what is
/// wrong (unbalanced brackets, a string that does not end).
bool lex(llvm::StringRef text, LexedText &result, LexError &error);

} // namespace gn::sim

#endif // GROUPNORM_RUNTIME_SIMULATOR_LEXER_H
