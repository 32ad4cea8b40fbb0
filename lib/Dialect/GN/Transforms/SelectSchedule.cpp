//===- SelectSchedule.cpp - The policy: which schedule for which shape ----===//

#include "CPUPolicy.h"
#include "groupnorm/Dialect/GN/Transforms/Passes.h"
#include "groupnorm/Dialect/GN/Transforms/ScheduleFile.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

namespace gn {
#define GEN_PASS_DEF_GNSELECTSCHEDULEPASS
#include "groupnorm/Dialect/GN/Transforms/Passes.h.inc"
} // namespace gn

using namespace mlir;
using namespace gn;

template <typename OpTy> static CPUProblem getProblem(OpTy op) {
  ShapedType x = op.getXType();
  CPUProblem shape;
  shape.dynamicSamples = x.isDynamicDim(0);
  shape.samples = shape.dynamicSamples ? 1 : x.getDimSize(0);
  shape.positions = 1;
  for (int64_t dim = 1; dim < x.getRank(); ++dim) {
    if (dim == op.getFeatureDimension())
      continue;
    shape.positions *= x.isDynamicDim(dim) ? 1 : x.getDimSize(dim);
    shape.dynamicPositions |= x.isDynamicDim(dim);
  }
  shape.features = op.getNumFeatures();
  shape.elementSize = x.getElementTypeBitWidth() / 8;
  shape.computeType = op.getComputeType();
  shape.groups = op.getNumGroups();
  shape.featuresLast = op.getFeatureDimension() == x.getRank() - 1;
  shape.wholeOp = std::is_same_v<OpTy, GroupNormOp>;
  return shape;
}

/// Spatial positions that make up one row. With features last: one, or with few
/// features as many as fill whole vectors, and a few of those. Otherwise: a few
/// vectors.
static int64_t chooseFlatten(const CPUProblem &shape, int64_t vector) {
  constexpr int64_t kEnoughFeatures = 128;
  int64_t flatten = 4 * vector;
  if (shape.featuresLast) {
    if (shape.features >= kEnoughFeatures)
      return 1;
    flatten = vector / std::gcd(shape.features, vector);
    while (flatten * shape.features < 4 * vector)
      flatten *= 2;
  }
  int64_t most =
      shape.dynamicPositions ? 64 : std::max<int64_t>(1, shape.positions);
  // A row of whole vectors, where there are any.
  if (!shape.featuresLast && most > vector)
    most -= most % vector;
  return std::min<int64_t>({flatten, most, 64});
}

/// "1.5 MiB".
static std::string formatSize(int64_t bytes) {
  constexpr int64_t kMiB = 1 << 20, kKiB = 1 << 10;
  return bytes >= kMiB ? llvm::formatv("{0:f1} MiB", double(bytes) / kMiB)
                       : llvm::formatv("{0:f1} KiB", double(bytes) / kKiB);
}

CPUScheduleChoice gn::choose(MLIRContext *context, const CPUProblem &shape,
                             const CPUTarget &target, int64_t threads) {
  CPUScheduleChoice choice;
  auto because = [&](const char *format, auto... values) {
    choice.reasons.push_back(llvm::formatv(format, values...));
  };
  // Below this, starting threads costs more than it gains.
  constexpr int64_t kParallelSize = 256 << 10;
  // Work items of a large tensor: enough for any number of cores, yet each
  // large against what a work item costs.
  constexpr int64_t kWorkItems = 32;
  constexpr int64_t kWorkItemSize = 256 << 10;

  int64_t vector = std::max<int64_t>(
      1, target.vectorBits / shape.computeType.getIntOrFloatBitWidth());
  int64_t flatten = chooseFlatten(shape, vector);
  int64_t rows = shape.positions / flatten;
  int64_t rowSize =
      (shape.featuresLast ? shape.features : 1) * flatten * shape.elementSize;
  // Short enough that squares of magnitude 1e36 do not overflow f32.
  constexpr int64_t kChunk = 64;

  // What one work item of strategy `sample` covers, and how many there are.
  int64_t itemSize = shape.getSampleSize(), items = shape.samples;
  if (!shape.featuresLast) {
    itemSize /= shape.groups;
    items *= shape.groups;
  }
  bool itemFitsL2 = itemSize <= target.l2Size / 5 * 4;
  // Beyond this, y would push x out of the cache, and itself before it is used.
  bool stream = shape.getSize() >= target.l3Size / 16 * 3;
  CPUStrategy strategy = shape.wholeOp && itemFitsL2 &&
                                 (items > 1 || shape.getSize() < kParallelSize)
                             ? CPUStrategy::Sample
                             : CPUStrategy::Split;
  StringRef item = shape.featuresLast ? "sample" : "group";
  std::string fits = llvm::formatv(
      "a {0} of {1} {2} 4/5 of the L2 cache of {3}", item, formatSize(itemSize),
      itemFitsL2 ? "fits" : "exceeds", formatSize(target.l2Size));
  if (strategy == CPUStrategy::Sample)
    because("strategy sample: {0}, so x is read from memory once", fits);
  else if (!shape.wholeOp)
    because("strategy split: one half of the operator alone");
  else if (itemFitsL2)
    because("strategy split: {0}, but it is the only one and threads pay",
            fits);
  else
    because("strategy split: {0}", fits);
  because("{0}: x has {1}, {2} than 3/16 of the last-level cache of {3}",
          stream ? "streaming stores" : "stores through the cache",
          formatSize(shape.getSize()), stream ? "not less" : "less",
          formatSize(target.l3Size));

  // In the cache, accumulators and parameters belong in registers. From memory,
  // rows in order are what prefetchers follow, unless a row's accumulators
  // outgrow the first-level cache.
  constexpr int64_t kWideRow = 8 << 10;
  bool wideRows = strategy == CPUStrategy::Sample && rowSize >= kWideRow;
  LoopOrder order = !stream || wideRows ? LoopOrder::Blocks : LoopOrder::Rows;
  LoopOrder applyOrder = stream ? LoopOrder::Rows : LoopOrder::Blocks;
  // Two rows a page apart would wait for each other: a load looks like one of
  // the store before it.
  constexpr int64_t kAliasing = 4 << 10;
  int64_t applyRows = !stream && rowSize % kAliasing != 0 ? 2 : 1;

  int64_t piece = 0;
  if (strategy == CPUStrategy::Split && rows > kChunk) {
    // Segments of one feature are many work items already.
    int64_t wholes = std::max<int64_t>(
        1, shape.samples * (shape.featuresLast ? 1 : shape.features));
    // How many pieces a dynamic size makes is not known: none is large.
    piece = llvm::divideCeil(kWorkItemSize, rowSize);
    if (!shape.dynamicPositions && !shape.dynamicSamples)
      piece = std::max<int64_t>(
          piece, llvm::divideCeil(rows, llvm::divideCeil(kWorkItems, wholes)));
    piece = llvm::alignTo(piece, kChunk);
  }
  bool parallel = threads != 1 && shape.getSize() > kParallelSize;
  if (threads == 1)
    because("serial: one thread");
  else
    because("{0}: x has {1}, {2} than {3}", parallel ? "parallel" : "serial",
            formatSize(shape.getSize()), parallel ? "more" : "not more",
            formatSize(kParallelSize));
  choice.schedule = CPUScheduleAttr::get(
      context, strategy, vector, /*block=*/8, order, /*prefetch=*/0, applyOrder,
      applyRows,
      /*apply_prefetch=*/stream && strategy == CPUStrategy::Split ? 1 : 0,
      kChunk, piece, flatten, stream, parallel);
  return choice;
}

CPUScheduleChoice gn::chooseCPUSchedule(Operation *op, const CPUTarget &target,
                                        int64_t threads) {
  CPUProblem problem = llvm::TypeSwitch<Operation *, CPUProblem>(op)
                           .Case<GroupNormOp, GroupStatsOp, GroupNormalizeOp>(
                               [](auto op) { return getProblem(op); });
  if (problem.dynamicSamples || problem.dynamicPositions)
    return chooseAlternatives(op->getContext(), problem, target, threads);
  return choose(op->getContext(), problem, target, threads);
}

namespace {
struct GNSelectSchedule : gn::impl::GNSelectSchedulePassBase<GNSelectSchedule> {
  using GNSelectSchedulePassBase::GNSelectSchedulePassBase;

  LogicalResult initialize(MLIRContext *context) override {
    if (scheduleFile.empty())
      return success();
    llvm::Expected<ScheduleFile> file =
        ScheduleFile::read(scheduleFile, context);
    if (!file)
      return emitError(UnknownLoc::get(context))
             << llvm::toString(file.takeError());
    schedules = std::make_shared<const ScheduleFile>(std::move(*file));
    return success();
  }

  void runOnOperation() override {
    getOperation()->walk([&](Operation *op) {
      if (!op->hasAttr(GNDialect::kScheduleAttrName) &&
          isa<GroupNormOp, GroupStatsOp, GroupNormalizeOp>(op))
        op->setAttr(GNDialect::kScheduleAttrName, select(op));
    });
  }

private:
  ScheduleAttrInterface select(Operation *op) {
    if (schedules) {
      if (CPUScheduleAttr schedule = schedules->lookup(op))
        return schedule;
      op->emitWarning() << "'" << scheduleFile << "' has no schedule for "
                        << ScheduleKey::get(op).describe() << ": one is chosen";
    }
    CPUTarget target{vectorBits, l2Size, l3Size};
    target.complete(getSpecifiedCPUTarget(op));
    target.complete(getHostCPUTarget());
    return chooseCPUSchedule(op, target, threads).schedule;
  }

  std::shared_ptr<const ScheduleFile> schedules;
};
} // namespace
