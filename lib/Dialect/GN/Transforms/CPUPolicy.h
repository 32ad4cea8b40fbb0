//===- CPUPolicy.h - What the policy looks at -------------------*- C++ -*-===//

#ifndef GROUPNORM_LIB_DIALECT_GN_TRANSFORMS_CPUPOLICY_H
#define GROUPNORM_LIB_DIALECT_GN_TRANSFORMS_CPUPOLICY_H

#include "groupnorm/Dialect/GN/Transforms/CPUSchedule.h"

namespace gn {

/// A problem, as far as the policy looks at it.
struct CPUProblem {
  int64_t samples, positions, features, groups;
  int64_t elementSize; // bytes
  mlir::Type computeType;
  bool areBF16 = false; // x, and y where there is one
  bool featuresLast;
  bool contiguousGroups = false; // with features last, and several of a group
  // Where they are not last: features of a group that are neighbours in memory.
  int64_t runFeatures = 1;
  bool wholeOp; // rather than one of its halves
  // Whether an epilogue divides or has elementary functions.
  bool computes = false;
  // Whether it reads another tensor of x's shape.
  bool readsInputs = false;
  // Whether it reads one that has elements for positions, but not for features.
  bool gathers = false;
  // Sizes that may be other ones at run time. Then `samples` is 1 and
  // `positions` the product of the sizes that are known, or where the policy is
  // asked for certain sizes, these.
  bool dynamicSamples = false, dynamicPositions = false;

  /// Alternatives are few: they are not spent on what gains a few percent.
  bool isDynamic() const { return dynamicSamples || dynamicPositions; }
  /// Bytes of a spatial position.
  int64_t getPositionSize() const { return features * elementSize; }
  int64_t getSampleSize() const { return positions * getPositionSize(); }
  int64_t getSize() const { return samples * getSampleSize(); }
};

/// The rows that x is swept by.
struct SweptRows {
  int64_t size;       // bytes that a work item has of one
  int64_t vectorSize; // bytes of x that fill a vector
  int64_t blockSize;  // bytes of x that fill a register block
  bool inSample;      // strategy `sample`
  bool stream;
  bool inL2;       // x and y of a sample, between its sweeps
  bool isTileKept; // a work item is a tile of what exceeds the second level
  int64_t piece;   // rows of a work item, in strategy `split`; 0: all

  /// Whether a block is so much of a row that a sweep of blocks costs no more
  /// for what it skips. Registers of 512 bits make such blocks.
  bool hasLongBlocks() const { return blockSize >= 512; }
};

inline constexpr int64_t kLine = 64, kPage = 4 << 10; // bytes

/// Three values are kept of each lane of a row, beside x and y: rows of up to
/// so many bytes leave these room in a first-level cache of 32 KiB.
inline constexpr int64_t kWideRow = 4 << 10;

/// Below so many bytes of x, starting threads costs more than it gains.
inline constexpr int64_t kParallelSize = 256 << 10;

/// And cutting a sample into pieces, which are merged.
inline constexpr int64_t kSplitSize = 512 << 10;

/// Work items of a large tensor: enough for any number of cores, yet each large
/// against what a work item costs.
inline constexpr int64_t kWorkItems = 32;

/// What one work item covers.
struct WorkItems {
  CPUStrategy strategy = CPUStrategy::Split;
  int64_t tile = 0; // groups, where they are not all of a sample
  // Whether tiles are made of what exceeds the second-level cache, each to be
  // kept there, rather than for threads to have one each. They stream, and
  // where y does not allow that, pieces take their place.
  bool isTileKept = false;
  int64_t size, number; // in strategy `sample`: bytes of x, and how many
  // Whether that cache, beside a slow last level, keeps a part of a sample.
  bool keepsPart = false;
  // Whether samples that fit it are so few that the statistics go by pieces,
  // which may be work items.
  bool areCut = false;
  llvm::SmallVector<std::string> reasons;

  bool areSamples() const { return strategy == CPUStrategy::Sample; }
  /// Whether pieces are work items, always or where y is such that tiles are
  /// none.
  bool mayBePieces() const { return !areSamples() || isTileKept; }
};

/// For `workers` threads, or about as many, and rows of `flatten` positions.
WorkItems chooseItems(const CPUProblem &problem, const CPUTarget &target,
                      int64_t workers, int64_t flatten);

/// The spatial positions of a row, with vectors of `vector` elements, of which
/// `block` are in a register block.
int64_t chooseFlatten(const CPUProblem &problem, int64_t vector, int64_t block);

/// How the rows of a sample are cut, as fields of a schedule say.
struct Pieces {
  int64_t chunk, piece, span;
};

/// For `rows` rows of `rowSize` bytes each.
Pieces choosePieces(const CPUProblem &problem, const CPUTarget &target,
                    const WorkItems &items, int64_t rows, int64_t rowSize,
                    bool stream, int64_t workers);

/// Bytes of x that stay in the second-level cache beside all else.
inline int64_t getMostInL2(const CPUTarget &target) {
  return target.l2Size / 5 * 4;
}

/// Whether there is a second level of 2 MiB, which makes up for a slow last
/// one, into which stores are no faster than around it.
inline bool isLastLevelSlow(const CPUProblem &problem,
                            const CPUTarget &target) {
  constexpr int64_t kLargeL2 = 2 << 20;
  return problem.wholeOp && target.l2Size >= kLargeL2;
}

/// Whether neighbouring rows, and several of y, may go by side by side, each
/// line asked for once. Of processors with vectors of 512 bits those do that
/// well which have a second level of more than 1 MiB. In one with 1 MiB, a Zen
/// 4, reads from memory take twice as long that are not in order, and stores to
/// four places as long again.
inline bool followsStreams(const CPUTarget &target) {
  constexpr int64_t kSmallL2 = 1 << 20;
  return target.vectorBits >= kLine * 8 && target.l2Size > kSmallL2;
}

/// Whether the last level holds nothing of x any more when it is read again.
inline bool isFarBeyondLastLevel(const CPUProblem &problem,
                                 const CPUTarget &target) {
  return problem.getSize() > 3 * target.l3Size;
}

/// What is read from there streams out best to several places, pages apart:
/// memory and the translation of addresses work on them side by side.
inline constexpr int64_t kStreams = 4;
/// Rows of `rowSize` bytes between two such places, a power of two.
int64_t getRowsApart(int64_t rowSize);

/// "1.5 MiB".
std::string formatSize(int64_t bytes);

/// How the sweeps over x go: fields of a schedule that do not decide its bits.
struct Sweeps {
  LoopOrder order = LoopOrder::Blocks, applyOrder = LoopOrder::Blocks;
  int64_t rows = 1, prefetch = 0, band = 0;
  int64_t applyRows = 1, applyApart = 1, applyPrefetch = 0, applyNext = 0;
  bool prefetchAgain = false, applyAgain = false;
};

Sweeps chooseSweeps(const CPUProblem &problem, const CPUTarget &target,
                    const SweptRows &rows);

/// The schedule for one size. A dynamic size takes one that suits all sizes
/// about as large: none that is made for this very number of positions.
CPUScheduleChoice choose(mlir::MLIRContext *context, const CPUProblem &problem,
                         const CPUTarget &target, int64_t threads);

/// The schedules for all sizes that the dynamic ones may have.
CPUScheduleChoice chooseAlternatives(mlir::MLIRContext *context,
                                     const CPUProblem &problem,
                                     const CPUTarget &target, int64_t threads);

} // namespace gn

#endif // GROUPNORM_LIB_DIALECT_GN_TRANSFORMS_CPUPOLICY_H
