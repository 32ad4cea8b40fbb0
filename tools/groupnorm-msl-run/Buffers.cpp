//===- Buffers.cpp - Arguments as the command line gives them -------------===//
#include "Buffers.h"
#include "groupnorm/Runtime/Npy.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include <cstring>

using namespace gn;
using namespace gn::tool;
using llvm::Error;
using llvm::Expected;
using llvm::formatv;
using llvm::StringRef;

namespace {
struct TypeInfo {
  StringRef name, metalName;
  unsigned size;
  bool real, isSigned;
};
} // namespace

static const TypeInfo typeInfos[] = {
    {"f16", "half", 2, true, true},     {"bf16", "bfloat", 2, true, true},
    {"f32", "float", 4, true, true},    {"i8", "char", 1, false, true},
    {"u8", "uchar", 1, false, false},   {"i16", "short", 2, false, true},
    {"u16", "ushort", 2, false, false}, {"i32", "int", 4, false, true},
    {"u32", "uint", 4, false, false},   {"i64", "long", 8, false, true},
    {"u64", "ulong", 8, false, false},  {"bool", "bool", 1, false, false},
};

static const TypeInfo &info(Type type) { return typeInfos[unsigned(type)]; }
StringRef gn::tool::getName(Type type) { return info(type).name; }
unsigned gn::tool::getSize(Type type) { return info(type).size; }

std::optional<Type> gn::tool::parseType(StringRef name) {
  for (auto [i, t] : llvm::enumerate(typeInfos))
    if (name == t.name || name == t.metalName)
      return Type(i);
  return std::nullopt;
}

static Error fail(const llvm::Twine &message) {
  return llvm::createStringError(message);
}

static Expected<Type> typeNamed(StringRef name) {
  if (std::optional<Type> type = parseType(name))
    return *type;
  return fail("there is no type '" + name +
              "'; types are f16, bf16, f32, i8, u8, i16, u16, i32, u32, i64, "
              "u64 and bool");
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

static const llvm::fltSemantics &semantics(Type type) {
  return type == Type::F16    ? llvm::APFloat::IEEEhalf()
         : type == Type::BF16 ? llvm::APFloat::BFloat()
                              : llvm::APFloat::IEEEsingle();
}

static Expected<uint64_t> parseValue(Type type, StringRef text) {
  auto bad = [&] {
    return fail("'" + text + "' is not a value of type " + getName(type));
  };
  if (info(type).real) {
    llvm::APFloat value(semantics(type));
    auto status =
        value.convertFromString(text, llvm::APFloat::rmNearestTiesToEven);
    if (!status) {
      llvm::consumeError(status.takeError());
      return bad();
    }
    return value.bitcastToAPInt().getZExtValue();
  }
  if (type == Type::Bool) {
    auto value = llvm::StringSwitch<int>(text)
                     .Cases({"1", "true"}, 1)
                     .Cases({"0", "false"}, 0)
                     .Default(-1);
    if (value < 0)
      return bad();
    return value;
  }
  unsigned bits = info(type).size * 8;
  if (info(type).isSigned) {
    int64_t value;
    if (text.getAsInteger(0, value) || !llvm::isIntN(bits, value))
      return bad();
    return value;
  }
  uint64_t value;
  if (text.getAsInteger(0, value) || !llvm::isUIntN(bits, value))
    return bad();
  return value;
}

Expected<llvm::SmallVector<uint8_t, 8>> gn::tool::parseValues(Type type,
                                                              StringRef text) {
  if (text.empty())
    return fail("there are no values of type " + getName(type) +
                "; write for instance 1,2,3");
  llvm::SmallVector<uint8_t, 8> bytes;
  for (StringRef part : llvm::split(text, ",")) {
    Expected<uint64_t> value = parseValue(type, part.trim());
    if (!value)
      return value.takeError();
    const auto *raw = reinterpret_cast<const uint8_t *>(&*value);
    bytes.append(raw, raw + getSize(type)); // little-endian hosts only
  }
  return bytes;
}

Error Buffer::allocate(size_t bytes) {
  memory = llvm::WritableMemoryBuffer::getNewMemBuffer(bytes);
  return memory ? Error::success()
                : fail("there is no memory for a buffer of " +
                       llvm::Twine(bytes) + " bytes");
}

void gn::tool::printBuffer(const Buffer &buffer, llvm::raw_ostream &os) {
  const TypeInfo &t = info(buffer.type);
  size_t row =
      buffer.shape.empty() ? 1 : std::max<int64_t>(buffer.shape.back(), 1);
  for (size_t i = 0, n = buffer.getData().size() / t.size; i < n; ++i) {
    uint64_t bits = 0;
    memcpy(&bits, buffer.getData().data() + i * t.size, t.size);
    if (t.real) {
      llvm::SmallString<16> text;
      llvm::APFloat(semantics(buffer.type), llvm::APInt(t.size * 8, bits))
          .toString(text);
      os << text;
    } else if (t.isSigned) {
      os << llvm::SignExtend64(bits, t.size * 8);
    } else {
      os << bits;
    }
    os << ((i + 1) % row && i + 1 != n ? ' ' : '\n');
  }
}

//===----------------------------------------------------------------------===//
// Specifications
//===----------------------------------------------------------------------===//

Expected<std::pair<unsigned, StringRef>>
gn::tool::parseIndexed(StringRef text, StringRef what) {
  auto [number, rest] = text.split('=');
  unsigned index;
  if (rest.empty() || number.getAsInteger(10, index))
    return fail((what.size() == 1 ? "-" : "--") + what + " wants N=..., not '" +
                text + "'");
  return std::make_pair(index, rest);
}

// f32[2,64], without memory yet.
static Error parseShaped(StringRef spec, Buffer &buffer) {
  auto [name, dims] = spec.split('[');
  Expected<Type> type = typeNamed(name);
  if (!type)
    return type.takeError();
  buffer.type = *type;
  if (!dims.consume_back("]"))
    return fail("'" + spec + "' has no shape; write for instance f32[2,64]");
  for (StringRef dim : llvm::split(dims, ",")) {
    int64_t size;
    if (dim.trim().getAsInteger(10, size) || size < 0)
      return fail("'" + dim + "' is not a size, in '" + spec + "'");
    buffer.shape.push_back(size);
  }
  std::optional<size_t> bytes =
      runtime::getByteSize(buffer.shape, getSize(buffer.type));
  if (!bytes)
    return fail("'" + spec + "' is too large");
  return buffer.allocate(*bytes);
}

// NumPy's letter for the kind of a type.
static char kindOf(Type type) {
  if (type == Type::Bool)
    return 'b';
  if (type == Type::BF16)
    return 'V';
  return info(type).real ? 'f' : info(type).isSigned ? 'i' : 'u';
}

static Error readFile(StringRef path, Buffer &buffer) {
  auto allocate = [&](const runtime::NpyType &type,
                      llvm::ArrayRef<int64_t> shape) -> Expected<char *> {
    for (unsigned i = 0; i < std::size(typeInfos); ++i) {
      if (type.kind != kindOf(Type(i)) || type.size != getSize(Type(i)))
        continue;
      buffer.type = Type(i);
      buffer.shape.assign(shape.begin(), shape.end());
      if (Error e = buffer.allocate(*runtime::getByteSize(shape, type.size)))
        return std::move(e);
      return reinterpret_cast<char *>(buffer.getData().data());
    }
    return fail("Metal does not have its element type '" + type.descr +
                "'; convert the array, for instance by x.astype('float32')");
  };
  return runtime::readNpy(path, allocate);
}

Expected<Buffer> gn::tool::parseBuffer(unsigned index, StringRef spec,
                                       StringRef folder) {
  Buffer buffer;
  buffer.index = index;
  auto [kind, rest] = spec.split(':');
  if (kind == "out" || kind == "zeros") {
    if (Error e = parseShaped(rest, buffer))
      return std::move(e);
    if (kind == "out") { // not a number, in every type that has such
      buffer.role = sim::BufferRole::Out;
      llvm::fill(buffer.getData(), 0xff);
    }
    return std::move(buffer);
  }
  if (kind == "const" || kind == "data") {
    auto [name, values] = rest.split(':');
    Expected<Type> type = typeNamed(name);
    if (!type)
      return type.takeError();
    auto bytes = parseValues(*type, values);
    if (!bytes)
      return bytes.takeError();
    buffer.type = *type;
    if (Error e = buffer.allocate(bytes->size()))
      return std::move(e);
    llvm::copy(*bytes, buffer.getData().begin());
    buffer.shape.push_back(bytes->size() / getSize(*type));
    buffer.constant = kind == "const";
    return std::move(buffer);
  }
  buffer.role = sim::BufferRole::In;
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, spec);
  if (Error e = readFile(folder.empty() || llvm::sys::path::is_absolute(spec)
                             ? spec
                             : path.str(),
                         buffer))
    return std::move(e);
  return std::move(buffer);
}

Error gn::tool::writeBuffer(const Buffer &buffer, StringRef path) {
  runtime::NpyType type{"", kindOf(buffer.type), getSize(buffer.type)};
  return runtime::writeNpy(
      path, type, buffer.shape,
      StringRef(reinterpret_cast<const char *>(buffer.getData().data()),
                buffer.getData().size()));
}
