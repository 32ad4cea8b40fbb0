//===- TilingUtils.cpp - The loops that gn ops are tiled by ---------------===//

#include "TilingUtils.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

using namespace mlir;
using namespace gn;

/// The size of dimension `dim` of a tensor or memref.
static OpFoldResult getSize(OpBuilder &b, Location loc, Value value,
                            int64_t dim) {
  if (isa<MemRefType>(value.getType()))
    return memref::getMixedSize(b, loc, value, dim);
  return tensor::getMixedSize(b, loc, value, dim);
}

OpFoldResult TilingDomain::multiply(OpBuilder &b, OpFoldResult value,
                                    int64_t factor) const {
  return affine::makeComposedFoldedAffineApply(
      b, op->getLoc(), b.getAffineDimExpr(0) * factor, {value});
}

SmallVector<Range> TilingDomain::getRanges(OpBuilder &b) const {
  SmallVector<Range> ranges;
  for (int64_t dim : loopDims) {
    OpFoldResult size =
        dim == featureDim
            ? OpFoldResult(b.getIndexAttr(features / getFeaturesPerUnit()))
            : getSize(b, op->getLoc(), x, dim);
    ranges.push_back({b.getIndexAttr(0), size, b.getIndexAttr(1)});
  }
  return ranges;
}

TilePosition TilingDomain::getPartOfUnits(OpBuilder &b, OpFoldResult offset,
                                          OpFoldResult size,
                                          int64_t perUnit) const {
  return {{multiply(b, offset, perUnit)}, {multiply(b, size, perUnit)}};
}

TilePosition TilingDomain::getDataTile(OpBuilder &b,
                                       const TilePosition &tile) const {
  int64_t rank = cast<ShapedType>(x.getType()).getRank();
  TilePosition data;
  data.offsets.assign(rank, b.getIndexAttr(0));
  for (int64_t dim = 0; dim < rank; ++dim)
    data.sizes.push_back(getSize(b, op->getLoc(), x, dim));
  for (auto [dim, offset, size] :
       llvm::zip_equal(loopDims, tile.offsets, tile.sizes)) {
    data.offsets[dim] = offset;
    data.sizes[dim] = size;
  }
  TilePosition parameters = getParameterTile(b, tile);
  data.offsets[featureDim] = parameters.offsets[0];
  data.sizes[featureDim] = parameters.sizes[0];
  return data;
}

TilePosition TilingDomain::getStatisticsTile(OpBuilder &b,
                                             const TilePosition &tile) const {
  size_t loop = getUnitLoop();
  TilePosition statistics = getPartOfUnits(
      b, tile.offsets[loop], tile.sizes[loop], getGroupsPerUnit());
  statistics.offsets.insert(statistics.offsets.begin(), tile.offsets[0]);
  statistics.sizes.insert(statistics.sizes.begin(), tile.sizes[0]);
  return statistics;
}

TilePosition TilingDomain::getParameterTile(OpBuilder &b,
                                            const TilePosition &tile) const {
  size_t loop = getUnitLoop();
  return getPartOfUnits(b, tile.offsets[loop], tile.sizes[loop],
                        getFeaturesPerUnit());
}

std::optional<int64_t> TilingDomain::getGroups(const TilePosition &tile) const {
  std::optional<int64_t> units = getConstantIntValue(tile.sizes[getUnitLoop()]);
  if (!units)
    return std::nullopt;
  return *units * getGroupsPerUnit();
}

/// Whether `value` is known to be a multiple of `factor`.
static bool isMultipleOf(OpFoldResult value, int64_t factor) {
  if (factor == 1)
    return true;
  auto isMultiple = [&](OpFoldResult part) {
    std::optional<int64_t> constant = getConstantIntValue(part);
    return constant && *constant % factor == 0;
  };
  if (isMultiple(value))
    return true;
  auto dynamic = dyn_cast<Value>(value);
  if (!dynamic)
    return false;
  if (auto apply = dynamic.getDefiningOp<affine::AffineApplyOp>())
    return apply.getAffineMap().getResult(0).isMultipleOf(factor);
  auto argument = dyn_cast<BlockArgument>(dynamic);
  auto loop =
      argument
          ? dyn_cast<LoopLikeOpInterface>(argument.getOwner()->getParentOp())
          : LoopLikeOpInterface();
  std::optional<SmallVector<Value>> variables;
  if (loop)
    variables = loop.getLoopInductionVars();
  if (!variables)
    return false;
  for (auto [variable, lower, step] : llvm::zip_equal(
           *variables, *loop.getLoopLowerBounds(), *loop.getLoopSteps()))
    if (variable == dynamic)
      return isMultiple(lower) && isMultiple(step);
  return false;
}

bool TilingDomain::hasTileOfData(const TilePosition &data) const {
  for (auto [dim, offset, size] : llvm::enumerate(data.offsets, data.sizes)) {
    if (static_cast<int64_t>(dim) == featureDim) {
      int64_t unit = getFeaturesPerUnit();
      if (!isMultipleOf(offset, unit) || !isMultipleOf(size, unit))
        return false;
    } else if (dim != 0 && needsAllPositions) {
      using Variable = ValueBoundsConstraintSet::Variable;
      FailureOr<bool> whole = ValueBoundsConstraintSet::areEqual(
          Variable(size), Variable(x, static_cast<int64_t>(dim)));
      if (!isConstantIntValue(offset, 0) || failed(whole) || !*whole)
        return false;
    }
  }
  return true;
}

bool TilingDomain::hasTileOfStatistics(const TilePosition &statistics) const {
  return isMultipleOf(statistics.offsets[1], getGroupsPerUnit()) &&
         isMultipleOf(statistics.sizes[1], getGroupsPerUnit());
}

bool TilingDomain::hasTileOfParameter(const TilePosition &parameter) const {
  return isMultipleOf(parameter.offsets[0], getFeaturesPerUnit()) &&
         isMultipleOf(parameter.sizes[0], getFeaturesPerUnit());
}

TilePosition TilingDomain::getUnboundTile() const {
  SmallVector<OpFoldResult> nothing(loopDims.size());
  return {nothing, nothing};
}

/// Sets the loop over units from a multiple of `perUnit` things.
void TilingDomain::setUnits(OpBuilder &b, TilePosition &tile,
                            OpFoldResult offset, OpFoldResult size,
                            int64_t perUnit) const {
  auto divide = [&](OpFoldResult value) {
    return affine::makeComposedFoldedAffineApply(
        b, op->getLoc(), b.getAffineDimExpr(0).floorDiv(perUnit), {value});
  };
  tile.offsets[getUnitLoop()] = divide(offset);
  tile.sizes[getUnitLoop()] = divide(size);
}

FailureOr<TilePosition>
TilingDomain::getTileOfData(OpBuilder &b, const TilePosition &data) const {
  if (!hasTileOfData(data))
    return failure();
  TilePosition tile = getUnboundTile();
  for (auto [loop, dim] : llvm::enumerate(loopDims)) {
    tile.offsets[loop] = data.offsets[dim];
    tile.sizes[loop] = data.sizes[dim];
  }
  setUnits(b, tile, data.offsets[featureDim], data.sizes[featureDim],
           getFeaturesPerUnit());
  return tile;
}

FailureOr<TilePosition>
TilingDomain::getTileOfStatistics(OpBuilder &b,
                                  const TilePosition &statistics) const {
  if (!hasTileOfStatistics(statistics))
    return failure();
  TilePosition tile = getUnboundTile();
  tile.offsets[0] = statistics.offsets[0];
  tile.sizes[0] = statistics.sizes[0];
  setUnits(b, tile, statistics.offsets[1], statistics.sizes[1],
           getGroupsPerUnit());
  return tile;
}

FailureOr<TilePosition>
TilingDomain::getTileOfParameter(OpBuilder &b,
                                 const TilePosition &parameter) const {
  if (!hasTileOfParameter(parameter))
    return failure();
  TilePosition tile = getUnboundTile();
  setUnits(b, tile, parameter.offsets[0], parameter.sizes[0],
           getFeaturesPerUnit());
  return tile;
}

LogicalResult TilingDomain::merge(TilePosition &tile,
                                  const TilePosition &other) {
  for (auto member : {&TilePosition::offsets, &TilePosition::sizes})
    for (auto [own, said] : llvm::zip_equal(tile.*member, other.*member)) {
      if (own && said && !isEqualConstantIntOrValue(own, said))
        return failure();
      if (said)
        own = said;
    }
  return success();
}

void TilingDomain::complete(OpBuilder &b, TilePosition &tile) const {
  for (auto [range, offset, size] :
       llvm::zip_equal(getRanges(b), tile.offsets, tile.sizes)) {
    if (!offset)
      offset = range.offset;
    if (!size)
      size = range.size;
  }
}

Operation *gn::createSlice(OpBuilder &b, Location loc, Value source,
                           const TilePosition &position) {
  SmallVector<OpFoldResult> strides(position.offsets.size(), b.getIndexAttr(1));
  if (isa<MemRefType>(source.getType()))
    return memref::SubViewOp::create(b, loc, source, position.offsets,
                                     position.sizes, strides);
  return tensor::ExtractSliceOp::create(b, loc, source, position.offsets,
                                        position.sizes, strides);
}
