//===- groupnorm-msl-run.cpp - Runs a Metal kernel without a GPU ----------===//
//
// Compiles a .metal file, binds files and values to a kernel's arguments, runs
// it in the simulator and writes what it computed. --check finds races, stray
// accesses and the like.
//
//   0  the kernel ran, and a check found nothing
//   1  it could not run
//   2  the command line is wrong
//   3  it ran, and a check found something
//
//===----------------------------------------------------------------------===//
#include "Sequence.h"
#include "groupnorm/Support/FileInput.h"
#include "groupnorm/Support/FileOutput.h"
#include "groupnorm/Support/ParserMessages.h"
#include "groupnorm/Support/StandardStreams.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include <chrono>
#include <csignal>
#include <set>
#include <unistd.h>

using namespace gn;
namespace cl = llvm::cl;
using llvm::formatv;
using llvm::StringRef;

static cl::OptionCategory category("Options of groupnorm-msl-run");

static cl::opt<std::string> input(cl::Positional, cl::desc("FILE.metal"),
                                  cl::Required, cl::cat(category));
static cl::opt<std::string>
    kernelName("kernel", cl::desc("The kernel to run; without it, list them"),
               cl::value_desc("name"), cl::cat(category));
static cl::opt<std::string>
    launches("launches",
             cl::desc("Run the launches in this JSON file, one after the "
                      "other, in place of --kernel and its arguments"),
             cl::value_desc("file"), cl::cat(category));
static cl::opt<std::string>
    grid("grid", cl::desc("Threadgroups in the grid: 4, 4x2 or 4x2x1"),
         cl::value_desc("size"), cl::cat(category));
static cl::opt<std::string>
    gridThreads("grid-threads",
                cl::desc("Threads in the grid, in place of --grid; the last "
                         "threadgroups may be smaller"),
                cl::value_desc("size"), cl::cat(category));
static cl::opt<std::string> threadgroup("threadgroup",
                                        cl::desc("Threads of a threadgroup"),
                                        cl::value_desc("size"), cl::init("1"),
                                        cl::cat(category));
static cl::list<std::string> buffers(
    "buffer",
    cl::desc("Bind [[buffer(N)]]: N=x.npy, N=out:f32[2,64], N=zeros:u32[16], "
             "N=data:u32:1,2,3 or, by value, N=const:u32:320"),
    cl::value_desc("N=..."), cl::cat(category));
static cl::list<std::string>
    threadgroupMemory("threadgroup-memory",
                      cl::desc("Bytes for [[threadgroup(N)]]"),
                      cl::value_desc("N=bytes"), cl::cat(category));
static cl::list<std::string>
    functionConstants("function-constant",
                      cl::desc("Value of [[function_constant(N)]]"),
                      cl::value_desc("N=value"), cl::cat(category));
static cl::list<std::string> outputs("o", cl::desc("Write buffer N as .npy"),
                                     cl::value_desc("N=y.npy"),
                                     cl::cat(category));
static cl::list<unsigned> prints("print", cl::desc("Print buffer N"),
                                 cl::value_desc("N"), cl::cat(category));
static cl::opt<bool> check("check",
                           cl::desc("Find races, accesses out of bounds, reads "
                                    "of unwritten memory and divergence, and "
                                    "count bytes"),
                           cl::cat(category));
static cl::opt<sim::ScheduleOrder>
    order("order",
          cl::desc("Which threads run first where the kernel leaves it open"),
          cl::values(clEnumValN(sim::ScheduleOrder::Forward, "forward",
                                "low numbers"),
                     clEnumValN(sim::ScheduleOrder::Reverse, "reverse",
                                "high numbers")),
          cl::cat(category));
static cl::opt<unsigned> workers("workers",
                                 cl::desc("Threads of the host (0: all cores)"),
                                 cl::init(0), cl::cat(category));
static cl::opt<bool> contract("contract", cl::desc("Let a*b+c become one fma"),
                              cl::cat(category));
static cl::opt<bool> fastMath("fast-math",
                              cl::desc("Let sums be reordered, as Metal's "
                                       "default math mode does"),
                              cl::cat(category));
static cl::list<std::string> includeDirs("I", cl::desc("Search for #include"),
                                         cl::Prefix, cl::value_desc("folder"),
                                         cl::cat(category));
static cl::list<std::string> defines("D", cl::desc("Define a macro"),
                                     cl::Prefix, cl::value_desc("name[=value]"),
                                     cl::cat(category));
static cl::opt<unsigned> metalVersion("metal-version",
                                      cl::desc("Value of __METAL_VERSION__"),
                                      cl::init(310), cl::cat(category));
static cl::opt<bool> timing("time", cl::desc("Print the time of each step"),
                            cl::cat(category));

static constexpr unsigned maxWorkers = 256;

static int fail(llvm::Error error) {
  llvm::handleAllErrors(
      std::move(error),
      [](const sim::CompileError &e) {
        for (const sim::Diagnostic &d : e.diagnostics) {
          llvm::errs() << "groupnorm-msl-run: error: ";
          if (!d.file.empty())
            llvm::errs() << d.file << ":" << d.line << ": ";
          llvm::errs() << d.message << "\n";
        }
      },
      [](const llvm::ErrorInfoBase &e) {
        llvm::errs() << "groupnorm-msl-run: error: " << e.message() << "\n";
      });
  return 1;
}

static int usage(const llvm::Twine &message) {
  llvm::errs() << "groupnorm-msl-run: error: " << message << "\n";
  return 2;
}

// Without a check nothing stands between a wrong index and the process; with
// one, what a thread has on its stack is not looked at.
static void crashed(int) {
  static constexpr StringRef unchecked =
      "groupnorm-msl-run: error: the kernel used memory that is not its own, "
      "or divided by zero; --check finds where\n";
  static constexpr StringRef checked =
      "groupnorm-msl-run: error: the kernel divided by zero, or a thread's "
      "variables or calls need more memory than it has\n";
  StringRef text = check ? checked : unchecked;
  ssize_t ignored = write(STDERR_FILENO, text.data(), text.size());
  (void)ignored;
  _exit(1);
}

static void catchCrashes() {
  static char stack[1 << 16];
  stack_t alternative = {};
  alternative.ss_sp = stack;
  alternative.ss_size = sizeof(stack);
  sigaltstack(&alternative, nullptr);
  struct sigaction action = {};
  action.sa_handler = crashed;
  action.sa_flags = SA_ONSTACK;
  for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL})
    sigaction(signal, &action, nullptr);
}

static bool parseSize(StringRef text, sim::Dim3 &size) {
  llvm::SmallVector<StringRef, 3> parts;
  text.split(parts, text.contains('x') ? 'x' : ',');
  if (parts.size() > 3)
    return false;
  size = {1, 1, 1};
  for (auto [i, part] : llvm::enumerate(parts))
    if (part.trim().getAsInteger(10, size[i]))
      return false;
  return true;
}

static StringRef spaceOf(sim::ParameterKind kind) {
  return kind == sim::ParameterKind::Threadgroup ? "threadgroup" : "buffer";
}

static void list(const sim::Program &program) {
  for (const sim::Kernel &kernel : program.kernels()) {
    llvm::outs() << kernel.name;
    if (kernel.maxThreads)
      llvm::outs() << " (at most " << kernel.maxThreads << " threads)";
    llvm::outs() << "\n";
    for (const sim::Parameter &p : kernel.parameters)
      llvm::outs() << formatv("  {0}({1}) {2}: {3}\n", spaceOf(p.kind), p.index,
                              p.name, p.type);
  }
  for (const sim::FunctionConstant &c : program.functionConstants())
    llvm::outs() << formatv("function constant {0} {1}: {2}\n", c.index, c.name,
                            c.type);
}

// Says what a check found, and leaves the number of findings to the end.
static size_t print(const sim::LaunchReport &report) {
  llvm::outs().flush(); // findings stand between the lines of their launch
  for (const sim::Finding &finding : report.findings)
    llvm::errs() << finding.str() << "\n";
  for (const sim::Traffic &t : report.traffic)
    if (!t.constant)
      llvm::outs() << formatv("{0}: {1} bytes read, {2} written\n", t.buffer,
                              t.bytesRead, t.bytesWritten);
  llvm::outs() << formatv("device memory: {0} bytes read, {1} written\n",
                          report.deviceBytesRead, report.deviceBytesWritten);
  return report.findings.size();
}

static tool::Sequence::Memory *findMemory(tool::Sequence &sequence,
                                          unsigned index) {
  for (tool::Sequence::Memory &memory : sequence.memories)
    if (memory.buffer.index == index)
      return &memory;
  return nullptr;
}

static llvm::Error bindBuffers(tool::Sequence &sequence, sim::Launch &launch) {
  std::set<unsigned> given;
  for (const std::string &text : buffers) {
    auto indexed = tool::parseIndexed(text, "buffer");
    if (!indexed)
      return indexed.takeError();
    if (!given.insert(indexed->first).second)
      return llvm::createStringError(
          formatv("--buffer {0}= is given twice", indexed->first));
    auto buffer = tool::parseBuffer(indexed->first, indexed->second);
    if (!buffer)
      return buffer.takeError();
    if (buffer->constant)
      launch.constants.push_back(
          {buffer->index,
           {buffer->getData().begin(), buffer->getData().end()}});
    else
      sequence.add(std::move(*buffer));
  }
  for (const std::string &text : outputs) {
    auto indexed = tool::parseIndexed(text, "o");
    if (!indexed)
      return indexed.takeError();
    tool::Sequence::Memory *memory = findMemory(sequence, indexed->first);
    if (!memory)
      return llvm::createStringError(
          formatv("there is no buffer {0} to write", indexed->first));
    if (memory->buffer.role == sim::BufferRole::In)
      memory->buffer.role = sim::BufferRole::InOut; // read, changed, written
    sequence.outputs.push_back({memory, indexed->second.str()});
  }
  for (tool::Sequence::Memory &memory : sequence.memories)
    tool::Sequence::bind(launch, memory.buffer.index, memory);
  return llvm::Error::success();
}

// The one launch that the command line describes.
static llvm::Expected<tool::Sequence> readOptions() {
  tool::Sequence sequence;
  sim::Launch launch;
  launch.kernel = kernelName;
  launch.gridInThreads = !gridThreads.empty();
  parseSize(gridThreads.empty() ? grid : gridThreads, launch.grid);
  parseSize(threadgroup, launch.threadgroup);
  if (llvm::Error e = bindBuffers(sequence, launch))
    return std::move(e);
  for (const std::string &text : threadgroupMemory) {
    auto indexed = tool::parseIndexed(text, "threadgroup-memory");
    size_t size;
    if (!indexed)
      return indexed.takeError();
    if (indexed->second.getAsInteger(10, size))
      return llvm::createStringError("--threadgroup-memory " + text +
                                     ": not a number of bytes");
    launch.threadgroupMemory.push_back({indexed->first, size});
  }
  for (const std::string &text : functionConstants) {
    auto indexed = tool::parseIndexed(text, "function-constant");
    if (!indexed)
      return indexed.takeError();
    sequence.constants.push_back(
        {0, indexed->first, indexed->second.str(), ""});
  }
  for (unsigned index : prints)
    if (!findMemory(sequence, index))
      return llvm::createStringError(
          formatv("there is no buffer {0} to print", index));
  sequence.launches.push_back(std::move(launch));
  return std::move(sequence);
}

static llvm::Error
writeOutputs(llvm::ArrayRef<tool::Sequence::Output> outputs) {
  std::vector<std::string> paths;
  for (const tool::Sequence::Output &output : outputs)
    paths.push_back(output.path);
  return writeFiles(paths, [&](size_t i, StringRef path) {
    return tool::writeBuffer(outputs[i].memory->buffer, path);
  });
}

static llvm::Error run(size_t &findings) {
  auto start = std::chrono::steady_clock::now();
  auto lap = [&](StringRef what) {
    auto now = std::chrono::steady_clock::now();
    if (timing)
      llvm::errs() << what << ": "
                   << llvm::format(
                          "%.1f ms\n",
                          std::chrono::duration<double, std::milli>(now - start)
                              .count());
    start = now;
  };
  auto text = readFile(input);
  if (!text)
    return text.takeError();
  bool listOnly = kernelName.empty() && launches.empty();
  // What is wrong there is said before a long compilation.
  llvm::Expected<tool::Sequence> sequence = listOnly ? tool::Sequence()
                                            : launches.empty()
                                                ? readOptions()
                                                : tool::readSequence(launches);
  if (!sequence)
    return sequence.takeError();
  lap("read");
  sim::CompileOptions options;
  options.fileName = input == "-" ? "stdin" : input.getValue();
  options.includeDirs = includeDirs;
  options.defines = defines;
  options.kernel = kernelName;
  options.checked = check;
  options.contract = contract;
  options.fastMath = fastMath;
  options.metalVersion = metalVersion;
  auto program = sim::compile((*text)->getBuffer(), options);
  if (!program)
    return program.takeError();
  lap("compile");
  if (listOnly) {
    list(*program);
    return llvm::Error::success();
  }
  if (llvm::Error e = sequence->setConstants(*program))
    return e;

  catchCrashes();
  std::vector<sim::LaunchReport> reports;
  for (sim::Launch &launch : sequence->launches) {
    launch.order = order;
    launch.workers = workers;
    auto report = program->launch(launch);
    if (!report)
      return report.takeError();
    reports.push_back(std::move(*report));
  }
  lap("run");
  if (llvm::Error e = writeOutputs(sequence->outputs))
    return e;
  for (unsigned index : prints)
    tool::printBuffer(findMemory(*sequence, index)->buffer, llvm::outs());
  if (!check)
    return llvm::Error::success();
  for (auto [launch, report] : llvm::zip_equal(sequence->launches, reports)) {
    if (!launches.empty())
      llvm::outs() << "kernel " << launch.kernel << "\n";
    findings += print(report);
  }
  llvm::outs() << formatv("{0} finding{1}\n", findings,
                          findings == 1 ? "" : "s");
  return llvm::Error::success();
}

int main(int argc, char **argv) {
  reserveStandardStreams();
  llvm::InitLLVM init(argc, argv);
  cl::HideUnrelatedOptions(category);
  // The program's name in messages is the plain one, not its path.
  argv[0] = const_cast<char *>("groupnorm-msl-run");
  std::string errors;
  llvm::raw_string_ostream os(errors);
  ErrorCapture capture;
  bool parsed =
      cl::ParseCommandLineOptions(argc, argv,
                                  "Runs a Metal compute kernel on the CPU, "
                                  "and checks it\n",
                                  &os);
  errors += capture.finish();
  if (!parsed)
    return usage(cleanMessage(argv[0], errors));
  sim::Dim3 size;
  if (!launches.empty() &&
      (!kernelName.empty() || !grid.empty() || !gridThreads.empty() ||
       !buffers.empty() || !outputs.empty() || !prints.empty() ||
       !functionConstants.empty() || !threadgroupMemory.empty()))
    return usage(
        "--launches says it all: no --kernel, --grid, --buffer, -o and "
        "the like beside it");
  if (launches.empty() && kernelName.empty() &&
      (!grid.empty() || !gridThreads.empty() || !buffers.empty() ||
       !outputs.empty() || !prints.empty() || !functionConstants.empty() ||
       !threadgroupMemory.empty()))
    return usage("--kernel is missing: which one is to run");
  if (workers > maxWorkers)
    return usage("--workers: " + llvm::Twine(workers) + " is more than " +
                 llvm::Twine(maxWorkers));
  if (!kernelName.empty() && grid.empty() == gridThreads.empty())
    return usage("--kernel needs one of --grid and --grid-threads");
  for (const std::string &text :
       {grid.getValue(), gridThreads.getValue(), threadgroup.getValue()})
    if (!text.empty() && !parseSize(text, size))
      return usage("'" + text + "' is not a size; write for instance 64x2");
  size_t findings = 0;
  if (llvm::Error e = run(findings)) {
    llvm::consumeError(flushStandardOutput());
    return fail(std::move(e));
  }
  if (llvm::Error e = flushStandardOutput())
    return fail(std::move(e));
  return findings ? 3 : 0;
}
