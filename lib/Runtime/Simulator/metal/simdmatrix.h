// 8x8 matrices that a simdgroup holds together, two elements a lane. Which lane
// holds which elements is undocumented; kernels that look (thread_elements())
// expect what Apple's GPUs do, so that is done here.

namespace metal {

template <class T, int C, int R> struct simdgroup_matrix {
  static_assert(C == 8 && R == 8, "a simdgroup_matrix is 8x8");
  typedef vec<T, 2> storage_type;
  storage_type __own;

  simdgroup_matrix() = default;
  __GN_FN explicit simdgroup_matrix(T diagonal) : __own(T(0)) {
    unsigned lane = __gn_self()->thread_index_in_simdgroup;
    unsigned r = __row(lane), c = __column(lane);
    __own.put(0, r == c ? diagonal : T(0));
    __own.put(1, r == c + 1 ? diagonal : T(0));
  }
  __GN_FN storage_type &thread_elements() { return __own; }
  __GN_FN const storage_type &thread_elements() const { return __own; }

  static constexpr unsigned __row(unsigned lane) {
    return (lane >> 1 & 3u) | (lane >> 4) << 2;
  }
  static constexpr unsigned __column(unsigned lane) {
    return (lane & 1u) << 1 | (lane >> 3 & 1u) << 2;
  }
  static constexpr unsigned __lane(unsigned row, unsigned column) {
    return (column >> 1 & 1u) | (row & 3u) << 1 | (column >> 2) << 3 |
           (row >> 2) << 4;
  }
};

typedef simdgroup_matrix<float, 8, 8> simdgroup_float8x8;
typedef simdgroup_matrix<half, 8, 8> simdgroup_half8x8;
typedef simdgroup_matrix<bfloat, 8, 8> simdgroup_bfloat8x8;

template <class T, int C = 8, int R = 8>
__GN_FN simdgroup_matrix<T, C, R> make_filled_simdgroup_matrix(T value) {
  simdgroup_matrix<T, C, R> m;
  m.__own = vec<T, 2>(value);
  return m;
}

// All lanes have to take part, which is what the meeting checks.
template <class M> __GN_SYNC unsigned __matrix_lane(M &, const char *what) {
  return __meet(0u, what).lane;
}

template <class M, class P>
__GN_FN P *__matrix_element(M &, P *p, ulong stride, ulong2 origin,
                            bool transpose, unsigned lane, unsigned e) {
  ulong r = M::__row(lane), c = M::__column(lane) + e;
  if (transpose) {
    ulong t = r;
    r = c;
    c = t;
  }
  return p + (origin.y + r) * stride + origin.x + c;
}

template <class T, class P>
__GN_SYNC void simdgroup_load(simdgroup_matrix<T, 8, 8> &m, const P *p,
                            ulong stride = 8, ulong2 origin = ulong2(0ul),
                            bool transpose = false) {
  unsigned lane = __matrix_lane(m, "simdgroup_load");
  for (int e = 0; e < 2; ++e)
    m.__own.put(e, *__matrix_element(m, p, stride, origin, transpose, lane, e));
}
template <class T, class P>
__GN_SYNC void simdgroup_store(simdgroup_matrix<T, 8, 8> m, P *p,
                             ulong stride = 8, ulong2 origin = ulong2(0ul),
                             bool transpose = false) {
  unsigned lane = __matrix_lane(m, "simdgroup_store");
  for (int e = 0; e < 2; ++e)
    *__matrix_element(m, p, stride, origin, transpose, lane, e) = m.__own.get(e);
}

// d = a * b + c, with the products summed in float.
template <class D, class A, class B, class C>
__GN_SYNC void simdgroup_multiply_accumulate(simdgroup_matrix<D, 8, 8> &d,
                                           simdgroup_matrix<A, 8, 8> a,
                                           simdgroup_matrix<B, 8, 8> b,
                                           simdgroup_matrix<C, 8, 8> c) {
  using M = simdgroup_matrix<D, 8, 8>;
  const char *what = "simdgroup_multiply_accumulate";
  auto as = __meet(a.__own, what);
  unsigned row = M::__row(as.lane), column = M::__column(as.lane);
  float left[8];
  for (unsigned k = 0; k < 8; ++k)
    left[k] = (float)as[M::__lane(row, k)].get(k & 1);
  auto bs = __meet(b.__own, what);
  for (unsigned e = 0; e < 2; ++e) {
    float sum = (float)c.__own.get(e);
    for (unsigned k = 0; k < 8; ++k)
      sum += left[k] *
             (float)bs[M::__lane(k, column + e)].get((column + e) & 1);
    d.__own.put(e, D(sum));
  }
}
template <class D, class A, class B>
__GN_SYNC void simdgroup_multiply(simdgroup_matrix<D, 8, 8> &d,
                                simdgroup_matrix<A, 8, 8> a,
                                simdgroup_matrix<B, 8, 8> b) {
  simdgroup_multiply_accumulate(d, a, b,
                                make_filled_simdgroup_matrix<D, 8, 8>(D(0)));
}
template <class T>
__GN_FN simdgroup_matrix<T, 8, 8> operator*(simdgroup_matrix<T, 8, 8> a,
                                            simdgroup_matrix<T, 8, 8> b) {
  simdgroup_matrix<T, 8, 8> d;
  simdgroup_multiply(d, a, b);
  return d;
}

} // namespace metal
