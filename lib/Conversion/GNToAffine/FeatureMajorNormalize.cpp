//===- FeatureMajorNormalize.cpp - Normalizing runs of one feature --------===//

#include "FeatureMajorEmitter.h"
#include "Views.h"
#include <numeric>

using namespace mlir;
using namespace gn;

/// Normalizes all runs of one group.
void FeatureMajorEmitter::emitNormalizeGroup(AffineIndex sample,
                                             AffineIndex group, Value mean,
                                             Value rstd) {
  emitStreaming([&](int64_t stream) {
    b.forLoop(view.runsPerGroup, 1, [&](AffineIndex index) {
      FeatureMajorView::Run run = view.getRun(sample, group, index);
      emitSweep(run, /*piece=*/b.index(0), loadParameters(run, mean, rstd),
                stream);
    });
  });
}

void FeatureMajorEmitter::emitNormalize(const GroupStatistics &given) {
  RoleScope role(b, "normalize");
  auto withStatistics =
      [&](AffineIndex sample, AffineIndex group,
          function_ref<void(Value mean, Value rstd)> normalize) {
        GroupStatistics ofSample = given;
        ofSample.prefix = {sample};
        SmallVector<AffineIndex> position = ofSample.at(group);
        auto load = [&](Value buffer) {
          return b.load(buffer, position, 0, b.getF64Type());
        };
        Value count = given.count ? load(given.count) : groupCount();
        Value rstd = emitReciprocalDeviation(b, load(given.m2), count, epsilon);
        normalize(load(given.mean), rstd);
      };
  bool parallel = statistics.schedule.getParallel();
  if (!canSplit()) {
    b.workItems(view.samples, b.index(view.groups), parallel,
                [&](AffineIndex sample, AffineIndex group) {
                  withStatistics(sample, group, [&](Value mean, Value rstd) {
                    emitNormalizeGroup(sample, group, mean, rstd);
                  });
                });
    return;
  }
  b.workItems(sizeOf(b, view.x, 0, 1), getPieces(), parallel,
              [&](AffineIndex number, AffineIndex piece) {
                FeatureMajorView::Run run = view.getRun(number);
                withStatistics(run.sample, view.groupOf(run.feature),
                               [&](Value mean, Value rstd) {
                                 Parameters parameters =
                                     loadParameters(run, mean, rstd);
                                 emitStreaming([&](int64_t stream) {
                                   emitSweep(run, piece, parameters, stream);
                                 });
                               });
              });
}

/// Elements of a piece of a segment of one feature: about as many as its
/// statistics are gathered by, in whole vectors.
int64_t FeatureMajorEmitter::getPieceSize() const {
  return llvm::alignTo(statistics.pieceRows * statistics.schedule.getFlatten(),
                       statistics.schedule.getVector());
}

AffineIndex FeatureMajorEmitter::getPieces() const {
  int64_t piece = getPieceSize();
  if (piece == 0 || !canSplit())
    return b.index(1);
  if (std::optional<int64_t> size = view.length.getConstant())
    return b.index(std::max<int64_t>(1, llvm::divideCeil(*size, piece)));
  return view.length.floorDiv(piece) + 1;
}

Parameters FeatureMajorEmitter::loadParameters(const FeatureMajorView::Run &run,
                                               Value mean, Value rstd) {
  auto load = [&](Value buffer) {
    return buffer ? b.load(buffer, run.feature, 0, b.getF64Type()) : nullptr;
  };
  SmallVector<AffineIndex> place = view.inOrder(run, b.index(0));
  SmallVector<Value> inputs =
      epilogue.loadUniform(b, ArrayRef(place).drop_back());
  Parameters parameters =
      emitParameters(b, mean, rstd, load(gamma), load(beta),
                     statistics.computeType, epilogue, inputs);
  parameters.inputs = std::move(inputs);
  return parameters;
}

/// What every vector of a segment of y is aligned to, if y is aligned, and
/// segments of a length that only a call knows are whole vectors; 0 if that is
/// too little to store it around the cache, or it is not wanted.
int64_t FeatureMajorEmitter::getStreamAlignment() const {
  if (!statistics.schedule.getStream())
    return 0;
  int64_t vector = statistics.schedule.getVector();
  std::optional<int64_t> size = view.length.getConstant();
  return gn::getStreamAlignment(yBuffer,
                                size ? std::gcd(vector, *size) : vector);
}

/// Whether each run can begin with single elements up to a line of y: it is so
/// long that these cost little, and its last piece has enough of its own to
/// compute the last ones by a whole vector.
bool FeatureMajorEmitter::canStartAtLines() const {
  constexpr int64_t kLeastVectors = 256;
  const CPUScheduleAttr &schedule = statistics.schedule;
  int64_t vector = schedule.getVector(), line = getLineLength(yBuffer);
  std::optional<int64_t> length = view.length.getConstant();
  if (!schedule.getStream() || !yAddress || line % vector != 0 || !length ||
      *length < kLeastVectors * vector ||
      gn::getStreamAlignment(yBuffer, vector) == 0)
    return false;
  int64_t others = (*getPieces().getConstant() - 1) * getPieceSize();
  return *length - others >= line + vector;
}

AffineIndex
FeatureMajorEmitter::getLead(const FeatureMajorView::Run &run) const {
  if (!canStartAtLines())
    return b.index(0);
  AffineIndex start =
      view.numberOf(run) * *view.length.getConstant() + AffineIndex(yAddress);
  return gn::getLead(b, yBuffer, start);
}

/// Emits a sweep that stores around the cache where it is told to.
void FeatureMajorEmitter::emitStreaming(
    function_ref<void(int64_t stream)> sweep) {
  if (!canStartAtLines())
    return emitStreamingSweep(b, yBuffer, getStreamAlignment(), sweep,
                              view.length);
  sweep(gn::getStreamAlignment(yBuffer, statistics.schedule.getVector()));
}

void FeatureMajorEmitter::emitSweep(const FeatureMajorView::Run &run,
                                    AffineIndex piece,
                                    const Parameters &parameters,
                                    int64_t stream) {
  const CPUScheduleAttr &schedule = statistics.schedule;
  int64_t vector = schedule.getVector();
  // The same member of the next group.
  FeatureMajorView::Run next = run;
  next.feature = run.feature + (view.interleaved ? 1 : view.groupWidth);
  Type yType = cast<MemRefType>(view.y.getType()).getElementType();
  auto compute = [&](AffineIndex start, int64_t length) {
    Parameters wide{b.broadcast(parameters.shift, length),
                    b.broadcast(parameters.scale, length),
                    b.broadcast(parameters.offset, length),
                    {}};
    for (Value scalar : parameters.inputs)
      wide.inputs.push_back(scalar ? b.broadcast(scalar, length) : nullptr);
    return emitResult(b, view.x, view.at(run, start), view.inOrder(run, start),
                      length, wide, epilogue, statistics.computeType, yType);
  };
  auto apply = [&](AffineIndex start, int64_t length) {
    if (int64_t distance = schedule.getApplyPrefetch())
      b.prefetch(view.x, view.at(run, start), distance);
    if (schedule.getApplyNext() != 0 &&
        schedule.getStrategy() == CPUStrategy::Sample)
      b.prefetch(view.x, view.at(next, start), /*distance=*/0);
    Value result = compute(start, length);
    emitStore(b, result, view.y, view.at(run, start), length != 0 ? stream : 0);
  };

  AffineIndex pieces = getPieces(), lead = getLead(run);
  auto ifLast = [&](function_ref<void()> body) {
    b.ifZero(pieces + -1 - piece, body);
  };
  // What lies around whole lines is computed by whole vectors too, by way of a
  // buffer: y may be x, so the end comes first.
  AffineIndex left = (view.length - lead) % vector;
  Value end;
  if (!lead.isZero()) {
    Value start = b.localBuffer(getLineLength(yBuffer), yType);
    b.ifZero(piece, [&] {
      b.forLoop(lead, vector, [&](AffineIndex index) {
        b.store(compute(index, vector), start, index);
      });
      emitStores(b, start, b.index(0), lead, view.y,
                 [&](AffineIndex i) { return view.at(run, i); });
    });
    end = b.localBuffer(vector, yType);
    ifLast([&] {
      b.forLoop((left + (vector - 1)).floorDiv(vector), 1, [&](AffineIndex) {
        b.store(compute(view.length + -vector, vector), end, b.index(0));
      });
    });
  }

  // Whole vectors of the piece, then what is left of the segment in its last
  // piece.
  int64_t pieceSize = getPieceSize();
  AffineIndex first = lead;
  SmallVector<AffineIndex> vectors;
  if (pieces.getConstant() != 1) {
    first = lead + piece * pieceSize;
    vectors.push_back(b.index(pieceSize / vector));
  }
  vectors.push_back((view.length - first).floorDiv(vector));
  b.forLoop(vectors, 1,
            [&](AffineIndex index) { apply(first + index * vector, vector); });
  ifLast([&] {
    if (end)
      return emitStores(
          b, end, left * -1 + vector, left, view.y,
          [&](AffineIndex i) { return view.at(run, view.length - left + i); });
    if (std::optional<int64_t> tail = left.getConstant()) {
      if (*tail != 0)
        apply(view.length - left, *tail);
      return;
    }
    // A run that is streamed is a whole number of aligned stores.
    int64_t unit = stream ? stream * 8 / yType.getIntOrFloatBitWidth() : 1;
    if (unit == vector)
      return;
    b.forLoop(left, unit, [&](AffineIndex index) {
      apply(view.length - left + index, unit == 1 ? 0 : unit);
    });
  });
}
