//===- FeatureMajor.cpp - Features that are not last ----------------------===//
//
// Work items are groups, or, where there are no gaps in memory and the sizes
// before the features are known, pieces of segments.
//
//===----------------------------------------------------------------------===//

#include "FeatureMajor.h"
#include "FeatureMajorEmitter.h"
#include "Merge.h"
#include "Problem.h"
#include "RunStatistics.h"
#include "SplitStatistics.h"
#include "Views.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace gn;

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
  FailureOr<FeatureMajorView> view = FeatureMajorView::create(op, b);
  if (failed(view))
    return failure();
  int64_t dim = op.getFeatureDimension();
  Value segments = view->x;
  bool wholeGroups = view->isFlat && !view->interleaved && dim == 1;
  if (wholeGroups) {
    Value split = splitGroups(b, op.getX(), view->groups);
    // There may be padding between the features of a group.
    wholeGroups = canCollapseBehind(split, 1);
    if (wholeGroups)
      segments = collapseBehind(b, split, 1);
  }
  FeatureMajorEmitter emitter(
      b, *view,
      Problem::ofSegments(
          b, segments, op.getComputeType(),
          view->isFlat ? sizeOf(b, segments, 0, 1) : view->samples,
          view->isFlat ? sizeOf(b, segments, 1, 2) : view->length));
  emitter.wholeGroups = wholeGroups;
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
    if (mayStream(op) && view->isFlat)
      emitter.yAddress = addressOf(b, op.getInit());
    emitter.gamma = op.getGamma();
    emitter.beta = op.getBeta();
    emitter.epsilon = {getBoundedEpsilon(op), op.getEpsilonPlacement() ==
                                                  EpsilonPlacement::InsideSqrt};
  }
  return emitter;
}

//===----------------------------------------------------------------------===//
// Statistics
//===----------------------------------------------------------------------===//

/// The statistics of one group, in one sweep over its runs.
Moments FeatureMajorEmitter::emitGroupStatistics(AffineIndex sample,
                                                 AffineIndex group) {
  auto whole = [&](AffineIndex, AffineIndex start) {
    return SmallVector<AffineIndex>{sample * view.groups + group, start};
  };
  auto ofRun = [&](AffineIndex run, AffineIndex start) {
    return view.at(view.getRun(sample, group, run), start);
  };
  return emitRunStatistics(
      b,
      wholeGroups ? Runs{statistics.x, b.index(1), view.groupCount, whole}
                  : Runs{view.x, view.runsPerGroup, view.length, ofRun},
      statistics.schedule, statistics.computeType);
}

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
  int64_t outer = view.outer, groupWidth = view.groupWidth;
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
  Value count = b.toFloat(view.length, type);
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
    if (wholeGroups)
      return split.of(sample * view.groups + group);
    return split.of(
        view.numberOf({sample, view.featureOf(group, member), {position}, {}}));
  });
}

void FeatureMajorEmitter::emitStatistics(const GroupStatistics &result) {
  auto mergeInto = [&](const Moments &moments, AffineIndex sample,
                       AffineIndex group) {
    RoleScope role(b, "merge");
    GroupStatistics ofSample = result;
    ofSample.prefix = {sample};
    emitMergeInto(b, moments, groupCount(), ofSample, {group, 0});
  };
  if (!canSplit()) {
    b.workItems(
        view.samples, b.index(view.groups), statistics.schedule.getParallel(),
        [&](AffineIndex sample, AffineIndex group) {
          b.ifPositive(view.groupCount, [&] {
            mergeInto(emitGroupStatistics(sample, group), sample, group);
          });
        });
    return;
  }
  SplitStatistics split(b, statistics);
  split.emit();
  RoleScope role(b, "merge");
  b.ifPositive(view.length, [&] {
    b.forLoop(view.samples, 1, [&](AffineIndex sample) {
      b.forLoop(b.index(view.groups), 1, [&](AffineIndex group) {
        mergeInto(emitSegmentMerge(split, sample, group), sample, group);
      });
    });
  });
  split.release();
}

//===----------------------------------------------------------------------===//
// Both halves
//===----------------------------------------------------------------------===//

void FeatureMajorEmitter::emitByGroup() {
  b.workItems(
      view.samples, b.index(view.groups), statistics.schedule.getParallel(),
      [&](AffineIndex sample, AffineIndex group) {
        // The statistics of nothing are no numbers.
        if (mean && !view.groupCount.getConstant()) {
          Value nan = b.constant(std::numeric_limits<double>::quiet_NaN(),
                                 b.getF64Type());
          saveStatistics(sample, group, nan, nan);
        }
        b.ifPositive(view.groupCount, [&] {
          Moments moments = emitGroupStatistics(sample, group);
          RoleScope role(b, "normalize");
          Value rstd =
              emitReciprocalDeviation(b, moments.m2, groupCount(), epsilon);
          saveStatistics(sample, group, moments.mean, rstd);
          emitNormalizeGroup(sample, group, moments.mean, rstd);
        });
      });
}

void FeatureMajorEmitter::emitSplit() {
  SplitStatistics split(b, statistics);
  split.emit();
  SmallVector<int64_t> shape = {
      view.samples.getConstant().value_or(ShapedType::kDynamic), view.groups};
  SmallVector<Value> sizes;
  if (!view.samples.getConstant())
    sizes.push_back(b.materialize(view.samples));
  auto allocate = [&]() -> Value {
    return memref::AllocOp::create(b, MemRefType::get(shape, b.getF64Type()),
                                   sizes, b.getI64IntegerAttr(64));
  };
  GroupStatistics merged{allocate(), allocate(), nullptr, {}};
  {
    RoleScope role(b, "merge");
    b.forLoop(view.samples, 1, [&](AffineIndex sample) {
      b.forLoop(b.index(view.groups), 1, [&](AffineIndex group) {
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

//===----------------------------------------------------------------------===//
// Entry points
//===----------------------------------------------------------------------===//

LogicalResult gn::emitFeatureMajor(GroupNormOp op, LoopEmitter &b) {
  FailureOr<FeatureMajorEmitter> emitter = FeatureMajorEmitter::create(op, b);
  if (failed(emitter))
    return failure();
  emitter->forEachSchedule(op, [&](CPUScheduleAttr schedule) {
    if (schedule.getStrategy() == CPUStrategy::Sample || !emitter->canSplit())
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
