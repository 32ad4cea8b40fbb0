//===- Kernels.cpp - The kernels of the strategies ------------------------===//

#include "Kernels.h"
#include "Merge.h"
#include "Normalize.h"
#include "Statistics.h"
#include "TileView.h"

using namespace mlir;
using namespace gn;

/// Merges a tile's statistics within its threadgroup and leaves them in
/// threadgroup memory, for all threads to read.
static Value mergeIntoThreadgroup(KernelBuilder &b, const KernelPlan &p,
                                  TileView &tile, Helpers &helpers,
                                  ThreadStatistics &statistics) {
  Value groupStatistics =
      b.threadgroupBuffer("group_statistics", p.tileGroups,
                          Helpers::getStatisticsType(b.getContext()));
  emitThreadgroupMerge(
      b, p, tile, helpers, statistics, [&](Index group, Value merged) {
        b.storeElement(merged, groupStatistics, {group});
        saveStatistics(b, p, merged,
                       tile.sample * p.groups + tile.firstGroup + group);
      });
  b.barrier();
  return groupStatistics;
}

/// Normalizes the items of the threadgroup from `begin` on, reading them again.
static void normalizeFrom(KernelBuilder &b, const KernelPlan &p, TileView &tile,
                          Normalizer &normalizer, Index begin) {
  Value x = b.getArgument("x");
  b.forLoop(
      "item", begin + tile.first, tile.end, b.index(p.itemsPerRound),
      [&](Index item) {
        Index place = tile.offsetOf(item).named("place");
        normalizer.emit(item, b.load(x, place, p.vector));
      },
      "normalize");
}

void gn::emitSingleKernel(KernelBuilder &b, const KernelPlan &p,
                          Helpers &helpers) {
  TileView tile(b, p);
  Value x = b.getArgument("x");
  // Every active thread has an item in each full round, some have one more.
  int64_t rounds = *p.rounds(), fullRounds = *p.items / p.itemsPerRound;
  Value values = createValuesBuffer(b, p, rounds);
  Index lastItem = tile.first + fullRounds * p.itemsPerRound;
  auto ifLast = [&](function_ref<void()> body) {
    if (rounds > fullRounds)
      b.ifThen(b.named(lastItem < tile.end, "has_last"), body);
  };

  ThreadStatistics statistics(b, p, tile, helpers,
                              /*startsEmpty=*/tile.isActive || fullRounds == 0);
  b.ifThen(
      tile.isActive,
      [&] {
        if (fullRounds > 0)
          statistics.addBlock(x, tile.first, fullRounds, values, /*slot=*/0,
                              /*isFirst=*/true);
        ifLast([&] {
          statistics.addBlock(x, lastItem, 1, values, /*slot=*/fullRounds,
                              /*isFirst=*/fullRounds == 0);
        });
      },
      "statistics");

  Normalizer normalizer(b, p, tile, helpers,
                        mergeIntoThreadgroup(b, p, tile, helpers, statistics));
  b.ifThen(tile.isActive, [&] {
    normalizer.loadCommon();
    b.forLoop(
        "i", b.index(0), b.index(fullRounds), b.index(1),
        [&](Index i) {
          normalizer.emit(tile.first + i * p.itemsPerRound,
                          b.loadElement(values, {i}));
        },
        "normalize");
    ifLast([&] {
      normalizer.emit(lastItem, b.loadElement(values, {b.index(fullRounds)}));
    });
  });
}

void gn::emitLoopedKernel(KernelBuilder &b, const KernelPlan &p,
                          Helpers &helpers) {
  TileView tile(b, p);
  Value x = b.getArgument("x");
  int64_t keep = p.schedule.getKeep();
  Index begin = tile.begin, kept = b.index(0);
  Value values;
  if (keep > 0) {
    values = b.privateBuffer("kept", keep, b.floatType(p.vector));
    begin = b.min(b.index(keep * p.itemsPerRound), tile.end).named("rest");
    kept = ((begin + (p.itemsPerRound - 1) - tile.first) / p.itemsPerRound)
               .named("kept_items");
  }
  ThreadStatistics statistics(b, p, tile, helpers);
  b.ifThen(tile.isActive, [&] {
    if (keep > 0)
      b.ifThen(
          tile.first < begin,
          [&] {
            statistics.addBlock(x, tile.first, keep, values, /*slot=*/0,
                                /*isFirst=*/true, kept);
          },
          "statistics of what stays in registers");
    statistics.addAll(x, begin);
  });
  Normalizer normalizer(b, p, tile, helpers,
                        mergeIntoThreadgroup(b, p, tile, helpers, statistics));
  b.ifThen(tile.isActive, [&] {
    normalizer.loadCommon();
    b.forLoop(
        "i", b.index(0), b.index(keep), b.index(1),
        [&](Index i) {
          b.ifThen(i < kept, [&] {
            normalizer.emit(tile.first + i * p.itemsPerRound,
                            b.loadElement(values, {i}));
          });
        },
        "normalize what is in registers");
    normalizeFrom(b, p, tile, normalizer, begin);
  });
}

void gn::emitStatisticsKernel(KernelBuilder &b, const KernelPlan &p,
                              Helpers &helpers, Size pieces) {
  TileView tile(b, p);
  ThreadStatistics statistics(b, p, tile, helpers);
  b.ifThen(tile.isActive,
           [&] { statistics.addAll(b.getArgument("x"), tile.begin); });
  Index pieceCount =
      pieces ? b.index(*pieces) : b.index(b.getArgument(kPiecesName));
  emitThreadgroupMerge(
      b, p, tile, helpers, statistics, [&](Index group, Value merged) {
        Index inX = tile.sample * p.groups + tile.firstGroup + group;
        b.storeElement(merged, b.getArgument("partial"),
                       {inX * pieceCount + tile.piece});
      });
}

void gn::emitMergeKernel(KernelBuilder &b, const KernelPlan &p,
                         Helpers &helpers, Size pieces) {
  // One simdgroup for each sample and group.
  Index group = b.blockIndex(gpu::Dimension::x, "group");
  Index lane = b.lane().named("lane");
  Index pieceCount =
      pieces ? b.index(*pieces) : b.index(b.getArgument(kPiecesName));
  Value merged =
      emitSimdgroupMerge(b, helpers, pieceCount, lane, [&](Index piece) {
        return b.loadElement(b.getArgument("partial"),
                             {group * pieceCount + piece});
      });
  b.ifThen(lane == 0, [&] {
    b.storeElement(merged, b.getArgument("statistics"), {group});
    saveStatistics(b, p, merged, group);
  });
}

void gn::emitNormalizeKernel(KernelBuilder &b, const KernelPlan &p,
                             Helpers &helpers) {
  TileView tile(b, p);
  // Read once a threadgroup.
  Value groupStatistics =
      b.threadgroupBuffer("group_statistics", p.tileGroups,
                          Helpers::getStatisticsType(b.getContext()));
  auto readGroup = [&](Index group) {
    Index inX = tile.sample * p.groups + tile.firstGroup + group;
    b.storeElement(b.loadElement(b.getArgument("statistics"), {inX}),
                   groupStatistics, {group});
  };
  if (p.tileGroups == 1)
    b.ifThen(tile.thread == 0, [&] { readGroup(b.index(0)); });
  else if (p.tileGroups <= p.threads)
    b.ifThen(tile.thread < b.index(p.tileGroups),
             [&] { readGroup(tile.thread); });
  else
    b.forLoop("group", tile.thread, b.index(p.tileGroups), b.index(p.threads),
              readGroup);
  b.barrier();
  Normalizer normalizer(b, p, tile, helpers, groupStatistics);
  b.ifThen(tile.isActive, [&] {
    normalizer.loadCommon();
    normalizeFrom(b, p, tile, normalizer, tile.begin);
  });
}

void gn::emitEmptyKernel(KernelBuilder &b, const KernelPlan &p) {
  Index sample = b.blockIndex(gpu::Dimension::z, "sample");
  Index group =
      b.blockIndex(gpu::Dimension::x, "block") * p.threads + b.threadIndex();
  group.named("group");
  b.ifThen(group < b.index(p.groups),
           [&] { saveNoStatistics(b, sample * p.groups + group); });
}
