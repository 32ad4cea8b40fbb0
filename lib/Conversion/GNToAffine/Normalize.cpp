//===- Normalize.cpp - The sweep that normalizes --------------------------===//
//
// y = fma(x - shift, scale, offset), with, for each feature,
//
//   shift  = mean rounded to compute type
//   scale  = gamma / sqrt(M2 / count + epsilon)
//   offset = beta - (mean - shift) * scale
//
// so that neither a large mean nor the rounding of the mean itself costs
// accuracy, which x * scale + (beta - mean * scale) would.
//
//===----------------------------------------------------------------------===//

#include "Normalize.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace gn;

namespace {

class NormalizeEmitter {
public:
  NormalizeEmitter(LoopEmitter &b, const Problem &problem, AffineIndex sample,
                   AffineIndex piece)
      : b(b), p(problem), sample(sample), piece(piece) {}

  void emit(const GroupStatistics &statistics);

private:
  /// The parameters of one vector of lanes.
  struct Parameters {
    Value shift, scale, offset;
  };

  void emitParameters(const GroupStatistics &statistics);
  Value emitReciprocalDeviation(const GroupStatistics &statistics,
                                const GroupRange &groups);
  void storeParameters(Value mean, Value rstd, AffineIndex feature,
                       int64_t length);
  void emitSweep(bool stream);
  void emitUnits(function_ref<void(AffineIndex row, int64_t inFlight)> body);
  void emitUnit(AffineIndex row, int64_t inFlight, const LaneRange &lanes,
                const Parameters &parameters, bool stream);
  void apply(AffineIndex row, const LaneRange &lanes,
             const Parameters &parameters, bool stream);
  Parameters loadParameters(const LaneRange &lanes);
  bool canStream() const;

  LoopEmitter &b;
  const Problem &p;
  AffineIndex sample, piece;
  Value shifts, scales, offsets; // memref<width>
};

} // namespace

void NormalizeEmitter::emit(const GroupStatistics &statistics) {
  shifts = b.localBuffer(p.width, p.computeType);
  scales = b.localBuffer(p.width, p.computeType);
  offsets = b.localBuffer(p.width, p.computeType);
  emitParameters(statistics);
  if (!canStream())
    return emitSweep(/*stream=*/false);

  // Streaming stores need aligned vectors; callers promise no more than
  // aligned elements.
  Value address = memref::ExtractAlignedPointerAsIndexOp::create(b, p.yBuffer);
  Value mask = arith::ConstantIndexOp::create(b, 63);
  Value misaligned = arith::AndIOp::create(b, address, mask);
  Value aligned = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, misaligned,
                                        arith::ConstantIndexOp::create(b, 0));
  auto branch = scf::IfOp::create(b, aligned, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  emitSweep(/*stream=*/true);
  b.setInsertionPointToStart(branch.elseBlock());
  emitSweep(/*stream=*/false);
}

/// Whether every vector of every row is a multiple of 64 bytes away from the
/// start of y.
bool NormalizeEmitter::canStream() const {
  auto type = cast<MemRefType>(p.yBuffer.getType());
  int64_t bytes = type.getElementTypeBitWidth() / 8;
  return p.schedule.getStream() && p.width % p.schedule.getVector() == 0 &&
         p.schedule.getVector() * bytes % 64 == 0 &&
         p.rest.isZero() && type.getLayout().isIdentity();
}

//===----------------------------------------------------------------------===//
// Parameters of the lanes
//===----------------------------------------------------------------------===//

void NormalizeEmitter::emitParameters(const GroupStatistics &statistics) {
  forEachGroup(b, p, [&](GroupRange groups) {
    Value mean = b.load(statistics.mean, statistics.at(groups.first),
                        groups.length, p.statsType);
    Value rstd = emitReciprocalDeviation(statistics, groups);
    if (groups.length != 0) {
      b.forLoop(b.index(p.groupWidth), 1, [&](AffineIndex member) {
        storeParameters(mean, rstd, member * p.groups + groups.first,
                        groups.length);
      });
      return;
    }
    b.forEachVector(
        p.groupWidth, p.schedule.getVector(), [&](LaneRange members) {
          storeParameters(b.broadcast(mean, members.length),
                          b.broadcast(rstd, members.length),
                          groups.first * p.groupWidth + members.start,
                          members.length);
        });
  });
}

Value NormalizeEmitter::emitReciprocalDeviation(
    const GroupStatistics &statistics, const GroupRange &groups) {
  auto load = [&](Value buffer) {
    return b.load(buffer, statistics.at(groups.first), groups.length,
                  p.statsType);
  };
  Value m2 = load(statistics.m2);
  Value count = statistics.count
                    ? load(statistics.count)
                    : b.broadcast(b.toFloat(getGroupCount(p), p.statsType),
                                  groups.length);
  // Cancellation may leave a constant group a little below zero.
  m2 = arith::MaximumFOp::create(b, m2, b.constant(0, m2.getType()));
  Value variance = b.div(m2, count);
  Value epsilon = b.constant(p.epsilon, m2.getType());
  Value one = b.constant(1, m2.getType());
  if (p.epsilonInsideSqrt)
    return b.div(one, math::SqrtOp::create(b, b.add(variance, epsilon)));
  return b.div(one, b.add(math::SqrtOp::create(b, variance), epsilon));
}

void NormalizeEmitter::storeParameters(Value mean, Value rstd,
                                       AffineIndex feature, int64_t length) {
  auto load = [&](Value buffer) {
    return b.load(buffer, feature, length, p.statsType);
  };
  Value scale = p.gamma ? b.mul(rstd, load(p.gamma)) : rstd;
  Value shift = b.convert(mean, p.computeType);
  Value rounding = b.sub(mean, b.convert(shift, p.statsType));
  Value zero = b.constant(0, mean.getType());
  Value beta = p.beta ? load(p.beta) : zero;
  Value offset = b.sub(beta, b.mul(rounding, scale));
  for (int64_t i = 0; i < p.schedule.getFlatten(); ++i) {
    AffineIndex lane = feature + i * p.features;
    b.store(shift, shifts, lane);
    b.store(scale, scales, lane);
    b.store(offset, offsets, lane);
  }
}

//===----------------------------------------------------------------------===//
// The sweep
//===----------------------------------------------------------------------===//

void NormalizeEmitter::emitSweep(bool stream) {
  int64_t vector = p.schedule.getVector();
  if (p.schedule.getApplyOrder() == LoopOrder::Rows)
    emitUnits([&](AffineIndex row, int64_t inFlight) {
      b.forEachVector(p.width, vector, [&](LaneRange lanes) {
        emitUnit(row, inFlight, lanes, loadParameters(lanes), stream);
      });
    });
  else
    b.forEachBlock(
        p.width, vector, p.schedule.getBlock(), [&](ArrayRef<LaneRange> block) {
          SmallVector<Parameters> parameters =
              llvm::map_to_vector(block, [&](const LaneRange &lanes) {
                return loadParameters(lanes);
              });
          emitUnits([&](AffineIndex row, int64_t inFlight) {
            for (auto [lanes, laneParameters] : llvm::zip(block, parameters))
              emitUnit(row, inFlight, lanes, laneParameters, stream);
          });
        });

  if (!p.rest.isZero())
    b.ifZero(p.piecesAfter(piece), [&] {
      b.forLoop(p.rest, 1, [&](AffineIndex position) {
        b.forEachVector(p.features, vector, [&](LaneRange lanes) {
          LaneRange inRow{position * p.features + lanes.start, lanes.length};
          apply(p.rows, inRow, loadParameters(inRow), /*stream=*/false);
        });
      });
    });
  // Other threads must see streamed data once this one is done.
  if (stream)
    LLVM::CallIntrinsicOp::create(b, b.getStringAttr("llvm.x86.sse.sfence"),
                                  ValueRange());
}

/// The rows of the piece: as many in flight as the schedule says, then those
/// that are left of the last piece one by one.
void NormalizeEmitter::emitUnits(
    function_ref<void(AffineIndex row, int64_t inFlight)> body) {
  int64_t inFlight = p.schedule.getApplyRows();
  b.forLoop(p.unitsIn(piece, inFlight), 1, [&](AffineIndex index) {
    body(p.firstRow(piece) + index * inFlight, inFlight);
  });
  AffineIndex ragged = p.rows % inFlight;
  if (ragged.isZero())
    return;
  b.ifZero(p.piecesAfter(piece), [&] {
    b.forLoop(ragged, 1,
              [&](AffineIndex index) { body(p.rows - ragged + index, 1); });
  });
}

void NormalizeEmitter::emitUnit(AffineIndex row, int64_t inFlight,
                                const LaneRange &lanes,
                                const Parameters &parameters, bool stream) {
  for (int64_t i = 0; i < inFlight; ++i) {
    if (int64_t distance = p.schedule.getApplyPrefetch())
      b.prefetch(p.x, p.at(sample, row + i + distance, lanes.start));
    apply(row + i, lanes, parameters, stream);
  }
}

NormalizeEmitter::Parameters
NormalizeEmitter::loadParameters(const LaneRange &lanes) {
  auto load = [&](Value buffer) {
    return b.load(buffer, lanes.start, lanes.length, p.computeType);
  };
  return {load(shifts), load(scales), load(offsets)};
}

void NormalizeEmitter::apply(AffineIndex row, const LaneRange &lanes,
                             const Parameters &parameters, bool stream) {
  SmallVector<AffineIndex> position = p.at(sample, row, lanes.start);
  Value x = b.load(p.x, position, lanes.length, p.computeType);
  Value y = b.fma(b.sub(x, parameters.shift), parameters.scale,
                  parameters.offset);
  if (stream)
    b.storeStreaming(y, p.y, position, /*alignment=*/64);
  else
    b.store(y, p.y, position);
}

void gn::emitNormalize(LoopEmitter &b, const Problem &problem,
                       AffineIndex sample, AffineIndex piece,
                       const GroupStatistics &statistics) {
  RoleScope role(b, "normalize");
  NormalizeEmitter(b, problem, sample, piece).emit(statistics);
}
