//===- SelectMetalSchedule.cpp - The policy for Metal GPUs ----------------===//
//
// Tries the schedules that could be good and keeps the one whose estimated time
// is least. What a schedule means for an op, and whether kernels can serve it,
// the KernelPlan says; here are only the weights.
//
//===----------------------------------------------------------------------===//

#include "OptionRange.h"
#include "groupnorm/Dialect/GN/Transforms/Passes.h"
#include "groupnorm/Dialect/GN/Utils/KernelPlan.h"

namespace gn {
#define GEN_PASS_DEF_GNSELECTMETALSCHEDULEPASS
#include "groupnorm/Dialect/GN/Transforms/Passes.h.inc"
} // namespace gn

using namespace mlir;
using namespace gn;

// Of Apple's GPUs, roughly; only their proportions matter.
static constexpr double kResidentThreads = 1024; // of a core, with registers
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
/// Rounds of a piece, at most: the fewer blocks a thread merges one after
/// another, the less their roundings add up.
static constexpr int64_t kLongestPiece = 256;
/// What may be moved beside x and y, in parts of these, and beyond one reading
/// of gamma and beta a sample: it takes the room of other data in the caches.
/// More than that is a last resort.
static constexpr double kBesideLimit = 0.018;
static constexpr double kBesidePenalty = 4;

namespace {

struct Candidate {
  MetalScheduleAttr schedule;
  double cost;
};

struct GNSelectMetalSchedule
    : gn::impl::GNSelectMetalSchedulePassBase<GNSelectMetalSchedule> {
  using GNSelectMetalSchedulePassBase::GNSelectMetalSchedulePassBase;

  LogicalResult initialize(MLIRContext *context) override {
    // A simdgroup, and what Metal allows.
    return success(succeeded(checkRange(context, maxThreads, 32, 1024)) &&
                   succeeded(checkRange(context, threadgroupMemory, 0)) &&
                   succeeded(checkRange(context, cores, 1, 1 << 16)));
  }

  void runOnOperation() override {
    getOperation()->walk([&](GroupNormOp op) {
      if (isa_and_nonnull<MetalScheduleAttr>(
              op->getAttr(GNDialect::kScheduleAttrName)))
        return;
      if (std::optional<Candidate> best = choose(op))
        op->setAttr(GNDialect::kScheduleAttrName, best->schedule);
    });
  }

private:
  std::optional<Candidate> choose(GroupNormOp op);
  double estimate(const KernelPlan &plan);
  SmallVector<MetalScheduleAttr> withPieces(const KernelPlan &plan);
};

} // namespace

/// What is dynamic is taken to be of this size.
static constexpr int64_t kTypicalPositions = 32 * 32;

static double itemsOf(const KernelPlan &plan) {
  if (plan.items)
    return *plan.items;
  double elements = double(plan.groupWidth) *
                    plan.before.value_or(kTypicalPositions) *
                    plan.after.value_or(1);
  return plan.map == KernelPlan::Map::Slab
             ? elements / plan.vector
             : elements / plan.groupWidth * plan.rowSplit;
}

/// The time of the kernels of `plan`, in bytes that the GPU moves meanwhile.
double GNSelectMetalSchedule::estimate(const KernelPlan &plan) {
  auto bytesOf = [](Value value) {
    return cast<ShapedType>(value.getType()).getElementTypeBitWidth() / 8.0;
  };
  double xBytes = bytesOf(plan.op.getX()), yBytes = bytesOf(plan.op.getInit());
  double items = itemsOf(plan);
  double tiles = plan.samples.value_or(1) * double(plan.tiles);
  double elements = tiles * items *
                    (plan.map == KernelPlan::Map::Rows ? double(plan.tileWidth)
                                                       : double(plan.vector));

  // Elements that lie next to each other, and the lines that they touch.
  double run = plan.map == KernelPlan::Map::Slab
                   ? plan.inner.value_or(kTypicalPositions)
               : plan.tiles == 1  ? plan.features
               : plan.interleaved ? plan.tileGroups
                                  : plan.tileWidth;
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
  double resident = kResidentThreads;
  if (isSingle && *plan.rounds() * plan.vector > kComfortableFloats)
    resident /= 2;
  // Memory is nearly as busy with half of the threads that fit.
  double slots = cores * std::max(1.0, std::floor(resident / plan.threads));
  double groups = tiles * pieces;
  double waves = std::ceil(groups / slots);
  double busyCores = groups * plan.threads /
                     (waves * cores * std::max<double>(resident, plan.threads));
  double busy = busyCores * busyThreads * work;
  double busyMemory = 1.25 * busy / (busy + 0.25);

  double reads = isSingle ? 1 : 2;
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
    affineBytes = plan.samples.value_or(1) * double(plan.features) * both;
  }
  if (isSplit)
    besideBytes += groups * plan.tileGroups * 16 * 3;
  double cost =
      (dataBytes + besideBytes) / (lineShare * loadShare * busyMemory) +
      kernels * (kKernelBytes + groups * plan.threads * kThreadBytes);
  bool isMuch = besideBytes - affineBytes > kBesideLimit * dataBytes;
  return isMuch ? cost * kBesidePenalty : cost;
}

/// `plan`'s schedule with pieces that fill the GPU a few times over, or at
/// least once or so.
SmallVector<MetalScheduleAttr>
GNSelectMetalSchedule::withPieces(const KernelPlan &plan) {
  MetalScheduleAttr s = plan.schedule;
  double rounds = itemsOf(plan) / plan.itemsPerRound;
  double tiles = plan.samples.value_or(1) * double(plan.tiles);
  double resident = cores * kResidentThreads / plan.threads;
  SmallVector<MetalScheduleAttr> schedules;
  for (double times : {4.0, 2.0, 1.0, 0.5}) {
    int64_t piece =
        llvm::alignTo(static_cast<int64_t>(rounds * tiles / (times * resident)),
                      s.getChunk());
    piece = std::clamp<int64_t>(piece, s.getChunk(), kLongestPiece);
    schedules.push_back(MetalScheduleAttr::get(
        s.getContext(), MetalStrategy::Split, s.getThreads(), s.getVector(),
        s.getGroups(), s.getChunk(), piece));
  }
  return schedules;
}

std::optional<Candidate> GNSelectMetalSchedule::choose(GroupNormOp op) {
  std::optional<Candidate> best;
  auto consider = [&](MetalScheduleAttr schedule) {
    FailureOr<KernelPlan> plan = KernelPlan::create(op, schedule);
    if (failed(plan) || plan->threadgroupBytes() > threadgroupMemory)
      return;
    double cost = estimate(*plan);
    // The first of equals stays, so the choice is one.
    if (!best || cost < best->cost)
      best = Candidate{schedule, cost};
  };
  int64_t numGroups = op.getNumGroups();
  int64_t threadLimit = std::clamp<int64_t>(maxThreads / 32 * 32, 32, 1024);
  for (int64_t groups = 1; groups <= numGroups; ++groups) {
    if (numGroups % groups != 0)
      continue;
    for (int64_t threads = threadLimit; threads >= 32; threads -= 32) {
      auto get = [&](MetalStrategy strategy) {
        return MetalScheduleAttr::get(op.getContext(), strategy, threads,
                                      /*vector=*/4, groups, /*chunk=*/8,
                                      /*piece=*/64);
      };
      consider(get(MetalStrategy::Single));
      consider(get(MetalStrategy::Looped));
      if (FailureOr<KernelPlan> plan =
              KernelPlan::create(op, get(MetalStrategy::Split));
          succeeded(plan))
        for (MetalScheduleAttr schedule : withPieces(*plan))
          consider(schedule);
    }
  }
  return best;
}
