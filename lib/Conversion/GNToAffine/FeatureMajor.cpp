//===- FeatureMajor.cpp - Features that are not last ----------------------===//

#include "FeatureMajor.h"
#include "Apply.h"
#include "Merge.h"
#include "Problem.h"
#include "RunStatistics.h"
#include "SplitStatistics.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include <numeric>

using namespace mlir;
using namespace gn;

namespace {

/// One op on x as [N, A, C, B]: A positions before the features, B behind them.
class FeatureMajorEmitter {
public:
  template <typename OpTy>
  static FailureOr<FeatureMajorEmitter> create(OpTy op, LoopEmitter &b);

  /// Emits the loops for each schedule of `op`.
  void forEachSchedule(Operation *op,
                       function_ref<void(CPUScheduleAttr)> emit) {
    gn::forEachSchedule(b, op, samples, inner * outer,
                        [&](CPUScheduleAttr schedule) {
                          statistics.setSchedule(b, schedule);
                          emit(schedule);
                        });
  }
  /// Work items are groups, each of which stays in the cache between its
  /// sweeps.
  void emitByGroup();
  /// Work items are pieces of segments, in two rounds.
  void emitSplit();
  /// Merges the statistics of x into `result`.
  void emitStatistics(const GroupStatistics &result);
  /// Normalizes by `given`, whose prefix is the sample.
  void emitNormalize(const GroupStatistics &given);

private:
  FeatureMajorEmitter(LoopEmitter &b, const Problem &statistics)
      : b(b), statistics(statistics), samples(b.index(0)), inner(b.index(0)) {}

  /// Where the statistics of a segment are: of the group's as many as
  /// `outer * groupWidth` segments, that of one position and one member.
  using SegmentStatistics =
      function_ref<GroupStatistics(AffineIndex position, AffineIndex member)>;

  Moments emitSegmentMerge(SegmentStatistics segments);
  Moments emitSegmentMerge(SplitStatistics &split, AffineIndex sample,
                           AffineIndex group);
  int64_t getPieceSize() const;
  AffineIndex getPieces() const;
  AffineIndex featureOf(AffineIndex group, AffineIndex member) const {
    return interleaved ? member * groups + group : group * groupWidth + member;
  }
  AffineIndex groupOf(AffineIndex feature) const {
    return interleaved ? feature % groups : feature.floorDiv(groupWidth);
  }
  AffineIndex segmentOf(AffineIndex sample, AffineIndex position,
                        AffineIndex feature) const {
    return sample * (outer * features) + position * features + feature;
  }
  Parameters loadParameters(AffineIndex segment, AffineIndex feature,
                            Value mean, Value rstd);
  int64_t getStreamAlignment() const;
  void emitSweep(AffineIndex segment, AffineIndex piece,
                 const Parameters &parameters, int64_t stream);
  /// Writes what is to be saved of one group.
  void saveStatistics(AffineIndex sample, AffineIndex group, Value groupMean,
                      Value groupRstd) {
    if (!mean)
      return;
    if (!inner.getConstant())
      groupMean = emitNaNIfEmpty(b, groupMean, groupCount());
    b.store(groupMean, mean, {sample, group});
    b.store(groupRstd, rstd, {sample, group});
  }
  Value groupCount() {
    return b.toFloat(inner * (outer * groupWidth), b.getF64Type());
  }

  LoopEmitter &b;
  // The statistics of segments. Where a group's features are neighbours and
  // nothing stands before them, a segment is a whole group.
  Problem statistics;
  bool wholeGroups = false;
  Value x, y; // [N * A * C, B]
  Value yBuffer, gamma, beta;
  Epilogue epilogue;
  Value mean, rstd; // to be saved; null where they are not
  Epsilon epsilon;
  bool interleaved = false;
  int64_t outer = 1, features = 1, groups = 1, groupWidth = 1; // A, C, G, C/G
  AffineIndex samples, inner;                                  // N, B
};

} // namespace

//===----------------------------------------------------------------------===//
// Views
//===----------------------------------------------------------------------===//

/// Sees a buffer as [dimensions up to `dim`, the ones behind it]; null if they
/// cannot be collapsed.
static Value collapseBehind(LoopEmitter &b, Value buffer, int64_t dim) {
  auto type = cast<MemRefType>(buffer.getType());
  SmallVector<ReassociationIndices> reassociation(2);
  for (int64_t i = 0; i < type.getRank(); ++i)
    reassociation[i > dim].push_back(i);
  // They may collapse to elements that are evenly apart, but not adjacent.
  if (!memref::CollapseShapeOp::isGuaranteedCollapsible(type, reassociation) ||
      !memref::CollapseShapeOp::computeCollapsedType(type, reassociation)
           .isLastDimUnitStride())
    return nullptr;
  return memref::CollapseShapeOp::create(b, buffer, reassociation);
}

/// Sees [N, C, ...] as [N, G, C/G, ...].
static Value splitGroups(LoopEmitter &b, Value buffer, int64_t groups) {
  auto type = cast<MemRefType>(buffer.getType());
  SmallVector<int64_t> shape(type.getShape());
  SmallVector<ReassociationIndices> reassociation = {{0}, {1, 2}};
  for (int64_t i = 2; i < type.getRank(); ++i)
    reassociation.push_back({i + 1});
  shape[1] /= groups;
  shape.insert(shape.begin() + 1, groups);
  return memref::ExpandShapeOp::create(b, shape, buffer, reassociation);
}

template <typename OpTy>
FailureOr<FeatureMajorEmitter> FeatureMajorEmitter::create(OpTy op,
                                                           LoopEmitter &b) {
  int64_t dim = op.getFeatureDimension(), rank = op.getXType().getRank();
  AffineIndex before = sizeOf(b, op.getX(), 1, dim);
  if (!before.getConstant())
    return op.emitError("dynamic sizes before the features are not lowered to "
                        "affine loops; run gn-decompose");
  Value x = collapseBehind(b, op.getX(), dim);
  if (!x)
    return op.emitError("x must lie contiguously in memory to be lowered to "
                        "affine loops with its features not last; copy x, or "
                        "run gn-decompose");

  int64_t groups = op.getNumGroups();
  bool interleaved = op.isInterleaved() && groups != 1;
  bool wholeGroups = !interleaved && before.getConstant() == 1 && dim == 1;
  Value segments = x;
  if (wholeGroups)
    segments = collapseBehind(b, splitGroups(b, op.getX(), groups), 1);
  if (!segments) {
    // There is padding between the features of a group.
    wholeGroups = false;
    segments = x;
  }
  FeatureMajorEmitter emitter(
      b, Problem::ofSegments(b, segments, op.getComputeType(),
                             sizeOf(b, segments, 0, 1),
                             sizeOf(b, segments, 1, 2)));
  emitter.wholeGroups = wholeGroups;
  emitter.interleaved = interleaved;
  emitter.x = x;
  emitter.outer = *before.getConstant();
  emitter.features = op.getNumFeatures();
  emitter.groups = groups;
  emitter.groupWidth = emitter.features / groups;
  emitter.samples = sizeOf(b, op.getX(), 0, 1);
  emitter.inner = sizeOf(b, op.getX(), dim + 1, rank);
  if constexpr (std::is_same_v<OpTy, GroupNormOp>) {
    emitter.mean = op.getMean();
    emitter.rstd = op.getRstd();
  }
  if constexpr (!std::is_same_v<OpTy, GroupStatsOp>) {
    FailureOr<Epilogue> epilogue = Epilogue::create(op, b, dim + 1);
    if (failed(epilogue))
      return failure();
    emitter.epilogue = std::move(*epilogue);
    emitter.yBuffer = op.getInit();
    emitter.y = collapseBehind(b, op.getInit(), dim);
    if (!emitter.y)
      return op.emitError("the result must lie contiguously in memory to be "
                          "lowered to affine loops with its features not "
                          "last; write to a buffer of its own, or run "
                          "gn-decompose");
    emitter.gamma = op.getGamma();
    emitter.beta = op.getBeta();
    emitter.epsilon = {op.getEpsilon().convertToDouble(),
                       op.getEpsilonPlacement() ==
                           EpsilonPlacement::InsideSqrt};
  }
  return emitter;
}

//===----------------------------------------------------------------------===//
// Statistics
//===----------------------------------------------------------------------===//

/// Merges the segments of one group. They all have the same count, so the mean
/// is the plain mean of their means.
Moments FeatureMajorEmitter::emitSegmentMerge(SegmentStatistics segments) {
  RoleScope role(b, "merge");
  Type type = b.getF64Type();
  auto load = [&](Value GroupStatistics::*buffer, AffineIndex position,
                  AffineIndex member) {
    GroupStatistics segment = segments(position, member);
    return b.load(segment.*buffer, segment.at(b.index(0)), 0, type);
  };
  if (wholeGroups || outer * groupWidth == 1)
    return {load(&GroupStatistics::mean, b.index(0), b.index(0)),
            load(&GroupStatistics::m2, b.index(0), b.index(0))};

  auto sum =
      [&](function_ref<Value(AffineIndex position, AffineIndex member)> term) {
        SmallVector<Value> total = b.forLoop(
            b.index(outer), 1, b.constant(0, type),
            [&](AffineIndex position, ValueRange outerSum) {
              return b.forLoop(b.index(groupWidth), 1, outerSum,
                               [&](AffineIndex member, ValueRange sum) {
                                 return SmallVector<Value>{
                                     b.add(sum[0], term(position, member))};
                               });
            });
        return total.front();
      };
  Value mean = b.div(sum([&](AffineIndex position, AffineIndex member) {
                       return load(&GroupStatistics::mean, position, member);
                     }),
                     b.constant(static_cast<double>(outer * groupWidth), type));
  Value count = b.toFloat(inner, type);
  Value m2 = sum([&](AffineIndex position, AffineIndex member) {
    Value delta = b.sub(load(&GroupStatistics::mean, position, member), mean);
    return b.fma(b.mul(delta, delta), count,
                 load(&GroupStatistics::m2, position, member));
  });
  return {mean, m2};
}

Moments FeatureMajorEmitter::emitSegmentMerge(SplitStatistics &split,
                                              AffineIndex sample,
                                              AffineIndex group) {
  return emitSegmentMerge([&](AffineIndex position, AffineIndex member) {
    return split.of(
        wholeGroups ? sample * groups + group
                    : segmentOf(sample, position, featureOf(group, member)));
  });
}

void FeatureMajorEmitter::emitStatistics(const GroupStatistics &result) {
  SplitStatistics split(b, statistics);
  split.emit();
  RoleScope role(b, "merge");
  b.ifPositive(inner, [&] {
    b.forLoop(samples, 1, [&](AffineIndex sample) {
      b.forLoop(b.index(groups), 1, [&](AffineIndex group) {
        GroupStatistics ofSample = result;
        ofSample.prefix = {sample};
        emitMergeInto(b, emitSegmentMerge(split, sample, group), groupCount(),
                      ofSample, {group, 0});
      });
    });
  });
  split.release();
}

//===----------------------------------------------------------------------===//
// Normalization
//===----------------------------------------------------------------------===//

void FeatureMajorEmitter::emitByGroup() {
  AffineIndex piece = b.index(0);
  int64_t segments = outer * groupWidth;
  b.workItems(
      samples, b.index(groups), statistics.schedule.getParallel(),
      [&](AffineIndex sample, AffineIndex group) {
        auto member = [&](AffineIndex run) {
          return segmentOf(sample, run.floorDiv(groupWidth),
                           featureOf(group, run % groupWidth));
        };
        auto whole = [&](AffineIndex) { return sample * groups + group; };
        auto emit = [&] {
          Moments moments = emitRunStatistics(
              b,
              wholeGroups ? Runs{statistics.x, 1, inner * groupWidth, whole}
                          : Runs{x, segments, inner, member},
              statistics.schedule, statistics.computeType);
          RoleScope role(b, "normalize");
          Value rstd =
              emitReciprocalDeviation(b, moments.m2, groupCount(), epsilon);
          saveStatistics(sample, group, moments.mean, rstd);
          emitStreamingSweep(
              b, yBuffer, getStreamAlignment(), [&](int64_t stream) {
                b.forLoop(b.index(segments), 1, [&](AffineIndex run) {
                  AffineIndex feature = featureOf(group, run % groupWidth);
                  Parameters parameters =
                      loadParameters(member(run), feature, moments.mean, rstd);
                  emitSweep(member(run), piece, parameters, stream);
                });
              });
        };
        // The statistics of nothing are no numbers.
        if (mean && !inner.getConstant()) {
          Value nan = b.constant(std::numeric_limits<double>::quiet_NaN(),
                                 b.getF64Type());
          saveStatistics(sample, group, nan, nan);
        }
        b.ifPositive(inner, emit);
      });
}

void FeatureMajorEmitter::emitSplit() {
  SplitStatistics split(b, statistics);
  split.emit();
  SmallVector<int64_t> shape = {
      samples.getConstant().value_or(ShapedType::kDynamic), groups};
  SmallVector<Value> sizes;
  if (!samples.getConstant())
    sizes.push_back(b.materialize(samples));
  auto allocate = [&]() -> Value {
    return memref::AllocOp::create(b, MemRefType::get(shape, b.getF64Type()),
                                   sizes, b.getI64IntegerAttr(64));
  };
  GroupStatistics merged{allocate(), allocate(), nullptr, {}};
  {
    RoleScope role(b, "merge");
    b.forLoop(samples, 1, [&](AffineIndex sample) {
      b.forLoop(b.index(groups), 1, [&](AffineIndex group) {
        Moments moments = emitSegmentMerge(split, sample, group);
        b.store(moments.mean, merged.mean, {sample, group});
        b.store(moments.m2, merged.m2, {sample, group});
        if (mean)
          saveStatistics(
              sample, group, moments.mean,
              emitReciprocalDeviation(b, moments.m2, groupCount(), epsilon));
      });
    });
  }
  emitNormalize(merged);
  split.release();
  memref::DeallocOp::create(b, merged.mean);
  memref::DeallocOp::create(b, merged.m2);
}

void FeatureMajorEmitter::emitNormalize(const GroupStatistics &given) {
  RoleScope role(b, "normalize");
  b.workItems(
      sizeOf(b, x, 0, 1), getPieces(), statistics.schedule.getParallel(),
      [&](AffineIndex segment, AffineIndex piece) {
        AffineIndex feature = segment % features;
        GroupStatistics ofSample = given;
        ofSample.prefix = {segment.floorDiv(outer * features)};
        SmallVector<AffineIndex> position = ofSample.at(groupOf(feature));
        auto load = [&](Value buffer) {
          return b.load(buffer, position, 0, b.getF64Type());
        };
        Value count = given.count ? load(given.count) : groupCount();
        Value rstd = emitReciprocalDeviation(b, load(given.m2), count, epsilon);
        Parameters parameters =
            loadParameters(segment, feature, load(given.mean), rstd);
        emitStreamingSweep(b, yBuffer, getStreamAlignment(),
                           [&](int64_t stream) {
                             emitSweep(segment, piece, parameters, stream);
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
  if (piece == 0)
    return b.index(1);
  if (std::optional<int64_t> size = inner.getConstant())
    return b.index(std::max<int64_t>(1, llvm::divideCeil(*size, piece)));
  return inner.floorDiv(piece) + 1;
}

Parameters FeatureMajorEmitter::loadParameters(AffineIndex segment,
                                               AffineIndex feature, Value mean,
                                               Value rstd) {
  auto load = [&](Value buffer) {
    return buffer ? b.load(buffer, feature, 0, b.getF64Type()) : nullptr;
  };
  Parameters parameters = emitParameters(b, mean, rstd, load(gamma), load(beta),
                                         statistics.computeType);
  parameters.inputs = epilogue.loadUniform(b, segment);
  return parameters;
}

/// What every vector of a segment of y is aligned to, if y is aligned; 0 if
/// that is too little to store it around the cache, or it is not wanted.
int64_t FeatureMajorEmitter::getStreamAlignment() const {
  std::optional<int64_t> size = inner.getConstant();
  if (!statistics.schedule.getStream() || !size)
    return 0;
  return gn::getStreamAlignment(
      yBuffer, std::gcd(statistics.schedule.getVector(), *size));
}

void FeatureMajorEmitter::emitSweep(AffineIndex segment, AffineIndex piece,
                                    const Parameters &parameters,
                                    int64_t stream) {
  const CPUScheduleAttr &schedule = statistics.schedule;
  int64_t vector = schedule.getVector();
  // Where the same member of the next group begins.
  int64_t nextGroup = interleaved ? 1 : groupWidth;
  auto apply = [&](AffineIndex start, int64_t length) {
    if (int64_t distance = schedule.getApplyPrefetch())
      b.prefetch(x, {segment, start}, distance, /*lastUse=*/true);
    if (schedule.getApplyNext() != 0 &&
        schedule.getStrategy() == CPUStrategy::Sample)
      b.prefetch(x, {segment + nextGroup, start}, /*distance=*/0,
                 /*lastUse=*/false);
    Parameters wide{b.broadcast(parameters.shift, length),
                    b.broadcast(parameters.scale, length),
                    b.broadcast(parameters.offset, length),
                    {}};
    for (Value scalar : parameters.inputs)
      wide.inputs.push_back(scalar ? b.broadcast(scalar, length) : nullptr);
    emitApply(b, x, y, {segment, start}, {segment, start}, length, wide,
              epilogue, statistics.computeType, length != 0 ? stream : 0);
  };

  AffineIndex pieces = getPieces();
  // Whole vectors of the piece, then what is left of the segment in its last
  // piece.
  int64_t pieceSize = getPieceSize();
  AffineIndex first = b.index(0);
  SmallVector<AffineIndex> vectors;
  if (pieces.getConstant() != 1) {
    first = piece * pieceSize;
    vectors.push_back(b.index(pieceSize / vector));
  }
  vectors.push_back((inner - first).floorDiv(vector));
  b.forLoop(vectors, 1,
            [&](AffineIndex index) { apply(first + index * vector, vector); });
  AffineIndex left = inner % vector;
  b.ifZero(pieces + -1 - piece, [&] {
    if (std::optional<int64_t> tail = left.getConstant()) {
      if (*tail != 0)
        apply(inner - left, *tail);
      return;
    }
    b.forLoop(left, 1,
              [&](AffineIndex index) { apply(inner - left + index, 0); });
  });
}

//===----------------------------------------------------------------------===//
// Entry points
//===----------------------------------------------------------------------===//

LogicalResult gn::emitFeatureMajor(GroupNormOp op, LoopEmitter &b) {
  FailureOr<FeatureMajorEmitter> emitter = FeatureMajorEmitter::create(op, b);
  if (failed(emitter))
    return failure();
  emitter->forEachSchedule(op, [&](CPUScheduleAttr schedule) {
    if (schedule.getStrategy() == CPUStrategy::Sample)
      emitter->emitByGroup();
    else
      emitter->emitSplit();
  });
  return success();
}

LogicalResult gn::emitFeatureMajor(GroupStatsOp op, LoopEmitter &b) {
  FailureOr<FeatureMajorEmitter> emitter = FeatureMajorEmitter::create(op, b);
  if (failed(emitter))
    return failure();
  emitter->forEachSchedule(op, [&](CPUScheduleAttr) {
    emitter->emitStatistics({op.getMean(), op.getM2(), op.getCount(), {}});
  });
  return success();
}

LogicalResult gn::emitFeatureMajor(GroupNormalizeOp op, LoopEmitter &b) {
  FailureOr<FeatureMajorEmitter> emitter = FeatureMajorEmitter::create(op, b);
  if (failed(emitter))
    return failure();
  emitter->forEachSchedule(op, [&](CPUScheduleAttr) {
    emitter->emitNormalize({op.getMean(), op.getM2(), op.getCount(), {}});
  });
  return success();
}
