//===- SelectSchedule.cpp - The policy: which schedule for which shape ----===//

#include "CPUPolicy.h"
#include "OptionRange.h"
#include "groupnorm/Dialect/GN/Transforms/Passes.h"
#include "groupnorm/Dialect/GN/Transforms/ScheduleFile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

namespace gn {
#define GEN_PASS_DEF_GNSELECTSCHEDULEPASS
#include "groupnorm/Dialect/GN/Transforms/Passes.h.inc"
} // namespace gn

using namespace mlir;
using namespace gn;

/// Whether the epilogue of `op`, if it has one, takes much more than a few
/// instructions a vector.
template <typename OpTy> static bool hasCostlyEpilogue(OpTy op) {
  if constexpr (std::is_same_v<OpTy, GroupStatsOp>)
    return false;
  else
    return op.hasEpilogue() &&
           llvm::any_of(*op.getEpilogueBlock(), [](Operation &inner) {
             return isa<arith::DivFOp, math::ExpOp, math::TanhOp, math::ErfOp>(
                 inner);
           });
}

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
  shape.areBF16 = x.getElementType().isBF16();
  if constexpr (!std::is_same_v<OpTy, GroupStatsOp>)
    shape.areBF16 &= getElementTypeOrSelf(op.getInit()).isBF16();
  shape.groups = op.getNumGroups();
  shape.featuresLast = op.getFeatureDimension() == x.getRank() - 1;
  shape.contiguousGroups = shape.featuresLast && !op.isInterleaved() &&
                           shape.groups != shape.features;
  shape.wholeOp = std::is_same_v<OpTy, GroupNormOp>;
  shape.computes = hasCostlyEpilogue(op);
  if constexpr (!std::is_same_v<OpTy, GroupStatsOp>)
    for (size_t i = 0; i < op.getEpilogueInputs().size(); ++i) {
      AffineMap map = op.getEpilogueMap(i);
      shape.readsInputs |= map.isIdentity();
      shape.gathers |=
          getEpilogueAccess(map, /*firstRunDim=*/1, op.getFeatureDimension()) ==
          EpilogueAccess::Gather;
    }
  if (op.getFeatureDimension() == 1 && !op.isInterleaved())
    shape.runFeatures = shape.features / shape.groups;
  return shape;
}

/// Whether vectors are taken in pairs. Those of 256 bits, which are x86's, have
/// no instruction that converts bf16, and halves of 128 bits, across which
/// packing in order costs one more; those of 512 bits have both instructions in
/// most processors, and those of 128 bits are packed in order as cheaply.
static bool choosePairs(const CPUProblem &shape, const CPUTarget &target) {
  return shape.areBF16 && shape.featuresLast && target.vectorBits == 256;
}

std::string gn::formatSize(int64_t bytes) {
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
  int64_t vector = std::max<int64_t>(
      1, target.vectorBits / shape.computeType.getIntOrFloatBitWidth());
  // Two accumulators and a shift for each vector of a block, or its three
  // parameters, and room to work in.
  int64_t mostBlock = target.getVectorRegisters() / 4;
  int64_t flatten = chooseFlatten(shape, vector, mostBlock);
  int64_t rows = shape.positions / flatten;
  bool pairs = choosePairs(shape, target);
  int64_t workers = threads != 0 ? threads : std::max<int64_t>(2, target.cores);
  WorkItems items = chooseItems(shape, target, workers, flatten);
  llvm::append_range(choice.reasons, items.reasons);
  bool inSample = items.areSamples();
  int64_t lanes = (shape.featuresLast ? shape.features : 1) * flatten;
  int64_t wholeRowSize = lanes * shape.elementSize;
  if (items.tile != 0)
    lanes = lanes / shape.groups * items.tile;
  int64_t rowSize = lanes * shape.elementSize;
  // What comes from memory in columns is followed better in narrow ones.
  if (items.isTileKept)
    mostBlock /= 2;
  // Blocks of about one size: a last one of a single vector would wait for its
  // own sums.
  int64_t vectors = llvm::divideCeil(lanes, vector);
  int64_t block =
      llvm::divideCeil(vectors, llvm::divideCeil(vectors, mostBlock));
  // From so many sixteenths of the last level on, y would push x out of it, and
  // itself before it is used. Several cores bear more misses; one bears fewer
  // where its stores come in bands, which no prefetcher follows. No bit of the
  // result hangs on it.
  bool inBands = shape.featuresLast && wholeRowSize > kWideRow;
  int64_t leastStreamed = threads != 1 ? 6 : inBands ? 3 : 4;
  bool stream = shape.getSize() >= target.l3Size / 16 * leastStreamed;
  // Beside a slow last level, y goes into a cache only if it stays in the
  // second one, or if that has room for y of a sample beside x. Then lines of y
  // come from memory unless they have been used lately, which one core alone
  // does not bear.
  bool isSlow = isLastLevelSlow(shape, target);
  bool streamsFromL2 =
      isSlow && shape.featuresLast && !stream &&
      (shape.getSize() > target.l2Size
           ? inSample || items.keepsPart
           : threads == 1 && (items.keepsPart || items.isTileKept));
  stream |= streamsFromL2;
  bool bothInL2 = isSlow && inSample && stream && threads > 1 &&
                  !items.isTileKept && items.size <= target.l2Size / 5 * 2 &&
                  shape.getSize() <= target.l3Size;
  // So are those of pieces, where there are threads enough.
  int64_t spreadSize = workers * (target.l2Size / 5 * 2);
  bool isSpread = isSlow && shape.featuresLast && !inSample && workers > 1 &&
                  shape.getSize() > target.l2Size &&
                  (items.areCut || shape.getSize() <= spreadSize);
  stream &= !bothInL2 && !isSpread;
  StringRef item = items.tile != 0      ? "tile"
                   : shape.featuresLast ? "sample"
                                        : "group";
  if (bothInL2)
    because("stores through the cache: x and y of a {0} of {1} fit the L2 "
            "cache of {2}",
            item, formatSize(items.size), formatSize(target.l2Size));
  else if (isSpread)
    because("stores through the cache: x has {0}, which the L2 caches of {1} "
            "for {2} threads have room for beside y",
            formatSize(shape.getSize()), formatSize(target.l2Size), workers);
  else if (streamsFromL2)
    because("streaming stores: x has {0}, more than {1}the L2 cache of {2}, "
            "which is large beside a slow last level",
            formatSize(shape.getSize()),
            shape.getSize() > target.l2Size ? "" : "4/5 of ",
            formatSize(target.l2Size));
  else
    because("{0}: x has {1}, {2} than {3}/16 of the last-level cache of {4}",
            stream ? "streaming stores" : "stores through the cache",
            formatSize(shape.getSize()), stream ? "not less" : "less",
            leastStreamed, formatSize(target.l3Size));

  Pieces pieces =
      choosePieces(shape, target, items, rows, wholeRowSize, stream, workers);
  Sweeps sweeps =
      chooseSweeps(shape, target,
                   {rowSize, vector * shape.elementSize,
                    mostBlock * vector * shape.elementSize, inSample, stream,
                    bothInL2 || isSpread, items.isTileKept,
                    items.keepsPart ? 0 : pieces.piece});
  auto describe = [](LoopOrder order, int64_t inFlight,
                     int64_t apart = 1) -> std::string {
    StringRef name = stringifyLoopOrder(order);
    if (inFlight == 1)
      return name.str();
    if (apart == 1)
      return llvm::formatv("{0}, {1} together", name, inFlight);
    return llvm::formatv("{0}, {1} together, {2} apart", name, inFlight, apart);
  };
  because("statistics by {0}; normalization by {1}",
          describe(sweeps.order, sweeps.rows),
          describe(sweeps.applyOrder, sweeps.applyRows, sweeps.applyApart));
  if (sweeps.band != 0)
    because("by bands of {0}: of a row of {1} more is kept than the "
            "first-level cache holds",
            formatSize(sweeps.band * vector * shape.elementSize),
            formatSize(rowSize));

  // A slab of the first-level cache makes room for the next as it is used.
  constexpr int64_t kFirstLevel = 32 << 10;
  if (!shape.featuresLast)
    sweeps.applyNext = inSample && stream && items.size <= kFirstLevel / 5 * 4;

  bool isOneItem = inSample && items.number == 1;
  bool parallel = threads != 1 && shape.getSize() > kParallelSize && !isOneItem;
  // What a core has kept it takes first, if it is known to have read it itself.
  // Of what it has kept all of, as of a piece that is all it has, the order is
  // nothing to it.
  int64_t shares = 0, ofSample = 1;
  if (items.keepsPart && stream && items.mayBePieces() && parallel &&
      pieces.piece != 0) {
    int64_t inFlight = pieces.span != 0 ? pieces.span : shape.samples;
    ofSample = std::min(llvm::divideCeil(workers, inFlight),
                        llvm::divideCeil(rows, pieces.piece));
    if (ofSample * pieces.piece < rows ||
        items.size / ofSample > getMostInL2(target))
      shares = threads == 0 ? CPUScheduleAttr::kPerThread
                            : std::min(ofSample, CPUScheduleAttr::kMostShares);
  }
  bool backwards = (items.keepsPart && stream && sweeps.band == 0 &&
                    (inSample || !parallel || shares != 0)) ||
                   items.isTileKept;
  if (isSpread ||
      (ofSample > 1 && items.size / ofSample <= getMostInL2(target)))
    sweeps.applyPrefetch = 0;
  std::string l2Size = formatSize(target.l2Size);
  if (items.isTileKept)
    because("normalization backwards: the L2 cache of {0} has the end of a "
            "tile of {1}",
            l2Size, formatSize(items.size));
  else if (backwards && shares < 0)
    because("normalization backwards: the L2 cache of {0} has the end of a "
            "share, one for each thread of a sample of {1}",
            l2Size, formatSize(items.size));
  else if (backwards)
    because("normalization backwards: the L2 cache of {0} has the end of {1} "
            "of {2}",
            l2Size, shares == 0 ? "a sample" : "a share",
            formatSize(items.size / std::max<int64_t>(1, shares)));
  if (threads == 1)
    because("serial: one thread");
  else if (isOneItem)
    because("serial: one {0}", item);
  else
    because("{0}: x has {1}, {2} than {3}", parallel ? "parallel" : "serial",
            formatSize(shape.getSize()), parallel ? "more" : "not more",
            formatSize(kParallelSize));
  if (pieces.span != 0 && !inSample && items.keepsPart)
    because("{0} of {1} samples at a time: the L2 cache keeps a part of each",
            pieces.span, shape.samples);
  else if (pieces.span != 0 && !inSample)
    because("{0} of {1} samples at a time: the last-level cache of {2} does "
            "not hold x",
            pieces.span, shape.samples, formatSize(target.l3Size));
  choice.schedule = CPUScheduleAttr::get(
      context, items.strategy, items.tile, vector, pairs, block, sweeps.order,
      sweeps.rows, sweeps.prefetch, sweeps.prefetchAgain, sweeps.band,
      sweeps.applyOrder, sweeps.applyRows, sweeps.applyApart,
      sweeps.applyPrefetch, sweeps.applyAgain, sweeps.applyNext, backwards,
      pieces.chunk, pieces.piece, shares, pieces.span, flatten, stream,
      parallel);
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
    for (const auto *option : {&vectorBits, &l2Size, &l3Size, &threads, &cores})
      if (failed(checkRange(context, *option, 0)))
        return failure();
    // A quarter of them makes up a register block.
    if (vectorRegisters != 0 &&
        failed(checkRange(context, vectorRegisters, 8, 128)))
      return failure();
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
    WalkResult result = getOperation()->walk([&](Operation *op) {
      if (op->hasAttr(GNDialect::kScheduleAttrName) ||
          !isa<GroupNormOp, GroupStatsOp, GroupNormalizeOp>(op))
        return WalkResult::advance();
      ScheduleAttrInterface schedule = select(op);
      if (!schedule)
        return WalkResult::interrupt();
      op->setAttr(GNDialect::kScheduleAttrName, schedule);
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

private:
  /// Null, after a diagnostic, where no schedule suits the CPU described.
  ScheduleAttrInterface select(Operation *op) {
    if (schedules) {
      if (CPUScheduleAttr schedule = schedules->lookup(op))
        return schedule;
      op->emitWarning() << "'" << scheduleFile << "' has no schedule for "
                        << ScheduleKey::get(op).describe() << ": one is chosen";
    }
    CPUTarget target{vectorBits, l2Size, l3Size, vectorRegisters, cores};
    target.complete(getSpecifiedCPUTarget(op));
    target.complete(getHostCPUTarget());
    constexpr int64_t kLeastBits = 64, kMostBits = 2048;
    if (!llvm::isPowerOf2_64(target.vectorBits) ||
        target.vectorBits < kLeastBits || target.vectorBits > kMostBits) {
      op->emitOpError() << "has no schedule for vectors of "
                        << target.vectorBits
                        << " bits: their width must be a power of two in ["
                        << kLeastBits << ", " << kMostBits << "]";
      return {};
    }
    return chooseCPUSchedule(op, target, threads).schedule;
  }

  std::shared_ptr<const ScheduleFile> schedules;
};
} // namespace
