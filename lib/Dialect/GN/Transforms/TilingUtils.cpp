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

TilePosition TilingDomain::getTileOfUnits(OpBuilder &b, OpFoldResult offset,
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
  TilePosition statistics = getTileOfUnits(
      b, tile.offsets[loop], tile.sizes[loop], getGroupsPerUnit());
  statistics.offsets.insert(statistics.offsets.begin(), tile.offsets[0]);
  statistics.sizes.insert(statistics.sizes.begin(), tile.sizes[0]);
  return statistics;
}

TilePosition TilingDomain::getParameterTile(OpBuilder &b,
                                            const TilePosition &tile) const {
  size_t loop = getUnitLoop();
  return getTileOfUnits(b, tile.offsets[loop], tile.sizes[loop],
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

/// `value`, a multiple of `factor`, divided by it.
static FailureOr<OpFoldResult> divide(OpBuilder &b, Location loc,
                                      OpFoldResult value, int64_t factor) {
  if (!isMultipleOf(value, factor))
    return failure();
  return affine::makeComposedFoldedAffineApply(
      b, loc, b.getAffineDimExpr(0).floorDiv(factor), {value});
}

FailureOr<TilePosition>
TilingDomain::getTileOfData(OpBuilder &b, const TilePosition &data) const {
  TilePosition tile;
  for (auto [dim, offset, size] : llvm::enumerate(data.offsets, data.sizes)) {
    if (static_cast<int64_t>(dim) == featureDim) {
      int64_t unit = getFeaturesPerUnit();
      FailureOr<OpFoldResult> unitOffset =
          divide(b, op->getLoc(), offset, unit);
      FailureOr<OpFoldResult> unitSize = divide(b, op->getLoc(), size, unit);
      if (failed(unitOffset) || failed(unitSize))
        return failure();
      tile.offsets.push_back(*unitOffset);
      tile.sizes.push_back(*unitSize);
    } else if (llvm::is_contained(loopDims, dim)) {
      tile.offsets.push_back(offset);
      tile.sizes.push_back(size);
    } else {
      // All positions or no tile.
      using Variable = ValueBoundsConstraintSet::Variable;
      FailureOr<bool> whole = ValueBoundsConstraintSet::areEqual(
          Variable(size), Variable(x, static_cast<int64_t>(dim)));
      if (!isConstantIntValue(offset, 0) || failed(whole) || !*whole)
        return failure();
    }
  }
  return tile;
}

FailureOr<TilePosition>
TilingDomain::getTileOfStatistics(OpBuilder &b,
                                  const TilePosition &statistics) const {
  FailureOr<OpFoldResult> offset =
      divide(b, op->getLoc(), statistics.offsets[1], getGroupsPerUnit());
  FailureOr<OpFoldResult> size =
      divide(b, op->getLoc(), statistics.sizes[1], getGroupsPerUnit());
  if (failed(offset) || failed(size))
    return failure();
  TilePosition tile;
  for (Range &range : getRanges(b)) {
    tile.offsets.push_back(range.offset);
    tile.sizes.push_back(range.size);
  }
  tile.offsets[0] = statistics.offsets[0];
  tile.sizes[0] = statistics.sizes[0];
  tile.offsets[getUnitLoop()] = *offset;
  tile.sizes[getUnitLoop()] = *size;
  return tile;
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
