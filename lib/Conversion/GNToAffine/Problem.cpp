//===- Problem.cpp - What one lowering works on ---------------------------===//

#include "Problem.h"
#include "../SizeCondition.h"
#include "Views.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace gn;

/// Sets x and y to views of the op's operands: of samples if they lie
/// contiguously, else of the fewest dimensions that both collapse to.
template <typename OpTy>
LogicalResult Problem::setViews(OpTy op, LoopEmitter &b) {
  Value result;
  if constexpr (!std::is_same_v<OpTy, GroupStatsOp>)
    result = op.getInit();
  int64_t rank = op.getXType().getRank();
  SmallVector<MemRefType> types = {cast<MemRefType>(op.getX().getType())};
  if (result)
    types.push_back(cast<MemRefType>(result.getType()));
  if (failed(verifyRows(op, types)))
    return failure();

  SmallVector<ReassociationIndices> groups = {{0}};
  for (int64_t dim = 1; dim < rank; ++dim) {
    bool joins = dim > 1 && llvm::all_of(types, [&](MemRefType type) {
                   return isCollapsible(type, groups.back().front(), dim);
                 });
    if (!joins)
      groups.emplace_back();
    groups.back().push_back(dim);
  }
  if (groups.size() > 2) {
    // There are gaps: the features stand alone.
    if (groups.back().size() > 1) {
      groups.back().pop_back();
      groups.push_back({rank - 1});
    }
    innerSizes.emplace();
    for (const ReassociationIndices &block :
         ArrayRef(groups).drop_front(2).drop_back())
      innerSizes->push_back(
          sizeOf(b, op.getX(), block.front(), block.back() + 1));
  }
  x = collapse(b, op.getX(), groups);
  if (result)
    y = collapse(b, result, groups);
  return success();
}

SmallVector<AffineIndex> Problem::at(AffineIndex sample, AffineIndex row,
                                     AffineIndex lane) const {
  if (!innerSizes)
    return inRun(sample, row, lane);
  // The digits of the position, the innermost first.
  SmallVector<AffineIndex> position = {getFirstFeature() + lane};
  for (const AffineIndex &size : llvm::reverse(*innerSizes)) {
    position.push_back(row % size);
    row = row.floorDiv(size);
  }
  position.append({row, sample});
  std::reverse(position.begin(), position.end());
  return position;
}

SmallVector<AffineIndex> Problem::inNextItem(AffineIndex sample,
                                             AffineIndex row,
                                             AffineIndex lane) const {
  AffineIndex next = sample * tiles + tile + 1;
  Problem other = *this;
  other.tile = next % tiles;
  return other.at(next.floorDiv(tiles), row, lane);
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
  // Several alternatives may have one schedule: its loops are made but once.
  SmallVector<CPUScheduleAttr> schedules;
  auto numberOf = [&](CPUAlternativeAttr alternative) -> Value {
    const auto *found = llvm::find(schedules, alternative.getSchedule());
    int64_t number = found - schedules.begin();
    if (found == schedules.end())
      schedules.push_back(alternative.getSchedule());
    return arith::ConstantIndexOp::create(b, number);
  };
  Value numSamples = b.materialize(samples);
  Value numPositions = b.materialize(positions);
  Value total = arith::MulIOp::create(b, numSamples, numPositions);
  // The last alternative has no bounds; the first that holds is to win.
  Value chosen;
  for (CPUAlternativeAttr alternative :
       llvm::reverse(alternatives.getAlternatives())) {
    Value number = numberOf(alternative);
    Value condition =
        createSizeCondition(b, alternative, numSamples, numPositions, total);
    chosen = condition ? arith::SelectOp::create(b, condition, number, chosen)
                       : number;
  }
  SmallVector<int64_t> cases =
      llvm::to_vector(llvm::seq<int64_t>(1, schedules.size()));
  auto branch =
      scf::IndexSwitchOp::create(b, TypeRange(), chosen, cases, cases.size());
  OpBuilder::InsertionGuard guard(b);
  for (auto [region, schedule] : llvm::zip(branch->getRegions(), schedules)) {
    b.setInsertionPointToStart(&region.emplaceBlock());
    auto yield = scf::YieldOp::create(b);
    b.setInsertionPoint(yield);
    emit(schedule);
  }
}

bool gn::mayStream(Operation *op) {
  Attribute schedule = op->getAttr(GNDialect::kScheduleAttrName);
  if (auto alternatives = dyn_cast_or_null<CPUAlternativesAttr>(schedule))
    return llvm::any_of(alternatives.getAlternatives(),
                        [](CPUAlternativeAttr alternative) {
                          return alternative.getSchedule().getStream();
                        });
  auto own = dyn_cast_or_null<CPUScheduleAttr>(schedule);
  return own && own.getStream();
}

template <typename OpTy>
FailureOr<Problem> Problem::create(OpTy op, LoopEmitter &b) {
  Problem problem(b);
  ShapedType type = op.getXType();
  int64_t rank = type.getRank();
  if (failed(problem.setViews(op, b)))
    return failure();
  if constexpr (!std::is_same_v<OpTy, GroupStatsOp>) {
    problem.yBuffer = op.getInit();
    if (mayStream(op))
      problem.yAddress = addressOf(b, op.getInit());
    problem.gamma = op.getGamma();
    problem.beta = op.getBeta();
    problem.epsilon = {getBoundedEpsilon(op), op.getEpsilonPlacement() ==
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
  problem.areSegments = true;
  problem.samples = samples;
  problem.positions = positions;
  return problem;
}

/// The number of threads, where bounds of loops may hang on it.
static AffineIndex createMaxThreads(LoopEmitter &b) {
  OpBuilder::InsertionGuard guard(b);
  Region *scope = b.getBlock()->getParent();
  while (!scope->getParentOp()->hasTrait<OpTrait::AffineScope>())
    scope = scope->getParentRegion();
  b.setInsertionPointToStart(&scope->front());
  return AffineIndex(MaxThreadsOp::create(b).getCount());
}

void Problem::setSchedule(LoopEmitter &b, CPUScheduleAttr newSchedule) {
  schedule = newSchedule;
  flatten = innerSizes ? 1 : schedule.getFlatten();
  pieceRows = schedule.getPiece();
  width = rowStride = features * flatten;
  epilogue.setOneRowPerVector(flatten == 1);
  cut = LaneCut(schedule.getVector(), schedule.getPairs());
  block =
      std::max<int64_t>(1, schedule.getBlock() * cut.vector / cut.getStep());
  bandWidth =
      llvm::alignTo(schedule.getBand() * schedule.getVector(), cut.getStep());
  if (bandWidth == 0 || bandWidth > width)
    bandWidth = width;
  int64_t elementSize =
      cast<MemRefType>(x.getType()).getElementTypeBitWidth() / 8;
  rowSize = width * elementSize;
  // Rows of several positions have each group in several places.
  int64_t tileGroups = schedule.getTile();
  bool isSplit = schedule.getStrategy() == CPUStrategy::Split;
  bool isTiled = !isSplit && contiguousGroups && flatten == 1 &&
                 tileGroups != 0 && groups % tileGroups == 0;
  tiles = isTiled ? groups / tileGroups : 1;
  vectorsPerLine =
      std::max<int64_t>(1, kCacheLine / (cut.getStep() * elementSize));
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
  bool isDealt = isSplit && schedule.getShares() != 0 &&
                 schedule.getShares() != 1 && pieces.getConstant() != 1;
  shares = !isDealt ? b.index(0)
           : schedule.getShares() == CPUScheduleAttr::kPerThread
               ? createMaxThreads(b)
               : b.index(schedule.getShares());
}

//===----------------------------------------------------------------------===//
// Rows that begin at cache lines
//===----------------------------------------------------------------------===//

bool Problem::canStartAtLines() const {
  if (!schedule.getStream() || !yAddress || innerSizes || tiles != 1)
    return false;
  // Behind the rows is what a number known beforehand leaves.
  if (!rest.isZero() && rows.getConstant().value_or(0) == 0)
    return false;
  int64_t vector = schedule.getVector(), line = getLineLength(yBuffer);
  // Around the rows whole vectors are computed, of elements that no other piece
  // stores.
  if (line % vector != 0 || width % vector != 0 || width < 2 * line)
    return false;
  // The elements of a vector may belong to two positions.
  if (epilogue.hasGathered())
    return false;
  if (pieceRows == 1 || getStreamAlignment(yBuffer, vector) == 0)
    return false;
  return width % line == 0 || rows.getConstant();
}

Problem Problem::startingAtLines(LoopEmitter &b, AffineIndex sample) const {
  int64_t line = getLineLength(yBuffer);
  AffineIndex start(yAddress);
  if (std::optional<int64_t> known = positions.getConstant();
      known && *known * features % line != 0)
    start = start + sample * (*known * features);
  Problem result = *this;
  result.lead = getLead(b, yBuffer, start);
  result.rows = rows - result.getSplitRows();
  result.rest = b.index(0);
  return result;
}

bool Problem::canStreamTiles() const {
  int64_t part = width / tiles;
  return tiles != 1 && schedule.getStream() && part % cut.getStep() == 0 &&
         part % getLineLength(yBuffer) == 0 &&
         getStreamAlignment(yBuffer, part) != 0;
}

Problem Problem::ofTile(AffineIndex which) const {
  if (tiles == 1)
    return *this;
  Problem result = *this;
  result.tile = which;
  result.groups = groups / tiles;
  result.features = result.width = features / tiles;
  result.bandWidth = std::min(bandWidth, result.width);
  return result;
}

template FailureOr<Problem> Problem::create(GroupNormOp, LoopEmitter &);
template FailureOr<Problem> Problem::create(GroupStatsOp, LoopEmitter &);
template FailureOr<Problem> Problem::create(GroupNormalizeOp, LoopEmitter &);

SmallVector<AffineIndex> Problem::unitsIn(AffineIndex piece,
                                          int64_t unit) const {
  if (areShares)
    return {(endRow(piece) - firstRow(piece)).floorDiv(unit)};
  AffineIndex left = (rows - firstRow(piece)).floorDiv(unit);
  if (pieceRows == 0 || pieces.getConstant() == 1)
    return {left};
  AffineIndex whole(rows.expr.getContext(), pieceRows / unit);
  return {whole, left};
}

AffineIndex Problem::firstRow(AffineIndex piece) const {
  return (areShares ? firstPieceOf(piece) : piece) * pieceRows;
}

AffineIndex Problem::endRow(AffineIndex share) const {
  AffineIndex isLast = (share + 1).floorDiv(shares);
  AffineIndex missing = pieces * pieceRows - positions.floorDiv(flatten);
  AffineIndex end = firstPieceOf(share + 1) * pieceRows - isLast * missing;
  // The lead may have taken a row from the last share.
  return lead.isZero() ? end : end - (isLast + getSplitRows()).floorDiv(2);
}
