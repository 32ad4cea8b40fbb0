//===- GNToAffine.cpp - gn ops on memrefs to affine loops -----------------===//
//
// What each op is made of: work items, and the buffers between them. The
// loops within a work item are in Statistics.cpp, Merge.cpp and Normalize.cpp.
//
//===----------------------------------------------------------------------===//

#include "groupnorm/Conversion/GNToAffine/GNToAffine.h"
#include "FeatureMajor.h"
#include "Merge.h"
#include "Normalize.h"
#include "Outline.h"
#include "Problem.h"
#include "SplitStatistics.h"
#include "Statistics.h"
#include "Views.h"
#include "groupnorm/Conversion/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace gn {
#define GEN_PASS_DEF_CONVERTGNTOAFFINEPASS
#include "groupnorm/Conversion/Passes.h.inc"
} // namespace gn

using namespace mlir;
using namespace gn;

//===----------------------------------------------------------------------===//
// Features last
//===----------------------------------------------------------------------===//

/// The statistics of a work item that is all of a sample, or of a tile: piece
/// by piece, so that its bits are those that pieces on several threads give.
static GroupStatistics emitOwnStatistics(LoopEmitter &b, const Problem &p,
                                         AffineIndex sample) {
  auto makeBuffers = [&] {
    return GroupStatistics{b.localBuffer(p.groups, p.statsType),
                           b.localBuffer(p.groups, p.statsType),
                           nullptr,
                           {}};
  };
  GroupStatistics statistics = makeBuffers();
  if (p.pieces.getConstant() == 1) {
    AffineIndex piece = b.index(0);
    LaneStatistics lanes = emitLaneStatistics(b, p, sample, piece);
    emitLaneMerge(b, p, piece, lanes, statistics);
    return statistics;
  }
  RoleScope role(b, "statistics");
  GroupStatistics ofPiece = makeBuffers();
  emitClear(b, p, statistics);
  b.forLoop(p.pieces, 1, [&](AffineIndex piece) {
    LaneStatistics lanes = emitLaneStatistics(b, p, sample, piece);
    emitLaneMerge(b, p, piece, lanes, ofPiece);
    emitPieceMerge(b, p, piece, ofPiece, statistics);
  });
  return statistics;
}

/// A work item is a sample, or a tile of its groups, which stays in the cache
/// between its sweeps.
static void emitBySample(LoopEmitter &b, const Problem &whole) {
  b.workItems(whole.samples, b.index(whole.tiles), whole.schedule.getParallel(),
              [&](AffineIndex sample, AffineIndex tile) {
                Problem p = whole.ofTile(tile);
                GroupStatistics statistics = emitOwnStatistics(b, p, sample);
                emitSaveStatistics(b, p, sample, statistics);
                emitNormalize(b, p.inWholeSamples(), sample, b.index(0),
                              statistics);
              });
}

/// Work items are pieces of samples, in two rounds for each span of samples:
/// all samples, or so few that the second round finds them in a cache.
static void emitSplit(LoopEmitter &b, const Problem &p) {
  SplitStatistics statistics(b, p);
  statistics.allocate();
  // Where nobody shares a sample, its parameters need be made but once. Blocks
  // go over their rows again and again: for them a piece is what a cache holds.
  bool shared = p.schedule.getParallel() ||
                p.schedule.getApplyOrder() == LoopOrder::Blocks;
  Problem normalized = shared ? p.inShares() : p.inWholeSamples();
  auto emitSpan = [&](AffineIndex first, ArrayRef<AffineIndex> count) {
    statistics.emit(first, count);
    if (p.mean)
      b.forLoop(count, 1, [&](AffineIndex offset) {
        AffineIndex sample = first + offset;
        emitSaveStatistics(b, p, sample, statistics.of(sample));
      });
    RoleScope role(b, "normalize");
    b.workItems(count, normalized.getItems(), p.schedule.getParallel(),
                [&](AffineIndex offset, AffineIndex item) {
                  AffineIndex sample = first + offset;
                  emitNormalize(b, normalized, sample, normalized.pieceOf(item),
                                statistics.of(sample));
                });
  };
  int64_t span = p.schedule.getSpan();
  if (span == 0)
    emitSpan(b.index(0), p.samples);
  else
    b.forLoop(p.samples, span, [&](AffineIndex first) {
      std::optional<int64_t> samples = p.samples.getConstant();
      if (samples && *samples % span == 0)
        emitSpan(first, b.index(span));
      else
        emitSpan(first, {b.index(span), p.samples - first});
    });
  statistics.release();
}

/// By tiles, where these write whole lines: where y does not begin at one, they
/// would share lines, and write them in parts. There work items are pieces,
/// which have the same bits.
static void emitByTile(LoopEmitter &b, Problem &p) {
  emitIfAtLine(
      b, p.yBuffer,
      [&] {
        Problem atLine = p;
        atLine.isAtLine = true;
        emitBySample(b, atLine);
      },
      [&] {
        p.setSchedule(b, p.schedule.with(CPUStrategy::Split));
        emitSplit(b, p);
      });
}

static LogicalResult emitFeaturesLast(GroupNormOp op, LoopEmitter &b) {
  FailureOr<Problem> problem = Problem::create(op, b);
  if (failed(problem))
    return failure();
  forEachSchedule(b, op, problem->samples, problem->positions,
                  [&](CPUScheduleAttr schedule) {
                    problem->setSchedule(b, schedule);
                    if (schedule.getStrategy() == CPUStrategy::Split)
                      emitSplit(b, *problem);
                    else if (problem->canStreamTiles())
                      emitByTile(b, *problem);
                    else
                      emitBySample(b, *problem);
                  });
  return success();
}

static LogicalResult emitFeaturesLast(GroupStatsOp op, LoopEmitter &b) {
  FailureOr<Problem> problem = Problem::create(op, b);
  if (failed(problem))
    return failure();
  forEachSchedule(b, op, problem->samples, problem->positions,
                  [&](CPUScheduleAttr schedule) {
                    problem->setSchedule(b, schedule);
                    SplitStatistics statistics(b, *problem);
                    statistics.emit();
                    RoleScope role(b, "merge");
                    b.forLoop(problem->samples, 1, [&](AffineIndex sample) {
                      emitMergeInto(
                          b, *problem, statistics.of(sample),
                          {op.getMean(), op.getM2(), op.getCount(), {sample}});
                    });
                    statistics.release();
                  });
  return success();
}

static LogicalResult emitFeaturesLast(GroupNormalizeOp op, LoopEmitter &b) {
  FailureOr<Problem> problem = Problem::create(op, b);
  if (failed(problem))
    return failure();
  RoleScope role(b, "normalize");
  forEachSchedule(
      b, op, problem->samples, problem->positions,
      [&](CPUScheduleAttr schedule) {
        problem->setSchedule(b, schedule);
        Problem dealt = problem->inShares();
        b.workItems(dealt.samples, dealt.getItems(), schedule.getParallel(),
                    [&](AffineIndex sample, AffineIndex item) {
                      emitNormalize(
                          b, dealt, sample, dealt.pieceOf(item),
                          {op.getMean(), op.getM2(), op.getCount(), {sample}});
                    });
      });
  return success();
}

/// The statistics that an op saves of groups without elements.
static void emitStatisticsOfNothing(GroupNormOp op, OpBuilder &builder) {
  if (!op.savesStatistics())
    return;
  LoopEmitter b(op.getLoc(), builder);
  RoleScope role(b, "merge");
  Value nan =
      b.constant(std::numeric_limits<double>::quiet_NaN(), op.getComputeType());
  b.forLoop(sizeOf(b, op.getX(), 0, 1), 1, [&](AffineIndex sample) {
    b.forLoop(b.index(op.getNumGroups()), 1, [&](AffineIndex group) {
      for (Value buffer : {op.getMean(), op.getRstd()})
        b.store(nan, buffer, {sample, group});
    });
  });
}

//===----------------------------------------------------------------------===//
// Patterns and pass
//===----------------------------------------------------------------------===//

namespace {

template <typename OpTy> struct LowerToAffine : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureBufferSemantics())
      return failure();
    if (!canBeLoopsInPlace(op))
      return rewriter.notifyMatchFailure(op, "has dynamic sizes, in a loop");
    ShapedType x = op.getXType();
    // Nothing is computed of nothing, but that it has no statistics.
    if constexpr (std::is_same_v<OpTy, GroupNormOp>)
      if (llvm::is_contained(x.getShape(), 0))
        emitStatisticsOfNothing(op, rewriter);
    if (!llvm::is_contained(x.getShape(), 0)) {
      LoopEmitter b(op.getLoc(), rewriter);
      bool featuresLast = op.getFeatureDimension() == x.getRank() - 1;
      if (failed(featuresLast ? emitFeaturesLast(op, b)
                              : emitFeatureMajor(op, b)))
        return failure();
    }
    rewriter.eraseOp(op);
    return success();
  }
};

struct ConvertGNToAffine
    : gn::impl::ConvertGNToAffinePassBase<ConvertGNToAffine> {
  void runOnOperation() override {
    if (failed(outlineTiles(getOperation())))
      return signalPassFailure();
    RewritePatternSet patterns(&getContext());
    populateGNToAffinePatterns(patterns);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
    // Ops on tensors are not this pass's to lower. Those on memrefs that are
    // still there have said why.
    WalkResult left = getOperation()->walk([](Operation *op) {
      bool isOurs = isa<GroupNormOp, GroupStatsOp, GroupNormalizeOp>(op);
      return isOurs && isa<MemRefType>(op->getOperand(0).getType())
                 ? WalkResult::interrupt()
                 : WalkResult::advance();
    });
    if (left.wasInterrupted())
      signalPassFailure();
  }
};

} // namespace

void gn::populateGNToAffinePatterns(RewritePatternSet &patterns) {
  patterns.add<LowerToAffine<GroupNormOp>, LowerToAffine<GroupStatsOp>,
               LowerToAffine<GroupNormalizeOp>>(patterns.getContext());
}
