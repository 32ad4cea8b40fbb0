//===- Buffers.h - Arguments as the command line gives them ---------------===//
#ifndef GROUPNORM_MSL_RUN_BUFFERS_H
#define GROUPNORM_MSL_RUN_BUFFERS_H

#include "groupnorm/Runtime/HostArray.h"
#include "groupnorm/Runtime/Simulator.h"
#include "llvm/Support/MemoryBuffer.h"

namespace gn::tool {

/// Scalar types of buffers and constants; the floating-point ones are those of
/// .npy files here.
enum class Type { F16, BF16, F32, I8, U8, I16, U16, I32, U32, I64, U64, Bool };

/// f32, u8 and the like, also Metal's own names (float, uchar).
std::optional<Type> parseType(llvm::StringRef name);
llvm::StringRef getName(Type type);
unsigned getSize(Type type);

/// Comma-separated values of one type as bytes.
llvm::Expected<llvm::SmallVector<uint8_t, 8>> parseValues(Type type,
                                                          llvm::StringRef text);

/// Memory that the command line bound to [[buffer(index)]].
struct Buffer {
  unsigned index = 0;
  Type type = Type::F32;
  llvm::SmallVector<int64_t> shape;
  sim::BufferRole role = sim::BufferRole::InOut;
  bool constant = false; // given by value, for the constant address space

  /// Gives it so many bytes, all zero. Fails where there is no such memory.
  llvm::Error allocate(size_t bytes);
  llvm::MutableArrayRef<uint8_t> getData() const {
    if (!memory)
      return {};
    return {reinterpret_cast<uint8_t *>(memory->getBufferStart()),
            memory->getBufferSize()};
  }

private:
  std::unique_ptr<llvm::WritableMemoryBuffer> memory;
};

/// Reads what stands behind `N=` of --buffer:
///   x.npy             the array in a file
///   out:f32[2,64]     memory for results, not initialized
///   zeros:u32[16]     memory that begins as zeros and may be written
///   data:u32:1,2,3    a few values
///   const:u32:320     the same, copied as Metal's setBytes does
/// Files are looked for in `folder`, if that is not empty.
llvm::Expected<Buffer> parseBuffer(unsigned index, llvm::StringRef spec,
                                   llvm::StringRef folder = "");

/// Writes a buffer as .npy.
llvm::Error writeBuffer(const Buffer &buffer, llvm::StringRef path);
/// Prints its elements, a line a row of the last dimension.
void printBuffer(const Buffer &buffer, llvm::raw_ostream &os);

/// Splits "N=rest"; `what` names the option in the error.
llvm::Expected<std::pair<unsigned, llvm::StringRef>>
parseIndexed(llvm::StringRef text, llvm::StringRef what);

} // namespace gn::tool

#endif // GROUPNORM_MSL_RUN_BUFFERS_H
