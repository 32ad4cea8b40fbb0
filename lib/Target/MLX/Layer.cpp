//===- Layer.cpp - Which functions are a layer of MLX ---------------------===//

#include "groupnorm/Dialect/GN/IR/GN.h"
#include "groupnorm/Target/MLX/MLX.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace gn;

/// The only op of `function` that does something.
static GroupNormOp getOnlyOp(func::FuncOp function) {
  GroupNormOp norm;
  for (Operation &op : function.getBody().getOps()) {
    if (op.hasTrait<OpTrait::IsTerminator>() || isPure(&op))
      continue;
    if (norm || !isa<GroupNormOp>(op))
      return nullptr;
    norm = cast<GroupNormOp>(op);
  }
  return norm;
}

FailureOr<MLXLayer> MLXLayer::create(func::FuncOp function) {
  auto refuse = [](Operation *op) {
    return op->emitOpError("cannot become a layer of MLX: ");
  };
  GroupNormOp op = getOnlyOp(function);
  // x, gamma and beta where they are, and where the result goes.
  if (!op || !llvm::equal(op->getOperands(), function.getArguments()))
    return refuse(function) << "it must be one gn.group_norm on its arguments, "
                               "in order";
  if (op.hasEpilogue() || op.savesStatistics())
    return refuse(op) << "mlx.nn.GroupNorm has no epilogue and returns no "
                         "statistics";
  if (op.getFeatureDimension() != op.getXType().getRank() - 1)
    return refuse(op) << "mlx.nn.GroupNorm takes the features last";
  if (op.getEpsilonPlacement() != EpsilonPlacement::InsideSqrt)
    return refuse(op) << "mlx.nn.GroupNorm adds epsilon inside the square root";
  // MLX computes with the weight as it is: of a half x and a weight in f32
  // comes f32.
  Type elementType = op.getXType().getElementType();
  Type weightType =
      op.getGamma() ? getElementTypeOrSelf(op.getGamma()) : elementType;
  if (op.getBeta() && getElementTypeOrSelf(op.getBeta()) != weightType)
    return refuse(op) << "the weight and the bias must be of one type";
  if (getElementTypeOrSelf(op.getInit()) != weightType)
    return refuse(op) << "MLX gives its result as " << weightType;
  // Fewer are handed over in the constant address space.
  constexpr int64_t fewest = 8;
  if (op.getXType().hasStaticShape() && op.getXType().getNumElements() < fewest)
    return refuse(op) << "x has " << op.getXType().getNumElements()
                      << " elements, too few for a kernel of MLX";

  MLXLayer layer;
  layer.elementType = elementType;
  layer.weightType = weightType;
  layer.shape = llvm::to_vector(op.getXType().getShape());
  layer.numGroups = op.getNumGroups();
  layer.epsilon = op.getEpsilon().convertToDouble();
  layer.affine = op.getGamma() != nullptr;
  layer.pytorchCompatible = op.getGrouping() == Grouping::Contiguous;
  return layer;
}
