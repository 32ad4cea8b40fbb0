// Vectors of two to four elements. A class, so that construction, conversion
// and overloading follow Metal's rules; the storage is one of clang's own
// vectors, so that a load stays one load.

namespace metal {

template <class T> struct __element { // how T lies in a vector's storage
  using type = T;
  static constexpr bool native = true;
  static constexpr T out(T t) { return t; }
  static constexpr T in(T t) { return t; }
};
template <> struct __element<bool> {
  using type = uchar;
  static constexpr bool native = false;
  static constexpr bool out(uchar t) { return t; }
  static constexpr uchar in(bool t) { return t; }
};
template <> struct __element<bfloat> {
  using type = ushort;
  static constexpr bool native = false;
  static constexpr bfloat out(ushort t) { return bfloat::__fromBits(t); }
  static constexpr ushort in(bfloat t) { return t.__bits; }
};

template <class T> constexpr bool __is_element = is_arithmetic_v<T>;

template <class T, int N> struct vec;

/// How many elements a constructor's argument brings; 0: it is none.
template <class T> constexpr int __components = __is_element<T> ? 1 : 0;
template <class T, int N> constexpr int __components<vec<T, N>> = N;

// The elements have their names beside the storage.
#define __GN_VEC_BASE(N, names, colors)                                        \
  template <class T> struct __vec_base<T, N> {                                 \
    using E = __element<T>;                                                    \
    typedef typename E::type S __attribute__((ext_vector_type(N)));            \
    union {                                                                    \
      S v;                                                                     \
      struct {                                                                 \
        T names;                                                               \
      };                                                                       \
      struct {                                                                 \
        T colors;                                                              \
      };                                                                       \
    };                                                                         \
    __vec_base() = default;                                                    \
    __GN_FN constexpr explicit __vec_base(S s) : v(s) {}                       \
    __GN_FN constexpr T get(int i) const { return E::out(v[i]); }              \
    __GN_FN constexpr void put(int i, T t) { v[i] = E::in(t); }                \
    __GN_FN T &operator[](long i) { return reinterpret_cast<T *>(&v)[i]; }     \
    __GN_FN const T &operator[](long i) const {                                \
      return reinterpret_cast<const T *>(&v)[i];                               \
    }                                                                          \
  };
#define __GN_COMMA ,
template <class T, int N> struct __vec_base;
__GN_VEC_BASE(2, x __GN_COMMA y, r __GN_COMMA g)
__GN_VEC_BASE(3, x __GN_COMMA y __GN_COMMA z, r __GN_COMMA g __GN_COMMA b)
__GN_VEC_BASE(4, x __GN_COMMA y __GN_COMMA z __GN_COMMA w,
              r __GN_COMMA g __GN_COMMA b __GN_COMMA a)

/// Lists of scalars and shorter vectors, one element after the other.
template <class V> struct __filler {
  V &to;
  int at = 0;
  template <class A> __GN_FN constexpr void add(const A &a) {
    if constexpr (__components<A> == 1) {
      to.put(at++, a);
    } else {
      for (int i = 0; i < __components<A>; ++i)
        to.put(at++, a.get(i));
    }
  }
};

#define __GN_VEC(N)                                                            \
  using B = __vec_base<T, N>;                                                  \
  using E = typename B::E;                                                     \
  using S = typename B::S;                                                     \
  using B::get;                                                                \
  using B::put;                                                                \
  vec() = default;                                                             \
  __GN_FN constexpr explicit vec(__tag, S s) : B(s) {}                         \
  __GN_FN constexpr vec(T s) : B(S(0)) {                                       \
    for (int i = 0; i < N; ++i)                                                \
      put(i, s);                                                               \
  }                                                                            \
  template <class I, class = decltype(__gn_integer((I *)0)),                   \
            class = enable_if_t<is_same_v<T, bfloat>, I>>                      \
  __GN_FN constexpr vec(I s) : vec(T(s)) {} /* as from a scalar of a type */   \
  template <class U>                                                           \
  __GN_FN constexpr explicit vec(const vec<U, N> &o) : B(S(0)) {               \
    for (int i = 0; i < N; ++i)                                                \
      put(i, static_cast<T>(o.get(i)));                                        \
  }                                                                            \
  __GN_FN constexpr vec(std::initializer_list<T> l) : B(S(0)) {                \
    int n = 0; /* scalars in braces; those that are missing are zero */        \
    for (const T &s : l)                                                       \
      put(n++, s);                                                             \
  }                                                                            \
  template <class A, class... R,                                               \
            class =                                                            \
                enable_if_t<(__components<A> + ... + __components<R>) == N &&  \
                            (sizeof...(R) > 0)>>                               \
  __GN_FN constexpr vec(const A &a, const R &...r) : B(S(0)) {                 \
    __filler<B> f{*this};                                                      \
    f.add(a), (f.add(r), ...);                                                 \
  }                                                                            \
  __GN_COMPOUND(+)                                                             \
  __GN_COMPOUND(-) __GN_COMPOUND(*) __GN_COMPOUND(/) __GN_COMPOUND(%)          \
      __GN_COMPOUND(&) __GN_COMPOUND(|) __GN_COMPOUND(^) __GN_COMPOUND(<<)     \
          __GN_COMPOUND(>>) __GN_FN vec &                                      \
          operator++() {                                                       \
    return *this = *this + T(1);                                               \
  }                                                                            \
  __GN_FN vec &operator--() { return *this = *this - T(1); }                   \
  __GN_FN vec operator++(int) {                                                \
    vec old = *this;                                                           \
    ++*this;                                                                   \
    return old;                                                                \
  }                                                                            \
  __GN_FN vec operator--(int) {                                                \
    vec old = *this;                                                           \
    --*this;                                                                   \
    return old;                                                                \
  }
// A member, not a function: clang loses `p.xy += 1` in a template where it sees
// functions of that name. A scalar converts to a vector.
#define __GN_COMPOUND(op)                                                      \
  __GN_FN constexpr vec &operator op##=(const vec &o) {                        \
    return *this = *this op o;                                                 \
  }

enum class __tag { storage };

template <class T> struct vec<T, 2> : __vec_base<T, 2> {
  __GN_VEC(2)
#define __GN_SWIZZLES 2
#include "swizzles.h"
};
template <class T> struct vec<T, 3> : __vec_base<T, 3> {
  __GN_VEC(3)
#define __GN_SWIZZLES 3
#include "swizzles.h"
};
template <class T> struct vec<T, 4> : __vec_base<T, 4> {
  __GN_VEC(4)
#define __GN_SWIZZLES 4
#include "swizzles.h"
};

// Both operands may be vectors, or one a scalar that is converted to the
// element type; a vector never converts to another.
template <class T> struct __same {
  using type = T;
};
template <class T> using __same_t = typename __same<T>::type;

#define __GN_VEC_OP(op)                                                        \
  template <class T, int N>                                                    \
  __GN_FN constexpr vec<T, N> operator op(vec<T, N> a, vec<T, N> b) {          \
    if constexpr (__element<T>::native)                                        \
      return vec<T, N>(__tag::storage, a.v op b.v);                            \
    vec<T, N> r(T(0));                                                         \
    for (int i = 0; i < N; ++i)                                                \
      r.put(i, static_cast<T>(a.get(i) op b.get(i)));                          \
    return r;                                                                  \
  }                                                                            \
  template <class T, int N>                                                    \
  __GN_FN constexpr vec<T, N> operator op(vec<T, N> a, __same_t<T> b) {        \
    return a op vec<T, N>(b);                                                  \
  }                                                                            \
  template <class T, int N>                                                    \
  __GN_FN constexpr vec<T, N> operator op(__same_t<T> a, vec<T, N> b) {        \
    return vec<T, N>(a) op b;                                                  \
  }
__GN_VEC_OP(+)
__GN_VEC_OP(-)
__GN_VEC_OP(*)
__GN_VEC_OP(/)
__GN_VEC_OP(%)
__GN_VEC_OP(&)
__GN_VEC_OP(|)
__GN_VEC_OP(^)
__GN_VEC_OP(<<)
__GN_VEC_OP(>>)

#define __GN_VEC_CMP(op)                                                       \
  template <class T, int N>                                                    \
  __GN_FN constexpr vec<bool, N> operator op(vec<T, N> a, vec<T, N> b) {       \
    vec<bool, N> r(false);                                                     \
    for (int i = 0; i < N; ++i)                                                \
      r.put(i, a.get(i) op b.get(i));                                          \
    return r;                                                                  \
  }                                                                            \
  template <class T, int N>                                                    \
  __GN_FN constexpr vec<bool, N> operator op(vec<T, N> a, __same_t<T> b) {     \
    return a op vec<T, N>(b);                                                  \
  }                                                                            \
  template <class T, int N>                                                    \
  __GN_FN constexpr vec<bool, N> operator op(__same_t<T> a, vec<T, N> b) {     \
    return vec<T, N>(a) op b;                                                  \
  }
__GN_VEC_CMP(==)
__GN_VEC_CMP(!=)
__GN_VEC_CMP(<)
__GN_VEC_CMP(<=)
__GN_VEC_CMP(>)
__GN_VEC_CMP(>=)
__GN_VEC_CMP(&&)
__GN_VEC_CMP(||)

#define __GN_VEC_UNARY(op, R)                                                  \
  template <class T, int N>                                                    \
  __GN_FN constexpr vec<R, N> operator op(vec<T, N> a) {                       \
    vec<R, N> r(R(0));                                                         \
    for (int i = 0; i < N; ++i)                                                \
      r.put(i, static_cast<R>(op a.get(i)));                                   \
    return r;                                                                  \
  }
__GN_VEC_UNARY(+, T)
__GN_VEC_UNARY(-, T)
__GN_VEC_UNARY(~, T)
__GN_VEC_UNARY(!, bool)

/// packed_floatN and its like: N elements, aligned as one.
template <class T, int N> struct packed_vec {
  T __e[N];

  packed_vec() = default;
  __GN_FN constexpr packed_vec(vec<T, N> o) : __e{} {
    for (int i = 0; i < N; ++i)
      __e[i] = o.get(i);
  }
  __GN_FN constexpr packed_vec(T s) : packed_vec(vec<T, N>(s)) {}
  template <class A, class B, class... R>
  __GN_FN constexpr packed_vec(const A &a, const B &b, const R &...r)
      : packed_vec(vec<T, N>(a, b, r...)) {}
  template <class U>
  __GN_FN constexpr explicit packed_vec(vec<U, N> o)
      : packed_vec(vec<T, N>(o)) {}
  template <class U>
  __GN_FN constexpr explicit packed_vec(packed_vec<U, N> o)
      : packed_vec(vec<T, N>(vec<U, N>(o))) {}
  __GN_FN constexpr operator vec<T, N>() const {
    vec<T, N> r(T(0));
    for (int i = 0; i < N; ++i)
      r.put(i, __e[i]);
    return r;
  }
  template <class U> __GN_FN constexpr explicit operator vec<U, N>() const {
    return vec<U, N>(vec<T, N>(*this));
  }
  __GN_FN constexpr T get(int i) const { return __e[i]; }
  __GN_FN void put(int i, T t) { __e[i] = t; }
  __GN_FN T &operator[](long i) { return __e[i]; }
  __GN_FN constexpr const T &operator[](long i) const { return __e[i]; }
#define __GN_PACKED(n, a, b)                                                   \
  __GN_FN constexpr T __get_##a() const {                                      \
    static_assert(n < N, "no such element");                                   \
    return __e[n];                                                             \
  }                                                                            \
  __GN_FN void __put_##a(T t) {                                                \
    static_assert(n < N, "no such element");                                   \
    __e[n] = t;                                                                \
  }                                                                            \
  __declspec(property(get = __get_##a, put = __put_##a)) T a;                  \
  __declspec(property(get = __get_##a, put = __put_##a)) T b;
  __GN_PACKED(0, x, r)
  __GN_PACKED(1, y, g)
  __GN_PACKED(2, z, b)
  __GN_PACKED(3, w, a)
#define __GN_PACKED_OP(op)                                                     \
  friend __GN_FN constexpr vec<T, N> operator op(packed_vec a, packed_vec b) { \
    return vec<T, N>(a) op vec<T, N>(b);                                       \
  }                                                                            \
  friend __GN_FN constexpr vec<T, N> operator op(packed_vec a, T b) {          \
    return vec<T, N>(a) op b;                                                  \
  }                                                                            \
  friend __GN_FN constexpr vec<T, N> operator op(T a, packed_vec b) {          \
    return a op vec<T, N>(b);                                                  \
  }                                                                            \
  friend __GN_FN constexpr vec<T, N> operator op(packed_vec a, vec<T, N> b) {  \
    return vec<T, N>(a) op b;                                                  \
  }                                                                            \
  friend __GN_FN constexpr vec<T, N> operator op(vec<T, N> a, packed_vec b) {  \
    return a op vec<T, N>(b);                                                  \
  }                                                                            \
  __GN_FN packed_vec &operator op##=(vec<T, N> o) {                            \
    return *this = vec<T, N>(*this) op o;                                      \
  }
  __GN_PACKED_OP(+)
  __GN_PACKED_OP(-)
  __GN_PACKED_OP(*)
  __GN_PACKED_OP(/)
};

} // namespace metal

#define __GN_WIDE_NAMES(type, name)                                            \
  typedef metal::vec<type, 2> name##2;                                         \
  typedef metal::vec<type, 3> name##3;                                         \
  typedef metal::vec<type, 4> name##4;                                         \
  namespace metal {                                                            \
  using ::name##2;                                                             \
  using ::name##3;                                                             \
  using ::name##4;                                                             \
  }
#define __GN_VECTOR_NAMES(type, name)                                          \
  __GN_WIDE_NAMES(type, name)                                                  \
  typedef metal::packed_vec<type, 2> packed_##name##2;                         \
  typedef metal::packed_vec<type, 3> packed_##name##3;                         \
  typedef metal::packed_vec<type, 4> packed_##name##4;                         \
  namespace metal {                                                            \
  using ::packed_##name##2;                                                    \
  using ::packed_##name##3;                                                    \
  using ::packed_##name##4;                                                    \
  }
__GN_WIDE_NAMES(bool, bool)
__GN_VECTOR_NAMES(char, char)
__GN_VECTOR_NAMES(uchar, uchar)
__GN_VECTOR_NAMES(short, short)
__GN_VECTOR_NAMES(ushort, ushort)
__GN_VECTOR_NAMES(int, int)
__GN_VECTOR_NAMES(uint, uint)
__GN_VECTOR_NAMES(long, long)
__GN_VECTOR_NAMES(ulong, ulong)
__GN_VECTOR_NAMES(half, half)
__GN_VECTOR_NAMES(float, float)
__GN_VECTOR_NAMES(bfloat, bfloat)

namespace metal {
using ::bfloat;
using ::half;
using ::int16_t;
using ::int32_t;
using ::int64_t;
using ::int8_t;
using ::ptrdiff_t;
using ::size_t;
using ::uchar;
using ::uint;
using ::uint16_t;
using ::uint32_t;
using ::uint64_t;
using ::uint8_t;
using ::ulong;
using ::ushort;
} // namespace metal
