//===- KernelPlan.h - What the kernels of one op work on --------*- C++ -*-===//
//
// An op and its schedule, resolved to the terms that kernels are written in:
//
//   tile    `tileGroups` neighbouring groups of one sample
//   item    what one thread takes of a tile at a time, `vector` elements that
//           lie next to each other
//   round   the items that the threads of a threadgroup take at a time
//   lane    an element of an item
//
// Items are numbered in one of two ways:
//
//   Rows    Features are last and few enough. An item is `vector` columns of
//           a row, and threads stand in a matrix of `columns` columns and
//           `rowThreads` rows: a thread's columns, and with them the group of
//           each of its lanes, never change. A row is a spatial position, or,
//           if features are interleaved and a tile is too wide, one of
//           `rowSplit` equal parts of it.
//   Slab    A tile is one group: `outer` runs of `inner` neighbouring elements.
//           Items are numbered along them.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_DIALECT_GN_UTILS_KERNELPLAN_H
#define GROUPNORM_DIALECT_GN_UTILS_KERNELPLAN_H

#include "groupnorm/Dialect/GN/IR/GN.h"

namespace gn {

/// A size that may be known only at run time.
using Size = std::optional<int64_t>;

/// Bytes of threadgroup memory that every Metal GPU offers.
inline constexpr int64_t kThreadgroupMemory = 32 * 1024;

struct KernelPlan {
  /// Resolves `op` for a schedule. Fails where no kernel serves it, and tells
  /// `refuse` why, if there is one.
  static mlir::FailureOr<KernelPlan>
  create(GroupNormOp op, MetalScheduleAttr schedule,
         llvm::function_ref<void(const llvm::Twine &)> refuse = {});

  mutable GroupNormOp op; // a handle: its getters are not const
  MetalScheduleAttr schedule;

  int64_t features, groups, groupWidth; // C, G and C/G
  bool interleaved;                     // never for one group or one feature
  bool affine;
  Size samples;       // N
  Size before, after; // spatial positions around feature_dim

  /// Which dimensions of x an epilogue input has.
  struct EpilogueInput {
    /// One of several spatial dimensions on a side of the features: a position
    /// on that side, counted along all of them, is at `position / divisor %
    /// size` of this one, and without a size at `position / divisor`.
    struct Dimension {
      int64_t divisor;
      Size size;
    };
    bool samples = false, before = false, features = false, after = false;
    /// Those it has where some on a side are missing; else empty.
    llvm::SmallVector<Dimension> someBefore, someAfter;
    bool isFull = false; // it has the elements of x
  };
  llvm::SmallVector<EpilogueInput> epilogueInputs;

  int64_t threads, vector, tileGroups;
  int64_t tiles; // of a sample

  enum class Map { Rows, Slab } map;
  // Rows:
  int64_t rowSplit = 1;
  int64_t tileWidth = 0; // elements of a row in a tile
  int64_t columns = 0, rowThreads = 0;
  // Slab:
  Size outer, inner;

  /// Items in a round, and in a tile (counted by row in Rows).
  int64_t itemsPerRound;
  Size items;
  /// Whether every lane of a thread belongs to one group.
  bool uniformLanes;
  /// Sets of statistics that a thread keeps.
  int64_t lanesApart() const { return uniformLanes ? 1 : vector; }
  /// Whether the lanes of a thread belong to the same features in every item.
  bool fixedFeatures() const { return map == Map::Rows && rowSplit == 1; }
  /// Rounds of a tile.
  Size rounds() const {
    if (!items)
      return std::nullopt;
    return llvm::divideCeil(*items, itemsPerRound);
  }
  /// Threads that have work; the others only take part in barriers.
  int64_t activeThreads() const {
    return map == Map::Rows ? columns * rowThreads : threads;
  }

  /// Whether each simdgroup merges its statistics before the threadgroup does.
  bool mergesInSimdgroups() const {
    // All threads must have the same groups in the same lanes.
    return tileGroups == 1 ? uniformLanes : interleaved && tileGroups == vector;
  }
  /// Sets of statistics that a threadgroup's merge starts from.
  int64_t partialCount() const {
    return (mergesInSimdgroups() ? threads / 32 : activeThreads()) *
           lanesApart();
  }
  /// Whether x has no elements, whatever its dynamic sizes are.
  bool isEmpty() const {
    return llvm::is_contained(op.getXType().getShape(), 0);
  }
  bool isSplit() const {
    return schedule.getStrategy() == MetalStrategy::Split;
  }
  /// Entries of the table of scales and biases: one a feature of the tile, or
  /// one a group without gamma and beta.
  int64_t tableSize() const {
    return affine ? tileGroups * groupWidth : tileGroups;
  }
  /// Whether that table is kept in threadgroup memory: half of it at most, but
  /// what the statistics of its groups leave to a kernel that only normalizes.
  bool hasTable() const {
    return tableBytes() <= (isSplit() ? kThreadgroupMemory - tileGroups * 16
                                      : kThreadgroupMemory / 2);
  }

  /// Bytes of threadgroup memory that a kernel takes, the largest of them in
  /// strategy `split`.
  int64_t threadgroupBytes() const {
    int64_t partial = partialCount() * 16,
            table = hasTable() ? tableBytes() : 0;
    return tileGroups * 16 +
           (isSplit() ? std::max(partial, table) : partial + table);
  }
  /// Pieces that strategy `split` cuts a tile into.
  Size pieces() const {
    if (!items)
      return std::nullopt;
    return llvm::divideCeil(*items, schedule.getPiece() * itemsPerRound);
  }

private:
  int64_t tableBytes() const { return tableSize() * 2 * sizeof(float); }

  using Refuse = llvm::function_ref<void(const llvm::Twine &)>;
  KernelPlan(GroupNormOp op, MetalScheduleAttr schedule)
      : op(op), schedule(schedule) {}
  llvm::LogicalResult checkTypes(Refuse refuse);
  llvm::LogicalResult checkBuffer(const llvm::Twine &name, mlir::Value value,
                                  Refuse refuse);
  llvm::LogicalResult checkEpilogue(Refuse refuse);
  llvm::FailureOr<llvm::SmallVector<EpilogueInput::Dimension>>
  someOf(mlir::AffineMap map, int64_t begin, int64_t end);
  llvm::LogicalResult chooseMap(Refuse refuse);
  llvm::LogicalResult checkResources(Refuse refuse);
  void useRows();
  void useSlab();
};

} // namespace gn

#endif // GROUPNORM_DIALECT_GN_UTILS_KERNELPLAN_H
