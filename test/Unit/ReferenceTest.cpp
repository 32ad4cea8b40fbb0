//===- ReferenceTest.cpp - The oracle and the error measure ---------------===//

#include "groupnorm/Reference/GroupNorm.h"
#include "groupnorm/Reference/TestData.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace gn;
using namespace gn::reference;

/// Two positions, four features, two groups.
static Problem makeProblem(Grouping grouping) {
  Problem problem;
  problem.shape = {1, 2, 4};
  problem.featureDim = 2;
  problem.numGroups = 2;
  problem.epsilon = 1;
  problem.grouping = grouping;
  return problem;
}

static void expectNear(llvm::ArrayRef<double> found,
                       llvm::ArrayRef<double> wanted) {
  ASSERT_EQ(found.size(), wanted.size());
  for (auto [f, w] : llvm::zip(found, wanted))
    EXPECT_NEAR(f, w, 1e-15);
}

TEST(Reference, GroupsFeatures) {
  // Worked by hand: a group of 1, 1, 3, 3 has mean 2, variance 1; a group of
  // 0, 2, 0, 2 has mean 1, variance 1; with epsilon 1 both divide by sqrt(2).
  double s = 1 / std::sqrt(2.0);
  std::vector<double> y(8);
  groupNorm(makeProblem(Grouping::Contiguous), {1, 1, 0, 2, 3, 3, 0, 2}, {}, {},
            y);
  expectNear(y, {-s, -s, -s, s, s, s, -s, s});
  groupNorm(makeProblem(Grouping::Interleaved), {1, 0, 1, 2, 3, 0, 3, 2}, {},
            {}, y);
  expectNear(y, {-s, -s, -s, s, s, -s, s, s});
}

TEST(Reference, PlacesEpsilonAndScales) {
  Problem problem = makeProblem(Grouping::Contiguous);
  problem.epsilonPlacement = EpsilonPlacement::OutsideSqrt;
  std::vector<double> y(8);
  std::vector<Statistics> statistics = groupNorm(
      problem, {1, 1, 0, 2, 3, 3, 0, 2}, {1, 2, 3, 4}, {0, 0, 1, -1}, y);
  // Now both divide by 1 + 1.
  expectNear(y, {-0.5, -1, -0.5, 1, 0.5, 1, -0.5, 1});
  EXPECT_EQ(statistics[0].mean, 2);
  EXPECT_EQ(statistics[0].rstd, 0.5);
  EXPECT_EQ(statistics[0].peak, 0.5);
}

TEST(Reference, TakesFeaturesFirst) {
  Problem last = makeProblem(Grouping::Interleaved), first = last;
  first.shape = {1, 4, 2};
  first.featureDim = 1;
  std::vector<double> x = {1, 5, 2, 7, 3, 0, 4, 9}, transposed(8), y(8), z(8);
  for (int p = 0; p < 2; ++p)
    for (int c = 0; c < 4; ++c)
      transposed[c * 2 + p] = x[p * 4 + c];
  groupNorm(last, x, {}, {}, y);
  groupNorm(first, transposed, {}, {}, z);
  for (int p = 0; p < 2; ++p)
    for (int c = 0; c < 4; ++c)
      EXPECT_EQ(z[c * 2 + p], y[p * 4 + c]);
}

TEST(Reference, IsExactWhereItMatters) {
  // Mean 80001.5 and variance 1.25 to the last bit, out of 64 Ki elements.
  Problem problem;
  problem.shape = {1, 65536, 1};
  problem.featureDim = 2;
  problem.epsilon = 1e-30;
  std::vector<double> x(65536), y(65536);
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = 80000 + static_cast<double>(i % 4);
  Statistics group = groupNorm(problem, x, {}, {}, y)[0];
  EXPECT_EQ(group.mean, 80001.5);
  EXPECT_NEAR(group.rstd, 1 / std::sqrt(1.25), 1e-15);
}

TEST(Reference, KeepsNaNInItsGroup) {
  Problem problem = makeProblem(Grouping::Contiguous);
  std::vector<double> x(8), y(8), noise = makeNoise(8, 1);
  problem.shape = {2, 1, 4};
  fill(Pattern::NaNs, problem, {1e-30, 1e30}, noise, x);
  groupNorm(problem, x, {}, {}, y);
  std::vector<bool> nan;
  for (double value : y)
    nan.push_back(std::isnan(value));
  EXPECT_EQ(nan, (std::vector<bool>{1, 1, 0, 0, 0, 0, 1, 1}));
}

TEST(TestData, IsTheSameEverywhere) {
  std::vector<double> noise = makeNoise(100000, 7);
  EXPECT_EQ(noise, makeNoise(100000, 7));
  EXPECT_NE(noise, makeNoise(100000, 8));
  double sum = 0, squares = 0;
  for (double value : noise) {
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(sum / noise.size(), 0, 0.01);
  EXPECT_NEAR(squares / noise.size(), 1, 0.02);
}

namespace {
/// A result of N(0,1) data that a test then damages.
struct Result {
  Result() {
    problem.shape = {2, 512, 8};
    problem.featureDim = 2;
    problem.numGroups = 2;
    std::vector<double> noise = makeNoise(problem.getNumElements(), 3);
    y.resize(noise.size());
    statistics = groupNorm(problem, noise, {}, {}, y);
    wanted = y;
  }
  Comparison compare(int precision = 24, const Epilogue &epilogue = {}) const {
    return reference::compare(problem, statistics, {}, {}, wanted, y,
                              {precision, /*leastNormal=*/0},
                              /*computesInF64=*/precision > 24, epilogue);
  }
  Problem problem;
  std::vector<Statistics> statistics;
  std::vector<double> wanted, y;
};
} // namespace

TEST(TestData, MeasuresErrors) {
  Result result;
  EXPECT_TRUE(result.compare().passed());
  EXPECT_EQ(result.compare().maxError, 0);
  result.y[17] += 3.9e-6;
  EXPECT_TRUE(result.compare().passed());
  EXPECT_NEAR(result.compare().maxError, 3.9e-6, 1e-12);
  EXPECT_NEAR(result.compare().tolerance, 4e-6, 2e-7);
  result.y[17] += 4e-7;
  EXPECT_FALSE(result.compare().passed());
}

TEST(TestData, TakesTheTypeIntoAccount) {
  Result result;
  result.y[17] += 3e-6;
  EXPECT_TRUE(result.compare().passed());
  EXPECT_FALSE(result.compare(/*precision=*/53).passed());
  result.y[17] = result.wanted[17] + 3e-12;
  EXPECT_TRUE(result.compare(/*precision=*/53).passed());
  // Half a unit of f16 is allowed for the result's own rounding.
  result.y[17] = result.wanted[17] * (1 + 0x1p-11);
  EXPECT_FALSE(result.compare().passed());
  EXPECT_TRUE(result.compare(/*precision=*/11).passed());
}

TEST(TestData, KnowsThatSmallUnitsEnd) {
  Result result;
  std::vector<double> gamma(8, 1e-6), beta(8);
  for (double &wanted : result.wanted)
    wanted *= gamma.front();
  result.y = result.wanted;
  // Half of the unit that f16 has below its normal numbers is 2^-25.
  auto passes = [&](double error, double leastNormal) {
    result.y[17] = result.wanted[17] + error;
    return reference::compare(result.problem, result.statistics, gamma, beta,
                              result.wanted, result.y, {11, leastNormal},
                              /*computesInF64=*/false)
        .passed();
  };
  EXPECT_TRUE(passes(0x1p-26, 0x1p-14));
  EXPECT_FALSE(passes(0x1p-24, 0x1p-14));
  EXPECT_FALSE(passes(0x1p-26, 0));
}

TEST(TestData, SeesMisplacedNaNs) {
  Result result;
  result.y[17] = NAN;
  EXPECT_EQ(result.compare().misplaced, 1);
  EXPECT_FALSE(result.compare().passed());
  result.wanted[17] = NAN;
  EXPECT_TRUE(result.compare().passed());
  result.wanted[17] = INFINITY;
  EXPECT_FALSE(result.compare().passed());
}

TEST(Epilogue, KnowsTheActivations) {
  EXPECT_NEAR(activate(Activation::SiLU, 1), 0.7310585786300049, 1e-15);
  EXPECT_NEAR(activate(Activation::GELU, 1), 0.8413447460685429, 1e-15);
  EXPECT_NEAR(activate(Activation::GELUTanh, 1), 0.8411919906082768, 1e-15);
  EXPECT_EQ(activate(Activation::ReLU, -2), 0);
  EXPECT_EQ(activate(Activation::LeakyReLU, -2), -0.02);
  EXPECT_EQ(activate(Activation::None, -2), -2);
  for (Activation activation :
       {Activation::SiLU, Activation::GELU, Activation::GELUTanh}) {
    EXPECT_EQ(activate(activation, -INFINITY), 0);
    EXPECT_EQ(activate(activation, INFINITY), INFINITY);
    EXPECT_TRUE(std::isnan(activate(activation, NAN)));
  }
  EXPECT_TRUE(std::isnan(activate(Activation::ReLU, NAN)));
}

TEST(Epilogue, ScalesShiftsAndAdds) {
  Result result;
  Epilogue epilogue;
  epilogue.activation = Activation::ReLU;
  epilogue.scale.assign(2 * 8, 0.5);
  epilogue.shift.assign(2 * 8, -1);
  epilogue.residual.assign(result.y.size(), 0.25);
  for (double &value : result.y)
    value = std::fmax(0, value * 1.5 - 0.75);
  EXPECT_TRUE(result.compare(24, epilogue).passed());
  EXPECT_FALSE(result.compare().passed());
  result.y[17] += 2e-5;
  EXPECT_FALSE(result.compare(24, epilogue).passed());
}

TEST(TestData, MeasuresSavedStatistics) {
  Result result;
  std::vector<double> mean, rstd;
  for (const Statistics &group : result.statistics) {
    mean.push_back(group.mean);
    rstd.push_back(group.rstd);
  }
  auto passes = [&] {
    return compareStatistics(result.statistics, mean, rstd,
                             /*computesInF64=*/false)
        .passed();
  };
  EXPECT_TRUE(passes());
  mean[1] += 1e-5;
  EXPECT_FALSE(passes());
  mean[1] = result.statistics[1].mean;
  rstd[2] *= 1 + 1e-5;
  EXPECT_FALSE(passes());
  rstd[2] = NAN;
  EXPECT_FALSE(passes());
}
