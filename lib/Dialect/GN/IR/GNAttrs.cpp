//===- GNAttrs.cpp - Attributes of the gn dialect -------------------------===//

#include "groupnorm/Dialect/GN/IR/GN.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace gn;

#include "groupnorm/Dialect/GN/IR/GNAttrInterfaces.cpp.inc"
#include "groupnorm/Dialect/GN/IR/GNEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "groupnorm/Dialect/GN/IR/GNAttrs.cpp.inc"

void GNDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "groupnorm/Dialect/GN/IR/GNAttrs.cpp.inc"
      >();
}

LogicalResult
CPUScheduleAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                        CPUStrategy strategy, LoopOrder order, int64_t vector,
                        int64_t rows, int64_t applyRows, int64_t block,
                        int64_t chunk, int64_t piece, int64_t flatten,
                        int64_t prefetch, bool stream, bool parallel) {
  // The upper bounds keep the generated code of sane size: the loops over
  // rows and blocks are unrolled by these numbers.
  struct {
    StringRef name;
    int64_t value, low, high;
  } ranges[] = {{"vector", vector, 1, 64},       {"rows", rows, 1, 32},
                {"apply_rows", applyRows, 1, 32}, {"block", block, 1, 16},
                {"chunk", chunk, 1, 1 << 20},     {"piece", piece, 0, INT64_MAX},
                {"flatten", flatten, 1, 64},      {"prefetch", prefetch, 0, 1024}};
  for (auto &range : ranges)
    if (range.value < range.low || range.value > range.high)
      return emitError() << range.name << " = " << range.value
                         << " is not in [" << range.low << ", " << range.high
                         << "]";
  if (chunk % rows != 0)
    return emitError() << "chunk = " << chunk
                       << " is not a multiple of rows = " << rows;
  if (piece % chunk != 0)
    return emitError() << "piece = " << piece
                       << " is not a multiple of chunk = " << chunk;
  return success();
}

LogicalResult CPUScheduleAttr::verifyFor(Operation *op) const {
  if (isa<GroupNormOp, GroupStatsOp, GroupNormalizeOp>(op))
    return success();
  return op->emitOpError()
         << "C15: a schedule belongs on gn.group_norm, gn.group_stats or "
            "gn.group_normalize";
}
