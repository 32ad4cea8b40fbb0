//===- Npy.h - NumPy's .npy files -------------------------------*- C++ -*-===//
//
// Reading and writing of one array in NumPy's own file format, versions 1 to 3
// (NumPy Enhancement Proposal 1). bfloat16 is stored as ml_dtypes stores it: as
// two opaque bytes, '<V2'.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_RUNTIME_NPY_H
#define GROUPNORM_RUNTIME_NPY_H

#include "groupnorm/Runtime/HostArray.h"

namespace gn::runtime {

/// Reads the array in `path`, brought to row-major order and the byte order of
/// this machine.
llvm::Expected<HostArray> readNpy(llvm::StringRef path);

/// The same for a file that is in memory; errors name the buffer.
llvm::Expected<HostArray> parseNpy(llvm::MemoryBufferRef buffer);

/// Writes `array` as version 1, little-endian, in row-major order.
llvm::Error writeNpy(llvm::StringRef path, const HostArray &array);

} // namespace gn::runtime

#endif // GROUPNORM_RUNTIME_NPY_H
