//===- FeatureMajorView.cpp - x with features that are not last -----------===//

#include "FeatureMajorView.h"
#include "Views.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace gn;

/// Sets up a view with the dimensions that x and the result have in memory.
template <typename OpTy>
LogicalResult FeatureMajorView::keepDimensions(OpTy op, LoopEmitter &b) {
  isFlat = false;
  int64_t dim = op.getFeatureDimension(), rank = op.getXType().getRank();
  SmallVector<MemRefType> types = {cast<MemRefType>(op.getX().getType())};
  bool hasInputs = false;
  if constexpr (!std::is_same_v<OpTy, GroupStatsOp>) {
    types.push_back(cast<MemRefType>(op.getInit().getType()));
    hasInputs = !op.getEpilogueInputs().empty();
  }
  if (failed(verifyRows(op, types)))
    return failure();

  SmallVector<ReassociationIndices> kept = {{0}};
  for (int64_t i = 1; i < rank; ++i) {
    // An epilogue asks for the coordinates before the features one by one.
    bool isBefore = i > 1 && i < dim && !hasInputs, isBehind = i > dim + 1;
    bool joins =
        (isBefore || isBehind) && llvm::all_of(types, [&](MemRefType type) {
          return isCollapsible(type, kept.back().front(), i);
        });
    if (!joins)
      kept.emplace_back();
    kept.back().push_back(i);
  }
  for (const ReassociationIndices &dims :
       ArrayRef(kept).drop_front().drop_back()) {
    if (dims.front() == dim)
      continue;
    (dims.front() < dim ? sizesBefore : sizesBehind)
        .push_back(sizeOf(b, op.getX(), dims.front(), dims.back() + 1));
  }
  length = sizeOf(b, op.getX(), kept.back().front(), rank);
  x = collapse(b, op.getX(), kept);
  if (y)
    y = collapse(b, y, kept);
  runsPerGroup = b.index(groupWidth);
  for (AffineIndex size : llvm::concat<AffineIndex>(sizesBefore, sizesBehind))
    runsPerGroup = multiply(b, runsPerGroup, size);
  return success();
}

template <typename OpTy>
FailureOr<FeatureMajorView> FeatureMajorView::create(OpTy op, LoopEmitter &b) {
  FeatureMajorView view(b);
  int64_t dim = op.getFeatureDimension(), rank = op.getXType().getRank();
  view.features = op.getNumFeatures();
  view.groups = op.getNumGroups();
  view.groupWidth = view.features / view.groups;
  view.interleaved = op.isInterleaved() && view.groups != 1;
  view.samples = sizeOf(b, op.getX(), 0, 1);
  AffineIndex before = sizeOf(b, op.getX(), 1, dim);
  AffineIndex behind = sizeOf(b, op.getX(), dim + 1, rank);
  view.length = behind;
  view.positions = multiply(b, before, behind);
  view.groupCount = view.positions * view.groupWidth;
  if constexpr (!std::is_same_v<OpTy, GroupStatsOp>)
    view.y = op.getInit();

  if (std::optional<int64_t> outer = before.getConstant()) {
    auto isFlatBuffer = [&](Value buffer) {
      return !buffer || canCollapseBehind(buffer, dim);
    };
    if (isFlatBuffer(op.getX()) && isFlatBuffer(view.y)) {
      view.outer = *outer;
      view.runsPerGroup = b.index(*outer * view.groupWidth);
      view.x = collapseBehind(b, op.getX(), dim);
      if (view.y)
        view.y = collapseBehind(b, view.y, dim);
      return view;
    }
  }
  if (failed(view.keepDimensions(op, b)))
    return failure();
  return view;
}

template FailureOr<FeatureMajorView> FeatureMajorView::create(GroupNormOp,
                                                              LoopEmitter &);
template FailureOr<FeatureMajorView> FeatureMajorView::create(GroupStatsOp,
                                                              LoopEmitter &);
template FailureOr<FeatureMajorView> FeatureMajorView::create(GroupNormalizeOp,
                                                              LoopEmitter &);

//===----------------------------------------------------------------------===//
// Addresses
//===----------------------------------------------------------------------===//

FeatureMajorView::Run FeatureMajorView::getRun(AffineIndex sample,
                                               AffineIndex group,
                                               AffineIndex run) const {
  if (isFlat)
    return {sample,
            featureOf(group, run % groupWidth),
            {run.floorDiv(groupWidth)},
            {}};
  // The digits of the run's number, the last ones first.
  SmallVector<AffineIndex> before(sizesBefore), behind(sizesBehind);
  auto isUnknown = [](AffineIndex &digit) { return !digit.getConstant(); };
  auto digits = llvm::concat<AffineIndex>(before, behind);
  auto first = llvm::find_if(digits, isUnknown);
  AffineIndex *countedLast = first == digits.end() ? nullptr : &*first;
  auto takeDigit = [&](AffineIndex &digit) {
    if (&digit == countedLast)
      return;
    AffineIndex size = digit;
    digit = run % size;
    run = run.floorDiv(size);
  };
  llvm::for_each(llvm::reverse(behind), takeDigit);
  AffineIndex member = run % groupWidth;
  run = run.floorDiv(groupWidth);
  llvm::for_each(llvm::reverse(before), takeDigit);
  if (countedLast)
    *countedLast = run;
  return {sample, featureOf(group, member), before, behind};
}

FeatureMajorView::Run FeatureMajorView::getRun(AffineIndex number) const {
  return {number.floorDiv(outer * features),
          number % features,
          {number.floorDiv(features) % outer},
          {}};
}

SmallVector<AffineIndex> FeatureMajorView::at(const Run &run,
                                              AffineIndex start) const {
  if (isFlat)
    return {numberOf(run), start};
  SmallVector<AffineIndex> position = {run.sample};
  llvm::append_range(position, run.before);
  position.push_back(run.feature);
  llvm::append_range(position, run.behind);
  position.push_back(start);
  return position;
}

SmallVector<AffineIndex> FeatureMajorView::inOrder(const Run &run,
                                                   AffineIndex start) const {
  if (!run.behind.empty()) {
    AffineIndex row = run.behind.front();
    for (auto [size, digit] :
         llvm::drop_begin(llvm::zip(sizesBehind, run.behind)))
      row = row * size + digit;
    start = row * length + start;
  }
  return at({run.sample, run.feature, run.before, /*behind=*/{}}, start);
}
