//===- Views.cpp - Fewer dimensions for a buffer --------------------------===//

#include "Views.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace gn;

LogicalResult gn::verifyRows(Operation *op, ArrayRef<MemRefType> xAndResult) {
  StringRef name = "x";
  for (MemRefType type : xAndResult) {
    if (!type.isLastDimUnitStride())
      return op->emitError()
             << "the last dimension of " << name
             << " must lie contiguously in memory to be lowered to affine "
                "loops; use a buffer where it does, or run gn-decompose";
    name = "the result";
  }
  return success();
}

bool gn::isCollapsible(MemRefType type, int64_t first, int64_t last) {
  SmallVector<ReassociationIndices> groups;
  for (int64_t i = 0; i < type.getRank(); ++i)
    if (i > first && i <= last)
      groups.back().push_back(i);
    else
      groups.push_back({i});
  if (!memref::CollapseShapeOp::isGuaranteedCollapsible(type, groups))
    return false;
  // A single feature may collapse to elements that are evenly apart.
  return last + 1 != type.getRank() ||
         memref::CollapseShapeOp::computeCollapsedType(type, groups)
             .isLastDimUnitStride();
}

Value gn::collapse(LoopEmitter &b, Value buffer,
                   ArrayRef<ReassociationIndices> groups) {
  int64_t rank = cast<MemRefType>(buffer.getType()).getRank();
  if (rank == static_cast<int64_t>(groups.size()))
    return buffer;
  return memref::CollapseShapeOp::create(b, buffer, groups);
}

static SmallVector<ReassociationIndices> groupBehind(Value buffer,
                                                     int64_t dim) {
  SmallVector<ReassociationIndices> groups(2);
  for (int64_t i = 0; i < cast<MemRefType>(buffer.getType()).getRank(); ++i)
    groups[i > dim].push_back(i);
  return groups;
}

bool gn::canCollapseBehind(Value buffer, int64_t dim) {
  auto type = cast<MemRefType>(buffer.getType());
  SmallVector<ReassociationIndices> groups = groupBehind(buffer, dim);
  // They may collapse to elements that are evenly apart, but not adjacent.
  return memref::CollapseShapeOp::isGuaranteedCollapsible(type, groups) &&
         memref::CollapseShapeOp::computeCollapsedType(type, groups)
             .isLastDimUnitStride();
}

Value gn::collapseBehind(LoopEmitter &b, Value buffer, int64_t dim) {
  return collapse(b, buffer, groupBehind(buffer, dim));
}

Value gn::addressOf(LoopEmitter &b, Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  int64_t bits = type.getElementTypeBitWidth();
  bool isTopLevel =
      b.getBlock()->getParentOp()->hasTrait<OpTrait::AffineScope>();
  if (!isTopLevel || bits % 8 != 0 || !type.getLayout().isIdentity())
    return nullptr;
  Value bytes = memref::ExtractAlignedPointerAsIndexOp::create(b, buffer);
  return arith::DivUIOp::create(b, bytes,
                                arith::ConstantIndexOp::create(b, bits / 8));
}

AffineIndex gn::sizeOf(LoopEmitter &b, Value buffer, int64_t first,
                       int64_t last) {
  auto type = cast<MemRefType>(buffer.getType());
  int64_t known = 1;
  SmallVector<Value> unknown;
  for (int64_t dim = first; dim < last; ++dim) {
    if (type.isDynamicDim(dim))
      unknown.push_back(memref::DimOp::create(b, buffer, dim));
    else
      known *= type.getDimSize(dim);
  }
  if (unknown.empty())
    return b.index(known);
  Value product = unknown.front();
  for (Value factor : llvm::drop_begin(unknown))
    product = arith::MulIOp::create(b, product, factor);
  return AffineIndex(product) * known;
}

AffineIndex gn::multiply(LoopEmitter &b, AffineIndex a, AffineIndex c) {
  if (std::optional<int64_t> constant = c.getConstant())
    return a * *constant;
  if (std::optional<int64_t> constant = a.getConstant())
    return c * *constant;
  return AffineIndex(
      arith::MulIOp::create(b, b.materialize(a), b.materialize(c)));
}
