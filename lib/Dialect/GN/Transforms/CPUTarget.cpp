//===- CPUTarget.cpp - What a schedule needs to know of a CPU -------------===//

#include "groupnorm/Dialect/GN/Transforms/CPUTarget.h"
#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Threading.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

#include <unistd.h>

using namespace mlir;
using namespace gn;

void CPUTarget::complete(const CPUTarget &other) {
  for (auto field :
       {&CPUTarget::vectorBits, &CPUTarget::l2Size, &CPUTarget::l3Size,
        &CPUTarget::vectorRegisters, &CPUTarget::cores})
    if (this->*field <= 0)
      this->*field = other.*field;
}

/// The size of the first core's cache of one level in bytes, as Linux describes
/// it; 0 if it does not. The C library's answer is second to this: it computes
/// the last level's from what the processor says of its package, which in a
/// virtual machine may be ten times what there is.
static int64_t getCacheSizeFromSystem(unsigned level) {
  auto read = [](unsigned index, StringRef file) -> std::string {
    auto buffer = llvm::MemoryBuffer::getFileAsStream(
        llvm::formatv("/sys/devices/system/cpu/cpu0/cache/index{0}/{1}", index,
                      file)
            .str());
    return buffer ? (*buffer)->getBuffer().trim().str() : std::string();
  };
  for (unsigned index = 0;; ++index) {
    std::string type = read(index, "type");
    if (type.empty())
      return 0;
    if (type == "Instruction" || read(index, "level") != std::to_string(level))
      continue;
    std::string text = read(index, "size");
    StringRef size = text;
    int64_t count = 0;
    if (!size.consumeInteger(10, count) && size == "K")
      return count << 10;
  }
}

CPUTarget gn::getCommonCPUTarget() {
  return {/*vectorBits=*/128, /*l2Size=*/1 << 20, /*l3Size=*/32 << 20,
          /*vectorRegisters=*/0, /*cores=*/16};
}

/// How much of a last level a virtual machine can count on: of a processor that
/// has hundreds of mebibytes for its hundred cores, it sees the whole cache and
/// a few cores, and its neighbours use the rest of both. No processor has more
/// for each core.
static int64_t getMostOfLastLevel() {
  constexpr int64_t kOfCore = 16 << 20;
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  return kOfCore * std::max<int64_t>(2, cores);
}

CPUTarget gn::getHostCPUTarget() {
  CPUTarget target;
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  target.vectorBits = features.lookup("avx512f") ? 512
                      : features.lookup("avx")   ? 256
                                                 : 128;
  if (llvm::Triple(llvm::sys::getProcessTriple()).isAArch64())
    target.vectorRegisters = 32;
  target.cores = llvm::hardware_concurrency().compute_thread_count();
  target.l2Size = getCacheSizeFromSystem(2);
  target.l3Size = getCacheSizeFromSystem(3);
#ifdef _SC_LEVEL2_CACHE_SIZE
  target.complete({/*vectorBits=*/0, sysconf(_SC_LEVEL2_CACHE_SIZE),
                   sysconf(_SC_LEVEL3_CACHE_SIZE)});
#endif
  target.complete(getCommonCPUTarget());
  target.l3Size = std::min(target.l3Size, getMostOfLastLevel());
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
