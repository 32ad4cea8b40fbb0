//===- Npy.cpp - NumPy's .npy files ---------------------------------------===//
//
// A file is a magic string, a version, the length of a header, the header (a
// Python dictionary literal) and the raw elements. Nothing in it is trusted:
// every size is checked against the file before it is used.
//
//===----------------------------------------------------------------------===//

#include "groupnorm/Runtime/Npy.h"
#include "groupnorm/Support/FileInput.h"
#include "groupnorm/Support/FileOutput.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

using namespace gn::runtime;
using llvm::ArrayRef;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;

static constexpr llvm::StringLiteral kMagic = "\x93NUMPY";
/// The largest rank that NumPy knows.
static constexpr size_t kMaxRank = 64;

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

static NpyType typeOf(ElementType type) {
  char kind = type == ElementType::BF16 ? 'V' : isInteger(type) ? 'i' : 'f';
  return {"", kind, static_cast<unsigned>(getSize(type))};
}

static std::optional<ElementType> elementOf(const NpyType &type) {
  for (ElementType element :
       {ElementType::F16, ElementType::BF16, ElementType::F32, ElementType::F64,
        ElementType::I8, ElementType::I16, ElementType::I32}) {
    NpyType known = typeOf(element);
    if (known.kind == type.kind && known.size == type.size)
      return element;
  }
  return std::nullopt;
}

/// As this project names it: "i32" for '<i4'.
static std::string nameOf(const NpyType &type) {
  if (std::optional<ElementType> element = elementOf(type))
    return getName(*element).str();
  if (type.kind == 'b')
    return "bool";
  return llvm::formatv("{0}{1}", type.kind, 8 * type.size);
}

//===----------------------------------------------------------------------===//
// The header
//===----------------------------------------------------------------------===//

namespace {
struct Header {
  std::optional<NpyType> type;
  bool littleEndian = true;
  std::optional<bool> fortranOrder;
  std::optional<llvm::SmallVector<int64_t>> shape;
};

/// Reads the part of Python's literals that a header is made of.
class HeaderParser {
public:
  explicit HeaderParser(StringRef text) : text(text) {}

  Expected<Header> parse() {
    if (!consume("{"))
      return fail("the header is not a dictionary");
    while (!consume("}")) {
      std::string key;
      if (Error error = parseString(key))
        return error;
      if (!consume(":"))
        return fail("the header lacks ':' after '" + key + "'");
      if (Error error = parseEntry(key))
        return error;
      if (!consume(",") && !peek('}'))
        return fail("the header lacks ',' after '" + key + "'");
    }
    if (!text.trim().empty())
      return fail("the header goes on after its dictionary");
    for (auto [present, key] :
         {std::pair(header.type.has_value(), "descr"),
          std::pair(header.fortranOrder.has_value(), "fortran_order"),
          std::pair(header.shape.has_value(), "shape")})
      if (!present)
        return fail(llvm::formatv("the header has no '{0}'", key));
    return std::move(header);
  }

private:
  static Error fail(const llvm::Twine &message) {
    return llvm::createStringError(message.str());
  }

  bool peek(char character) {
    text = text.ltrim();
    return text.starts_with(StringRef(&character, 1));
  }

  bool consume(StringRef token) {
    text = text.ltrim();
    return text.consume_front(token);
  }

  Error parseString(std::string &value) {
    char quote = peek('"') ? '"' : '\'';
    if (!peek(quote))
      return fail("the header lacks a string where one must be");
    size_t end = text.find(quote, 1);
    if (end == StringRef::npos)
      return fail("the header ends within a string");
    value = text.slice(1, end).str();
    text = text.drop_front(end + 1);
    return Error::success();
  }

  Error parseEntry(StringRef key) {
    if (key == "descr")
      return parseDescr();
    if (key == "fortran_order") {
      if (consume("True"))
        header.fortranOrder = true;
      else if (consume("False"))
        header.fortranOrder = false;
      else
        return fail("'fortran_order' is neither True nor False");
      return Error::success();
    }
    if (key == "shape")
      return parseShape();
    return fail("the header has the unknown key '" + key + "'");
  }

  Error parseDescr() {
    if (peek('['))
      return fail("the elements are records; save one field as an array of its "
                  "own");
    std::string descr;
    if (Error error = parseString(descr))
      return error;
    StringRef kind = descr;
    header.littleEndian = kind.consume_front("<") ? true
                          : kind.consume_front(">")
                              ? false
                              : llvm::sys::IsLittleEndianHost;
    if (!kind.consume_front("="))
      kind.consume_front("|");
    kind = llvm::StringSwitch<StringRef>(kind)
               .Case("float16", "f2")
               .Case("bfloat16", "V2")
               .Case("float32", "f4")
               .Case("float64", "f8")
               .Default(kind);
    header.type = NpyType{descr};
    static constexpr StringRef known[] = {"f2", "f4", "f8", "V2", "i1",
                                          "i2", "i4", "i8", "u1", "u2",
                                          "u4", "u8", "b1"};
    if (llvm::is_contained(known, kind)) {
      header.type->kind = kind[0];
      header.type->size = kind[1] - '0';
    }
    return Error::success();
  }

  Error parseShape() {
    if (!consume("("))
      return fail("'shape' is not a tuple");
    llvm::SmallVector<int64_t> shape;
    while (!consume(")")) {
      text = text.ltrim();
      uint64_t size;
      if (peek('-'))
        return fail("'shape' has a negative size");
      if (text.empty() || !llvm::isDigit(text.front()))
        return fail("'shape' is not a tuple of integers");
      if (text.consumeInteger(10, size) || size > INT64_MAX)
        return fail("'shape' has a size that is too large");
      // Python 2 marked long integers.
      text.consume_front("L");
      shape.push_back(static_cast<int64_t>(size));
      if (shape.size() > kMaxRank)
        return fail(
            llvm::formatv("'shape' has more than {0} dimensions", kMaxRank));
      if (!consume(",") && !peek(')'))
        return fail("'shape' is not a tuple of integers");
    }
    header.shape = std::move(shape);
    return Error::success();
  }

  StringRef text;
  Header header;
};
} // namespace

//===----------------------------------------------------------------------===//
// The elements
//===----------------------------------------------------------------------===//

template <typename T>
static void copyElements(const Header &header, StringRef source,
                         char *destination, size_t count) {
  T *target = reinterpret_cast<T *>(destination);
  llvm::endianness order =
      header.littleEndian ? llvm::endianness::little : llvm::endianness::big;
  auto read = [&](size_t index) {
    return llvm::support::endian::read<T>(source.data() + index * sizeof(T),
                                          order);
  };
  ArrayRef<int64_t> shape = *header.shape;
  if (!*header.fortranOrder || shape.size() < 2) {
    for (size_t i = 0; i < count; ++i)
      target[i] = read(i);
    return;
  }
  // The first index runs fastest in the file, the last one in memory: count
  // through the indices in memory order, keeping the place in the file.
  llvm::SmallVector<size_t> strides(shape.size(), 1), indices(shape.size(), 0);
  for (size_t dim = 1; dim < shape.size(); ++dim)
    strides[dim] = strides[dim - 1] * shape[dim - 1];
  size_t place = 0;
  for (size_t i = 0; i < count; ++i) {
    target[i] = read(place);
    for (size_t dim = shape.size(); dim-- > 0;) {
      place += strides[dim];
      if (++indices[dim] < static_cast<size_t>(shape[dim]))
        break;
      place -= strides[dim] * shape[dim];
      indices[dim] = 0;
    }
  }
}

using Allocate =
    llvm::function_ref<Expected<char *>(const NpyType &, ArrayRef<int64_t>)>;

static Error parse(StringRef bytes, Allocate allocate) {
  auto fail = [](const llvm::Twine &message) {
    return llvm::createStringError(message.str());
  };
  if (!bytes.consume_front(kMagic))
    return fail("not an .npy file");
  if (bytes.size() < 2)
    return fail("the file ends within its version");
  int version = static_cast<uint8_t>(bytes[0]);
  if (version < 1 || version > 3)
    return fail(
        llvm::formatv("version {0} of the format is not 1, 2 or 3", version));
  bytes = bytes.drop_front(2);
  size_t lengthSize = version == 1 ? 2 : 4;
  if (bytes.size() < lengthSize)
    return fail("the file ends within the length of its header");
  size_t length = version == 1 ? llvm::support::endian::read16le(bytes.data())
                               : llvm::support::endian::read32le(bytes.data());
  bytes = bytes.drop_front(lengthSize);
  if (length > bytes.size())
    return fail(llvm::formatv("the file ends within its header: {0} bytes of "
                              "{1} are there",
                              bytes.size(), length));
  Expected<Header> header = HeaderParser(bytes.take_front(length)).parse();
  if (!header)
    return header.takeError();
  bytes = bytes.drop_front(length);

  const NpyType &type = *header->type;
  std::optional<size_t> size = getByteSize(*header->shape, type.size);
  if (type.kind && (!size || *size > bytes.size()))
    return fail(llvm::formatv(
        "the file is too short for {0} x {1}: {2} bytes of data are there",
        formatShape(*header->shape), nameOf(type), bytes.size()));

  Expected<char *> data = allocate(type, *header->shape);
  if (!data)
    return data.takeError();
  size_t count = type.size ? *size / type.size : 0;
  if ((header->littleEndian == llvm::sys::IsLittleEndianHost ||
       type.size == 1) &&
      (!*header->fortranOrder || header->shape->size() < 2))
    std::memcpy(*data, bytes.data(), *size);
  else if (type.size == 1)
    copyElements<uint8_t>(*header, bytes, *data, count);
  else if (type.size == 2)
    copyElements<uint16_t>(*header, bytes, *data, count);
  else if (type.size == 4)
    copyElements<uint32_t>(*header, bytes, *data, count);
  else
    copyElements<uint64_t>(*header, bytes, *data, count);
  return Error::success();
}

static Error inFile(StringRef path, Error error) {
  if (!error)
    return Error::success();
  return llvm::createStringError(llvm::formatv(
      "cannot read '{0}': {1}", path, llvm::toString(std::move(error))));
}

Expected<HostArray> gn::runtime::parseNpy(llvm::MemoryBufferRef buffer) {
  std::optional<HostArray> array;
  auto allocate = [&](const NpyType &type,
                      ArrayRef<int64_t> shape) -> Expected<char *> {
    std::optional<ElementType> element = elementOf(type);
    if (!element)
      return llvm::createStringError(
          "the element type '" + type.descr +
          "' is not f16, bf16, f32 or f64, nor i8, i16 or i32; convert "
          "the array, for instance by x.astype('float32')");
    Expected<HostArray> made = HostArray::create(*element, shape);
    if (!made)
      return made.takeError();
    array = std::move(*made);
    return array->getData();
  };
  if (Error error = inFile(buffer.getBufferIdentifier(),
                           parse(buffer.getBuffer(), allocate)))
    return std::move(error);
  return std::move(*array);
}

Expected<HostArray> gn::runtime::readNpy(StringRef path) {
  auto buffer = gn::readFile(path, /*endsInZero=*/false);
  if (!buffer)
    return buffer.takeError();
  return parseNpy(**buffer);
}

Error gn::runtime::readNpy(StringRef path, Allocate allocate) {
  auto buffer = gn::readFile(path, /*endsInZero=*/false);
  if (!buffer)
    return buffer.takeError();
  return inFile(path, parse((*buffer)->getBuffer(), allocate));
}

Error gn::runtime::writeNpy(StringRef path, const HostArray &array) {
  return writeNpy(path, typeOf(array.getType()), array.getShape(),
                  StringRef(array.getData(), array.getNumBytes()));
}

Error gn::runtime::writeNpy(StringRef path, const NpyType &type,
                            ArrayRef<int64_t> sizes, StringRef data) {
  std::string shape;
  for (int64_t size : sizes)
    shape += llvm::formatv("{0}, ", size);
  // A tuple of one needs its comma, a longer one must not end in one.
  if (sizes.size() > 1)
    shape.resize(shape.size() - 2);
  else if (!shape.empty())
    shape.pop_back();
  std::string header = llvm::formatv(
      "{{'descr': '{0}{1}{2}', 'fortran_order': False, 'shape': ({3}), }",
      type.size == 1 ? '|' : '<', type.kind, type.size, shape);
  // The data starts at a multiple of 64 bytes; the last byte before it is a
  // line feed.
  size_t prefix = kMagic.size() + 4;
  size_t length = llvm::alignTo(prefix + header.size() + 1, 64) - prefix;
  header.append(length - 1 - header.size(), ' ');
  header += '\n';

  return writeFile(path, [&](llvm::raw_pwrite_stream &stream) {
    stream << kMagic << '\x01' << '\0' << static_cast<char>(length & 0xff)
           << static_cast<char>(length >> 8) << header;
    if (llvm::sys::IsLittleEndianHost) {
      stream << data;
      return Error::success();
    }
    for (size_t i = 0; i < data.size(); i += type.size)
      for (char byte : llvm::reverse(data.substr(i, type.size)))
        stream << byte;
    return Error::success();
  });
}
