//===- Problem.cpp - What one lowering works on ---------------------------===//

#include "Problem.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace gn;

/// Sees a buffer as [N, elements of a sample]; null if its samples are not
/// contiguous.
static Value viewAsSamples(LoopEmitter &b, Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  auto isContiguous = [](MemRefType samples) {
    SmallVector<int64_t> strides;
    int64_t offset;
    return succeeded(samples.getStridesAndOffset(strides, offset)) &&
           strides[1] == 1;
  };
  if (type.getRank() == 2)
    return isContiguous(type) ? buffer : nullptr;
  SmallVector<ReassociationIndices> groups = {{0}, {}};
  for (int64_t dim = 1; dim < type.getRank(); ++dim)
    groups[1].push_back(dim);
  // A sample may collapse to elements that are evenly apart, but not adjacent.
  if (!memref::CollapseShapeOp::isGuaranteedCollapsible(type, groups) ||
      !isContiguous(
          memref::CollapseShapeOp::computeCollapsedType(type, groups)))
    return nullptr;
  return memref::CollapseShapeOp::create(b, buffer, groups);
}

AffineIndex gn::sizeOf(LoopEmitter &b, Value buffer, int64_t first,
                       int64_t last) {
  auto type = cast<MemRefType>(buffer.getType());
  int64_t known = 1;
  SmallVector<Value> unknown;
  for (int64_t dim = first; dim < last; ++dim) {
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

/// Whether the sizes are within the bounds of an alternative; null where it has
/// none.
static Value createCondition(LoopEmitter &b, CPUAlternativeAttr alternative,
                             Value samples, Value positions, Value total) {
  Value condition;
  auto require = [&](Value size, arith::CmpIPredicate predicate,
                     int64_t bound) {
    Value holds = arith::CmpIOp::create(
        b, predicate, size, arith::ConstantIndexOp::create(b, bound));
    condition = condition ? arith::AndIOp::create(b, condition, holds) : holds;
  };
  if (int64_t least = alternative.getMinSamples())
    require(samples, arith::CmpIPredicate::sge, least);
  for (auto [size, bound] : {std::pair(positions, alternative.getPositions()),
                             std::pair(total, alternative.getTotal())})
    if (bound != CPUAlternativeAttr::kUnbounded)
      require(size, arith::CmpIPredicate::sle, bound);
  return condition;
}

void gn::forEachSchedule(LoopEmitter &b, Operation *op, AffineIndex samples,
                         AffineIndex positions,
                         function_ref<void(CPUScheduleAttr)> emit) {
  Attribute schedule = op->getAttr(GNDialect::kScheduleAttrName);
  auto alternatives = dyn_cast_or_null<CPUAlternativesAttr>(schedule);
  if (!alternatives) {
    // A schedule for another target says nothing here.
    auto own = dyn_cast_or_null<CPUScheduleAttr>(schedule);
    return emit(own ? own : CPUScheduleAttr::getDefault(op->getContext()));
  }
  std::optional<int64_t> knownSamples = samples.getConstant();
  std::optional<int64_t> knownPositions = positions.getConstant();
  if (knownSamples && knownPositions)
    return emit(llvm::find_if(alternatives.getAlternatives(),
                              [&](CPUAlternativeAttr alternative) {
                                return alternative.serves(*knownSamples,
                                                          *knownPositions);
                              })
                    ->getSchedule());
  Value numSamples = b.materialize(samples);
  Value numPositions = b.materialize(positions);
  Value total = arith::MulIOp::create(b, numSamples, numPositions);
  OpBuilder::InsertionGuard guard(b);
  for (CPUAlternativeAttr alternative : alternatives.getAlternatives()) {
    Value condition =
        createCondition(b, alternative, numSamples, numPositions, total);
    if (!condition)
      return emit(alternative.getSchedule());
    auto branch = scf::IfOp::create(b, condition, /*withElseRegion=*/true);
    b.setInsertionPointToStart(branch.thenBlock());
    emit(alternative.getSchedule());
    b.setInsertionPointToStart(branch.elseBlock());
  }
}

template <typename OpTy>
FailureOr<Problem> Problem::create(OpTy op, LoopEmitter &b) {
  Problem problem(b);
  ShapedType type = op.getXType();
  int64_t rank = type.getRank();
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
    problem.epsilon = {op.getEpsilon().convertToDouble(),
                       op.getEpsilonPlacement() ==
                           EpsilonPlacement::InsideSqrt};
  }
  if constexpr (std::is_same_v<OpTy, GroupNormOp>) {
    problem.mean = op.getMean();
    problem.rstd = op.getRstd();
  }

  FailureOr<Epilogue> epilogue = Epilogue::create(op, b, /*firstRunDim=*/1);
  if (failed(epilogue))
    return failure();
  problem.epilogue = std::move(*epilogue);
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

  problem.samples = sizeOf(b, op.getX(), 0, 1);
  problem.positions = sizeOf(b, op.getX(), 1, rank - 1);
  return problem;
}

Problem Problem::ofSegments(LoopEmitter &b, Value x, FloatType computeType,
                            AffineIndex samples, AffineIndex positions) {
  Problem problem(b);
  problem.x = x;
  problem.computeType = computeType;
  problem.statsType = b.getF64Type();
  problem.features = problem.groups = problem.groupWidth = 1;
  problem.contiguousGroups = true;
  problem.samples = samples;
  problem.positions = positions;
  return problem;
}

void Problem::setSchedule(LoopEmitter &b, CPUScheduleAttr newSchedule) {
  schedule = newSchedule;
  int64_t flatten = schedule.getFlatten();
  pieceRows =
      schedule.getStrategy() == CPUStrategy::Sample ? 0 : schedule.getPiece();
  width = features * flatten;
  epilogue.setOneRowPerVector(flatten == 1);
  rows = positions.floorDiv(flatten);
  rest = positions % flatten;
  std::optional<int64_t> knownRows = rows.getConstant();
  if (pieceRows == 0)
    pieces = b.index(1);
  else if (knownRows)
    pieces =
        b.index(std::max<int64_t>(1, llvm::divideCeil(*knownRows, pieceRows)));
  else
    // There is always a last piece, if only for the rest; it may be empty.
    pieces = rows.floorDiv(pieceRows) + 1;
}

template FailureOr<Problem> Problem::create(GroupNormOp, LoopEmitter &);
template FailureOr<Problem> Problem::create(GroupStatsOp, LoopEmitter &);
template FailureOr<Problem> Problem::create(GroupNormalizeOp, LoopEmitter &);

SmallVector<AffineIndex> Problem::unitsIn(AffineIndex piece,
                                          int64_t unit) const {
  AffineIndex left = (rows - firstRow(piece)).floorDiv(unit);
  if (pieceRows == 0 || pieces.getConstant() == 1)
    return {left};
  AffineIndex whole(rows.expr.getContext(), pieceRows / unit);
  return {whole, left};
}

AffineIndex Problem::firstRow(AffineIndex piece) const {
  return piece * pieceRows;
}
