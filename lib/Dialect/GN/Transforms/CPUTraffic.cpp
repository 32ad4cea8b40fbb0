//===- CPUTraffic.cpp - The bytes that a CPU schedule moves ---------------===//
//
// A model of capacities alone: what was used last is still in the smallest
// cache that holds everything used since. It knows nothing of associativity,
// of other programs, or of how the last level is shared.
//
//===----------------------------------------------------------------------===//

#include "groupnorm/Dialect/GN/Transforms/CPUTraffic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace gn;

llvm::StringRef gn::stringify(CPULevel level) {
  switch (level) {
  case CPULevel::L2:
    return "L2 cache";
  case CPULevel::LastLevel:
    return "last-level cache";
  case CPULevel::Memory:
    return "memory";
  }
  llvm_unreachable("all levels are listed");
}

int64_t CPUTraffic::getBytes(CPULevel level) const {
  int64_t bytes = 0;
  for (const CPUSweep &sweep : sweeps)
    if (sweep.level == level)
      bytes += sweep.bytes;
  return bytes;
}

double CPUTraffic::getBound() const {
  int64_t bytes = getBytes(CPULevel::LastLevel) + getBytes(CPULevel::Memory);
  if (bytes == 0)
    bytes = getBytes(CPULevel::L2);
  return copyBytes == 0 ? 1 : double(bytes) / copyBytes;
}

/// The smallest cache that keeps `bytes`.
static CPULevel getLevel(int64_t bytes, const CPUTarget &target) {
  return bytes <= target.l2Size   ? CPULevel::L2
         : bytes <= target.l3Size ? CPULevel::LastLevel
                                  : CPULevel::Memory;
}

static int64_t getBytes(Type type) {
  auto shaped = cast<ShapedType>(type);
  return shaped.getNumElements() *
         llvm::divideCeil(shaped.getElementTypeBitWidth(), 8);
}

/// The tiles that a sample is cut into, where the features are last.
static int64_t getNumTiles(GroupNormOp op, CPUScheduleAttr schedule) {
  int64_t tile = schedule.getTile(), groups = op.getNumGroups();
  bool isTiled = tile != 0 && groups % tile == 0 && !op.isInterleaved() &&
                 schedule.getFlatten() == 1;
  return isTiled ? groups / tile : 1;
}

CPUTraffic gn::predictTraffic(GroupNormOp op, CPUScheduleAttr schedule,
                              const CPUTarget &target) {
  int64_t x = getBytes(op.getXType());
  int64_t y = getBytes(op.getInit().getType());
  int64_t inputs = 0; // of x's shape
  for (auto [i, input] : llvm::enumerate(op.getEpilogueInputs()))
    if (op.getEpilogueMap(i).isIdentity())
      inputs += getBytes(input.getType());
  CPUTraffic traffic;
  traffic.copyBytes = x + y;

  // Streaming stores leave the caches to what is read.
  bool stream = schedule.getStream();
  CPULevel first = getLevel(stream ? x + inputs : x + inputs + y, target);
  // Between its two sweeps a sample or tile, or a group where the features are
  // not last, is alone in the cache; split pieces see all of x go by, or all of
  // a span of samples.
  int64_t between = x;
  ShapedType type = op.getXType();
  bool featuresLast = op.getFeatureDimension() == type.getRank() - 1;
  int64_t samples = std::max<int64_t>(1, type.getDimSize(0));
  if (schedule.getStrategy() == CPUStrategy::Sample) {
    between /= samples *
               (featuresLast ? getNumTiles(op, schedule) : op.getNumGroups());
  } else if (featuresLast) {
    if (schedule.getSpan() != 0)
      between = x / samples * std::min(samples, schedule.getSpan());
    // A share has a core's second level to itself, and what is read backwards
    // finds what that keeps.
    between /= std::max<int64_t>(1, schedule.getShares());
  }
  CPULevel second = std::min(first, getLevel(between, target));
  int64_t kept = schedule.getApplyBackwards() && second != CPULevel::L2
                     ? x / between * target.l2Size
                     : 0;
  traffic.sweeps.push_back({"statistics read x", first, x});
  if (kept != 0)
    traffic.sweeps.push_back({"normalize reads x", CPULevel::L2, kept});
  traffic.sweeps.push_back({"normalize reads x", second, x - kept});
  if (inputs != 0)
    traffic.sweeps.push_back({"normalize reads inputs", first, inputs});
  CPULevel last = stream ? CPULevel::Memory : getLevel(x + inputs + y, target);
  // An ordinary store reads the line that it writes into.
  if (last == CPULevel::Memory && !stream)
    traffic.sweeps.push_back({"stores read y", last, y});
  traffic.sweeps.push_back({"normalize writes y", last, y});
  return traffic;
}
