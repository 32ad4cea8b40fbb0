//===- TileView.cpp - Where a thread stands in its tile -------------------===//

#include "TileView.h"

using namespace mlir;
using namespace gn;

/// A size as a constant, or the kernel's argument that holds it.
static Index sizeOf(KernelBuilder &b, Size size, StringRef argument) {
  return size ? b.index(*size) : b.index(b.getArgument(argument));
}

TileView::TileView(KernelBuilder &b, const KernelPlan &p)
    : thread(b.threadIndex()),
      sample(b.blockIndex(gpu::Dimension::z, "sample")),
      firstGroup(p.tiles == 1
                     ? b.index(0)
                     : b.index(gpu::BlockIdOp::create(b, gpu::Dimension::x)) *
                           p.tileGroups),
      firstFeature(p.interleaved ? firstGroup : firstGroup * p.groupWidth),
      piece(b.index(0)), begin(b.index(0)), end(b.index(0)), first(b.index(0)),
      b(b), p(p), before(sizeOf(b, p.before, kBeforeName)),
      after(sizeOf(b, p.after, kAfterName)), items(b.index(0)),
      column(b.index(0)), start(b.index(0)), inner(b.index(0)) {
  firstGroup.named(p.tileGroups == 1 ? "group" : "first_group");
  if (!p.interleaved && p.groupWidth != 1)
    firstFeature.named("first_feature");
  if (p.map == KernelPlan::Map::Rows)
    startRows();
  else
    startSlab();

  end = items;
  if (p.isSplit()) {
    piece = b.blockIndex(gpu::Dimension::y, "piece");
    int64_t pieceItems = p.schedule.getPiece() * p.itemsPerRound;
    begin = (piece * pieceItems).named("begin");
    end = b.min(begin + pieceItems, items).named("end");
  }
}

void TileView::startRows() {
  if (p.activeThreads() < p.threads)
    isActive = b.named(thread < b.index(p.activeThreads()), "is_active");
  column = (thread % p.columns * p.vector).named("column");
  first = thread / p.columns;
  if (p.columns > 1)
    first.named("row");
  items = before * p.rowSplit;

  Index tile = sample * (before * p.features);
  if (!p.interleaved)
    start = tile + firstFeature + column;
  else if (p.tileGroups == p.groups)
    start = tile + column;
  else
    start = tile + firstGroup + column / p.tileGroups * p.groups +
            column % p.tileGroups;
  start.named("offset");
}

void TileView::startSlab() {
  first = thread;
  Index outer = b.index(1);
  if (p.interleaved) {
    outer = before * p.groupWidth;
    inner = after;
  } else if (p.groups == 1) {
    inner = before * after * p.features;
  } else {
    outer = before;
    inner = after * p.groupWidth;
  }
  if (!inner.getConstant())
    inner.named("run");
  items = outer * (inner / p.vector);
  if (!items.getConstant())
    items.named("items");
  start = (sample * (outer * inner * p.groups) + firstGroup * inner)
              .named("offset");
}

std::pair<Index, Index> TileView::placeInSlab(Index item) {
  if (p.outer == 1)
    return {b.index(0), item * p.vector};
  Index perRun = inner / p.vector;
  return {item / perRun, item % perRun * p.vector};
}

Index TileView::offsetOf(Index item) {
  if (p.map == KernelPlan::Map::Rows)
    return start + item * (p.features / p.rowSplit);
  auto [run, element] = placeInSlab(item);
  return start + run * (inner * p.groups) + element;
}

Index TileView::groupOfLane(int64_t lane) {
  if (p.tileGroups == 1)
    return b.index(0);
  if (!p.interleaved)
    return (column + lane) / p.groupWidth;
  // `column` is a multiple of the vector: lanes wrap around all together.
  if (p.tileGroups == p.vector)
    return b.index(lane);
  if (p.tileGroups % p.vector == 0)
    return (column % p.tileGroups).named("column_group") + lane;
  return (column + lane) % p.tileGroups;
}

SmallVector<Index> TileView::featuresOf(Index item) {
  SmallVector<Index> features;
  if (p.map == KernelPlan::Map::Rows) {
    Index part = item % p.rowSplit * p.tileWidth;
    for (int64_t lane = 0; lane < p.vector; ++lane)
      features.push_back(part + column + lane);
    return features;
  }
  auto [run, element] = placeInSlab(item);
  if (p.interleaved)
    return {run % p.groupWidth};
  bool isOne = p.after && *p.after % p.vector == 0;
  for (int64_t lane = 0; lane < (isOne ? 1 : p.vector); ++lane) {
    Index feature = p.after == 1 ? element + lane : (element + lane) / after;
    // A sample of one group is one run over all positions.
    bool wraps = p.groups == 1 && p.before != 1;
    features.push_back(wraps ? feature % p.features : feature);
  }
  return features;
}

TileView::Lanes
TileView::lanesOfInput(const KernelPlan::EpilogueInput &input) const {
  if (input.isFull)
    return Lanes::Neighbours;
  if (!input.someAfter.empty()) // a step in x is one there, or none, or many
    return p.vector == 1 ? Lanes::Same : Lanes::Apart;
  // Lanes differ in the last dimension alone, unless an item can cross from one
  // feature, or one row, to the next.
  if (p.map == KernelPlan::Map::Rows)
    return input.features ? Lanes::Neighbours : Lanes::Same;
  bool staysInFeature = p.interleaved || (p.after && *p.after % p.vector == 0);
  if (staysInFeature)
    return input.after ? Lanes::Neighbours : Lanes::Same;
  bool staysInRow =
      p.after == 1 && (p.groups != 1 || p.features % p.vector == 0);
  if (staysInRow)
    return input.features ? Lanes::Neighbours : Lanes::Same;
  return input.features || input.after || (input.before && p.groups == 1)
             ? Lanes::Apart
             : Lanes::Same;
}

bool TileView::isFixedInput(const KernelPlan::EpilogueInput &input) const {
  if (input.before || input.after)
    return false;
  return !input.features || p.fixedFeatures();
}

Index TileView::offsetInInput(const KernelPlan::EpilogueInput &input,
                              Index item, int64_t lane) {
  if (input.isFull)
    return offsetOf(item) + lane;
  Index row = b.index(0), inRun = b.index(0); // spatial positions
  if (p.map == KernelPlan::Map::Rows) {
    row = item / p.rowSplit;
  } else {
    auto [run, element] = placeInSlab(item);
    Index place = element + lane;
    inRun = p.interleaved ? place : place % after;
    if (p.interleaved)
      row = run / p.groupWidth;
    else if (p.groups != 1)
      row = run;
    else if (p.before != 1)
      row = place / (after * p.features);
  }
  Index offset = b.index(0);
  if (input.samples)
    offset = sample;
  // Of some dimensions, each adds its own place.
  auto add = [&](ArrayRef<KernelPlan::EpilogueInput::Dimension> some,
                 Index position, Index all) {
    if (some.empty())
      offset = offset * all + position;
    for (const auto &dimension : some) {
      Index place = position / dimension.divisor;
      offset = dimension.size
                   ? offset * *dimension.size + place % *dimension.size
                   : offset * (all / dimension.divisor) + place;
    }
  };
  if (input.before)
    add(input.someBefore, row, before);
  if (input.features) {
    SmallVector<Index> features = featuresOf(item);
    Index feature = features[features.size() == 1 ? 0 : lane];
    offset = offset * p.features + featureInX(feature);
  }
  if (input.after)
    add(input.someAfter, inRun, after);
  return offset;
}

Index TileView::groupOfFeature(Index feature) {
  if (p.tileGroups == 1)
    return b.index(0);
  return p.interleaved ? feature % p.tileGroups : feature / p.groupWidth;
}

Index TileView::featureInX(Index feature) {
  if (!p.interleaved || p.tiles == 1)
    return firstFeature + feature;
  return feature / p.tileGroups * p.groups + firstGroup +
         feature % p.tileGroups;
}
