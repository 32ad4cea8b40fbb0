//===- MetalEngineTest.cpp - What a description asks of a call ------------===//

#include "groupnorm/Runtime/MetalEngine.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace gn;
using namespace gn::runtime;

namespace {

/// A description that launches nothing, but has a buffer of n floats for
/// argument 0, n being that argument's first size.
class MetalEngineTest : public testing::Test {
protected:
  MetalEngineTest() {
    launches.function = "f";
    launches.sizes.push_back({"y_size0", /*buffer=*/0, /*dimension=*/0});
    launches.buffers.push_back({"y", "output", "float", /*elementBytes=*/4,
                                mlir::getAffineSymbolExpr(0, &context),
                                /*argument=*/0u, nullptr});
  }

  std::string run(llvm::ArrayRef<MetalArgument> arguments) {
    llvm::Expected<MetalEngine> engine =
        MetalEngine::create("", launches, MetalEngineOptions());
    if (!engine)
      return llvm::toString(engine.takeError());
    llvm::Expected<MetalReport> report = engine->run(arguments);
    return report ? "" : llvm::toString(report.takeError());
  }

  mlir::MLIRContext context;
  LaunchDescription launches;
  float data[8];
};

} // namespace

TEST_F(MetalEngineTest, TakesWhatFits) {
  EXPECT_EQ(run({{data, {8}, 32}}), "");
  EXPECT_EQ(run({{data, {0}, 0}}), "");
}

TEST_F(MetalEngineTest, RefusesTooLittleMemory) {
  EXPECT_EQ(run({{data, {8}, 31}}), "'y' needs 32 bytes, but has 31");
}

TEST_F(MetalEngineTest, RefusesMoreElementsThanIndices) {
  // 2^20 elements less than 2^32 are the most.
  constexpr int64_t most = (int64_t(1) << 32) - 1 - (int64_t(1) << 20);
  EXPECT_EQ(run({{data, {most}, size_t(4 * most)}}), "");
  EXPECT_EQ(run({{data, {most + 1}, size_t(4 * most + 4)}}),
            "'y' has 4293918720 elements, more than 32-bit indices can reach");
}

TEST_F(MetalEngineTest, RefusesMissingArguments) {
  EXPECT_EQ(run({}), "the size 'y_size0' is not one of an argument");
  EXPECT_EQ(run({{data, {}, 32}}),
            "the size 'y_size0' is not one of an argument");
  launches.sizes.clear();
  launches.buffers[0].elements = mlir::getAffineConstantExpr(8, &context);
  EXPECT_EQ(run({}), "there is no memory for argument 0 of @f");
}
