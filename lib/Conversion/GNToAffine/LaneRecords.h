//===- LaneRecords.h - Buffers that a sweep passes over together *- C++ -*-===//
//
// A sweep by rows passes over several values of each lane in every row. Side by
// side in memory, a vector of each in turn, they are one stream beside x and y:
// separate buffers are one stream each, and take turns with x in the
// processor's store queue and first-level cache wherever their addresses
// collide.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_LIB_CONVERSION_GNTOAFFINE_LANERECORDS_H
#define GROUPNORM_LIB_CONVERSION_GNTOAFFINE_LANERECORDS_H

#include "LoopEmitter.h"
#include "llvm/Support/MathExtras.h"

namespace gn {

/// `fields` values of each lane of a row. Lanes are read and written by the
/// vectors or pairs that `cut` makes of the row; those of a pair lie apart, as
/// its vectors do.
class LaneRecords {
public:
  LaneRecords() = default;
  LaneRecords(LoopEmitter &b, int64_t width, LaneCut cut, int64_t fields,
              mlir::Type type)
      : cut(cut), fields(fields), type(type),
        buffer(b.localBuffer(llvm::alignTo(width, cut.vector) * fields, type)) {
  }

  explicit operator bool() const { return bool(buffer); }

  /// The lanes in their order.
  mlir::Value load(LoopEmitter &b, int64_t field,
                   const LaneRange &lanes) const {
    return b.putTogether(loadParts(b, field, lanes));
  }
  void store(LoopEmitter &b, mlir::Value value, int64_t field,
             const LaneRange &lanes) const {
    storeParts(b, b.takeApart(value, cut.isPair(lanes)), field, lanes);
  }

  /// The vector, or the two of a pair.
  llvm::SmallVector<mlir::Value> loadParts(LoopEmitter &b, int64_t field,
                                           const LaneRange &lanes) const {
    bool isPair = cut.isPair(lanes);
    llvm::SmallVector<mlir::Value> parts;
    for (int64_t i = 0; i <= isPair; ++i)
      parts.push_back(b.load(buffer, at(field, lanes, i),
                             isPair ? cut.vector : lanes.length, type));
    return parts;
  }
  void storeParts(LoopEmitter &b, mlir::ValueRange parts, int64_t field,
                  const LaneRange &lanes) const {
    for (auto [i, part] : llvm::enumerate(parts))
      b.store(part, buffer, at(field, lanes, i));
  }

private:
  AffineIndex at(int64_t field, const LaneRange &lanes, int64_t part) const {
    return lanes.start * fields + (part * fields + field) * cut.vector;
  }

  LaneCut cut = 1;
  int64_t fields = 0;
  mlir::Type type;
  mlir::Value buffer;
};

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOAFFINE_LANERECORDS_H
