//===- Normalize.cpp - The sweep that normalizes --------------------------===//

#include "Normalize.h"
#include "Apply.h"
#include "LaneParameters.h"
#include <numeric>

using namespace mlir;
using namespace gn;

/// Bytes after which a vector of the next sample is asked for once more.
static constexpr int64_t kNextRetry = 4096;

/// Lines of x that are read before the first of them is streamed out. A load
/// waits for a store just before it whose address differs by whole pages, as it
/// may where x and y begin at like places in a page.
static constexpr int64_t kStreamedLines = 2;

namespace {

class NormalizeEmitter {
public:
  NormalizeEmitter(LoopEmitter &b, const Problem &problem, AffineIndex sample,
                   AffineIndex piece, const GroupStatistics &statistics)
      : b(b), p(problem), sample(sample), piece(piece),
        parameters(b, problem, sample, statistics) {}

  void emit();

private:
  void emitSweep(int64_t stream);
  void ifAny(AffineIndex elements, function_ref<void()> body);
  Value emitFeatures(AffineIndex element, AffineIndex feature);
  Type getElementType() const {
    return cast<MemRefType>(p.y.getType()).getElementType();
  }
  void emitLead();
  void emitTail(int64_t stream);
  /// The rows that are in flight by turns.
  int64_t getUnitRows() const { return p.schedule.getApplyRows() * getApart(); }
  int64_t getApart() const {
    return p.bandWidth == p.width ? p.schedule.getApplyApart() : 1;
  }
  /// What is done with `inFlight` rows from `row` on.
  using UnitBody = function_ref<void(AffineIndex row, int64_t inFlight)>;
  void emitByRows(int64_t stream);
  void emitByBlocks(int64_t stream);
  void emitUnits(AffineIndex first, ArrayRef<AffineIndex> units, UnitBody body);
  void emitRagged(UnitBody body);
  /// What is asked for before a vector is normalized: the line that is needed
  /// some way behind it, one that has been asked for before, or nothing.
  struct Asking {
    bool ahead, again;
  };
  bool isBackwards() const {
    return p.schedule.getApplyBackwards() && p.bandWidth == p.width &&
           (p.pieces.getConstant() == 1 || p.areShares);
  }
  bool prefetchesNext() const {
    return p.schedule.getStrategy() == CPUStrategy::Sample &&
           p.schedule.getApplyNext() != 0;
  }
  /// A result, and where it goes.
  using Store = std::pair<Value, SmallVector<AffineIndex>>;
  void emitUnit(AffineIndex row, int64_t inFlight, const LaneRange &lanes,
                ArrayRef<Parameters> ofLanes, Asking asking,
                SmallVectorImpl<Store> &stores);
  Value emitVector(AffineIndex row, const LaneRange &lanes,
                   ArrayRef<Parameters> ofLanes);
  void storeAll(SmallVectorImpl<Store> &stores, int64_t stream);

  LoopEmitter &b;
  const Problem &p;
  AffineIndex sample, piece;
  LaneParameters parameters;
};

} // namespace

void NormalizeEmitter::emit() {
  int64_t alignment =
      getStreamAlignment(p.yBuffer, std::gcd(p.cut.getStep(), p.width));
  if (!p.lead.isZero()) {
    emitLead();
    emitSweep(alignment);
    emitTail(getStreamAlignment(p.yBuffer, p.cut.vector));
    return;
  }
  bool canStream = p.schedule.getStream() &&
                   (p.rest.isZero() || p.samples.getConstant() == 1);
  if (!canStream || p.isAtLine)
    return emitSweep(canStream ? alignment : 0);
  emitStreamingSweep(b, p.yBuffer, alignment,
                     [&](int64_t stream) { emitSweep(stream); });
}

//===----------------------------------------------------------------------===//
// The sweep
//===----------------------------------------------------------------------===//

void NormalizeEmitter::emitSweep(int64_t stream) {
  int64_t vector = p.schedule.getVector();
  if (p.schedule.getApplyOrder() == LoopOrder::Rows)
    emitByRows(stream);
  else
    emitByBlocks(stream);
  if (!p.rest.isZero())
    b.ifZero(p.piecesAfter(piece), [&] {
      b.forLoop(p.rest, 1, [&](AffineIndex position) {
        b.forEachVector(p.features, vector, [&](LaneRange lanes) {
          LaneRange inRow{position * p.features + lanes.start, lanes.length};
          emitStore(b, emitVector(p.rows, inRow, parameters.ofLanes(inRow)),
                    p.y, p.at(sample, p.rows, inRow.start), /*stream=*/0);
        });
      });
    });
}

/// Around the rows that begin at lines, whole vectors are computed, of which
/// but some elements are stored, by way of a buffer: every element is computed
/// like those of rows, and y may be x.
void NormalizeEmitter::ifAny(AffineIndex elements, function_ref<void()> body) {
  SmallVector<AffineIndex> bounds = {
      (elements + (p.width - 1)).floorDiv(p.width)};
  if (!p.positions.getConstant())
    bounds.push_back(p.positions);
  b.forLoop(bounds, 1, [&](AffineIndex) { body(); });
}

/// A vector from an element of the sample on, that belongs to `feature`.
Value NormalizeEmitter::emitFeatures(AffineIndex element, AffineIndex feature) {
  SmallVector<AffineIndex> position = {sample, element};
  LaneRange lanes{feature, p.schedule.getVector()};
  return emitResult(b, p.x, position, position, lanes.length,
                    parameters.ofFeatures(lanes), p.epilogue, p.computeType,
                    getElementType());
}

/// The elements of a sample before its first row.
void NormalizeEmitter::emitLead() {
  int64_t vector = p.schedule.getVector(), line = getLineLength(p.yBuffer);
  b.ifZero(piece, [&] {
    ifAny(p.lead, [&] {
      Value results = b.localBuffer(line, getElementType());
      b.forLoop(p.lead, vector, [&](AffineIndex start) {
        b.store(emitFeatures(start, start), results, start);
      });
      emitStores(b, results, b.index(0), p.lead, p.y, [&](AffineIndex i) {
        return SmallVector<AffineIndex>{sample, i};
      });
    });
  });
}

/// The elements of a sample behind its last row.
void NormalizeEmitter::emitTail(int64_t stream) {
  int64_t vector = p.schedule.getVector();
  AffineIndex tail = p.getTail(), left = tail % vector;
  AffineIndex end = p.positions * p.features;
  // Where the last vector begins in a row that begins with the first feature.
  int64_t last =
      (p.positions.getConstant().value_or(0) * p.features + p.width - vector) %
      p.width;
  b.ifZero(p.piecesAfter(piece), [&] {
    ifAny(tail, [&] {
      Value results = b.localBuffer(vector, getElementType());
      b.store(emitFeatures(end + -vector, b.index(last)), results, b.index(0));
      b.forLoop(tail.floorDiv(vector), 1, [&](AffineIndex index) {
        LaneRange lanes{index * vector, vector};
        emitStore(b, emitVector(p.rows, lanes, parameters.ofLanes(lanes)), p.y,
                  p.at(sample, p.rows, lanes.start), stream);
      });
      emitStores(b, results, left * -1 + vector, left, p.y, [&](AffineIndex i) {
        return SmallVector<AffineIndex>{sample, end - left + i};
      });
    });
  });
}

void NormalizeEmitter::emitByRows(int64_t stream) {
  bool prefetches = prefetchesNext() || p.schedule.getApplyPrefetch() != 0;
  int64_t perLine = p.vectorsPerLine;
  int64_t together = stream       ? kStreamedLines * perLine
                     : prefetches ? perLine
                                  : 1;
  auto emitBand = [&](const LaneRange &band) {
    return [&, band](AffineIndex row, int64_t inFlight) {
      b.forEachBlock(
          band.length, p.cut, together, [&](ArrayRef<LaneRange> block) {
            SmallVector<Store> stores;
            for (auto [i, inBand] : llvm::enumerate(block)) {
              int64_t inLine = i % perLine;
              bool isLast = inLine + 1 == perLine || i + 1 == block.size();
              Asking asking{/*ahead=*/inLine == 0, /*again=*/isLast};
              LaneRange lanes{band.start + inBand.start, inBand.length};
              emitUnit(row, inFlight, lanes,
                       parameters.ofLanes(lanes, /*packed=*/true), asking,
                       stores);
              if (!stream)
                storeAll(stores, stream);
            }
            storeAll(stores, stream);
          });
    };
  };
  auto emitBands = [&](AffineIndex first, ArrayRef<AffineIndex> units) {
    b.forEachVector(p.width, p.bandWidth, [&](LaneRange band) {
      emitUnits(first, units, emitBand(band));
    });
  };
  int64_t unitRows = getUnitRows(), chunk = p.schedule.getChunk();
  AffineIndex firstRow = p.firstRow(piece);
  if (p.bandWidth == p.width) {
    emitBands(firstRow, p.unitsIn(piece, unitRows));
  } else {
    b.forLoop(p.unitsIn(piece, chunk), 1, [&](AffineIndex index) {
      emitBands(firstRow + index * chunk, b.index(chunk / unitRows));
    });
    AffineIndex left = p.rows % chunk;
    if (!left.isZero())
      b.ifZero(p.piecesAfter(piece),
               [&] { emitBands(p.rows - left, left.floorDiv(unitRows)); });
  }
  emitRagged(emitBand({b.index(0), p.width}));
}

void NormalizeEmitter::emitByBlocks(int64_t stream) {
  b.forEachBlock(p.width, p.cut, p.block, [&](ArrayRef<LaneRange> block) {
    auto ofBlock = llvm::map_to_vector(block, [&](const LaneRange &lanes) {
      return parameters.ofLanes(lanes);
    });
    auto body = [&](AffineIndex row, int64_t inFlight) {
      SmallVector<Store> stores;
      for (auto [lanes, laneParameters] : llvm::zip(block, ofBlock)) {
        emitUnit(row, inFlight, lanes, laneParameters,
                 {/*ahead=*/true, /*again=*/false}, stores);
        storeAll(stores, stream);
      }
    };
    emitUnits(p.firstRow(piece), p.unitsIn(piece, getUnitRows()), body);
    emitRagged(body);
  });
}

/// Rows from `first` on: min(units) units, in each of which all rows but those
/// between others are the first in flight.
void NormalizeEmitter::emitUnits(AffineIndex first, ArrayRef<AffineIndex> units,
                                 UnitBody body) {
  int64_t inFlight = p.schedule.getApplyRows();
  auto inOrder = [&](AffineIndex index, AffineIndex number) {
    return isBackwards() ? number + -1 - index : index;
  };
  b.forLoop(units, 1, [&](AffineIndex unit) {
    AffineIndex start = first + inOrder(unit, units.front()) * getUnitRows();
    AffineIndex apart = b.index(getApart());
    b.forLoop(apart, 1, [&](AffineIndex row) {
      body(start + inOrder(row, apart), inFlight);
    });
  });
}

/// The rows that are left of the last piece, fewer than a unit, one by one.
void NormalizeEmitter::emitRagged(UnitBody body) {
  AffineIndex ragged = p.rows % getUnitRows();
  if (ragged.isZero())
    return;
  b.ifZero(p.piecesAfter(piece), [&] {
    b.forLoop(ragged, 1,
              [&](AffineIndex index) { body(p.rows - ragged + index, 1); });
  });
}

void NormalizeEmitter::emitUnit(AffineIndex row, int64_t inFlight,
                                const LaneRange &lanes,
                                ArrayRef<Parameters> ofLanes, Asking asking,
                                SmallVectorImpl<Store> &stores) {
  int64_t distance = p.schedule.getApplyPrefetch();
  SmallVector<int64_t> distances;
  if (asking.ahead)
    distances.push_back(distance);
  if (asking.again && p.schedule.getApplyAgain())
    distances.push_back(p.getSecondPrefetch(distance));
  for (int64_t i = 0; i < inFlight; ++i) {
    AffineIndex at = row + i * getApart();
    SmallVector<AffineIndex> position = p.at(sample, at, lanes.start);
    SmallVector<AffineIndex> inRun = p.inRun(sample, at, lanes.start);
    for (int64_t size : distances)
      if (int64_t ahead = isBackwards() ? -size : size) {
        b.prefetch(p.x, position, ahead);
        p.epilogue.prefetch(b, inRun, ahead);
      }
    if (asking.ahead && prefetchesNext())
      for (int64_t j = 0; j < p.schedule.getApplyNext(); ++j)
        b.prefetch(p.x, p.inNextItem(sample, at, lanes.start), -j * kNextRetry);
    stores.push_back({emitVector(at, lanes, ofLanes), position});
  }
}

Value NormalizeEmitter::emitVector(AffineIndex row, const LaneRange &lanes,
                                   ArrayRef<Parameters> ofLanes) {
  return emitResult(b, p.x, p.at(sample, row, lanes.start),
                    p.inRun(sample, row, lanes.start), lanes.length, ofLanes,
                    p.epilogue, p.computeType, getElementType());
}

void NormalizeEmitter::storeAll(SmallVectorImpl<Store> &stores,
                                int64_t stream) {
  for (const auto &[value, position] : stores)
    emitStore(b, value, p.y, position, stream);
  stores.clear();
}

void gn::emitNormalize(LoopEmitter &b, const Problem &problem,
                       AffineIndex sample, AffineIndex piece,
                       const GroupStatistics &statistics) {
  RoleScope role(b, "normalize");
  Problem used =
      problem.canStartAtLines() ? problem.startingAtLines(b, sample) : problem;
  NormalizeEmitter(b, used, sample, piece, statistics).emit();
}

void gn::emitSaveStatistics(LoopEmitter &b, const Problem &p,
                            AffineIndex sample,
                            const GroupStatistics &statistics) {
  if (!p.mean)
    return;
  RoleScope role(b, "merge");
  forEachGroupVector(b, p, [&](GroupRange groups) {
    auto load = [&](Value buffer) {
      return b.load(buffer, statistics.at(groups.first), groups.length,
                    p.statsType);
    };
    Value count =
        b.broadcast(b.toFloat(getGroupCount(p), p.statsType), groups.length);
    Value rstd =
        emitReciprocalDeviation(b, load(statistics.m2), count, p.epsilon);
    Value mean = load(statistics.mean);
    if (!getGroupCount(p).getConstant())
      mean = emitNaNIfEmpty(b, mean, count);
    AffineIndex first = p.getFirstGroup() + groups.first;
    b.store(mean, p.mean, {sample, first});
    b.store(rstd, p.rstd, {sample, first});
  });
}
