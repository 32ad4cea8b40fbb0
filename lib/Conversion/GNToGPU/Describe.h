//===- Describe.h - What a kernel says about itself -------------*- C++ -*-===//

#ifndef GROUPNORM_LIB_CONVERSION_GNTOGPU_DESCRIBE_H
#define GROUPNORM_LIB_CONVERSION_GNTOGPU_DESCRIBE_H

#include "groupnorm/Dialect/GN/Utils/KernelPlan.h"

namespace gn {

/// The comment on the kernel of this stage ("" in strategies of one kernel):
/// the op, its shape and grouping, the strategy, and the bytes moved.
std::string describeKernel(const KernelPlan &p, llvm::StringRef stage);

} // namespace gn

#endif // GROUPNORM_LIB_CONVERSION_GNTOGPU_DESCRIBE_H
