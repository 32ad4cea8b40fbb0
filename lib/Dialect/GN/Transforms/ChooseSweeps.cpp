//===- ChooseSweeps.cpp - The policy: how the sweeps over x go ------------===//
//
// The fields of a schedule that move loads, stores and prefetches, and no bits.
//
//===----------------------------------------------------------------------===//

#include "CPUPolicy.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace gn;

/// Rows of the cache that are swept together: enough that accumulators in the
/// first-level cache cost little beside x.
static constexpr int64_t kCachedRows = 4;

/// How far ahead rows from memory are asked for, where processors do not look
/// that far themselves.
static constexpr int64_t kFarPrefetch = 12 << 10;

/// And lines of a sample that the second-level cache is to keep.
static constexpr int64_t kSamplePrefetch = 16 << 10;

/// Where accumulators or parameters come from the first-level cache, the lines
/// that a processor has begun to load while it waits for one are few: it needs
/// to be told of all that is to come. Shorter rows run as fast as memory by
/// themselves and only lose by it.
static bool isFarPrefetched(const SweptRows &rows) {
  constexpr int64_t kShort = 512;
  return rows.size >= std::max(kShort, 2 * rows.blockSize);
}

/// Whether more is kept of a row than the first-level cache holds, or where
/// memory is waited for anyway, than it holds beside nothing else.
static bool isInBands(const CPUProblem &shape, const CPUTarget &target,
                      const SweptRows &rows) {
  bool isFromMemory = shape.getSize() > target.l3Size && shape.elementSize >= 4;
  return shape.featuresLast &&
         rows.size > (isFromMemory ? 2 * kWideRow : kWideRow);
}

/// The statistics: where a row is no longer than a block, accumulators belong
/// in registers. Else rows in order are what prefetchers follow.
static void chooseStatistics(const CPUProblem &shape, const CPUTarget &target,
                             const SweptRows &rows, Sweeps &sweeps) {
  if (rows.size <= rows.blockSize)
    return;
  int64_t sampleSize = shape.getSampleSize();
  bool isKept = rows.inSample && sampleSize <= target.l2Size;
  // Of the next sample, the normalization asks for what the second level has
  // room for beside this one, about a quarter of that cache. More comes in
  // order, by fewer rows where one sample makes way for the next.
  if (isKept && rows.stream && sampleSize > target.l2Size / 4 &&
      rows.size <= kWideRow) {
    sweeps.order = LoopOrder::Rows;
    sweeps.rows =
        sampleSize > target.l2Size / 2 ? kCachedRows / 2 : kCachedRows;
    sweeps.prefetch = kSamplePrefetch;
    return;
  }
  bool fromMemory = rows.stream && shape.getSize() > target.l3Size / 2 &&
                    (!rows.inSample || (!isKept && rows.size <= kWideRow));
  if (!fromMemory) {
    // Long blocks of what is in the second-level cache need no prefetcher, and
    // no accumulators in the first.
    bool inL2 = rows.inSample || shape.getSize() <= target.l2Size;
    if (inL2 && rows.hasLongBlocks())
      return;
    sweeps.order = LoopOrder::Rows;
    sweeps.rows = kCachedRows;
    // What is asked for rows ahead takes the room of what is kept of a band,
    // and the instructions that ask come with every other vector.
    if (!isInBands(shape, target, rows) || rows.vectorSize >= kLine)
      sweeps.prefetch = 2 * kCachedRows * rows.size;
    return;
  }
  sweeps.order = LoopOrder::Rows;
  // Processors prefetch within a page by themselves. Halves, of which a line
  // takes twice as much computing, need help to begin the next page.
  bool areHalves = shape.elementSize < 4;
  bool isFar = isFarPrefetched(rows);
  if (isFar && shape.getSize() <= target.l3Size) {
    // Much of it is in the last level still.
    sweeps.rows = kCachedRows / 2;
    sweeps.prefetch = 2 * kCachedRows * rows.size;
  } else if (isFar)
    sweeps.prefetch = kFarPrefetch;
  else if (areHalves && !rows.inSample)
    sweeps.prefetch = kPage / 2 * 3;
  // What has been asked for while the sample before streamed out lies in the
  // last level, if it did not have to give way.
  else if (rows.inSample)
    sweeps.prefetch = kPage;
  // A line of halves costs as many accumulators as two of f32: memory waits for
  // them, not they for it.
  if (areHalves && !rows.inSample)
    sweeps.rows = kCachedRows / 2;
}

/// The normalization into the cache.
static void chooseStores(const CPUProblem &shape, const CPUTarget &target,
                         const SweptRows &rows, Sweeps &sweeps) {
  // Rows come in order where y is long enough for that to matter, or blocks are
  // short. Elsewhere they go two at a time, unless they are whole pages apart:
  // there a load looks like one of the store into the row before it.
  bool isLong = shape.featuresLast && shape.getSize() > target.l3Size / 8;
  bool beatsBlocks = !rows.hasLongBlocks() && rows.size > rows.blockSize;
  if (isLong || (shape.featuresLast && beatsBlocks))
    sweeps.applyOrder = LoopOrder::Rows;
  // The parameters of a band leave that cache more slowly if more rows share
  // them.
  bool sharesBand =
      isInBands(shape, target, rows) && sweeps.applyOrder == LoopOrder::Rows;
  if (!isLong && rows.size % kPage != 0)
    sweeps.applyRows = sharesBand ? kCachedRows : 2;
}

/// The normalization around the cache: one row at a time, whole lines in order,
/// or processors neither prefetch x nor combine what they write.
static void chooseStreaming(const CPUProblem &shape, const CPUTarget &target,
                            const SweptRows &rows, Sweeps &sweeps) {
  sweeps.applyOrder = LoopOrder::Rows;
  if (!rows.inSample) {
    bool fromCache = shape.getSize() <= target.l3Size / 2;
    bool narrow = rows.size <= rows.blockSize;
    sweeps.applyPrefetch = fromCache || narrow ? 2048 : 4096;
    // The parameters of wide rows leave the first-level cache no room. Where
    // there is much to compute, waiting for the second one costs more.
    if (!fromCache && !shape.computes && isFarPrefetched(rows))
      sweeps.applyPrefetch = kFarPrefetch;
    else if (!fromCache && (rows.size >= 2048 || shape.elementSize < 4))
      sweeps.applyPrefetch = shape.computes ? 4096 : 6144;
    return;
  }
  if (!shape.featuresLast)
    return;
  // What streams out leaves memory time for the next sample, if there is room
  // for it beside this one. The smaller the samples, the more of its prefetches
  // find memory busy, and the more room there is to repeat them. Wide rows have
  // parameters to read beside that: large samples of them come from the last
  // level, where they have been read to.
  int64_t sampleSize = shape.getSampleSize();
  if (sampleSize > target.l2Size && rows.size > 2 * rows.blockSize) {
    sweeps.applyPrefetch = 2048;
  } else if (sampleSize <= target.l2Size / 4 &&
             sweeps.order == LoopOrder::Blocks) {
    sweeps.applyNext = 3;
    sweeps.applyPrefetch = 256;
  } else if (sampleSize <= target.l2Size / 2 || sampleSize > target.l2Size ||
             sweeps.order == LoopOrder::Blocks) {
    sweeps.applyNext = 1;
  } else {
    sweeps.applyPrefetch = 2048;
  }
}

int64_t gn::getRowsApart(int64_t rowSize) {
  constexpr int64_t kBytesApart = 32 << 10;
  return llvm::PowerOf2Ceil(llvm::divideCeil(kBytesApart, rowSize));
}

/// By vectors of whole lines, y around the cache or into the second level. A
/// sweep computes so little for each line that memory alone counts: rows in
/// order, whatever their width, several of them in the statistics, and lines
/// asked for far enough ahead that processors do not stop at the end of a page.
static Sweeps chooseForLineVectors(const CPUProblem &shape,
                                   const CPUTarget &target,
                                   const SweptRows &rows) {
  Sweeps sweeps;
  sweeps.applyOrder = LoopOrder::Rows;
  if (!shape.featuresLast) {
    // Behind a short run comes one of another group.
    constexpr int64_t kAhead = 2 * kPage;
    if (shape.positions * shape.runFeatures * shape.elementSize > kAhead)
      sweeps.prefetch = sweeps.applyPrefetch = kAhead;
    return sweeps;
  }
  sweeps.order = LoopOrder::Rows;
  sweeps.rows = kCachedRows;
  sweeps.prefetch = kFarPrefetch;
  // From memory, long rows are streams of their own, of which it serves two
  // best.
  constexpr int64_t kLongRow = 1 << 10;
  bool isFromMemory = shape.getSize() > target.l3Size;
  bool areLongRows = isFromMemory && !rows.inSample && rows.size >= kLongRow;
  if (areLongRows)
    sweeps.rows = kCachedRows / 2;
  // Halves take so much computing that the order of what memory does is nothing
  // to them.
  int64_t apart = getRowsApart(rows.size);
  if (isFarBeyondLastLevel(shape, target) && shape.elementSize >= 4 &&
      rows.piece != 0 && rows.piece % (kStreams * apart) == 0) {
    sweeps.applyRows = kStreams;
    sweeps.applyApart = apart;
    // Processors look ahead in a few streams by themselves, unless much is
    // computed or read in between.
    sweeps.applyPrefetch = shape.computes || shape.readsInputs ? kPage : 0;
    return sweeps;
  }
  // So are those of the normalization, unless it computes much for a line, or
  // they are whole pages apart and look alike to the stores.
  if (areLongRows && !shape.computes && shape.elementSize >= 4 &&
      rows.size % kPage != 0)
    sweeps.applyRows = 2;
  // From memory, lines of several tensors are in flight longer where much is
  // computed for each: asked for that early, they leave the first-level cache
  // before they are used. What the second-level cache holds is there already,
  // but not what an epilogue reads besides.
  if (isFromMemory && shape.computes && shape.readsInputs)
    sweeps.applyPrefetch = kPage;
  else if (!rows.inSample || shape.getSampleSize() > target.l2Size ||
           shape.readsInputs)
    sweeps.applyPrefetch = kFarPrefetch;
  return sweeps;
}

/// Some groups of each row, which the second-level cache keeps. Columns that
/// stay in registers leave prefetchers little to fetch in vain; where these are
/// few, there are more columns than they gain.
static Sweeps chooseForTiles(const CPUProblem &shape, const CPUTarget &target,
                             const SweptRows &rows) {
  Sweeps sweeps;
  sweeps.applyOrder = LoopOrder::Rows;
  if (target.vectorBits < kLine * 8) {
    sweeps.order = LoopOrder::Rows;
    sweeps.rows = kCachedRows;
    sweeps.prefetch = kCachedRows * shape.getPositionSize();
  }
  // A row's results wait for those of the row before; out of a fast last level,
  // parts of two rows make a longer one.
  if (shape.computes || !followsStreams(target))
    sweeps.applyRows = kCachedRows / 2;
  return sweeps;
}

/// Neither by tiles nor by vectors of whole lines.
static Sweeps chooseForRows(const CPUProblem &shape, const CPUTarget &target,
                            const SweptRows &rows) {
  Sweeps sweeps;
  chooseStatistics(shape, target, rows, sweeps);
  if (!rows.stream)
    chooseStores(shape, target, rows, sweeps);
  else
    chooseStreaming(shape, target, rows, sweeps);
  if (!isInBands(shape, target, rows))
    return sweeps;
  // Bands of like size, in whole lines: shorter ones where several rows of x
  // and y go by at a time. No prefetcher follows one from row to row: from
  // memory, each is asked for a few rows ahead.
  int64_t widest = sweeps.applyRows > 2 ? kWideRow / 2 : kWideRow;
  int64_t vectors = llvm::divideCeil(rows.size, rows.vectorSize);
  sweeps.band = llvm::alignTo(
      llvm::divideCeil(vectors, llvm::divideCeil(rows.size, widest)),
      llvm::divideCeil(kLine, rows.vectorSize));
  if (rows.stream && !rows.inSample) {
    // What is asked for twice may be asked for early.
    sweeps.applyPrefetch = 8 * rows.size;
    if (sweeps.order == LoopOrder::Rows && sweeps.rows == 1)
      sweeps.prefetch = 3 * rows.size;
  }
  return sweeps;
}

Sweeps gn::chooseSweeps(const CPUProblem &shape, const CPUTarget &target,
                        const SweptRows &rows) {
  bool inStreams = followsStreams(target);
  bool byLines = inStreams && (rows.stream || rows.inL2);
  // What stands some way ahead of a part of a row is another thread's.
  bool isPartOfRow = shape.featuresLast && rows.size < shape.getPositionSize();
  Sweeps sweeps = rows.isTileKept || (byLines && isPartOfRow)
                      ? chooseForTiles(shape, target, rows)
                  : byLines ? chooseForLineVectors(shape, target, rows)
                            : chooseForRows(shape, target, rows);
  // Lines from far ahead are asked for twice: memory may be busy with streams
  // out of the cache, and in the statistics with itself.
  constexpr int64_t kFar = 2 * kPage;
  sweeps.prefetchAgain =
      !inStreams && rows.stream && shape.getSize() > target.l3Size / 2 &&
      sweeps.order == LoopOrder::Rows && sweeps.prefetch > kFar;
  sweeps.applyAgain = (!inStreams || rows.vectorSize < kLine) &&
                      sweeps.applyOrder == LoopOrder::Rows &&
                      sweeps.applyPrefetch > kFar;
  return sweeps;
}
