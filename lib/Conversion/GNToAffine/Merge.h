//===- Merge.h - From lanes to groups, from pieces to samples ---*- C++ -*-===//

#ifndef GROUPNORM_LIB_CONVERSION_GNTOAFFINE_MERGE_H
#define GROUPNORM_LIB_CONVERSION_GNTOAFFINE_MERGE_H

#include "Problem.h"
#include "Statistics.h"

namespace gn {

/// Statistics of groups in memory: those of group g stand at [prefix..., g].
struct GroupStatistics {
  mlir::Value mean, m2;
  mlir::Value count; // null where every group has the count of a whole sample
  llvm::SmallVector<AffineIndex> prefix;

  llvm::SmallVector<AffineIndex> at(AffineIndex group) const {
    llvm::SmallVector<AffineIndex> position = prefix;
    position.push_back(group);
    return position;
  }
};

struct Moments {
  mlir::Value mean, m2;
};

/// Chan's formula: adds `other` of `countOther` elements to `first`. Counts and
/// moments have one shape, scalar or vector.
Moments mergeMoments(LoopEmitter &b, const Moments &first,
                     mlir::Value countFirst, const Moments &other,
                     mlir::Value countOther);

/// One group (length 0: scalars), or as many neighbouring groups as a vector
/// has lanes.
struct GroupRange {
  AffineIndex first;
  int64_t length;
};

/// Covers all groups: one at a time where a group's features are neighbours,
/// so that vectors run along the features; a vector of groups at a time where
/// neighbouring features belong to neighbouring groups.
void forEachGroup(LoopEmitter &b, const Problem &problem,
                  llvm::function_ref<void(GroupRange)> body);

/// Covers all groups for what needs no more than their statistics: a vector of
/// groups at a time in either grouping, since divisions and roots take long.
void forEachGroupVector(LoopEmitter &b, const Problem &problem,
                        llvm::function_ref<void(GroupRange)> body);

/// Merges the lanes of one piece into its groups.
void emitLaneMerge(LoopEmitter &b, const Problem &problem, AffineIndex piece,
                   const LaneStatistics &lanes, const GroupStatistics &result);

/// Merges the pieces of one sample, in order. Those of piece p are at
/// [partial.prefix..., p, g].
void emitPieceMerges(LoopEmitter &b, const Problem &problem,
                     const GroupStatistics &partial,
                     const GroupStatistics &result);

/// The same one piece at a time: merges `piece` into those before it, which are
/// nothing, as emitClear makes it, before the first.
void emitPieceMerge(LoopEmitter &b, const Problem &problem, AffineIndex piece,
                    const GroupStatistics &ofPiece,
                    const GroupStatistics &result);
void emitClear(LoopEmitter &b, const Problem &problem,
               const GroupStatistics &statistics);

/// Merges moments of `count` elements into those of some groups at `result`,
/// which hold counts of their own.
void emitMergeInto(LoopEmitter &b, const Moments &moments, mlir::Value count,
                   const GroupStatistics &result, const GroupRange &groups);

/// The same for all groups of one whole sample.
void emitMergeInto(LoopEmitter &b, const Problem &problem,
                   const GroupStatistics &statistics,
                   const GroupStatistics &result);

/// Elements of one group in one sample.
AffineIndex getGroupCount(const Problem &problem);

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOAFFINE_MERGE_H
