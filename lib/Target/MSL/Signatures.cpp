//===- Signatures.cpp - Functions, kernels and what they are given --------===//

#include "Printer.h"
#include "Types.h"
#include "groupnorm/Dialect/GN/IR/GN.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace gn;
using namespace gn::msl;

void Printer::printPreamble() {
  os << R"msl(#include <metal_stdlib>
using namespace metal;

// Sums are compensated: what is added first must stay first. That a product and
// a sum may become one fma does no harm.
#if __METAL_VERSION__ >= 320
#pragma METAL fp math_mode(safe)
#elif defined(__FAST_MATH__)
#error "compile with fastMathEnabled = NO (-fno-fast-math)"
#endif
)msl";
}

void Printer::printComment(StringRef text) {
  for (StringRef line : llvm::split(text, '\n'))
    os << "// " << line << "\n";
}

void Printer::printRole(Operation *op) {
  auto role = op->getAttrOfType<StringAttr>(GNDialect::kRoleAttrName);
  if (!role)
    return;
  // A barrier has left a line free already.
  Operation *previous = op->getPrevNode();
  while (previous && previous->getNumResults() != 0 && isInlined(previous))
    previous = previous->getPrevNode();
  if (previous && !isa<gpu::BarrierOp>(previous))
    os << "\n";
  printComment(role);
}

void Printer::nameArgument(BlockArgument argument, Attribute name) {
  StringRef text = getName(argument.getLoc());
  if (auto attribute = dyn_cast_or_null<StringAttr>(name))
    text = attribute.getValue();
  variables[argument] =
      names.take(text.empty() ? "arg" + std::to_string(argument.getArgNumber())
                              : text.str());
}

StringRef msl::getAddressSpace(Value buffer) {
  Attribute space = cast<MemRefType>(buffer.getType()).getMemorySpace();
  if (!space)
    return "device";
  auto gpuSpace = dyn_cast<gpu::AddressSpaceAttr>(space);
  if (!gpuSpace)
    return {};
  switch (gpuSpace.getValue()) {
  case gpu::AddressSpace::Global:
    return "device";
  case gpu::AddressSpace::Workgroup:
    return "threadgroup";
  case gpu::AddressSpace::Private:
    return "thread";
  default:
    return {};
  }
}

bool msl::isWritten(Value buffer) {
  return llvm::any_of(buffer.getUsers(), [&](Operation *user) {
    if (auto store = dyn_cast<memref::StoreOp>(user))
      return store.getMemRef() == buffer;
    if (auto store = dyn_cast<vector::StoreOp>(user))
      return store.getBase() == buffer;
    // Anything else is refused when it is printed.
    return false;
  });
}

LogicalResult Printer::printModule(gpu::GPUModuleOp module) {
  for (Operation &op : *module.getBody()) {
    LogicalResult result = failure();
    if (auto function = dyn_cast<func::FuncOp>(op))
      result = printFunction(function);
    else if (auto kernel = dyn_cast<gpu::GPUFuncOp>(op))
      result = printKernel(kernel);
    else
      refuse(&op) << "only functions can stand here";
    if (failed(result))
      return failure();
  }
  return success();
}

LogicalResult Printer::printFunctions(gpu::GPUModuleOp module) {
  for (auto function : module.getOps<func::FuncOp>())
    if (failed(printFunction(function)))
      return failure();
  return success();
}

LogicalResult Printer::takeFunctionName(Operation *op) {
  StringRef name = SymbolTable::getSymbolName(op);
  if (!isFunctionName(name))
    return refuse(op) << "'" << name << "' cannot be a function's name in MSL";
  if (!functions.insert(name).second)
    return refuse(op) << "there is another function '" << name
                      << "' in the same text";
  names.reserve(name);
  return success();
}

LogicalResult Printer::printFunction(func::FuncOp function) {
  if (function.isDeclaration() || !function.getBody().hasOneBlock())
    return refuse(function) << "a device function must have one block";
  if (function.getNumResults() > 1)
    return refuse(function) << "a device function can have one result";
  if (failed(takeFunctionName(function)))
    return failure();
  std::string result = "void";
  if (function.getNumResults() == 1) {
    FailureOr<std::string> name =
        typeName(function, function.getResultTypes().front());
    if (failed(name))
      return failure();
    result = *name;
  }

  os << "\n";
  if (auto comment =
          function->getAttrOfType<StringAttr>(GNDialect::kCommentAttrName))
    printComment(comment);
  names.push();
  SmallVector<std::string> parameters;
  for (BlockArgument argument : function.getArguments()) {
    FailureOr<std::string> type = typeName(function, argument.getType());
    if (failed(type))
      return failure();
    nameArgument(argument, function.getArgAttr(argument.getArgNumber(),
                                               GNDialect::kNameAttrName));
    parameters.push_back(*type + " " + variables[argument]);
  }
  os << "static inline " << result << " " << function.getName() << "("
     << llvm::join(parameters, ", ") << ") {\n";
  openBrace();
  isInKernel = false;
  if (failed(printBlock(function.getBody().front())))
    return failure();
  closeBrace();
  os << "}\n";
  names.pop();
  return success();
}

/// The parameters by which a kernel is told where its thread stands.
static StringRef getPositionParameter(Operation *op) {
  return TypeSwitch<Operation *, StringRef>(op)
      .Case([](gpu::BlockIdOp) { return "uint3 threadgroup_position_in_grid"; })
      .Case([](gpu::GridDimOp) { return "uint3 threadgroups_per_grid"; })
      .Case([](gpu::ThreadIdOp) {
        return "uint3 thread_position_in_threadgroup";
      })
      .Case([](gpu::BlockDimOp) { return "uint3 threads_per_threadgroup"; })
      .Case([](gpu::GlobalIdOp) { return "uint3 thread_position_in_grid"; })
      .Case([](gpu::SubgroupIdOp) {
        return "uint simdgroup_index_in_threadgroup";
      })
      .Case(
          [](gpu::NumSubgroupsOp) { return "uint simdgroups_per_threadgroup"; })
      .Case([](gpu::LaneIdOp) { return "uint thread_index_in_simdgroup"; })
      .Case([](gpu::SubgroupSizeOp) { return "uint threads_per_simdgroup"; })
      .Default([](Operation *) { return ""; });
}

SmallVector<StringRef> Printer::nameParameters(gpu::GPUFuncOp kernel) {
  for (unsigned i = 0, e = kernel.getNumArguments(); i < e; ++i)
    nameArgument(kernel.getArgument(i),
                 kernel.getArgAttr(i, GNDialect::kNameAttrName));
  llvm::SetVector<StringRef> positions;
  kernel.walk([&](Operation *op) {
    if (StringRef parameter = getPositionParameter(op); !parameter.empty())
      positions.insert(parameter);
  });
  for (StringRef parameter : positions)
    names.reserve(parameter.split(' ').second);
  return positions.takeVector();
}

LogicalResult Printer::printParameters(gpu::GPUFuncOp kernel) {
  SmallVector<StringRef> positions = nameParameters(kernel);
  SmallVector<std::string> parameters;
  for (unsigned i = 0, e = kernel.getNumArguments(); i < e; ++i) {
    BlockArgument argument = kernel.getArgument(i);
    std::string declaration;
    auto buffer = dyn_cast<MemRefType>(argument.getType());
    FailureOr<std::string> type =
        typeName(kernel, buffer ? buffer.getElementType() : argument.getType());
    if (failed(type))
      return failure();
    if (buffer) {
      if (buffer.getRank() > 1 || !buffer.getLayout().isIdentity() ||
          getAddressSpace(argument) != "device")
        return refuse(kernel) << "argument " << i << " has type " << buffer
                              << ", but must be a contiguous memref of rank 0 "
                                 "or 1 in device memory";
      declaration = "device " +
                    std::string(isWritten(argument) ? "" : "const ") + *type +
                    " *";
    } else {
      declaration = "constant " + *type + " &";
    }
    parameters.push_back(llvm::formatv("{0}{1} [[buffer({2})]]", declaration,
                                       variables[argument], i));
  }
  // The parameter is named like its attribute.
  for (StringRef parameter : positions)
    parameters.push_back(
        llvm::formatv("{0} [[{1}]]", parameter, parameter.split(' ').second));
  os << llvm::join(parameters, ",\n    ");
  return success();
}

LogicalResult Printer::printThreadgroupBuffers(gpu::GPUFuncOp kernel) {
  for (auto [i, buffer] : llvm::enumerate(kernel.getWorkgroupAttributions())) {
    auto type = cast<MemRefType>(buffer.getType());
    FailureOr<std::string> element = typeName(kernel, type.getElementType());
    if (failed(element))
      return failure();
    if (!type.hasStaticShape() || type.getRank() != 1 ||
        getAddressSpace(buffer) != "threadgroup")
      return refuse(kernel)
             << "threadgroup buffer " << i << " has type " << type
             << ", but must be a static memref of rank "
                "1 in workgroup memory";
    nameArgument(buffer, kernel.getWorkgroupAttributionAttr(
                             i, GNDialect::kNameAttrName));
    os << "threadgroup " << *element << " " << variables[buffer] << "["
       << type.getNumElements() << "];\n";
  }
  return success();
}

LogicalResult Printer::checkKernel(gpu::GPUFuncOp kernel) {
  if (!kernel.isKernel())
    return refuse(kernel) << "a gpu.func must be a kernel; use func.func for "
                             "device functions";
  if (kernel.getNumPrivateAttributions() != 0)
    return refuse(kernel) << "private attributions must be memref.alloca";
  if (!kernel.getBody().hasOneBlock())
    return refuse(kernel) << "a kernel must have one block";
  return success();
}

LogicalResult Printer::printStatements(gpu::GPUFuncOp kernel) {
  openBrace();
  isInKernel = true;
  if (failed(printThreadgroupBuffers(kernel)) ||
      failed(printBlock(kernel.getBody().front())))
    return failure();
  closeBrace();
  return success();
}

FailureOr<SmallVector<std::string>> Printer::printBody(gpu::GPUFuncOp kernel) {
  if (failed(checkKernel(kernel)))
    return failure();
  names.push();
  nameParameters(kernel);
  if (failed(printStatements(kernel)))
    return failure();
  names.pop();
  SmallVector<std::string> parameters;
  for (unsigned i = 0, e = kernel.getNumArguments(); i < e; ++i)
    parameters.push_back(variables[kernel.getArgument(i)]);
  return parameters;
}

LogicalResult Printer::printKernel(gpu::GPUFuncOp kernel) {
  if (failed(checkKernel(kernel)) || failed(takeFunctionName(kernel)))
    return failure();
  os << "\n";
  if (auto comment =
          kernel->getAttrOfType<StringAttr>(GNDialect::kCommentAttrName))
    printComment(comment);
  if (std::optional<ArrayRef<int32_t>> size = kernel.getKnownBlockSize())
    os << "[[max_total_threads_per_threadgroup("
       << size->front() * (*size)[1] * (*size)[2] << ")]]\n";
  names.push();
  os << "kernel void " << kernel.getName() << "(\n    ";
  if (failed(printParameters(kernel)))
    return failure();
  os << ") {\n";
  if (failed(printStatements(kernel)))
    return failure();
  os << "}\n";
  names.pop();
  return success();
}
