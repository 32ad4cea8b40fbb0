//===- FuseEpilogue.cpp - Element-wise consumers into the epilogue --------===//
//
// An element-wise op on the result of a gn.group_norm or a gn.group_normalize
// becomes the end of its epilogue: linalg ops of any name, and arith and math
// ops on tensors. What must not or cannot be fused is left as it is.
//
//===----------------------------------------------------------------------===//

#include "groupnorm/Dialect/GN/Transforms/Passes.h"
#include "groupnorm/Dialect/GN/Transforms/Transforms.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace gn {
#define GEN_PASS_DEF_GNFUSEEPILOGUEPASS
#include "groupnorm/Dialect/GN/Transforms/Passes.h.inc"
} // namespace gn

using namespace mlir;
using namespace gn;

namespace {

/// An element-wise computation on the result y of a gn op.
struct Consumer {
  /// The operands besides y, and their maps from the dimensions of y.
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  /// What it writes to, null for a new tensor. It has one result.
  Value init;
  Type resultElementType;
  /// Builds the element of the result from that of y and those of the inputs.
  std::function<Value(OpBuilder &, Value y, ValueRange inputs)> build;
};

} // namespace

//===----------------------------------------------------------------------===//
// What can be fused
//===----------------------------------------------------------------------===//

/// Whether elements of an input with this map can be found in an epilogue.
static bool canBeInput(Value input, AffineMap map, RankedTensorType y) {
  auto type = dyn_cast<RankedTensorType>(input.getType());
  if (!type || !isEpilogueElementType(type.getElementType()) ||
      type.getRank() != map.getNumResults())
    return false;
  int64_t last = -1;
  for (auto [result, size] :
       llvm::zip_equal(map.getResults(), type.getShape())) {
    auto dim = dyn_cast<AffineDimExpr>(result);
    if (!dim || static_cast<int64_t>(dim.getPosition()) <= last)
      return false;
    last = dim.getPosition();
    if (failed(verifyCompatibleShape({size}, {y.getDimSize(last)})))
      return false;
  }
  return true;
}

/// A linalg op, if every element of its result comes of the element of y in the
/// same place.
static FailureOr<Consumer> matchLinalg(linalg::LinalgOp op, Value y) {
  auto type = cast<RankedTensorType>(y.getType());
  if (!op.hasPureTensorSemantics() || op.getNumDpsInits() != 1 ||
      op.getNumLoops() != type.getRank() ||
      op.getNumParallelLoops() != op.getNumLoops())
    return failure();
  Consumer consumer;
  OpOperand &init = *op.getDpsInitOperand(0);
  if (!op.getMatchingIndexingMap(&init).isIdentity())
    return failure();
  consumer.resultElementType = getElementTypeOrSelf(init.get());
  Block *body = op.getBlock();
  // The arguments of the body that stand for y, and for the inputs.
  SmallVector<BlockArgument> ofY, ofInputs;
  for (OpOperand *operand : op.getDpsInputOperands()) {
    AffineMap map = op.getMatchingIndexingMap(operand);
    BlockArgument argument = op.getMatchingBlockArgument(operand);
    if (operand->get() == y) {
      if (!map.isIdentity())
        return failure();
      ofY.push_back(argument);
      continue;
    }
    if (!canBeInput(operand->get(), map, type))
      return failure();
    consumer.inputs.push_back(operand->get());
    consumer.maps.push_back(map);
    ofInputs.push_back(argument);
  }
  if (init.get() == y) {
    if (op.payloadUsesValueFromOperand(&init))
      ofY.push_back(op.getMatchingBlockArgument(&init));
  } else {
    if (op.payloadUsesValueFromOperand(&init))
      return failure();
    consumer.init = init.get();
  }

  // Constants may stand outside the body, but nothing else may.
  SmallVector<Operation *> constants;
  for (Operation &inner : *body) {
    if (&inner != body->getTerminator() && !isEpilogueOp(&inner))
      return failure();
    for (Value operand : inner.getOperands()) {
      if (operand.getParentBlock() == body)
        continue;
      Operation *definition = operand.getDefiningOp();
      if (!definition || !isa<arith::ConstantOp>(definition) ||
          !isEpilogueOp(definition))
        return failure();
      constants.push_back(definition);
    }
  }
  consumer.build = [=](OpBuilder &b, Value y, ValueRange inputs) {
    IRMapping mapping;
    for (BlockArgument argument : ofY)
      mapping.map(argument, y);
    mapping.map(ofInputs, inputs);
    for (Operation *constant : constants)
      if (!mapping.contains(constant->getResult(0)))
        b.clone(*constant, mapping);
    for (Operation &inner : body->without_terminator())
      b.clone(inner, mapping);
    return mapping.lookup(body->getTerminator()->getOperand(0));
  };
  return consumer;
}

/// An op of arith or math on tensors.
static FailureOr<Consumer> matchElementwise(Operation *op, Value y) {
  if (!isEpilogueOpKind(op) || op->getNumResults() != 1)
    return failure();
  auto type = cast<RankedTensorType>(y.getType());
  auto resultType = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!resultType || resultType.getShape() != type.getShape())
    return failure();
  AffineMap identity =
      AffineMap::getMultiDimIdentityMap(type.getRank(), op->getContext());
  Consumer consumer;
  consumer.resultElementType = getElementTypeOrSelf(op->getResult(0));
  // Constant operands that are the same throughout become constants inside.
  SmallVector<std::pair<unsigned, TypedAttr>> splats;
  SmallVector<unsigned> inputs;
  for (OpOperand &operand : op->getOpOperands()) {
    if (operand.get() == y)
      continue;
    DenseElementsAttr elements;
    if (matchPattern(operand.get(), m_Constant(&elements)) &&
        elements.isSplat()) {
      splats.emplace_back(operand.getOperandNumber(),
                          cast<TypedAttr>(elements.getSplatValue<Attribute>()));
      continue;
    }
    if (!canBeInput(operand.get(), identity, type))
      return failure();
    inputs.push_back(operand.getOperandNumber());
    consumer.inputs.push_back(operand.get());
    consumer.maps.push_back(identity);
  }
  consumer.build = [=](OpBuilder &b, Value element, ValueRange elements) {
    SmallVector<Value> operands(op->getNumOperands(), element);
    for (auto [number, value] : splats)
      operands[number] = arith::ConstantOp::create(b, op->getLoc(), value);
    for (auto [number, value] : llvm::zip_equal(inputs, elements))
      operands[number] = value;
    OperationState state(op->getLoc(), op->getName(), operands,
                         getElementTypeOrSelf(op->getResult(0)),
                         op->getAttrs());
    return b.create(state)->getResult(0);
  };
  return consumer;
}

//===----------------------------------------------------------------------===//
// The fused op
//===----------------------------------------------------------------------===//

static GroupNormOp createLike(OpBuilder &b, GroupNormOp op,
                              ArrayRef<Value> inputs, Value init,
                              ArrayAttr maps) {
  SmallVector<Type> types(op.getResultTypes());
  types.front() = init.getType();
  return GroupNormOp::create(
      b, op.getLoc(), types, op.getX(), op.getGamma(), op.getBeta(), inputs,
      init, op.getMean(), op.getRstd(), op.getNumGroupsAttr(),
      op.getEpsilonAttr(), op.getGroupingAttr(), op.getEpsilonPlacementAttr(),
      op.getFeatureDimAttr(), maps, /*epilogueCount=*/1);
}

static GroupNormalizeOp createLike(OpBuilder &b, GroupNormalizeOp op,
                                   ArrayRef<Value> inputs, Value init,
                                   ArrayAttr maps) {
  return GroupNormalizeOp::create(
      b, op.getLoc(), init.getType(), op.getX(), op.getCount(), op.getMean(),
      op.getM2(), op.getGamma(), op.getBeta(), inputs, init,
      op.getNumGroupsAttr(), op.getEpsilonAttr(), op.getGroupingAttr(),
      op.getEpsilonPlacementAttr(), op.getFeatureDimAttr(), maps,
      /*epilogueCount=*/1);
}

/// The element of y as the epilogue had it, in y's element type. Where the
/// consumer goes on in a wider type it goes on with the unrounded element.
static Value roundTo(OpBuilder &b, Location loc, Value value, Type type) {
  unsigned from = value.getType().getIntOrFloatBitWidth();
  unsigned to = type.getIntOrFloatBitWidth();
  if (from > to)
    return arith::TruncFOp::create(b, loc, type, value);
  if (from < to)
    return arith::ExtFOp::create(b, loc, type, value);
  return value;
}

static void skipRounding(RewriterBase &rewriter, Block &block) {
  for (Operation &op : llvm::make_early_inc_range(block)) {
    auto extend = dyn_cast<arith::ExtFOp>(op);
    auto truncate =
        extend ? extend.getIn().getDefiningOp<arith::TruncFOp>() : nullptr;
    if (!truncate || truncate.getIn().getType() != extend.getType())
      continue;
    rewriter.replaceOp(extend, truncate.getIn());
    if (truncate.use_empty())
      rewriter.eraseOp(truncate);
  }
}

namespace {

template <typename OpTy> struct FuseEpilogue : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics())
      return failure();
    Value y = op->getResult(0);
    Operation *user = y.use_empty() ? nullptr : *y.user_begin();
    if (!user || user->getBlock() != op->getBlock() ||
        !llvm::all_equal(y.getUsers()))
      return rewriter.notifyMatchFailure(op, "it has not one user beside it");
    FailureOr<Consumer> consumer = failure();
    if (auto linalgOp = dyn_cast<linalg::LinalgOp>(user))
      consumer = matchLinalg(linalgOp, y);
    else
      consumer = matchElementwise(user, y);
    if (failed(consumer))
      return rewriter.notifyMatchFailure(op, "its user is not element-wise");
    Type element = consumer->resultElementType;
    if (!isEpilogueElementType(element))
      return rewriter.notifyMatchFailure(op, "the result is of another type");

    // The fused op stands where its user stood; saved statistics must not be
    // needed before.
    for (Value statistics : op->getResults().drop_front())
      for (Operation *other : statistics.getUsers())
        if (!user->getBlock()->findAncestorOpInBlock(*other) ||
            !user->isBeforeInBlock(
                user->getBlock()->findAncestorOpInBlock(*other)))
          return rewriter.notifyMatchFailure(
              op, "its statistics are used before its user");
    rewriter.setInsertionPoint(user);
    Value init = consumer->init;
    auto type = cast<RankedTensorType>(y.getType());
    if (!init && type.getElementType() == element)
      init = op.getInit();
    if (!init)
      init = tensor::EmptyOp::create(
          rewriter, op.getLoc(),
          tensor::getMixedSizes(rewriter, op.getLoc(), op.getInit()), element);

    SmallVector<Value> inputs(op.getEpilogueInputs());
    llvm::append_range(inputs, consumer->inputs);
    SmallVector<Attribute> maps(op.getEpilogueMaps().begin(),
                                op.getEpilogueMaps().end());
    for (AffineMap map : consumer->maps)
      maps.push_back(AffineMapAttr::get(map));
    auto fused =
        createLike(rewriter, op, inputs, init, rewriter.getArrayAttr(maps));
    fused->setDiscardableAttrs(op->getDiscardableAttrDictionary());

    SmallVector<Type> arguments = {op.getComputeType()};
    for (Value input : inputs)
      arguments.push_back(getElementTypeOrSelf(input));
    Block *body = rewriter.createBlock(
        &fused.getEpilogue()[0], {}, arguments,
        SmallVector<Location>(arguments.size(), op.getLoc()));
    size_t numOld = op.getEpilogueInputs().size();
    Value value = body->getArgument(0);
    if (op.hasEpilogue()) {
      IRMapping mapping;
      mapping.map(op.getEpilogueBlock()->getArguments(),
                  body->getArguments().take_front(numOld + 1));
      for (Operation &inner : op.getEpilogueBlock()->without_terminator())
        rewriter.clone(inner, mapping);
      value = mapping.lookup(
          cast<YieldOp>(op.getEpilogueBlock()->getTerminator()).getValue());
    } else {
      value = roundTo(rewriter, op.getLoc(), value, type.getElementType());
    }
    value = consumer->build(rewriter, value,
                            body->getArguments().drop_front(numOld + 1));
    YieldOp::create(rewriter, user->getLoc(), value);
    skipRounding(rewriter, *body);

    rewriter.replaceOp(user, fused->getResult(0));
    rewriter.replaceAllUsesWith(op->getResults().drop_front(),
                                fused->getResults().drop_front());
    rewriter.eraseOp(op);
    return success();
  }
};

struct GNFuseEpilogue : gn::impl::GNFuseEpiloguePassBase<GNFuseEpilogue> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateFuseEpiloguePatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace

void gn::populateFuseEpiloguePatterns(RewritePatternSet &patterns) {
  patterns.add<FuseEpilogue<GroupNormOp>, FuseEpilogue<GroupNormalizeOp>>(
      patterns.getContext());
}
