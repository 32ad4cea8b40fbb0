//===- CPUTarget.cpp - What a schedule needs to know of a CPU -------------===//

#include "groupnorm/Dialect/GN/Transforms/CPUTarget.h"
#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"

#include <unistd.h>

using namespace mlir;
using namespace gn;

void CPUTarget::complete(const CPUTarget &other) {
  for (auto field :
       {&CPUTarget::vectorBits, &CPUTarget::l2Size, &CPUTarget::l3Size})
    if (this->*field == 0)
      this->*field = other.*field;
}

CPUTarget gn::getHostCPUTarget() {
  CPUTarget target;
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  target.vectorBits = features.lookup("avx512f") ? 512
                      : features.lookup("avx")   ? 256
                                                 : 128;
#ifdef _SC_LEVEL2_CACHE_SIZE
  target.l2Size = std::max<int64_t>(0, sysconf(_SC_LEVEL2_CACHE_SIZE));
  target.l3Size = std::max<int64_t>(0, sysconf(_SC_LEVEL3_CACHE_SIZE));
#endif
  target.complete(
      {/*vectorBits=*/128, /*l2Size=*/1 << 20, /*l3Size=*/32 << 20});
  return target;
}

CPUTarget gn::getSpecifiedCPUTarget(Operation *op) {
  auto device = StringAttr::get(op->getContext(), "CPU");
  auto query = [&](StringRef key) -> int64_t {
    DataLayoutEntryKey keys[] = {device,
                                 StringAttr::get(op->getContext(), key)};
    FailureOr<Attribute> value = dlti::query(op, keys);
    if (failed(value))
      return 0;
    auto integer = dyn_cast<IntegerAttr>(*value);
    return integer ? std::max<int64_t>(0, integer.getInt()) : 0;
  };
  return {query("max_vector_op_width"), query("L2_cache_size_in_bytes"),
          query("L3_cache_size_in_bytes")};
}
