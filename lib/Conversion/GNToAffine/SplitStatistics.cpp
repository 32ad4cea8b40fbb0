//===- SplitStatistics.cpp - Statistics across work items -----------------===//

#include "SplitStatistics.h"
#include "Statistics.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace gn;

void SplitStatistics::emit() {
  partialMean = allocate(/*ofPieces=*/true);
  partialM2 = allocate(/*ofPieces=*/true);
  RoleScope role(b, "statistics");
  b.workItems(p.samples, p.pieces, p.schedule.getParallel(),
              [&](AffineIndex sample, AffineIndex piece) {
                LaneStatistics lanes = emitLaneStatistics(b, p, sample, piece);
                emitLaneMerge(
                    b, p, piece, lanes,
                    {partialMean, partialM2, nullptr, {sample, piece}});
              });
  if (p.pieces.getConstant() == 1)
    return;
  mean = allocate(/*ofPieces=*/false);
  m2 = allocate(/*ofPieces=*/false);
  RoleScope mergeRole(b, "merge");
  b.forLoop(p.samples, 1, [&](AffineIndex sample) {
    emitPieceMerge(b, p, {partialMean, partialM2, nullptr, {sample}},
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
Value SplitStatistics::allocate(bool ofPieces) {
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
