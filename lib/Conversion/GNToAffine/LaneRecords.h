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
/// vectors that LoopEmitter::forEachVector cuts the row into.
class LaneRecords {
public:
  LaneRecords() = default;
  LaneRecords(LoopEmitter &b, int64_t width, int64_t vector, int64_t fields,
              mlir::Type type)
      : vector(vector), fields(fields), type(type),
        buffer(b.localBuffer(llvm::alignTo(width, vector) * fields, type)) {}

  explicit operator bool() const { return bool(buffer); }

  mlir::Value load(LoopEmitter &b, int64_t field,
                   const LaneRange &lanes) const {
    return b.load(buffer, at(field, lanes), lanes.length, type);
  }
  void store(LoopEmitter &b, mlir::Value value, int64_t field,
             const LaneRange &lanes) const {
    b.store(value, buffer, at(field, lanes));
  }

private:
  AffineIndex at(int64_t field, const LaneRange &lanes) const {
    return lanes.start * fields + field * vector;
  }

  int64_t vector = 0, fields = 0;
  mlir::Type type;
  mlir::Value buffer;
};

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOAFFINE_LANERECORDS_H
