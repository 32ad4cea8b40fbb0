//===- KernelPlan.cpp - What the kernels of one op work on ----------------===//

#include "groupnorm/Dialect/GN/Utils/KernelPlan.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace gn;

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

LogicalResult KernelPlan::checkBuffer(const Twine &name, Value value,
                                      Refuse refuse) {
  auto type = cast<ShapedType>(value.getType());
  if (type.getElementType().isF64()) {
    refuse("the element type of " + name +
           " is f64, which Metal does not have; convert it to f32 or compile "
           "for the CPU");
    return failure();
  }
  auto buffer = dyn_cast<MemRefType>(type);
  if (buffer && !buffer.getLayout().isIdentity()) {
    refuse(name + llvm::formatv(" has type {0}, but must lie contiguously in "
                                "memory",
                                type));
    return failure();
  }
  // A thread may step beyond the end before it compares.
  constexpr int64_t margin = 1 << 20;
  if (type.hasStaticShape() && type.getNumElements() > UINT32_MAX - margin) {
    refuse(name + llvm::formatv(" has {0} elements, more than 32-bit indices "
                                "can reach",
                                type.getNumElements()));
    return failure();
  }
  return success();
}

LogicalResult KernelPlan::checkTypes(Refuse refuse) {
  for (auto [name, value] : {std::pair<StringRef, Value>("x", op.getX()),
                             {"gamma", op.getGamma()},
                             {"beta", op.getBeta()},
                             {"init", op.getInit()},
                             {"mean", op.getMean()},
                             {"rstd", op.getRstd()}})
    if (value && failed(checkBuffer(name, value, refuse)))
      return failure();
  for (auto [i, input] : llvm::enumerate(op.getEpilogueInputs()))
    if (failed(checkBuffer("epilogue input " + Twine(i), input, refuse)))
      return failure();
  return checkEpilogue(refuse);
}

/// The dimensions [begin, end) that `map` has, of which some are missing. Fails
/// where their sizes would have to be known.
FailureOr<SmallVector<KernelPlan::EpilogueInput::Dimension>>
KernelPlan::someOf(AffineMap map, int64_t begin, int64_t end) {
  ShapedType x = op.getXType();
  while (begin < end && x.getDimSize(begin) == 1)
    ++begin;
  SmallVector<EpilogueInput::Dimension> dimensions;
  int64_t divisor = 1;
  for (int64_t dim = end - 1; dim >= begin; --dim) {
    bool isFirst = dim == begin;
    if (!isFirst && x.isDynamicDim(dim))
      return failure();
    if (map.isFunctionOfDim(dim))
      dimensions.push_back(
          {divisor, isFirst ? Size() : Size(x.getDimSize(dim))});
    if (!isFirst)
      divisor *= x.getDimSize(dim);
  }
  std::reverse(dimensions.begin(), dimensions.end());
  return dimensions;
}

LogicalResult KernelPlan::checkEpilogue(Refuse refuse) {
  if (!op.hasEpilogue())
    return success();
  for (Operation &inner : op.getEpilogueBlock()->without_terminator())
    if (inner.getResult(0).getType().isF64()) {
      refuse("its epilogue computes in f64, which Metal does not have");
      return failure();
    }

  ShapedType x = op.getXType();
  int64_t featureDim = op.getFeatureDimension(), rank = x.getRank();
  for (int64_t i = 0, e = op.getEpilogueInputs().size(); i < e; ++i) {
    AffineMap map = op.getEpilogueMap(i);
    // How many of the dimensions [begin, end) it has, in which there is more
    // than one position.
    auto has = [&](int64_t begin, int64_t end) {
      int64_t all = 0, present = 0;
      for (int64_t dim = begin; dim < end; ++dim) {
        if (x.getDimSize(dim) == 1)
          continue;
        ++all;
        present += map.isFunctionOfDim(dim);
      }
      return std::pair(all, present);
    };
    auto [allBefore, before] = has(1, featureDim);
    auto [allAfter, after] = has(featureDim + 1, rank);
    auto [allSamples, samples] = has(0, 1);
    auto [allFeatures, features] = has(featureDim, featureDim + 1);
    EpilogueInput input;
    input.samples = samples != 0, input.before = before != 0;
    input.features = features != 0, input.after = after != 0;
    for (auto [present, all, begin, end, some] :
         {std::tuple(before, allBefore, int64_t(1), featureDim,
                     &input.someBefore),
          std::tuple(after, allAfter, featureDim + 1, rank,
                     &input.someAfter)}) {
      if (present == 0 || present == all)
        continue;
      auto found = someOf(map, begin, end);
      if (failed(found)) {
        refuse(llvm::formatv("epilogue input {0} has some of x's spatial "
                             "dimensions on a side of the features; of these "
                             "only the first may be dynamic",
                             i));
        return failure();
      }
      *some = std::move(*found);
    }
    input.isFull = samples == allSamples && before == allBefore &&
                   features == allFeatures && after == allAfter;
    epilogueInputs.push_back(input);
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

LogicalResult KernelPlan::chooseMap(Refuse refuse) {
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
    std::string reason = "features are not last in x";
    if (after == 1)
      reason =
          llvm::formatv("a row of the tile has {0} elements, more than the "
                        "{1} of a round",
                        tileWidth, widest);
    refuse(llvm::formatv("groups = {0} of the schedule must be 1 here, since "
                         "{1}",
                         tileGroups, reason));
    return failure();
  }
  useSlab();
  return success();
}

LogicalResult KernelPlan::checkResources(Refuse refuse) {
  if (schedule.getStrategy() == MetalStrategy::Single) {
    if (!rounds()) {
      refuse("strategy = single needs static spatial sizes; use looped with "
             "keep, or split");
      return failure();
    }
    if (*rounds() * vector > kRegisterFloats) {
      refuse(
          llvm::formatv("strategy = single would keep {0} elements of x in a "
                        "thread's registers, more than {1}; use more "
                        "threads, fewer groups, looped or split",
                        *rounds() * vector, kRegisterFloats));
      return failure();
    }
  }
  if (int64_t keep = schedule.getKeep();
      keep != 0 && (keep + schedule.getChunk()) * vector > kRegisterFloats) {
    refuse(
        llvm::formatv("keep = {0} and chunk = {1} of the schedule would hold "
                      "{2} elements of x in a thread's registers, more than "
                      "{3}",
                      keep, schedule.getChunk(),
                      (keep + schedule.getChunk()) * vector, kRegisterFloats));
    return failure();
  }
  if (threadgroupBytes() > kThreadgroupMemory) {
    refuse(llvm::formatv("the schedule needs {0} bytes of threadgroup memory, "
                         "more than {1}; use fewer threads or groups",
                         threadgroupBytes(), kThreadgroupMemory));
    return failure();
  }
  return success();
}

FailureOr<KernelPlan>
KernelPlan::create(GroupNormOp op, MetalScheduleAttr schedule, Refuse refuse) {
  auto sayNothing = [](const Twine &) {};
  if (!refuse)
    refuse = sayNothing;
  KernelPlan plan(op, schedule);
  if (failed(plan.checkTypes(refuse)))
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
  if (failed(plan.chooseMap(refuse)) || failed(plan.checkResources(refuse)))
    return failure();
  return plan;
}
