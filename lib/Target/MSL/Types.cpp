//===- Types.cpp - Types and literals in MSL ------------------------------===//

#include "Types.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace gn;

static StringRef getScalarName(Type type) {
  if (type.isF32())
    return "float";
  if (type.isF16())
    return "half";
  if (type.isBF16())
    return "bfloat";
  if (type.isIndex())
    return "uint";
  if (type.isSignlessInteger()) {
    switch (type.getIntOrFloatBitWidth()) {
    case 1:
      return "bool";
    case 8:
      return "uchar";
    case 16:
      return "ushort";
    case 32:
      return "uint";
    case 64:
      return "ulong";
    }
  }
  return {};
}

std::optional<std::string> msl::getTypeName(Type type) {
  StringRef name = getScalarName(getElementTypeOrSelf(type));
  if (name.empty())
    return std::nullopt;
  auto vector = dyn_cast<VectorType>(type);
  if (!vector)
    return isa<ShapedType>(type) ? std::nullopt : std::optional(name.str());
  if (vector.getRank() != 1 || vector.isScalable() ||
      vector.getNumElements() < 2 || vector.getNumElements() > 4)
    return std::nullopt;
  return (name + Twine(vector.getNumElements())).str();
}

std::string msl::getSignedTypeName(Type type) {
  std::string name = *getTypeName(type);
  // ushort4 is to short4 as uint is to int.
  return name.substr(1);
}

std::string msl::explainType(Type type) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "type '" << type << "' has no counterpart in MSL";
  if (getElementTypeOrSelf(type).isF64())
    os << ", which has no f64";
  else if (isa<VectorType>(type))
    os << ", whose vectors have 2 to 4 elements";
  return text;
}

/// The shortest decimal number that reads back as `value`.
static std::optional<std::string> getShortestDecimal(const APFloat &value) {
  // Whole numbers are read more easily in full.
  SmallString<32> whole;
  if (value.isInteger() && abs(value).convertToDouble() < 1e7) {
    value.toString(whole, /*FormatPrecision=*/0, /*FormatMaxPadding=*/8);
    return (whole + ".0").str();
  }
  // Nine digits tell every f32 from every other.
  for (unsigned digits = 1; digits <= 9; ++digits) {
    SmallString<32> text;
    value.toString(text, digits, /*FormatMaxPadding=*/3);
    APFloat parsed(value.getSemantics());
    auto status = parsed.convertFromString(text, APFloat::rmNearestTiesToEven);
    if (!status) {
      llvm::consumeError(status.takeError());
      return std::nullopt;
    }
    if (!parsed.bitwiseIsEqual(value))
      continue;
    if (StringRef(text).find_first_of(".E") == StringRef::npos)
      text += ".0";
    return StringRef(text).lower();
  }
  return std::nullopt;
}

std::string msl::getFloatLiteral(const APFloat &value, Type type) {
  // bfloat has no literals; every bfloat is a float.
  if (type.isBF16()) {
    APFloat wide = value;
    bool losesInfo;
    wide.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven,
                 &losesInfo);
    return "bfloat(" +
           getFloatLiteral(wide, Float32Type::get(type.getContext())) + ")";
  }
  char suffix = type.isF16() ? 'h' : 'f';
  if (value.isInfinity() && type.isF32())
    return value.isNegative() ? "-INFINITY" : "INFINITY";
  std::optional<std::string> decimal;
  if (value.isFinite())
    decimal = getShortestDecimal(value);
  if (decimal)
    return *decimal + suffix;
  uint64_t bits = value.bitcastToAPInt().getZExtValue();
  if (type.isF16())
    return llvm::formatv("as_type<half>(ushort({0:x}))", bits);
  return llvm::formatv("as_type<float>({0:x}u)", bits);
}

static std::optional<std::string> getScalarLiteral(Attribute value, Type type) {
  if (auto number = dyn_cast<FloatAttr>(value))
    return msl::getFloatLiteral(number.getValue(), type);
  auto integer = dyn_cast<IntegerAttr>(value);
  if (!integer)
    return std::nullopt;
  if (type.isInteger(1))
    return integer.getValue().isZero() ? "false" : "true";
  std::string text = llvm::toString(integer.getValue(), 10, /*Signed=*/false);
  // A large number without a suffix would be signed or of another width.
  if (type.isInteger(64))
    return text + "ul";
  if (integer.getValue().ugt(INT32_MAX))
    return text + "u";
  return text;
}

std::optional<std::string> msl::getLiteral(TypedAttr value) {
  std::optional<std::string> name = getTypeName(value.getType());
  if (!name)
    return std::nullopt;
  auto elements = dyn_cast<DenseElementsAttr>(value);
  if (!elements)
    return getScalarLiteral(value, value.getType());
  SmallVector<std::string> literals;
  Type element = elements.getElementType();
  if (elements.isSplat()) {
    literals.push_back(
        *getScalarLiteral(elements.getSplatValue<Attribute>(), element));
  } else {
    for (Attribute attribute : elements.getValues<Attribute>())
      literals.push_back(*getScalarLiteral(attribute, element));
  }
  return *name + "(" + llvm::join(literals, ", ") + ")";
}
