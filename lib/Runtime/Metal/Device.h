//===- Device.h - What runs Metal kernels -----------------------*- C++ -*-===//
//
// The boundary between the engine, which knows what a launch description means,
// and the two devices that run kernels, which need not: every size is a number
// here. No header of MLIR's is included, so that Objective-C++ can.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_LIB_RUNTIME_METAL_DEVICE_H
#define GROUPNORM_LIB_RUNTIME_METAL_DEVICE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace gn::runtime {

struct MetalEngineOptions;
struct MetalReport;

/// Memory that kernels work on.
struct MetalBuffer {
  std::string name;
  size_t numBytes = 0;
  /// The host's memory; null for what lives only between the kernels.
  void *data = nullptr;
  /// Whether kernels may read what the host wrote, and the host what they did.
  bool holdsValues = false, isWritten = false;
};

/// What a kernel is given at one index: a buffer's number, or a few bytes.
struct MetalBinding {
  std::optional<unsigned> buffer;
  bool isWritten = false;
  llvm::SmallVector<uint8_t, 8> bytes;
};

struct MetalDispatch {
  std::string kernel;
  std::array<uint64_t, 3> threadgroups, threads;
  llvm::SmallVector<MetalBinding> bindings;
};

/// A compiled text on something that runs it.
class MetalDevice {
public:
  virtual ~MetalDevice();
  virtual std::string describe() const = 0;
  /// Runs the kernels one after another and waits for their end.
  virtual llvm::Expected<MetalReport>
  run(llvm::ArrayRef<MetalBuffer> buffers,
      llvm::ArrayRef<MetalDispatch> dispatches) = 0;
};

using MetalDevicePtr = std::unique_ptr<MetalDevice>;

llvm::Expected<MetalDevicePtr>
createSimulator(llvm::StringRef text, const MetalEngineOptions &options);

/// Null where there is no GPU to use.
llvm::Expected<MetalDevicePtr>
createAppleDevice(llvm::StringRef text, llvm::ArrayRef<std::string> kernels);

} // namespace gn::runtime

#endif // GROUPNORM_LIB_RUNTIME_METAL_DEVICE_H
