//===- Npy.h - NumPy's .npy files -------------------------------*- C++ -*-===//
//
// Reading and writing of one array in NumPy's own file format, versions 1 to 3
// (NumPy Enhancement Proposal 1). bfloat16 is stored as ml_dtypes stores it: as
// two opaque bytes, '<V2'. HostArray has the types of the operator only; the
// general form takes all integers, and bools as well.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_RUNTIME_NPY_H
#define GROUPNORM_RUNTIME_NPY_H

#include "groupnorm/Runtime/HostArray.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace gn::runtime {

/// Reads the array in `path`, brought to row-major order and the byte order of
/// this machine.
llvm::Expected<HostArray> readNpy(llvm::StringRef path);

/// The same for a file that is in memory; errors name the buffer.
llvm::Expected<HostArray> parseNpy(llvm::MemoryBufferRef buffer);

/// Writes `array` as version 1, little-endian, in row-major order.
llvm::Error writeNpy(llvm::StringRef path, const HostArray &array);

/// An element as NumPy describes it.
struct NpyType {
  std::string descr; // as the file spells it
  char kind = 0; // f(loat), i(nteger), u(nsigned), b(ool), V: bf16; 0: others
  unsigned size = 0; // bytes
};

/// Reads the elements of any type into the memory that `allocate` gives for
/// them, or fails as that does.
llvm::Error readNpy(llvm::StringRef path,
                    llvm::function_ref<llvm::Expected<char *>(
                        const NpyType &type, llvm::ArrayRef<int64_t> shape)>
                        allocate);

/// Writes elements of `type`, whose `descr` does not matter.
llvm::Error writeNpy(llvm::StringRef path, const NpyType &type,
                     llvm::ArrayRef<int64_t> shape, llvm::StringRef data);

} // namespace gn::runtime

#endif // GROUPNORM_RUNTIME_NPY_H
