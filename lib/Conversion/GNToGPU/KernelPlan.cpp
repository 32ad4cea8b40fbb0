//===- KernelPlan.cpp - What the kernels of one op work on ----------------===//

#include "KernelPlan.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace gn;

// What every Metal GPU offers.
static constexpr int64_t kThreadgroupMemory = 32 * 1024;
/// Floats of x that a thread can keep in registers beside everything else.
static constexpr int64_t kRegisterFloats = 128;

static Size multiply(Size a, Size b) {
  if (!a || !b)
    return std::nullopt;
  return *a * *b;
}

/// The product of the sizes of the dimensions [begin, end).
static Size product(ShapedType type, int64_t begin, int64_t end) {
  Size size = 1;
  for (int64_t i = begin; i < end; ++i)
    size = type.isDynamicDim(i) ? std::nullopt
                                : multiply(size, type.getDimSize(i));
  return size;
}

/// A number that the product of those dimensions is a multiple of.
static int64_t knownFactor(ShapedType type, int64_t begin, int64_t end) {
  int64_t factor = 1;
  for (int64_t i = begin; i < end; ++i)
    if (!type.isDynamicDim(i))
      factor *= type.getDimSize(i);
  return factor;
}

/// The widest vector of at most `limit` lanes whose size divides all of
/// `factors`.
static int64_t widestVector(int64_t limit, ArrayRef<int64_t> factors) {
  int64_t vector = limit;
  while (llvm::any_of(factors,
                      [&](int64_t factor) { return factor % vector != 0; }))
    vector /= 2;
  return vector;
}

LogicalResult KernelPlan::checkTypes() {
  for (auto [name, value] : {std::pair<StringRef, Value>("x", op.getX()),
                             {"gamma", op.getGamma()},
                             {"beta", op.getBeta()},
                             {"init", op.getInit()}}) {
    if (!value)
      continue;
    auto type = cast<MemRefType>(value.getType());
    if (type.getElementType().isF64())
      return op.emitOpError()
             << "cannot become a GPU kernel: the element type of " << name
             << " is f64, which Metal does not have; convert it to f32 or "
                "compile for the CPU";
    if (!type.getLayout().isIdentity())
      return op.emitOpError()
             << "cannot become a GPU kernel: " << name << " has type " << type
             << ", but must lie contiguously in memory";
    // A thread may step beyond the end before it compares.
    constexpr int64_t margin = 1 << 20;
    if (type.hasStaticShape() && type.getNumElements() > UINT32_MAX - margin)
      return op.emitOpError()
             << "cannot become a GPU kernel: " << name << " has "
             << type.getNumElements()
             << " elements, more than 32-bit indices can reach";
  }
  return success();
}

void KernelPlan::useRows() {
  map = Map::Rows;
  columns = tileWidth / vector;
  rowThreads = threads / columns;
  itemsPerRound = rowThreads;
  items = multiply(before, rowSplit);
  uniformLanes = vector == 1 || (!interleaved && groupWidth % vector == 0);
}

void KernelPlan::useSlab() {
  map = Map::Slab;
  itemsPerRound = threads;
  uniformLanes = true;
  int64_t featureDim = op.getFeatureDimension();
  ShapedType x = op.getXType();
  int64_t innerFactor = knownFactor(x, featureDim + 1, x.getRank());
  if (interleaved) {
    outer = multiply(before, groupWidth);
    inner = after;
  } else if (groups == 1) {
    // A sample is one run.
    outer = 1;
    inner = multiply(multiply(before, after), features);
    innerFactor *= features * knownFactor(x, 1, featureDim);
  } else {
    outer = before;
    inner = multiply(after, groupWidth);
    innerFactor *= groupWidth;
  }
  vector = widestVector(schedule.getVector(), innerFactor);
  items = multiply(outer, inner);
  if (items)
    items = *items / vector;
}

LogicalResult KernelPlan::chooseMap() {
  int64_t limit = schedule.getVector();
  int64_t widest = 0; // of a tile's row
  if (after == 1) {
    // Every row starts at a multiple of `features`, a tile at one of its width.
    if (!interleaved) {
      tileWidth = tileGroups * groupWidth;
      vector = widestVector(limit, {features, tileWidth});
      widest = threads * vector;
    } else {
      // A tile that is a whole row is one run; else it is runs of `tileGroups`.
      bool wholeRows = tileGroups == groups;
      for (rowSplit = 1; rowSplit <= groupWidth; ++rowSplit) {
        if (groupWidth % rowSplit != 0)
          continue;
        tileWidth = tileGroups * (groupWidth / rowSplit);
        vector = widestVector(
            limit, wholeRows ? ArrayRef<int64_t>{tileWidth}
                             : ArrayRef<int64_t>{tileGroups, groups});
        widest = threads * vector;
        if (tileWidth <= widest)
          break;
      }
    }
    // Where a row is an odd number of elements, a sample of one group is still
    // one long run.
    int64_t run = knownFactor(op.getXType(), 1, op.getXType().getRank());
    bool isSlabWider = groups == 1 && widestVector(limit, run) > vector;
    if (tileWidth <= widest && !isSlabWider) {
      useRows();
      return success();
    }
  }
  if (tileGroups != 1) {
    InFlightDiagnostic diagnostic =
        op.emitOpError() << "cannot become a GPU kernel: groups = "
                         << tileGroups
                         << " of the schedule must be 1 here, since ";
    if (after == 1)
      return diagnostic << "a row of the tile has " << tileWidth
                        << " elements, more than the threadgroup's " << widest;
    return diagnostic << "features are not last in x";
  }
  useSlab();
  return success();
}

LogicalResult KernelPlan::checkResources() {
  if (schedule.getStrategy() == MetalStrategy::Single) {
    if (!rounds())
      return op.emitOpError()
             << "cannot become a GPU kernel: strategy = single needs static "
                "spatial sizes; use looped or split";
    if (*rounds() * vector > kRegisterFloats)
      return op.emitOpError()
             << "cannot become a GPU kernel: strategy = single would keep "
             << *rounds() * vector << " elements of x in a thread's registers, "
             << "more than " << kRegisterFloats
             << "; use more threads, fewer groups, looped or split";
  }
  int64_t bytes =
      (partialCount() + tileGroups) * 16 + (hasTable() ? tableSize() * 8 : 0);
  if (bytes > kThreadgroupMemory)
    return op.emitOpError()
           << "cannot become a GPU kernel: the schedule needs " << bytes
           << " bytes of threadgroup memory, more than " << kThreadgroupMemory
           << "; use fewer threads or groups";
  return success();
}

FailureOr<KernelPlan> KernelPlan::create(GroupNormOp op) {
  auto schedule =
      op->getAttrOfType<MetalScheduleAttr>(GNDialect::kScheduleAttrName);
  if (!schedule)
    schedule = MetalScheduleAttr::getDefault(op.getContext());
  KernelPlan plan(op, schedule);
  if (failed(plan.checkTypes()))
    return failure();

  ShapedType x = op.getXType();
  int64_t featureDim = op.getFeatureDimension();
  plan.features = op.getNumFeatures();
  plan.groups = op.getNumGroups();
  plan.groupWidth = plan.features / plan.groups;
  plan.interleaved =
      op.isInterleaved() && plan.groups != 1 && plan.groupWidth != 1;
  plan.affine = op.isAffine();
  plan.samples = product(x, 0, 1);
  plan.before = product(x, 1, featureDim);
  plan.after = product(x, featureDim + 1, x.getRank());
  plan.threads = schedule.getThreads();
  plan.tileGroups = schedule.getGroups();
  plan.tiles = plan.groups / plan.tileGroups;
  if (failed(plan.chooseMap()) || failed(plan.checkResources()))
    return failure();
  return plan;
}
