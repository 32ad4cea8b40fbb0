//===- GNToAffine.cpp - gn ops on memrefs to affine loops -----------------===//
//
// What each op is made of: work items, and the buffers between them. The
// loops within a work item are in Statistics.cpp, Merge.cpp and Normalize.cpp.
//
//===----------------------------------------------------------------------===//

#include "groupnorm/Conversion/GNToAffine/GNToAffine.h"
#include "Merge.h"
#include "Normalize.h"
#include "Problem.h"
#include "Statistics.h"
#include "groupnorm/Conversion/Passes.h"
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

/// A buffer that outlives the work items, of shape [N, (pieces,) G].
static Value createScratch(LoopEmitter &b, const Problem &p, bool ofPieces) {
  SmallVector<int64_t> shape;
  SmallVector<Value> sizes;
  auto append = [&](AffineIndex size) {
    shape.push_back(size.getConstant().value_or(ShapedType::kDynamic));
    if (!size.getConstant())
      sizes.push_back(b.materialize(size));
  };
  append(p.samples);
  if (ofPieces)
    append(p.pieces);
  append(b.index(p.groups));
  return memref::AllocOp::create(b, MemRefType::get(shape, p.statsType), sizes,
                                 b.getI64IntegerAttr(64));
}

namespace {

/// Statistics of every sample in buffers of their own: the work items of
/// strategy `split` meet there.
class SplitStatistics {
public:
  SplitStatistics(LoopEmitter &b, const Problem &p) : b(b), p(p) {}

  void emit() {
    partialMean = allocate(/*ofPieces=*/true);
    partialM2 = allocate(/*ofPieces=*/true);
    RoleScope role(b, "statistics");
    b.workItems(p.samples, p.pieces, p.schedule.getParallel(),
                [&](AffineIndex sample, AffineIndex piece) {
                  LaneStatistics lanes =
                      emitLaneStatistics(b, p, sample, piece);
                  emitLaneMerge(b, p, piece, lanes,
                                {partialMean, partialM2, nullptr,
                                 {sample, piece}});
                });
    if (p.pieces.getConstant() == 1)
      return;
    mean = allocate(/*ofPieces=*/false);
    m2 = allocate(/*ofPieces=*/false);
    RoleScope mergeRole(b, "merge");
    b.forLoop(p.samples, 1, [&](AffineIndex sample) {
      emitPieceMerge(b, p, {partialMean, partialM2, nullptr, {sample}},
                     of(sample));
    });
  }

  /// Frees the buffers; nothing may read them after this.
  void release() {
    for (Value buffer : buffers)
      memref::DeallocOp::create(b, buffer);
  }

  /// Where the statistics of a sample are.
  GroupStatistics of(AffineIndex sample) {
    if (!mean)
      return {partialMean, partialM2, nullptr, {sample, b.index(0)}};
    return {mean, m2, nullptr, {sample}};
  }

private:
  Value allocate(bool ofPieces) {
    buffers.push_back(createScratch(b, p, ofPieces));
    return buffers.back();
  }

  LoopEmitter &b;
  const Problem &p;
  SmallVector<Value> buffers;
  Value partialMean, partialM2, mean, m2;
};

struct LowerGroupNorm : OpRewritePattern<GroupNormOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(GroupNormOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureBufferSemantics())
      return failure();
    LoopEmitter b(op.getLoc(), rewriter);
    FailureOr<Problem> problem = Problem::create(op, b);
    if (failed(problem))
      return failure();
    if (problem->schedule.getStrategy() == CPUStrategy::Sample)
      emitBySample(b, *problem);
    else
      emitSplit(b, *problem);
    rewriter.eraseOp(op);
    return success();
  }

private:
  /// A work item is a sample, which stays in the cache between its sweeps.
  static void emitBySample(LoopEmitter &b, const Problem &p) {
    b.workItems(p.samples, b.index(1), p.schedule.getParallel(),
                [&](AffineIndex sample, AffineIndex) {
                  AffineIndex piece = b.index(0);
                  GroupStatistics statistics{
                      b.localBuffer(p.groups, p.statsType),
                      b.localBuffer(p.groups, p.statsType),
                      nullptr,
                      {}};
                  LaneStatistics lanes =
                      emitLaneStatistics(b, p, sample, piece);
                  emitLaneMerge(b, p, piece, lanes, statistics);
                  emitNormalize(b, p, sample, piece, statistics);
                });
  }

  /// Work items are pieces of samples, in two rounds.
  static void emitSplit(LoopEmitter &b, const Problem &p) {
    SplitStatistics statistics(b, p);
    statistics.emit();
    RoleScope role(b, "normalize");
    b.workItems(p.samples, p.pieces, p.schedule.getParallel(),
                [&](AffineIndex sample, AffineIndex piece) {
                  emitNormalize(b, p, sample, piece, statistics.of(sample));
                });
    statistics.release();
  }
};

struct LowerGroupStats : OpRewritePattern<GroupStatsOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(GroupStatsOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureBufferSemantics())
      return failure();
    LoopEmitter b(op.getLoc(), rewriter);
    FailureOr<Problem> problem = Problem::create(op, b);
    if (failed(problem))
      return failure();
    SplitStatistics statistics(b, *problem);
    statistics.emit();
    RoleScope role(b, "merge");
    b.forLoop(problem->samples, 1, [&](AffineIndex sample) {
      emitMergeInto(b, *problem, statistics.of(sample),
                    {op.getMean(), op.getM2(), op.getCount(), {sample}});
    });
    statistics.release();
    rewriter.eraseOp(op);
    return success();
  }
};

struct LowerGroupNormalize : OpRewritePattern<GroupNormalizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(GroupNormalizeOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureBufferSemantics())
      return failure();
    LoopEmitter b(op.getLoc(), rewriter);
    FailureOr<Problem> problem = Problem::create(op, b);
    if (failed(problem))
      return failure();
    RoleScope role(b, "normalize");
    b.workItems(problem->samples, problem->pieces,
                problem->schedule.getParallel(),
                [&](AffineIndex sample, AffineIndex piece) {
                  emitNormalize(
                      b, *problem, sample, piece,
                      {op.getMean(), op.getM2(), op.getCount(), {sample}});
                });
    rewriter.eraseOp(op);
    return success();
  }
};

struct ConvertGNToAffine
    : gn::impl::ConvertGNToAffinePassBase<ConvertGNToAffine> {
  void runOnOperation() override {
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
  patterns.add<LowerGroupNorm, LowerGroupStats, LowerGroupNormalize>(
      patterns.getContext());
}
