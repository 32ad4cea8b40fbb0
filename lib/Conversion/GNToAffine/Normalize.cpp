//===- Normalize.cpp - The sweep that normalizes --------------------------===//
//
// Each lane of a row has parameters of its own, so that either grouping costs
// the same here.
//
//===----------------------------------------------------------------------===//

#include "Normalize.h"
#include "Apply.h"
#include "LaneRecords.h"
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
                   AffineIndex piece)
      : b(b), p(problem), sample(sample), piece(piece) {}

  void emit(const GroupStatistics &statistics);

private:
  Value emitDeviations(const GroupStatistics &statistics,
                       const GroupRange &groups);
  void emitLaneParameters(const GroupStatistics &statistics);
  void storeParameters(Value mean, Value rstd, AffineIndex feature,
                       int64_t length);
  void repeatFirstPosition(ArrayRef<Value> buffers);
  void loadEpilogueInputs();
  void allocateParameters();
  void packParameters();
  Parameters loadParameters(const LaneRange &lanes, bool packed = false);
  void emitSweep(int64_t stream);
  /// What is done with `inFlight` rows from `row` on.
  using UnitBody = function_ref<void(AffineIndex row, int64_t inFlight)>;
  void emitByRows(int64_t stream);
  void emitByBlocks(int64_t stream);
  void emitUnits(AffineIndex first, ArrayRef<AffineIndex> units, UnitBody body);
  void emitRagged(UnitBody body);
  /// What is asked for before a vector is normalized: the line that is needed
  /// some way behind it, nothing, or the former a second time.
  enum class Asking { Ahead, Nothing, Again };
  bool prefetchesNext() const {
    return p.schedule.getStrategy() == CPUStrategy::Sample &&
           p.schedule.getApplyNext() != 0;
  }
  /// A result, and where it goes.
  using Store = std::pair<Value, SmallVector<AffineIndex>>;
  void emitUnit(AffineIndex row, int64_t inFlight, const LaneRange &lanes,
                const Parameters &parameters, Asking asking,
                SmallVectorImpl<Store> &stores);
  Value emitVector(AffineIndex row, const LaneRange &lanes,
                   const Parameters &parameters);
  void emitStores(SmallVectorImpl<Store> &stores, int64_t stream);

  LoopEmitter &b;
  const Problem &p;
  AffineIndex sample, piece;
  Value shifts, scales, offsets; // memref<width>; null where records will do
  // The same, a vector of each in turn, for sweeps by rows.
  LaneRecords records;
  // Of the epilogue's inputs: a scalar, or a memref<width>, or null where the
  // sweep loads it.
  SmallVector<Value> uniform, lanes;
};

} // namespace

void NormalizeEmitter::emit(const GroupStatistics &statistics) {
  allocateParameters();
  uniform = p.epilogue.loadUniform(b, sample);
  emitLaneParameters(statistics);
  if (shifts)
    repeatFirstPosition({shifts, scales, offsets});
  loadEpilogueInputs();
  if (shifts && records)
    packParameters();
  int64_t alignment = 0;
  if (p.schedule.getStream() && p.rest.isZero())
    alignment = getStreamAlignment(p.yBuffer,
                                   std::gcd(p.schedule.getVector(), p.width));
  emitStreamingSweep(b, p.yBuffer, alignment,
                     [&](int64_t stream) { emitSweep(stream); });
}

//===----------------------------------------------------------------------===//
// Parameters of the lanes
//===----------------------------------------------------------------------===//

/// A sweep by rows passes over all parameters in each row: as records they are
/// one more stream beside x and y rather than three. They are made in that form
/// where the vectors in which they are made are those of the sweep.
void NormalizeEmitter::allocateParameters() {
  int64_t vector = p.schedule.getVector();
  int64_t run = p.contiguousGroups ? p.groupWidth : p.groups;
  if (p.schedule.getApplyOrder() == LoopOrder::Rows && p.width > vector)
    records = LaneRecords(b, p.width, vector, /*fields=*/3, p.computeType);
  if (records && p.flatten == 1 && run % vector == 0)
    return;
  for (Value *buffer : {&shifts, &scales, &offsets})
    *buffer = b.localBuffer(p.width, p.computeType);
}

/// The reciprocal deviations of some groups.
Value NormalizeEmitter::emitDeviations(const GroupStatistics &statistics,
                                       const GroupRange &groups) {
  auto load = [&](Value buffer) {
    return b.load(buffer, statistics.at(groups.first), groups.length,
                  p.statsType);
  };
  Value count = statistics.count
                    ? load(statistics.count)
                    : b.broadcast(b.toFloat(getGroupCount(p), p.statsType),
                                  groups.length);
  return emitReciprocalDeviation(b, load(statistics.m2), count, p.epsilon);
}

void NormalizeEmitter::emitLaneParameters(const GroupStatistics &statistics) {
  // Groups that come one at a time have their deviations made beforehand.
  Value deviations;
  if (p.contiguousGroups && p.groups != 1) {
    deviations = b.localBuffer(p.groups, p.statsType);
    forEachGroupVector(b, p, [&](GroupRange groups) {
      b.store(emitDeviations(statistics, groups), deviations, groups.first);
    });
  }
  forEachGroup(b, p, [&](GroupRange groups) {
    Value mean = b.load(statistics.mean, statistics.at(groups.first),
                        groups.length, p.statsType);
    Value rstd = deviations ? b.load(deviations, groups.first, groups.length,
                                     p.statsType)
                            : emitDeviations(statistics, groups);
    if (groups.length != 0) {
      b.forLoop(b.index(p.groupWidth), 1, [&](AffineIndex member) {
        storeParameters(mean, rstd, member * p.groups + groups.first,
                        groups.length);
      });
      return;
    }
    b.forEachVector(
        p.groupWidth, p.schedule.getVector(), [&](LaneRange members) {
          storeParameters(b.broadcast(mean, members.length),
                          b.broadcast(rstd, members.length),
                          groups.first * p.groupWidth + members.start,
                          members.length);
        });
  });
}

void NormalizeEmitter::storeParameters(Value mean, Value rstd,
                                       AffineIndex feature, int64_t length) {
  auto load = [&](Value buffer) {
    return buffer ? b.load(buffer, feature, length, p.statsType) : nullptr;
  };
  SmallVector<Value> inputs(p.epilogue.getNumInputs());
  for (auto [i, elements] : llvm::enumerate(inputs)) {
    if (!p.epilogue.isFolded(i))
      continue;
    elements = uniform[i] ? b.broadcast(uniform[i], length)
                          : p.epilogue.loadLanes(b, i, sample, feature, length);
  }
  Parameters parameters =
      emitParameters(b, mean, rstd, load(p.gamma), load(p.beta), p.computeType,
                     p.epilogue, inputs);
  for (auto [field, buffer, value] :
       llvm::enumerate(ArrayRef<Value>{shifts, scales, offsets},
                       ArrayRef<Value>{parameters.shift, parameters.scale,
                                       parameters.offset}))
    if (buffer)
      b.store(value, buffer, feature);
    else
      records.store(b, value, field, {feature, length});
}

/// Gives every position of a row what the first one has in `buffers`. Lanes are
/// written in the order that they have in memory: LLVM 22.1 makes wrong code of
/// short vectors that are written in another one and read as a long one.
void NormalizeEmitter::repeatFirstPosition(ArrayRef<Value> buffers) {
  for (int64_t position = 1; position < p.flatten; ++position)
    b.forEachVector(
        p.features, p.schedule.getVector(), [&](LaneRange features) {
          for (Value buffer : buffers)
            b.store(b.load(buffer, features.start, features.length,
                           cast<MemRefType>(buffer.getType()).getElementType()),
                    buffer, features.start + position * p.features);
        });
}

/// The inputs that the sweep reads and that do not depend on the row, in the
/// form of the parameters.
void NormalizeEmitter::loadEpilogueInputs() {
  for (size_t i = 0; i < p.epilogue.getNumInputs(); ++i) {
    lanes.push_back(nullptr);
    if (p.epilogue.getAccess(i) != Epilogue::Access::Lanes ||
        !p.epilogue.isSwept(i))
      continue;
    Value buffer = b.localBuffer(p.width, p.epilogue.getElementType(i));
    b.forEachVector(p.features, p.schedule.getVector(),
                    [&](LaneRange features) {
                      b.store(p.epilogue.loadLanes(b, i, sample, features.start,
                                                   features.length),
                              buffer, features.start);
                    });
    repeatFirstPosition({buffer});
    lanes.back() = buffer;
  }
}

/// Makes records of the parameters.
void NormalizeEmitter::packParameters() {
  b.forEachVector(p.width, p.schedule.getVector(), [&](LaneRange lanes) {
    for (auto [field, buffer] :
         llvm::enumerate(ArrayRef<Value>{shifts, scales, offsets}))
      records.store(b, b.load(buffer, lanes.start, lanes.length, p.computeType),
                    field, lanes);
  });
}

Parameters NormalizeEmitter::loadParameters(const LaneRange &range,
                                            bool packed) {
  auto load = [&](int64_t field, Value buffer) {
    if (packed && records)
      return records.load(b, field, range);
    return b.load(buffer, range.start, range.length, p.computeType);
  };
  Parameters parameters{load(0, shifts), load(1, scales), load(2, offsets), {}};
  for (auto [i, scalar, buffer] : llvm::enumerate(uniform, lanes)) {
    Value elements;
    if (scalar && p.epilogue.isSwept(i))
      elements = b.broadcast(scalar, range.length);
    else if (buffer)
      elements = b.load(buffer, range.start, range.length,
                        p.epilogue.getElementType(i));
    parameters.inputs.push_back(elements);
  }
  return parameters;
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
          emitStore(b, emitVector(p.rows, inRow, loadParameters(inRow)), p.y,
                    p.at(sample, p.rows, inRow.start), /*stream=*/0);
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
          band.length, p.schedule.getVector(), together,
          [&](ArrayRef<LaneRange> block) {
            SmallVector<Store> stores;
            for (auto [i, inBand] : llvm::enumerate(block)) {
              int64_t inLine = i % perLine;
              bool isLast = inLine + 1 == perLine || i + 1 == block.size();
              Asking asking = inLine == 0 ? Asking::Ahead
                              : isLast    ? Asking::Again
                                          : Asking::Nothing;
              LaneRange lanes{band.start + inBand.start, inBand.length};
              emitUnit(row, inFlight, lanes,
                       loadParameters(lanes, /*packed=*/true), asking, stores);
              if (!stream)
                emitStores(stores, stream);
            }
            emitStores(stores, stream);
          });
    };
  };
  auto emitBands = [&](AffineIndex first, ArrayRef<AffineIndex> units) {
    b.forEachVector(p.width, p.bandWidth, [&](LaneRange band) {
      emitUnits(first, units, emitBand(band));
    });
  };
  int64_t inFlight = p.schedule.getApplyRows(), chunk = p.schedule.getChunk();
  AffineIndex firstRow = p.firstRow(piece);
  if (p.bandWidth == p.width) {
    emitBands(firstRow, p.unitsIn(piece, inFlight));
  } else {
    b.forLoop(p.unitsIn(piece, chunk), 1, [&](AffineIndex index) {
      emitBands(firstRow + index * chunk, b.index(chunk / inFlight));
    });
    AffineIndex left = p.rows % chunk;
    if (!left.isZero())
      b.ifZero(p.piecesAfter(piece),
               [&] { emitBands(p.rows - left, left.floorDiv(inFlight)); });
  }
  emitRagged(emitBand({b.index(0), p.width}));
}

void NormalizeEmitter::emitByBlocks(int64_t stream) {
  b.forEachBlock(p.width, p.schedule.getVector(), p.schedule.getBlock(),
                 [&](ArrayRef<LaneRange> block) {
                   SmallVector<Parameters> parameters =
                       llvm::map_to_vector(block, [&](const LaneRange &lanes) {
                         return loadParameters(lanes);
                       });
                   auto body = [&](AffineIndex row, int64_t inFlight) {
                     SmallVector<Store> stores;
                     for (auto [lanes, laneParameters] :
                          llvm::zip(block, parameters)) {
                       emitUnit(row, inFlight, lanes, laneParameters,
                                Asking::Ahead, stores);
                       emitStores(stores, stream);
                     }
                   };
                   emitUnits(p.firstRow(piece),
                             p.unitsIn(piece, p.schedule.getApplyRows()), body);
                   emitRagged(body);
                 });
}

/// Rows from `first` on: min(units) times as many as are in flight.
void NormalizeEmitter::emitUnits(AffineIndex first, ArrayRef<AffineIndex> units,
                                 UnitBody body) {
  int64_t inFlight = p.schedule.getApplyRows();
  b.forLoop(units, 1, [&](AffineIndex index) {
    body(first + index * inFlight, inFlight);
  });
}

/// The rows that are left of the last piece, one by one.
void NormalizeEmitter::emitRagged(UnitBody body) {
  AffineIndex ragged = p.rows % p.schedule.getApplyRows();
  if (ragged.isZero())
    return;
  b.ifZero(p.piecesAfter(piece), [&] {
    b.forLoop(ragged, 1,
              [&](AffineIndex index) { body(p.rows - ragged + index, 1); });
  });
}

void NormalizeEmitter::emitUnit(AffineIndex row, int64_t inFlight,
                                const LaneRange &lanes,
                                const Parameters &parameters, Asking asking,
                                SmallVectorImpl<Store> &stores) {
  int64_t distance = p.schedule.getApplyPrefetch();
  // What is far away is asked for again, where that is still far: processors
  // drop prefetches while stores keep them busy. In a band, lines of other rows
  // come in between.
  if (asking == Asking::Again)
    distance = p.bandWidth == p.width ? distance / 2
                                      : std::min(distance / 2, 2 * p.rowSize);
  bool asks = asking == Asking::Ahead ||
              (asking == Asking::Again && distance > LoopEmitter::kNear);
  for (int64_t i = 0; i < inFlight; ++i) {
    SmallVector<AffineIndex> position = p.at(sample, row + i, lanes.start);
    SmallVector<AffineIndex> inRun = p.inRun(sample, row + i, lanes.start);
    if (asks && distance != 0) {
      b.prefetch(p.x, position, distance, /*lastUse=*/true);
      p.epilogue.prefetch(b, inRun, distance);
    }
    if (asking == Asking::Ahead && prefetchesNext())
      for (int64_t j = 0; j < p.schedule.getApplyNext(); ++j)
        b.prefetch(p.x, p.at(sample + 1, row + i, lanes.start), -j * kNextRetry,
                   /*lastUse=*/false);
    stores.push_back({emitVector(row + i, lanes, parameters), position});
  }
}

Value NormalizeEmitter::emitVector(AffineIndex row, const LaneRange &lanes,
                                   const Parameters &parameters) {
  return emitResult(b, p.x, p.at(sample, row, lanes.start),
                    p.inRun(sample, row, lanes.start), lanes.length, parameters,
                    p.epilogue, p.computeType);
}

void NormalizeEmitter::emitStores(SmallVectorImpl<Store> &stores,
                                  int64_t stream) {
  for (const auto &[value, position] : stores)
    emitStore(b, value, p.y, position, stream);
  stores.clear();
}

void gn::emitNormalize(LoopEmitter &b, const Problem &problem,
                       AffineIndex sample, AffineIndex piece,
                       const GroupStatistics &statistics) {
  RoleScope role(b, "normalize");
  NormalizeEmitter(b, problem, sample, piece).emit(statistics);
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
    b.store(mean, p.mean, {sample, groups.first});
    b.store(rstd, p.rstd, {sample, groups.first});
  });
}
