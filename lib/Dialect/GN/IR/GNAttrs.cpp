//===- GNAttrs.cpp - Attributes of the gn dialect -------------------------===//

#include "groupnorm/Dialect/GN/IR/GN.h"
#include "mlir/AsmParser/AsmParser.h"
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

CPUScheduleAttr CPUScheduleAttr::getDefault(MLIRContext *context) {
  return cast<CPUScheduleAttr>(parseAttribute("#gn.cpu_schedule<>", context));
}

CPUScheduleAttr CPUScheduleAttr::with(CPUStrategy strategy) const {
  return get(getContext(), strategy, getTile(), getVector(), getPairs(),
             getBlock(), getOrder(), getRows(), getPrefetch(),
             getPrefetchAgain(), getBand(), getApplyOrder(), getApplyRows(),
             getApplyApart(), getApplyPrefetch(), getApplyAgain(),
             getApplyNext(), getApplyBackwards(), getChunk(), getPiece(),
             getShares(), getSpan(), getFlatten(), getStream(), getParallel());
}

LogicalResult CPUScheduleAttr::verify(
    function_ref<InFlightDiagnostic()> emitError, CPUStrategy strategy,
    int64_t tile, int64_t vector, bool pairs, int64_t block, LoopOrder order,
    int64_t rows, int64_t prefetch, bool, int64_t band, LoopOrder applyOrder,
    int64_t applyRows, int64_t applyApart, int64_t applyPrefetch, bool,
    int64_t applyNext, bool applyBackwards, int64_t chunk, int64_t piece,
    int64_t shares, int64_t span, int64_t flatten, bool stream, bool parallel) {
  // The upper bounds of what the loops are unrolled by keep the generated code
  // of sane size.
  constexpr int64_t kLarge = int64_t(1) << 40;
  struct {
    StringRef name;
    int64_t value, low, high;
  } ranges[] = {{"tile", tile, 0, kLarge},
                {"vector", vector, 1, 64},
                {"block", block, 1, 16},
                {"rows", rows, 1, 32},
                {"prefetch", prefetch, 0, kLarge},
                {"band", band, 0, kLarge},
                {"apply_rows", applyRows, 1, 32},
                {"apply_apart", applyApart, 1, 1 << 20},
                {"apply_prefetch", applyPrefetch, 0, kLarge},
                {"apply_next", applyNext, 0, 4},
                {"chunk", chunk, 1, 1 << 20},
                {"piece", piece, 0, kLarge},
                {"shares", shares, kPerThread, kMostShares},
                {"span", span, 0, kLarge},
                {"flatten", flatten, 1, 256}};
  for (auto &range : ranges)
    if (range.value < range.low || range.value > range.high)
      return emitError() << range.name << " = " << range.value << " is not in ["
                         << range.low << ", " << range.high << "]";
  // Each of these is cut into a whole number of the next.
  struct {
    StringRef name;
    int64_t value;
    StringRef unitName;
    int64_t unit;
  } multiples[] = {
      {"chunk", chunk, "apply_rows", applyRows},
      {"piece", piece, "chunk", chunk},
      {"piece", piece, "apply_rows * apply_apart", applyRows * applyApart}};
  for (auto &multiple : multiples)
    if (multiple.value % multiple.unit != 0)
      return emitError() << multiple.name << " = " << multiple.value
                         << " is not a multiple of " << multiple.unitName
                         << " = " << multiple.unit;
  return success();
}

LogicalResult CPUScheduleAttr::verifyFor(Operation *op) const {
  if (isa<GroupNormOp, GroupStatsOp, GroupNormalizeOp>(op))
    return success();
  return op->emitOpError()
         << "C15: a schedule belongs on gn.group_norm, gn.group_stats or "
            "gn.group_normalize";
}
