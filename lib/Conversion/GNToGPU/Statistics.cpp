//===- Statistics.cpp - A thread's statistics of its items ----------------===//

#include "Statistics.h"

using namespace mlir;
using namespace gn;

Value gn::createValuesBuffer(KernelBuilder &b, const KernelPlan &p,
                             int64_t rounds) {
  return b.privateBuffer("values", rounds, b.floatType(p.vector));
}

ThreadStatistics::ThreadStatistics(KernelBuilder &b, const KernelPlan &p,
                                   TileView &tile, Helpers &helpers)
    : b(b), p(p), tile(tile), helpers(helpers) {
  VectorType type = Helpers::getStatisticsType(b.getContext());
  int64_t lanes = p.lanesApart();
  sets = b.privateBuffer("statistics", lanes == 1 ? 0 : lanes, type);
  b.forLoop("lane", b.index(0), b.index(lanes), b.index(1), [&](Index lane) {
    ValueRange position = lanes == 1 ? ValueRange() : ValueRange(lane);
    b.storeElement(b.constant(0, type), sets, position);
  });
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
                                Value values, int64_t slot, bool isFirst) {
  Type type = b.floatType(p.vector);
  Index zero = b.index(0), one = b.index(1), count = b.index(rounds);
  // 0 + value for the first of one.
  auto sum = [&](Value total, Value value) {
    return rounds == 1 ? value : b.add(total, value);
  };

  Value total =
      b.forLoop("i", zero, count, one, {{"total", b.constant(0, type)}},
                [&](Index i, ValueRange carried) -> SmallVector<Value> {
                  Index place = item + i * p.itemsPerRound;
                  Value value =
                      b.named(b.load(x, tile.offsetOf(place), p.vector),
                              "value");
                  b.storeElement(value, values, {i + slot});
                  return {sum(carried[0], value)};
                })[0];
  int64_t elements = rounds * (p.uniformLanes ? p.vector : 1);
  if (p.uniformLanes)
    total = b.sumLanes(total);
  Value shift = total;
  if (elements > 1)
    shift = b.named(
        b.mul(total, b.constant(1.0 / elements, total.getType())), "shift");
  // One shift for all lanes, or one a lane.
  Value shifts = p.uniformLanes ? b.broadcast(shift, p.vector) : shift;

  SmallVector<Value> sums = b.forLoop(
      "i", zero, count, one,
      {{"sum", b.constant(0, type)}, {"squares", b.constant(0, type)}},
      [&](Index i, ValueRange carried) -> SmallVector<Value> {
        Value deviation = b.named(
            b.sub(b.loadElement(values, {i + slot}), shifts), "deviation");
        return {sum(carried[0], deviation),
                b.fma(deviation, deviation, carried[1])};
      });

  Value elementCount = b.constant(elements, b.floatType(1));
  if (p.uniformLanes) {
    put(zero,
        helpers.fromSums(elementCount, shift, b.sumLanes(sums[0]),
                         b.sumLanes(sums[1])),
        isFirst);
    return;
  }
  b.forLoop("lane", zero, b.index(p.vector), one, [&](Index lane) {
    put(lane,
        helpers.fromSums(elementCount, b.extract(shift, lane),
                         b.extract(sums[0], lane), b.extract(sums[1], lane)),
        isFirst);
  });
}

void ThreadStatistics::addAll(Value x) {
  int64_t chunk = p.schedule.getChunk();
  int64_t chunkItems = chunk * p.itemsPerRound;
  Value values = createValuesBuffer(b, p, chunk);
  // Whole chunks first; every thread has as many of them.
  Index whole = tile.end;
  if (!tile.begin.is(0))
    whole = tile.begin + (tile.end - tile.begin) / chunkItems * chunkItems;
  else
    whole = tile.end / chunkItems * chunkItems;
  if (!whole.getConstant())
    whole.named("whole");
  b.forLoop(
      "item", tile.begin, whole, b.index(chunkItems),
      [&](Index item) { addBlock(x, item + tile.first, chunk, values); },
      "statistics");
  bool isRest = tile.end.getConstant() && whole.getConstant() &&
                *tile.end.getConstant() == *whole.getConstant();
  if (isRest)
    return;
  b.forLoop(
      "item", whole + tile.first, tile.end, b.index(p.itemsPerRound),
      [&](Index item) { addBlock(x, item, 1, values); }, "statistics");
}
