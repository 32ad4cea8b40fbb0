//===- FrontEnd.h - From Metal to C++ that clang takes --------------------===//
//
// Reads preprocessed Metal text and rewrites what C++ does not have: address
// spaces and attributes go, threadgroup variables become storage that the
// simulator hands out, function constants become variables, and every kernel
// gets an entry that binds its arguments. What Metal's compiler refuses and C++
// would take is refused here.
//
//===----------------------------------------------------------------------===//
#ifndef GROUPNORM_RUNTIME_SIMULATOR_FRONTEND_H
#define GROUPNORM_RUNTIME_SIMULATOR_FRONTEND_H

#include "Lexer.h"
#include "groupnorm/Runtime/Simulator.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace gn::sim {

struct FrontEndResult {
  std::string text; // C++, line for line where the Metal text was
  /// Names of variables in the threadgroup address space.
  llvm::StringSet<> threadgroupVariables;
  /// For each entry of the module's kernel table: the function constants that
  /// its code may read without asking whether they are defined.
  std::vector<std::vector<std::string>> neededConstants;
  /// Constants that some code asks is_function_constant_defined() of.
  llvm::StringSet<> askedConstants;
  /// All kernels of the text, those without an entry too.
  std::vector<std::string> kernelNames;
  std::vector<Diagnostic> diagnostics;
};

/// Whether `t` is a scalar or a vector that needs no declaration.
bool isKnownType(llvm::StringRef t);

inline bool isAddressSpace(llvm::StringRef t) {
  return t == "device" || t == "constant" || t == "thread" ||
         t == "threadgroup";
}

class FrontEnd {
public:
  enum class Purpose {
    Execution,
    AddressSpaces, // the text keeps them, to be parsed with strict.h
  };
  /// With an entry for the kernel `options.kernel`, or for all if that is
  /// empty.
  FrontEnd(llvm::StringRef text, const CompileOptions &options,
           Purpose purpose = Purpose::Execution)
      : text(text), only(options.kernel), version(options.metalVersion),
        executes(purpose == Purpose::Execution) {}
  FrontEndResult run();

private:
  // A parameter of a function, as tokens [begin, end).
  struct FunctionParameter {
    unsigned begin, end;
    unsigned name; // 0: it has none
    llvm::StringRef space;
    bool pointer = false, reference = false, rvalue = false, array = false;
    bool function = false; // a pointer to one
    int levels = 0;        // of pointers, less those with an address space
    std::vector<const Attribute *> attributes;
  };
  struct Function {
    unsigned begin, name, open, close; // the parameter list's brackets
    unsigned bodyOpen = 0, bodyClose = 0;
    bool isTemplate = false, isKernel = false, inClass = false;
  };
  struct KernelDefinition {
    std::vector<FunctionParameter> parameters;
    std::vector<const Attribute *> attributes;
    /// What the kernel's attribute says, as a C++ expression; empty without.
    std::string maxThreads;
    unsigned line;
    std::string scope; // "::ns::": the library has names like any kernel's
  };
  struct Entry {
    std::string scope;    // "ns::" before the names of its parts
    std::string hostName; // a C++ expression
    std::string function;
    std::string maxThreads;
    unsigned line, parameters;
  };

  // FrontEnd.cpp: the text as a whole.
  void checkTokens();
  void rewriteNumber(const Token &token);
  void rewriteKeyword(unsigned i);
  void rewriteSwizzles();
  void rewriteConditionals();
  llvm::StringSet<> pointerAliases() const;
  void rewriteCasts();
  void erasePragmas();
  void emitTables(std::string &out);
  void collectNeeds(FrontEndResult &result);
  std::string apply() const;

  // Declarations.cpp: scopes and functions.
  void scanScope(unsigned i, unsigned end, bool inClass, std::string scope);
  unsigned scanDeclaration(unsigned i, unsigned end, bool inClass,
                           const std::string &scope);
  void function(const Function &f, const std::string &scope);
  bool seenBefore(unsigned begin, unsigned end, unsigned close,
                  const std::string &scope);
  bool dropDuplicate(const Function &f, const std::string &scope);

  // Variables.cpp: variables and pointers.
  void variable(unsigned begin, unsigned end, bool inClass,
                const std::string &scope);
  void functionConstant(unsigned begin, unsigned end, unsigned name,
                        llvm::StringRef index, const std::string &scope);
  void scanBody(const Function &f);
  void threadgroupVariable(unsigned keyword, bool inKernel);
  void localPointer(unsigned i);
  void checkIndices(const Function &f);

  // Restrictions.cpp: what Metal does not have.
  void restrictBody(const Function &f);
  void restrictVariable(unsigned i);
  void restrictParenthesis(unsigned i);
  void restrictWord(unsigned i);
  void restrictAddresses(const Function &f);
  void restrictRecursion();
  void reportAddresses();

  // Kernels.cpp: kernels and their entries.
  std::vector<FunctionParameter> parametersOf(unsigned open, unsigned close);
  void checkParameters(llvm::ArrayRef<FunctionParameter> parameters,
                       bool kernel);
  void checkKernel(const Function &f, const KernelDefinition &kernel);
  void threadMaximum(const Function &f, KernelDefinition &kernel);
  void instantiation(unsigned begin, unsigned end, const std::string &scope);
  std::string entry(const KernelDefinition &kernel, const std::string &name,
                    const std::string &hostName, const std::string &function,
                    const std::string &designator, const std::string &scope);
  std::string argument(const FunctionParameter &parameter, unsigned position);

  // Helpers.
  const Token &tok(unsigned i) const { return lexed.tokens[i]; }
  bool is(unsigned i, llvm::StringRef s) const { return tok(i).is(s); }
  /// The token after `i`, over a whole bracket if one opens there.
  unsigned next(unsigned i) const {
    return tok(i).match > i ? tok(i).match + 1 : i + 1;
  }
  /// The token after the template argument list that opens at `i`.
  unsigned afterAngles(unsigned i, unsigned end) const;
  std::string spell(unsigned begin, unsigned end, bool rewritten = true) const;
  std::vector<const Attribute *> attributesIn(unsigned begin,
                                              unsigned end) const;
  void error(unsigned token, const llvm::Twine &message);
  void replace(size_t begin, size_t end, const llvm::Twine &with);
  void erase(size_t begin, size_t end) { replace(begin, end, ""); }
  void insert(size_t at, const llvm::Twine &what) { replace(at, at, what); }

  struct Edit {
    size_t begin, end;
    std::string with;
  };

  llvm::StringRef text, only;
  unsigned version; // of Metal, as __METAL_VERSION__ says it
  bool executes;
  LexedText lexed;
  std::vector<Edit> edits;
  std::vector<Diagnostic> diagnostics;

  llvm::StringMap<KernelDefinition> kernels; // by the function's name
  std::vector<Entry> entries;
  std::vector<std::string> kernelNames;
  struct Constant {
    std::string scope, name, type, index;
  };
  std::vector<Constant> constants;
  llvm::StringSet<> constantNames; // function constants and dependents
  llvm::StringSet<> askedConstants;
  std::vector<std::string> initializers; // calls that set dependents, in order
  llvm::StringSet<> threadgroupVariables;
  llvm::StringMap<unsigned> signatures;    // of definitions, by scope and text
  llvm::StringMap<llvm::StringSet<>> uses; // what a definition mentions
  struct CallGraphNode {
    unsigned name = 0; // the token
    bool known = false, unique = false;
    llvm::StringSet<> calls;
  };
  llvm::StringMap<CallGraphNode> callGraph;
  llvm::StringMap<bool> functions; // outside of classes; whether [[visible]]
  std::vector<unsigned> addresses; // tokens that may take one of a function
  llvm::StringSet<> members;       // variables of classes
  unsigned numThreadgroupVariables = 0;
  unsigned classes = 0; // scanned so far, to tell their scopes apart
};

} // namespace gn::sim

#endif // GROUPNORM_RUNTIME_SIMULATOR_FRONTEND_H
