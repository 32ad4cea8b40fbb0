//===- Statistics.cpp - The sweeps that gather statistics -----------------===//
//
// Each lane of a row keeps statistics of its own, so that features, groups and
// either grouping cost the same here; lanes meet in Merge.cpp.
//
// A chunk of rows is accumulated in compute type about a shift, the mean of the
// chunk's first rows: with d = x - shift, the sums of d and d*d lose at most a
// few bits to cancellation however far x is from zero (Chan, Golub and LeVeque,
// "Algorithms for computing the sample variance", 1983). A chunk is short
// enough that d*d does not overflow f32 for |x| up to 1e18. Chunks are merged
// in f64.
//
//===----------------------------------------------------------------------===//

#include "Statistics.h"

using namespace mlir;
using namespace gn;

namespace {

/// The accumulators of one vector of lanes.
struct Sums {
  Value shift, sum, squares;
};

/// What the merge of a set of rows needs of their counts, with na rows merged
/// already and nb more: nb / (na + nb) and na * nb / (na + nb).
struct Weights {
  Value mean, m2;
};

class StatisticsEmitter {
public:
  StatisticsEmitter(LoopEmitter &b, const Problem &problem, AffineIndex sample,
                    AffineIndex piece)
      : b(b), p(problem), sample(sample), piece(piece) {}

  LaneStatistics emit();

private:
  /// A run of rows that is accumulated about one shift.
  struct Chunk {
    AffineIndex first;  // row
    AffineIndex rows;   // a multiple of inFlight
    AffineIndex before; // rows of the piece that are already merged
    int64_t inFlight;   // rows summed at a time
  };

  void emitChunk(const Chunk &chunk);
  void emitChunkByRows(const Chunk &chunk);
  void emitChunkByBlocks(const Chunk &chunk);
  void emitRest(AffineIndex before);
  Sums start(const Chunk &chunk, const LaneRange &lanes);
  void accumulate(const Chunk &chunk, AffineIndex row, const LaneRange &lanes,
                  Sums &sums);
  void flush(const Chunk &chunk, const LaneRange &lanes, const Sums &sums,
             const Weights &weights);
  Weights getWeights(AffineIndex before, AffineIndex count);
  void mergeLanes(const LaneRange &lanes, Value mean, Value m2,
                  const Weights &weights);
  Value loadX(AffineIndex row, const LaneRange &lanes) {
    return b.load(p.x, p.at(sample, row, lanes.start), lanes.length,
                  p.computeType);
  }

  LoopEmitter &b;
  const Problem &p;
  AffineIndex sample, piece;
  LaneStatistics result;
  // A sample that is one chunk writes its statistics where others merge them.
  bool singleChunk = false;
  // Accumulators of a whole row, in order `rows`.
  Value shifts, sums, squares;
};

} // namespace

LaneStatistics StatisticsEmitter::emit() {
  int64_t chunk = p.schedule.getChunk(), inFlight = p.schedule.getRows();
  result.mean = b.localBuffer(p.width, p.statsType);
  result.m2 = b.localBuffer(p.width, p.statsType);
  if (p.schedule.getOrder() == LoopOrder::Rows) {
    shifts = b.localBuffer(p.width, p.computeType);
    sums = b.localBuffer(p.width, p.computeType);
    squares = b.localBuffer(p.width, p.computeType);
  }

  std::optional<int64_t> rows = p.rows.getConstant();
  singleChunk = rows && *rows <= chunk && p.rest.isZero() &&
                (*rows % inFlight == 0 || *rows < inFlight);
  if (!singleChunk)
    b.forEachVector(p.width, p.schedule.getVector(), [&](LaneRange lanes) {
      Value zero =
          b.constant(0, VectorType::get(lanes.length, p.statsType));
      b.store(zero, result.mean, lanes.start);
      b.store(zero, result.m2, lanes.start);
    });

  b.forLoop(p.unitsIn(piece, chunk), 1, [&](AffineIndex index) {
    emitChunk({p.firstRow(piece) + index * chunk, b.index(chunk), index * chunk,
               inFlight});
  });

  // What is left of the last piece: rows by the usual number at a time, then
  // one at a time, then positions that do not fill a row.
  AffineIndex left = p.rows % chunk;
  AffineIndex ragged = p.rows % inFlight;
  if (left.isZero() && p.rest.isZero())
    return result;
  b.ifZero(p.piecesAfter(piece), [&] {
    AffineIndex first = p.rows - left;
    b.ifPositive(left - ragged, [&] {
      emitChunk({first, left - ragged, first - p.firstRow(piece), inFlight});
    });
    b.ifPositive(ragged, [&] {
      AffineIndex start = p.rows - ragged;
      emitChunk({start, ragged, start - p.firstRow(piece), 1});
    });
    if (!p.rest.isZero())
      emitRest(p.rows - p.firstRow(piece));
  });
  return result;
}

void StatisticsEmitter::emitChunk(const Chunk &chunk) {
  if (p.schedule.getOrder() == LoopOrder::Rows)
    emitChunkByRows(chunk);
  else
    emitChunkByBlocks(chunk);
}

/// Rows outermost: memory is swept once and linearly, accumulators live in L1.
void StatisticsEmitter::emitChunkByRows(const Chunk &chunk) {
  int64_t vector = p.schedule.getVector();
  b.forEachVector(p.width, vector, [&](LaneRange lanes) {
    Sums initial = start(chunk, lanes);
    b.store(initial.shift, shifts, lanes.start);
    b.store(initial.sum, sums, lanes.start);
    b.store(initial.squares, squares, lanes.start);
  });
  auto loadSums = [&](const LaneRange &lanes) {
    auto load = [&](Value buffer) {
      return b.load(buffer, lanes.start, lanes.length, p.computeType);
    };
    return Sums{load(shifts), load(sums), load(squares)};
  };
  b.forLoop(chunk.rows + -chunk.inFlight, chunk.inFlight,
            [&](AffineIndex offset) {
              AffineIndex row = chunk.first + offset + chunk.inFlight;
              b.forEachVector(p.width, vector, [&](LaneRange lanes) {
                Sums current = loadSums(lanes);
                accumulate(chunk, row, lanes, current);
                b.store(current.sum, sums, lanes.start);
                b.store(current.squares, squares, lanes.start);
              });
            });
  Weights weights = getWeights(chunk.before, chunk.rows);
  b.forEachVector(p.width, vector, [&](LaneRange lanes) {
    flush(chunk, lanes, loadSums(lanes), weights);
  });
}

/// Lanes outermost: accumulators stay in registers while the rows go by.
void StatisticsEmitter::emitChunkByBlocks(const Chunk &chunk) {
  Weights weights = getWeights(chunk.before, chunk.rows);
  b.forEachBlock(
      p.width, p.schedule.getVector(), p.schedule.getBlock(),
      [&](ArrayRef<LaneRange> block) {
        SmallVector<Sums> initial;
        SmallVector<Value> carried;
        for (const LaneRange &lanes : block) {
          initial.push_back(start(chunk, lanes));
          carried.append({initial.back().sum, initial.back().squares});
        }
        auto withSums = [&](ValueRange values, size_t i) {
          return Sums{initial[i].shift, values[2 * i], values[2 * i + 1]};
        };
        carried = b.forLoop(
            chunk.rows + -chunk.inFlight, chunk.inFlight, carried,
            [&](AffineIndex offset, ValueRange values) {
              AffineIndex row = chunk.first + offset + chunk.inFlight;
              SmallVector<Value> next;
              for (auto [i, lanes] : llvm::enumerate(block)) {
                Sums current = withSums(values, i);
                accumulate(chunk, row, lanes, current);
                next.append({current.sum, current.squares});
              }
              return next;
            });
        for (auto [i, lanes] : llvm::enumerate(block))
          flush(chunk, lanes, withSums(carried, i), weights);
      });
}

/// The first rows in flight give the shift: their mean, so that neither their
/// size nor a few outliers among them can spoil what follows.
Sums StatisticsEmitter::start(const Chunk &chunk, const LaneRange &lanes) {
  SmallVector<Value> values;
  for (int64_t i = 0; i < chunk.inFlight; ++i)
    values.push_back(loadX(chunk.first + i, lanes));
  Type type = values.front().getType();
  Sums sums;
  if (chunk.inFlight == 1) {
    sums.shift = values.front();
    sums.sum = sums.squares = b.constant(0, type);
    return sums;
  }
  sums.shift = b.mul(b.sumTree(values), b.constant(1.0 / chunk.inFlight, type));
  SmallVector<Value> squares;
  for (Value &value : values) {
    value = b.sub(value, sums.shift);
    squares.push_back(b.mul(value, value));
  }
  sums.sum = b.sumTree(values);
  sums.squares = b.sumTree(squares);
  return sums;
}

/// Adds the rows in flight. Sums go pairwise; squares in two chains of fused
/// multiply-adds, which is as fast as one and shorter.
void StatisticsEmitter::accumulate(const Chunk &chunk, AffineIndex row,
                                   const LaneRange &lanes, Sums &sums) {
  SmallVector<Value> deviations;
  for (int64_t i = 0; i < chunk.inFlight; ++i) {
    if (int64_t distance = p.schedule.getPrefetch();
        distance && p.schedule.getOrder() == LoopOrder::Rows)
      b.prefetch(p.x, p.at(sample, row + i + distance, lanes.start));
    deviations.push_back(b.sub(loadX(row + i, lanes), sums.shift));
  }
  SmallVector<Value> chains = {sums.squares};
  for (auto [i, deviation] : llvm::enumerate(deviations)) {
    if (i == 1)
      chains.push_back(b.mul(deviation, deviation));
    else
      chains[i % 2] = b.fma(deviation, deviation, chains[i % 2]);
  }
  sums.squares = b.sumTree(chains);
  sums.sum = b.add(sums.sum, b.sumTree(deviations));
}

/// Turns a chunk's sums into its mean and M2, and merges them.
void StatisticsEmitter::flush(const Chunk &chunk, const LaneRange &lanes,
                              const Sums &sums, const Weights &weights) {
  auto wide = [&](Value value) { return b.convert(value, p.statsType); };
  Value sum = wide(sums.sum);
  Value rows = b.broadcast(b.toFloat(chunk.rows, p.statsType), lanes.length);
  Value offset = b.div(sum, rows);
  Value mean = b.add(wide(sums.shift), offset);
  Value m2 = b.sub(wide(sums.squares), b.mul(sum, offset));
  mergeLanes(lanes, mean, m2, weights);
}

Weights StatisticsEmitter::getWeights(AffineIndex before, AffineIndex count) {
  if (singleChunk)
    return {};
  Value na = b.toFloat(before, p.statsType);
  Value nb = b.toFloat(count, p.statsType);
  Value weight = b.div(nb, b.add(na, nb));
  return {weight, b.mul(na, weight)};
}

/// Chan's formula, with the same counts in every lane.
void StatisticsEmitter::mergeLanes(const LaneRange &lanes, Value mean, Value m2,
                                   const Weights &weights) {
  if (!singleChunk) {
    Value oldMean =
        b.load(result.mean, lanes.start, lanes.length, p.statsType);
    Value oldM2 = b.load(result.m2, lanes.start, lanes.length, p.statsType);
    Value delta = b.sub(mean, oldMean);
    mean = b.fma(delta, b.broadcast(weights.mean, lanes.length), oldMean);
    m2 = b.fma(b.mul(delta, delta), b.broadcast(weights.m2, lanes.length),
               b.add(m2, oldM2));
  }
  b.store(mean, result.mean, lanes.start);
  b.store(m2, result.m2, lanes.start);
}

/// The positions that do not fill a row count once more in the lanes that they
/// do fill.
void StatisticsEmitter::emitRest(AffineIndex before) {
  Weights weights = getWeights(before, b.index(1));
  b.forLoop(p.rest, 1, [&](AffineIndex position) {
    b.forEachVector(p.features, p.schedule.getVector(), [&](LaneRange lanes) {
      LaneRange inRow{position * p.features + lanes.start, lanes.length};
      Value value = b.convert(loadX(p.rows, inRow), p.statsType);
      mergeLanes(inRow, value, b.constant(0, value.getType()), weights);
    });
  });
}

LaneStatistics gn::emitLaneStatistics(LoopEmitter &b, const Problem &problem,
                                      AffineIndex sample, AffineIndex piece) {
  RoleScope role(b, "statistics");
  return StatisticsEmitter(b, problem, sample, piece).emit();
}
