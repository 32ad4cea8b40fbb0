// The prelude of the second parse, which looks for address spaces that are
// mixed up. Vectors are clang's own here, since a class in an address space can
// do nothing, and most functions are missing: what does not concern an address
// space is not looked at.
#define device __attribute__((address_space(1)))
#define constant __attribute__((address_space(2))) const
#define threadgroup __attribute__((address_space(3)))

#include "types.h"
#include "traits.h"

namespace metal {
template <class T, int N>
using vec = T __attribute__((ext_vector_type(N)));
template <class T, int N> struct packed_vec {
  T x, y, z, w;
};
template <class T, int C, int R = C> struct matrix {
  vec<T, R> columns[C];
};
template <class T> struct atomic {
  T value;
};
template <class T, size_t N> struct array {
  T data[N];
};
enum class mem_flags { mem_none, mem_device, mem_threadgroup };
typedef atomic<int> atomic_int;
typedef atomic<uint> atomic_uint;
typedef atomic<float> atomic_float;
} // namespace metal
using metal::atomic_float;
using metal::atomic_int;
using metal::atomic_uint;

#define __GN_NAMES(type)                                                       \
  typedef type type##2 __attribute__((ext_vector_type(2)));                    \
  typedef type type##3 __attribute__((ext_vector_type(3)));                    \
  typedef type type##4 __attribute__((ext_vector_type(4)));                    \
  typedef metal::packed_vec<type, 2> packed_##type##2;                         \
  typedef metal::packed_vec<type, 3> packed_##type##3;                         \
  typedef metal::packed_vec<type, 4> packed_##type##4;
__GN_NAMES(char)
__GN_NAMES(uchar)
__GN_NAMES(short)
__GN_NAMES(ushort)
__GN_NAMES(int)
__GN_NAMES(uint)
__GN_NAMES(long)
__GN_NAMES(ulong)
__GN_NAMES(half)
__GN_NAMES(float)
