//===- Sequence.h - Launches over common buffers --------------------------===//
//
// What a run consists of: buffers, launches of a program's kernels over them,
// one after the other, and the files that results go to. It comes from a file
// or, with one launch, from the command line.
//
//===----------------------------------------------------------------------===//
#ifndef GROUPNORM_MSL_RUN_SEQUENCE_H
#define GROUPNORM_MSL_RUN_SEQUENCE_H

#include "Buffers.h"
#include "llvm/ADT/BitVector.h"
#include <deque>

namespace gn::tool {

struct Sequence {
  struct Memory {
    Buffer buffer;
    /// Which bytes hold data, followed from launch to launch.
    llvm::BitVector initialized;
  };
  struct Output {
    Memory *memory;
    std::string path;
  };

  struct Constant {
    size_t launch;
    unsigned index;
    std::string text, place; // place: behind what is wrong with it
  };

  std::deque<Memory> memories; // launches point to them
  std::vector<sim::Launch> launches;
  std::vector<Constant> constants;
  std::vector<Output> outputs;

  Memory &add(Buffer buffer);
  /// Binds memory to [[buffer(index)]] of a launch.
  static void bind(sim::Launch &launch, unsigned index, Memory &memory);
  /// Gives the launches their function constants, in the types that the program
  /// declares.
  llvm::Error setConstants(const sim::Program &program);
};

/// Reads launches from a JSON file. Names of files in it are relative to its
/// folder.
///
///   {"buffers": {"x": "x.npy", "sum": "zeros:f32[4]", "y": "out:f32[4,64]"},
///    "launches": [
///      {"kernel": "sum_rows", "grid": [4], "threadgroup": [64],
///       "arguments": ["x", "sum", "const:u32:64"]},
///      {"kernel": "scale", "grid_threads": [250], "threadgroup": [64],
///       "arguments": ["x", "sum", "y"],
///       "threadgroup_memory": [128], "function_constants": {"20": "true"}}],
///    "outputs": {"y": "y.npy"}}
///
/// Argument N is for [[buffer(N)]], null for none.
llvm::Expected<Sequence> readSequence(llvm::StringRef path);

} // namespace gn::tool

#endif // GROUPNORM_MSL_RUN_SEQUENCE_H
