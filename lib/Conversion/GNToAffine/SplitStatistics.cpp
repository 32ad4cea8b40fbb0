//===- SplitStatistics.cpp - Statistics across work items -----------------===//

#include "SplitStatistics.h"
#include "Statistics.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace gn;

void SplitStatistics::allocate() {
  partialMean = allocateBuffer(/*ofPieces=*/true);
  partialM2 = allocateBuffer(/*ofPieces=*/true);
  if (p.pieces.getConstant() == 1)
    return;
  mean = allocateBuffer(/*ofPieces=*/false);
  m2 = allocateBuffer(/*ofPieces=*/false);
}

void SplitStatistics::emit(AffineIndex first, ArrayRef<AffineIndex> count) {
  RoleScope role(b, "statistics");
  auto emitPiece = [&](AffineIndex sample, AffineIndex piece) {
    LaneStatistics lanes = emitLaneStatistics(b, p, sample, piece);
    emitLaneMerge(b, p, piece, lanes,
                  {partialMean, partialM2, nullptr, {sample, piece}});
  };
  b.workItems(count, p.getItems(), p.schedule.getParallel(),
              [&](AffineIndex offset, AffineIndex item) {
                AffineIndex sample = first + offset;
                if (!p.hasShares())
                  return emitPiece(sample, p.pieceOf(item));
                b.forRange(
                    p.firstPieceOf(item), p.firstPieceOf(item + 1),
                    [&](AffineIndex piece) { emitPiece(sample, piece); });
              });
  if (!mean)
    return;
  RoleScope mergeRole(b, "merge");
  b.forLoop(count, 1, [&](AffineIndex offset) {
    AffineIndex sample = first + offset;
    emitPieceMerges(b, p, {partialMean, partialM2, nullptr, {sample}},
                    of(sample));
  });
}

GroupStatistics SplitStatistics::of(AffineIndex sample) {
  if (!mean)
    return {partialMean, partialM2, nullptr, {sample, b.index(0)}};
  return {mean, m2, nullptr, {sample}};
}

void SplitStatistics::release() {
  for (Value buffer : buffers)
    memref::DeallocOp::create(b, buffer);
}

/// A buffer of shape [N, (pieces,) G].
Value SplitStatistics::allocateBuffer(bool ofPieces) {
  SmallVector<int64_t> shape;
  SmallVector<Value> sizes;
  auto append = [&](AffineIndex size) {
    shape.push_back(size.getConstant().value_or(ShapedType::kDynamic));
    if (!size.getConstant())
      sizes.push_back(b.materialize(size));
  };
  append(p.samples);
  if (ofPieces)
    append(p.pieces);
  append(b.index(p.groups));
  buffers.push_back(memref::AllocOp::create(
      b, MemRefType::get(shape, p.statsType), sizes, b.getI64IntegerAttr(64)));
  return buffers.back();
}
