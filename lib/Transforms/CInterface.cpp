//===- CInterface.cpp - What a generated C function takes -----------------===//

#include "groupnorm/Transforms/CInterface.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace gn;

/// Without a dialect's prefix: the attribute outlives the gn dialect.
static constexpr StringLiteral kAttributeName = "c_interface";

CStatusText gn::getText(CStatus status) {
  switch (status) {
  case CStatus::Success:
    return {"SUCCESS", "the result has been written"};
  case CStatus::NullPointer:
    return {"NULL_POINTER", "a pointer is null"};
  case CStatus::MisalignedPointer:
    return {"MISALIGNED_POINTER", "a pointer is not aligned to its element"};
  case CStatus::NegativeSize:
    return {"NEGATIVE_SIZE", "a size is negative"};
  case CStatus::SizeTooLarge:
    return {"SIZE_TOO_LARGE", "the bytes of an array do not fit an int64_t"};
  case CStatus::OutOfMemory:
    return {"OUT_OF_MEMORY", "there is no memory for the scratch buffer"};
  }
  llvm_unreachable("all statuses are listed");
}

//===----------------------------------------------------------------------===//
// From a function over memrefs
//===----------------------------------------------------------------------===//

/// Whether the memory of `buffer` may be written through it or a view of it.
static bool mayBeWritten(Value buffer) {
  return llvm::any_of(buffer.getUses(), [](OpOperand &use) {
    Operation *user = use.getOwner();
    if (isa<affine::AffinePrefetchOp, memref::PrefetchOp>(user))
      return false;
    if (isa<ViewLikeOpInterface>(user))
      return llvm::any_of(user->getResults(), mayBeWritten);
    auto effects = dyn_cast<MemoryEffectOpInterface>(user);
    if (!effects)
      return !isMemoryEffectFree(user);
    SmallVector<MemoryEffects::EffectInstance> instances;
    effects.getEffectsOnValue(use.get(), instances);
    return llvm::any_of(instances, [](const auto &instance) {
      return !isa<MemoryEffects::Read>(instance.getEffect());
    });
  });
}

/// The places of the sizes of a buffer whose dynamic dimensions are, in order,
/// those dimensions of the first argument that `dims` lists: "0+2".
static FailureOr<SmallVector<int64_t>>
takeSizes(MemRefType type, StringRef dims,
          ArrayRef<CInterface::Argument> arguments) {
  SmallVector<int64_t> sizes(type.getRank(), -1);
  SmallVector<StringRef> parts;
  dims.split(parts, '+');
  if (arguments.empty() || static_cast<int64_t>(parts.size()) !=
                               static_cast<int64_t>(type.getNumDynamicDims()))
    return failure();
  auto *next = parts.begin();
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    size_t from;
    if (!type.isDynamicDim(dim))
      continue;
    if (next++->getAsInteger(10, from) || from >= arguments[0].sizes.size() ||
        arguments[0].sizes[from] < 0)
      return failure();
    sizes[dim] = arguments[0].sizes[from];
  }
  return sizes;
}

FailureOr<CInterface> gn::describeCInterface(FunctionOpInterface kernel,
                                             ArrayRef<std::string> names) {
  CInterface description;
  description.name = kernel.getName().str();
  // The interface itself calls the first two, LLVM makes calls of the others.
  if (llvm::is_contained({"malloc", "free", "memcpy", "memmove", "memset"},
                         description.name)) {
    kernel->emitOpError("has the name of a function that its code may call");
    return failure();
  }
  if (kernel.getNumResults() != 0) {
    kernel->emitOpError("has results; a C interface needs them as memref "
                        "arguments (see buffer-results-to-out-params)");
    return failure();
  }
  for (auto [i, value] : llvm::enumerate(kernel.getArguments())) {
    auto type = dyn_cast<MemRefType>(value.getType());
    if (!type || !type.getLayout().isIdentity() || type.getMemorySpace() ||
        !type.getElementType().isIntOrFloat() ||
        type.getElementTypeBitWidth() % 8 != 0) {
      kernel->emitOpError()
          << "has argument " << i << " of type " << value.getType()
          << "; a C interface takes only memrefs in row-major "
             "order of numbers of whole bytes";
      return failure();
    }
    std::string text = i < names.size() ? names[i] : "arg" + std::to_string(i);
    auto [name, dims] = StringRef(text).split(':');
    CInterface::Argument argument{
        name.str(), type, mayBeWritten(value), {}, {}};
    if (auto mayBe =
            kernel.getArgAttrOfType<DenseI64ArrayAttr>(i, kMayBeAttrName))
      llvm::append_range(argument.mayBe, mayBe.asArrayRef());
    // Buffers of one type have one shape: y has x's.
    auto *same = llvm::find_if(description.arguments, [&](const auto &other) {
      return other.type == type;
    });
    if (!dims.empty()) {
      FailureOr<SmallVector<int64_t>> sizes =
          takeSizes(type, dims, description.arguments);
      if (failed(sizes)) {
        kernel->emitOpError()
            << "has argument " << i << " of type " << type
            << ", whose dynamic sizes cannot be those of the dimensions '"
            << dims << "' of argument 0";
        return failure();
      }
      argument.sizes = *sizes;
    } else if (same != description.arguments.end())
      argument.sizes = same->sizes;
    else
      for (int64_t size : type.getShape())
        argument.sizes.push_back(
            ShapedType::isDynamic(size) ? description.numSizes++ : -1);
    description.arguments.push_back(std::move(argument));
  }
  return description;
}

//===----------------------------------------------------------------------===//
// As an attribute
//===----------------------------------------------------------------------===//

void gn::setCInterface(FunctionOpInterface function,
                       const CInterface &description) {
  Builder builder(function.getContext());
  SmallVector<Attribute> arguments;
  for (const CInterface::Argument &argument : description.arguments) {
    NamedAttrList entries;
    entries.set("name", builder.getStringAttr(argument.name));
    entries.set("type", TypeAttr::get(argument.type));
    entries.set("written", builder.getBoolAttr(argument.written));
    entries.set("sizes", builder.getDenseI64ArrayAttr(argument.sizes));
    if (!argument.mayBe.empty())
      entries.set("may_be", builder.getDenseI64ArrayAttr(argument.mayBe));
    arguments.push_back(entries.getDictionary(function.getContext()));
  }
  auto number = [&](StringRef name, int64_t value) {
    return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
  };
  auto flag = [&](StringRef name, bool value) {
    return builder.getNamedAttr(name, builder.getBoolAttr(value));
  };
  function->setAttr(
      kAttributeName,
      builder.getDictionaryAttr(
          {builder.getNamedAttr("arguments", builder.getArrayAttr(arguments)),
           number("num_sizes", description.numSizes),
           number("scratch_bytes", description.scratchBytes),
           flag("scratch_on_stack", description.scratchOnStack),
           flag("allocates_more", description.allocatesMore)}));
}

std::optional<CInterface> gn::getCInterface(Operation *function) {
  auto attribute = function->getAttrOfType<DictionaryAttr>(kAttributeName);
  if (!attribute)
    return std::nullopt;
  CInterface description;
  description.name = SymbolTable::getSymbolName(function).str();
  auto getNumbers = [](DictionaryAttr argument, StringRef name) {
    auto numbers = argument.getAs<DenseI64ArrayAttr>(name);
    return numbers ? llvm::to_vector(numbers.asArrayRef())
                   : SmallVector<int64_t>();
  };
  for (auto argument :
       attribute.getAs<ArrayAttr>("arguments").getAsRange<DictionaryAttr>())
    description.arguments.push_back(
        {argument.getAs<StringAttr>("name").str(),
         cast<MemRefType>(argument.getAs<TypeAttr>("type").getValue()),
         argument.getAs<BoolAttr>("written").getValue(),
         getNumbers(argument, "sizes"), getNumbers(argument, "may_be")});
  description.numSizes = attribute.getAs<IntegerAttr>("num_sizes").getInt();
  description.scratchBytes =
      attribute.getAs<IntegerAttr>("scratch_bytes").getInt();
  description.scratchOnStack =
      attribute.getAs<BoolAttr>("scratch_on_stack").getValue();
  description.allocatesMore =
      attribute.getAs<BoolAttr>("allocates_more").getValue();
  return description;
}
