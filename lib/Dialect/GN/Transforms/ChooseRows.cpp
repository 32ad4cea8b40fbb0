//===- ChooseRows.cpp - The policy: how a sample is cut -------------------===//
//
// Into rows of spatial positions, and these into chunks and pieces, which
// decide the bits of the result; and how many samples go by between the two
// passes.
//
//===----------------------------------------------------------------------===//

#include "CPUPolicy.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;
using namespace gn;

/// Spatial positions that make up one row of features that are not last: a few
/// vectors.
static int64_t chooseFlattenOfRuns(const CPUProblem &shape, int64_t vector,
                                   int64_t block) {
  int64_t flatten = block * vector;
  if (shape.dynamicPositions)
    return flatten;
  // A row of whole vectors, where there are any.
  int64_t most = std::max<int64_t>(1, shape.positions) * shape.runFeatures;
  return std::min(flatten, most > vector ? most - most % vector : most);
}

/// With features last: as many as fill whole vectors, which then begin at lines
/// wherever y does, and a few of those. Each lane of a row costs what several
/// rows do, more where what is kept of a row exceeds the first-level cache, and
/// positions that fill no row cost far more: there must be rows to make up for
/// that, or they end within a vector.
int64_t gn::chooseFlatten(const CPUProblem &shape, int64_t vector,
                          int64_t block) {
  constexpr int64_t kFewVectors = 4, kMost = 64;
  constexpr int64_t kLeastRows = 32, kLeastRowsBesideRest = 256;
  constexpr int64_t kFewLanes = 2560, kMostLanes = 16 << 10, kLanesPerRow = 8;
  if (!shape.featuresLast)
    return chooseFlattenOfRuns(shape, vector, block);
  int64_t flatten = vector / std::gcd(shape.features, vector);
  while (flatten * shape.features < kFewVectors * vector && flatten < kMost)
    flatten *= 2;
  bool fillsVector = shape.features >= vector;
  if (shape.dynamicPositions)
    return fillsVector ? 1 : flatten;
  int64_t positions = std::max<int64_t>(1, shape.positions);
  // The whole sample, if it is but a few vectors.
  if (positions <= flatten &&
      positions * shape.features <= 2 * kFewVectors * vector)
    return positions;
  if (fillsVector && shape.gathers)
    return 1;
  auto isWorthIt = [&](int64_t flatten) {
    int64_t rows = positions / flatten, lanes = flatten * shape.features;
    if (rows < (positions % flatten == 0 ? kLeastRows : kLeastRowsBesideRest))
      return false;
    return lanes <= kFewLanes ||
           (lanes <= kMostLanes && rows >= lanes / kLanesPerRow);
  };
  while (flatten > 1 && flatten / 2 * shape.features >= vector &&
         !isWorthIt(flatten))
    flatten /= 2;
  return std::min(flatten, positions);
}

/// Samples between two changes from statistics to normalization, in strategy
/// `split`: so few that the last-level cache still has some of them. Of a
/// sample that exceeds it nothing is left, and a change only stops the cores.
static int64_t chooseSpan(const CPUProblem &shape, const CPUTarget &target,
                          bool stream, int64_t workers) {
  int64_t sampleSize = shape.getSampleSize();
  if (!shape.featuresLast || sampleSize == 0)
    return 0;
  // A sample may have fewer pieces than there are threads, and then some have
  // nothing to do until the next sample.
  if (shape.isDynamic())
    return stream && workers == 1 ? 1 : 0;
  if (shape.getSize() <= target.l3Size / 4 * 3 || sampleSize > target.l3Size)
    return 0;
  int64_t span = std::max<int64_t>(1, target.l3Size / 8 / sampleSize);
  return span < shape.samples ? span : 0;
}

/// Short enough that squares of magnitude 1e36 do not overflow f32.
static constexpr int64_t kChunk = 64;

/// Rows of a piece, in strategy `split`.
static int64_t choosePiece(const CPUProblem &shape, const CPUTarget &target,
                           const WorkItems &items, int64_t rows,
                           int64_t rowSize, int64_t span) {
  // A piece costs as much as a few rows, for its first shift and its merge. An
  // eighth of x is enough work for an item, and so is half a mebibyte; tensors
  // beyond the last level have enough for longer ones.
  constexpr int64_t kLeastItem = 256 << 10, kMostItem = 512 << 10;
  int64_t itemSize = shape.isDynamic() ? kLeastItem
                                       : std::clamp(shape.getSize() / 8,
                                                    kLeastItem, kMostItem);
  bool isLong = !shape.isDynamic() && shape.getSize() > target.l3Size;
  const int64_t least = (isLong ? 4 : 2) * kChunk;
  int64_t piece = std::max<int64_t>(llvm::divideCeil(itemSize, rowSize), least);
  // How many pieces a dynamic size makes is not known: none is large.
  if (shape.isDynamic())
    return llvm::alignTo(piece, kChunk);
  // Of a few samples that caches keep, many threads want shorter ones.
  int64_t few = llvm::alignTo(
      llvm::divideCeil(rows * shape.samples, kWorkItems / 2), kChunk);
  if (items.areCut)
    return few;
  if (items.keepsPart)
    piece = std::min(piece, few);
  // Samples that are worked on at a time, or segments of one feature, are many
  // work items already.
  int64_t wholes = std::max<int64_t>(1, span != 0 ? span : shape.samples);
  if (!shape.featuresLast)
    wholes *= shape.features;
  piece = std::max<int64_t>(
      piece, llvm::divideCeil(rows, llvm::divideCeil(kWorkItems, wholes)));
  int64_t unit = kChunk;
  if (isFarBeyondLastLevel(shape, target))
    unit = std::max(unit, kStreams * getRowsApart(rowSize));
  piece = llvm::alignTo(piece, unit);
  // The thread with more rows than others keeps them waiting: that may be much
  // less with somewhat smaller pieces, for two threads, or where pieces cost
  // little beside the rest for many. The first has it, since the shorter piece
  // is the last of its sample.
  auto getLongestShare = [&](int64_t piece, int64_t workers) -> int64_t {
    int64_t pieces = llvm::divideCeil(rows, piece);
    int64_t share = llvm::divideCeil(wholes * pieces, workers);
    return share / pieces * rows + std::min(rows, share % pieces * piece);
  };
  auto getLoss = [&](int64_t piece) {
    int64_t most = shape.getSize() > 8 * kSplitSize ? kWorkItems / 2 : 2;
    double loss = 0;
    for (int64_t workers = 2; workers <= most; workers *= 2)
      loss = std::max(loss, double(getLongestShare(piece, workers)) * workers);
    return loss;
  };
  int64_t best = piece;
  for (int64_t less = piece - unit; less >= std::max(piece / 2, least);
       less -= unit)
    if (getLoss(less) < getLoss(best) / 16 * 15)
      best = less;
  return best;
}

/// The samples in flight, no fewer than `span`: so many that they have a piece
/// for each worker, and all that the workers' second-level caches hold.
static int64_t widenSpan(int64_t span, const CPUProblem &shape,
                         const CPUTarget &target, int64_t pieces,
                         int64_t workers) {
  span = std::max<int64_t>(span, llvm::divideCeil(workers, pieces));
  span = std::max(span, workers * getMostInL2(target) / shape.getSampleSize());
  return span < shape.samples ? span : 0;
}

Pieces gn::choosePieces(const CPUProblem &shape, const CPUTarget &target,
                        const WorkItems &items, int64_t rows, int64_t rowSize,
                        bool stream, int64_t workers) {
  Pieces pieces{kChunk, 0, 0};
  if (!items.mayBePieces() && !items.areCut)
    return pieces;
  if (items.keepsPart)
    pieces.span = shape.samples > 1 || shape.dynamicSamples ? 1 : 0;
  else if (shape.wholeOp && items.mayBePieces())
    pieces.span = chooseSpan(shape, target, stream, workers);
  // Of a few long rows, two threads have one chunk each; of a number that is
  // not known, about as many.
  constexpr int64_t kMostChunk = 80, kUnit = 8;
  if (shape.wholeOp && shape.featuresLast && rows <= 2 * kMostChunk &&
      shape.getSampleSize() > kSplitSize)
    pieces.chunk = pieces.piece =
        shape.dynamicPositions
            ? kMostChunk / 2
            : llvm::alignTo(llvm::divideCeil(rows, 2), kUnit);
  else if (rows > kChunk || shape.dynamicPositions)
    pieces.piece =
        choosePiece(shape, target, items, rows, rowSize, pieces.span);
  // The span that pieces were made for is the same for any number of workers.
  if (pieces.span != 0 && pieces.piece != 0 && !shape.isDynamic())
    pieces.span = widenSpan(pieces.span, shape, target,
                            llvm::divideCeil(rows, pieces.piece), workers);
  return pieces;
}
