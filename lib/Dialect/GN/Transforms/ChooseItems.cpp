//===- ChooseItems.cpp - The policy: what a work item covers --------------===//
//
// Whether x is worked on by samples or tiles of them, which are read from
// memory once if a core's second-level cache holds them, or by pieces, which
// may be as many as there are cores. Where the features are last, a sample and
// a tile take their statistics by the same pieces, so that the number of
// threads can choose and change no bit of the result.
//
//===----------------------------------------------------------------------===//

#include "CPUPolicy.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;
using namespace gn;

/// Tiles of a sample for threads to share.
static constexpr int64_t kFew = 4;

/// Fewer samples than this leave threads without work.
static constexpr int64_t kFewSamples = kWorkItems / 2;

/// The groups of a tile of which a row has `least` bytes, in whole lines and
/// vectors; 0 if that is all groups. What is left of a vector would be computed
/// in another way than it is in a whole row.
static int64_t findTile(const CPUProblem &shape, const CPUTarget &target,
                        int64_t least) {
  int64_t unit = std::max<int64_t>(kLine, target.vectorBits / 8);
  for (int64_t tile = 1; tile < shape.groups; ++tile) {
    int64_t ofRow = shape.getPositionSize() / shape.groups * tile;
    if (shape.groups % tile == 0 && ofRow % unit == 0 && ofRow >= least)
      return tile;
  }
  return 0;
}

/// Whether the second-level cache keeps a column of `lines` or more lines of
/// all rows, `tile` groups: always of 15 lines if that is 2/5 of it. Of samples
/// of which it keeps less than half otherwise, it may be half of it, and as
/// little as 10 lines, if all of the cache's sets have a part in that: rows
/// that are apart by a round number of bytes share a few of them. Where a line
/// is within a page decides on its set; the page may be anywhere.
static bool isColumnKept(const CPUProblem &shape, const CPUTarget &target,
                         int64_t tile, int64_t lines) {
  int64_t rowSize = shape.getPositionSize();
  int64_t ofRow = rowSize / shape.groups * tile;
  int64_t size = shape.positions * ofRow;
  if (lines >= 15 && size <= target.l2Size / 5 * 2)
    return true;
  int64_t apart = std::gcd(rowSize, kPage);
  int64_t room = target.l2Size / apart * std::min(apart, ofRow);
  return shape.getSampleSize() > 2 * target.l2Size &&
         size <= std::min(target.l2Size / 2, room);
}

/// Of a sample that exceeds the second-level cache, the groups that are kept
/// there; 0 where they make fewer tiles than there are workers, and nothing,
/// whatever their number, where none can be kept. Their part of a row must be
/// long: processors prefetch beyond its end, which takes the room of what is to
/// stay.
static std::optional<int64_t> chooseKeptTile(const CPUProblem &shape,
                                             const CPUTarget &target,
                                             int64_t workers) {
  // With two threads each keeps half of such a sample.
  bool isShared = shape.getSampleSize() <= 2 * getMostInL2(target);
  if (isShared && shape.getPositionSize() <= kWideRow)
    return std::nullopt;
  // Another tensor that goes by in columns costs more than x saves, and halves,
  // which take twice as much computing, save too little.
  if (shape.readsInputs || shape.elementSize < 4)
    return std::nullopt;
  std::optional<int64_t> result;
  for (int64_t lines : {15, 10}) {
    int64_t tile = findTile(shape, target, lines * kLine);
    if (tile == 0 || !isColumnKept(shape, target, tile, lines))
      continue;
    if (shape.samples * (shape.groups / tile) >= workers)
      return tile;
    result = 0;
  }
  return result;
}

/// For several threads, the groups of a part of a sample: of one that the
/// second-level caches have among them, a few parts, which threads that are no
/// divisor of the samples share evenly; of others, as many as leave no thread
/// without.
static int64_t chooseSharedTile(const CPUProblem &shape,
                                const CPUTarget &target, int64_t workers) {
  if (workers == 1 || shape.getSize() <= kParallelSize)
    return 0;
  int64_t tiles = std::max<int64_t>(shape.getSize() <= target.l2Size ? kFew : 1,
                                    llvm::divideCeil(workers, shape.samples));
  if (tiles == 1)
    return 0;
  int64_t rowSize = shape.getPositionSize();
  return findTile(
      shape, target,
      std::max<int64_t>(5 * kLine, llvm::divideCeil(rowSize, tiles)));
}

WorkItems gn::chooseItems(const CPUProblem &shape, const CPUTarget &target,
                          int64_t workers, int64_t flatten) {
  WorkItems items;
  items.size = shape.getSampleSize();
  items.number = shape.samples;
  if (!shape.featuresLast) {
    items.size /= shape.groups;
    items.number *= shape.groups;
  }
  auto cutIntoTiles = [&](int64_t tile) {
    items.tile = tile;
    items.size = items.size / shape.groups * tile;
    items.number *= shape.groups / tile;
  };
  StringRef name = shape.featuresLast ? "sample" : "group";
  std::string wholeSize = formatSize(items.size);
  std::string cache = "the L2 cache of " + formatSize(target.l2Size);
  auto because = [&](const char *format, auto... values) {
    items.reasons.push_back(llvm::formatv(format, values...));
  };
  if (!shape.wholeOp) {
    because("strategy split: one half of the operator alone");
    return items;
  }

  bool canHaveTiles = shape.contiguousGroups && flatten == 1;
  int64_t rowSize = shape.getPositionSize();
  if (items.size <= getMostInL2(target)) {
    std::string fits =
        llvm::formatv("a {0} of {1} fits 4/5 of {2}", name, wholeSize, cache);
    // A part of it may be a work item too, if a row has enough for several.
    constexpr int64_t kLongRow = 40 * kLine;
    bool canBeShared =
        canHaveTiles && rowSize >= kLongRow &&
        findTile(shape, target, llvm::divideCeil(rowSize, kFew)) != 0;
    bool needsPieces = !canBeShared && shape.getSize() > kSplitSize;
    if (needsPieces && items.number == 1) {
      because("strategy split: {0}, but it is the only one and threads pay",
              fits);
      return items;
    }
    // Else its pieces may be, at a higher price: where there are few samples.
    items.areCut = needsPieces && shape.featuresLast && !shape.isDynamic() &&
                   items.number < kFewSamples;
    int64_t tile = canHaveTiles ? chooseSharedTile(shape, target, workers) : 0;
    int64_t number = items.number * (tile != 0 ? shape.groups / tile : 1);
    if (items.areCut && number < workers) {
      because("strategy split: {0}, but there are {1} for {2} threads", fits,
              number, workers);
      return items;
    }
    items.strategy = CPUStrategy::Sample;
    because("strategy sample: {0}, so x is read from memory once", fits);
    if (tile != 0) {
      because("tiles of {0} groups: threads share them evenly", tile);
      cutIntoTiles(tile);
    }
    return items;
  }

  // Of samples that are little larger, a slow last level's second level keeps
  // all of some groups, or a part for the core that has read it. A fast one is
  // read in columns where whole rows are more than the first level can follow.
  bool isLittleLarger = shape.featuresLast && items.size <= 16 * target.l2Size;
  bool isSlow = isLastLevelSlow(shape, target);
  items.keepsPart = isLittleLarger && isSlow;
  bool columnsPay =
      isSlow || (rowSize > kWideRow && shape.getSize() <= target.l3Size / 4);
  std::optional<int64_t> tile;
  if (isLittleLarger && canHaveTiles && columnsPay)
    tile = chooseKeptTile(shape, target, workers);
  if (tile == 0) {
    because("strategy split: tiles that {0} keeps are fewer than {1} threads",
            cache, workers);
    return items;
  }
  if (tile) {
    items.strategy = CPUStrategy::Sample;
    items.isTileKept = true;
    cutIntoTiles(*tile);
    because("strategy sample: a sample of {0} exceeds 4/5 of {1}, but a tile "
            "of {2} groups of {3} stays in it, so x is read from memory once",
            wholeSize, cache, *tile, formatSize(items.size));
    because("where y does not begin at a cache line, pieces of a sample in its "
            "place");
    return items;
  }
  // Many samples that fit the last level do better as work items: each core
  // reads again what it has read itself, and waits for nobody in between.
  if (shape.featuresLast && shape.getSize() > target.l3Size / 4 &&
      items.number >= kFewSamples && rowSize * flatten <= kWideRow &&
      items.size <= target.l3Size / 8) {
    items.strategy = CPUStrategy::Sample;
    because("strategy sample: a sample of {0} does not exceed 1/8 of the "
            "last-level cache of {1}, and there are {2}, each read again by "
            "the core that has read it",
            wholeSize, formatSize(target.l3Size), items.number);
    return items;
  }
  because("strategy split: a {0} of {1} exceeds 4/5 of {2}", name, wholeSize,
          cache);
  return items;
}
