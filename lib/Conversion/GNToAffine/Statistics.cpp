//===- Statistics.cpp - The sweeps that gather statistics -----------------===//
//
// Each lane of a row keeps statistics of its own, so that features, groups and
// either grouping cost the same here; lanes meet in Merge.cpp.
//
// A chunk of rows is accumulated in compute type about a shift: with
// d = shift - x, the sums of d and d*d lose at most a few bits to cancellation
// however far x is from zero (Chan, Golub and LeVeque, "Algorithms for
// computing the sample variance", 1983). The shift is the mean of the chunk
// before, so it follows data that drifts; the first one is the mean of a few
// rows, so that one outlier among them does not set it. A chunk is short enough
// that d*d does not overflow f32 for |x| up to 1e18. Chunks are merged in f64.
//
//===----------------------------------------------------------------------===//

#include "Statistics.h"
#include "LaneRecords.h"

using namespace mlir;
using namespace gn;

/// Rows whose mean is the first shift of a piece.
static constexpr int64_t kShiftRows = 8;

namespace {

/// The accumulators of one vector of lanes, or of the two of a pair.
struct Sums {
  SmallVector<Value> sum, squares;
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
    AffineIndex first; // row
    AffineIndex rows;
    AffineIndex before; // rows of the piece that are already merged
  };

  void emitFirstShift();
  void emitFirstShift(int64_t rows);
  void emitChunk(const Chunk &chunk);
  void emitChunkByRows(const Chunk &chunk);
  void accumulateRows(AffineIndex row, int64_t inFlight, const LaneRange &band);
  void emitChunkByBlocks(const Chunk &chunk);
  void emitRest(AffineIndex before);
  void accumulate(AffineIndex row, const LaneRange &lanes, ValueRange shift,
                  Sums &sums);
  void flush(const Chunk &chunk, const LaneRange &lanes, Value sum,
             Value squares, const Weights &weights);
  Weights getWeights(AffineIndex before, AffineIndex count);
  void mergeLanes(const LaneRange &lanes, Value mean, Value m2,
                  const Weights &weights);

  Value loadX(AffineIndex row, const LaneRange &lanes) {
    return b.load(p.x, p.at(sample, row, lanes.start), lanes.length,
                  p.computeType);
  }
  Value loadLanes(Value buffer, const LaneRange &lanes) {
    return b.load(buffer, lanes.start, lanes.length,
                  cast<MemRefType>(buffer.getType()).getElementType());
  }
  void clearSums(const LaneRange &lanes) {
    for (Field field : {Sum, Squares})
      records.storeParts(b, zeroParts(lanes), field, lanes);
  }
  SmallVector<Value> zeroParts(const LaneRange &lanes) {
    bool isPair = p.cut.isPair(lanes);
    LaneRange part{lanes.start, isPair ? p.cut.vector : lanes.length};
    return SmallVector<Value>(1 + isPair, zero(part, p.computeType));
  }
  Value zero(const LaneRange &lanes, Type type) {
    return b.constant(0, VectorType::get(lanes.length, type));
  }

  LoopEmitter &b;
  const Problem &p;
  AffineIndex sample, piece;
  LaneStatistics result;
  // The shift of each lane and, in order `rows`, its accumulators.
  enum Field { Shift, Sum, Squares };
  LaneRecords records;
  bool inMemory; // the accumulators
  // Pieces of one chunk write their statistics where others merge them.
  bool singleChunk = false;
};

} // namespace

LaneStatistics StatisticsEmitter::emit() {
  int64_t chunk = p.schedule.getChunk();
  result.mean = b.localBuffer(p.width, p.statsType);
  result.m2 = b.localBuffer(p.width, p.statsType);
  inMemory = p.schedule.getOrder() == LoopOrder::Rows;
  records = LaneRecords(b, p.width, p.cut, inMemory ? 3 : 1, p.computeType);
  std::optional<int64_t> rows = p.rows.getConstant();
  singleChunk = rows && *rows > 0 && p.rest.isZero() &&
                (*rows <= chunk || p.pieceRows == chunk);
  if (!singleChunk)
    b.forEachVector(p.width, p.schedule.getVector(), [&](LaneRange lanes) {
      b.store(zero(lanes, p.statsType), result.mean, lanes.start);
      b.store(zero(lanes, p.statsType), result.m2, lanes.start);
    });

  emitFirstShift();
  b.forLoop(p.unitsIn(piece, chunk), 1, [&](AffineIndex index) {
    emitChunk(
        {p.firstRow(piece) + index * chunk, b.index(chunk), index * chunk});
  });
  // What is left of the last piece: a shorter chunk, and positions that do not
  // fill a row.
  AffineIndex left = p.rows % chunk;
  if (left.isZero() && p.rest.isZero())
    return result;
  b.ifZero(p.piecesAfter(piece), [&] {
    b.ifPositive(left, [&] {
      AffineIndex first = p.rows - left;
      emitChunk({first, left, first - p.firstRow(piece)});
    });
    if (!p.rest.isZero())
      emitRest(p.rows - p.firstRow(piece));
  });
  return result;
}

/// The first shift of the piece, from as many of its rows as there are.
void StatisticsEmitter::emitFirstShift() {
  AffineIndex first = p.firstRow(piece);
  if (std::optional<int64_t> rows = p.rows.getConstant()) {
    // The last piece is the shortest.
    int64_t before = (*p.pieces.getConstant() - 1) * p.pieceRows;
    emitFirstShift(std::min(kShiftRows, *rows - before));
    return;
  }
  AffineIndex left = p.rows - first;
  b.ifPositive(left + (1 - kShiftRows), [&] { emitFirstShift(kShiftRows); });
  b.ifPositive(left, [&] {
    b.ifPositive(left * -1 + kShiftRows, [&] { emitFirstShift(1); });
  });
}

void StatisticsEmitter::emitFirstShift(int64_t rows) {
  if (rows <= 0)
    return;
  b.forEachVector(p.width, p.cut, [&](LaneRange lanes) {
    SmallVector<Value> values;
    for (int64_t i = 0; i < rows; ++i)
      values.push_back(loadX(p.firstRow(piece) + i, lanes));
    Value sum = b.sumTree(values);
    double share = 1.0 / static_cast<double>(rows);
    records.store(b, b.mul(sum, b.constant(share, sum.getType())), Shift,
                  lanes);
    if (inMemory)
      clearSums(lanes);
  });
}

void StatisticsEmitter::emitChunk(const Chunk &chunk) {
  if (p.schedule.getOrder() == LoopOrder::Rows)
    emitChunkByRows(chunk);
  else
    emitChunkByBlocks(chunk);
}

/// Rows outermost: memory is read in order, which is what prefetchers follow
/// best; the accumulators live in L1, and are loaded and stored once for a few
/// rows.
void StatisticsEmitter::emitChunkByRows(const Chunk &chunk) {
  int64_t inFlight = p.schedule.getRows();
  AffineIndex units = chunk.rows.floorDiv(inFlight);
  AffineIndex ragged = chunk.rows % inFlight;
  b.forEachVector(p.width, p.bandWidth, [&](LaneRange band) {
    b.forLoop(units, 1, [&](AffineIndex index) {
      accumulateRows(chunk.first + index * inFlight, inFlight, band);
    });
    b.forLoop(ragged, 1, [&](AffineIndex index) {
      accumulateRows(chunk.first + chunk.rows - ragged + index, 1, band);
    });
  });
  Weights weights = getWeights(chunk.before, chunk.rows);
  b.forEachVector(p.width, p.cut, [&](LaneRange lanes) {
    Value sum = records.load(b, Sum, lanes);
    flush(chunk, lanes, sum, records.load(b, Squares, lanes), weights);
    clearSums(lanes);
  });
}

/// Adds the lanes of `band` of `inFlight` rows to the accumulators in memory.
void StatisticsEmitter::accumulateRows(AffineIndex row, int64_t inFlight,
                                       const LaneRange &band) {
  int64_t distance = p.schedule.getPrefetch();
  int64_t again =
      p.schedule.getPrefetchAgain() ? p.getSecondPrefetch(distance) : 0;
  auto emitVector = [&](const LaneRange &lanes) {
    Sums current;
    current.sum = records.loadParts(b, Sum, lanes);
    current.squares = records.loadParts(b, Squares, lanes);
    SmallVector<Value> shift = records.loadParts(b, Shift, lanes);
    for (int64_t i = 0; i < inFlight; ++i)
      accumulate(row + i, lanes, shift, current);
    records.storeParts(b, current.sum, Sum, lanes);
    records.storeParts(b, current.squares, Squares, lanes);
  };
  // Each line is asked for by its first vector.
  b.forEachBlock(
      band.length, p.cut, distance ? p.vectorsPerLine : 1,
      [&](ArrayRef<LaneRange> line) {
        for (int64_t i = 0; i < inFlight; ++i)
          for (int64_t ahead : {distance, again})
            if (ahead != 0)
              b.prefetch(p.x,
                         p.at(sample, row + i, band.start + line.front().start),
                         ahead);
        for (const LaneRange &inBand : line)
          emitVector({band.start + inBand.start, inBand.length});
      });
}

/// Lanes outermost: accumulators stay in registers while the rows go by.
void StatisticsEmitter::emitChunkByBlocks(const Chunk &chunk) {
  Weights weights = getWeights(chunk.before, chunk.rows);
  b.forEachBlock(p.width, p.cut, p.block, [&](ArrayRef<LaneRange> block) {
    SmallVector<SmallVector<Value>> blockShifts;
    SmallVector<Value> carried;
    for (const LaneRange &lanes : block) {
      blockShifts.push_back(records.loadParts(b, Shift, lanes));
      SmallVector<Value> zeros = zeroParts(lanes);
      carried.append(zeros);
      carried.append(zeros);
    }
    // The sums of a vector or pair and its squares, then the next one's.
    auto takeSums = [&](ValueRange &values, size_t parts) {
      Sums sums;
      sums.sum = llvm::to_vector(values.take_front(parts));
      sums.squares = llvm::to_vector(values.slice(parts, parts));
      values = values.drop_front(2 * parts);
      return sums;
    };
    carried = b.forLoop(
        chunk.rows, 1, carried, [&](AffineIndex offset, ValueRange values) {
          SmallVector<Value> next;
          for (auto [lanes, shift] : llvm::zip(block, blockShifts)) {
            Sums current = takeSums(values, shift.size());
            accumulate(chunk.first + offset, lanes, shift, current);
            next.append(current.sum);
            next.append(current.squares);
          }
          return next;
        });
    ValueRange values = carried;
    for (auto [lanes, shift] : llvm::zip(block, blockShifts)) {
      Sums sums = takeSums(values, shift.size());
      Value sum = b.putTogether(sums.sum);
      flush(chunk, lanes, sum, b.putTogether(sums.squares), weights);
    }
  });
}

/// The deviation is taken as shift - x: what is subtracted may come from memory
/// without an instruction of its own.
void StatisticsEmitter::accumulate(AffineIndex row, const LaneRange &lanes,
                                   ValueRange shift, Sums &sums) {
  SmallVector<Value> parts =
      b.loadParts(p.x, p.at(sample, row, lanes.start), lanes.length,
                  p.computeType, p.cut.isPair(lanes));
  for (auto [i, value] : llvm::enumerate(parts)) {
    Value deviation = b.sub(shift[i], value);
    sums.sum[i] = b.add(sums.sum[i], deviation);
    sums.squares[i] = b.fma(deviation, deviation, sums.squares[i]);
  }
}

/// Turns a chunk's sums into its mean and M2, merges them, and makes the mean
/// the shift of the next chunk.
void StatisticsEmitter::flush(const Chunk &chunk, const LaneRange &lanes,
                              Value sum, Value squares,
                              const Weights &weights) {
  auto wide = [&](Value value) { return b.convert(value, p.statsType); };
  sum = wide(sum);
  // One division for all lanes, in f64.
  Value share =
      b.div(b.constant(1, p.statsType), b.toFloat(chunk.rows, p.statsType));
  Value offset = b.mul(sum, b.broadcast(share, lanes.length));
  Value mean = b.sub(wide(records.load(b, Shift, lanes)), offset);
  Value m2 = b.sub(wide(squares), b.mul(sum, offset));
  if (!singleChunk)
    records.store(b, mean, Shift, lanes);
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
    Value oldMean = loadLanes(result.mean, lanes);
    Value oldM2 = loadLanes(result.m2, lanes);
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
      mergeLanes(inRow, value, zero(lanes, p.statsType), weights);
    });
  });
}

LaneStatistics gn::emitLaneStatistics(LoopEmitter &b, const Problem &problem,
                                      AffineIndex sample, AffineIndex piece) {
  RoleScope role(b, "statistics");
  return StatisticsEmitter(b, problem, sample, piece).emit();
}
