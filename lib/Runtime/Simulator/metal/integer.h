// Integer functions, and the reinterpretation of bits.

namespace metal {

template <class To, class From> __GN_FN constexpr To as_type(From from) {
  static_assert(sizeof(To) == sizeof(From),
                "as_type needs types of the same size");
  return __builtin_bit_cast(To, from);
}

#define __GN_INT(T, Wide)                                                      \
  __GN_FN T abs(T x) { return (T)(x < 0 ? -x : x); }                           \
  __GN_FN T min(T x, T y) { return y < x ? y : x; }                            \
  __GN_FN T max(T x, T y) { return x < y ? y : x; }                            \
  __GN_FN T min3(T x, T y, T z) { return min(x, min(y, z)); }                  \
  __GN_FN T max3(T x, T y, T z) { return max(x, max(y, z)); }                  \
  __GN_FN T clamp(T x, T lo, T hi) { return min(max(x, lo), hi); }             \
  __GN_FN T median3(T x, T y, T z) {                                           \
    return max(min(x, y), min(max(x, y), z));                                  \
  }                                                                            \
  __GN_FN T absdiff(T x, T y) { return (T)(x < y ? y - x : x - y); }           \
  __GN_FN T clz(T x) {                                                         \
    return x == 0 ? (T)(sizeof(T) * 8)                                         \
                  : (T)(__builtin_clzl((make_unsigned_t<T>)x) -                \
                        (64 - (int)sizeof(T) * 8));                            \
  }                                                                            \
  __GN_FN T ctz(T x) {                                                         \
    return x == 0 ? (T)(sizeof(T) * 8) : (T)__builtin_ctzl((ulong)x);          \
  }                                                                            \
  __GN_FN T popcount(T x) {                                                    \
    return (T)__builtin_popcountl((make_unsigned_t<T>)x);                      \
  }                                                                            \
  __GN_FN T hadd(T x, T y) { return (T)(((Wide)x + (Wide)y) >> 1); }           \
  __GN_FN T rhadd(T x, T y) { return (T)(((Wide)x + (Wide)y + 1) >> 1); }      \
  __GN_FN T mulhi(T x, T y) {                                                  \
    return (T)(((Wide)x * (Wide)y) >> (sizeof(T) * 8));                        \
  }                                                                            \
  __GN_FN T madhi(T x, T y, T z) { return (T)(mulhi(x, y) + z); }              \
  __GN_FN T __saturated(T *, Wide w) {                                         \
    Wide lo = numeric_limits<T>::min(), hi = numeric_limits<T>::max();         \
    return (T)(w < lo ? lo : w > hi ? hi : w);                                 \
  }                                                                            \
  __GN_FN T addsat(T x, T y) {                                                 \
    return __saturated((T *)0, (Wide)x + (Wide)y);                             \
  }                                                                            \
  __GN_FN T subsat(T x, T y) {                                                 \
    return __saturated((T *)0, (Wide)x - (Wide)y);                             \
  }                                                                            \
  __GN_FN T madsat(T x, T y, T z) {                                            \
    return __saturated((T *)0, (Wide)x * (Wide)y + (Wide)z);                   \
  }                                                                            \
  __GN_FN T rotate(T x, T n) {                                                 \
    using U = make_unsigned_t<T>;                                              \
    constexpr unsigned bits = sizeof(T) * 8;                                   \
    unsigned s = (unsigned)n % bits;                                           \
    return s == 0 ? x : (T)((U)((U)x << s) | (U)((U)x >> (bits - s)));         \
  }                                                                            \
  __GN_FN T reverse_bits(T x) {                                                \
    return (T)(__builtin_bitreverse64((make_unsigned_t<T>)x) >>                \
               (64 - sizeof(T) * 8));                                          \
  }                                                                            \
  __GN_FN T extract_bits(T x, uint at, uint n) {                               \
    constexpr uint bits = sizeof(T) * 8;                                       \
    if (n == 0)                                                                \
      return 0;                                                                \
    return (T)((T)((make_unsigned_t<T>)x << (bits - at - n)) >> (bits - n));   \
  }                                                                            \
  __GN_FN T insert_bits(T x, T ins, uint at, uint n) {                         \
    using U = make_unsigned_t<T>;                                              \
    U mask = n >= sizeof(T) * 8 ? (U)~U(0)                                     \
                                : (U)(((U)((U(1) << n) - 1)) << at);           \
    return (T)(((U)x & ~mask) | (((U)ins << at) & mask));                      \
  }                                                                            \
  __GN_INT_VEC(T, 2) __GN_INT_VEC(T, 3) __GN_INT_VEC(T, 4)

#define __GN_INT_VEC(T, N)                                                     \
  __GN_MATH1_VEC(abs, T, N)                                                    \
  __GN_MATH1_VEC(clz, T, N)                                                    \
  __GN_MATH1_VEC(ctz, T, N)                                                    \
  __GN_MATH1_VEC(popcount, T, N)                                               \
  __GN_MATH1_VEC(reverse_bits, T, N)                                           \
  __GN_MATH2_VEC(min, T, N)                                                    \
  __GN_MATH2_VEC(max, T, N)                                                    \
  __GN_MATH2_VEC(absdiff, T, N)                                                \
  __GN_MATH2_VEC(addsat, T, N)                                                 \
  __GN_MATH2_VEC(subsat, T, N)                                                 \
  __GN_MATH2_VEC(mulhi, T, N)                                                  \
  __GN_MATH2_VEC(rotate, T, N)                                                 \
  __GN_MATH3_VEC(clamp, T, N)

__GN_INT(char, int)
__GN_INT(uchar, int)
__GN_INT(short, int)
__GN_INT(ushort, int)
__GN_INT(int, long)
__GN_INT(uint, long)
__GN_INT(long, __int128)
__GN_INT(ulong, __int128)

__GN_FN int mad24(int x, int y, int z) { return x * y + z; }
__GN_FN uint mad24(uint x, uint y, uint z) { return x * y + z; }
__GN_FN int mul24(int x, int y) { return x * y; }
__GN_FN uint mul24(uint x, uint y) { return x * y; }

__GN_FN float4 unpack_unorm4x8_to_float(uint x) {
  return float4(float(x & 255u), float((x >> 8) & 255u),
                float((x >> 16) & 255u), float(x >> 24)) /
         255.0f;
}
__GN_FN uint pack_float_to_unorm4x8(float4 v) {
  v = rint(saturate(v) * 255.0f);
  return (uint)v.x | (uint)v.y << 8 | (uint)v.z << 16 | (uint)v.w << 24;
}

namespace precise {
using metal::acos, metal::acosh, metal::asin, metal::asinh, metal::atan,
    metal::atan2, metal::atanh, metal::ceil, metal::clamp, metal::copysign,
    metal::cos, metal::cosh, metal::cospi, metal::cross, metal::distance,
    metal::divide, metal::dot, metal::exp, metal::exp10, metal::exp2,
    metal::fabs, metal::abs, metal::fdim, metal::floor, metal::fma,
    metal::fmax, metal::fmax3, metal::fmedian3, metal::fmin, metal::fmin3,
    metal::fmod, metal::fract, metal::frexp, metal::ilogb, metal::isfinite,
    metal::isinf, metal::isnan, metal::isnormal, metal::ldexp, metal::length,
    metal::log, metal::log10, metal::log2, metal::max, metal::max3,
    metal::median3, metal::min, metal::min3, metal::mix, metal::modf,
    metal::nextafter, metal::normalize, metal::pow, metal::powr, metal::rint,
    metal::round, metal::rsqrt, metal::saturate, metal::sign, metal::signbit,
    metal::sin, metal::sincos, metal::sinh, metal::sinpi, metal::smoothstep,
    metal::sqrt, metal::step, metal::tan, metal::tanh, metal::tanpi,
    metal::trunc;
}
namespace fast = precise;

} // namespace metal

using metal::as_type;
