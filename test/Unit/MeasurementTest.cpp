//===- MeasurementTest.cpp - Timing of contenders side by side ------------===//

#include "groupnorm/Runtime/Measurement.h"
#include "gtest/gtest.h"

using namespace gn::runtime;
using llvm::Error;

TEST(Measurement, MedianIsTheMiddle) {
  EXPECT_EQ(getMedian({3}), 3);
  EXPECT_EQ(getMedian({9, 1, 4}), 4);
  EXPECT_EQ(getMedian({8, 2, 4, 100}), 6);
}

TEST(Measurement, TimesHaveTheirUnit) {
  EXPECT_EQ(formatTime(1.25e-8), "12.5 ns");
  EXPECT_EQ(formatTime(1.25e-5), "12.5 us");
  EXPECT_EQ(formatTime(0.0125), "12.50 ms");
  EXPECT_EQ(formatTime(12.5), "12.50 s");
}

TEST(Measurement, EveryRoundTakesOneSampleOfEach) {
  int first = 0, second = 0;
  Contender a("a", [&] { return ++first, Error::success(); });
  Contender b("b", [&] { return ++second, Error::success(); });
  for (int round = 0; round < 3; ++round)
    ASSERT_FALSE(measureRound({&a, &b}, /*sampleSeconds=*/1e-6,
                              /*warmUpSeconds=*/0));
  EXPECT_EQ(a.getSamples().size(), 3u);
  EXPECT_EQ(b.getSamples().size(), 3u);
  // A warm-up call each round, besides what was timed.
  EXPECT_GE(first, 3 * int(a.getNumCalls() + 1));
  EXPECT_GE(second, 3 * int(b.getNumCalls() + 1));
  EXPECT_GT(a.getRatio(b), 0);
  EXPECT_EQ(a.getRatio(a), 1);
  a.forget();
  EXPECT_TRUE(a.getSamples().empty());
}

TEST(Measurement, ARoundBeginsWithAWarmUp) {
  Stopwatch watch;
  double begin = -1;
  Contender a("a", [&] { return Error::success(); });
  Contender b("b", [&] {
    if (begin < 0)
      begin = watch.getSeconds();
    return Error::success();
  });
  ASSERT_FALSE(measureRound({&a, &b}, 1e-6, /*warmUpSeconds=*/0.01));
  EXPECT_GE(begin, 0.01);
  EXPECT_EQ(getWarmUpTime(1), 0);
  EXPECT_GT(getWarmUpTime(2), 0.02);
}

TEST(Measurement, AFailingContenderEndsTheRound) {
  int later = 0;
  Contender bad("bad", [] { return llvm::createStringError("no"); });
  Contender good("good", [&] { return ++later, Error::success(); });
  Error error = measureRound({&bad, &good}, 1e-6, 0);
  EXPECT_EQ(llvm::toString(std::move(error)), "no");
  EXPECT_EQ(later, 0);
}
