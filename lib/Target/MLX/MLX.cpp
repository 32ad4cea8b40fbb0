//===- MLX.cpp - A Python module for MLX out of GPU kernels ---------------===//
//
// Fills in the template: the constants of the layer, the kernels as text, and
// the calls that the function's launches become.
//
//===----------------------------------------------------------------------===//

#include "groupnorm/Target/MLX/MLX.h"
#include "Module.h"
#include "groupnorm/Target/MSL/LaunchDescription.h"
#include "groupnorm/Target/MSL/MSL.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/SHA1.h"

using namespace mlir;
using namespace gn;

namespace {

/// A type of MSL as MLX has it: scalars, several of them for a vector.
struct ArrayType {
  std::string scalar; // in MSL
  StringRef dtype;    // in MLX
  int64_t lanes = 1;
};

class ModulePrinter {
public:
  ModulePrinter(func::FuncOp function, const MLXLayer &layer)
      : function(function), layer(layer) {}

  LogicalResult print(raw_ostream &os);

private:
  using Kernel = LaunchDescription::Kernel;
  using Buffer = LaunchDescription::Buffer;

  FailureOr<ArrayType> typeOf(StringRef type);
  LogicalResult printKernel(const Kernel &kernel,
                            const MSLFragments::Kernel &text);
  LogicalResult printLaunch(const Kernel &kernel,
                            const MSLFragments::Kernel &text);
  /// What MLX's signature calls a parameter: vectors arrive as scalars, and
  /// the body begins by giving them their own name and type.
  std::string signatureName(const LaunchDescription::Argument &argument,
                            StringRef name);
  std::string title() const;
  std::string shape() const;

  func::FuncOp function;
  const MLXLayer &layer;
  MSLFragments fragments;
  LaunchDescription launches;
  std::string kernels, calls;
  std::string lastCondition; // of the last call
};

} // namespace

/// The shortest decimal that is read back as `value`.
static std::string printNumber(double value) {
  std::string text;
  for (int digits = 1; digits <= 17; ++digits) {
    text = llvm::formatv("{0}", llvm::format("%.*g", digits, value));
    double back;
    if (!StringRef(text).getAsDouble(back) && back == value)
      break;
  }
  return text;
}

/// The type of a scalar as MLX names it.
static StringRef dtypeOf(Type type) {
  return type.isF16() ? "float16" : type.isBF16() ? "bfloat16" : "float32";
}

static StringRef printBool(bool value) { return value ? "True" : "False"; }

/// A tuple of Python.
static std::string printTuple(ArrayRef<std::string> values) {
  return "(" + llvm::join(values, ", ") + (values.size() == 1 ? ",)" : ")");
}

/// A call's keyword argument that is a list.
static std::string printList(StringRef name, ArrayRef<std::string> values) {
  return llvm::formatv("    {0}=[{1}],\n", name, llvm::join(values, ", "));
}

static std::string quote(StringRef text) { return ("\"" + text + "\"").str(); }

std::string ModulePrinter::shape() const {
  SmallVector<std::string> sizes;
  for (int64_t size : layer.shape)
    sizes.push_back(ShapedType::isDynamic(size) ? "None"
                                                : std::to_string(size));
  return printTuple(sizes);
}

std::string ModulePrinter::title() const {
  std::string sizes =
      llvm::join(llvm::map_range(layer.shape,
                                 [](int64_t size) {
                                   return ShapedType::isDynamic(size)
                                              ? std::string("?")
                                              : std::to_string(size);
                                 }),
                 "x");
  return llvm::formatv("Group normalization of {0} {1}: {2} {3} group{4}.",
                       sizes, layer.elementType, layer.numGroups,
                       layer.pytorchCompatible ? "contiguous" : "interleaved",
                       layer.numGroups == 1 ? "" : "s");
}

FailureOr<ArrayType> ModulePrinter::typeOf(StringRef type) {
  ArrayType result;
  result.scalar = type.rtrim("234").str();
  if (result.scalar.size() != type.size())
    result.lanes = type.back() - '0';
  result.dtype = llvm::StringSwitch<StringRef>(result.scalar)
                     .Case("float", "float32")
                     .Case("half", "float16")
                     .Case("bfloat", "bfloat16")
                     .Case("int", "int32")
                     .Case("uint", "uint32")
                     .Default("");
  if (result.dtype.empty())
    return function.emitOpError("cannot become a layer of MLX: a kernel takes ")
           << type;
  return result;
}

std::string
ModulePrinter::signatureName(const LaunchDescription::Argument &argument,
                             StringRef name) {
  if (!argument.buffer)
    return name.str();
  const Buffer &buffer = launches.buffers[*argument.buffer];
  return StringRef("234").contains(buffer.type.back())
             ? (name + "_" + StringRef(buffer.type).drop_back() + "s").str()
             : name.str();
}

LogicalResult ModulePrinter::printKernel(const Kernel &kernel,
                                         const MSLFragments::Kernel &text) {
  std::string body;
  SmallVector<std::string> inputs, outputs;
  for (auto [argument, name] :
       llvm::zip_equal(kernel.arguments, text.parameters)) {
    std::string signature = signatureName(argument, name);
    (argument.isWritten ? outputs : inputs).push_back(quote(signature));
    if (signature != name) {
      StringRef qualifier = argument.isWritten ? "" : "const ";
      const std::string &type = launches.buffers[*argument.buffer].type;
      body += llvm::formatv("  device {0}{1} *{2} = (device {0}{1} *){3};\n",
                            qualifier, type, name, signature);
    }
  }
  body += text.body;

  // A name that is another's kernel would be taken for it.
  llvm::SHA1 hash;
  hash.update(fragments.header);
  hash.update(body);
  std::string digest =
      llvm::toHex(hash.final(), /*LowerCase=*/true).substr(0, 16);

  llvm::raw_string_ostream os(kernels);
  os << "\n";
  for (StringRef line : llvm::split(text.comment, '\n'))
    os << "# " << line << "\n";
  os << "_" << text.name << " = mx.fast.metal_kernel(\n"
     << "    name=" << quote(text.name + "_" + digest) << ",\n"
     << "    input_names=[" << llvm::join(inputs, ", ") << "],\n"
     << "    output_names=[" << llvm::join(outputs, ", ") << "],\n"
     << "    header=_HEADER,\n"
     << "    source=r\"\"\"\n"
     << body << "\"\"\",\n)\n";
  return success();
}

LogicalResult ModulePrinter::printLaunch(const Kernel &kernel,
                                         const MSLFragments::Kernel &text) {
  SmallVector<std::string> inputs, outputs, shapes, types;
  for (const LaunchDescription::Argument &argument : kernel.arguments) {
    FailureOr<ArrayType> type =
        typeOf(argument.buffer ? launches.buffers[*argument.buffer].type
                               : argument.type);
    if (failed(type))
      return failure();
    if (!argument.buffer) {
      inputs.push_back(llvm::formatv("mx.array({0}, dtype=mx.{1})",
                                     launches.toText(argument.value),
                                     type->dtype));
      continue;
    }
    const Buffer &buffer = launches.buffers[*argument.buffer];
    if (!argument.isWritten) {
      inputs.push_back(buffer.name);
      continue;
    }
    outputs.push_back(buffer.name);
    types.push_back(("mx." + type->dtype).str());
    if (buffer.argument) {
      shapes.push_back("x.shape");
      continue;
    }
    // At least eight elements, for they are the next kernel's input.
    std::string count = launches.toText(buffer.elements * type->lanes);
    auto known = dyn_cast<AffineConstantExpr>(buffer.elements * type->lanes);
    if (known)
      count = std::to_string(std::max<int64_t>(known.getValue(), 8));
    else
      count = "max(" + count + ", 8)";
    shapes.push_back(printTuple(count));
  }
  SmallVector<std::string> grid, threads;
  for (auto [groups, size] :
       llvm::zip_equal(kernel.threadgroups, kernel.threads)) {
    grid.push_back(launches.toText(groups * size));
    threads.push_back(launches.toText(size));
  }
  std::string call;
  llvm::raw_string_ostream os(call);
  os << "(" << llvm::join(outputs, ", ") << ",) = _" << text.name << "(\n"
     << printList("inputs", inputs) << "    grid=" << printTuple(grid)
     << ",\n    threadgroup=" << printTuple(threads) << ",\n"
     << printList("output_shapes", shapes) << printList("output_dtypes", types)
     << ")\n";
  // Kernels that are launched under one condition stand in one block.
  std::string condition = launches.conditionText(kernel);
  StringRef indent = condition.empty() ? "    " : "        ";
  if (!condition.empty() && condition != lastCondition)
    calls += "    if " + condition + ":\n";
  lastCondition = condition;
  for (StringRef line : llvm::split(StringRef(call).rtrim('\n'), '\n'))
    calls += (indent + line + "\n").str();
  return success();
}

LogicalResult ModulePrinter::print(raw_ostream &os) {
  auto text = translateToMSLFragments(function->getParentOfType<ModuleOp>());
  auto description = LaunchDescription::create(function);
  if (failed(text) || failed(description))
    return failure();
  fragments = std::move(*text);
  launches = std::move(*description);

  llvm::StringSet<> seen;
  for (const Kernel &kernel : launches.kernels) {
    auto *printed = llvm::find_if(fragments.kernels, [&](const auto &fragment) {
      return fragment.name == kernel.name;
    });
    if ((seen.insert(kernel.name).second &&
         failed(printKernel(kernel, *printed))) ||
        failed(printLaunch(kernel, *printed)))
      return failure();
  }
  // The sizes that the calls mention; the result has those of x.
  std::string sizes;
  for (const LaunchDescription::Size &size : launches.sizes)
    if (StringRef(calls).contains(size.name))
      sizes +=
          llvm::formatv("    {0} = x.shape[{1}]\n", size.name, size.dimension);
  kernels = "_HEADER = r\"\"\"\n" + fragments.header + "\"\"\"\n" + kernels;

  llvm::StringMap<std::string> fields = {
      {"title", title()},
      {"num_groups", std::to_string(layer.numGroups)},
      {"dims", std::to_string(layer.shape.back())},
      {"eps", printNumber(layer.epsilon)},
      {"affine", printBool(layer.affine).str()},
      {"pytorch_compatible", printBool(layer.pytorchCompatible).str()},
      {"dtype", dtypeOf(layer.elementType).str()},
      {"weight_dtype", dtypeOf(layer.weightType).str()},
      {"shape", shape()},
      {"kernels", kernels},
      {"arguments", layer.affine ? "x, gamma, beta" : "x"},
      {"launches", sizes + StringRef(calls).rtrim('\n').str()}};
  StringRef rest = mlx::moduleTemplate;
  while (!rest.empty()) {
    auto [before, after] = rest.split('$');
    os << before;
    StringRef name =
        after.take_while([](char c) { return llvm::isAlpha(c) || c == '_'; });
    if (auto field = fields.find(name); field != fields.end())
      os << field->second;
    rest = after.drop_front(name.size());
  }
  return success();
}

LogicalResult gn::translateToMLX(func::FuncOp function, const MLXLayer &layer,
                                 raw_ostream &os) {
  // Nothing is written unless all of it can be.
  std::string text;
  llvm::raw_string_ostream buffer(text);
  if (failed(ModulePrinter(function, layer).print(buffer)))
    return failure();
  os << text;
  return success();
}
