//===- HostArrayTest.cpp - Element types and their roundings --------------===//

#include "groupnorm/Runtime/HostArray.h"
#include "llvm/ADT/APFloat.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace gn::runtime;
using llvm::APFloat;
using llvm::Expected;

/// The bits of `value` rounded to `type`, by HostArray.
static uint16_t encode(ElementType type, double value) {
  return *reinterpret_cast<const uint16_t *>(
      llvm::cantFail(HostArray::create(type, {1}, {value})).getData());
}

static uint16_t encodeByAPFloat(const llvm::fltSemantics &semantics,
                                double value) {
  APFloat number(value);
  bool losesInfo;
  number.convert(semantics, APFloat::rmNearestTiesToEven, &losesInfo);
  return static_cast<uint16_t>(number.bitcastToAPInt().getZExtValue());
}

static void expectHalf(ElementType type, const llvm::fltSemantics &semantics) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    Expected<HostArray> array = HostArray::create(type, {1});
    ASSERT_TRUE(static_cast<bool>(array));
    *reinterpret_cast<uint16_t *>(array->getData()) =
        static_cast<uint16_t>(bits);
    double value = array->toDoubles()[0];
    APFloat wanted(semantics, llvm::APInt(16, bits));
    if (wanted.isNaN()) {
      EXPECT_TRUE(std::isnan(value)) << bits;
      continue;
    }
    ASSERT_EQ(value, wanted.convertToDouble()) << bits;
    // The number itself, and numbers on, below and above the tie behind it.
    double next =
        APFloat(semantics, llvm::APInt(16, bits ^ 1)).convertToDouble();
    for (double probe : {value, (value + next) / 2,
                         std::nextafter((value + next) / 2, INFINITY),
                         std::nextafter((value + next) / 2, -INFINITY)})
      if (!std::isnan(probe)) {
        ASSERT_EQ(encode(type, probe), encodeByAPFloat(semantics, probe))
            << probe;
      }
  }
  for (double probe : {0.0, -0.0, 1e-300, -1e300, 65519.9, 65520.0, 3.39e38})
    EXPECT_EQ(encode(type, probe), encodeByAPFloat(semantics, probe)) << probe;
}

TEST(HostArray, RoundsToF16) {
  expectHalf(ElementType::F16, APFloat::IEEEhalf());
}

TEST(HostArray, RoundsToBF16) {
  expectHalf(ElementType::BF16, APFloat::BFloat());
}

TEST(HostArray, RoundsToIntegers) {
  auto round = [](ElementType type, std::vector<double> values) {
    return llvm::cantFail(
               HostArray::create(type, {static_cast<int64_t>(values.size())},
                                 values))
        .toDoubles();
  };
  EXPECT_EQ(round(ElementType::I8, {-129, -1.5, 0.5, 2.5, 126.6, 300, NAN}),
            (std::vector<double>{-128, -2, 0, 2, 127, 127, 0}));
  EXPECT_EQ(round(ElementType::I16, {-40000, 1, 40000}),
            (std::vector<double>{-32768, 1, 32767}));
  EXPECT_EQ(round(ElementType::I32, {-1e10, 1, 1e10}),
            (std::vector<double>{-2147483648.0, 1, 2147483647.0}));
}

TEST(HostArray, RefusesWhatMemoryCannotHold) {
  EXPECT_EQ(getByteSize({1 << 30, 1 << 30}, 8), std::nullopt);
  EXPECT_EQ(getByteSize({-1}, 4), std::nullopt);
  EXPECT_EQ(getByteSize({0, INT64_MAX, INT64_MAX}, 4), 0u);
  Expected<HostArray> array =
      HostArray::create(ElementType::F32, {INT64_MAX / 4});
  EXPECT_EQ(llvm::toString(array.takeError()),
            "there is no memory for an array of 2305843009213693951 x f32");
}
