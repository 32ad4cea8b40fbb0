//===- Normalize.h - The element-wise half of the kernels -------*- C++ -*-===//

#ifndef GROUPNORM_LIB_CONVERSION_GNTOGPU_NORMALIZE_H
#define GROUPNORM_LIB_CONVERSION_GNTOGPU_NORMALIZE_H

#include "Epilogue.h"
#include "TileView.h"

namespace gn {

/// Stores the mean and the reciprocal deviation of a group, whose statistics
/// are `merged`, if they are asked for.
void saveStatistics(KernelBuilder &b, const KernelPlan &p, mlir::Value merged,
                    Index group);

/// The same of a group without elements.
void saveNoStatistics(KernelBuilder &b, Index group);

class Normalizer {
public:
  /// Prepares scale and bias from the statistics of the tile's groups, a
  /// threadgroup buffer that all threads may read now. Has a barrier, which all
  /// threads must reach.
  Normalizer(KernelBuilder &b, const KernelPlan &p, TileView &tile,
             Helpers &helpers, mlir::Value groupStatistics);

  /// What the items of this thread have in common; before any `emit`, in a
  /// place that every emit is in.
  void loadCommon();
  /// Normalizes one item, whose elements are `value`, and stores it in y.
  void emit(Index item, mlir::Value value);

private:
  /// y = (x - mean) * scale + bias; a scalar, or one for each lane.
  struct Parameters {
    mlir::Value mean, scale, bias;
  };
  /// scale and bias of a feature counted in the tile.
  std::pair<mlir::Value, mlir::Value> computeScale(Index feature);
  void fillTable();
  Parameters getParameters(Index item);
  mlir::Value loadMean();

  KernelBuilder &b;
  const KernelPlan &p;
  TileView &tile;
  EpilogueEmitter epilogue;
  mlir::Value statistics;
  mlir::Value scaleTable, biasTable;
  mlir::Value mean;
  std::optional<Parameters> common;
};

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOGPU_NORMALIZE_H
