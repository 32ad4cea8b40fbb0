//===- Launch.cpp - Binding arguments and running threadgroups ------------===//
//
// Checks a launch against its kernel as Metal would, resolves each parameter to
// a pointer, and lets workers take threadgroups until there are none left.
//
//===----------------------------------------------------------------------===//
#include "Checker.h"
#include "Program.h"
#include "Worker.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Alignment.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include <atomic>
#include <cstring>
#include <thread>

using namespace gn::sim;
using llvm::Error;
using llvm::formatv;

namespace {

/// One launch, from its arguments to its report.
class Launcher {
public:
  Launcher(Program::Impl &program, const Launch &launch)
      : program(program), launch(launch) {}

  llvm::Expected<LaunchReport> run();

private:
  Error findKernel();
  Error checkSizes();
  Error setFunctionConstants();
  Error bindArguments();
  Error bind(const __gn::Parameter &raw, const Parameter &parameter,
             unsigned position);
  Error bindMemory(const BufferArgument &buffer, const Parameter &parameter,
                   unsigned position, bool constant);
  Error runUnchecked();
  Error runChecked(LaunchReport &report);

  template <typename... T> Error fail(const char *format, T &&...values) {
    return llvm::createStringError(
        llvm::Twine("kernel '") + launch.kernel +
        "': " + formatv(format, std::forward<T>(values)...).str());
  }

  Program::Impl &program;
  const Launch &launch;
  unsigned number = 0; // of the kernel
  LaunchPlan plan;
  Checker checker;
  bool checked() const { return program.options.checked; }

  // Copies that the kernel works on instead of the caller's memory: of
  // constants, of memory that is not aligned, of all buffers when checking.
  struct Copy {
    const BufferArgument *buffer; // null: a constant
    char *data;
    size_t size;
    bool constant; // in the address space of that name
  };
  std::vector<Copy> copies;
  std::vector<std::unique_ptr<char[]>> storage;
};

} // namespace

static size_t volume(const Dim3 &d) { return d[0] * d[1] * d[2]; }

static std::string spell(const Dim3 &d) {
  return formatv("{0}x{1}x{2}", d[0], d[1], d[2]);
}

Error Launcher::findKernel() {
  for (auto [i, kernel] : llvm::enumerate(program.kernels))
    if (kernel.name == launch.kernel) {
      number = i;
      plan.kernel = &program.module->kernels[i];
      return Error::success();
    }
  return program.unknownKernel(launch.kernel);
}

Error Launcher::checkSizes() {
  constexpr uint64_t most = std::numeric_limits<uint32_t>::max(); // of a uint
  uint64_t total = 1;
  for (int d = 0; d < 3; ++d) {
    if (!launch.grid[d] || !launch.threadgroup[d])
      return fail("grid {0} and threadgroup {1} must not be empty",
                  spell(launch.grid), spell(launch.threadgroup));
    if (launch.grid[d] > most || launch.threadgroup[d] > maxThreads)
      return fail("grid {0} or threadgroup {1} is too large",
                  spell(launch.grid), spell(launch.threadgroup));
    plan.threadgroup[d] = launch.threadgroup[d];
    uint64_t size = launch.threadgroup[d];
    plan.threads[d] =
        launch.gridInThreads ? launch.grid[d] : launch.grid[d] * size;
    plan.threadgroups[d] = launch.gridInThreads
                               ? llvm::divideCeil(launch.grid[d], size)
                               : launch.grid[d];
    // A thread's place in the grid is a uint3.
    bool overflows;
    total = llvm::SaturatingMultiply(total, plan.threads[d], &overflows);
    if (plan.threads[d] > most || overflows)
      return fail("grid {0} of threadgroups {1} has too many threads",
                  spell(launch.grid), spell(launch.threadgroup));
  }
  size_t limit = maxThreads;
  if (unsigned own = program.kernels[number].maxThreads)
    limit = std::min<size_t>(limit, own);
  if (volume(plan.threadgroup) > limit)
    return fail("a threadgroup of {0} has {1} threads; {2} are allowed",
                spell(plan.threadgroup), volume(plan.threadgroup), limit);
  plan.order = launch.order;
  plan.threadgroupMemoryLimit = launch.threadgroupMemoryLimit;
  return Error::success();
}

Error Launcher::setFunctionConstants() {
  const __gn::Module &module = *program.module;
  for (unsigned i = 0; i < module.numConstants; ++i) {
    *module.constants[i].defined = false;
    memset(module.constants[i].value, 0, module.constants[i].size);
  }
  for (const BytesArgument &given : launch.functionConstants) {
    auto it = llvm::find_if(program.constants, [&](const FunctionConstant &c) {
      return c.index == given.index;
    });
    if (it == program.constants.end())
      return llvm::createStringError(
          formatv("there is no function constant {0}", given.index));
    const __gn::FunctionConstant &c =
        module.constants[it - program.constants.begin()];
    if (given.bytes.size() != c.size)
      return llvm::createStringError(
          formatv("function constant {0} '{1}' is a {2} of {3} bytes, not {4}",
                  c.index, c.name, c.type, c.size, given.bytes.size()));
    memcpy(c.value, given.bytes.data(), c.size);
    *c.defined = true;
  }
  for (const std::string &name : program.source.neededConstants[number])
    for (unsigned i = 0; i < module.numConstants; ++i)
      if (module.constants[i].name == name && !*module.constants[i].defined &&
          !program.source.askedConstants.contains(name))
        return fail("function constant {0} '{1}' ({2}) has no value",
                    module.constants[i].index, name, module.constants[i].type);
  module.setConstants();
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

Error Launcher::bindMemory(const BufferArgument &buffer,
                           const Parameter &parameter, unsigned position,
                           bool constant) {
  if (parameter.reference && buffer.size < parameter.size)
    return fail(
        "[[buffer({0})]] '{1}' is a {2} of {3} bytes, but {4} are bound",
        parameter.index, parameter.name, parameter.type, parameter.size,
        buffer.size);
  char *data = static_cast<char *>(buffer.data);
  std::string name = buffer.name.empty() ? parameter.name : buffer.name;
  bool own = buffer.index != ~0u;
  // One buffer that is bound twice stays one.
  auto same = llvm::find_if(copies, [&](const Copy &copy) {
    return own && !constant && copy.buffer && !copy.constant &&
           copy.buffer->data == buffer.data && copy.size == buffer.size;
  });
  if (same != copies.end()) {
    if (buffer.role != BufferRole::In)
      same->buffer = &buffer;
    data = same->data;
  } else if (checked()) {
    auto copy = checker.addBuffer(
        buffer, constant ? Checker::Space::Constant : Checker::Space::Device,
        name, parameter.scalarSize ? parameter.scalarSize : 1);
    if (!copy)
      return copy.takeError();
    memcpy(*copy, data, buffer.size);
    copies.push_back({own ? &buffer : nullptr, *copy, buffer.size, constant});
    data = *copy;
  } else if (!own || (uintptr_t)data % 16) {
    size_t room = buffer.size + 16;
    storage.emplace_back(new char[room]);
    char *copy = (char *)llvm::alignAddr(storage.back().get(), llvm::Align(16));
    memcpy(copy, data, buffer.size);
    copies.push_back({own ? &buffer : nullptr, copy, buffer.size, constant});
    data = copy;
  }
  plan.pointers[position] = data;
  return Error::success();
}

Error Launcher::bind(const __gn::Parameter &raw, const Parameter &parameter,
                     unsigned position) {
  if (parameter.kind == ParameterKind::Threadgroup) {
    for (const ThreadgroupMemory &memory : launch.threadgroupMemory)
      if (memory.index == parameter.index) {
        plan.threadgroupMemory.push_back({position, memory.size});
        return Error::success();
      }
    return fail("[[threadgroup({0})]] '{1}' has no size", parameter.index,
                parameter.name);
  }
  if (!raw.enabled)
    return Error::success(); // switched off by a function constant
  bool constant = parameter.kind == ParameterKind::Constant;
  for (const BufferArgument &buffer : launch.buffers)
    if (buffer.index == parameter.index)
      return bindMemory(buffer, parameter, position, constant);
  for (const BytesArgument &bytes : launch.constants)
    if (bytes.index == parameter.index) {
      BufferArgument buffer;
      buffer.index = ~0u; // nobody's
      buffer.data = const_cast<uint8_t *>(bytes.bytes.data());
      buffer.size = bytes.bytes.size();
      buffer.role = BufferRole::In;
      return bindMemory(buffer, parameter, position, constant);
    }
  return fail("[[buffer({0})]] '{1}' is not bound", parameter.index,
              parameter.name);
}

Error Launcher::bindArguments() {
  auto isUsed = [&](unsigned index, bool threadgroup) {
    return llvm::any_of(program.kernels[number].parameters, [&](auto &p) {
      return p.index == index &&
             (p.kind == ParameterKind::Threadgroup) == threadgroup;
    });
  };
  for (const BufferArgument &buffer : launch.buffers)
    if (!isUsed(buffer.index, false))
      return fail("there is no parameter for [[buffer({0})]]", buffer.index);
  for (const BytesArgument &bytes : launch.constants)
    if (!isUsed(bytes.index, false))
      return fail("there is no parameter for [[buffer({0})]]", bytes.index);
  for (const ThreadgroupMemory &memory : launch.threadgroupMemory)
    if (!isUsed(memory.index, true))
      return fail("there is no parameter for [[threadgroup({0})]]",
                  memory.index);

  plan.pointers.assign(plan.kernel->numParameters, nullptr);
  auto parameter = program.kernels[number].parameters.begin();
  for (unsigned i = 0; i < plan.kernel->numParameters; ++i) {
    const __gn::Parameter &raw = plan.kernel->parameters[i];
    if (raw.kind == __gn::parameterBuiltin)
      continue;
    if (Error e = bind(raw, *parameter++, i))
      return e;
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

static Error noStacks() {
  return llvm::createStringError("no memory for the stacks of a threadgroup");
}

Error Launcher::runUnchecked() {
  size_t total = volume(plan.threadgroups);
  std::atomic<size_t> taken{0};
  std::mutex mutex;
  std::string failure;
  bool starved = false;
  auto work = [&] {
    Worker worker(plan, nullptr);
    bool ready = worker.prepare();
    for (size_t i;
         ready && worker.failure().empty() && (i = taken++) < total;) {
      size_t at = plan.order == ScheduleOrder::Forward ? i : total - 1 - i;
      const Dim3 &n = plan.threadgroups;
      worker.runThreadgroup({at % n[0], at / n[0] % n[1], at / (n[0] * n[1])});
    }
    std::lock_guard<std::mutex> lock(mutex);
    starved |= !ready;
    if (!worker.failure().empty())
      failure = worker.failure();
  };
  unsigned workers =
      launch.workers ? launch.workers : std::thread::hardware_concurrency();
  std::vector<std::thread> others;
  for (size_t i = 1; i < std::min<size_t>(workers, total); ++i)
    others.emplace_back(work);
  work();
  for (std::thread &other : others)
    other.join();
  if (starved)
    return noStacks();
  if (!failure.empty())
    return llvm::createStringError(failure);
  return Error::success();
}

Error Launcher::runChecked(LaunchReport &report) {
  checker.setImage(program.imageBegin, program.imageEnd);
  checker.setSource(program.source.text, program.source.threadgroupVariables);
  Worker worker(plan, &checker);
  checker.setWorker(&worker);
  if (!worker.prepare())
    return noStacks();
  size_t total = volume(plan.threadgroups);
  for (size_t i = 0; i < total && !worker.abandoned(); ++i) {
    size_t at = plan.order == ScheduleOrder::Forward ? i : total - 1 - i;
    const Dim3 &n = plan.threadgroups;
    if (worker.failure().empty())
      worker.runThreadgroup({at % n[0], at / n[0] % n[1], at / (n[0] * n[1])});
  }
  if (!worker.failure().empty())
    return llvm::createStringError(worker.failure());
  report.aborted = worker.abandoned();
  report.findings = resolveFindings(program, checker);
  report.traffic = checker.traffic();
  for (const Traffic &traffic : report.traffic)
    if (!traffic.constant) {
      report.deviceBytesRead += traffic.bytesRead;
      report.deviceBytesWritten += traffic.bytesWritten;
    }
  return Error::success();
}

llvm::Expected<LaunchReport> Launcher::run() {
  if (Error e = findKernel())
    return std::move(e);
  if (Error e = checkSizes())
    return std::move(e);
  if (Error e = setFunctionConstants())
    return std::move(e);
  if (checked()) {
    // A slot for each argument and threadgroup variable; large buffers more.
    size_t slots = 64;
    for (const BufferArgument &buffer : launch.buffers)
      slots += 2 + (buffer.size >> 32);
    if (Error e = checker.reserve(slots))
      return std::move(e);
  }
  if (Error e = bindArguments())
    return std::move(e);
  LaunchReport report;
  if (Error e = checked() ? runChecked(report) : runUnchecked())
    return std::move(e);
  for (auto [i, copy] : llvm::enumerate(copies)) {
    if (!copy.buffer)
      continue;
    if (copy.buffer->role != BufferRole::In)
      memcpy(copy.buffer->data, copy.data, copy.size);
    if (checked() && copy.buffer->initialized)
      checker.exportInitialized(i, *copy.buffer->initialized);
  }
  return report;
}

llvm::Expected<LaunchReport> Program::launch(const Launch &launch) const {
  std::lock_guard<std::mutex> lock(impl->mutex);
  return Launcher(*impl, launch).run();
}
