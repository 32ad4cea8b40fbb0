//===- TilingUtils.h - The loops that gn ops are tiled by -------*- C++ -*-===//
//
// A tile holds whole groups. Features are therefore counted in units: a group
// where groups are contiguous, all features where they are interleaved. The
// iteration domain has a loop over samples and one over units, in the places
// that these have in x; gn.group_stats and gn.group_normalize have loops over
// the spatial positions between, which gn.group_norm, who needs all positions
// of a sample at once, has not.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_LIB_DIALECT_GN_TRANSFORMS_TILINGUTILS_H
#define GROUPNORM_LIB_DIALECT_GN_TRANSFORMS_TILINGUTILS_H

#include "groupnorm/Dialect/GN/IR/GN.h"
#include "mlir/Interfaces/TilingInterface.h"

namespace gn {

/// Offsets and sizes of a tile. Where they are null, nothing is said of a loop.
struct TilePosition {
  mlir::SmallVector<mlir::OpFoldResult> offsets, sizes;
};

class TilingDomain {
public:
  template <typename OpTy>
  explicit TilingDomain(OpTy op)
      : op(op), x(op.getX()), featureDim(op.getFeatureDimension()),
        features(op.getNumFeatures()), groups(op.getNumGroups()),
        interleaved(op.isInterleaved()),
        needsAllPositions(!std::is_same_v<OpTy, GroupNormalizeOp>) {
    for (int64_t dim = 0, rank = op.getXType().getRank(); dim < rank; ++dim)
      if (!std::is_same_v<OpTy, GroupNormOp> || dim == 0 || dim == featureDim)
        loopDims.push_back(dim);
  }

  /// The dimension of x that each loop goes over.
  llvm::ArrayRef<int64_t> getLoopDims() const { return loopDims; }
  int64_t getFeatureDim() const { return featureDim; }
  mlir::SmallVector<mlir::Range> getRanges(mlir::OpBuilder &b) const;

  /// What a tile of the domain covers: of a tensor of x's shape, of one of the
  /// shape of the statistics, of gamma or beta.
  TilePosition getDataTile(mlir::OpBuilder &b, const TilePosition &tile) const;
  TilePosition getStatisticsTile(mlir::OpBuilder &b,
                                 const TilePosition &tile) const;
  TilePosition getParameterTile(mlir::OpBuilder &b,
                                const TilePosition &tile) const;
  /// The number of groups in a tile, where that is static.
  std::optional<int64_t> getGroups(const TilePosition &tile) const;

  /// Whether a tile covers this part of a tensor of x's shape, of one of the
  /// shape of the statistics, of gamma or beta, and which: null in the loops
  /// that the tensor has no dimension of.
  bool hasTileOfData(const TilePosition &data) const;
  bool hasTileOfStatistics(const TilePosition &statistics) const;
  bool hasTileOfParameter(const TilePosition &parameter) const;
  mlir::FailureOr<TilePosition> getTileOfData(mlir::OpBuilder &b,
                                              const TilePosition &data) const;
  mlir::FailureOr<TilePosition>
  getTileOfStatistics(mlir::OpBuilder &b, const TilePosition &statistics) const;
  mlir::FailureOr<TilePosition>
  getTileOfParameter(mlir::OpBuilder &b, const TilePosition &parameter) const;
  /// A tile of which nothing is said yet.
  TilePosition getUnboundTile() const;
  /// Adds to `tile` what `other` says; fails where they differ.
  static mlir::LogicalResult merge(TilePosition &tile,
                                   const TilePosition &other);
  /// Lets the loops of which nothing is said run whole.
  void complete(mlir::OpBuilder &b, TilePosition &tile) const;

private:
  int64_t getFeaturesPerUnit() const {
    return interleaved ? features : features / groups;
  }
  int64_t getGroupsPerUnit() const { return interleaved ? groups : 1; }
  /// The loop over units.
  size_t getUnitLoop() const {
    return llvm::find(loopDims, featureDim) - loopDims.begin();
  }
  mlir::OpFoldResult multiply(mlir::OpBuilder &b, mlir::OpFoldResult value,
                              int64_t factor) const;
  TilePosition getPartOfUnits(mlir::OpBuilder &b, mlir::OpFoldResult offset,
                              mlir::OpFoldResult size, int64_t perUnit) const;
  void setUnits(mlir::OpBuilder &b, TilePosition &tile,
                mlir::OpFoldResult offset, mlir::OpFoldResult size,
                int64_t perUnit) const;

  mlir::Operation *op;
  mlir::Value x;
  int64_t featureDim, features, groups;
  bool interleaved, needsAllPositions;
  mlir::SmallVector<int64_t> loopDims;
};

/// The part of the tensor or memref `source` at `position`.
mlir::Operation *createSlice(mlir::OpBuilder &b, mlir::Location loc,
                             mlir::Value source, const TilePosition &position);

/// `op` on `tile`, with `inits` in the place of the slices of its own, unless
/// they are none.
template <typename OpTy>
mlir::FailureOr<mlir::TilingResult> createTile(mlir::OpBuilder &b, OpTy op,
                                               const TilePosition &tile,
                                               mlir::ValueRange inits = {});

/// The statistics of parts of the positions, merged at the end.
void attachPartialReductionInterface(mlir::MLIRContext *context);

} // namespace gn

#endif // GROUPNORM_LIB_DIALECT_GN_TRANSFORMS_TILINGUTILS_H
