//===- Apply.cpp - One vector's normalization -----------------------------===//

#include "Apply.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/TypeUtilities.h"
#include <numeric>

using namespace mlir;
using namespace gn;

/// The shortest vectors that CPUs stream.
static constexpr int64_t kLeastStreamed = 16;

Value gn::emitReciprocalDeviation(LoopEmitter &b, Value m2, Value count,
                                  Epsilon epsilon) {
  Type type = m2.getType();
  // Cancellation may leave a constant group a little below zero.
  m2 = arith::MaximumFOp::create(b, m2, b.constant(0, type));
  Value variance = b.div(m2, count);
  Value added = b.constant(epsilon.value, type);
  Value one = b.constant(1, type);
  if (epsilon.insideSqrt)
    return b.div(one, math::SqrtOp::create(b, b.add(variance, added)));
  return b.div(one, b.add(math::SqrtOp::create(b, variance), added));
}

Value gn::emitNaNIfEmpty(LoopEmitter &b, Value value, Value count) {
  Value isEmpty = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, count,
                                        b.constant(0, count.getType()));
  double nan = std::numeric_limits<double>::quiet_NaN();
  return arith::SelectOp::create(b, isEmpty, b.constant(nan, value.getType()),
                                 value);
}

Parameters gn::emitParameters(LoopEmitter &b, Value mean, Value rstd,
                              Value gamma, Value beta, Type computeType,
                              const Epilogue &epilogue,
                              ArrayRef<Value> inputs) {
  Type statsType = getElementTypeOrSelf(mean.getType());
  Value scale = gamma ? b.mul(rstd, gamma) : rstd;
  Value shift = b.convert(mean, computeType);
  Value rounding = b.sub(mean, b.convert(shift, statsType));
  if (!beta)
    beta = b.constant(0, mean.getType());
  Value offset = b.sub(beta, b.mul(rounding, scale));
  epilogue.fold(b, inputs, scale, offset);
  return {
      shift, b.convert(scale, computeType), b.convert(offset, computeType), {}};
}

Value gn::emitResult(LoopEmitter &b, Value x, ArrayRef<AffineIndex> position,
                     ArrayRef<AffineIndex> inRun, int64_t length,
                     ArrayRef<Parameters> parameters, const Epilogue &epilogue,
                     Type computeType, Type yType) {
  bool isPair = parameters.size() == 2;
  SmallVector<Value> parts =
      b.loadParts(x, position, length, computeType, isPair);
  for (auto [part, own] : llvm::zip(parts, parameters))
    part = b.fma(b.sub(part, own.shift), own.scale, own.offset);
  SmallVector<SmallVector<Value>> inputs =
      epilogue.loadSwept(b, inRun, length, isPair);
  for (auto [i, part] : llvm::enumerate(parts)) {
    SmallVector<Value> own = parameters[i].inputs;
    for (auto [j, loaded] : llvm::enumerate(inputs))
      if (!loaded.empty())
        own[j] = loaded[i];
    part = b.convert(epilogue.emit(b, part, own), yType);
  }
  return b.putTogether(parts);
}

void gn::emitStore(LoopEmitter &b, Value value, Value y,
                   ArrayRef<AffineIndex> position, int64_t stream) {
  if (stream)
    b.storeStreaming(value, y, position, stream);
  else
    b.store(value, y, position);
}

void gn::emitStores(LoopEmitter &b, Value results, AffineIndex first,
                    AffineIndex count, Value y,
                    function_ref<SmallVector<AffineIndex>(AffineIndex)> at) {
  Type type = cast<MemRefType>(results.getType()).getElementType();
  b.forLoop(count, 1, [&](AffineIndex i) {
    b.store(b.load(results, first + i, 0, type), y, at(i));
  });
}

int64_t gn::getLineLength(Value buffer) {
  return kCacheLine * 8 /
         cast<MemRefType>(buffer.getType()).getElementTypeBitWidth();
}

AffineIndex gn::getLead(LoopEmitter &b, Value buffer, AffineIndex start) {
  return AffineIndex(b.materialize(start * -1 % getLineLength(buffer)));
}

int64_t gn::getStreamAlignment(Value y, int64_t length) {
  auto type = cast<MemRefType>(y.getType());
  int64_t alignment =
      std::gcd(length * type.getElementTypeBitWidth() / 8, kCacheLine);
  return alignment >= kLeastStreamed && type.getLayout().isIdentity()
             ? alignment
             : 0;
}

/// An index modulo `divisor`, a power of two.
static Value emitRemainder(LoopEmitter &b, Value index, int64_t divisor) {
  return arith::AndIOp::create(b, index,
                               arith::ConstantIndexOp::create(b, divisor - 1));
}

static void emitBranch(LoopEmitter &b, Value index, function_ref<void()> ifZero,
                       function_ref<void()> otherwise) {
  Value isZero = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, index,
                                       arith::ConstantIndexOp::create(b, 0));
  auto branch = scf::IfOp::create(b, isZero, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  ifZero();
  b.setInsertionPointToStart(branch.elseBlock());
  otherwise();
}

void gn::emitStreamingSweep(LoopEmitter &b, Value y, int64_t alignment,
                            function_ref<void(int64_t stream)> sweep,
                            std::optional<AffineIndex> length) {
  if (!alignment)
    return sweep(/*stream=*/0);
  Value address = memref::ExtractAlignedPointerAsIndexOp::create(b, y);
  int64_t bits = cast<MemRefType>(y.getType()).getElementTypeBitWidth();
  auto emitIfMultiple = [&](int64_t divisor, int64_t stream,
                            function_ref<void()> otherwise) {
    Value misaligned = emitRemainder(b, address, divisor);
    if (length && !length->getConstant())
      misaligned = arith::OrIOp::create(
          b, misaligned, b.materialize(*length % (stream * 8 / bits)));
    emitBranch(b, misaligned, [&] { sweep(stream); }, otherwise);
  };
  auto emitRest = [&] { sweep(/*stream=*/0); };
  emitIfMultiple(kCacheLine, alignment, [&] {
    // What allocators promise is less than a line: there, lines are written in
    // parts, which processors combine.
    if (alignment > kLeastStreamed)
      emitIfMultiple(kLeastStreamed, kLeastStreamed, emitRest);
    else
      emitRest();
  });
}

void gn::emitIfAtLine(LoopEmitter &b, Value y, function_ref<void()> atLine,
                      function_ref<void()> otherwise) {
  Value address = memref::ExtractAlignedPointerAsIndexOp::create(b, y);
  emitBranch(b, emitRemainder(b, address, kCacheLine), atLine, otherwise);
}
