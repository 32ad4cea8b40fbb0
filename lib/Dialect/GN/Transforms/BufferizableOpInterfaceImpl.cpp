//===- BufferizableOpInterfaceImpl.cpp - Bufferization of gn --------------===//
//
// What one-shot-bufferize must know of the ops: which operands are read, which
// written, and where a result may take the place of an input.
//
//===----------------------------------------------------------------------===//

#include "groupnorm/Dialect/GN/Transforms/BufferizableOpInterfaceImpl.h"
#include "groupnorm/Dialect/GN/IR/GN.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"

using namespace mlir;
using namespace mlir::bufferization;
using namespace gn;

namespace {

/// What the three ops share: the same op on the buffers of its operands.
template <typename Model, typename OpTy>
struct GroupedOpModel : DstBufferizableOpInterfaceExternalModel<Model, OpTy> {
  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto dstOp = cast<DestinationStyleOpInterface>(op);
    if (dstOp.hasPureBufferSemantics())
      return success();
    SmallVector<Value> buffers;
    for (Value operand : op->getOperands()) {
      FailureOr<Value> buffer = getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      buffers.push_back(*buffer);
    }
    // The inits are the last operands of each op.
    ArrayRef<Value> results =
        ArrayRef(buffers).take_back(dstOp.getNumDpsInits());
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPoint(op);
    clone(rewriter, op, /*newResultTypes=*/TypeRange(), buffers);
    replaceOpWithBufferizedValues(rewriter, op, results);
    return success();
  }
};

/// Whether the result may take the place of any of the operands.
template <typename OpTy>
static bool areOfOnePlace(OpTy op, ArrayRef<OpOperand *> operands) {
  return llvm::all_of(operands, [&](OpOperand *operand) {
    return operand == &op.getInitMutable() || op.isReadInPlace(*operand);
  });
}

/// The inits are overwritten without being read. All statistics of a group are
/// taken before the first of its elements is written.
struct GroupNormModel : GroupedOpModel<GroupNormModel, GroupNormOp> {
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const AnalysisState &) const {
    return !cast<GroupNormOp>(op).isDpsInit(&operand);
  }

  bool bufferizesToElementwiseAccess(Operation *op, const AnalysisState &,
                                     ArrayRef<OpOperand *> operands) const {
    return areOfOnePlace(cast<GroupNormOp>(op), operands);
  }
};

/// The inits are read: their statistics are merged with those of x.
struct GroupStatsModel : GroupedOpModel<GroupStatsModel, GroupStatsOp> {};

/// The init is overwritten without being read, element by element as x is read:
/// the result may take the place of x.
struct GroupNormalizeModel
    : GroupedOpModel<GroupNormalizeModel, GroupNormalizeOp> {
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const AnalysisState &) const {
    return !cast<GroupNormalizeOp>(op).isDpsInit(&operand);
  }

  bool bufferizesToElementwiseAccess(Operation *op, const AnalysisState &,
                                     ArrayRef<OpOperand *> operands) const {
    return areOfOnePlace(cast<GroupNormalizeOp>(op), operands);
  }
};

} // namespace

void gn::registerBufferizableOpInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, GNDialect *) {
    GroupNormOp::attachInterface<GroupNormModel>(*context);
    GroupStatsOp::attachInterface<GroupStatsModel>(*context);
    GroupNormalizeOp::attachInterface<GroupNormalizeModel>(*context);
  });
}
