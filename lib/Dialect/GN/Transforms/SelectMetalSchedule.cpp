//===- SelectMetalSchedule.cpp - The policy for Metal GPUs ----------------===//
//
// For static sizes: tries the schedules that could be good and keeps the one
// whose estimated time is least.
//
//===----------------------------------------------------------------------===//

#include "MetalPolicy.h"
#include "OptionRange.h"
#include "groupnorm/Dialect/GN/Transforms/Passes.h"
#include <limits>

namespace gn {
#define GEN_PASS_DEF_GNSELECTMETALSCHEDULEPASS
#include "groupnorm/Dialect/GN/Transforms/Passes.h.inc"
} // namespace gn

using namespace mlir;
using namespace gn;

/// Rounds of a piece, at most: the fewer blocks a thread merges one after
/// another, the less their roundings add up.
static constexpr int64_t kLongestPiece = 256;
/// `plan`'s schedule with pieces that fill the GPU a few times over, or at
/// least once or so.
static SmallVector<MetalScheduleAttr> withPieces(const KernelPlan &plan,
                                                 const MetalTarget &target,
                                                 const MetalSizes &sizes) {
  MetalScheduleAttr s = plan.schedule;
  double rounds = countItems(plan, sizes) / plan.itemsPerRound;
  double tiles = sizes.samples * double(plan.tiles);
  double resident = target.cores * kResidentThreads / plan.threads;
  SmallVector<MetalScheduleAttr> schedules;
  for (double times : {4.0, 2.0, 1.0, 0.5}) {
    int64_t piece =
        llvm::alignTo(static_cast<int64_t>(rounds * tiles / (times * resident)),
                      s.getChunk());
    piece = std::clamp<int64_t>(piece, s.getChunk(), kLongestPiece);
    schedules.push_back(MetalScheduleAttr::get(
        s.getContext(), MetalStrategy::Split, s.getThreads(), s.getVector(),
        s.getGroups(), s.getChunk(), /*keep=*/0, piece));
  }
  return schedules;
}

/// The schedule for an op of static sizes; null if none serves it.
static MetalScheduleAttr choose(GroupNormOp op, const MetalTarget &target) {
  MetalScheduleAttr best;
  double least = std::numeric_limits<double>::infinity();
  auto sizesOf = [](const KernelPlan &plan) {
    return MetalSizes{double(*plan.samples), double(*plan.before),
                      double(*plan.after)};
  };
  auto consider = [&](MetalScheduleAttr schedule) {
    FailureOr<KernelPlan> plan = KernelPlan::create(op, schedule);
    if (failed(plan) || plan->threadgroupBytes() > target.threadgroupMemory)
      return;
    double cost = estimate(*plan, target, sizesOf(*plan)).time;
    // The first of equals stays, so the choice is one.
    if (!best || cost < least) {
      best = schedule;
      least = cost;
    }
  };
  int64_t numGroups = op.getNumGroups();
  int64_t threadLimit =
      std::clamp<int64_t>(target.maxThreads / 32 * 32, 32, 1024);
  for (int64_t groups = 1; groups <= numGroups; ++groups) {
    if (numGroups % groups != 0)
      continue;
    for (int64_t threads = threadLimit; threads >= 32; threads -= 32) {
      auto get = [&](MetalStrategy strategy) {
        return MetalScheduleAttr::get(op.getContext(), strategy, threads,
                                      /*vector=*/4, groups, /*chunk=*/8,
                                      /*keep=*/0, /*piece=*/64);
      };
      consider(get(MetalStrategy::Single));
      consider(get(MetalStrategy::Looped));
      if (FailureOr<KernelPlan> plan =
              KernelPlan::create(op, get(MetalStrategy::Split));
          succeeded(plan))
        for (MetalScheduleAttr schedule :
             withPieces(*plan, target, sizesOf(*plan)))
          consider(schedule);
    }
  }
  return best;
}

namespace {

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
      if (isa_and_nonnull<MetalScheduleAttr, MetalAlternativesAttr>(
              op->getAttr(GNDialect::kScheduleAttrName)))
        return;
      MetalTarget target{cores, maxThreads, threadgroupMemory};
      Attribute schedule = op.getXType().hasStaticShape()
                               ? choose(op, target)
                               : chooseMetalAlternatives(op, target);
      if (schedule)
        op->setAttr(GNDialect::kScheduleAttrName, schedule);
    });
  }
};

} // namespace
