// Simdgroup and quadgroup operations: every lane gives its value, waits for the
// others, and works on the values of those that came.

namespace metal {

template <class T> struct __lanes {
  static_assert(sizeof(T) <= __gn::laneBytes,
                "a simdgroup operation takes at most 16 bytes a lane");
  __gn::Exchange *x;
  unsigned lane;
  __GN_FN T operator[](unsigned i) const {
    return *(const T *)x->lane[i % __gn::simdWidth];
  }
  __GN_FN bool has(unsigned i) const {
    return i < __gn::simdWidth && (x->active >> i & 1u);
  }
};

template <class T>
__GN_SYNC __lanes<T> __meet(T value, const char *what,
                          unsigned scope = __gn::scopeSimdgroup) {
  return {__gn_exchange(&value, sizeof(T), scope, what),
          __gn_self()->thread_index_in_simdgroup};
}

// Folds the lanes of a block of `width` pairwise, as a tree whose shape does
// not depend on the lane that asks: (0,1)(2,3).. then pairs of those.
template <class T, class F>
__GN_FN T __fold(const __lanes<T> &l, unsigned base, unsigned width, F f) {
  T part[__gn::simdWidth];
  bool has[__gn::simdWidth];
  for (unsigned i = 0; i < width; ++i) {
    has[i] = l.has(base + i);
    part[i] = l[base + i];
  }
  for (unsigned step = 1; step < width; step *= 2)
    for (unsigned i = 0; i < width; i += 2 * step) {
      if (has[i] && has[i + step])
        part[i] = (T)f(part[i], part[i + step]);
      else if (has[i + step])
        part[i] = part[i + step];
      has[i] = has[i] || has[i + step];
    }
  return part[0];
}

// Not inlined: one copy a type, whatever the number of uses. The first lane
// that asks does the work for all.
template <class T, class F>
__attribute__((noinline)) T __reduced(const __lanes<T> &l, F f) {
  if (!l.x->resultValid) {
    *(T *)l.x->result = __fold(l, 0, __gn::simdWidth, f);
    l.x->resultValid = 1;
  }
  return *(const T *)l.x->result;
}

template <class T, class F>
__GN_FN T __scan(const __lanes<T> &l, T identity, bool inclusive, F f) {
  T s = identity;
  for (unsigned i = 0; i < l.lane + inclusive; ++i)
    if (l.has(i))
      s = (T)f(s, l[i]);
  return s;
}

// Each operation is declared for the types that Metal takes.
#define __GN_SIMD_TYPES(macro)                                                 \
  __GN_SIMD_TYPE(macro, float)                                                 \
  __GN_SIMD_TYPE(macro, half)                                                  \
  __GN_SIMD_TYPE(macro, int)                                                   \
  __GN_SIMD_TYPE(macro, uint)                                                  \
  __GN_SIMD_TYPE(macro, short)                                                 \
  __GN_SIMD_TYPE(macro, ushort)                                                \
  __GN_SIMD_TYPE(macro, char)                                                  \
  __GN_SIMD_TYPE(macro, uchar)
#define __GN_SIMD_TYPE(macro, T)                                               \
  macro(T) macro(T##2) macro(T##3) macro(T##4)
#define __GN_SIMD_INTEGERS(macro)                                              \
  __GN_SIMD_TYPE(macro, int)                                                   \
  __GN_SIMD_TYPE(macro, uint)                                                  \
  __GN_SIMD_TYPE(macro, short)                                                 \
  __GN_SIMD_TYPE(macro, ushort)                                                \
  __GN_SIMD_TYPE(macro, char)                                                  \
  __GN_SIMD_TYPE(macro, uchar)

#define __GN_REDUCTIONS(T)                                                     \
  __GN_SYNC T simd_sum(T x) {                                                    \
    return __reduced(__meet(x, "simd_sum"), [](T a, T b) { return a + b; });   \
  }                                                                            \
  __GN_SYNC T simd_product(T x) {                                                \
    return __reduced(__meet(x, "simd_product"),                                \
                     [](T a, T b) { return a * b; });                          \
  }                                                                            \
  __GN_SYNC T simd_min(T x) {                                                    \
    return __reduced(__meet(x, "simd_min"),                                    \
                     [](T a, T b) { return min(a, b); });                      \
  }                                                                            \
  __GN_SYNC T simd_max(T x) {                                                    \
    return __reduced(__meet(x, "simd_max"),                                    \
                     [](T a, T b) { return max(a, b); });                      \
  }                                                                            \
  __GN_SYNC T simd_prefix_inclusive_sum(T x) {                                   \
    return __scan(__meet(x, "simd_prefix_inclusive_sum"), T(0), true,          \
                  [](T a, T b) { return a + b; });                             \
  }                                                                            \
  __GN_SYNC T simd_prefix_exclusive_sum(T x) {                                   \
    return __scan(__meet(x, "simd_prefix_exclusive_sum"), T(0), false,         \
                  [](T a, T b) { return a + b; });                             \
  }                                                                            \
  __GN_SYNC T simd_prefix_inclusive_product(T x) {                               \
    return __scan(__meet(x, "simd_prefix_inclusive_product"), T(1), true,      \
                  [](T a, T b) { return a * b; });                             \
  }                                                                            \
  __GN_SYNC T simd_prefix_exclusive_product(T x) {                               \
    return __scan(__meet(x, "simd_prefix_exclusive_product"), T(1), false,     \
                  [](T a, T b) { return a * b; });                             \
  }
__GN_SIMD_TYPES(__GN_REDUCTIONS)

#define __GN_BITWISE(T)                                                        \
  __GN_SYNC T simd_and(T x) {                                                    \
    return __reduced(__meet(x, "simd_and"), [](T a, T b) { return a & b; });   \
  }                                                                            \
  __GN_SYNC T simd_or(T x) {                                                     \
    return __reduced(__meet(x, "simd_or"), [](T a, T b) { return a | b; });    \
  }                                                                            \
  __GN_SYNC T simd_xor(T x) {                                                    \
    return __reduced(__meet(x, "simd_xor"), [](T a, T b) { return a ^ b; });   \
  }
__GN_SIMD_INTEGERS(__GN_BITWISE)

// The builtin behind simd_xor takes floats as well, by their bits.
template <class T> __GN_FN T __simd_xor_bits(T x) { return simd_xor(x); }
template <> __GN_FN float __simd_xor_bits(float x) {
  return as_type<float>(simd_xor(as_type<uint>(x)));
}

// Shuffles. `from` names the lane that is read; where Metal leaves the value
// undefined (no such lane, or one that is not active) the lane's own is given.
template <class T> __GN_FN T __from(const __lanes<T> &l, unsigned from, T own) {
  return l.has(from) ? l[from] : own;
}

#define __GN_SHUFFLES(T)                                                       \
  __GN_SYNC T simd_shuffle(T x, ushort i) {                                      \
    return __from(__meet(x, "simd_shuffle"), i, x);                            \
  }                                                                            \
  __GN_SYNC T simd_broadcast(T x, ushort i) {                                    \
    return __from(__meet(x, "simd_broadcast"), i, x);                          \
  }                                                                            \
  __GN_SYNC T simd_broadcast_first(T x) {                                        \
    auto l = __meet(x, "simd_broadcast_first");                                \
    return l[__builtin_ctz(l.x->active)];                                      \
  }                                                                            \
  __GN_SYNC T simd_shuffle_xor(T x, ushort m) {                                  \
    auto l = __meet(x, "simd_shuffle_xor");                                    \
    return __from(l, l.lane ^ m, x);                                           \
  }                                                                            \
  __GN_SYNC T simd_shuffle_down(T x, ushort d) {                                 \
    auto l = __meet(x, "simd_shuffle_down");                                   \
    return __from(l, l.lane + d, x);                                           \
  }                                                                            \
  __GN_SYNC T simd_shuffle_up(T x, ushort d) {                                   \
    auto l = __meet(x, "simd_shuffle_up");                                     \
    return __from(l, l.lane - d, x);                                           \
  }                                                                            \
  __GN_SYNC T simd_shuffle_rotate_down(T x, ushort d) {                          \
    auto l = __meet(x, "simd_shuffle_rotate_down");                            \
    return __from(l, (l.lane + d) % __gn::simdWidth, x);                       \
  }                                                                            \
  __GN_SYNC T simd_shuffle_rotate_up(T x, ushort d) {                            \
    auto l = __meet(x, "simd_shuffle_rotate_up");                              \
    return __from(l, (l.lane - d) % __gn::simdWidth, x);                       \
  }                                                                            \
  __GN_SYNC T simd_shuffle_and_fill_down(T x, T fill, ushort d,                  \
                                       ushort modulo = __gn::simdWidth) {      \
    T own = x;                                                                 \
    auto l = __meet(x, "simd_shuffle_and_fill_down");                          \
    unsigned at = l.lane % modulo + d, base = l.lane - l.lane % modulo;        \
    if (at < modulo)                                                           \
      own = l[base + at];                                                      \
    auto f = __meet(fill, "simd_shuffle_and_fill_down");                       \
    return at < modulo ? own : f[base + at - modulo];                          \
  }                                                                            \
  __GN_SYNC T simd_shuffle_and_fill_up(T x, T fill, ushort d,                    \
                                     ushort modulo = __gn::simdWidth) {        \
    T own = x;                                                                 \
    auto l = __meet(x, "simd_shuffle_and_fill_up");                            \
    unsigned at = l.lane % modulo, base = l.lane - at;                         \
    if (at >= d)                                                               \
      own = l[base + at - d];                                                  \
    auto f = __meet(fill, "simd_shuffle_and_fill_up");                         \
    return at >= d ? own : f[base + modulo - d + at];                          \
  }                                                                            \
  __GN_SYNC T quad_broadcast(T x, ushort i) {                                    \
    auto l = __meet(x, "quad_broadcast", __gn::scopeQuad);                     \
    return __from(l, (l.lane & ~3u) + i, x);                                   \
  }                                                                            \
  __GN_SYNC T quad_shuffle(T x, ushort i) {                                      \
    auto l = __meet(x, "quad_shuffle", __gn::scopeQuad);                       \
    return __from(l, (l.lane & ~3u) + i, x);                                   \
  }                                                                            \
  __GN_SYNC T quad_shuffle_xor(T x, ushort m) {                                  \
    auto l = __meet(x, "quad_shuffle_xor", __gn::scopeQuad);                   \
    return __from(l, l.lane ^ (m & 3u), x);                                    \
  }                                                                            \
  __GN_SYNC T quad_shuffle_down(T x, ushort d) {                                 \
    auto l = __meet(x, "quad_shuffle_down", __gn::scopeQuad);                  \
    return (l.lane & 3u) + d < 4 ? l[l.lane + d] : x;                          \
  }                                                                            \
  __GN_SYNC T quad_shuffle_up(T x, ushort d) {                                   \
    auto l = __meet(x, "quad_shuffle_up", __gn::scopeQuad);                    \
    return (l.lane & 3u) >= d ? l[l.lane - d] : x;                             \
  }
__GN_SIMD_TYPES(__GN_SHUFFLES)

#define __GN_QUAD_REDUCTIONS(T)                                                \
  __GN_QUAD_REDUCTION(T, quad_sum, a + b)                                      \
  __GN_QUAD_REDUCTION(T, quad_product, a *b)                                   \
  __GN_QUAD_REDUCTION(T, quad_min, min(a, b))                                  \
  __GN_QUAD_REDUCTION(T, quad_max, max(a, b))
#define __GN_QUAD_REDUCTION(T, name, expr)                                     \
  __GN_SYNC T name(T x) {                                                        \
    auto l = __meet(x, #name, __gn::scopeQuad);                                \
    return __fold(l, l.lane & ~3u, 4, [](T a, T b) { return expr; });          \
  }
__GN_SIMD_TYPES(__GN_QUAD_REDUCTIONS)

// Votes.
class simd_vote {
public:
  typedef ulong vote_t;
  explicit constexpr simd_vote(vote_t v = 0) : __v(v) {}
  explicit constexpr operator vote_t() const { return __v; }
  bool all() const { return __v == __mask(); }
  bool any() const { return __v != 0; }

private:
  static vote_t __mask() { return (1ul << __gn::simdWidth) - 1; }
  vote_t __v;
};
__GN_SYNC ulong __ballot(bool b, const char *what) {
  auto l = __meet((uint)b, what);
  ulong r = 0;
  for (unsigned i = 0; i < __gn::simdWidth; ++i)
    if (l.has(i) && l[i])
      r |= 1ul << i;
  return r;
}
__GN_SYNC simd_vote simd_ballot(bool b) {
  return simd_vote(__ballot(b, "simd_ballot"));
}
__GN_SYNC bool simd_any(bool b) { return __ballot(b, "simd_any") != 0; }
__GN_SYNC bool simd_all(bool b) { return __ballot(!b, "simd_all") == 0; }
__GN_SYNC simd_vote simd_active_threads_mask() {
  return simd_vote(__meet(0u, "simd_active_threads_mask").x->active);
}
__GN_SYNC bool simd_is_first() {
  auto l = __meet(0u, "simd_is_first");
  return l.lane == (unsigned)__builtin_ctz(l.x->active);
}

} // namespace metal
