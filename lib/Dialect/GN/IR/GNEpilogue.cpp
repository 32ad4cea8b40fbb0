//===- GNEpilogue.cpp - The constraints C18 to C23 ------------------------===//
//
// What the epilogue of a gn.group_norm or a gn.group_normalize must be, and how
// it is simplified.
//
//===----------------------------------------------------------------------===//

#include "GNEpilogue.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace gn;

bool gn::isEpilogueElementType(Type type) {
  return type.isF16() || type.isBF16() || type.isF32() || type.isF64() ||
         type.isSignlessInteger(8) || type.isSignlessInteger(16) ||
         type.isSignlessInteger(32);
}

bool gn::isEpilogueOpKind(Operation *op, StringRef *why) {
  // The ops of math are named: of the others, some would become calls.
  bool isMath = isa<math::AbsFOp, math::AbsIOp, math::CeilOp, math::CopySignOp,
                    math::ErfOp, math::ExpOp, math::FloorOp, math::FmaOp,
                    math::RoundOp, math::RoundEvenOp, math::RsqrtOp,
                    math::SqrtOp, math::TanhOp, math::TruncOp>(op);
  bool isArith = isa_and_present<arith::ArithDialect>(op->getDialect()) &&
                 !isa<arith::RemFOp>(op);
  if (isMath || isa<arith::ConstantOp>(op) ||
      (isArith && OpTrait::hasElementwiseMappableTraits(op) &&
       isMemoryEffectFree(op)))
    return true;
  if (why)
    *why = "is not known to become vector code without a call";
  return false;
}

bool gn::isEpilogueOp(Operation *op, StringRef *why) {
  if (!isEpilogueOpKind(op, why))
    return false;
  auto isScalar = [](Type type) {
    return isEpilogueElementType(type) ||
           (type.isSignlessInteger() && type.getIntOrFloatBitWidth() <= 64);
  };
  if (llvm::all_of(op->getOperandTypes(), isScalar) &&
      llvm::all_of(op->getResultTypes(), isScalar))
    return true;
  if (why)
    *why = "is not on scalars of f16, bf16, f32, f64 or integers of at most 64 "
           "bits";
  return false;
}

EpilogueAccess gn::getEpilogueAccess(AffineMap map, int64_t firstRunDim,
                                     int64_t featureDim) {
  int64_t runDims = map.getNumDims() - firstRunDim, found = 0;
  bool hasFeatures = false;
  for (AffineExpr result : map.getResults()) {
    int64_t dim = cast<AffineDimExpr>(result).getPosition();
    found += dim >= firstRunDim;
    hasFeatures |= dim == featureDim;
  }
  if (found == 0)
    return EpilogueAccess::Uniform;
  if (found == runDims)
    return EpilogueAccess::Run;
  return found == 1 && hasFeatures ? EpilogueAccess::Lanes
                                   : EpilogueAccess::Gather;
}

//===----------------------------------------------------------------------===//
// C18 to C21: the inputs, before the ops inside have been looked at.
//===----------------------------------------------------------------------===//

/// Whether a map takes some dimensions in their order.
static bool isOrderedProjection(AffineMap map) {
  int64_t last = -1;
  for (AffineExpr result : map.getResults()) {
    auto dim = dyn_cast<AffineDimExpr>(result);
    if (!dim || static_cast<int64_t>(dim.getPosition()) <= last)
      return false;
    last = dim.getPosition();
  }
  return true;
}

template <typename OpTy> LogicalResult gn::verifyEpilogue(OpTy op) {
  OperandRange inputs = op.getEpilogueInputs();
  if (!op.hasEpilogue()) {
    if (!inputs.empty() || !op.getEpilogueMaps().empty())
      return op.emitOpError(
          "C18: there are epilogue inputs or maps, but no epilogue");
    return success();
  }
  if (op.getEpilogue().size() != 1)
    return op.emitOpError() << "C18: there are " << op.getEpilogue().size()
                            << " epilogues, but must be at most one";
  SmallVector<Type> expected = {op.getComputeType()};
  for (Value input : inputs)
    expected.push_back(getElementTypeOrSelf(input));
  TypeRange found = op.getEpilogueBlock()->getArgumentTypes();
  if (found != TypeRange(expected))
    return op.emitOpError() << "C18: the epilogue has arguments of type ("
                            << found << "), but must have (" << expected << ")";

  if (op.getEpilogueMaps().size() != inputs.size())
    return op.emitOpError() << "C19: there are " << op.getEpilogueMaps().size()
                            << " epilogue maps, but must be one for each of "
                            << inputs.size() << " epilogue inputs";
  ShapedType x = op.getXType();
  for (auto [i, input] : llvm::enumerate(inputs)) {
    AffineMap map = op.getEpilogueMap(i);
    if (map.getNumDims() != x.getRank() || map.getNumSymbols() != 0 ||
        !isOrderedProjection(map))
      return op.emitOpError()
             << "C19: epilogue map " << i << " is " << op.getEpilogueMaps()[i]
             << ", but must be from " << x.getRank()
             << " dimensions to some of them, in their order";
    auto type = cast<ShapedType>(input.getType());
    SmallVector<int64_t> shape =
        llvm::map_to_vector(map.getResults(), [&](AffineExpr result) {
          return x.getDimSize(cast<AffineDimExpr>(result).getPosition());
        });
    if (failed(verifyCompatibleShape(type.getShape(), shape)))
      return op.emitOpError()
             << "C20: epilogue input " << i << " has type " << type
             << ", but must have the sizes that " << op.getEpilogueMaps()[i]
             << " takes from x, " << x;
    if (!isEpilogueElementType(type.getElementType()))
      return op.emitOpError()
             << "C21: the element type of epilogue input " << i << " is "
             << type.getElementType()
             << ", but must be f16, bf16, f32, f64, i8, i16 or i32";
  }
  return success();
}

template LogicalResult gn::verifyEpilogue(GroupNormOp);
template LogicalResult gn::verifyEpilogue(GroupNormalizeOp);

//===----------------------------------------------------------------------===//
// C22 and C23: what is inside.
//===----------------------------------------------------------------------===//

template <typename OpTy> static LogicalResult verifyBody(OpTy op) {
  if (!op.hasEpilogue())
    return success();
  Block *block = op.getEpilogueBlock();
  for (Operation &inner : block->without_terminator()) {
    StringRef why;
    if (!isEpilogueOp(&inner, &why))
      return inner.emitOpError()
             << "C22: cannot stand in an epilogue: it " << why;
  }
  Type wanted = getElementTypeOrSelf(op.getInit());
  auto yield = dyn_cast<YieldOp>(block->getTerminator());
  if (!yield)
    return block->getTerminator()->emitOpError(
        "C23: an epilogue ends in gn.yield");
  if (yield.getValue().getType() != wanted)
    return yield.emitOpError()
           << "C23: yields " << yield.getValue().getType()
           << ", but must yield the element type of init, " << wanted;
  return success();
}

LogicalResult GroupNormOp::verifyRegions() { return verifyBody(*this); }

LogicalResult GroupNormalizeOp::verifyRegions() { return verifyBody(*this); }

//===----------------------------------------------------------------------===//
// Canonicalizations
//===----------------------------------------------------------------------===//

namespace {

/// An input that the epilogue does not look at is not an input.
template <typename OpTy>
struct DropUnusedEpilogueInputs : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasEpilogue())
      return failure();
    Block *block = op.getEpilogueBlock();
    SmallVector<Value> inputs;
    SmallVector<Attribute> maps;
    llvm::BitVector unused(block->getNumArguments());
    for (auto [i, input] : llvm::enumerate(op.getEpilogueInputs())) {
      if (block->getArgument(i + 1).use_empty()) {
        unused.set(i + 1);
        continue;
      }
      inputs.push_back(input);
      maps.push_back(op.getEpilogueMaps()[i]);
    }
    if (unused.none())
      return failure();
    rewriter.modifyOpInPlace(op, [&] {
      block->eraseArguments(unused);
      op.getEpilogueInputsMutable().assign(inputs);
      op.setEpilogueMapsAttr(rewriter.getArrayAttr(maps));
    });
    return success();
  }
};

/// An epilogue that only rounds to the element type of the result does what
/// its absence does.
template <typename OpTy> struct DropNeutralEpilogue : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasEpilogue() || !op.getEpilogueInputs().empty())
      return failure();
    Block *block = op.getEpilogueBlock();
    Value value = cast<YieldOp>(block->getTerminator()).getValue();
    Operation *conversion = value.getDefiningOp();
    if (auto truncate = dyn_cast_or_null<arith::TruncFOp>(conversion)) {
      // Another rounding than to nearest is not what its absence does.
      if (truncate.getRoundingmode().value_or(
              arith::RoundingMode::to_nearest_even) !=
          arith::RoundingMode::to_nearest_even)
        return failure();
      value = truncate.getIn();
    } else if (auto extend = dyn_cast_or_null<arith::ExtFOp>(conversion)) {
      value = extend.getIn();
    }
    if (value != block->getArgument(0))
      return failure();
    // The same op but for its region.
    OperationState state(op.getLoc(), op->getName(), op->getOperands(),
                         op->getResultTypes(), op->getAttrs());
    rewriter.replaceOp(op, rewriter.create(state));
    return success();
  }
};

} // namespace

template <typename OpTy>
void gn::populateEpilogueCanonicalizationPatterns(RewritePatternSet &patterns) {
  patterns.add<DropUnusedEpilogueInputs<OpTy>, DropNeutralEpilogue<OpTy>>(
      patterns.getContext());
}

template void
gn::populateEpilogueCanonicalizationPatterns<GroupNormOp>(RewritePatternSet &);
template void gn::populateEpilogueCanonicalizationPatterns<GroupNormalizeOp>(
    RewritePatternSet &);
