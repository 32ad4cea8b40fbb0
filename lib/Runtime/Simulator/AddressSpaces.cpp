//===- AddressSpaces.cpp - Address spaces that are mixed up ---------------===//
//
// Reads what clang says of a text parsed with address spaces. Much of that is
// noise (a class cannot be copied out of an address space in C++, functions are
// missing); an error counts only if two types differ in nothing but the address
// space that they point to.
//
//===----------------------------------------------------------------------===//
#include "Toolchain.h"
#include "llvm/ADT/StringExtras.h"

using namespace gn::sim;
using llvm::StringRef;

// A pointer's type without its address space and const, and the space; an array
// counts as the pointer that it becomes.
static std::pair<std::string, std::string> splitType(StringRef type) {
  std::string rest, space;
  type = type.rtrim(" '");
  llvm::SmallVector<StringRef, 8> words;
  std::string spaced = type.str();
  if (size_t bracket = spaced.find('['); bracket != std::string::npos) {
    if (spaced.find(']') != spaced.size() - 1)
      return {"", ""}; // of several dimensions
    spaced = spaced.substr(0, bracket) + " *";
  }
  StringRef(spaced).split(words, ' ', -1, /*KeepEmpty=*/false);
  for (StringRef word : words) {
    if (word == "device" || word == "threadgroup" || word == "constant")
      space = word.str();
    else if (word.contains("address_space(1)"))
      space = "device";
    else if (word.contains("address_space(2)"))
      space = "constant";
    else if (word.contains("address_space(3)"))
      space = "threadgroup";
    else if (word != "const")
      rest += (rest.empty() ? "" : " ") + word.str();
  }
  return {rest, space.empty() ? "thread" : space};
}

// The first two quoted parts of a message that begins with `before`.
static bool quotedTypes(StringRef message, StringRef before, StringRef between,
                        StringRef &first, StringRef &second) {
  size_t at = message.find(before);
  if (at == StringRef::npos)
    return false;
  message = message.substr(at + before.size());
  size_t middle = message.find(between);
  if (middle == StringRef::npos)
    return false;
  first = message.take_front(middle);
  second = message.substr(middle + between.size()).split('\'').first;
  return true;
}

// `message` without what types stand for: 'half' (aka '_Float16') is 'half'.
// But a pointer's name does not tell where it points to: 'P' (aka 'float *') is
// 'float *'.
static std::string withoutAliases(StringRef message) {
  std::string out;
  while (!message.empty()) {
    auto [before, rest] = message.split(" (aka '");
    auto [type, behind] = rest.split("')");
    StringRef name = before.drop_back(rest.empty() ? 0 : 1).rsplit('\'').second;
    if (type.contains('*') && !name.contains('*') && before.ends_with("'"))
      out += (before.drop_back(name.size() + 1) + type + "'").str();
    else
      out += before;
    message = behind;
  }
  return out;
}

// half and bfloat do not convert to each other unless the program says so.
static std::string mixedReals(StringRef to, StringRef from) {
  auto unqualified = [](StringRef type) {
    for (StringRef word : llvm::split(type, " "))
      if (word == "half" || word == "bfloat")
        return type.contains('*') ? StringRef() : word;
    return StringRef();
  };
  to = unqualified(to), from = unqualified(from);
  if ((to == "half" && from == "bfloat") || (to == "bfloat" && from == "half"))
    return ("a " + from + " does not become a " + to + " unless " + to +
            "(...) says so")
        .str();
  return "";
}

// What is wrong, where `message` is about address spaces or about half and
// bfloat; else empty.
static std::string mixedUp(StringRef text) {
  std::string plain = withoutAliases(text);
  StringRef message = plain, to, from;
  bool isCast = quotedTypes(message, "_cast from '", "' to '", from, to);
  bool known =
      isCast ||
      quotedTypes(message, " of type '", "' with an lvalue of type '", to,
                  from) ||
      quotedTypes(message, " of type '", "' with an rvalue of type '", to,
                  from) ||
      quotedTypes(message, "no known conversion from '", "' to '", from, to) ||
      quotedTypes(message, "assigning '", "' to '", from, to) ||
      quotedTypes(message, "assigning to '", "' from incompatible type '", to,
                  from) ||
      quotedTypes(message, "deduced type '",
                  "' of 1st parameter does not match adjusted type '", to,
                  from) ||
      quotedTypes(message, "passing '", "' to parameter of type '", from, to) ||
      quotedTypes(message, "returning '",
                  "' from a function with result type '", from, to);
  for (StringRef n : {"2nd", "3rd", "4th", "5th", "6th"})
    known =
        known ||
        quotedTypes(
            message, "deduced type '",
            ("' of " + n + " parameter does not match adjusted type '").str(),
            to, from);
  if (!known)
    return "";
  if (std::string s = mixedReals(to, from); !s.empty())
    return s;
  auto [toRest, toSpace] = splitType(to);
  auto [fromRest, fromSpace] = splitType(from);
  // A cast changes what is pointed to as well.
  isCast |= to.contains("__gn_space<");
  bool alike = isCast ? StringRef(fromRest).contains('*') : toRest == fromRest;
  if (!alike || toSpace == fromSpace || !StringRef(toRest).contains('*'))
    return "";
  return "a pointer to " + fromSpace + " memory is used as a pointer to " +
         toSpace + " memory";
}

// "cannot pass pointer to address space '1' as a pointer to ..."
static std::string mixedUpNote(StringRef note) {
  if (std::string s = mixedUp(note); !s.empty())
    return s;
  auto name = [](StringRef text) -> StringRef {
    return text.contains("'1'")   ? "device"
           : text.contains("'2'") ? "constant"
           : text.contains("'3'") ? "threadgroup"
                                  : "thread";
  };
  auto [head, tail] = note.split("cannot pass pointer to ");
  if (tail.empty())
    return "";
  auto [from, to] = tail.split(" as a pointer to ");
  if (to.empty() || name(from) == name(to))
    return "";
  return ("a pointer to " + name(from) + " memory is used as a pointer to " +
          name(to) + " memory")
      .str();
}

std::vector<Diagnostic> gn::sim::addressSpaceErrors(StringRef messages) {
  std::vector<Diagnostic> found;
  // A call that fits no candidate counts if an address space is all that is
  // wrong with one of them and none fails for a reason unknown here.
  Diagnostic call;
  std::string why;
  bool open = false;
  auto close = [&] {
    if (open && !why.empty())
      found.push_back({call.file, call.line, call.message + why});
    open = false;
    why.clear();
  };
  for (StringRef line : llvm::split(messages, "\n")) {
    auto [place, rest] = line.split(": ");
    auto [severity, text] = rest.split(": ");
    llvm::SmallVector<StringRef, 4> parts;
    place.split(parts, ':');
    unsigned number;
    if (parts.size() < 2 || parts[1].getAsInteger(10, number))
      continue;
    bool own = !parts[0].contains("groupnorm-msl-");
    if (severity == "note" && open && text.starts_with("candidate")) {
      std::string reason = mixedUpNote(text);
      if (!reason.empty() && (own || call.message.empty()))
        why = reason;
    } else if (severity == "error") {
      close();
      if (!own)
        continue;
      if (text.consume_front("no matching function for call to ")) {
        call = {parts[0].str(), number, ("call to " + text + ": ").str()};
        open = true;
      } else if (text.starts_with("right hand operand to ->*")) { // a cast
        call = {parts[0].str(), number, ""};
        open = true;
      } else if (text.starts_with("variable length arrays")) {
        found.push_back(
            {parts[0].str(), number, "Metal has no arrays of variable length"});
      } else if (std::string s = mixedUp(text); !s.empty()) {
        found.push_back({parts[0].str(), number, s});
      }
    }
  }
  close();
  return found;
}
