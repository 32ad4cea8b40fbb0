//===- Simulator.h - Runs Metal kernels without a GPU -----------*- C++ -*-===//
//
// Compiles Metal Shading Language text, as it is, for the host and runs it with
// the semantics of a threadgroup: threads that meet at barriers, simdgroups of
// 32, threadgroup memory, threadgroups on all cores. A checked program also
// finds what a GPU hides (data races, accesses out of bounds, reads of what was
// never written, barriers and simd operations that not every lane reaches) and
// counts the bytes of device memory that a kernel moves.
//
//===----------------------------------------------------------------------===//
#ifndef GROUPNORM_RUNTIME_SIMULATOR_H
#define GROUPNORM_RUNTIME_SIMULATOR_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gn::sim {

struct CompileOptions {
  /// The name of the text in diagnostics; its folder is searched for
  /// #include "...".
  std::string fileName = "kernel.metal";
  std::vector<std::string> includeDirs;
  std::vector<std::string> defines; // NAME or NAME=VALUE
  /// Find races and the like, and count bytes. About ten times slower.
  bool checked = false;
  /// Let a multiplication and an addition become one fma, as Metal's compiler
  /// does unless it is told otherwise.
  bool contract = false;
  /// Let the compiler reorder sums and the like: Metal's default math mode.
  bool fastMath = false;
  /// What __METAL_VERSION__ says.
  unsigned metalVersion = 310;
};

/// One complaint about the text of a kernel.
struct Diagnostic {
  std::string file;
  unsigned line = 0;
  std::string message;
};

/// What compile() fails with; it prints as one line a diagnostic.
class CompileError : public llvm::ErrorInfo<CompileError> {
public:
  static char ID;
  explicit CompileError(std::vector<Diagnostic> diagnostics)
      : diagnostics(std::move(diagnostics)) {}
  void log(llvm::raw_ostream &os) const override;
  std::error_code convertToErrorCode() const override {
    return llvm::inconvertibleErrorCode();
  }
  std::vector<Diagnostic> diagnostics;
};

enum class ParameterKind { Buffer, Constant, Threadgroup };

/// The scalar that a buffer holds; Other for a struct.
enum class ScalarKind { Other, Signed, Unsigned, Float, BFloat, Bool };

/// A parameter of a kernel that the launch has to provide for.
struct Parameter {
  std::string name;
  std::string type; // as the kernel spells it
  ParameterKind kind = ParameterKind::Buffer;
  unsigned index = 0; // N of [[buffer(N)]] or [[threadgroup(N)]]
  bool reference = false;
  bool readOnly = false;
  unsigned size = 0; // bytes of the pointee
  ScalarKind scalar = ScalarKind::Other;
  unsigned scalarSize = 0;
};

struct Kernel {
  std::string name;
  unsigned line = 0;
  unsigned maxThreads = 0; // of [[max_total_threads_per_threadgroup]], or 0
  std::vector<Parameter> parameters;
};

struct FunctionConstant {
  unsigned index = 0;
  std::string name;
  std::string type;
  unsigned size = 0;
  ScalarKind scalar = ScalarKind::Other;
  unsigned scalarSize = 0;
};

using Dim3 = std::array<uint64_t, 3>;

enum class BufferRole { In, Out, InOut };

/// Memory bound to [[buffer(index)]], of a device or a constant parameter.
struct BufferArgument {
  unsigned index = 0;
  void *data = nullptr;
  size_t size = 0;
  BufferRole role = BufferRole::InOut;
  std::string name; // for findings; empty: the parameter's
  /// Checked launches: which bytes hold data, read before the launch and
  /// updated by it, so that a chain of kernels is followed through its scratch
  /// memory. Null: all bytes of In and InOut, none of Out.
  llvm::BitVector *initialized = nullptr;
};

/// A few bytes copied to [[buffer(index)]] (Metal's setBytes), to
/// [[threadgroup(index)]] as a size, or to a function constant.
struct BytesArgument {
  unsigned index = 0;
  llvm::SmallVector<uint8_t, 8> bytes;
};
struct ThreadgroupMemory {
  unsigned index = 0;
  size_t size = 0;
};

/// The order in which threads and threadgroups run where the kernel leaves it
/// open. A kernel without a race gives the same bits in all of them.
enum class ScheduleOrder { Forward, Reverse };

struct Launch {
  std::string kernel;
  Dim3 grid = {1, 1, 1};
  /// The grid counts threads (dispatchThreads), not threadgroups.
  bool gridInThreads = false;
  Dim3 threadgroup = {1, 1, 1};
  std::vector<BufferArgument> buffers;
  std::vector<BytesArgument> constants;
  std::vector<BytesArgument> functionConstants;
  std::vector<ThreadgroupMemory> threadgroupMemory;
  ScheduleOrder order = ScheduleOrder::Forward;
  unsigned workers = 0; // threads of the host, 0: all cores; checked: always 1
  size_t threadgroupMemoryLimit = 32768;
};

enum class FindingKind {
  Race,
  RaceBetweenThreadgroups,
  OutOfBounds,
  Uninitialized,
  DivergentBarrier,
  DivergentSimd,
  InvalidAddress,
};

/// The name by which a finding's kind is printed: "data race" and the like.
llvm::StringRef toString(FindingKind kind);

/// Where a thread stood: its threadgroup and its place in there.
struct ThreadId {
  std::array<uint32_t, 3> threadgroup = {0, 0, 0};
  std::array<uint32_t, 3> thread = {0, 0, 0};
};

/// The first of several alike: same kind, same buffer, same line.
struct Finding {
  FindingKind kind;
  std::string buffer; // empty where no memory is concerned
  int64_t index = 0;  // element of the buffer's scalar type
  ThreadId thread;
  std::string file;
  unsigned line = 0;
  std::string message; // the whole of it in one line, without the place
  uint64_t count = 1;

  /// "kernel.metal:12: data race: ..." in one line.
  std::string str() const;
};

/// Bytes that the threads of a launch asked for, one entry a buffer.
struct Traffic {
  std::string buffer;
  bool constant = false; // in the constant address space
  uint64_t bytesRead = 0, bytesWritten = 0;
  /// The same without what a threadgroup reads or writes again.
  uint64_t firstRead = 0, firstWritten = 0;
};

struct LaunchReport {
  std::vector<Finding> findings; // in the order in which they were met
  std::vector<Traffic> traffic;  // checked launches only
  /// Sums over the buffers in device memory.
  uint64_t deviceBytesRead = 0, deviceBytesWritten = 0;
  bool aborted = false; // a finding that the kernel could not survive
};

/// A compiled text. Copies share the code; launches of one program take turns.
class Program {
public:
  struct Impl;
  explicit Program(std::shared_ptr<Impl> impl) : impl(std::move(impl)) {}

  const std::vector<Kernel> &kernels() const;
  const std::vector<FunctionConstant> &functionConstants() const;
  bool checked() const;

  /// Runs one kernel to its end. An error means that nothing ran: an unknown
  /// kernel, a missing argument, a size that Metal would refuse.
  llvm::Expected<LaunchReport> launch(const Launch &launch) const;

private:
  std::shared_ptr<Impl> impl;
};

/// Compiles `text`. The same text with the same options is compiled once a
/// process.
llvm::Expected<Program> compile(llvm::StringRef text,
                                const CompileOptions &options = {});

} // namespace gn::sim

#endif // GROUPNORM_RUNTIME_SIMULATOR_H
