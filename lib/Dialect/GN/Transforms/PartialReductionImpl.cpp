//===- PartialReductionImpl.cpp - Splitting the statistics
//-----------------===//
//
// The statistics of parts of the positions are partial results, N x T x G with
// a T for each dimension that is split, merged by the formula that merges all
// statistics. A part is a number of neighbouring positions (parts side by side
// in parallel), or every T-th position (T sums in each iteration of a serial
// loop, as lanes of a vector would keep them).
//
//===----------------------------------------------------------------------===//

#include "DecomposeUtils.h"
#include "TilingUtils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace gn;

/// The reassociation that makes one dimension of the first `count`.
static SmallVector<ReassociationIndices> collapseFirst(int64_t rank,
                                                       int64_t count) {
  SmallVector<ReassociationIndices> reassociation(1);
  for (int64_t dim = 0; dim < rank; ++dim) {
    if (dim >= count)
      reassociation.emplace_back();
    reassociation.back().push_back(dim);
  }
  return reassociation;
}

/// A tile of which each position has statistics of its own, at `position` of
/// `inits`: the same as that of a sample with one position.
static FailureOr<TilingResult>
createTileOfLanes(ImplicitLocOpBuilder &b, GroupStatsOp op,
                  const TilePosition &tile, ValueRange inits,
                  const TilePosition &position, int64_t parts) {
  TilingDomain domain(op);
  std::optional<int64_t> groups = domain.getGroups(tile);
  if (!groups)
    return failure();
  SmallVector<Operation *> slices;
  auto slice = [&](Value whole, const TilePosition &part) -> Value {
    slices.push_back(createSlice(b, b.getLoc(), whole, part));
    Value result = slices.back()->getResult(0);
    int64_t rank = cast<RankedTensorType>(result.getType()).getRank();
    return tensor::CollapseShapeOp::create(b, result,
                                           collapseFirst(rank, parts + 1));
  };
  Value x = slice(op.getX(), domain.getDataTile(b, tile));
  SmallVector<Value> ownInits;
  for (Value init : inits)
    ownInits.push_back(slice(init, position));

  IntegerAttr featureDim = op.getFeatureDimAttr();
  if (featureDim)
    featureDim = b.getI64IntegerAttr(op.getFeatureDimension() - parts);
  auto stats = GroupStatsOp::create(b, TypeRange(ValueRange(ownInits)), x,
                                    ownInits[0], ownInits[1], ownInits[2],
                                    b.getI64IntegerAttr(*groups),
                                    op.getGroupingAttr(), featureDim);
  SmallVector<int64_t> shape;
  SmallVector<Value> dynamicSizes;
  dispatchIndexOpFoldResults(position.sizes, dynamicSizes, shape);
  SmallVector<Value> results;
  for (Value result : stats->getResults())
    results.push_back(tensor::ExpandShapeOp::create(
        b, RankedTensorType::get(shape, getElementTypeOrSelf(result)), result,
        collapseFirst(parts + 2, parts + 1), position.sizes));
  return TilingResult{{stats}, results, slices};
}

namespace {

struct PartialStatsModel
    : PartialReductionOpInterface::ExternalModel<PartialStatsModel,
                                                 GroupStatsOp> {
  FailureOr<SmallVector<Value>> generateInitialTensorForPartialReduction(
      Operation *op, OpBuilder &builder, Location loc,
      ArrayRef<OpFoldResult> sizes,
      const SetVector<unsigned> &reductionDims) const {
    auto stats = cast<GroupStatsOp>(op);
    ImplicitLocOpBuilder b(loc, builder);
    SmallVector<OpFoldResult> partialSizes =
        tensor::getMixedSizes(b, loc, stats.getCount());
    for (auto [part, dim] : llvm::enumerate(reductionDims))
      partialSizes.insert(partialSizes.begin() + 1 + part, sizes[dim]);
    auto type = cast<FloatType>(getElementTypeOrSelf(stats.getCount()));
    SmallVector<Value> zeros;
    for (int i = 0; i < 3; ++i)
      zeros.push_back(createZeros(b, partialSizes, type));
    return zeros;
  }

  LogicalResult getPartialResultTilePosition(
      Operation *op, OpBuilder &b, unsigned resultNumber,
      ReductionTilingStrategy strategy, ArrayRef<OpFoldResult> offsets,
      ArrayRef<OpFoldResult> sizes, const SetVector<unsigned> &reductionDims,
      ArrayRef<OpFoldResult> splitReductionIvs,
      SmallVector<OpFoldResult> &resultOffsets,
      SmallVector<OpFoldResult> &resultSizes) const {
    TilePosition own =
        TilingDomain(cast<GroupStatsOp>(op))
            .getStatisticsTile(b, {SmallVector<OpFoldResult>(offsets),
                                   SmallVector<OpFoldResult>(sizes)});
    bool parallel =
        strategy == ReductionTilingStrategy::PartialReductionOuterParallel;
    resultOffsets = {own.offsets[0]};
    resultSizes = {own.sizes[0]};
    for (auto [part, dim] : llvm::enumerate(reductionDims)) {
      resultOffsets.push_back(parallel ? splitReductionIvs[part]
                                       : b.getIndexAttr(0));
      resultSizes.push_back(parallel ? b.getIndexAttr(1) : sizes[dim]);
    }
    resultOffsets.push_back(own.offsets[1]);
    resultSizes.push_back(own.sizes[1]);
    return success();
  }

  FailureOr<TilingResult>
  tileToPartialReduction(Operation *op, OpBuilder &b, Location loc,
                         ReductionTilingStrategy strategy, ValueRange inits,
                         ArrayRef<OpFoldResult> offsets,
                         ArrayRef<OpFoldResult> sizes,
                         const SetVector<unsigned> &reductionDims,
                         ArrayRef<OpFoldResult> splitReductionIvs) const {
    OpBuilder::InsertionGuard guard(b);
    auto stats = cast<GroupStatsOp>(op);
    TilePosition tile = {SmallVector<OpFoldResult>(offsets),
                         SmallVector<OpFoldResult>(sizes)};
    TilePosition position;
    if (failed(getPartialResultTilePosition(
            op, b, /*resultNumber=*/0, strategy, offsets, sizes, reductionDims,
            splitReductionIvs, position.offsets, position.sizes)))
      return failure();
    if (strategy == ReductionTilingStrategy::PartialReductionOuterReduction) {
      // Samples and split positions become one dimension.
      for (auto [part, dim] : llvm::enumerate(reductionDims))
        if (dim != part + 1)
          return op->emitOpError(
              "is split by a serial loop only over the dimensions that follow "
              "the samples; use tile_reduction_using_forall for the others");
      ImplicitLocOpBuilder builder(loc, b);
      return createTileOfLanes(builder, stats, tile, inits, position,
                               reductionDims.size());
    }
    SmallVector<Value> slices;
    for (Value init : inits) {
      SmallVector<OpFoldResult> strides(position.offsets.size(),
                                        b.getIndexAttr(1));
      OpFoldResult ownSizes[] = {position.sizes.front(), position.sizes.back()};
      auto [shape, dynamicSizes] = decomposeMixedValues(ownSizes);
      auto type = RankedTensorType::get(shape, getElementTypeOrSelf(init));
      slices.push_back(tensor::ExtractSliceOp::create(
          b, loc, type, init, position.offsets, position.sizes, strides));
    }
    return createTile(b, stats, tile, slices);
  }

  FailureOr<MergeResult>
  mergeReductions(Operation *op, OpBuilder &builder, Location loc,
                  ValueRange partial,
                  const SetVector<unsigned> &reductionDims) const {
    ImplicitLocOpBuilder b(getRoleLoc(op, "merge"), builder);
    int64_t parts = reductionDims.size();
    SmallVector<int64_t> all =
        llvm::to_vector(llvm::seq<int64_t>(0, parts + 2));
    SmallVector<SmallVector<int64_t>> dims(3, all);
    dims.append(3, {0, parts + 1});
    SmallVector<Value> merged = createGeneric(
        b, parts + 2, partial, cast<GroupStatsOp>(op).getDpsInits(), dims,
        [](ImplicitLocOpBuilder &b, ValueRange args) {
          return mergeStatistics(b, args.take_back(3), args.take_front(3));
        });
    return MergeResult{{merged.front().getDefiningOp()}, merged};
  }
};

} // namespace

void gn::attachPartialReductionInterface(MLIRContext *context) {
  GroupStatsOp::attachInterface<PartialStatsModel>(*context);
}
