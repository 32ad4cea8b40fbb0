//===- AggregatedOpInterfaceImpl.cpp - Decomposition of gn ----------------===//

#include "groupnorm/Dialect/GN/Transforms/AggregatedOpInterfaceImpl.h"
#include "groupnorm/Dialect/GN/IR/GN.h"
#include "groupnorm/Dialect/GN/Transforms/Transforms.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace gn;

namespace {

struct GroupNormModel
    : linalg::AggregatedOpInterface::ExternalModel<GroupNormModel,
                                                   GroupNormOp> {
  FailureOr<SmallVector<Value>> decomposeOperation(Operation *op,
                                                   OpBuilder &b) const {
    return decomposeGroupNorm(b, cast<GroupNormOp>(op));
  }
};

struct GroupStatsModel
    : linalg::AggregatedOpInterface::ExternalModel<GroupStatsModel,
                                                   GroupStatsOp> {
  FailureOr<SmallVector<Value>> decomposeOperation(Operation *op,
                                                   OpBuilder &b) const {
    return decomposeGroupStats(b, cast<GroupStatsOp>(op));
  }
};

struct GroupNormalizeModel
    : linalg::AggregatedOpInterface::ExternalModel<GroupNormalizeModel,
                                                   GroupNormalizeOp> {
  FailureOr<SmallVector<Value>> decomposeOperation(Operation *op,
                                                   OpBuilder &b) const {
    return decomposeGroupNormalize(b, cast<GroupNormalizeOp>(op));
  }
};

} // namespace

void gn::registerAggregatedOpInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, GNDialect *) {
    GroupNormOp::attachInterface<GroupNormModel>(*context);
    GroupStatsOp::attachInterface<GroupStatsModel>(*context);
    GroupNormalizeOp::attachInterface<GroupNormalizeModel>(*context);
    // Who decomposes through the interface cannot name what it makes.
    context->loadDialect<arith::ArithDialect, linalg::LinalgDialect,
                         math::MathDialect, tensor::TensorDialect>();
  });
}
