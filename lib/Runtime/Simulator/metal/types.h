// Scalar types of the Metal Shading Language.

typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long ulong;
typedef signed char int8_t;
typedef short int16_t;
typedef int int32_t;
typedef long int64_t;
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long uint64_t;
typedef unsigned long size_t;
typedef long ptrdiff_t;
typedef long intptr_t;
typedef unsigned long uintptr_t;
typedef _Float16 half;

#define __GN_FN inline __attribute__((always_inline))

// Only of pointers to integers.
void __gn_integer(bool *);
void __gn_integer(char *);
void __gn_integer(signed char *);
void __gn_integer(uchar *);
void __gn_integer(short *);
void __gn_integer(ushort *);
void __gn_integer(int *);
void __gn_integer(uint *);
void __gn_integer(long *);
void __gn_integer(ulong *);

/// Metal's bfloat: it becomes a float of itself, and is made from a float only
/// where the program says so. Integers convert both ways, as the language's own
/// scalar types do. Arithmetic is done in float and rounded once.
struct bfloat {
  unsigned short __bits;

  bfloat() = default;
  __GN_FN constexpr explicit bfloat(float x) : __bits(__round(x)) {}
  __GN_FN constexpr explicit bfloat(half x) : bfloat((float)x) {}
  template <class I, class = decltype(__gn_integer((I *)0))>
  __GN_FN constexpr bfloat(I x) : bfloat((float)x) {}

  __GN_FN constexpr operator float() const {
    return __builtin_bit_cast(float, (unsigned)__bits << 16);
  }

  static constexpr bfloat __fromBits(unsigned short bits) {
    bfloat r(0);
    r.__bits = bits;
    return r;
  }

  bfloat &operator+=(bfloat b);
  bfloat &operator-=(bfloat b);
  bfloat &operator*=(bfloat b);
  bfloat &operator/=(bfloat b);
  __GN_FN bfloat &operator++() { return *this += 1; }
  __GN_FN bfloat &operator--() { return *this -= 1; }
  __GN_FN bfloat operator++(int) {
    bfloat old = *this;
    *this += 1;
    return old;
  }
  __GN_FN bfloat operator--(int) {
    bfloat old = *this;
    *this -= 1;
    return old;
  }

private:
  // To nearest, ties to even; a NaN stays one, and quiet.
  static constexpr unsigned short __round(float x) {
    unsigned u = __builtin_bit_cast(unsigned, x);
    if ((u & 0x7fffffffu) > 0x7f800000u)
      return (unsigned short)((u >> 16) | 0x40u);
    return (unsigned short)((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
  }
};

#define __GN_BF_OP(op)                                                         \
  __GN_FN constexpr bfloat operator op(bfloat a, bfloat b) {                   \
    return bfloat((float)a op(float) b);                                       \
  }                                                                            \
  template <class I, class = decltype(__gn_integer((I *)0))>                   \
  __GN_FN constexpr bfloat operator op(bfloat a, I b) {                        \
    return a op bfloat(b);                                                     \
  }                                                                            \
  template <class I, class = decltype(__gn_integer((I *)0))>                   \
  __GN_FN constexpr bfloat operator op(I a, bfloat b) {                        \
    return bfloat(a) op b;                                                     \
  }                                                                            \
  __GN_FN constexpr float operator op(bfloat a, half b) {                      \
    return (float)a op(float) b;                                               \
  }                                                                            \
  __GN_FN constexpr float operator op(half a, bfloat b) {                      \
    return (float)a op(float) b;                                               \
  }                                                                            \
  __GN_FN constexpr float operator op(bfloat a, float b) {                     \
    return (float)a op(float) b;                                               \
  }                                                                            \
  __GN_FN constexpr float operator op(float a, bfloat b) {                     \
    return (float)a op(float) b;                                               \
  }                                                                            \
  __GN_FN bfloat &bfloat::operator op##=(bfloat b) { return *this = *this op b; }

#define __GN_BF_CMP(op)                                                        \
  __GN_FN constexpr bool operator op(bfloat a, bfloat b) {                     \
    return (float)a op(float) b;                                               \
  }                                                                            \
  template <class I, class = decltype(__gn_integer((I *)0))>                   \
  __GN_FN constexpr bool operator op(bfloat a, I b) {                          \
    return a op bfloat(b);                                                     \
  }                                                                            \
  template <class I, class = decltype(__gn_integer((I *)0))>                   \
  __GN_FN constexpr bool operator op(I a, bfloat b) {                          \
    return bfloat(a) op b;                                                     \
  }                                                                            \
  __GN_FN constexpr bool operator op(bfloat a, half b) {                       \
    return (float)a op(float) b;                                               \
  }                                                                            \
  __GN_FN constexpr bool operator op(half a, bfloat b) {                       \
    return (float)a op(float) b;                                               \
  }                                                                            \
  __GN_FN constexpr bool operator op(bfloat a, float b) {                      \
    return (float)a op(float) b;                                               \
  }                                                                            \
  __GN_FN constexpr bool operator op(float a, bfloat b) {                      \
    return (float)a op(float) b;                                               \
  }

__GN_BF_OP(+)
__GN_BF_OP(-)
__GN_BF_OP(*)
__GN_BF_OP(/)
__GN_BF_CMP(==)
__GN_BF_CMP(!=)
__GN_BF_CMP(<)
__GN_BF_CMP(<=)
__GN_BF_CMP(>)
__GN_BF_CMP(>=)
__GN_FN constexpr bfloat operator-(bfloat a) {
  return bfloat::__fromBits((unsigned short)(a.__bits ^ 0x8000u));
}
__GN_FN constexpr bfloat operator+(bfloat a) { return a; }

// What a list in braces becomes where a constructor asks for it.
namespace std {
template <class E> class initializer_list {
  const E *__begin;
  size_t __size;

public:
  constexpr size_t size() const { return __size; }
  constexpr const E *begin() const { return __begin; }
  constexpr const E *end() const { return __begin + __size; }
};
} // namespace std
