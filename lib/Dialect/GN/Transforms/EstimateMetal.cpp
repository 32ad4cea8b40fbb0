//===- EstimateMetal.cpp - What kernels cost on a GPU ---------------------===//
//
// The bytes moved, in the lines of memory that they lie in, divided by the
// share of the GPU that is busy, and a fixed time for each kernel. What a
// schedule means for an op the KernelPlan says; here are only the weights.
//
//===----------------------------------------------------------------------===//

#include "MetalPolicy.h"
#include <cmath>

using namespace mlir;
using namespace gn;

// Of Apple's GPUs, roughly; only their proportions matter.
static constexpr double kLineBytes = 128;
static constexpr double kCacheBytes = 8 * 1024 * 1024; // of the last level
/// What a GPU could have moved while one kernel starts.
static constexpr double kKernelBytes = 128 * 1024;
/// What it could have moved while one thread starts.
static constexpr double kThreadBytes = 4;
/// Floats of x in a thread's registers beyond which fewer threads are resident.
static constexpr int64_t kComfortableFloats = 64;
/// Rounds of work that a threadgroup's barriers and merges take.
static constexpr double kMergeRounds = 2;
/// What may be moved beside x and y, in parts of these, and beyond one reading
/// of gamma and beta a sample: it takes the room of other data in the caches.
/// More than that is a last resort.
static constexpr double kBesideLimit = 0.018;
static constexpr double kBesidePenalty = 4;

MetalSizes MetalSizes::create(const KernelPlan &plan, double samples,
                              double positions) {
  if (plan.after)
    return {samples, positions / std::max<double>(1, *plan.after),
            double(*plan.after)};
  // Where both are dynamic, one is as good a guess as another.
  double before =
      plan.before ? std::max<double>(1, *plan.before) : std::sqrt(positions);
  return {samples, before, positions / before};
}

double gn::countItems(const KernelPlan &plan, const MetalSizes &sizes) {
  return plan.map == KernelPlan::Map::Slab
             ? plan.groupWidth * sizes.before * sizes.after / plan.vector
             : sizes.before * plan.rowSplit;
}

/// Elements of a tile that lie next to each other.
static double getRun(const KernelPlan &plan, const MetalSizes &sizes) {
  if (plan.map == KernelPlan::Map::Rows)
    return plan.tiles == 1    ? plan.features
           : plan.interleaved ? plan.tileGroups
                              : plan.tileWidth;
  if (plan.interleaved)
    return sizes.after;
  return plan.groups == 1 ? sizes.before * sizes.after * plan.features
                          : sizes.after * plan.groupWidth;
}

MetalEstimate gn::estimate(const KernelPlan &plan, const MetalTarget &target,
                           const MetalSizes &sizes) {
  auto bytesOf = [](Value value) {
    return cast<ShapedType>(value.getType()).getElementTypeBitWidth() / 8.0;
  };
  double xBytes = bytesOf(plan.op.getX()), yBytes = bytesOf(plan.op.getInit());
  double items = countItems(plan, sizes);
  double tiles = sizes.samples * double(plan.tiles);
  double elements = tiles * items *
                    (plan.map == KernelPlan::Map::Rows ? double(plan.tileWidth)
                                                       : double(plan.vector));

  // Elements that lie next to each other, and the lines that they touch.
  double run = getRun(plan, sizes);
  double runBytes = run * xBytes;
  double lineShare = runBytes / (runBytes + kLineBytes / 2);
  // Neighbouring tiles use the rest of a line while it is in the cache.
  if (elements * xBytes <= kCacheBytes)
    lineShare = std::max(lineShare, 0.4);
  // Idle threads cost little, and narrow loads take more instructions for the
  // same bytes.
  double loadShare = plan.vector * xBytes >= 8   ? 1
                     : plan.vector * xBytes >= 4 ? 0.9
                                                 : 0.75;

  bool isSplit = plan.isSplit();
  double piece = double(plan.schedule.getPiece()) * plan.itemsPerRound;
  double pieces = isSplit ? std::ceil(items / piece) : 1;
  double itemsHere = std::min(items, isSplit ? piece : items);
  double rounds = std::ceil(itemsHere / plan.itemsPerRound);
  double busyThreads = itemsHere / (rounds * plan.itemsPerRound) *
                       plan.activeThreads() / plan.threads;
  double work = rounds / (rounds + kMergeRounds);
  loadShare *= 0.9 + 0.1 * busyThreads;

  bool isSingle = plan.schedule.getStrategy() == MetalStrategy::Single;
  int64_t keep = plan.schedule.getKeep();
  int64_t floats = plan.vector * (isSingle   ? *plan.rounds()
                                  : keep > 0 ? keep + plan.schedule.getChunk()
                                             : 0);
  double resident = kResidentThreads;
  if (floats > kComfortableFloats)
    resident /= 2;
  // Memory is nearly as busy with half of the threads that fit.
  double slots =
      target.cores * std::max(1.0, std::floor(resident / plan.threads));
  double groups = tiles * pieces;
  double waves = std::ceil(groups / slots);
  double busyCores =
      groups * plan.threads /
      (waves * target.cores * std::max<double>(resident, plan.threads));
  double busy = busyCores * busyThreads * work;
  double busyMemory = 1.25 * busy / (busy + 0.25);

  double kept = std::min(1.0, keep * plan.itemsPerRound / items);
  double reads = isSingle ? 1 : 2 - kept;
  double kernels = isSplit ? 3 : 1;
  double dataBytes = elements * (reads * xBytes + yBytes);
  for (auto [i, input] : llvm::enumerate(plan.epilogueInputs))
    if (input.isFull)
      dataBytes += elements * bytesOf(plan.op.getEpilogueInputs()[i]);
  // What is moved beside x and y: gamma and beta, and in `split` a set of
  // statistics, written and read, for each group of a piece.
  double besideBytes = 0, affineBytes = 0; // the latter once a sample
  if (plan.affine) {
    double both = bytesOf(plan.op.getGamma()) + bytesOf(plan.op.getBeta());
    bool readsOnce = plan.hasTable() || plan.fixedFeatures();
    besideBytes +=
        readsOnce ? groups * plan.tableSize() * both : elements * both;
    affineBytes = sizes.samples * double(plan.features) * both;
  }
  if (isSplit)
    besideBytes += groups * plan.tileGroups * 16 * 3;
  double cost =
      (dataBytes + besideBytes) / (lineShare * loadShare * busyMemory) +
      kernels * (kKernelBytes + groups * plan.threads * kThreadBytes);
  bool isMuch = besideBytes - affineBytes > kBesideLimit * dataBytes;
  return {isMuch ? cost * kBesidePenalty : cost, dataBytes};
}
