//===- Engine.cpp - Runs printed Metal kernels ----------------------------===//
//
// Gives every size and every expression of a launch description its value for
// the arguments at hand; a device does the rest.
//
//===----------------------------------------------------------------------===//

#include "Device.h"
#include "groupnorm/Runtime/MetalEngine.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FormatVariadic.h"

using namespace gn;
using namespace gn::runtime;
using llvm::Error;
using llvm::Expected;

MetalDevice::~MetalDevice() = default;

namespace {
/// A device for a function that launches nothing, whatever it is.
class IdleDevice : public MetalDevice {
public:
  std::string describe() const override { return "none: nothing to compute"; }
  Expected<MetalReport> run(llvm::ArrayRef<MetalBuffer>,
                            llvm::ArrayRef<MetalDispatch>) override {
    return MetalReport();
  }
};

/// One run: the description with numbers for its expressions.
class Resolver {
public:
  Resolver(const LaunchDescription &launches,
           llvm::ArrayRef<MetalArgument> arguments)
      : launches(launches), arguments(arguments) {}
  Error run();
  std::vector<MetalBuffer> buffers;
  std::vector<MetalDispatch> dispatches;

private:
  int64_t valueOf(mlir::AffineExpr expr) const {
    return LaunchDescription::evaluate(expr, sizes);
  }
  Error addBuffer(const LaunchDescription::Buffer &buffer);
  Error addDispatch(const LaunchDescription::Kernel &kernel);
  Expected<MetalBinding> bind(const LaunchDescription::Argument &argument);
  /// The first buffer in the same memory as buffer `number`.
  unsigned findMemory(unsigned number) const;

  const LaunchDescription &launches;
  llvm::ArrayRef<MetalArgument> arguments;
  llvm::SmallVector<int64_t> sizes;
  std::vector<std::vector<char>> constants;
};
} // namespace

Error Resolver::addBuffer(const LaunchDescription::Buffer &buffer) {
  int64_t elements = valueOf(buffer.elements);
  // Kernels count in 32 bits, and may step beyond the end before they compare.
  constexpr int64_t margin = 1 << 20;
  if (elements > UINT32_MAX - margin)
    return llvm::createStringError(
        llvm::formatv("'{0}' has {1} elements, more than 32-bit indices can "
                      "reach",
                      buffer.name, elements));
  MetalBuffer result;
  result.name = buffer.name;
  result.numBytes = elements * buffer.elementBytes;
  if (buffer.argument) {
    if (*buffer.argument >= arguments.size())
      return llvm::createStringError(
          llvm::formatv("there is no memory for argument {0} of @{1}",
                        *buffer.argument, launches.function));
    const MetalArgument &argument = arguments[*buffer.argument];
    if (argument.numBytes < result.numBytes)
      return llvm::createStringError(
          llvm::formatv("'{0}' needs {1} bytes, but has {2}", buffer.name,
                        result.numBytes, argument.numBytes));
    result.data = argument.data;
    result.holdsValues = argument.holdsValues;
  } else if (buffer.values) {
    constants.push_back(LaunchDescription::getBytes(buffer));
    result.data = constants.back().data();
    result.holdsValues = true;
  }
  buffers.push_back(std::move(result));
  return Error::success();
}

unsigned Resolver::findMemory(unsigned number) const {
  void *data = buffers[number].data;
  if (!data)
    return number;
  return std::distance(buffers.begin(),
                       llvm::find_if(buffers, [&](const MetalBuffer &buffer) {
                         return buffer.data == data;
                       }));
}

Expected<MetalBinding>
Resolver::bind(const LaunchDescription::Argument &argument) {
  MetalBinding binding;
  binding.isWritten = argument.isWritten;
  if (argument.buffer) {
    binding.buffer = findMemory(*argument.buffer);
    buffers[*binding.buffer].isWritten |= argument.isWritten;
    return binding;
  }
  int64_t value = valueOf(argument.value);
  unsigned bytes = llvm::StringSwitch<unsigned>(argument.type)
                       .Cases({"bool", "char", "uchar"}, 1)
                       .Cases({"short", "ushort"}, 2)
                       .Cases({"int", "uint"}, 4)
                       .Cases({"long", "ulong"}, 8)
                       .Default(0);
  if (bytes == 0 || (bytes < 8 && !llvm::isUIntN(8 * bytes, value) &&
                     !llvm::isIntN(8 * bytes, value)))
    return llvm::createStringError(llvm::formatv(
        "'{0}' is {1}, which is no {2}", argument.name, value, argument.type));
  for (unsigned i = 0; i < bytes; ++i)
    binding.bytes.push_back(static_cast<uint64_t>(value) >> (8 * i));
  return binding;
}

Error Resolver::addDispatch(const LaunchDescription::Kernel &kernel) {
  if (!llvm::all_of(kernel.conditions, [&](const auto &condition) {
        return LaunchDescription::evaluate(condition, sizes);
      }))
    return Error::success();
  MetalDispatch dispatch;
  dispatch.kernel = kernel.name;
  for (unsigned i = 0; i < 3; ++i) {
    dispatch.threadgroups[i] = valueOf(kernel.threadgroups[i]);
    dispatch.threads[i] = valueOf(kernel.threads[i]);
  }
  for (const LaunchDescription::Argument &argument : kernel.arguments) {
    Expected<MetalBinding> binding = bind(argument);
    if (!binding)
      return binding.takeError();
    dispatch.bindings.push_back(std::move(*binding));
  }
  // Arrays of no elements have no threadgroups, which a device cannot launch.
  if (!llvm::is_contained(dispatch.threadgroups, 0u))
    dispatches.push_back(std::move(dispatch));
  return Error::success();
}

Error Resolver::run() {
  for (const LaunchDescription::Size &size : launches.sizes) {
    std::optional<unsigned> argument = launches.buffers[size.buffer].argument;
    if (!argument || *argument >= arguments.size() ||
        size.dimension >=
            static_cast<int64_t>(arguments[*argument].shape.size()))
      return llvm::createStringError(
          llvm::formatv("the size '{0}' is not one of an argument", size.name));
    sizes.push_back(arguments[*argument].shape[size.dimension]);
  }
  for (const LaunchDescription::Buffer &buffer : launches.buffers)
    if (Error error = addBuffer(buffer))
      return error;
  for (const LaunchDescription::Kernel &kernel : launches.kernels)
    if (Error error = addDispatch(kernel))
      return error;
  return Error::success();
}

//===----------------------------------------------------------------------===//
// MetalEngine
//===----------------------------------------------------------------------===//

MetalEngine::MetalEngine(std::unique_ptr<MetalDevice> device,
                         LaunchDescription launches)
    : device(std::move(device)), launches(std::move(launches)) {}
MetalEngine::MetalEngine(MetalEngine &&) = default;
MetalEngine::~MetalEngine() = default;

std::string MetalEngine::describe() const { return device->describe(); }

Expected<MetalEngine> MetalEngine::create(llvm::StringRef text,
                                          LaunchDescription launches,
                                          const MetalEngineOptions &options) {
  if (launches.kernels.empty())
    return MetalEngine(std::make_unique<IdleDevice>(), std::move(launches));
  if (!options.simulate && !options.checked) {
    std::vector<std::string> kernels;
    for (const LaunchDescription::Kernel &kernel : launches.kernels)
      kernels.push_back(kernel.name);
    Expected<MetalDevicePtr> device = createAppleDevice(text, kernels);
    if (!device)
      return device.takeError();
    if (*device)
      return MetalEngine(std::move(*device), std::move(launches));
  }
  Expected<MetalDevicePtr> device = createSimulator(text, options);
  if (!device)
    return device.takeError();
  return MetalEngine(std::move(*device), std::move(launches));
}

Expected<MetalReport>
MetalEngine::run(llvm::ArrayRef<MetalArgument> arguments) const {
  Resolver resolver(launches, arguments);
  if (Error error = resolver.run())
    return error;
  return device->run(resolver.buffers, resolver.dispatches);
}
