//===- Problem.cpp - What one lowering works on ---------------------------===//

#include "Problem.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace gn;

/// Sees a buffer as [N, elements of a sample]; null if its samples are not
/// contiguous.
static Value viewAsSamples(LoopEmitter &b, Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  if (type.getRank() == 2) {
    SmallVector<int64_t> strides;
    int64_t offset;
    if (failed(type.getStridesAndOffset(strides, offset)) || strides[1] != 1)
      return nullptr;
    return buffer;
  }
  SmallVector<ReassociationIndices> groups = {{0}, {}};
  for (int64_t dim = 1; dim < type.getRank(); ++dim)
    groups[1].push_back(dim);
  if (!memref::CollapseShapeOp::isGuaranteedCollapsible(type, groups))
    return nullptr;
  return memref::CollapseShapeOp::create(b, buffer, groups);
}

/// The size of dimension `dim`, or the product of [dim, end).
static AffineIndex sizeOf(LoopEmitter &b, Value buffer, int64_t dim,
                          int64_t end) {
  auto type = cast<MemRefType>(buffer.getType());
  int64_t known = 1;
  SmallVector<Value> unknown;
  for (; dim < end; ++dim) {
    if (type.isDynamicDim(dim))
      unknown.push_back(memref::DimOp::create(b, buffer, dim));
    else
      known *= type.getDimSize(dim);
  }
  if (unknown.empty())
    return b.index(known);
  Value product = unknown.front();
  for (Value factor : llvm::drop_begin(unknown))
    product = arith::MulIOp::create(b, product, factor);
  return AffineIndex(product) * known;
}

template <typename OpTy>
FailureOr<Problem> Problem::create(OpTy op, LoopEmitter &b) {
  Problem problem(b);
  ShapedType type = op.getXType();
  int64_t rank = type.getRank();
  if (op.getFeatureDimension() != rank - 1)
    return op.emitError("features that are not the last dimension are not "
                        "lowered to affine loops yet; run gn-decompose");

  problem.xBuffer = op.getX();
  problem.x = viewAsSamples(b, op.getX());
  if (!problem.x)
    return op.emitError("the samples of x must each lie contiguously in memory "
                        "to be lowered to affine loops; copy x, or run "
                        "gn-decompose");
  if constexpr (!std::is_same_v<OpTy, GroupStatsOp>) {
    problem.yBuffer = op.getInit();
    problem.y = viewAsSamples(b, op.getInit());
    if (!problem.y)
      return op.emitError("the samples of the result must each lie "
                          "contiguously in memory to be lowered to affine "
                          "loops; write to a buffer of its own, or run "
                          "gn-decompose");
    problem.gamma = op.getGamma();
    problem.beta = op.getBeta();
    problem.epsilon = op.getEpsilon().convertToDouble();
    problem.epsilonInsideSqrt =
        op.getEpsilonPlacement() == EpsilonPlacement::InsideSqrt;
  }

  problem.schedule = op->template getAttrOfType<CPUScheduleAttr>(
      GNDialect::kScheduleAttrName);
  if (!problem.schedule)
    problem.schedule = CPUScheduleAttr::getDefault(b.getContext());
  problem.computeType = op.getComputeType();
  problem.statsType = b.getF64Type();

  problem.features = op.getNumFeatures();
  problem.groups = op.getNumGroups();
  problem.groupWidth = problem.features / problem.groups;
  // With one group, or one feature a group, both groupings are the same map:
  // take the form that is vectorized along the longer of the two.
  problem.contiguousGroups =
      problem.groups == 1 ||
      (!op.isInterleaved() && problem.groups != problem.features);

  int64_t flatten = problem.schedule.getFlatten();
  problem.width = problem.features * flatten;
  problem.samples = sizeOf(b, op.getX(), 0, 1);
  AffineIndex positions = sizeOf(b, op.getX(), 1, rank - 1);
  problem.rows = positions.floorDiv(flatten);
  problem.rest = positions % flatten;
  int64_t piece = problem.schedule.getPiece();
  if (piece == 0) {
    problem.pieces = b.index(1);
  } else if (std::optional<int64_t> rows = problem.rows.getConstant()) {
    problem.pieces =
        b.index(std::max<int64_t>(1, llvm::divideCeil(*rows, piece)));
  } else {
    // There is always a last piece, if only for the rest.
    problem.pieces = problem.rows.floorDiv(piece) + 1;
  }
  return problem;
}

template FailureOr<Problem> Problem::create(GroupNormOp, LoopEmitter &);
template FailureOr<Problem> Problem::create(GroupStatsOp, LoopEmitter &);
template FailureOr<Problem> Problem::create(GroupNormalizeOp, LoopEmitter &);

SmallVector<AffineIndex> Problem::unitsIn(AffineIndex piece,
                                          int64_t unit) const {
  int64_t pieceRows = schedule.getPiece();
  AffineIndex left = (rows - firstRow(piece)).floorDiv(unit);
  if (pieceRows == 0 || pieces.getConstant() == 1)
    return {left};
  AffineIndex whole(rows.expr.getContext(), pieceRows / unit);
  return {whole, left};
}

AffineIndex Problem::firstRow(AffineIndex piece) const {
  return piece * schedule.getPiece();
}
