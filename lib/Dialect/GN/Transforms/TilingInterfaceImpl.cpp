//===- TilingInterfaceImpl.cpp - Tiling of gn -----------------------------===//
//
// A tile of a gn op is the same op on slices of its operands, with as many
// groups as the slices hold. TilingUtils.h says what can be a tile.
//
//===----------------------------------------------------------------------===//

#include "groupnorm/Dialect/GN/Transforms/TilingInterfaceImpl.h"
#include "DecomposeUtils.h"
#include "TilingUtils.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace gn;

/// The part that `tile` covers of the operand `operand` of `op`.
template <typename OpTy>
static TilePosition
getOperandTile(OpBuilder &b, OpTy op, const TilingDomain &domain,
               OpOperand &operand, const TilePosition &tile) {
  constexpr bool hasStatistics = !std::is_same_v<OpTy, GroupNormOp>;
  constexpr bool hasStatisticsInits = std::is_same_v<OpTy, GroupStatsOp>;
  unsigned number = operand.getOperandNumber();
  // x, then count, mean and M2, then gamma and beta, then init.
  if (number == 0 || (op.isDpsInit(&operand) && !hasStatisticsInits))
    return domain.getDataTile(b, tile);
  if (hasStatistics && number <= 3)
    return domain.getStatisticsTile(b, tile);
  return domain.getParameterTile(b, tile);
}

/// `op` on `tile`, with `inits` in the place of the slices of its own, unless
/// they are none.
template <typename OpTy>
static FailureOr<TilingResult> createTile(OpBuilder &b, OpTy op,
                                          const TilePosition &tile,
                                          ValueRange inits = {}) {
  TilingDomain domain(op);
  // An attribute holds the number of groups.
  std::optional<int64_t> groups = domain.getGroups(tile);
  if (!groups)
    return op.emitOpError()
           << "cannot be tiled into tiles of a size that is "
              "not static: make it divide the number of groups";
  SmallVector<Value> operands;
  SmallVector<Operation *> slices;
  for (OpOperand &operand : op->getOpOperands()) {
    int64_t init = static_cast<int64_t>(operand.getOperandNumber()) -
                   (op->getNumOperands() - op.getNumDpsInits());
    if (init >= 0 && !inits.empty()) {
      operands.push_back(inits[init]);
      continue;
    }
    slices.push_back(createSlice(b, op.getLoc(), operand.get(),
                                 getOperandTile(b, op, domain, operand, tile)));
    operands.push_back(slices.back()->getResult(0));
  }
  SmallVector<Type> types;
  if (op.hasPureTensorSemantics())
    llvm::append_range(
        types, TypeRange(ArrayRef(operands).take_back(op.getNumDpsInits())));
  auto tiled = cast<OpTy>(clone(b, op, types, operands));
  tiled.setNumGroups(*groups);
  return TilingResult{{tiled}, SmallVector<Value>(tiled->getResults()), slices};
}

namespace {

template <typename OpTy>
struct TilingModel : TilingInterface::ExternalModel<TilingModel<OpTy>, OpTy> {
  SmallVector<utils::IteratorType> getLoopIteratorTypes(Operation *op) const {
    TilingDomain domain(cast<OpTy>(op));
    SmallVector<utils::IteratorType> types;
    for (int64_t dim : domain.getLoopDims()) {
      bool reduced = std::is_same_v<OpTy, GroupStatsOp> && dim != 0 &&
                     dim != domain.getFeatureDim();
      types.push_back(reduced ? utils::IteratorType::reduction
                              : utils::IteratorType::parallel);
    }
    return types;
  }

  SmallVector<Range> getIterationDomain(Operation *op, OpBuilder &b) const {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(op);
    return TilingDomain(cast<OpTy>(op)).getRanges(b);
  }

  FailureOr<TilingResult>
  getTiledImplementation(Operation *op, OpBuilder &b,
                         ArrayRef<OpFoldResult> offsets,
                         ArrayRef<OpFoldResult> sizes) const {
    return createTile(
        b, cast<OpTy>(op),
        {SmallVector<OpFoldResult>(offsets), SmallVector<OpFoldResult>(sizes)});
  }

  LogicalResult
  getResultTilePosition(Operation *op, OpBuilder &b, unsigned resultNumber,
                        ArrayRef<OpFoldResult> offsets,
                        ArrayRef<OpFoldResult> sizes,
                        SmallVector<OpFoldResult> &resultOffsets,
                        SmallVector<OpFoldResult> &resultSizes) const {
    auto typedOp = cast<OpTy>(op);
    TilePosition result = getOperandTile(
        b, typedOp, TilingDomain(typedOp),
        *typedOp.getDpsInitOperand(resultNumber),
        {SmallVector<OpFoldResult>(offsets), SmallVector<OpFoldResult>(sizes)});
    resultOffsets = result.offsets;
    resultSizes = result.sizes;
    return success();
  }

  //===--------------------------------------------------------------------===//
  // Fusion of this op into the loops of a consumer.
  //===--------------------------------------------------------------------===//

  LogicalResult getIterationDomainTileFromResultTile(
      Operation *op, OpBuilder &b, unsigned resultNumber,
      ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
      SmallVectorImpl<OpFoldResult> &tileOffsets,
      SmallVectorImpl<OpFoldResult> &tileSizes) const {
    TilingDomain domain(cast<OpTy>(op));
    TilePosition part = {SmallVector<OpFoldResult>(offsets),
                         SmallVector<OpFoldResult>(sizes)};
    FailureOr<TilePosition> tile = std::is_same_v<OpTy, GroupStatsOp>
                                       ? domain.getTileOfStatistics(b, part)
                                       : domain.getTileOfData(b, part);
    if (failed(tile) || !domain.getGroups(*tile))
      return failure();
    tileOffsets.assign(tile->offsets);
    tileSizes.assign(tile->sizes);
    return success();
  }

  FailureOr<TilingResult>
  generateResultTileValue(Operation *op, OpBuilder &b, unsigned resultNumber,
                          ArrayRef<OpFoldResult> offsets,
                          ArrayRef<OpFoldResult> sizes) const {
    TilePosition tile;
    if (failed(getIterationDomainTileFromResultTile(
            op, b, resultNumber, offsets, sizes, tile.offsets, tile.sizes)))
      return failure();
    FailureOr<TilingResult> result = createTile(b, cast<OpTy>(op), tile);
    if (succeeded(result))
      result->tiledValues = {result->tiledValues[resultNumber]};
    return result;
  }
};

/// The statistics of a part of the positions are partial results: a row for
/// each part, T x N x G, merged by the formula that merges all statistics.
struct PartialStatsModel
    : PartialReductionOpInterface::ExternalModel<PartialStatsModel,
                                                 GroupStatsOp> {
  FailureOr<SmallVector<Value>> generateInitialTensorForPartialReduction(
      Operation *op, OpBuilder &builder, Location loc,
      ArrayRef<OpFoldResult> sizes,
      const SetVector<unsigned> &reductionDims) const {
    auto stats = cast<GroupStatsOp>(op);
    ImplicitLocOpBuilder b(loc, builder);
    SmallVector<OpFoldResult> partialSizes;
    for (unsigned dim : reductionDims)
      partialSizes.push_back(sizes[dim]);
    llvm::append_range(partialSizes,
                       tensor::getMixedSizes(b, loc, stats.getCount()));
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
    if (strategy != ReductionTilingStrategy::PartialReductionOuterParallel)
      return failure();
    TilePosition own =
        TilingDomain(cast<GroupStatsOp>(op))
            .getStatisticsTile(b, {SmallVector<OpFoldResult>(offsets),
                                   SmallVector<OpFoldResult>(sizes)});
    resultOffsets.assign(splitReductionIvs.begin(), splitReductionIvs.end());
    resultSizes.assign(splitReductionIvs.size(), b.getIndexAttr(1));
    llvm::append_range(resultOffsets, own.offsets);
    llvm::append_range(resultSizes, own.sizes);
    return success();
  }

  FailureOr<TilingResult>
  tileToPartialReduction(Operation *op, OpBuilder &b, Location loc,
                         ReductionTilingStrategy strategy, ValueRange inits,
                         ArrayRef<OpFoldResult> offsets,
                         ArrayRef<OpFoldResult> sizes,
                         const SetVector<unsigned> &reductionDims,
                         ArrayRef<OpFoldResult> splitReductionIvs) const {
    // Of the strategies, this one keeps a group's sums together.
    if (strategy != ReductionTilingStrategy::PartialReductionOuterParallel)
      return op->emitOpError("is split over parts that run in parallel only");
    OpBuilder::InsertionGuard guard(b);
    SmallVector<Value> slices;
    for (auto [number, init] : llvm::enumerate(inits)) {
      TilePosition position;
      if (failed(getPartialResultTilePosition(
              op, b, number, strategy, offsets, sizes, reductionDims,
              splitReductionIvs, position.offsets, position.sizes)))
        return failure();
      SmallVector<OpFoldResult> strides(position.offsets.size(),
                                        b.getIndexAttr(1));
      ArrayRef<OpFoldResult> ownSizes =
          ArrayRef(position.sizes).drop_front(splitReductionIvs.size());
      auto [shape, dynamicSizes] = decomposeMixedValues(ownSizes);
      auto type = RankedTensorType::get(shape, getElementTypeOrSelf(init));
      slices.push_back(tensor::ExtractSliceOp::create(
          b, loc, type, init, position.offsets, position.sizes, strides));
    }
    return createTile(
        b, cast<GroupStatsOp>(op),
        {SmallVector<OpFoldResult>(offsets), SmallVector<OpFoldResult>(sizes)},
        slices);
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
    dims.append(3, {parts, parts + 1});
    SmallVector<Value> merged = createGeneric(
        b, parts + 2, partial, cast<GroupStatsOp>(op).getDpsInits(), dims,
        [](ImplicitLocOpBuilder &b, ValueRange args) {
          return mergeStatistics(b, args.take_back(3), args.take_front(3));
        });
    return MergeResult{{merged.front().getDefiningOp()}, merged};
  }
};

} // namespace

void gn::registerTilingInterfaceExternalModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, GNDialect *) {
    GroupNormOp::attachInterface<TilingModel<GroupNormOp>>(*context);
    GroupStatsOp::attachInterface<TilingModel<GroupStatsOp>, PartialStatsModel>(
        *context);
    GroupNormalizeOp::attachInterface<TilingModel<GroupNormalizeOp>>(*context);
    // Who tiles through the interface cannot name what the tiles are made with.
    context->loadDialect<affine::AffineDialect, arith::ArithDialect,
                         linalg::LinalgDialect, memref::MemRefDialect,
                         tensor::TensorDialect>();
  });
}
