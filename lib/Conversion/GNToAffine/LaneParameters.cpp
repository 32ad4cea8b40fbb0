//===- LaneParameters.cpp - What the lanes of a row are normalized by -----===//

#include "LaneParameters.h"

using namespace mlir;
using namespace gn;

LaneParameters::LaneParameters(LoopEmitter &b, const Problem &problem,
                               AffineIndex sample,
                               const GroupStatistics &statistics)
    : b(b), p(problem), sample(sample) {
  allocateBuffers();
  uniform = p.epilogue.loadUniform(b, sample);
  compute(statistics);
  if (shifts)
    repeatFirstPosition({shifts, scales, offsets});
  loadEpilogueInputs();
  if (shifts && records)
    pack();
}

/// A sweep by rows passes over all parameters in each row: as records they are
/// one more stream beside x and y rather than three. They are made in that form
/// where the vectors in which they are made are those of the sweep, of rows
/// that begin with the first feature.
void LaneParameters::allocateBuffers() {
  int64_t vector = p.schedule.getVector();
  int64_t run = p.contiguousGroups ? p.groupWidth : p.groups;
  if (p.schedule.getApplyOrder() == LoopOrder::Rows && p.width > vector)
    records = LaneRecords(b, p.width, p.cut, /*fields=*/3, p.computeType);
  if (records && p.flatten == 1 && run % vector == 0 && p.lead.isZero() &&
      !p.cut.pairs)
    return;
  for (Value *buffer : {&shifts, &scales, &offsets})
    *buffer = allocate(p.computeType);
}

/// The reciprocal deviations of some groups.
Value LaneParameters::emitDeviations(const GroupStatistics &statistics,
                                     const GroupRange &groups) {
  auto load = [&](Value buffer) {
    return b.load(buffer, statistics.at(groups.first), groups.length,
                  p.statsType);
  };
  Value count = statistics.count
                    ? load(statistics.count)
                    : b.broadcast(b.toFloat(getGroupCount(p), p.statsType),
                                  groups.length);
  return emitReciprocalDeviation(b, load(statistics.m2), count, p.epsilon);
}

void LaneParameters::compute(const GroupStatistics &statistics) {
  // Groups that come one at a time have their deviations made beforehand.
  Value deviations;
  if (p.contiguousGroups && p.groups != 1) {
    deviations = b.localBuffer(p.groups, p.statsType);
    forEachGroupVector(b, p, [&](GroupRange groups) {
      b.store(emitDeviations(statistics, groups), deviations, groups.first);
    });
  }
  forEachGroup(b, p, [&](GroupRange groups) {
    Value mean = b.load(statistics.mean, statistics.at(groups.first),
                        groups.length, p.statsType);
    Value rstd = deviations ? b.load(deviations, groups.first, groups.length,
                                     p.statsType)
                            : emitDeviations(statistics, groups);
    if (groups.length != 0) {
      b.forLoop(b.index(p.groupWidth), 1, [&](AffineIndex member) {
        store(mean, rstd, member * p.groups + groups.first, groups.length);
      });
      return;
    }
    b.forEachVector(
        p.groupWidth, p.schedule.getVector(), [&](LaneRange members) {
          store(b.broadcast(mean, members.length),
                b.broadcast(rstd, members.length),
                groups.first * p.groupWidth + members.start, members.length);
        });
  });
}

void LaneParameters::store(Value mean, Value rstd, AffineIndex feature,
                           int64_t length) {
  auto load = [&](Value buffer) {
    return buffer ? b.load(buffer, p.getFirstFeature() + feature, length,
                           p.statsType)
                  : nullptr;
  };
  SmallVector<Value> inputs(p.epilogue.getNumInputs());
  for (auto [i, elements] : llvm::enumerate(inputs)) {
    if (!p.epilogue.isFolded(i))
      continue;
    elements = uniform[i] ? b.broadcast(uniform[i], length)
                          : p.epilogue.loadLanes(b, i, sample,
                                                 p.getFirstFeature() + feature,
                                                 length);
  }
  Parameters parameters =
      emitParameters(b, mean, rstd, load(p.gamma), load(p.beta), p.computeType,
                     p.epilogue, inputs);
  for (auto [field, buffer, value] :
       llvm::enumerate(ArrayRef<Value>{shifts, scales, offsets},
                       ArrayRef<Value>{parameters.shift, parameters.scale,
                                       parameters.offset}))
    if (buffer)
      b.store(value, buffer, feature);
    else
      records.store(b, value, field, {feature, length});
}

/// The length of vectors that are copied: LLVM 22.1 has no code for nine of
/// bf16 on x86 with instructions for it.
int64_t LaneParameters::getCopyLength(Value buffer) const {
  constexpr int64_t kMostBF16 = 8;
  int64_t vector = p.schedule.getVector();
  return cast<MemRefType>(buffer.getType()).getElementType().isBF16()
             ? std::min(vector, kMostBF16)
             : vector;
}

/// Gives every position of a row what the first one has in `buffers`, and where
/// rows do not begin with the first feature the first lanes once more behind
/// the last. Lanes are written in the order that they have in memory: LLVM 22.1
/// makes wrong code of short vectors that are written in another one and read
/// as a long one.
void LaneParameters::repeatFirstPosition(ArrayRef<Value> buffers) {
  int64_t vector = getCopyLength(buffers.front());
  auto repeat = [&](int64_t length, int64_t at) {
    b.forEachVector(length, vector, [&](LaneRange first) {
      for (Value buffer : buffers)
        b.store(b.load(buffer, first.start, first.length,
                       cast<MemRefType>(buffer.getType()).getElementType()),
                buffer, first.start + at);
    });
  };
  for (int64_t position = 1; position < p.flatten; ++position)
    repeat(p.features, position * p.features);
  repeat(getNumRepeated(), p.width);
}

/// The inputs that the sweep reads and that do not depend on the row, in the
/// form of the parameters.
void LaneParameters::loadEpilogueInputs() {
  for (size_t i = 0; i < p.epilogue.getNumInputs(); ++i) {
    lanes.push_back(nullptr);
    if (p.epilogue.getAccess(i) != Epilogue::Access::Lanes ||
        !p.epilogue.isSwept(i))
      continue;
    Value buffer = allocate(p.epilogue.getElementType(i));
    b.forEachVector(p.features, getCopyLength(buffer), [&](LaneRange features) {
      AffineIndex first = p.getFirstFeature() + features.start;
      b.store(p.epilogue.loadLanes(b, i, sample, first, features.length),
              buffer, features.start);
    });
    repeatFirstPosition({buffer});
    lanes.back() = buffer;
  }
}

/// Makes records of the parameters.
void LaneParameters::pack() {
  b.forEachVector(p.width, p.cut, [&](LaneRange lanes) {
    for (auto [field, buffer] :
         llvm::enumerate(ArrayRef<Value>{shifts, scales, offsets}))
      records.store(
          b, b.load(buffer, lanes.start + p.lead, lanes.length, p.computeType),
          field, lanes);
  });
}

SmallVector<Parameters> LaneParameters::ofLanes(const LaneRange &lanes,
                                                bool packed) const {
  return load({lanes.start + p.lead, lanes.length},
              packed && records ? &lanes : nullptr);
}

SmallVector<Parameters>
LaneParameters::ofFeatures(const LaneRange &lanes) const {
  return load(lanes, /*inRecords=*/nullptr);
}

SmallVector<Parameters> LaneParameters::load(const LaneRange &features,
                                             const LaneRange *inRecords) const {
  bool isPair = p.cut.isPair(features);
  SmallVector<Parameters> parts(1 + isPair);
  auto loadParts = [&](Value buffer, Type type) {
    return b.loadParts(buffer, features.start, features.length, type, isPair);
  };
  auto loadField = [&](int64_t field, Value buffer, Value Parameters::*member) {
    SmallVector<Value> values = inRecords
                                    ? records.loadParts(b, field, *inRecords)
                                    : loadParts(buffer, p.computeType);
    for (auto [part, value] : llvm::zip(parts, values))
      part.*member = value;
  };
  loadField(0, shifts, &Parameters::shift);
  loadField(1, scales, &Parameters::scale);
  loadField(2, offsets, &Parameters::offset);
  for (auto [i, scalar, buffer] : llvm::enumerate(uniform, lanes)) {
    SmallVector<Value> elements(parts.size());
    if (scalar && p.epilogue.isSwept(i))
      elements.assign(parts.size(),
                      b.broadcast(scalar, features.length / parts.size()));
    else if (buffer)
      elements = loadParts(buffer, p.epilogue.getElementType(i));
    for (auto [part, value] : llvm::zip(parts, elements))
      part.inputs.push_back(value);
  }
  return parts;
}
