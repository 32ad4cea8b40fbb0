//===- Apply.h - One vector's normalization ---------------------*- C++ -*-===//
//
// What the normalizing sweeps of both layouts share. With statistics in f64,
//
//   y = fma(x - shift, scale, offset)
//   shift  = mean, rounded to compute type
//   scale  = gamma / sqrt(M2 / count + epsilon)
//   offset = beta - (mean - shift) * scale
//
// so that neither a large mean nor the rounding of the mean itself costs
// accuracy, which x * scale + (beta - mean * scale) would. What the epilogue
// multiplies with and adds first is part of scale and offset.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_LIB_CONVERSION_GNTOAFFINE_APPLY_H
#define GROUPNORM_LIB_CONVERSION_GNTOAFFINE_APPLY_H

#include "Epilogue.h"
#include "LoopEmitter.h"
#include "groupnorm/Dialect/GN/IR/GN.h"

namespace gn {

/// Bytes of a line of the caches.
constexpr int64_t kCacheLine = 64;

struct Epsilon {
  double value = 0;
  bool insideSqrt = true;
};

struct Parameters {
  mlir::Value shift, scale, offset;
  /// The elements of the epilogue's inputs, as far as they are parameters too.
  llvm::SmallVector<mlir::Value> inputs;
};

/// 1 / sqrt(m2 / count + epsilon), or 1 / (sqrt(m2 / count) + epsilon).
mlir::Value emitReciprocalDeviation(LoopEmitter &b, mlir::Value m2,
                                    mlir::Value count, Epsilon epsilon);

/// `value`, the mean of a group, or NaN where the group's `count`, which is not
/// known, is 0. The reciprocal deviation is NaN then by itself.
mlir::Value emitNaNIfEmpty(LoopEmitter &b, mlir::Value value,
                           mlir::Value count);

/// The parameters for a mean and a reciprocal deviation, with gamma and beta or
/// without (null), and with what `epilogue` begins with, whose `inputs` are as
/// far as it reads them there. All but these are in the statistics' type,
/// scalars or vectors.
Parameters emitParameters(LoopEmitter &b, mlir::Value mean, mlir::Value rstd,
                          mlir::Value gamma, mlir::Value beta,
                          mlir::Type computeType, const Epilogue &epilogue,
                          llvm::ArrayRef<mlir::Value> inputs);

/// What is to be stored for x at `position`, `length` elements, in `yType`;
/// these stand at `inRun`, [run..., start], for the epilogue. `parameters` are
/// those of the vector, or of the two of a pair.
mlir::Value emitResult(LoopEmitter &b, mlir::Value x,
                       llvm::ArrayRef<AffineIndex> position,
                       llvm::ArrayRef<AffineIndex> inRun, int64_t length,
                       llvm::ArrayRef<Parameters> parameters,
                       const Epilogue &epilogue, mlir::Type computeType,
                       mlir::Type yType);

/// Stores a result. With `stream` other than 0 that goes around the cache, to
/// an address that is a multiple of so many bytes.
void emitStore(LoopEmitter &b, mlir::Value value, mlir::Value y,
               llvm::ArrayRef<AffineIndex> position, int64_t stream);

/// Stores `count` elements of a buffer of results from `first` on in y, the
/// i-th at `at(i)`.
void emitStores(
    LoopEmitter &b, mlir::Value results, AffineIndex first, AffineIndex count,
    mlir::Value y,
    llvm::function_ref<llvm::SmallVector<AffineIndex>(AffineIndex)> at);

/// Emits `sweep`, which stores around the cache where it is told to. Streaming
/// stores need aligned vectors and callers promise no more than aligned
/// elements, so with an `alignment` other than 0 there are two sweeps and a
/// test at run time. It includes the `length` of a run, where only a call knows
/// that: of a line that is streamed nothing may go through the cache, so a
/// whole number of stores must make it up. `stream` is their alignment, bytes.
void emitStreamingSweep(LoopEmitter &b, mlir::Value y, int64_t alignment,
                        llvm::function_ref<void(int64_t stream)> sweep,
                        std::optional<AffineIndex> length = std::nullopt);

/// Emits `atLine` for where y begins at a cache line, and `otherwise`.
void emitIfAtLine(LoopEmitter &b, mlir::Value y,
                  llvm::function_ref<void()> atLine,
                  llvm::function_ref<void()> otherwise);

/// Elements of a buffer that fill a cache line.
int64_t getLineLength(mlir::Value buffer);

/// Elements of `buffer` before the first whole line behind `start`, the place
/// of one of them in memory.
AffineIndex getLead(LoopEmitter &b, mlir::Value buffer, AffineIndex start);

/// What vectors at multiples of `length` elements of `y` are aligned to, in
/// bytes, if y is aligned to a cache line: at most that. 0 if it is too little
/// for a streaming store, or positions in `y` are not counted from the start of
/// its buffer.
int64_t getStreamAlignment(mlir::Value y, int64_t length);

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOAFFINE_APPLY_H
