//===- Epilogue.h - What follows the normalization --------------*- C++ -*-===//

#ifndef GROUPNORM_LIB_CONVERSION_GNTOGPU_EPILOGUE_H
#define GROUPNORM_LIB_CONVERSION_GNTOGPU_EPILOGUE_H

#include "Helpers.h"
#include "TileView.h"
#include "mlir/IR/IRMapping.h"

namespace gn {

/// The name of the kernels' argument that is an epilogue input.
std::string getEpilogueInputName(int64_t input);

class EpilogueEmitter {
public:
  EpilogueEmitter(KernelBuilder &b, const KernelPlan &p, TileView &tile,
                  Helpers &helpers)
      : b(b), p(p), tile(tile), helpers(helpers) {}

  /// Loads what is the same for all items of this thread, before any `emit`.
  void loadCommon();
  /// The elements of y for an item whose normalized elements, in f32, are
  /// `normalized`: what the epilogue says, or these rounded if there is none.
  mlir::Value emit(Index item, mlir::Value normalized);

private:
  /// The elements of an epilogue input that belong to an item's.
  mlir::Value load(int64_t input, Index item);
  /// `op` of the epilogue on vectors of an item's lanes.
  void clone(mlir::Operation &op, mlir::IRMapping &mapping);
  mlir::Type widen(mlir::Type scalar);

  KernelBuilder &b;
  const KernelPlan &p;
  TileView &tile;
  Helpers &helpers;
  llvm::SmallVector<mlir::Value> common; // an input each; null if items differ
};

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOGPU_EPILOGUE_H
