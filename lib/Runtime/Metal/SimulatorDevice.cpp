//===- SimulatorDevice.cpp - Metal kernels on the CPU ---------------------===//

#include "Device.h"
#include "groupnorm/Runtime/CPUEngine.h"
#include "groupnorm/Runtime/MetalEngine.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include <chrono>
#include <thread>

using namespace gn;
using namespace gn::runtime;
using llvm::Error;
using llvm::Expected;

namespace {
class SimulatorDevice : public MetalDevice {
public:
  SimulatorDevice(sim::Program program, sim::ScheduleOrder order)
      : program(std::move(program)), order(order) {}

  std::string describe() const override;
  Expected<MetalReport> run(llvm::ArrayRef<MetalBuffer> buffers,
                            llvm::ArrayRef<MetalDispatch> dispatches) override;

private:
  sim::Program program;
  sim::ScheduleOrder order;
};
} // namespace

std::string SimulatorDevice::describe() const {
  // A checked run follows one thread at a time.
  unsigned threads =
      program.checked() ? 1 : std::max(1u, std::thread::hardware_concurrency());
  return llvm::formatv(
      "simulator{0}: {1}, {2} thread{3}", program.checked() ? ", checked" : "",
      getHostCPUDescription(), threads, threads == 1 ? "" : "s");
}

Expected<MetalReport>
SimulatorDevice::run(llvm::ArrayRef<MetalBuffer> buffers,
                     llvm::ArrayRef<MetalDispatch> dispatches) {
  std::vector<std::unique_ptr<llvm::WritableMemoryBuffer>> scratch;
  std::vector<void *> memory;
  // Which bytes hold values, from one kernel to the next.
  std::vector<llvm::BitVector> initialized;
  for (const MetalBuffer &buffer : buffers) {
    memory.push_back(buffer.data);
    if (!buffer.data) {
      scratch.push_back(
          llvm::WritableMemoryBuffer::getNewUninitMemBuffer(buffer.numBytes));
      if (!scratch.back())
        return llvm::createStringError(
            llvm::formatv("there is no memory for the {0} bytes of '{1}'",
                          buffer.numBytes, buffer.name));
      memory.back() = scratch.back()->getBufferStart();
    }
    initialized.emplace_back(program.checked() ? buffer.numBytes : 0,
                             buffer.holdsValues);
  }

  MetalReport report;
  report.isChecked = program.checked();
  auto start = std::chrono::steady_clock::now();
  for (const MetalDispatch &dispatch : dispatches) {
    sim::Launch launch;
    launch.kernel = dispatch.kernel;
    launch.grid = dispatch.threadgroups;
    launch.threadgroup = dispatch.threads;
    launch.order = order;
    for (auto [index, binding] : llvm::enumerate(dispatch.bindings)) {
      unsigned place = index;
      if (!binding.buffer) {
        launch.constants.push_back({place, binding.bytes});
        continue;
      }
      unsigned number = *binding.buffer;
      launch.buffers.push_back(
          {place, memory[number], buffers[number].numBytes,
           binding.isWritten ? sim::BufferRole::InOut : sim::BufferRole::In,
           buffers[number].name,
           program.checked() ? &initialized[number] : nullptr});
    }
    Expected<sim::LaunchReport> result = program.launch(launch);
    if (!result)
      return result.takeError();
    for (const sim::Finding &finding : result->findings)
      report.findings.push_back(finding.str());
    report.kernels.push_back({dispatch.kernel, std::move(result->traffic),
                              result->deviceBytesRead,
                              result->deviceBytesWritten});
    // What follows would work on what the kernel left behind.
    if (result->aborted)
      break;
  }
  report.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  return report;
}

Expected<MetalDevicePtr>
gn::runtime::createSimulator(llvm::StringRef text,
                             const MetalEngineOptions &options) {
  sim::CompileOptions compile;
  compile.fileName = options.fileName;
  compile.checked = options.checked;
  compile.contract = options.contract;
  Expected<sim::Program> program = sim::compile(text, compile);
  if (program)
    return std::make_unique<SimulatorDevice>(std::move(*program),
                                             options.order);
  // One line, as for every other error: the first complaint.
  return llvm::handleErrors(
      program.takeError(), [](const sim::CompileError &error) -> Error {
        if (error.diagnostics.empty())
          return llvm::createStringError("the Metal text cannot be compiled");
        const sim::Diagnostic &first = error.diagnostics.front();
        return llvm::createStringError(llvm::formatv(
            "{0}:{1}: {2}", first.file, first.line, first.message));
      });
}
