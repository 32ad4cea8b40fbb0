//===- GNMetalAttrs.cpp - Schedules for Metal GPUs ------------------------===//

#include "groupnorm/Dialect/GN/IR/GN.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace gn;

LogicalResult
MetalScheduleAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                          MetalStrategy strategy, int64_t threads,
                          int64_t vector, int64_t groups, int64_t chunk,
                          int64_t keep, int64_t piece) {
  // A simdgroup has 32 threads, and a threadgroup at most 1024 of them on any
  // Metal GPU. A chunk stays in registers.
  if (threads < 32 || threads > 1024 || threads % 32 != 0)
    return emitError() << "threads = " << threads
                       << " is not a multiple of 32 in [32, 1024]";
  if (vector != 1 && vector != 2 && vector != 4)
    return emitError() << "vector = " << vector << " is not 1, 2 or 4";
  if (groups < 1)
    return emitError() << "groups = " << groups << " is not positive";
  if (chunk < 1 || chunk > 16)
    return emitError() << "chunk = " << chunk << " is not in [1, 16]";
  if (keep < 0 || keep > 128)
    return emitError() << "keep = " << keep << " is not in [0, 128]";
  if (keep != 0 && strategy != MetalStrategy::Looped)
    return emitError() << "keep = " << keep
                       << " needs strategy = looped; single keeps all of x, "
                          "split nothing";
  if (piece < 1 || piece % chunk != 0)
    return emitError() << "piece = " << piece
                       << " is not a positive multiple of chunk = " << chunk;
  return success();
}

LogicalResult MetalScheduleAttr::verifyFor(Operation *op) const {
  auto norm = dyn_cast<GroupNormOp>(op);
  if (!norm)
    return op->emitOpError()
           << "C15: a #gn.metal_schedule belongs on gn.group_norm";
  // The op's own constraints are checked after its attributes.
  int64_t numGroups = norm.getNumGroups();
  if (numGroups > 0 && numGroups % getGroups() != 0)
    return op->emitOpError()
           << "C15: groups = " << getGroups()
           << " of the schedule does not divide num_groups = " << numGroups;
  return success();
}
