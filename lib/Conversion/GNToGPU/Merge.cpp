//===- Merge.cpp - From threads' statistics to groups' --------------------===//
//
// Threads leave their sets in threadgroup memory; then each simdgroup takes a
// group, its lanes merge that group's sets in a fixed order, and the lanes are
// merged by exchanges. The order depends on the schedule alone.
//
//===----------------------------------------------------------------------===//

#include "Merge.h"

using namespace mlir;
using namespace gn;

Value gn::emitSimdgroupMerge(KernelBuilder &b, Helpers &helpers, Index count,
                             Index lane, function_ref<Value(Index)> load) {
  Value empty = b.constant(0, Helpers::getStatisticsType(b.getContext()));
  Value ofLane;
  if (count.is(32))
    ofLane = b.named(load(lane), "of_lane");
  else if (count.getConstant() && *count.getConstant() < 32)
    ofLane =
        b.ifElse("of_lane", lane < count, [&] { return load(lane); }, empty);
  else
    ofLane = b.forLoop("i", lane, count, b.index(32), {{"of_lane", empty}},
                       [&](Index i, ValueRange carried) -> SmallVector<Value> {
                         return {helpers.merge(carried[0], load(i))};
                       })[0];
  return b.named(helpers.mergeSimdgroup(ofLane), "merged");
}

/// Where set number `i` of a group lies among those of the threadgroup, which
/// are kept as a matrix: a row of them for each row of threads.
static Index positionOfSet(KernelBuilder &b, const KernelPlan &p, Index group,
                           Index i) {
  if (p.tileGroups == 1)
    return i;
  if (p.interleaved)
    return i * p.tileGroups + group;
  int64_t ofGroup = p.groupWidth * p.lanesApart() / p.vector;
  return i / ofGroup * (ofGroup * p.tileGroups) + group * ofGroup + i % ofGroup;
}

void gn::emitThreadgroupMerge(KernelBuilder &b, const KernelPlan &p,
                              TileView &tile, Helpers &helpers,
                              ThreadStatistics &statistics,
                              function_ref<void(Index, Value)> store) {
  Index zero = b.index(0), one = b.index(1);
  Index lane = b.lane().named("lane"),
        simdgroup = b.simdgroup().named("simdgroup");
  Value partial =
      b.threadgroupBuffer("shared_statistics", p.partialCount(),
                          Helpers::getStatisticsType(b.getContext()));

  if (p.mergesInSimdgroups()) {
    Index place = simdgroup * p.lanesApart();
    if (p.lanesApart() > 1)
      place.named("first_set");
    b.forLoop(
        "component", zero, b.index(p.lanesApart()), one,
        [&](Index i) {
          Value merged = b.named(helpers.mergeSimdgroup(statistics.get(i)),
                                 "of_simdgroup");
          b.ifThen(lane == 0,
                   [&] { b.storeElement(merged, partial, {place + i}); });
        },
        "merge, within simdgroups");
  } else {
    b.ifThen(tile.isActive, [&] {
      Index place = tile.thread * p.lanesApart();
      if (p.lanesApart() > 1)
        place.named("first_set");
      b.forLoop(
          "component", zero, b.index(p.lanesApart()), one,
          [&](Index i) {
            b.storeElement(statistics.get(i), partial, {place + i});
          },
          "each thread's statistics, for all to see");
    });
  }
  b.barrier();

  // Every lane of a simdgroup takes the same path.
  auto mergeGroup = [&](Index group) {
    int64_t sets = p.partialCount() / p.tileGroups;
    Value merged =
        emitSimdgroupMerge(b, helpers, b.index(sets), lane, [&](Index i) {
          return b.loadElement(partial, {positionOfSet(b, p, group, i)});
        });
    b.ifThen(lane == 0, [&] { store(group, merged); });
  };
  int64_t simdgroups = p.threads / 32;
  if (p.tileGroups == 1)
    b.ifThen(simdgroup == 0, [&] { mergeGroup(zero); }, "merge");
  else if (p.tileGroups <= simdgroups)
    b.ifThen(
        simdgroup < b.index(p.tileGroups), [&] { mergeGroup(simdgroup); },
        "merge");
  else
    b.forLoop("group", simdgroup, b.index(p.tileGroups), b.index(simdgroups),
              mergeGroup, "merge");
}
