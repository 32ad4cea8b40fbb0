//===- CInterface.cpp - What a generated C function takes -----------------===//

#include "groupnorm/Transforms/CInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/SymbolTable.h"

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

void gn::setCInterface(FunctionOpInterface function,
                       const CInterface &description) {
  Builder builder(function.getContext());
  SmallVector<Attribute> arguments;
  for (const CInterface::Argument &argument : description.arguments)
    arguments.push_back(builder.getDictionaryAttr(
        {builder.getNamedAttr("name", builder.getStringAttr(argument.name)),
         builder.getNamedAttr("type", TypeAttr::get(argument.type)),
         builder.getNamedAttr("written", builder.getBoolAttr(argument.written)),
         builder.getNamedAttr("sizes",
                              builder.getDenseI64ArrayAttr(argument.sizes))}));
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
  for (auto argument :
       attribute.getAs<ArrayAttr>("arguments").getAsRange<DictionaryAttr>())
    description.arguments.push_back(
        {argument.getAs<StringAttr>("name").str(),
         cast<MemRefType>(argument.getAs<TypeAttr>("type").getValue()),
         argument.getAs<BoolAttr>("written").getValue(),
         llvm::to_vector(
             argument.getAs<DenseI64ArrayAttr>("sizes").asArrayRef())});
  description.numSizes = attribute.getAs<IntegerAttr>("num_sizes").getInt();
  description.scratchBytes =
      attribute.getAs<IntegerAttr>("scratch_bytes").getInt();
  description.scratchOnStack =
      attribute.getAs<BoolAttr>("scratch_on_stack").getValue();
  description.allocatesMore =
      attribute.getAs<BoolAttr>("allocates_more").getValue();
  return description;
}
