//===- NpyTest.cpp - .npy files, well and badly formed --------------------===//

#include "groupnorm/Runtime/Npy.h"
#include "llvm/Support/FileSystem.h"
#include "gtest/gtest.h"

using namespace gn::runtime;
using llvm::ArrayRef;
using llvm::Expected;
using llvm::StringRef;

/// A file of the given version with the header as it is given.
static std::string makeFile(StringRef header, StringRef data, int version = 1) {
  std::string file = "\x93NUMPY";
  file += {static_cast<char>(version), '\0'};
  for (int byte = 0; byte < (version == 1 ? 2 : 4); ++byte)
    file += static_cast<char>(header.size() >> (8 * byte));
  return file + header.str() + data.str();
}

static std::string makeHeader(StringRef descr, StringRef shape,
                              bool fortran = false) {
  return ("{'descr': '" + descr + "', 'fortran_order': " +
          (fortran ? "True" : "False") + ", 'shape': " + shape + ", }   \n")
      .str();
}

template <typename T> static std::string toBytes(ArrayRef<T> values) {
  return std::string(reinterpret_cast<const char *>(values.data()),
                     values.size() * sizeof(T));
}

static Expected<HostArray> parse(StringRef file) {
  return parseNpy(llvm::MemoryBufferRef(file, "x.npy"));
}

/// The message that `file` is refused with, or "accepted".
static std::string errorOf(StringRef file) {
  Expected<HostArray> array = parse(file);
  return array ? "accepted" : llvm::toString(array.takeError());
}

static std::string errorOfHeader(StringRef header) {
  return errorOf(makeFile(header, std::string(64, '\0')));
}

static void expectValues(StringRef file, ArrayRef<int64_t> shape,
                         ArrayRef<double> values) {
  Expected<HostArray> array = parse(file);
  ASSERT_TRUE(static_cast<bool>(array)) << llvm::toString(array.takeError());
  EXPECT_EQ(array->getShape(), shape);
  EXPECT_EQ(ArrayRef(array->toDoubles()), values);
}

TEST(Npy, ReadsEveryVersion) {
  std::string data = toBytes<float>({1.5f, -2, 3, 4, 5, 6});
  for (int version : {1, 2, 3})
    expectValues(makeFile(makeHeader("<f4", "(2, 3)"), data, version), {2, 3},
                 {1.5, -2, 3, 4, 5, 6});
}

TEST(Npy, ReadsEveryType) {
  expectValues(makeFile(makeHeader("<f8", "(2,)"), toBytes<double>({0.1, -7})),
               {2}, {0.1, -7});
  expectValues(makeFile(makeHeader("<f2", "(3,)"),
                        toBytes<uint16_t>({0x3c00, 0xc000, 1})),
               {3}, {1, -2, 0x1p-24});
  expectValues(
      makeFile(makeHeader("<V2", "(2,)"), toBytes<uint16_t>({0x3f80, 0xc000})),
      {2}, {1, -2});
  expectValues(
      makeFile(makeHeader("bfloat16", "(1,)"), toBytes<uint16_t>({0x3f80})),
      {1}, {1});
}

TEST(Npy, ReadsEitherByteOrder) {
  expectValues(
      makeFile(makeHeader(">f4", "(1,)"), StringRef("\x3f\x80\0\0", 4)), {1},
      {1});
  expectValues(makeFile(makeHeader(">f2", "(1,)"), StringRef("\x3c\0", 2)), {1},
               {1});
  expectValues(
      makeFile(makeHeader(">f8", "(1,)"), StringRef("\x3f\xf0\0\0\0\0\0\0", 8)),
      {1}, {1});
  for (StringRef descr : {"=f4", "|f4", "f4", "float32"})
    expectValues(makeFile(makeHeader(descr, "(1,)"), toBytes<float>({2})), {1},
                 {2});
}

TEST(Npy, ReadsFortranOrder) {
  // The same array as [[[0, 1], [2, 3], [4, 5]], [[6, 7], [8, 9], [10, 11]]].
  expectValues(makeFile(makeHeader("<f4", "(2, 3, 2)", /*fortran=*/true),
                        toBytes<float>({0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11})),
               {2, 3, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
}

TEST(Npy, ReadsUnusualHeaders) {
  std::string data = toBytes<float>({1, 2});
  expectValues(makeFile("{\"shape\":(1L,2L),\"fortran_order\":False,"
                        "\"descr\":\"<f4\"}",
                        data),
               {1, 2}, {1, 2});
  expectValues(makeFile(makeHeader("<f4", "()"), data), {}, {1});
  expectValues(makeFile(makeHeader("<f4", "(0, 9223372036854775807)"), ""),
               {0, INT64_MAX}, {});
}

TEST(Npy, RefusesWhatIsNoNpy) {
  EXPECT_EQ(errorOf(""), "cannot read 'x.npy': not an .npy file");
  EXPECT_EQ(errorOf("\x93NUMPX"), "cannot read 'x.npy': not an .npy file");
  EXPECT_EQ(errorOf("\x93NUMPY\x01"),
            "cannot read 'x.npy': the file ends within its version");
  EXPECT_EQ(errorOf(StringRef("\x93NUMPY\x07\0", 8)),
            "cannot read 'x.npy': version 7 of the format is not 1, 2 or 3");
  EXPECT_EQ(
      errorOf(StringRef("\x93NUMPY\x02\0\xff", 9)),
      "cannot read 'x.npy': the file ends within the length of its header");
  EXPECT_EQ(errorOf(StringRef("\x93NUMPY\x02\0\xff\xff\xff\xff{}", 14)),
            "cannot read 'x.npy': the file ends within its header: 2 bytes of "
            "4294967295 are there");
}

TEST(Npy, RefusesHostileShapes) {
  auto errorOfShape = [](StringRef shape) {
    return errorOfHeader(makeHeader("<f4", shape));
  };
  EXPECT_EQ(errorOfShape("(17,)"),
            "cannot read 'x.npy': the file is too short for 17 x f32: 64 bytes "
            "of data are there");
  EXPECT_EQ(
      errorOfShape("(4294967296, 4294967296, 4294967296)"),
      "cannot read 'x.npy': the file is too short for "
      "4294967296x4294967296x4294967296 x f32: 64 bytes of data are there");
  EXPECT_EQ(errorOfShape("(4611686018427387904, 4)"),
            "cannot read 'x.npy': the file is too short for "
            "4611686018427387904x4 x f32: 64 bytes of data are there");
  EXPECT_EQ(errorOfShape("(99999999999999999999,)"),
            "cannot read 'x.npy': 'shape' has a size that is too large");
  EXPECT_EQ(errorOfShape("(18446744073709551615,)"),
            "cannot read 'x.npy': 'shape' has a size that is too large");
  EXPECT_EQ(errorOfShape("(-1, 4)"),
            "cannot read 'x.npy': 'shape' has a negative size");
  EXPECT_EQ(errorOfShape("4"), "cannot read 'x.npy': 'shape' is not a tuple");
  for (StringRef shape : {"(a,)", "(4", "(4,,4)", "(4 4)", "(1.5,)", "(,"})
    EXPECT_EQ(errorOfShape(shape),
              "cannot read 'x.npy': 'shape' is not a tuple of integers")
        << shape.str();
  std::string deep = "(";
  for (int dim = 0; dim < 65; ++dim)
    deep += "1,";
  EXPECT_EQ(errorOfShape(deep + ")"),
            "cannot read 'x.npy': 'shape' has more than 64 dimensions");
}

TEST(Npy, RefusesBadHeaders) {
  EXPECT_EQ(errorOfHeader("[]"),
            "cannot read 'x.npy': the header is not a dictionary");
  EXPECT_EQ(errorOfHeader("{"), "cannot read 'x.npy': the header lacks a "
                                "string where one must be");
  EXPECT_EQ(errorOfHeader("{'descr"),
            "cannot read 'x.npy': the header ends within a string");
  EXPECT_EQ(errorOfHeader("{'descr' '<f4'}"),
            "cannot read 'x.npy': the header lacks ':' after 'descr'");
  EXPECT_EQ(errorOfHeader("{'descr': '<f4' 'shape': (1,)}"),
            "cannot read 'x.npy': the header lacks ',' after 'descr'");
  EXPECT_EQ(errorOfHeader("{'descr': '<f4', 'fortran_order': 1}"),
            "cannot read 'x.npy': 'fortran_order' is neither True nor False");
  EXPECT_EQ(errorOfHeader("{'shape': (1,), 'fortran_order': False}"),
            "cannot read 'x.npy': the header has no 'descr'");
  EXPECT_EQ(errorOfHeader("{'descr': '<f4', 'fortran_order': False}"),
            "cannot read 'x.npy': the header has no 'shape'");
  EXPECT_EQ(errorOfHeader("{'descr': '<f4', 'shape': (1,)}"),
            "cannot read 'x.npy': the header has no 'fortran_order'");
  EXPECT_EQ(errorOfHeader("{'colour': 'red'}"),
            "cannot read 'x.npy': the header has the unknown key 'colour'");
  EXPECT_EQ(errorOfHeader(makeHeader("<f4", "(1,)") + "{}"),
            "cannot read 'x.npy': the header goes on after its dictionary");
}

TEST(Npy, RefusesOtherTypes) {
  for (StringRef descr : {"<i8", "|O", "<c8", "<f16", "|b1", "<U3", "f", ""})
    EXPECT_EQ(errorOfHeader(makeHeader(descr, "(1,)")),
              ("cannot read 'x.npy': the element type '" + descr +
               "' is not f16, bf16, f32 or f64, nor i8, i16 or i32; convert "
               "the array, for instance by x.astype('float32')")
                  .str());
  EXPECT_EQ(errorOfHeader("{'descr': [('a', '<f4')], 'fortran_order': False, "
                          "'shape': (1,)}"),
            "cannot read 'x.npy': the elements are records; save one field as "
            "an array of its own");
}

// Every prefix of a good file, and every file with one byte changed, is read
// or refused: under a sanitizer this finds what the cases above do not.
TEST(Npy, SurvivesDamage) {
  std::string file =
      makeFile(makeHeader("<f4", "(2, 3)"), toBytes<float>({1, 2, 3, 4, 5, 6}));
  for (size_t size = 0; size < file.size(); ++size)
    EXPECT_NE(errorOf(StringRef(file).take_front(size)), "accepted") << size;
  for (size_t place = 0; place < file.size(); ++place)
    for (int byte = 0; byte < 256; ++byte) {
      std::string damaged = file;
      damaged[place] = static_cast<char>(byte);
      EXPECT_FALSE(errorOf(damaged).empty());
    }
}

TEST(Npy, WritesWhatItReads) {
  llvm::SmallString<128> path;
  ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("groupnorm", "npy", path));
  for (ElementType type :
       {ElementType::F16, ElementType::BF16, ElementType::F32, ElementType::F64,
        ElementType::I8, ElementType::I16, ElementType::I32})
    for (ArrayRef<int64_t> shape :
         std::vector<std::vector<int64_t>>{{}, {6}, {2, 3}}) {
      std::vector<double> values(shape.empty() ? 1 : 6,
                                 isInteger(type) ? -101 : -1.5);
      Expected<HostArray> array = HostArray::create(type, shape, values);
      ASSERT_TRUE(static_cast<bool>(array));
      ASSERT_FALSE(static_cast<bool>(writeNpy(path, *array)));
      Expected<HostArray> read = readNpy(path);
      ASSERT_TRUE(static_cast<bool>(read)) << llvm::toString(read.takeError());
      EXPECT_EQ(read->getType(), type);
      EXPECT_EQ(read->getShape(), shape);
      EXPECT_EQ(read->toDoubles(), values);
      // As NumPy does it: the data begins at a multiple of 64 bytes.
      auto file = llvm::MemoryBuffer::getFile(path);
      ASSERT_TRUE(static_cast<bool>(file));
      EXPECT_EQ(((*file)->getBufferSize() - array->getNumBytes()) % 64, 0u);
      // Python takes (6) for a number.
      StringRef tuple = shape.empty()       ? "()"
                        : shape.size() == 1 ? "(6,)"
                                            : "(2, 3)";
      EXPECT_TRUE(
          (*file)->getBuffer().contains(("'shape': " + tuple + ", }").str()));
    }
  llvm::sys::fs::remove(path);
}

TEST(Npy, NamesTheMissingFile) {
  EXPECT_EQ(llvm::toString(readNpy("/nonexistent/x.npy").takeError()),
            "cannot read '/nonexistent/x.npy': No such file or directory");
}
