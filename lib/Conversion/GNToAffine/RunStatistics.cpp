//===- RunStatistics.cpp - Statistics of a group in runs ------------------===//
//
// The arithmetic is that of Statistics.cpp, with one shift for all lanes: sums
// of deviations from the mean of the chunk before, in compute type, and chunks
// merged in f64. A run is cut into rows of `flatten` elements and a rest. Runs
// of many rows are several chunks each; of short ones, several make up a chunk,
// so that the cost of a chunk's end is spread over many elements either way.
//
//===----------------------------------------------------------------------===//

#include "RunStatistics.h"

using namespace mlir;
using namespace gn;

/// Rows whose mean is the first shift.
static constexpr int64_t kShiftRows = 8;

namespace {

class RunStatisticsEmitter {
public:
  RunStatisticsEmitter(LoopEmitter &b, const Runs &runs,
                       CPUScheduleAttr schedule, FloatType computeType)
      : b(b), runs(runs), schedule(schedule), computeType(computeType),
        width(schedule.getFlatten()), rows(runs.length.floorDiv(width)),
        rest(runs.length % width) {
    for (int64_t lane = 0; lane < width; lane += schedule.getVector())
      row.push_back(
          {b.index(lane), std::min(schedule.getVector(), width - lane)});
  }

  Moments emit();

private:
  /// What is carried from chunk to chunk: the moments of `count` elements, and
  /// the shift of the next chunk.
  struct State {
    Value mean, m2, count; // f64
    Value shift;           // compute type
    SmallVector<Value> get() const { return {mean, m2, count, shift}; }
    static State from(ValueRange values) {
      return {values[0], values[1], values[2], values[3]};
    }
  };

  /// The same rows of `runs` neighbouring runs, and their rests if wanted.
  struct Chunk {
    AffineIndex firstRun, runs;
    AffineIndex firstRow, rows;
    bool withRest;
    AffineIndex elements;
  };

  State emitShortRuns(State state, int64_t runsPerChunk);
  State emitLongRuns(State state);
  State emitChunk(const Chunk &chunk, State state);
  Value emitFirstShift(bool inShortRuns);
  Value emitFirstShiftOfUnknown();

  /// Accumulators come in pairs, sum and squares.
  SmallVector<Value> emitZeros(bool withRest);
  SmallVector<Value> accumulate(AffineIndex run, AffineIndex start,
                                ArrayRef<LaneRange> ranges, ValueRange sums,
                                int64_t firstSum = 0);
  SmallVector<Value> accumulateRest(AffineIndex run, SmallVector<Value> sums);
  Value sumAll(ArrayRef<Value> values);

  /// The ranges of a rest of known length. The last, shorter one, if any, has
  /// accumulators of its own, behind those of a row.
  SmallVector<LaneRange> getRestRanges() {
    SmallVector<LaneRange> ranges;
    int64_t length = *rest.getConstant();
    for (int64_t lane = 0; lane < length; lane += schedule.getVector())
      ranges.push_back(
          {b.index(lane), std::min(schedule.getVector(), length - lane)});
    return ranges;
  }

  LoopEmitter &b;
  const Runs &runs;
  CPUScheduleAttr schedule;
  FloatType computeType;
  int64_t width; // of a row
  AffineIndex rows, rest;
  SmallVector<LaneRange> row;
  Value shift, wideShift; // of the current chunk
};

} // namespace

Moments RunStatisticsEmitter::emit() {
  int64_t chunk = schedule.getChunk();
  std::optional<int64_t> length = runs.length.getConstant();
  int64_t rowsPerRun = length ? llvm::divideCeil(*length, width) : chunk;
  bool shortRuns = 2 * rowsPerRun <= chunk;
  Value zero = b.constant(0, b.getF64Type());
  State state{zero, zero, zero,
              length ? emitFirstShift(shortRuns) : emitFirstShiftOfUnknown()};
  state = shortRuns ? emitShortRuns(state, chunk / rowsPerRun)
                    : emitLongRuns(state);
  return {state.mean, state.m2};
}

/// Several runs a chunk.
RunStatisticsEmitter::State
RunStatisticsEmitter::emitShortRuns(State state, int64_t runsPerChunk) {
  int64_t length = *runs.length.getConstant();
  auto emit = [&](AffineIndex firstRun, AffineIndex count, State state) {
    return emitChunk(
        {firstRun, count, b.index(0), rows, /*withRest=*/true, count * length},
        state);
  };
  state = State::from(
      b.forLoop(runs.count.floorDiv(runsPerChunk), 1, state.get(),
                [&](AffineIndex index, ValueRange carried) {
                  return emit(index * runsPerChunk, b.index(runsPerChunk),
                              State::from(carried))
                      .get();
                }));
  AffineIndex left = runs.count % runsPerChunk;
  return left.isZero() ? state : emit(runs.count - left, left, state);
}

/// Several chunks a run; the last of them has the rest.
RunStatisticsEmitter::State RunStatisticsEmitter::emitLongRuns(State state) {
  int64_t chunk = schedule.getChunk();
  auto emitRun = [&](AffineIndex run, ValueRange carried) {
    SmallVector<Value> values = b.forLoop(
        rows.floorDiv(chunk), 1, carried,
        [&](AffineIndex index, ValueRange carried) {
          return emitChunk({run, b.index(1), index * chunk, b.index(chunk),
                            /*withRest=*/false, b.index(chunk * width)},
                           State::from(carried))
              .get();
        });
    AffineIndex left = rows % chunk;
    if (left.isZero() && rest.isZero())
      return values;
    return emitChunk({run, b.index(1), rows - left, left, /*withRest=*/true,
                      left * width + rest},
                     State::from(values))
        .get();
  };
  return State::from(b.forLoop(runs.count, 1, state.get(), emitRun));
}

//===----------------------------------------------------------------------===//
// One chunk
//===----------------------------------------------------------------------===//

RunStatisticsEmitter::State RunStatisticsEmitter::emitChunk(const Chunk &chunk,
                                                            State state) {
  shift = state.shift;
  wideShift = b.broadcast(shift, schedule.getVector());
  SmallVector<Value> sums =
      b.forLoop(chunk.runs, 1, emitZeros(chunk.withRest),
                [&](AffineIndex index, ValueRange carried) {
                  AffineIndex run = chunk.firstRun + index;
                  SmallVector<Value> sums =
                      b.forLoop(chunk.rows, 1, carried,
                                [&](AffineIndex offset, ValueRange carried) {
                                  AffineIndex start =
                                      (chunk.firstRow + offset) * width;
                                  return accumulate(run, start, row, carried);
                                });
                  return chunk.withRest ? accumulateRest(run, sums) : sums;
                });

  SmallVector<Value> deviations, squares;
  for (size_t i = 0; i < sums.size(); i += 2) {
    deviations.push_back(sums[i]);
    squares.push_back(sums[i + 1]);
  }
  Type type = b.getF64Type();
  Value sum = sumAll(deviations);
  Value count = b.toFloat(chunk.elements, type);
  // What is left of a run of unknown length may be nothing: that changes
  // nothing, where 0/0 would.
  Value divisor =
      chunk.elements.getConstant()
          ? count
          : arith::MaximumFOp::create(b, count, b.constant(1, type));
  Value offset = b.div(sum, divisor);
  Value mean = b.sub(b.convert(state.shift, type), offset);
  Value m2 = b.sub(sumAll(squares), b.mul(sum, offset));
  Moments merged =
      mergeMoments(b, {state.mean, state.m2}, state.count, {mean, m2}, count);
  return {merged.mean, merged.m2, b.add(state.count, count),
          b.convert(mean, computeType)};
}

SmallVector<Value> RunStatisticsEmitter::emitZeros(bool withRest) {
  SmallVector<int64_t> lengths = llvm::map_to_vector(
      row, [](const LaneRange &lanes) { return lanes.length; });
  if (withRest && !rest.getConstant())
    // Whole vectors, and single elements.
    lengths.append({schedule.getVector(), 0});
  else if (withRest && *rest.getConstant() % schedule.getVector() != 0)
    lengths.push_back(*rest.getConstant() % schedule.getVector());
  SmallVector<Value> zeros;
  for (int64_t length : lengths) {
    Type type = computeType;
    if (length != 0)
      type = VectorType::get(length, computeType);
    zeros.append(2, b.constant(0, type));
  }
  return zeros;
}

/// Adds the elements of `ranges` to the accumulators from `firstSum` on.
SmallVector<Value> RunStatisticsEmitter::accumulate(AffineIndex run,
                                                    AffineIndex start,
                                                    ArrayRef<LaneRange> ranges,
                                                    ValueRange sums,
                                                    int64_t firstSum) {
  auto next = llvm::to_vector_of<Value>(sums);
  for (auto [i, lanes] : llvm::enumerate(ranges)) {
    AffineIndex first = start + lanes.start;
    if (int64_t distance = schedule.getPrefetch())
      b.prefetch(runs.x, runs.at(run, first), distance);
    Value x = b.load(runs.x, runs.at(run, first), lanes.length, computeType);
    Value deviation = b.sub(lanes.length == schedule.getVector()
                                ? wideShift
                                : b.broadcast(shift, lanes.length),
                            x);
    Value &sum = next[2 * (firstSum + i)];
    Value &squares = next[2 * (firstSum + i) + 1];
    sum = b.add(sum, deviation);
    squares = b.fma(deviation, deviation, squares);
  }
  return next;
}

SmallVector<Value>
RunStatisticsEmitter::accumulateRest(AffineIndex run, SmallVector<Value> sums) {
  AffineIndex start = rows * width;
  int64_t vector = schedule.getVector();
  if (rest.getConstant()) {
    SmallVector<LaneRange> ranges = getRestRanges();
    ArrayRef<LaneRange> whole = ranges;
    if (whole.empty() || whole.back().length == vector)
      return accumulate(run, start, whole, sums);
    whole = whole.drop_back();
    sums = accumulate(run, start, whole, sums);
    return accumulate(run, start, ranges.back(), sums, row.size());
  }
  auto loop = [&](AffineIndex count, AffineIndex start, int64_t length,
                  int64_t place) {
    sums = b.forLoop(count, 1, sums, [&](AffineIndex i, ValueRange carried) {
      LaneRange lanes{i * std::max<int64_t>(1, length), length};
      return accumulate(run, start, lanes, carried, place);
    });
  };
  loop(rest.floorDiv(vector), start, vector, row.size());
  loop(rest % vector, start + rest - rest % vector, 0, row.size() + 1);
  return sums;
}

/// The sum of all lanes, in f64.
Value RunStatisticsEmitter::sumAll(ArrayRef<Value> values) {
  Type type = b.getF64Type();
  // Lane by lane first, as far as there are vectors of one type.
  SmallVector<Value> same, totals;
  for (Value value : values) {
    Value wide = b.convert(value, type);
    if (value.getType() == values.front().getType())
      same.push_back(wide);
    else
      totals.push_back(isa<VectorType>(wide.getType()) ? b.sumLanes(wide)
                                                       : wide);
  }
  totals.push_back(b.sumLanes(b.sumTree(same)));
  return b.sumTree(totals);
}

//===----------------------------------------------------------------------===//
// The first shift
//===----------------------------------------------------------------------===//

/// The mean of a few rows, so that one outlier among them does not set it.
Value RunStatisticsEmitter::emitFirstShift(bool inShortRuns) {
  int64_t rowsPerRun = *rows.getConstant();
  SmallVector<LaneRange> ranges = rowsPerRun ? row : getRestRanges();
  AffineIndex limit = inShortRuns ? runs.count : b.index(rowsPerRun);
  std::optional<int64_t> known = limit.getConstant();
  AffineIndex count = known ? b.index(std::min(*known, kShiftRows))
                            : b.minimum({limit, b.index(kShiftRows)});
  SmallVector<Value> sums;
  for (const LaneRange &lanes : ranges)
    sums.push_back(b.constant(0, VectorType::get(lanes.length, computeType)));
  sums = b.forLoop(count, 1, sums, [&](AffineIndex i, ValueRange carried) {
    AffineIndex run = inShortRuns ? i : b.index(0);
    AffineIndex start = inShortRuns ? b.index(0) : i * width;
    SmallVector<Value> next;
    for (auto [sum, lanes] : llvm::zip(carried, ranges))
      next.push_back(
          b.add(sum, b.load(runs.x, runs.at(run, start + lanes.start),
                            lanes.length, computeType)));
    return next;
  });
  AffineIndex elements = count * (rowsPerRun ? width : *rest.getConstant());
  Value mean = b.div(sumAll(sums), b.toFloat(elements, b.getF64Type()));
  return b.convert(mean, computeType);
}

/// The same from a run of unknown length: whole vectors of it, and as many of
/// its first elements as do not fill one, which keeps the count from being 0.
Value RunStatisticsEmitter::emitFirstShiftOfUnknown() {
  int64_t vector = schedule.getVector();
  AffineIndex whole = runs.length.floorDiv(vector);
  AffineIndex vectors = b.minimum({whole, b.index(kShiftRows * 4)});
  AffineIndex elements = runs.length % vector;
  auto sumOf = [&](AffineIndex count, int64_t length) {
    Type type = computeType;
    if (length != 0)
      type = VectorType::get(length, computeType);
    return b
        .forLoop(count, 1, b.constant(0, type),
                 [&](AffineIndex i, ValueRange sum) {
                   AffineIndex start = i * std::max<int64_t>(1, length);
                   return SmallVector<Value>{
                       b.add(sum[0], b.load(runs.x, runs.at(b.index(0), start),
                                            length, computeType))};
                 })
        .front();
  };
  Value sum = b.add(b.sumLanes(sumOf(vectors, vector)), sumOf(elements, 0));
  Value count = b.toFloat(vectors * vector + elements, computeType);
  return b.div(sum, count);
}

Moments gn::emitRunStatistics(LoopEmitter &b, const Runs &runs,
                              CPUScheduleAttr schedule, FloatType computeType) {
  RoleScope role(b, "statistics");
  return RunStatisticsEmitter(b, runs, schedule, computeType).emit();
}
