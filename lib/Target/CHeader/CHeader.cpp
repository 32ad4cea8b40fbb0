//===- CHeader.cpp - The header of generated C functions ------------------===//

#include "groupnorm/Target/CHeader/CHeader.h"
#include "groupnorm/Transforms/CInterface.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace gn;

/// The C type of an element, of which C99 has no half precision: its bits then.
static StringRef getCType(Type type) {
  if (type.isF64())
    return "double";
  if (type.isF32())
    return "float";
  switch (type.getIntOrFloatBitWidth()) {
  case 8:
    return "int8_t";
  case 16:
    return type.isInteger() ? "int16_t" : "uint16_t";
  case 32:
    return "int32_t";
  default:
    return "int64_t";
  }
}

/// The name of a size: the argument and the dimension that it is read from.
static std::string getSizeName(const CInterface &interface, int64_t size) {
  for (const CInterface::Argument &argument : interface.arguments)
    for (auto [dim, place] : llvm::enumerate(argument.sizes))
      if (place == size)
        return llvm::formatv("{0}_size{1}", argument.name, dim);
  llvm_unreachable("each size belongs to a dimension");
}

/// "[2][64][x_size2][320]".
static std::string formatShape(const CInterface &interface,
                               const CInterface::Argument &argument) {
  std::string text;
  for (auto [size, place] :
       llvm::zip_equal(argument.type.getShape(), argument.sizes))
    text += "[" +
            (place < 0 ? llvm::itostr(size) : getSizeName(interface, place)) +
            "]";
  return text;
}

static void printFunction(const CInterface &interface,
                          const CHeaderOptions &options, raw_ostream &os) {
  os << "/*\n";
  for (StringRef line : llvm::split(options.summary, '\n'))
    os << (line.empty() ? " *" : " * ") << line << "\n";
  os << " *\n";
  SmallVector<std::string> parameters;
  for (const CInterface::Argument &argument : interface.arguments) {
    Type element = argument.type.getElementType();
    StringRef type = getCType(element);
    os << " * " << argument.name << formatShape(interface, argument) << ": "
       << element << (type == "uint16_t" ? " as its bits, " : ", ")
       << (argument.written ? "written" : "read") << ".\n";
    parameters.push_back(llvm::formatv(
        "{0}{1} *{2}", argument.written ? "" : "const ", type, argument.name));
  }
  for (int64_t size = 0; size < interface.numSizes; ++size)
    parameters.push_back("int64_t " + getSizeName(interface, size));

  os << " *\n * Arrays are in row-major order, aligned to one element.\n"
        " * What is written must not overlap anything else.\n";
  for (const CInterface::Argument &argument : interface.arguments) {
    auto names = llvm::map_to_vector(argument.mayBe, [&](int64_t other) {
      return StringRef(interface.arguments[other].name);
    });
    if (!names.empty())
      os << " * But " << argument.name << " may be "
         << llvm::join(names, " or ") << ": the function works in place.\n";
  }
  os << " * Scratch memory: ";
  if (interface.scratchBytes != 0)
    os << interface.scratchBytes << " bytes "
       << (interface.scratchOnStack ? "on the stack"
                                    : "from malloc, freed before it returns");
  if (interface.allocatesMore)
    os << (interface.scratchBytes != 0 ? ", and more" : "from malloc,")
       << " in proportion to the sizes";
  if (interface.scratchBytes == 0 && !interface.allocatesMore)
    os << "none";
  os << ".\n * Threads: ";
  if (options.threads == 1)
    os << "the caller's alone";
  else if (options.threads == 0)
    os << "as many as OpenMP offers (OMP_NUM_THREADS)";
  else
    os << options.threads << ", by OpenMP";
  os << ". It keeps no state.\n */\n";
  std::string head = llvm::formatv("int32_t {0}(", interface.name);
  os << head << llvm::join(parameters, ",\n" + std::string(head.size(), ' '))
     << ");\n";
}

void gn::printCHeader(ModuleOp module, const CHeaderOptions &options,
                      raw_ostream &os) {
  SmallVector<CInterface> interfaces;
  for (Operation &op : *module.getBody())
    if (std::optional<CInterface> interface = getCInterface(&op))
      interfaces.push_back(std::move(*interface));
  if (interfaces.empty())
    return;
  std::string prefix = StringRef(interfaces.front().name).upper();
  os << "/* Made by groupnorm. */\n"
     << "#ifndef " << prefix << "_H\n#define " << prefix << "_H\n\n"
     << "#include <stdint.h>\n\n"
     << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
     << "/* What the functions return; after an error nothing has been "
        "written. */\nenum {\n";
  for (int32_t code = 0; code < kNumCStatuses; ++code) {
    CStatusText text = getText(static_cast<CStatus>(code));
    os << llvm::formatv("  {0}_{1} = {2}, /* {3} */\n", prefix, text.name, code,
                        text.meaning);
  }
  os << "};\n";
  for (const CInterface &interface : interfaces) {
    os << "\n";
    printFunction(interface, options, os);
  }
  os << "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n";
}
