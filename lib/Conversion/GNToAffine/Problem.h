//===- Problem.h - What one lowering works on -------------------*- C++ -*-===//
//
// An op and its schedule, resolved to the terms that the loops are written in:
//
//   sample  one n of N; its elements lie contiguously in memory, or, as in a
//           slice of something larger, in blocks with gaps between
//   row     `flatten` spatial positions of a sample, `width` elements; lane l
//           of a row belongs to feature l mod C; one position where there are
//           gaps
//   rest    the spatial positions that do not fill a row, fewer than `flatten`
//   lead    the elements of a sample before its first row: none, but where rows
//           are to begin at cache lines of y; then what is behind the last row
//           is the tail
//   band    the lanes that are swept through a chunk before the next ones
//   chunk   the rows between two flushes of the accumulators to f64
//   piece   the rows of one work item; the last piece of a sample is the one
//           that may be short, and has the rest
//   share   neighbouring pieces that are one work item
//   tile    neighbouring groups that are one work item in strategy `sample`;
//           rows, lanes and groups are then those of the tile, and one row
//           does not begin where the one before it ends
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_LIB_CONVERSION_GNTOAFFINE_PROBLEM_H
#define GROUPNORM_LIB_CONVERSION_GNTOAFFINE_PROBLEM_H

#include "Apply.h"
#include "LoopEmitter.h"
#include "groupnorm/Dialect/GN/IR/GN.h"

namespace gn {

struct Problem {
  /// Resolves `op`, which is one of the three gn ops on memrefs, with features
  /// last; emits an error on it and fails where the lowering does not serve it.
  /// What is left is to set the schedule.
  template <typename OpTy>
  static mlir::FailureOr<Problem> create(OpTy op, LoopEmitter &b);

  /// The statistics of `samples` segments of `positions` elements each, which
  /// all belong to one group: `x` is [samples, positions].
  static Problem ofSegments(LoopEmitter &b, mlir::Value x,
                            mlir::FloatType computeType, AffineIndex samples,
                            AffineIndex positions);
  /// Cuts the positions of a sample into rows and pieces as `schedule` says.
  /// Makes no code, but that it asks for the number of threads if that matters.
  void setSchedule(LoopEmitter &b, CPUScheduleAttr schedule);

  // Data as [N, elements of a sample], or with gaps as [N, blocks..., C].
  mlir::Value x;
  mlir::Value y;           // null in gn.group_stats
  mlir::Value gamma, beta; // null without an affine step
  mlir::Value yBuffer;     // as the op has it
  Epilogue epilogue;
  mlir::Value mean, rstd; // to be saved; null where they are not

  CPUScheduleAttr schedule;
  mlir::FloatType computeType; // of the element-wise arithmetic
  mlir::FloatType statsType;   // of merged statistics: f64
  Epsilon epsilon;

  bool areSegments = false;             // samples, by ofSegments
  bool areShares = false;               // pieces, by inShares
  int64_t features, groups, groupWidth; // C, G and C/G
  /// Whether the features of a group are neighbours.
  bool contiguousGroups;
  int64_t flatten;        // positions of a row
  int64_t width;          // lanes of a row: C * flatten
  LaneCut cut = 1;        // of a row
  int64_t block;          // vectors of the cut, or pairs, in a register block
  int64_t bandWidth;      // lanes of a band; `width` where there is but one
  int64_t pieceRows;      // of all pieces but the last; 0: one piece
  int64_t vectorsPerLine; // of x, or pairs; 1 where they fill a cache line
  int64_t rowSize;        // of x, bytes
  int64_t rowStride;      // elements from the beginning of a row to the next

  AffineIndex samples;   // N
  AffineIndex positions; // of a sample
  AffineIndex rows;      // of a sample
  AffineIndex rest;      // spatial positions beyond the last row
  AffineIndex pieces;    // of a sample
  AffineIndex shares;    // of a sample; 0: each piece is a work item
  AffineIndex lead;      // elements of a sample, fewer than a line of y has
  bool isAtLine = false; // y is known to begin at a cache line
  int64_t tiles;         // of a sample
  AffineIndex tile;      // which one this is

  /// Where lane `lane` of row `row` stands.
  llvm::SmallVector<AffineIndex> at(AffineIndex sample, AffineIndex row,
                                    AffineIndex lane) const;
  /// The same if there were no gaps: [sample, element of the sample].
  llvm::SmallVector<AffineIndex> inRun(AffineIndex sample, AffineIndex row,
                                       AffineIndex lane) const {
    return {sample, row * rowStride + getFirstFeature() + lane + lead};
  }
  /// The same place in the next work item of strategy `sample`.
  llvm::SmallVector<AffineIndex> inNextItem(AffineIndex sample, AffineIndex row,
                                            AffineIndex lane) const;
  /// The number of whole units of `unit` rows in a piece, as the bounds of a
  /// loop (the least of them counts).
  llvm::SmallVector<AffineIndex> unitsIn(AffineIndex piece, int64_t unit) const;
  /// The first row of a piece, and the one behind the last of a share.
  AffineIndex firstRow(AffineIndex piece) const;
  AffineIndex endRow(AffineIndex share) const;
  /// The piece that work item `item` of a sample is. Where threads have unlike
  /// numbers of items, the first ones have one more: they begin with the last
  /// piece, which is what is left, and where sizes are dynamic maybe nothing.
  /// Many segments are even work in any order.
  AffineIndex pieceOf(AffineIndex item) const {
    bool lastFirst = schedule.getParallel() && !areSegments && !hasShares() &&
                     !pieces.getConstant();
    return lastFirst ? piecesAfter(item) : item;
  }
  /// Zero in the last piece of a sample only.
  AffineIndex piecesAfter(AffineIndex piece) const {
    AffineIndex last = (areShares ? getItems() : pieces) + -1;
    return last.isZero() ? last : last - piece;
  }
  /// Whether rows can be such that each begins at a cache line of y, or as far
  /// behind one as others of its width do, wherever y is in memory.
  bool canStartAtLines() const;
  /// The same problem with such rows, around which there are the lead and a
  /// tail, fewer elements than a row has, with the rest in it. They may take
  /// the place of a row.
  Problem startingAtLines(LoopEmitter &b, AffineIndex sample) const;
  AffineIndex getTail() const { return (positions * features - lead) % width; }
  /// The rows that a sample has less for its lead: one, if the lead exceeds the
  /// `left` elements of the rest.
  AffineIndex getSplitRows() const {
    int64_t left = positions.getConstant().value_or(0) * features % width;
    return (lead + (width - 1 - left)).floorDiv(width);
  }
  /// The number of work items of a sample.
  AffineIndex getItems() const { return hasShares() ? shares : pieces; }
  bool hasShares() const { return !shares.isZero(); }
  /// The first piece of a share; of number `shares`, the end of all.
  AffineIndex firstPieceOf(AffineIndex share) const {
    return (share * pieces).floorDiv(shares);
  }
  /// The same problem with a share, if there are any, as a piece.
  Problem inShares() const {
    Problem dealt = *this;
    dealt.areShares = hasShares();
    return dealt;
  }
  /// Whether there are tiles that stream out whole lines, where y begins at
  /// one.
  bool canStreamTiles() const;
  /// The same problem for a tile of its groups; all of it if there is but one.
  Problem ofTile(AffineIndex tile) const;
  AffineIndex getFirstGroup() const { return tile * groups; }
  AffineIndex getFirstFeature() const { return tile * features; }
  /// The same problem with samples that are one piece each.
  Problem inWholeSamples() const {
    Problem whole = *this;
    whole.pieceRows = 0;
    whole.shares = AffineIndex(pieces.expr.getContext(), 0);
    whole.pieces = AffineIndex(pieces.expr.getContext(), 1);
    return whole;
  }
  /// How far ahead a line that has been asked for from `distance` bytes ahead
  /// is asked for again; 0 where that is too near to help. In a band, lines of
  /// other rows come in between.
  int64_t getSecondPrefetch(int64_t distance) const {
    int64_t nearer = distance / 2;
    if (bandWidth != width)
      nearer = std::min(nearer, 2 * rowSize);
    return nearer > LoopEmitter::kNear ? nearer : 0;
  }

private:
  template <typename OpTy>
  mlir::LogicalResult setViews(OpTy op, LoopEmitter &b);

  /// Where y begins in memory, in elements; null where the bounds of loops must
  /// not hang on it.
  mlir::Value yAddress;

  /// Where there are gaps: of the dimensions that the views have between N and
  /// C all sizes but the first. Positions count through them in order.
  std::optional<llvm::SmallVector<AffineIndex>> innerSizes;

  Problem(LoopEmitter &b)
      : features(0), groups(0), groupWidth(0), contiguousGroups(true),
        flatten(1), width(0), block(1), bandWidth(0), pieceRows(0),
        vectorsPerLine(1), rowSize(0), rowStride(0), samples(b.index(0)),
        positions(b.index(0)), rows(b.index(0)), rest(b.index(0)),
        pieces(b.index(0)), shares(b.index(0)), lead(b.index(0)), tiles(1),
        tile(b.index(0)) {}
};

/// Whether a schedule of `op` stores around the cache.
bool mayStream(mlir::Operation *op);

/// Emits the code of `op` for its schedule, or for the default one. Where it
/// has alternatives, for each of them, under its condition on the sizes of x.
void forEachSchedule(LoopEmitter &b, mlir::Operation *op, AffineIndex samples,
                     AffineIndex positions,
                     llvm::function_ref<void(CPUScheduleAttr)> emit);

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOAFFINE_PROBLEM_H
