//===- Kernels.cpp - Kernels, their parameters and entries ----------------===//
//
// Every kernel, and every instantiation of a template that [[host_name]] names,
// gets an entry: a function that takes what the launch bound and calls the
// kernel, beside a description of its parameters.
//
//===----------------------------------------------------------------------===//
#include "FrontEnd.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/FormatVariadic.h"

using namespace gn::sim;
using llvm::StringRef;

namespace {
// What a kernel can ask about a thread's place; 3: also as a vector.
struct Builtin {
  StringRef name;
  unsigned dimensions;
};
} // namespace

static const Builtin builtins[] = {
    {"threadgroup_position_in_grid", 3},
    {"thread_position_in_grid", 3},
    {"thread_position_in_threadgroup", 3},
    {"threads_per_threadgroup", 3},
    {"threads_per_grid", 3},
    {"threadgroups_per_grid", 3},
    {"dispatch_threads_per_threadgroup", 3},
    {"thread_index_in_threadgroup", 1},
    {"thread_index_in_simdgroup", 1},
    {"simdgroup_index_in_threadgroup", 1},
    {"simdgroups_per_threadgroup", 1},
    {"dispatch_simdgroups_per_threadgroup", 1},
    {"threads_per_simdgroup", 1},
    {"thread_execution_width", 1},
    {"thread_index_in_quadgroup", 1},
    {"quadgroup_index_in_threadgroup", 1},
    {"quadgroups_per_threadgroup", 1},
};

static const Builtin *findBuiltin(const Attribute &attribute) {
  for (const Builtin &builtin : builtins)
    if (attribute.find(builtin.name))
      return &builtin;
  return nullptr;
}

static const Attribute::Item *
findItem(llvm::ArrayRef<const Attribute *> attributes, StringRef name) {
  for (const Attribute *attribute : attributes)
    if (auto *item = attribute->find(name))
      return item;
  return nullptr;
}

std::vector<FrontEnd::FunctionParameter>
FrontEnd::parametersOf(unsigned open, unsigned close) {
  std::vector<FunctionParameter> result;
  for (unsigned i = open + 1; i < close;) {
    FunctionParameter p{};
    p.begin = i;
    bool defaulted = false, array = false;
    for (; i < close && !is(i, ","); i = next(i)) {
      StringRef t = tok(i).text;
      if (t == "<" && !defaulted) {
        i = afterAngles(i, close) - 1;
        continue;
      }
      defaulted |= t == "=";
      if (defaulted)
        continue;
      if (isAddressSpace(t)) {
        p.space = t;
        --p.levels;
      }
      if (t == "(" && (is(i + 1, "*") || is(i + 1, "&"))) { // T (&name)[N]
        p.reference |= is(i + 1, "&");
        p.pointer |= is(i + 1, "*");
        p.name = i + 2;
        p.function = is(i + 1, "*") && is(tok(i).match + 1, "(");
        array = true;
      }
      p.pointer |= t == "*";
      p.levels += t == "*";
      p.array |= t == "[" && !array; // T name[N] is a pointer, too
      p.reference |= t == "&";
      p.rvalue |= t == "&&";
      if (tok(i).kind == Token::Identifier && !array && i > p.begin)
        p.name = i;
    }
    p.end = i;
    p.pointer |= p.array && !p.space.empty();
    // The attributes stand before the comma or the bracket that ends it.
    p.attributes = attributesIn(p.begin + 1, i + 1);
    if (p.end > p.begin)
      result.push_back(std::move(p));
    ++i;
  }
  return result;
}

void FrontEnd::checkParameters(llvm::ArrayRef<FunctionParameter> parameters,
                               bool kernel) {
  for (const FunctionParameter &p : parameters) {
    bool points = p.pointer || (p.reference && !p.rvalue);
    if (!points || !p.name || p.function)
      continue;
    if (!p.space.empty() && p.levels > 0)
      error(p.name, "'" + tok(p.name).text +
                        "' is a pointer to a pointer, and "
                        "one of them has no address space");
    if (!p.space.empty())
      continue;
    error(p.name, llvm::Twine(p.pointer ? "pointer" : "reference") + " '" +
                      tok(p.name).text +
                      "' has no address space; write device, constant" +
                      (kernel ? " or threadgroup" : ", threadgroup or thread"));
  }
}

void FrontEnd::checkKernel(const Function &f, const KernelDefinition &kernel) {
  if (is(f.name, "main"))
    error(f.name, "no function of Metal can be called 'main'");
  bool isVoid = false;
  for (unsigned i = f.begin; i < f.name; ++i)
    isVoid |= is(i, "void");
  if (!isVoid)
    error(f.name, "kernel '" + tok(f.name).text + "' must return void");

  for (const FunctionParameter &p : kernel.parameters) {
    unsigned at = p.name ? p.name : p.begin;
    std::string quoted = ("parameter '" + tok(at).text + "'").str();
    if (p.pointer || p.reference) {
      if (p.space == "thread")
        error(at, quoted + " of a kernel cannot point to thread memory");
      continue;
    }
    if (StringRef(tok(p.begin).text).starts_with("texture") ||
        is(p.begin, "sampler")) {
      error(at, quoted + ": the simulator has no textures");
      continue;
    }
    if (findItem(p.attributes, "buffer") || !p.space.empty()) {
      error(at, quoted + " is bound to memory, so it must be a pointer or a "
                         "reference");
      continue;
    }
    const Builtin *builtin = nullptr;
    StringRef unknown;
    for (const Attribute *attribute : p.attributes) {
      builtin = builtin ? builtin : findBuiltin(*attribute);
      unknown = attribute->items.empty() ? "" : attribute->items[0].name;
    }
    if (!builtin) {
      if (unknown.empty())
        error(at, quoted + " of a kernel has no attribute such as "
                           "[[thread_position_in_grid]]");
      else
        error(at, quoted + ": [[" + unknown +
                      "]] is no attribute of a kernel's parameter that the "
                      "simulator knows");
      continue;
    }
    StringRef type = tok(is(p.begin, "const") ? p.begin + 1 : p.begin).text;
    StringRef base = type.rtrim("23");
    static const StringRef integers[] = {"uint",     "ushort",   "uint32_t",
                                         "uint16_t", "unsigned", "metal"};
    bool vector = base != type && !type.ends_with("_t");
    bool fits = llvm::is_contained(integers, base) ||
                llvm::is_contained(integers, type);
    if (!fits || (vector && builtin->dimensions == 1))
      error(at,
            quoted + ": [[" + builtin->name + "]] is " +
                (builtin->dimensions == 1
                     ? "a uint or a ushort"
                     : "a uint or a ushort, or a vector of 2 or 3 of them") +
                ", not " + type);
  }
}

// Whether every instance of a template has the same value.
static bool isNumber(StringRef expression) {
  return llvm::all_of(expression, [](char c) {
    return llvm::isDigit(c) || StringRef(" *+-()").contains(c);
  });
}

// [[max_total_threads_per_threadgroup(N)]] as an expression that the kernel's
// entry can have. N may mean a constant where the kernel stands, or a parameter
// of its template: then a function beside it says what.
void FrontEnd::threadMaximum(const Function &f, KernelDefinition &kernel) {
  auto *item = findItem(kernel.attributes, "max_total_threads_per_threadgroup");
  if (!item || !executes)
    return;
  kernel.maxThreads = item->argument.str();
  if (isNumber(item->argument))
    return;
  std::string function = "__gn_max_threads_" + tok(f.name).text.str();
  unsigned header = f.begin;
  while (is(header, "template"))
    header = afterAngles(header + 1, f.name);
  insert(
      tok(f.begin).offset,
      llvm::formatv("{0} static constexpr unsigned {1}() {{ return ({2}); } ",
                    spell(f.begin, header), function, item->argument));
  kernel.maxThreads = kernel.scope + function + "()";
}

// template [[host_name("x")]] kernel decltype(f<int>) f<int>; with the tokens
// [begin, end). Only kernels matter, and those by their entry: it instantiates
// the template.
void FrontEnd::instantiation(unsigned begin, unsigned end,
                             const std::string &scope) {
  auto attributes = attributesIn(begin, end + 1);
  const Attribute::Item *host = findItem(attributes, "host_name");
  bool isKernel = host || findItem(attributes, "kernel");
  for (unsigned i = begin; i < end; ++i)
    isKernel |= is(i, "kernel");
  if (!isKernel)
    return;
  erase(tok(begin).offset, tok(end).offset);

  // The last name with its arguments, and a parameter list where there is one.
  unsigned open = is(end - 1, ")") ? tok(end - 1).match : end;
  unsigned name = open - 1;
  if (is(name, ">"))
    for (int depth = 0; name > begin; --name) {
      depth += is(name, ">") ? 1 : is(name, "<") ? -1 : 0;
      if (depth == 0) {
        --name;
        break;
      }
    }
  std::string function = tok(name).text.str();
  auto found = kernels.find(function);
  if (found == kernels.end()) {
    error(name, "'" + function + "' is not a kernel that is defined above");
    return;
  }
  unsigned first = name;
  while (first > begin && is(first - 1, "::"))
    first -= 2;
  std::string callee = spell(first, open);
  if (first == name)
    callee = found->second.scope + callee;
  std::string designator = callee;
  if (open != end) {
    std::string types;
    for (const FunctionParameter &p : parametersOf(open, end - 1))
      types += (types.empty() ? "" : ", ") + spell(p.begin, p.end);
    designator = "static_cast<void (*)(" + types + ")>(" + callee + ")";
    callee = designator; // the types choose the instance
  }
  std::string hostName = host ? host->argument.str() : "\"" + function + "\"";
  KernelDefinition kernel = found->second;
  kernel.line = tok(name).line;
  if (!isNumber(kernel.maxThreads)) {
    // Without arguments of the template there is nothing to tell it by.
    bool isNamed = is(name + 1, "<");
    kernel.maxThreads = isNamed
                            ? StringRef(kernel.maxThreads).drop_back(2).str() +
                                  spell(name + 1, open) + "()"
                            : "";
  }
  insert(tok(end).offset,
         entry(kernel, callee, hostName, function, designator, scope));
}

static std::string cString(StringRef s) {
  std::string out = "\"";
  for (char c : s)
    out += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out + "\"";
}

// "a" "b" as ab; empty for anything else.
static std::string literal(StringRef expression) {
  std::string out;
  while (!expression.empty()) {
    if (!expression.consume_front("\""))
      return "";
    auto [part, rest] = expression.split('"');
    out += part;
    expression = rest.ltrim();
  }
  return out;
}

std::string
FrontEnd::entry(const KernelDefinition &kernel, const std::string &callee,
                const std::string &hostName, const std::string &function,
                const std::string &designator, const std::string &scope) {
  unsigned n = entries.size();
  std::string known = literal(hostName);
  kernelNames.push_back(known.empty() ? hostName : known);
  if (!only.empty() && !known.empty() && known != only)
    return "";
  if (!executes) { // only to have the template looked at
    entries.emplace_back();
    return llvm::formatv(" static auto __gn_use_{0} = &{1};", n, designator);
  }
  std::string table, arguments, enabled;
  for (auto [i, p] : llvm::enumerate(kernel.parameters)) {
    bool memory = p.pointer || p.reference;
    StringRef kind = !memory                    ? "__gn::parameterBuiltin"
                     : p.space == "constant"    ? "__gn::parameterConstant"
                     : p.space == "threadgroup" ? "__gn::parameterThreadgroup"
                                                : "__gn::parameterBuffer";
    auto *index = findItem(p.attributes,
                           p.space == "threadgroup" ? "threadgroup" : "buffer");
    unsigned typeEnd = p.name && p.name + 1 == p.end ? p.name : p.end;
    table += llvm::formatv("{{{0}, {1}, {2}, {3}, 0, 0, 0, 0, 0, 1}, ",
                           cString(p.name ? tok(p.name).text : ""),
                           cString(spell(p.begin, typeEnd, false)), kind,
                           index ? "(int)(" + index->argument.str() + ")"
                                 : std::string("-1"))
                 .str();
    arguments += (i ? ", " : "") + argument(p, i);
    if (auto *item = findItem(p.attributes, "function_constant"))
      enabled += llvm::formatv("__gn_parameters_{0}[{1}].enabled = ({2}); ", n,
                               i, item->argument)
                     .str();
  }
  std::string entryScope;
  for (StringRef part : llvm::split(scope, "::"))
    if (!part.empty())
      entryScope += (part + "::").str();
  entries.push_back({entryScope, hostName, function, kernel.maxThreads,
                     kernel.line, (unsigned)kernel.parameters.size()});
  return llvm::formatv(
             " static __gn::Parameter __gn_parameters_{0}[] = {{{1}{{}}; "
             "__GN_ENTRY static void __gn_run_{0}(const __gn::Arguments *a) "
             "{{ {2}({3}); } "
             "__GN_ENTRY static void __gn_describe_{0}() "
             "{{ __gn::describe(__gn_parameters_{0}, {4}); {5}}",
             n, table, callee, arguments, designator, enabled)
      .str();
}

std::string FrontEnd::argument(const FunctionParameter &p, unsigned position) {
  if (p.reference && !p.pointer)
    return llvm::formatv("__gn::ReferenceArgument{{a->pointers[{0}]}",
                         position);
  if (p.pointer || p.reference)
    return llvm::formatv("__gn::PointerArgument{{a->pointers[{0}]}", position);
  for (const Attribute *attribute : p.attributes) {
    const Builtin *builtin = findBuiltin(*attribute);
    if (!builtin)
      continue;
    StringRef name = builtin->name == "thread_execution_width"
                         ? "threads_per_simdgroup"
                         : builtin->name;
    std::string value = ("__gn_self()->" + name).str();
    return builtin->dimensions == 1 ? value
                                    : "__gn::PositionArgument{" + value + "}";
  }
  return "0"; // already refused
}
