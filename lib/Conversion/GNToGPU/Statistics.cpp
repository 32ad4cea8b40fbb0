//===- Statistics.cpp - A thread's statistics of its items ----------------===//

#include "Statistics.h"

using namespace mlir;
using namespace gn;

Value gn::createValuesBuffer(KernelBuilder &b, const KernelPlan &p,
                             int64_t rounds) {
  return b.privateBuffer("values", rounds, b.floatType(p.vector));
}

ThreadStatistics::ThreadStatistics(KernelBuilder &b, const KernelPlan &p,
                                   TileView &tile, Helpers &helpers,
                                   bool startsEmpty)
    : b(b), p(p), tile(tile), helpers(helpers) {
  VectorType type = Helpers::getStatisticsType(b.getContext());
  int64_t lanes = p.lanesApart();
  sets = b.privateBuffer("statistics", lanes == 1 ? 0 : lanes, type);
  if (!startsEmpty)
    return;
  forEachSet([&](Index lane) { put(lane, b.constant(0, type), true); });
}

void ThreadStatistics::forEachSet(function_ref<void(Index)> body) {
  b.forLoop("component", b.index(0), b.index(p.lanesApart()), b.index(1), body);
}

Value ThreadStatistics::get(Index lane) {
  if (p.lanesApart() == 1)
    return b.loadElement(sets);
  return b.loadElement(sets, {lane});
}

void ThreadStatistics::put(Index lane, Value block, bool isFirst) {
  Value merged = isFirst ? block : helpers.merge(get(lane), block);
  if (p.lanesApart() == 1)
    b.storeElement(merged, sets);
  else
    b.storeElement(merged, sets, {lane});
}

void ThreadStatistics::addBlock(Value x, Index item, int64_t rounds,
                                Value values, int64_t slot, bool isFirst,
                                std::optional<Index> present) {
  Type type = b.floatType(p.vector);
  Index zero = b.index(0), one = b.index(1), count = b.index(rounds);
  Value nothing = b.constant(0, type);

  Value only; // of one item
  Value total = b.forLoop(
      "i", zero, count, one, {{"total", nothing}},
      [&](Index i, ValueRange carried) -> SmallVector<Value> {
        auto loadItem = [&] {
          Index place =
              tile.offsetOf(item + i * p.itemsPerRound).named("place");
          return b.named(b.load(x, place, p.vector), "value");
        };
        only = present ? b.ifElse("value", i < *present, loadItem, nothing)
                       : loadItem();
        if (values)
          b.storeElement(only, values, {i + slot});
        return {rounds == 1 ? only : b.add(carried[0], only)};
      },
      "items in registers, and their mean")[0];
  if (p.uniformLanes)
    total = helpers.sumLanes(total);
  int64_t perItem = p.uniformLanes ? p.vector : 1, elements = rounds * perItem;
  Value elementCount = present ? b.named(b.toFloat(*present * perItem), "count")
                               : b.constant(elements, b.floatType(1));
  if (elements == 1) {
    // Each element is a set of its own. Lanes are told apart in private memory.
    if (values && p.lanesApart() > 1)
      total = b.named(b.loadElement(values, {b.index(slot)}), "last");
    Value none = b.constant(0, b.floatType(1));
    forEachSet([&](Index lane) {
      put(lane, b.pack({elementCount, b.extract(total, lane), none, none}),
          isFirst);
    });
    return;
  }

  Value share =
      present ? b.broadcast(b.div(b.constant(1, b.floatType(1)), elementCount),
                            p.uniformLanes ? 1 : p.vector)
              : b.constant(1.0 / elements, total.getType());
  Value shift = b.named(b.mul(total, share), "shift");
  // One shift for all lanes, or one a lane.
  Value shifts = p.uniformLanes ? b.broadcast(shift, p.vector) : shift;
  SmallVector<Value> sums = b.forLoop(
      "i", zero, count, one, {{"sum", nothing}, {"squares", nothing}},
      [&](Index i, ValueRange carried) -> SmallVector<Value> {
        Value value = rounds == 1 ? only : b.loadElement(values, {i + slot});
        Value deviation = b.named(b.sub(value, shifts), "deviation");
        if (present)
          deviation =
              b.named(b.select(i < *present, deviation, nothing), "deviation");
        if (rounds == 1)
          return {deviation, b.mul(deviation, deviation)};
        return {b.add(carried[0], deviation),
                b.fma(deviation, deviation, carried[1])};
      },
      "deviations from that mean");
  if (p.uniformLanes)
    sums = {helpers.sumLanes(sums[0]), helpers.sumLanes(sums[1])};
  forEachSet([&](Index lane) {
    put(lane,
        helpers.fromSums(elementCount, b.extract(shift, lane),
                         b.extract(sums[0], lane), b.extract(sums[1], lane)),
        isFirst);
  });
}

void ThreadStatistics::addAll(Value x, Index begin) {
  int64_t chunk = p.schedule.getChunk();
  int64_t chunkItems = chunk * p.itemsPerRound;
  // Whole chunks first; every thread has as many of them.
  Index whole = begin + (tile.end - begin) / chunkItems * chunkItems;
  if (!whole.getConstant())
    whole.named("whole");
  Value values = createValuesBuffer(b, p, chunk);
  b.forLoop(
      "item", begin, whole, b.index(chunkItems),
      [&](Index item) {
        addBlock(x, (item + tile.first).named("first_item"), chunk, values);
      },
      "statistics, by chunks");
  if (tile.end.getConstant() && whole.is(*tile.end.getConstant()))
    return;
  b.forLoop(
      "item", whole + tile.first, tile.end, b.index(p.itemsPerRound),
      [&](Index item) { addBlock(x, item, 1, /*values=*/{}); },
      "statistics, by items");
}
