//===- TilingTest.cpp - gn ops in the loops of their producers ------------===//
//
// Upstream's transform dialect fuses producers into loops, not consumers: these
// hooks of TilingInterface are called by the function of scf that uses them.
//
//===----------------------------------------------------------------------===//

#include "groupnorm/Dialect/GN/IR/GN.h"
#include "groupnorm/InitAll.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Interfaces/TilingInterface.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace mlir;

namespace {

class ConsumerFusion : public testing::Test {
protected:
  ConsumerFusion() : context(makeRegistry()) {}

  static DialectRegistry makeRegistry() {
    DialectRegistry registry;
    gn::registerAllDialects(registry);
    return registry;
  }

  Operation *find(StringRef name) {
    Operation *found = nullptr;
    module->walk([&](Operation *op) {
      if (op->getName().getStringRef() == name)
        found = op;
    });
    return found;
  }

  /// Puts `op` into a function that has x, statistics %s and %init, and
  /// %a = linalg.abs of x; tiles the latter, and fuses the op called `name`
  /// into the loop.
  LogicalResult fuse(StringRef name, StringRef op,
                     ArrayRef<int64_t> tileSizes) {
    std::string text =
        "func.func @f(%x: tensor<4x16x8xf32>, %s: tensor<4x2xf64>,\n"
        "             %init: tensor<4x16x8xf32>) {\n"
        "  %a = linalg.abs ins(%x : tensor<4x16x8xf32>)\n"
        "         outs(%init : tensor<4x16x8xf32>) -> tensor<4x16x8xf32>\n" +
        op.str() + "\n  return\n}";
    module = parseSourceString<ModuleOp>(text, &context);
    EXPECT_TRUE(module);
    IRRewriter rewriter(&context);
    auto abs = cast<TilingInterface>(find("linalg.abs"));
    scf::SCFTilingOptions options;
    options.setLoopType(scf::SCFTilingOptions::LoopType::ForallOp);
    options.setTileSizes(getAsIndexOpFoldResult(&context, tileSizes));
    rewriter.setInsertionPoint(abs);
    FailureOr<scf::SCFTilingResult> tiled =
        scf::tileUsingSCF(rewriter, abs, options);
    EXPECT_TRUE(succeeded(tiled));
    rewriter.replaceOp(abs, tiled->replacements);

    Operation *consumer = find(name);
    FailureOr<scf::SCFFuseConsumerOfSliceResult> fused =
        scf::tileAndFuseConsumer(rewriter, consumer, tiled->loops);
    if (failed(fused))
      return failure();
    EXPECT_TRUE(succeeded(verify(*module)));
    tiledOp = fused->tiledOps.front();
    return success();
  }

  ArrayRef<int64_t> shapeOfOperand(unsigned number) {
    return cast<ShapedType>(tiledOp->getOperand(number).getType()).getShape();
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  Operation *tiledOp = nullptr;
};

constexpr StringLiteral kNorm =
    "  %y = gn.group_norm num_groups(2) ins(%a : tensor<4x16x8xf32>)"
    "    outs(%init : tensor<4x16x8xf32>)"
    "    {grouping = #gn.grouping<contiguous>} -> tensor<4x16x8xf32>";
constexpr StringLiteral kStats =
    "  %r:3 = gn.group_stats num_groups(2) ins(%a : tensor<4x16x8xf32>)"
    "    outs(%s, %s, %s : tensor<4x2xf64>, tensor<4x2xf64>, tensor<4x2xf64>)"
    "    {grouping = #gn.grouping<contiguous>}"
    "    -> tensor<4x2xf64>, tensor<4x2xf64>, tensor<4x2xf64>";
constexpr StringLiteral kNormalize =
    "  %y = gn.group_normalize num_groups(2)"
    "    ins(%a, %s, %s, %s : tensor<4x16x8xf32>,"
    "        tensor<4x2xf64>, tensor<4x2xf64>, tensor<4x2xf64>)"
    "    outs(%init : tensor<4x16x8xf32>)"
    "    {grouping = #gn.grouping<contiguous>} -> tensor<4x16x8xf32>";

TEST_F(ConsumerFusion, NormTakesWholeGroups) {
  ASSERT_TRUE(succeeded(fuse("gn.group_norm", kNorm, {2, 0, 4})));
  auto norm = cast<gn::GroupNormOp>(tiledOp);
  EXPECT_EQ(norm.getNumGroups(), 1u);
  EXPECT_EQ(shapeOfOperand(0), ArrayRef<int64_t>({2, 16, 4}));
  // Its x is what the loop has made, not a slice of it.
  EXPECT_EQ(norm.getX().getDefiningOp()->getName().getStringRef(),
            "linalg.abs");
}

TEST_F(ConsumerFusion, NormNeedsAllPositions) {
  EXPECT_TRUE(failed(fuse("gn.group_norm", kNorm, {2, 4, 0})));
}

TEST_F(ConsumerFusion, NormCutsNoGroup) {
  EXPECT_TRUE(failed(fuse("gn.group_norm", kNorm, {2, 0, 2})));
}

TEST_F(ConsumerFusion, StatsTakeWholeGroups) {
  ASSERT_TRUE(succeeded(fuse("gn.group_stats", kStats, {1, 0, 4})));
  EXPECT_EQ(shapeOfOperand(0), ArrayRef<int64_t>({1, 16, 4}));
  EXPECT_EQ(shapeOfOperand(1), ArrayRef<int64_t>({1, 1}));
}

TEST_F(ConsumerFusion, StatsNeedAllPositions) {
  EXPECT_TRUE(failed(fuse("gn.group_stats", kStats, {1, 4, 0})));
}

TEST_F(ConsumerFusion, NormalizeTakesAnyPositions) {
  ASSERT_TRUE(succeeded(fuse("gn.group_normalize", kNormalize, {1, 4, 4})));
  EXPECT_EQ(shapeOfOperand(0), ArrayRef<int64_t>({1, 4, 4}));
  EXPECT_EQ(shapeOfOperand(1), ArrayRef<int64_t>({1, 1}));
}

TEST_F(ConsumerFusion, NormalizeCutsNoGroup) {
  EXPECT_TRUE(failed(fuse("gn.group_normalize", kNormalize, {1, 4, 2})));
}

/// Tiles of several operands must be tiles of one part of the op.
TEST_F(ConsumerFusion, TilesOfOperandsAgree) {
  (void)fuse("gn.group_normalize", kNormalize, {1, 4, 2});
  auto op = cast<TilingInterface>(find("gn.group_normalize"));
  OpBuilder b(op);
  auto position = [&](std::initializer_list<int64_t> values) {
    return getAsIndexOpFoldResult(&context, values);
  };
  SmallVector<OpFoldResult> offsets, sizes;
  // x and count.
  EXPECT_TRUE(succeeded(op.getIterationDomainTileFromOperandTiles(
      b, {0, 1}, {position({1, 4, 4}), position({1, 1})},
      {position({1, 2, 4}), position({1, 1})}, offsets, sizes)));
  EXPECT_EQ(offsets, position({1, 4, 1}));
  EXPECT_EQ(sizes, position({1, 2, 1}));
  EXPECT_TRUE(failed(op.getIterationDomainTileFromOperandTiles(
      b, {0, 1}, {position({1, 4, 4}), position({1, 0})},
      {position({1, 2, 4}), position({1, 1})}, offsets, sizes)));
  // The statistics alone: all positions.
  EXPECT_TRUE(succeeded(op.getIterationDomainTileFromOperandTiles(
      b, 2, position({3, 1}), position({1, 1}), offsets, sizes)));
  EXPECT_EQ(offsets, position({3, 0, 1}));
  EXPECT_EQ(sizes, position({1, 16, 1}));
}

/// The queries that make no code.
TEST_F(ConsumerFusion, Queries) {
  (void)fuse("gn.group_norm", kNorm, {2, 0, 2});
  auto op = cast<TilingInterface>(find("gn.group_norm"));
  auto position = [&](std::initializer_list<int64_t> values) {
    return getAsIndexOpFoldResult(&context, values);
  };
  for (auto [features, fusable] : {std::pair(4, true), std::pair(2, false)}) {
    EXPECT_EQ(op.isOpFusableWithConsumerSlice(0, position({0, 0, 4}),
                                              position({1, 16, features})),
              fusable);
    EXPECT_EQ(op.isOpFusableWithProducerSlices(0, position({0, 0, 4}),
                                               position({1, 16, features})),
              fusable);
  }
}

} // namespace
