//===- SizeCondition.h - Which alternative serves a size --------*- C++ -*-===//

#ifndef GROUPNORM_LIB_CONVERSION_SIZECONDITION_H
#define GROUPNORM_LIB_CONVERSION_SIZECONDITION_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace gn {

/// Whether the sizes are within the bounds of an alternative; null where it has
/// none. `total` is the product of the others.
template <typename AlternativeAttr>
mlir::Value createSizeCondition(mlir::ImplicitLocOpBuilder &b,
                                AlternativeAttr alternative,
                                mlir::Value samples, mlir::Value positions,
                                mlir::Value total) {
  using namespace mlir;
  Value condition;
  auto require = [&](Value size, arith::CmpIPredicate predicate,
                     int64_t bound) {
    Value holds = arith::CmpIOp::create(
        b, predicate, size, arith::ConstantIndexOp::create(b, bound));
    condition = condition ? arith::AndIOp::create(b, condition, holds) : holds;
  };
  if (int64_t least = alternative.getMinSamples())
    require(samples, arith::CmpIPredicate::sge, least);
  for (auto [size, bound] : {std::pair(positions, alternative.getPositions()),
                             std::pair(total, alternative.getTotal())})
    if (bound != AlternativeAttr::kUnbounded)
      require(size, arith::CmpIPredicate::sle, bound);
  return condition;
}

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_SIZECONDITION_H
