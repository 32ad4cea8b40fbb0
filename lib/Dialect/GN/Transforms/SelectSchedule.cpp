//===- SelectSchedule.cpp - The policy: which schedule for which shape ----===//

#include "groupnorm/Dialect/GN/Transforms/CPUTarget.h"
#include "groupnorm/Dialect/GN/Transforms/Passes.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

namespace gn {
#define GEN_PASS_DEF_GNSELECTSCHEDULEPASS
#include "groupnorm/Dialect/GN/Transforms/Passes.h.inc"
} // namespace gn

using namespace mlir;
using namespace gn;

namespace {

/// The shape of a problem, as far as the policy looks at it. What is dynamic is
/// taken to be large.
struct Shape {
  int64_t samples, positions, features;
  int64_t elementSize; // bytes
  Type computeType;

  int64_t getSampleSize() const { return positions * features * elementSize; }
  int64_t getSize() const { return samples * getSampleSize(); }
};

struct GNSelectSchedule : gn::impl::GNSelectSchedulePassBase<GNSelectSchedule> {
  using GNSelectSchedulePassBase::GNSelectSchedulePassBase;

  void runOnOperation() override {
    getOperation()->walk([&](Operation *op) {
      if (op->hasAttr(GNDialect::kScheduleAttrName))
        return;
      if (auto norm = dyn_cast<GroupNormOp>(op))
        select(norm);
      else if (auto stats = dyn_cast<GroupStatsOp>(op))
        select(stats);
      else if (auto normalize = dyn_cast<GroupNormalizeOp>(op))
        select(normalize);
    });
  }

private:
  template <typename OpTy>
  void select(OpTy op);
  CPUScheduleAttr choose(const Shape &shape, const CPUTarget &target,
                         bool wholeOp);
};

} // namespace

template <typename OpTy>
void GNSelectSchedule::select(OpTy op) {
  CPUTarget target{vectorBits, l2Size, l3Size};
  target.complete(getSpecifiedCPUTarget(op));
  target.complete(getHostCPUTarget());

  ShapedType x = op.getXType();
  auto sizeOr = [&](int64_t dim, int64_t large) {
    return x.isDynamicDim(dim) ? large : x.getDimSize(dim);
  };
  Shape shape;
  shape.samples = sizeOr(0, 16);
  shape.positions = 1;
  for (int64_t dim = 1; dim < x.getRank(); ++dim)
    if (dim != op.getFeatureDimension())
      shape.positions *= sizeOr(dim, 1024);
  shape.features = op.getNumFeatures();
  shape.elementSize = x.getElementTypeBitWidth() / 8;
  shape.computeType = op.getComputeType();
  op->setAttr(GNDialect::kScheduleAttrName,
              choose(shape, target, std::is_same_v<OpTy, GroupNormOp>));
}

/// Spatial positions that make up one row: with few features, as many as fill
/// whole vectors, and a few of those.
static int64_t chooseFlatten(const Shape &shape, int64_t vector) {
  constexpr int64_t kEnoughFeatures = 128;
  if (shape.features >= kEnoughFeatures)
    return 1;
  int64_t flatten = vector / std::gcd(shape.features, vector);
  while (flatten * shape.features < 4 * vector)
    flatten *= 2;
  return std::clamp<int64_t>(flatten, 1, std::min<int64_t>(64, std::max<int64_t>(1, shape.positions)));
}

CPUScheduleAttr GNSelectSchedule::choose(const Shape &shape,
                                         const CPUTarget &target,
                                         bool wholeOp) {
  // Below this, starting threads costs more than it gains.
  constexpr int64_t kParallelSize = 256 << 10;
  // Work items of a large tensor: enough for any number of cores, yet each
  // large against what a work item costs.
  constexpr int64_t kWorkItems = 32;
  constexpr int64_t kWorkItemSize = 256 << 10;

  int64_t vector =
      std::max<int64_t>(1, target.vectorBits /
                               shape.computeType.getIntOrFloatBitWidth());
  int64_t flatten = chooseFlatten(shape, vector);
  int64_t rows = shape.positions / flatten;
  int64_t rowSize = shape.features * flatten * shape.elementSize;
  constexpr int64_t kChunk = 64, kRows = 8;

  bool fitsL2 = shape.getSampleSize() <= target.l2Size / 2;
  bool beyondCache = shape.getSize() > target.l3Size / 4;
  CPUStrategy strategy =
      wholeOp && fitsL2 && (shape.samples > 1 || shape.getSize() < kParallelSize)
          ? CPUStrategy::Sample
          : CPUStrategy::Split;
  LoopOrder order = fitsL2 ? LoopOrder::Blocks : LoopOrder::Rows;
  int64_t applyRows = beyondCache && !fitsL2 ? 8 : fitsL2 ? 4 : 1;

  int64_t piece = 0;
  if (strategy == CPUStrategy::Split && rows > kChunk) {
    int64_t items = llvm::divideCeil(kWorkItems, std::max<int64_t>(1, shape.samples));
    piece = std::max(llvm::divideCeil(rows, items),
                     llvm::divideCeil(kWorkItemSize, rowSize));
    piece = llvm::alignTo(piece, kChunk);
  }
  return CPUScheduleAttr::get(
      &getContext(), strategy, vector, /*block=*/4, order, kRows,
      /*prefetch=*/beyondCache ? 8 : 0, order, applyRows,
      /*apply_prefetch=*/beyondCache && !fitsL2 ? 8 : 0, kChunk, piece, flatten,
      /*stream=*/beyondCache,
      /*parallel=*/threads != 1 && shape.getSize() > kParallelSize);
}
