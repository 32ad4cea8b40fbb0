//===- HostArray.h - A dense array in host memory ---------------*- C++ -*-===//

#ifndef GROUPNORM_RUNTIME_HOSTARRAY_H
#define GROUPNORM_RUNTIME_HOSTARRAY_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>
#include <optional>
#include <vector>

namespace gn::runtime {

/// What an array may hold: the types of x, and those of quantized results.
enum class ElementType { F16, BF16, F32, F64, I8, I16, I32 };

/// "f16", "bf16", "f32", "f64", "i8", "i16" or "i32".
llvm::StringRef getName(ElementType type);
bool isInteger(ElementType type);
/// The float type of that name.
std::optional<ElementType> parseElementType(llvm::StringRef name);
/// Bytes of one element.
size_t getSize(ElementType type);
/// Bits of the significand of a float type, the implicit one included.
int getPrecision(ElementType type);
/// The smallest and the largest positive normal number of a float type.
std::pair<double, double> getRange(ElementType type);

/// The product of `shape` times `elementSize`, or nothing where it is more than
/// memory can hold or a size is negative.
std::optional<size_t> getByteSize(llvm::ArrayRef<int64_t> shape,
                                  size_t elementSize);
/// "2x64x64x320"; "?" for a size that is left open; "scalar" for rank 0.
std::string formatShape(llvm::ArrayRef<int64_t> shape);

/// An array in row-major order that owns its memory, aligned to 64 bytes.
class HostArray {
public:
  /// Memory that holds no particular values.
  static llvm::Expected<HostArray> create(ElementType type,
                                          llvm::ArrayRef<int64_t> shape);
  /// `values`, each rounded once to `type`; to the nearest integer that it has,
  /// if it has no others.
  static llvm::Expected<HostArray> create(ElementType type,
                                          llvm::ArrayRef<int64_t> shape,
                                          llvm::ArrayRef<double> values);
  /// `value` throughout.
  static llvm::Expected<HostArray>
  splat(ElementType type, llvm::ArrayRef<int64_t> shape, double value);

  ElementType getType() const { return type; }
  llvm::ArrayRef<int64_t> getShape() const { return shape; }
  size_t getNumElements() const { return numElements; }
  size_t getNumBytes() const { return numElements * getSize(type); }
  char *getData() { return storage->getBufferStart(); }
  const char *getData() const { return storage->getBufferStart(); }

  /// The elements in f64, which holds every other type exactly.
  std::vector<double> toDoubles() const;
  /// Overwrites the elements by `values`, each rounded once.
  void assign(llvm::ArrayRef<double> values);

private:
  HostArray(ElementType type, llvm::ArrayRef<int64_t> shape, size_t numElements,
            std::unique_ptr<llvm::WritableMemoryBuffer> storage)
      : type(type), shape(shape), numElements(numElements),
        storage(std::move(storage)) {}

  ElementType type;
  llvm::SmallVector<int64_t> shape;
  size_t numElements;
  std::unique_ptr<llvm::WritableMemoryBuffer> storage;
};

} // namespace gn::runtime

#endif // GROUPNORM_RUNTIME_HOSTARRAY_H
