// Math functions. Each is an overload for half, float and their vectors, not a
// template, so that a call that is ambiguous to Metal is ambiguous here too.
// half goes by way of float. fast:: and precise:: name the same functions.

namespace metal {

#define __GN_EACH(N, expr)                                                     \
  for (int i = 0; i < N; ++i)                                                  \
    r.put(i, expr);                                                            \
  return r;

#define __GN_MATH1_VEC(name, T, N)                                             \
  __GN_FN vec<T, N> name(vec<T, N> x) {                                        \
    vec<T, N> r;                                                               \
    __GN_EACH(N, name(x.get(i)))                                               \
  }
#define __GN_MATH2_VEC(name, T, N)                                             \
  __GN_FN vec<T, N> name(vec<T, N> x, vec<T, N> y) {                           \
    vec<T, N> r;                                                               \
    __GN_EACH(N, name(x.get(i), y.get(i)))                                     \
  }
#define __GN_MATH3_VEC(name, T, N)                                             \
  __GN_FN vec<T, N> name(vec<T, N> x, vec<T, N> y, vec<T, N> z) {              \
    vec<T, N> r;                                                               \
    __GN_EACH(N, name(x.get(i), y.get(i), z.get(i)))                           \
  }
#define __GN_VECS(macro, name, T) macro(name, T, 2) macro(name, T, 3) macro(name, T, 4)

#define __GN_MATH1(name, expr)                                                 \
  __GN_FN float name(float x) { return expr; }                                 \
  __GN_FN half name(half h) {                                                  \
    float x = h;                                                               \
    return (half)(expr);                                                       \
  }                                                                            \
  __GN_VECS(__GN_MATH1_VEC, name, float)                                       \
  __GN_VECS(__GN_MATH1_VEC, name, half)
#define __GN_MATH2(name, expr)                                                 \
  __GN_FN float name(float x, float y) { return expr; }                        \
  __GN_FN half name(half g, half h) {                                          \
    float x = g, y = h;                                                        \
    return (half)(expr);                                                       \
  }                                                                            \
  __GN_VECS(__GN_MATH2_VEC, name, float)                                       \
  __GN_VECS(__GN_MATH2_VEC, name, half)
#define __GN_MATH3(name, expr)                                                 \
  __GN_FN float name(float x, float y, float z) { return expr; }               \
  __GN_FN half name(half f, half g, half h) {                                  \
    float x = f, y = g, z = h;                                                 \
    return (half)(expr);                                                       \
  }                                                                            \
  __GN_VECS(__GN_MATH3_VEC, name, float)                                       \
  __GN_VECS(__GN_MATH3_VEC, name, half)

constexpr float __pi = 3.14159265358979323846f;

__GN_MATH1(acos, __builtin_acosf(x))
__GN_MATH1(acosh, __builtin_acoshf(x))
__GN_MATH1(asin, __builtin_asinf(x))
__GN_MATH1(asinh, __builtin_asinhf(x))
__GN_MATH1(atan, __builtin_atanf(x))
__GN_MATH1(atanh, __builtin_atanhf(x))
__GN_MATH1(ceil, __builtin_ceilf(x))
__GN_MATH1(cos, __builtin_cosf(x))
__GN_MATH1(cosh, __builtin_coshf(x))
__GN_MATH1(cospi, __builtin_cosf(__pi *__builtin_fmodf(x, 2.0f)))
__GN_MATH1(exp, __builtin_expf(x))
__GN_MATH1(exp10, __builtin_exp2f(x * 3.321928094887362348f))
__GN_MATH1(exp2, __builtin_exp2f(x))
__GN_MATH1(fabs, __builtin_fabsf(x))
__GN_MATH1(abs, __builtin_fabsf(x))
__GN_MATH1(floor, __builtin_floorf(x))
__GN_MATH1(fract, __builtin_fminf(x - __builtin_floorf(x), 0x1.fffffep-1f))
__GN_MATH1(log, __builtin_logf(x))
__GN_MATH1(log10, __builtin_log10f(x))
__GN_MATH1(log2, __builtin_log2f(x))
__GN_MATH1(rint, __builtin_rintf(x))
__GN_MATH1(round, __builtin_roundf(x))
__GN_MATH1(rsqrt, 1.0f / __builtin_sqrtf(x))
__GN_MATH1(saturate, __builtin_fminf(__builtin_fmaxf(x, 0.0f), 1.0f))
__GN_MATH1(sign, x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x == 0.0f ? x : 0.0f)
__GN_MATH1(sin, __builtin_sinf(x))
__GN_MATH1(sinh, __builtin_sinhf(x))
__GN_MATH1(sinpi, __builtin_sinf(__pi *__builtin_fmodf(x, 2.0f)))
__GN_MATH1(sqrt, __builtin_sqrtf(x))
__GN_MATH1(tan, __builtin_tanf(x))
__GN_MATH1(tanh, __builtin_tanhf(x))
__GN_MATH1(tanpi, __builtin_tanf(__pi *__builtin_fmodf(x, 1.0f)))
__GN_MATH1(trunc, __builtin_truncf(x))

__GN_MATH2(atan2, __builtin_atan2f(x, y))
__GN_MATH2(copysign, __builtin_copysignf(x, y))
__GN_MATH2(divide, x / y)
__GN_MATH2(fdim, __builtin_fdimf(x, y))
__GN_MATH2(fmax, __builtin_fmaxf(x, y))
__GN_MATH2(fmin, __builtin_fminf(x, y))
__GN_MATH2(fmod, __builtin_fmodf(x, y))
__GN_MATH2(max, __builtin_fmaxf(x, y))
__GN_MATH2(min, __builtin_fminf(x, y))
__GN_MATH2(pow, __builtin_powf(x, y))
__GN_MATH2(powr, __builtin_powf(x, y))
__GN_MATH2(step, y < x ? 0.0f : 1.0f)
__GN_FN float nextafter(float x, float y) { return __builtin_nextafterf(x, y); }

__GN_MATH3(fma, __builtin_fmaf(x, y, z))
__GN_MATH3(clamp, __builtin_fminf(__builtin_fmaxf(x, y), z))
__GN_MATH3(mix, x + (y - x) * z)
__GN_MATH3(fmax3, __builtin_fmaxf(x, __builtin_fmaxf(y, z)))
__GN_MATH3(fmin3, __builtin_fminf(x, __builtin_fminf(y, z)))
__GN_MATH3(fmedian3,
           __builtin_fmaxf(__builtin_fminf(x, y),
                           __builtin_fminf(__builtin_fmaxf(x, y), z)))
__GN_MATH3(max3, __builtin_fmaxf(x, __builtin_fmaxf(y, z)))
__GN_MATH3(min3, __builtin_fminf(x, __builtin_fminf(y, z)))
__GN_MATH3(median3,
           __builtin_fmaxf(__builtin_fminf(x, y),
                           __builtin_fminf(__builtin_fmaxf(x, y), z)))
__GN_FN float __smooth(float t) {
  t = __builtin_fminf(__builtin_fmaxf(t, 0.0f), 1.0f);
  return t * t * (3.0f - 2.0f * t);
}
__GN_MATH3(smoothstep, __smooth((z - x) / (y - x)))

// Functions with a second result, or with an integer in their signature.
#define __GN_MATH_MORE(T)                                                      \
  __GN_FN T frexp(T x, int &e) {                                               \
    return (T)__builtin_frexpf((float)x, &e);                                  \
  }                                                                            \
  __GN_FN T ldexp(T x, int e) { return (T)__builtin_ldexpf((float)x, e); }     \
  __GN_FN int ilogb(T x) { return __builtin_ilogbf((float)x); }                \
  __GN_FN T modf(T x, T &whole) {                                              \
    whole = (T)__builtin_truncf((float)x);                                     \
    return (T)__builtin_copysignf(                                             \
        __builtin_isinf((float)x) ? 0.0f : (float)(x - whole), (float)x);      \
  }                                                                            \
  __GN_FN T sincos(T x, T &c) {                                                \
    c = cos(x);                                                                \
    return sin(x);                                                             \
  }
__GN_MATH_MORE(float)
__GN_MATH_MORE(half)

#define __GN_MORE_VEC(T, N)                                                    \
  __GN_FN vec<T, N> ldexp(vec<T, N> x, vec<int, N> e) {                        \
    vec<T, N> r;                                                               \
    __GN_EACH(N, ldexp(x.get(i), e.get(i)))                                    \
  }                                                                            \
  __GN_FN vec<T, N> modf(vec<T, N> x, vec<T, N> &whole) {                      \
    whole = trunc(x);                                                          \
    return x - whole;                                                          \
  }                                                                            \
  __GN_FN vec<T, N> sincos(vec<T, N> x, vec<T, N> &c) {                        \
    c = cos(x);                                                                \
    return sin(x);                                                             \
  }
__GN_MORE_VEC(float, 2)
__GN_MORE_VEC(float, 3)
__GN_MORE_VEC(float, 4)
__GN_MORE_VEC(half, 2)
__GN_MORE_VEC(half, 3)
__GN_MORE_VEC(half, 4)

// Geometry.
#define __GN_GEOMETRIC(T, N)                                                   \
  __GN_FN T dot(vec<T, N> x, vec<T, N> y) {                                    \
    T s = x.get(0) * y.get(0);                                                 \
    for (int i = 1; i < N; ++i)                                                \
      s += x.get(i) * y.get(i);                                                \
    return s;                                                                  \
  }                                                                            \
  __GN_FN T length_squared(vec<T, N> x) { return dot(x, x); }                  \
  __GN_FN T length(vec<T, N> x) { return sqrt(dot(x, x)); }                    \
  __GN_FN T distance(vec<T, N> x, vec<T, N> y) { return length(x - y); }       \
  __GN_FN T distance_squared(vec<T, N> x, vec<T, N> y) {                       \
    return dot(x - y, x - y);                                                  \
  }                                                                            \
  __GN_FN vec<T, N> normalize(vec<T, N> x) { return x * rsqrt(dot(x, x)); }    \
  __GN_FN vec<T, N> reflect(vec<T, N> i, vec<T, N> n) {                        \
    return i - n * (T)(2 * dot(n, i));                                         \
  }
__GN_GEOMETRIC(float, 2)
__GN_GEOMETRIC(float, 3)
__GN_GEOMETRIC(float, 4)
__GN_GEOMETRIC(half, 2)
__GN_GEOMETRIC(half, 3)
__GN_GEOMETRIC(half, 4)
#define __GN_CROSS(T)                                                          \
  __GN_FN vec<T, 3> cross(vec<T, 3> a, vec<T, 3> b) {                          \
    return vec<T, 3>(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z,             \
                     a.x * b.y - a.y * b.x);                                   \
  }
__GN_CROSS(float)
__GN_CROSS(half)

// Classification. Integers have overloads as well, or a generic kernel could
// not ask.
#define __GN_CLASS(name, T, expr)                                              \
  __GN_FN bool name(T t) {                                                     \
    float x = (float)t;                                                        \
    return (expr);                                                             \
  }
#define __GN_CLASS_VEC(name, T, N)                                             \
  __GN_FN vec<bool, N> name(vec<T, N> x) {                                     \
    vec<bool, N> r;                                                            \
    __GN_EACH(N, name(x.get(i)))                                               \
  }
#define __GN_CLASSIFY(name, expr)                                              \
  __GN_CLASS(name, float, expr)                                                \
  __GN_CLASS(name, half, expr)                                                 \
  __GN_VECS(__GN_CLASS_VEC, name, float)                                       \
  __GN_VECS(__GN_CLASS_VEC, name, half)
// By the bits: fast math may not fold them away.
__GN_FN unsigned __magnitude(float x) {
  return __builtin_bit_cast(unsigned, x) & 0x7fffffffu;
}
__GN_CLASSIFY(isnan, __magnitude(x) > 0x7f800000u)
__GN_CLASSIFY(isinf, __magnitude(x) == 0x7f800000u)
__GN_CLASSIFY(isfinite, __magnitude(x) < 0x7f800000u)
__GN_CLASSIFY(isnormal, __magnitude(x) < 0x7f800000u &&
                            __magnitude(x) >= 0x00800000u)
__GN_CLASSIFY(signbit, __builtin_bit_cast(unsigned, x) >> 31)
#define __GN_ORDER_VEC(name, T, N)                                             \
  __GN_FN vec<bool, N> name(vec<T, N> x, vec<T, N> y) {                        \
    vec<bool, N> r;                                                            \
    __GN_EACH(N, name(x.get(i), y.get(i)))                                     \
  }
#define __GN_ORDER(T)                                                          \
  __GN_FN bool isordered(T x, T y) { return !isnan(x) && !isnan(y); }          \
  __GN_FN bool isunordered(T x, T y) { return isnan(x) || isnan(y); }          \
  __GN_VECS(__GN_ORDER_VEC, isordered, T)                                      \
  __GN_VECS(__GN_ORDER_VEC, isunordered, T)
__GN_ORDER(float)
__GN_ORDER(half)

#define __GN_SELECT(T)                                                         \
  __GN_FN T select(T a, T b, bool c) { return c ? b : a; }                     \
  __GN_SELECT_VEC(T, 2) __GN_SELECT_VEC(T, 3) __GN_SELECT_VEC(T, 4)
#define __GN_SELECT_VEC(T, N)                                                  \
  __GN_FN vec<T, N> select(vec<T, N> a, vec<T, N> b, vec<bool, N> c) {         \
    vec<T, N> r;                                                               \
    __GN_EACH(N, c.get(i) ? b.get(i) : a.get(i))                               \
  }
__GN_SELECT(float)
__GN_SELECT(half)
__GN_SELECT(bfloat)
__GN_SELECT(char)
__GN_SELECT(uchar)
__GN_SELECT(short)
__GN_SELECT(ushort)
__GN_SELECT(int)
__GN_SELECT(uint)
__GN_SELECT(long)
__GN_SELECT(ulong)

template <int N> __GN_FN bool all(vec<bool, N> x) {
  for (int i = 0; i < N; ++i)
    if (!x.get(i))
      return false;
  return true;
}
template <int N> __GN_FN bool any(vec<bool, N> x) {
  for (int i = 0; i < N; ++i)
    if (x.get(i))
      return true;
  return false;
}
__GN_FN bool all(bool x) { return x; }
__GN_FN bool any(bool x) { return x; }

} // namespace metal
