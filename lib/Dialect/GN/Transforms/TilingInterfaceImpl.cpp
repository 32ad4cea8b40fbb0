//===- TilingInterfaceImpl.cpp - Tiling of gn -----------------------------===//
//
// A tile of a gn op is the same op on slices of its operands, with as many
// groups as the slices hold. TilingUtils.h says what can be a tile.
//
//===----------------------------------------------------------------------===//

#include "groupnorm/Dialect/GN/Transforms/TilingInterfaceImpl.h"
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

namespace {
/// What the shape of an operand is made of.
enum class OperandKind { Data, Statistics, Parameter, EpilogueInput };
} // namespace

/// The number of an operand among the epilogue's inputs, if it is one.
template <typename OpTy>
static std::optional<int64_t> getEpilogueInput(OpTy op, OpOperand &operand) {
  if constexpr (!std::is_same_v<OpTy, GroupStatsOp>) {
    OperandRange inputs = op.getEpilogueInputs();
    int64_t input = static_cast<int64_t>(operand.getOperandNumber()) -
                    inputs.getBeginOperandIndex();
    if (input >= 0 && input < static_cast<int64_t>(inputs.size()))
      return input;
  }
  return std::nullopt;
}

template <typename OpTy>
static OperandKind getKind(OpTy op, OpOperand &operand) {
  constexpr bool hasStatistics = !std::is_same_v<OpTy, GroupNormOp>;
  constexpr bool hasStatisticsInits = std::is_same_v<OpTy, GroupStatsOp>;
  unsigned number = operand.getOperandNumber();
  if (std::optional<int64_t> input = getEpilogueInput(op, operand)) {
    if constexpr (!hasStatisticsInits)
      return op.getEpilogueMap(*input).isIdentity()
                 ? OperandKind::Data
                 : OperandKind::EpilogueInput;
  }
  // The inits of gn.group_norm behind the first are statistics.
  if (!hasStatistics && op.isDpsInit(&operand) &&
      &operand != op.getDpsInitOperand(0))
    return OperandKind::Statistics;
  // x, then count, mean and M2, then gamma and beta, then init.
  if (number == 0 || (op.isDpsInit(&operand) && !hasStatisticsInits))
    return OperandKind::Data;
  if (hasStatistics && number <= 3)
    return OperandKind::Statistics;
  return OperandKind::Parameter;
}

/// The part that `tile` covers of an epilogue's input: that of x in the
/// dimensions that the input has.
template <typename OpTy>
static TilePosition
getEpilogueInputTile(OpBuilder &b, OpTy op, const TilingDomain &domain,
                     OpOperand &operand, const TilePosition &tile) {
  TilePosition part;
  if constexpr (!std::is_same_v<OpTy, GroupStatsOp>) {
    TilePosition data = domain.getDataTile(b, tile);
    AffineMap map = op.getEpilogueMap(*getEpilogueInput(op, operand));
    for (AffineExpr result : map.getResults()) {
      unsigned dim = cast<AffineDimExpr>(result).getPosition();
      part.offsets.push_back(data.offsets[dim]);
      part.sizes.push_back(data.sizes[dim]);
    }
  }
  return part;
}

/// The part that `tile` covers of the operand `operand` of `op`.
template <typename OpTy>
static TilePosition
getOperandTile(OpBuilder &b, OpTy op, const TilingDomain &domain,
               OpOperand &operand, const TilePosition &tile) {
  switch (getKind(op, operand)) {
  case OperandKind::Data:
    return domain.getDataTile(b, tile);
  case OperandKind::Statistics:
    return domain.getStatisticsTile(b, tile);
  case OperandKind::Parameter:
    return domain.getParameterTile(b, tile);
  case OperandKind::EpilogueInput:
    return getEpilogueInputTile(b, op, domain, operand, tile);
  }
  llvm_unreachable("all kinds are listed");
}

/// Whether there is a tile that covers the part `part` of an operand.
template <typename OpTy>
static bool hasTileOfOperand(OpTy op, const TilingDomain &domain,
                             OpOperand &operand, const TilePosition &part) {
  switch (getKind(op, operand)) {
  case OperandKind::Data:
    return domain.hasTileOfData(part);
  case OperandKind::Statistics:
    return domain.hasTileOfStatistics(part);
  case OperandKind::Parameter:
    return domain.hasTileOfParameter(part);
  case OperandKind::EpilogueInput:
    return false;
  }
  llvm_unreachable("all kinds are listed");
}

/// What that tile is, in the loops that the operand has dimensions of.
template <typename OpTy>
static FailureOr<TilePosition>
getTileOfOperand(OpBuilder &b, OpTy op, const TilingDomain &domain,
                 OpOperand &operand, const TilePosition &part) {
  switch (getKind(op, operand)) {
  case OperandKind::Data:
    return domain.getTileOfData(b, part);
  case OperandKind::Statistics:
    return domain.getTileOfStatistics(b, part);
  case OperandKind::Parameter:
    return domain.getTileOfParameter(b, part);
  case OperandKind::EpilogueInput:
    return failure();
  }
  llvm_unreachable("all kinds are listed");
}

static TilePosition makePosition(ArrayRef<OpFoldResult> offsets,
                                 ArrayRef<OpFoldResult> sizes) {
  return {SmallVector<OpFoldResult>(offsets), SmallVector<OpFoldResult>(sizes)};
}

template <typename OpTy>
FailureOr<TilingResult> gn::createTile(OpBuilder &b, OpTy op,
                                       const TilePosition &tile,
                                       ValueRange inits) {
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

template FailureOr<TilingResult>
gn::createTile(OpBuilder &, GroupStatsOp, const TilePosition &, ValueRange);

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
    return createTile(b, cast<OpTy>(op), makePosition(offsets, sizes));
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
        *typedOp.getDpsInitOperand(resultNumber), makePosition(offsets, sizes));
    resultOffsets = result.offsets;
    resultSizes = result.sizes;
    return success();
  }

  //===--------------------------------------------------------------------===//
  // Fusion of this op into the loops of a consumer
  //===--------------------------------------------------------------------===//

  bool isOpFusableWithConsumerSlice(Operation *op, unsigned resultNumber,
                                    ArrayRef<OpFoldResult> offsets,
                                    ArrayRef<OpFoldResult> sizes) const {
    auto typedOp = cast<OpTy>(op);
    return hasTileOfOperand(typedOp, TilingDomain(typedOp),
                            *typedOp.getDpsInitOperand(resultNumber),
                            makePosition(offsets, sizes));
  }

  LogicalResult getIterationDomainTileFromResultTile(
      Operation *op, OpBuilder &b, unsigned resultNumber,
      ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
      SmallVectorImpl<OpFoldResult> &tileOffsets,
      SmallVectorImpl<OpFoldResult> &tileSizes) const {
    unsigned init =
        cast<OpTy>(op).getDpsInitOperand(resultNumber)->getOperandNumber();
    return getIterationDomainTileFromOperandTiles(
        op, b, init, SmallVector<OpFoldResult>(offsets),
        SmallVector<OpFoldResult>(sizes), tileOffsets, tileSizes);
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

  //===--------------------------------------------------------------------===//
  // Fusion of this op into the loops of its producers
  //===--------------------------------------------------------------------===//

  bool isOpFusableWithProducerSlices(
      Operation *op, ArrayRef<unsigned> operandNumbers,
      ArrayRef<SmallVector<OpFoldResult>> allOffsets,
      ArrayRef<SmallVector<OpFoldResult>> allSizes) const {
    auto typedOp = cast<OpTy>(op);
    return llvm::all_of(
        llvm::zip_equal(operandNumbers, allOffsets, allSizes), [&](auto part) {
          auto &[number, offsets, sizes] = part;
          return hasTileOfOperand(typedOp, TilingDomain(typedOp),
                                  op->getOpOperand(number), {offsets, sizes});
        });
  }

  LogicalResult getIterationDomainTileFromOperandTiles(
      Operation *op, OpBuilder &b, ArrayRef<unsigned> operandNumbers,
      ArrayRef<SmallVector<OpFoldResult>> allOffsets,
      ArrayRef<SmallVector<OpFoldResult>> allSizes,
      SmallVectorImpl<OpFoldResult> &tileOffsets,
      SmallVectorImpl<OpFoldResult> &tileSizes) const {
    auto typedOp = cast<OpTy>(op);
    TilingDomain domain(typedOp);
    TilePosition tile = domain.getUnboundTile();
    for (auto [number, offsets, sizes] :
         llvm::zip_equal(operandNumbers, allOffsets, allSizes)) {
      FailureOr<TilePosition> part = getTileOfOperand(
          b, typedOp, domain, op->getOpOperand(number), {offsets, sizes});
      if (failed(part) || failed(TilingDomain::merge(tile, *part)))
        return failure();
    }
    domain.complete(b, tile);
    if (!domain.getGroups(tile))
      return failure();
    tileOffsets.assign(tile.offsets);
    tileSizes.assign(tile.sizes);
    return success();
  }

  FailureOr<TilingResult> getTiledImplementationFromOperandTiles(
      Operation *op, OpBuilder &b, ArrayRef<unsigned> operandNumbers,
      ArrayRef<SmallVector<OpFoldResult>> allOffsets,
      ArrayRef<SmallVector<OpFoldResult>> allSizes) const {
    TilePosition tile;
    if (failed(getIterationDomainTileFromOperandTiles(
            op, b, operandNumbers, allOffsets, allSizes, tile.offsets,
            tile.sizes)))
      return failure();
    return createTile(b, cast<OpTy>(op), tile);
  }
};

} // namespace

void gn::registerTilingInterfaceExternalModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, GNDialect *) {
    GroupNormOp::attachInterface<TilingModel<GroupNormOp>>(*context);
    GroupStatsOp::attachInterface<TilingModel<GroupStatsOp>>(*context);
    attachPartialReductionInterface(context);
    GroupNormalizeOp::attachInterface<TilingModel<GroupNormalizeOp>>(*context);
    // Who tiles through the interface cannot name what the tiles are made with.
    context->loadDialect<affine::AffineDialect, arith::ArithDialect,
                         linalg::LinalgDialect, memref::MemRefDialect,
                         tensor::TensorDialect>();
  });
}
