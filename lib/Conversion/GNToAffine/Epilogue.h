//===- Epilogue.h - What follows the normalization --------------*- C++ -*-===//
//
// An op's epilogue on vectors. The sweeps see x as runs of neighbouring
// elements: a sample where features are last, a segment where they are not. The
// element of an input that belongs to an element of x is found in the way that
// costs least, which its access tells; of access Gather, one at a time.
//
// Where an epilogue begins by multiplying with and adding what is the same at
// all positions of a run, as a scale and shift of each feature does, that is
// part of what x is scaled by and offset by: the sweep does not see it.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_LIB_CONVERSION_GNTOAFFINE_EPILOGUE_H
#define GROUPNORM_LIB_CONVERSION_GNTOAFFINE_EPILOGUE_H

#include "LoopEmitter.h"
#include "groupnorm/Dialect/GN/IR/GN.h"
#include "llvm/ADT/BitVector.h"

namespace gn {

class Epilogue {
public:
  using Access = EpilogueAccess;

  /// No epilogue.
  Epilogue() = default;
  /// That of `op`, whose runs are the dimensions of x from `firstRunDim` on;
  /// null buffers where it has none. Emits an error on the op and fails where
  /// an input does not lie in memory as it must.
  template <typename OpTy>
  static mlir::FailureOr<Epilogue> create(OpTy op, LoopEmitter &b,
                                          int64_t firstRunDim);
  /// Whether the elements of a vector differ in the last dimension only; if
  /// nothing is said, they may differ in all.
  void setOneRowPerVector(bool value) { oneRowPerVector = value; }

  size_t getNumInputs() const { return inputs.size(); }
  Access getAccess(size_t input) const { return inputs[input].access; }
  mlir::Type getElementType(size_t input) const;
  /// Whether the sweep reads an input one element at a time.
  bool hasGathered() const {
    return llvm::any_of(inputs, [](const Input &input) {
      return input.access == Access::Gather;
    });
  }

  // A run is told by its number, or by its coordinates in the dimensions
  // before it.

  /// The uniform inputs of run `run` as scalars; the others are null.
  llvm::SmallVector<mlir::Value>
  loadUniform(LoopEmitter &b, llvm::ArrayRef<AffineIndex> run) const;
  /// `length` elements of an input of access Lanes, from `feature` on.
  mlir::Value loadLanes(LoopEmitter &b, size_t input, AffineIndex run,
                        AffineIndex feature, int64_t length) const;

  /// Whether the beginning that is folded reads an input, or what is left.
  bool isFolded(size_t input) const { return folded.test(input); }
  bool isSwept(size_t input) const { return swept.test(input); }
  /// Makes the beginning that is folded part of `scale` and `offset`, scalars
  /// or vectors. `loaded` has the elements of the inputs that it reads.
  void fold(LoopEmitter &b, llvm::ArrayRef<mlir::Value> loaded,
            mlir::Value &scale, mlir::Value &offset) const;

  /// The `length` elements at [run..., start of the vector] of each input,
  /// taken apart if they are a pair; none of one that is not swept, or of
  /// access Uniform or Lanes.
  llvm::SmallVector<llvm::SmallVector<mlir::Value>>
  loadSwept(LoopEmitter &b, llvm::ArrayRef<AffineIndex> position,
            int64_t length, bool isPair) const;
  /// What is written for the elements `value`, which are normalized with the
  /// folded parameters. `loaded` has the elements of all swept inputs.
  mlir::Value emit(LoopEmitter &b, mlir::Value value,
                   llvm::ArrayRef<mlir::Value> loaded) const;

  /// Asks for the elements of the inputs of access Run `distance` bytes behind
  /// `position`.
  void prefetch(LoopEmitter &b, llvm::ArrayRef<AffineIndex> position,
                int64_t distance) const;

private:
  struct Input {
    mlir::Value buffer; // as the op has it; of access Run: [outer..., run]
    mlir::AffineMap map;
    Access access;
  };

  AffineIndex getOuterCoordinate(unsigned dim,
                                 llvm::ArrayRef<AffineIndex> run) const;
  llvm::SmallVector<AffineIndex>
  getRunPosition(const Input &input,
                 llvm::ArrayRef<AffineIndex> position) const;
  mlir::Value loadRun(LoopEmitter &b, const Input &input,
                      llvm::ArrayRef<AffineIndex> position,
                      int64_t length) const;
  mlir::Value gather(LoopEmitter &b, const Input &input,
                     llvm::ArrayRef<AffineIndex> position,
                     int64_t length) const;

  void findParts();
  bool isAffine(mlir::Operation *op, mlir::Value value) const;
  bool isInvariant(mlir::Value value) const;

  llvm::SmallVector<Input> inputs;
  mlir::Block *block = nullptr;
  // The ops that are folded, one on the result of the other, the value that the
  // others go on with, and these; and the inputs of either.
  llvm::SmallVector<mlir::Operation *> beginning, rest;
  mlir::Value normalized;
  llvm::BitVector folded, swept;
  int64_t firstRunDim = 1;
  bool oneRowPerVector = false;
  mlir::Value x;
  llvm::SmallVector<int64_t> shape; // of x
};

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOAFFINE_EPILOGUE_H
