//===- LoopEmitter.h - Building affine loops of vectors ---------*- C++ -*-===//
//
// A thin layer over the builder for what every part of this lowering writes:
// affine loops, vector loads and stores at affine positions, and arithmetic on
// scalars and vectors alike.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_LIB_CONVERSION_GNTOAFFINE_LOOPEMITTER_H
#define GROUPNORM_LIB_CONVERSION_GNTOAFFINE_LOOPEMITTER_H

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace gn {

/// An affine expression together with the values it is over, so that positions
/// can be written as arithmetic: `row * width + lane + 16`.
class AffineIndex {
public:
  /// A constant.
  AffineIndex(mlir::MLIRContext *context, int64_t constant)
      : expr(mlir::getAffineConstantExpr(constant, context)) {}
  /// A loop's induction variable or a size.
  AffineIndex(mlir::Value value)
      : expr(mlir::getAffineDimExpr(0, value.getContext())), operands{value} {}

  AffineIndex operator+(const AffineIndex &other) const {
    return combine(other, mlir::AffineExprKind::Add);
  }
  AffineIndex operator-(const AffineIndex &other) const {
    return *this + other * -1;
  }
  AffineIndex operator+(int64_t value) const {
    return {expr + value, operands};
  }
  AffineIndex operator*(int64_t value) const {
    return {expr * value, operands};
  }
  AffineIndex operator%(int64_t value) const {
    return {expr % value, operands};
  }
  AffineIndex floorDiv(int64_t value) const {
    return {expr.floorDiv(value), operands};
  }

  // The same with a size: where it is not a constant, affine expressions take
  // it as a symbol only, so it must be known at the top of the function.
  AffineIndex operator*(const AffineIndex &size) const {
    return combine(size, mlir::AffineExprKind::Mul);
  }
  AffineIndex operator%(const AffineIndex &size) const {
    return combine(size, mlir::AffineExprKind::Mod);
  }
  AffineIndex floorDiv(const AffineIndex &size) const {
    return combine(size, mlir::AffineExprKind::FloorDiv);
  }

  /// The value, if the index is a constant.
  std::optional<int64_t> getConstant() const {
    if (auto constant = mlir::dyn_cast<mlir::AffineConstantExpr>(expr))
      return constant.getValue();
    return std::nullopt;
  }
  bool isZero() const { return getConstant() == 0; }

  mlir::AffineExpr expr;
  llvm::SmallVector<mlir::Value, 4> operands;

private:
  AffineIndex(mlir::AffineExpr expr, llvm::ArrayRef<mlir::Value> operands)
      : expr(expr), operands(operands) {}
  AffineIndex combine(const AffineIndex &other,
                      mlir::AffineExprKind kind) const;
};

/// The lanes of one vector, or of a pair of vectors: where they start in a row,
/// and how many there are.
struct LaneRange {
  AffineIndex start;
  int64_t length;
};

/// How a row is cut: into vectors of `vector` lanes, or, as far as it goes,
/// into pairs of them, one of the even and one of the odd lanes of twice as
/// many.
struct LaneCut {
  LaneCut(int64_t vector, bool pairs = false) : vector(vector), pairs(pairs) {}

  int64_t vector;
  bool pairs;

  /// Lanes that are taken at a time.
  int64_t getStep() const { return pairs ? 2 * vector : vector; }
  bool isPair(const LaneRange &lanes) const { return lanes.length > vector; }
};

class LoopEmitter : public mlir::ImplicitLocOpBuilder {
public:
  LoopEmitter(mlir::Location loc, mlir::OpBuilder &builder)
      : ImplicitLocOpBuilder(loc, builder) {}

  AffineIndex index(int64_t value) { return {getContext(), value}; }

  //===--------------------------------------------------------------------===//
  // Loops
  //===--------------------------------------------------------------------===//

  using LoopBody = llvm::function_ref<void(AffineIndex iv)>;
  using ReductionBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      AffineIndex iv, mlir::ValueRange carried)>;

  /// `for iv = 0 to min(bounds) step step`. A loop that is known to run once
  /// becomes its body; one that is known not to run becomes nothing.
  void forLoop(llvm::ArrayRef<AffineIndex> bounds, int64_t step, LoopBody body);
  llvm::SmallVector<mlir::Value> forLoop(llvm::ArrayRef<AffineIndex> bounds,
                                         int64_t step, mlir::ValueRange initial,
                                         ReductionBody body);
  /// `for iv = first to end`.
  void forRange(AffineIndex first, AffineIndex end, LoopBody body);
  /// The work items (i, j) of a rectangle of min(rows) times `columns`, in
  /// parallel or one after another.
  void workItems(llvm::ArrayRef<AffineIndex> rows, AffineIndex columns,
                 bool parallel,
                 llvm::function_ref<void(AffineIndex, AffineIndex)> body);
  // Conditions are affine in the strict sense: of those in which a size is a
  // factor, affine-simplify-structures of MLIR 22.1 drops what it should keep.

  /// Runs `body` only where `value` is zero; without a test where it is known.
  void ifZero(AffineIndex value, llvm::function_ref<void()> body);
  /// Runs `body` only where `value` > 0; without a test where it is known.
  void ifPositive(AffineIndex value, llvm::function_ref<void()> body);
  /// Covers [0, width) by vectors or pairs as `cut` says, and what is left by
  /// single vectors, of which the last may be shorter.
  void forEachVector(int64_t width, LaneCut cut,
                     llvm::function_ref<void(LaneRange)> body);
  /// Covers [0, width) by blocks of at most `block` of these vectors or pairs.
  void forEachBlock(int64_t width, LaneCut cut, int64_t block,
                    llvm::function_ref<void(llvm::ArrayRef<LaneRange>)> body);

  //===--------------------------------------------------------------------===//
  // Memory
  //===--------------------------------------------------------------------===//

  /// Loads `length` elements, widened to `type`; length 0 loads a scalar.
  mlir::Value load(mlir::Value memref, llvm::ArrayRef<AffineIndex> position,
                   int64_t length, mlir::Type type);
  /// The same, taken apart before it is widened.
  llvm::SmallVector<mlir::Value> loadParts(mlir::Value memref,
                                           llvm::ArrayRef<AffineIndex> position,
                                           int64_t length, mlir::Type type,
                                           bool isPair);
  /// Stores a vector or a scalar, rounded to the memref's element type.
  void store(mlir::Value value, mlir::Value memref,
             llvm::ArrayRef<AffineIndex> position);
  /// Stores a vector around the cache; other threads see it once the work item
  /// is done, or all of them where they run one after another. The address must
  /// be a multiple of `alignment` bytes.
  void storeStreaming(mlir::Value value, mlir::Value memref,
                      llvm::ArrayRef<AffineIndex> position, int64_t alignment);
  /// How far ahead the first-level cache can hold a line until it is used:
  /// bytes, a page.
  static constexpr int64_t kNear = 4096;
  /// Asks for what stands `distance` bytes behind `position`, which may be
  /// outside of the buffer: into the first-level cache up to kNear ahead, else
  /// into the second one. Never as data of no further use, though it may be
  /// read for the last time: some processors then drop it from every cache,
  /// where the next call or a residual would find it.
  void prefetch(mlir::Value memref, llvm::ArrayRef<AffineIndex> position,
                int64_t distance);
  /// A buffer of the work item's own, on the stack if it is small. Work items
  /// that run one after another share it.
  mlir::Value localBuffer(llvm::ArrayRef<int64_t> shape, mlir::Type type);

  //===--------------------------------------------------------------------===//
  // Arithmetic on scalars and vectors
  //===--------------------------------------------------------------------===//

  mlir::Value constant(double value, mlir::Type type);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value sub(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, mlir::Value b);
  mlir::Value div(mlir::Value a, mlir::Value b);
  mlir::Value fma(mlir::Value a, mlir::Value b, mlir::Value c);
  /// Converts to another float type, keeping the shape.
  mlir::Value convert(mlir::Value value, mlir::Type elementType);
  /// A scalar as a vector of `length` lanes; length 0 leaves it a scalar.
  mlir::Value broadcast(mlir::Value scalar, int64_t length);
  /// The even lanes of a vector and the odd ones, or where it is no pair, the
  /// vector itself.
  llvm::SmallVector<mlir::Value> takeApart(mlir::Value vector, bool isPair);
  /// What has been taken apart.
  mlir::Value putTogether(mlir::ValueRange parts);
  /// The sum of a vector's lanes, in an order that depends on nothing but the
  /// length.
  mlir::Value sumLanes(mlir::Value vector);
  /// The sum of the values, pairwise.
  mlir::Value sumTree(llvm::SmallVector<mlir::Value> values);
  /// An index as a float.
  mlir::Value toFloat(AffineIndex index, mlir::Type type);
  /// The least of several indices, as an index.
  AffineIndex minimum(llvm::ArrayRef<AffineIndex> indices);
  mlir::Value materialize(AffineIndex index);

private:
  void ifHolds(AffineIndex value, bool isEquality,
               llvm::function_ref<void()> body);

  void setRole(mlir::Operation *loop);

  /// What ends a work item, or a row of them that run one after another.
  void endWorkItems();

  /// Where the buffers of the current work item are made.
  InsertPoint stackBuffers, heapBuffers;
  /// Those of them that are not on the stack.
  llvm::SmallVector<mlir::Value> toFree;
  /// Whether one of them stores around the cache.
  bool streams = false;
  /// What the loops that are being made are for.
  llvm::StringRef role;
  friend class RoleScope;
};

/// While it lives, loops say that they are for `role`.
class RoleScope {
public:
  RoleScope(LoopEmitter &b, llvm::StringRef role) : b(b), outer(b.role) {
    b.role = role;
  }
  ~RoleScope() { b.role = outer; }

private:
  LoopEmitter &b;
  llvm::StringRef outer;
};

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOAFFINE_LOOPEMITTER_H
