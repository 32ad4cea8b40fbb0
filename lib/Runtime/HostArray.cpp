//===- HostArray.cpp - A dense array in host memory -----------------------===//

#include "groupnorm/Runtime/HostArray.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>
#include <limits>

using namespace gn::runtime;
using llvm::ArrayRef;
using llvm::Expected;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// Element types
//===----------------------------------------------------------------------===//

namespace {
struct TypeInfo {
  llvm::StringLiteral name;
  size_t size;
  int precision;   // of floats; of integers the bits besides the sign
  int maxExponent; // of the largest finite number
};
} // namespace

static const TypeInfo &getInfo(ElementType type) {
  static constexpr TypeInfo infos[] = {
      {"f16", 2, 11, 15},   {"bf16", 2, 8, 127}, {"f32", 4, 24, 127},
      {"f64", 8, 53, 1023}, {"i8", 1, 7, 6},     {"i16", 2, 15, 14},
      {"i32", 4, 31, 30}};
  return infos[static_cast<size_t>(type)];
}

StringRef gn::runtime::getName(ElementType type) { return getInfo(type).name; }

bool gn::runtime::isInteger(ElementType type) {
  return type >= ElementType::I8;
}

size_t gn::runtime::getSize(ElementType type) { return getInfo(type).size; }

int gn::runtime::getPrecision(ElementType type) {
  return getInfo(type).precision;
}

std::pair<double, double> gn::runtime::getRange(ElementType type) {
  auto [name, size, precision, maxExponent] = getInfo(type);
  return {std::ldexp(1.0, 1 - maxExponent),
          std::ldexp(2 - std::ldexp(1.0, 1 - precision), maxExponent)};
}

std::optional<ElementType> gn::runtime::parseElementType(StringRef name) {
  for (ElementType type : {ElementType::F16, ElementType::BF16,
                           ElementType::F32, ElementType::F64})
    if (name == getName(type))
      return type;
  return std::nullopt;
}

/// Rounds to a binary format of 16 bits, to nearest with ties to even, without
/// the detour over f32 that would round twice. `precision` counts the implicit
/// bit, `maxExponent` is that of the largest finite number.
static uint16_t encode16(double value, int precision, int maxExponent) {
  int fraction = precision - 1;
  uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  uint16_t infinity = static_cast<uint16_t>((2 * maxExponent + 1) << fraction);
  if (std::isnan(value))
    return sign | infinity | 1 << (fraction - 1);
  double magnitude = std::fabs(value);
  if (std::isinf(magnitude))
    return sign | infinity;
  // The unit in the last place; below the smallest normal number it stays.
  int exponent = magnitude == 0 ? -maxExponent : std::ilogb(magnitude);
  int unit = std::max(exponent, 1 - maxExponent) - fraction;
  auto steps =
      static_cast<uint32_t>(std::nearbyint(std::ldexp(magnitude, -unit)));
  // A carry out of the fraction counts the exponent up, as it should.
  int biased = unit + fraction + maxExponent - 1;
  uint32_t bits = (static_cast<uint32_t>(biased) << fraction) + steps;
  return sign | static_cast<uint16_t>(exponent > maxExponent
                                          ? infinity
                                          : std::min<uint32_t>(bits, infinity));
}

static double decode16(uint16_t bits, int precision, int maxExponent) {
  int fraction = precision - 1;
  int biased = (bits & 0x7fff) >> fraction;
  int mantissa = bits & ((1 << fraction) - 1);
  double magnitude;
  if (biased == 2 * maxExponent + 1)
    magnitude = mantissa ? std::numeric_limits<double>::quiet_NaN()
                         : std::numeric_limits<double>::infinity();
  else if (biased == 0)
    magnitude = std::ldexp(mantissa, 1 - maxExponent - fraction);
  else
    magnitude =
        std::ldexp(mantissa + (1 << fraction), biased - maxExponent - fraction);
  return bits & 0x8000 ? -magnitude : magnitude;
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

std::optional<size_t> gn::runtime::getByteSize(ArrayRef<int64_t> shape,
                                               size_t elementSize) {
  // A zero makes the whole array empty, however large the other sizes are.
  if (llvm::any_of(shape, [](int64_t size) { return size < 0; }))
    return std::nullopt;
  if (llvm::is_contained(shape, 0))
    return 0;
  int64_t bytes = static_cast<int64_t>(elementSize);
  for (int64_t size : shape)
    if (llvm::MulOverflow(bytes, size, bytes))
      return std::nullopt;
  return static_cast<size_t>(bytes);
}

std::string gn::runtime::formatShape(ArrayRef<int64_t> shape) {
  if (shape.empty())
    return "scalar";
  return llvm::join(llvm::map_range(shape,
                                    [](int64_t size) {
                                      return size < 0 ? "?"
                                                      : llvm::itostr(size);
                                    }),
                    "x");
}

//===----------------------------------------------------------------------===//
// HostArray
//===----------------------------------------------------------------------===//

Expected<HostArray> HostArray::create(ElementType type,
                                      ArrayRef<int64_t> shape) {
  std::optional<size_t> bytes = getByteSize(shape, getSize(type));
  std::unique_ptr<llvm::WritableMemoryBuffer> storage;
  // The buffer keeps its name and a terminating zero in the same allocation:
  // leave room, so that no sum of sizes wraps around.
  if (bytes && *bytes <= std::numeric_limits<int64_t>::max() - 4096)
    storage = llvm::WritableMemoryBuffer::getNewUninitMemBuffer(
        *bytes, "", llvm::Align(64));
  if (!storage)
    return llvm::createStringError(
        llvm::formatv("there is no memory for an array of {0} x {1}",
                      formatShape(shape), getName(type)));
  return HostArray(type, shape, *bytes / getSize(type), std::move(storage));
}

Expected<HostArray> HostArray::create(ElementType type, ArrayRef<int64_t> shape,
                                      ArrayRef<double> values) {
  Expected<HostArray> array = create(type, shape);
  if (array)
    array->assign(values);
  return array;
}

Expected<HostArray> HostArray::splat(ElementType type, ArrayRef<int64_t> shape,
                                     double value) {
  Expected<HostArray> array = create(type, shape);
  if (array)
    array->assign(std::vector<double>(array->getNumElements(), value));
  return array;
}

std::vector<double> HostArray::toDoubles() const {
  std::vector<double> values(numElements);
  auto read = [&](auto element, auto convert) {
    auto *elements = reinterpret_cast<const decltype(element) *>(getData());
    for (size_t i = 0; i < numElements; ++i)
      values[i] = convert(elements[i]);
  };
  auto widen = [](auto value) { return static_cast<double>(value); };
  switch (type) {
  case ElementType::F16:
    read(uint16_t(), [](uint16_t bits) { return decode16(bits, 11, 15); });
    break;
  case ElementType::BF16:
    read(uint16_t(), [](uint16_t bits) { return decode16(bits, 8, 127); });
    break;
  case ElementType::F32:
    read(float(), widen);
    break;
  case ElementType::F64:
    read(double(), widen);
    break;
  case ElementType::I8:
    read(int8_t(), widen);
    break;
  case ElementType::I16:
    read(int16_t(), widen);
    break;
  case ElementType::I32:
    read(int32_t(), widen);
    break;
  }
  return values;
}

void HostArray::assign(ArrayRef<double> values) {
  assert(values.size() == numElements);
  auto write = [&](auto element, auto convert) {
    using T = decltype(element);
    T *elements = reinterpret_cast<T *>(getData());
    for (size_t i = 0; i < numElements; ++i)
      elements[i] = static_cast<T>(convert(values[i]));
  };
  auto same = [](double value) { return value; };
  // No number becomes 0.
  double bound = std::ldexp(1.0, getInfo(type).precision);
  auto nearest = [&](double value) {
    return std::isnan(value)
               ? 0.0
               : std::clamp(std::nearbyint(value), -bound, bound - 1);
  };
  switch (type) {
  case ElementType::F16:
    write(uint16_t(), [](double value) { return encode16(value, 11, 15); });
    break;
  case ElementType::BF16:
    write(uint16_t(), [](double value) { return encode16(value, 8, 127); });
    break;
  case ElementType::F32:
    write(float(), same);
    break;
  case ElementType::F64:
    write(double(), same);
    break;
  case ElementType::I8:
    write(int8_t(), nearest);
    break;
  case ElementType::I16:
    write(int16_t(), nearest);
    break;
  case ElementType::I32:
    write(int32_t(), nearest);
    break;
  }
}
