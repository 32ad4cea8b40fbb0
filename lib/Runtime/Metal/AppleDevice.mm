//===- AppleDevice.mm - Metal kernels on a GPU of Apple's -----------------===//
//
// Apple's runtime, in its plainest form: the text is compiled when it is loaded,
// buffers are copies in memory that the CPU and the GPU share, and the kernels
// of a function follow each other in one command buffer.
//
//===----------------------------------------------------------------------===//

#import <Foundation/Foundation.h>
#import <Metal/Metal.h>

#include "Device.h"
#include "groupnorm/Runtime/MetalReport.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FormatVariadic.h"
#include <algorithm>
#include <cstring>
#include <vector>

using namespace gn::runtime;
using llvm::Error;
using llvm::Expected;

static NSString *toNSString(llvm::StringRef text) {
  return [[NSString alloc] initWithBytes:text.data()
                                  length:text.size()
                                encoding:NSUTF8StringEncoding];
}

/// One line out of what may be many: the first that says something.
static Error makeError(llvm::StringRef what, NSError *error) {
  llvm::StringRef reason = error ? error.localizedDescription.UTF8String
                                 : "Metal does not say why";
  return llvm::createStringError(what + ": " + reason.trim().split('\n').first);
}

namespace {
class AppleDevice : public MetalDevice {
public:
  AppleDevice(id<MTLDevice> device, id<MTLCommandQueue> queue)
      : device(device), queue(queue) {}

  /// Compiles the text and prepares each of its kernels.
  Error load(llvm::StringRef text, llvm::ArrayRef<std::string> kernels);
  std::string describe() const override;
  Expected<MetalReport> run(llvm::ArrayRef<MetalBuffer> buffers,
                            llvm::ArrayRef<MetalDispatch> dispatches) override;

private:
  Error encode(id<MTLComputeCommandEncoder> encoder,
               const std::vector<id<MTLBuffer>> &memory,
               const MetalDispatch &dispatch);

  id<MTLDevice> device;
  id<MTLCommandQueue> queue;
  llvm::StringMap<id<MTLComputePipelineState>> pipelines;
};
} // namespace

std::string AppleDevice::describe() const {
  return "metal: " + std::string(device.name.UTF8String);
}

/// MSL 3.1 with IEEE arithmetic: fast math would cancel compensated sums.
static MTLCompileOptions *makeCompileOptions() API_AVAILABLE(macos(14.0)) {
  MTLCompileOptions *options = [[MTLCompileOptions alloc] init];
  options.languageVersion = MTLLanguageVersion3_1;
#if __MAC_OS_X_VERSION_MAX_ALLOWED >= 150000
  if (@available(macOS 15.0, *)) {
    options.mathMode = MTLMathModeSafe;
    return options;
  }
#endif
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
  options.fastMathEnabled = NO;
#pragma clang diagnostic pop
  return options;
}

Error AppleDevice::load(llvm::StringRef text,
                        llvm::ArrayRef<std::string> kernels) {
  if (@available(macOS 14.0, *)) {
    NSError *error = nil;
    id<MTLLibrary> library = [device newLibraryWithSource:toNSString(text)
                                                  options:makeCompileOptions()
                                                    error:&error];
    // Warnings come as an error beside a library.
    if (!library)
      return makeError("the Metal text cannot be compiled", error);
    for (const std::string &name : kernels) {
      id<MTLFunction> function = [library newFunctionWithName:toNSString(name)];
      if (!function)
        return llvm::createStringError("the Metal text has no kernel '" + name +
                                       "'");
      error = nil;
      id<MTLComputePipelineState> pipeline =
          [device newComputePipelineStateWithFunction:function error:&error];
      if (!pipeline)
        return makeError("kernel '" + name + "' cannot be loaded", error);
      pipelines[name] = pipeline;
    }
    return Error::success();
  }
  return llvm::createStringError(
      "Metal Shading Language 3.1 needs macOS 14; use --simulate");
}

Error AppleDevice::encode(id<MTLComputeCommandEncoder> encoder,
                          const std::vector<id<MTLBuffer>> &memory,
                          const MetalDispatch &dispatch) {
  id<MTLComputePipelineState> pipeline = pipelines.lookup(dispatch.kernel);
  auto [x, y, z] = dispatch.threads;
  if (x * y * z > pipeline.maxTotalThreadsPerThreadgroup)
    return llvm::createStringError(llvm::formatv(
        "kernel '{0}' can have {1} threads in a threadgroup on this GPU, not "
        "{2}",
        dispatch.kernel, pipeline.maxTotalThreadsPerThreadgroup, x * y * z));
  [encoder setComputePipelineState:pipeline];
  for (auto [index, binding] : llvm::enumerate(dispatch.bindings)) {
    if (binding.buffer)
      [encoder setBuffer:memory[*binding.buffer] offset:0 atIndex:index];
    else
      [encoder setBytes:binding.bytes.data()
                 length:binding.bytes.size()
                atIndex:index];
  }
  auto [gridX, gridY, gridZ] = dispatch.threadgroups;
  [encoder dispatchThreadgroups:MTLSizeMake(gridX, gridY, gridZ)
          threadsPerThreadgroup:MTLSizeMake(x, y, z)];
  return Error::success();
}

Expected<MetalReport>
AppleDevice::run(llvm::ArrayRef<MetalBuffer> buffers,
                 llvm::ArrayRef<MetalDispatch> dispatches) {
  @autoreleasepool {
    std::vector<id<MTLBuffer>> memory;
    for (const MetalBuffer &buffer : buffers) {
      // A buffer of no bytes does not exist.
      size_t length = std::max<size_t>(buffer.numBytes, 1);
      bool isCopied = buffer.data && buffer.holdsValues && buffer.numBytes != 0;
      id<MTLBuffer> copy =
          isCopied ? [device newBufferWithBytes:buffer.data
                                         length:length
                                        options:MTLResourceStorageModeShared]
                   : [device newBufferWithLength:length
                                         options:MTLResourceStorageModeShared];
      if (!copy)
        return llvm::createStringError(
            llvm::formatv("the GPU has no memory for the {0} bytes of '{1}'",
                          buffer.numBytes, buffer.name));
      memory.push_back(copy);
    }

    id<MTLCommandBuffer> commands = [queue commandBuffer];
    // Its kernels run one after another, each on what the last one wrote.
    id<MTLComputeCommandEncoder> encoder = [commands computeCommandEncoder];
    MetalReport report;
    for (const MetalDispatch &dispatch : dispatches) {
      if (Error error = encode(encoder, memory, dispatch)) {
        [encoder endEncoding];
        return error;
      }
      MetalReport::Kernel kernel;
      kernel.name = dispatch.kernel;
      report.kernels.push_back(std::move(kernel));
    }
    [encoder endEncoding];
    [commands commit];
    [commands waitUntilCompleted];
    if (commands.status != MTLCommandBufferStatusCompleted)
      return makeError("the GPU did not complete the kernels", commands.error);
    report.seconds = commands.GPUEndTime - commands.GPUStartTime;

    for (auto [buffer, copy] : llvm::zip_equal(buffers, memory))
      if (buffer.data && buffer.isWritten)
        std::memcpy(buffer.data, copy.contents, buffer.numBytes);
    return report;
  }
}

Expected<MetalDevicePtr>
gn::runtime::createAppleDevice(llvm::StringRef text,
                               llvm::ArrayRef<std::string> kernels) {
  @autoreleasepool {
    id<MTLDevice> device = MTLCreateSystemDefaultDevice();
    if (!device)
      return nullptr;
    id<MTLCommandQueue> queue = [device newCommandQueue];
    if (!queue)
      return llvm::createStringError("the GPU offers no command queue");
    auto result = std::make_unique<AppleDevice>(device, queue);
    if (Error error = result->load(text, kernels))
      return error;
    return result;
  }
}
