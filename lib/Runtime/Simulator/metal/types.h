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

// The type of what a value is converted to where an arithmetic type is wanted;
// a class may have a conversion of its own.
bool __gn_value(bool);
char __gn_value(char);
signed char __gn_value(signed char);
uchar __gn_value(uchar);
short __gn_value(short);
ushort __gn_value(ushort);
int __gn_value(int);
uint __gn_value(uint);
long __gn_value(long);
ulong __gn_value(ulong);
half __gn_value(half);
float __gn_value(float);
template <class T> const T &__gn_any();

#ifdef __GN_STRICT
// The second parse generates no code: clang's own type does, and knows that
// half and it do not mix.
typedef __bf16 bfloat;
#else

/// Metal's bfloat: it becomes a float of itself, and is made from a float only
/// where the program says so. Integers convert both ways, as the language's own
/// scalar types do, and so does a class that converts to one. Arithmetic is
/// done in float and rounded once.
struct bfloat {
  unsigned short __bits;

  bfloat() = default;
  __GN_FN constexpr explicit bfloat(float x) : __bits(__round(x)) {}
  __GN_FN constexpr explicit bfloat(half x) : bfloat((float)x) {}
  template <class C, class I = decltype(__gn_value(__gn_any<C>())),
            class = decltype(__gn_integer((I *)0))>
  __GN_FN constexpr bfloat(const C &x) : bfloat((float)(I)x) {}

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
  void operator op(bfloat, half) = delete ("half and bfloat do not mix");      \
  void operator op(half, bfloat) = delete ("half and bfloat do not mix");      \
  __GN_FN constexpr float operator op(bfloat a, float b) {                     \
    return (float)a op(float) b;                                               \
  }                                                                            \
  __GN_FN constexpr float operator op(float a, bfloat b) {                     \
    return (float)a op(float) b;                                               \
  }                                                                            \
  __GN_FN bfloat &bfloat::operator op##=(bfloat b) {                           \
    return *this = *this op b;                                                 \
  }

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
  void operator op(bfloat, half) = delete ("half and bfloat do not mix");      \
  void operator op(half, bfloat) = delete ("half and bfloat do not mix");      \
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

/// The integer 0 in `c ? b : 0`, if `b` is of type T: a bfloat where that is
/// one. A class and an int convert to each other, so C++ could not tell.
template <class T, class I> __GN_FN constexpr auto __gn_like(I value) {
  if constexpr (__is_same(__remove_cvref(T), bfloat))
    return bfloat(value);
  else if constexpr (__is_pointer(__remove_cvref(T)))
    return nullptr;
  else
    return value;
}

#endif // __GN_STRICT

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
