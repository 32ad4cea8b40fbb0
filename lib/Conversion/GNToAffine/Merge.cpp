//===- Merge.cpp - From lanes to groups, from pieces to samples -----------===//
//
// All merges are in f64 and in an order that the schedule fixes, so the bits of
// the result do not depend on the number of threads.
//
//===----------------------------------------------------------------------===//

#include "Merge.h"

using namespace mlir;
using namespace gn;

void gn::forEachGroup(LoopEmitter &b, const Problem &p,
                      function_ref<void(GroupRange)> body) {
  if (!p.contiguousGroups)
    return forEachGroupVector(b, p, body);
  b.forLoop(b.index(p.groups), 1, [&](AffineIndex group) { body({group, 0}); });
}

void gn::forEachGroupVector(LoopEmitter &b, const Problem &p,
                            function_ref<void(GroupRange)> body) {
  if (p.groups == 1)
    return body({b.index(0), 0});
  b.forEachVector(p.groups, p.schedule.getVector(), [&](LaneRange groups) {
    body({groups.start, groups.length});
  });
}

AffineIndex gn::getGroupCount(const Problem &p) {
  return p.positions * p.groupWidth;
}

//===----------------------------------------------------------------------===//
// Lanes into groups
//===----------------------------------------------------------------------===//

namespace {

class LaneMerger {
public:
  LaneMerger(LoopEmitter &b, const Problem &problem, AffineIndex piece,
             const LaneStatistics &lanes)
      : b(b), p(problem), piece(piece), lanes(lanes) {}

  void emit(const GroupStatistics &result);

private:
  /// Called with the first of `length` lanes, and the number of the position
  /// in the row that they belong to.
  using Element = function_ref<Value(AffineIndex lane, int64_t length,
                                     AffineIndex position)>;

  Value sumOverGroups(const GroupRange &groups, Element element);
  Value countOf(AffineIndex position);
  Value load(Value buffer, AffineIndex lane, int64_t length) {
    return b.load(buffer, lane, length, p.statsType);
  }

  LoopEmitter &b;
  const Problem &p;
  AffineIndex piece;
  const LaneStatistics &lanes;
  Value pieceRows; // f64
  Value pieceRest; // index; null where no sample has a rest
};

} // namespace

void LaneMerger::emit(const GroupStatistics &result) {
  Type type = p.statsType;
  SmallVector<AffineIndex> rows = p.unitsIn(piece, 1);
  pieceRows = rows.size() == 1 ? b.toFloat(rows[0], type)
                               : b.toFloat(b.minimum(rows), type);
  Value count = b.mul(pieceRows, b.constant(p.width / p.groups, type));
  if (!p.rest.isZero()) {
    Value isLast = arith::CmpIOp::create(b, arith::CmpIPredicate::eq,
                                         b.materialize(p.piecesAfter(piece)),
                                         arith::ConstantIndexOp::create(b, 0));
    pieceRest = arith::SelectOp::create(b, isLast, b.materialize(p.rest),
                                        arith::ConstantIndexOp::create(b, 0));
    count = b.add(count, b.mul(b.toFloat(AffineIndex(pieceRest), type),
                               b.constant(p.groupWidth, type)));
  }
  // An empty piece has mean 0, not 0/0, so that it merges like any other.
  if (!p.pieces.getConstant())
    count = arith::MaximumFOp::create(b, count, b.constant(1, type));
  Value share = b.div(b.constant(1, type), count);

  forEachGroup(b, p, [&](GroupRange groups) {
    // The sum of means is rounded in units of the mean, which f64 can spare for
    // data of f32 and not for its own: there one lane's mean is the origin.
    Value origin;
    if (p.computeType == type)
      origin =
          load(lanes.mean,
               p.contiguousGroups ? groups.first * p.groupWidth : groups.first,
               groups.length);
    auto deviation = [&](Value from, AffineIndex lane, int64_t length) {
      Value wide = groups.length == 0 ? b.broadcast(from, length) : from;
      return b.sub(load(lanes.mean, lane, length), wide);
    };
    Value mean = sumOverGroups(
        groups, [&](AffineIndex lane, int64_t length, AffineIndex position) {
          Value own = origin ? deviation(origin, lane, length)
                             : load(lanes.mean, lane, length);
          return b.mul(own, b.broadcast(countOf(position), length));
        });
    mean = b.mul(mean, b.broadcast(share, groups.length));
    if (origin)
      mean = b.add(origin, mean);
    Value m2 = sumOverGroups(groups, [&](AffineIndex lane, int64_t length,
                                         AffineIndex position) {
      Value delta = deviation(mean, lane, length);
      return b.fma(b.mul(delta, delta), b.broadcast(countOf(position), length),
                   load(lanes.m2, lane, length));
    });
    b.store(mean, result.mean, result.at(groups.first));
    b.store(m2, result.m2, result.at(groups.first));
  });
}

/// Rows that the lanes of one position of the row have counted.
Value LaneMerger::countOf(AffineIndex position) {
  if (!pieceRest)
    return pieceRows;
  Value counts = arith::CmpIOp::create(b, arith::CmpIPredicate::slt,
                                       b.materialize(position), pieceRest);
  Value more = b.add(pieceRows, b.constant(1, p.statsType));
  return arith::SelectOp::create(b, counts, more, pieceRows);
}

Value LaneMerger::sumOverGroups(const GroupRange &groups, Element element) {
  int64_t flatten = p.flatten, vector = p.schedule.getVector();
  auto zero = [&](int64_t length) {
    return b.constant(0, VectorType::get(length, p.statsType));
  };
  if (groups.length != 0) {
    // Interleaved: lane d * G + g, a vector of groups.
    return b
        .forLoop(b.index(flatten), 1, zero(groups.length),
                 [&](AffineIndex position, ValueRange outer) {
                   return b.forLoop(
                       b.index(p.groupWidth), 1, outer,
                       [&](AffineIndex member, ValueRange sum) {
                         AffineIndex lane = position * p.features +
                                            member * p.groups + groups.first;
                         Value value = element(lane, groups.length, position);
                         return SmallVector<Value>{b.add(sum[0], value)};
                       });
                 })
        .front();
  }
  // Contiguous: lanes g * D to (g + 1) * D, a vector of features.
  int64_t tail = p.groupWidth % vector, whole = p.groupWidth - tail;
  SmallVector<Value> sums;
  if (whole)
    sums.push_back(zero(vector));
  if (tail)
    sums.push_back(zero(tail));
  sums = b.forLoop(
      b.index(flatten), 1, sums, [&](AffineIndex position, ValueRange outer) {
        AffineIndex first = position * p.features + groups.first * p.groupWidth;
        SmallVector<Value> next;
        if (whole)
          next = b.forLoop(b.index(whole), vector, outer.front(),
                           [&](AffineIndex member, ValueRange sum) {
                             Value value =
                                 element(first + member, vector, position);
                             return SmallVector<Value>{b.add(sum[0], value)};
                           });
        if (tail)
          next.push_back(
              b.add(outer.back(), element(first + whole, tail, position)));
        return next;
      });
  for (Value &sum : sums)
    sum = b.sumLanes(sum);
  return b.sumTree(sums);
}

void gn::emitLaneMerge(LoopEmitter &b, const Problem &problem,
                       AffineIndex piece, const LaneStatistics &lanes,
                       const GroupStatistics &result) {
  RoleScope role(b, "merge");
  LaneMerger(b, problem, piece, lanes).emit(result);
}

//===----------------------------------------------------------------------===//
// Pieces into samples
//===----------------------------------------------------------------------===//

Moments gn::mergeMoments(LoopEmitter &b, const Moments &first, Value countFirst,
                         const Moments &other, Value countOther) {
  Value weight = b.div(countOther, b.add(countFirst, countOther));
  Value delta = b.sub(other.mean, first.mean);
  return {b.fma(delta, weight, first.mean),
          b.fma(b.mul(delta, delta), b.mul(countFirst, weight),
                b.add(first.m2, other.m2))};
}

static Moments loadMoments(LoopEmitter &b, const GroupStatistics &statistics,
                           const GroupRange &groups, Type type) {
  SmallVector<AffineIndex> position = statistics.at(groups.first);
  return {b.load(statistics.mean, position, groups.length, type),
          b.load(statistics.m2, position, groups.length, type)};
}

static void storeMoments(LoopEmitter &b, const Moments &moments,
                         const GroupStatistics &statistics,
                         const GroupRange &groups) {
  b.store(moments.mean, statistics.mean, statistics.at(groups.first));
  b.store(moments.m2, statistics.m2, statistics.at(groups.first));
}

/// Elements that a group has in a piece that is not the last.
static int64_t getPieceCount(const Problem &p) {
  return p.pieceRows * (p.width / p.groups);
}

void gn::emitPieceMerges(LoopEmitter &b, const Problem &p,
                         const GroupStatistics &partial,
                         const GroupStatistics &result) {
  Type type = p.statsType;
  int64_t pieceCount = getPieceCount(p);
  forEachGroupVector(b, p, [&](GroupRange groups) {
    auto loadPiece = [&](AffineIndex piece) {
      GroupStatistics ofPiece = partial;
      ofPiece.prefix.push_back(piece);
      return loadMoments(b, ofPiece, groups, type);
    };
    auto wide = [&](Value count) { return b.broadcast(count, groups.length); };
    Value zero = wide(b.constant(0, type));
    AffineIndex last = p.pieces + -1;
    SmallVector<Value> merged = b.forLoop(
        last, 1, {zero, zero}, [&](AffineIndex piece, ValueRange carried) {
          Moments sum = mergeMoments(b, {carried[0], carried[1]},
                                     wide(b.toFloat(piece * pieceCount, type)),
                                     loadPiece(piece),
                                     wide(b.constant(pieceCount, type)));
          return SmallVector<Value>{sum.mean, sum.m2};
        });
    AffineIndex before = last * pieceCount;
    Moments sum = mergeMoments(
        b, {merged[0], merged[1]}, wide(b.toFloat(before, type)),
        loadPiece(last), wide(b.toFloat(getGroupCount(p) - before, type)));
    storeMoments(b, sum, result, groups);
  });
}

void gn::emitClear(LoopEmitter &b, const Problem &p,
                   const GroupStatistics &statistics) {
  forEachGroupVector(b, p, [&](GroupRange groups) {
    Value zero = b.broadcast(b.constant(0, p.statsType), groups.length);
    storeMoments(b, {zero, zero}, statistics, groups);
  });
}

void gn::emitPieceMerge(LoopEmitter &b, const Problem &p, AffineIndex piece,
                        const GroupStatistics &ofPiece,
                        const GroupStatistics &result) {
  RoleScope role(b, "merge");
  Type type = p.statsType;
  int64_t pieceCount = getPieceCount(p);
  AffineIndex isLast = (piece + 1).floorDiv(p.pieces);
  AffineIndex missing = p.pieces * pieceCount - getGroupCount(p);
  Value before = b.toFloat(piece * pieceCount, type);
  Value count = b.toFloat(b.index(pieceCount) - isLast * missing, type);
  forEachGroupVector(b, p, [&](GroupRange groups) {
    auto wide = [&](Value count) { return b.broadcast(count, groups.length); };
    Moments sum =
        mergeMoments(b, loadMoments(b, result, groups, type), wide(before),
                     loadMoments(b, ofPiece, groups, type), wide(count));
    storeMoments(b, sum, result, groups);
  });
}

void gn::emitMergeInto(LoopEmitter &b, const Moments &moments, Value count,
                       const GroupStatistics &result,
                       const GroupRange &groups) {
  Type type = b.getF64Type();
  SmallVector<AffineIndex> position = result.at(groups.first);
  count = b.broadcast(count, groups.length);
  Value oldCount = b.load(result.count, position, groups.length, type);
  Moments sum = mergeMoments(b, loadMoments(b, result, groups, type), oldCount,
                             moments, count);
  b.store(b.add(oldCount, count), result.count, position);
  storeMoments(b, sum, result, groups);
}

void gn::emitMergeInto(LoopEmitter &b, const Problem &p,
                       const GroupStatistics &statistics,
                       const GroupStatistics &result) {
  // Nothing merged into nothing stays nothing, not 0/0.
  b.ifPositive(getGroupCount(p), [&] {
    Value count = b.toFloat(getGroupCount(p), p.statsType);
    forEachGroupVector(b, p, [&](GroupRange groups) {
      emitMergeInto(b, loadMoments(b, statistics, groups, p.statsType), count,
                    result, groups);
    });
  });
}
