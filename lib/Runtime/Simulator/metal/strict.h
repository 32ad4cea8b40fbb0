// The prelude of the second parse, which looks for address spaces that are
// mixed up. Vectors are clang's own here, since a class in an address space can
// do nothing, and most functions are missing: what does not concern an address
// space is not looked at.
#define device __attribute__((address_space(1)))
#define constant __attribute__((address_space(2))) const
#define threadgroup __attribute__((address_space(3)))

#define __GN_STRICT
#include "types.h"
#include "traits.h"

// (To)p becomes __gn_cast<To>() ->* p, and *(To)p with it: clang takes a
// C-style cast from one address space to another, this takes a pointer to the
// same only.
template <class T> struct __gn_space { using any = const volatile void; };
#define __GN_SPACE(n)                                                          \
  template <class T> struct __gn_space<__attribute__((address_space(n))) T> {  \
    using any = __attribute__((address_space(n))) const volatile void;         \
  };
__GN_SPACE(1)
__GN_SPACE(2)
__GN_SPACE(3)
template <class To> struct __gn_target {
  To &operator->*(typename __gn_space<To>::any *) const;
};
template <class To> struct __gn_cast;
template <class To> struct __gn_cast<To *> {
  To *operator->*(typename __gn_space<To>::any *) const;
  __gn_target<To> operator*() const;
};

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
__GN_NAMES(bfloat)
