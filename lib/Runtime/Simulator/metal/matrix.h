// Matrices by columns, and metal::array.

namespace metal {

template <class T, int C, int R = C> struct matrix {
  vec<T, R> columns[C];

  matrix() = default;
  __GN_FN constexpr explicit matrix(T diagonal) : columns{} {
    for (int c = 0; c < C; ++c)
      for (int r = 0; r < R; ++r)
        columns[c].put(r, c == r ? diagonal : T(0));
  }
  template <class... V, class = enable_if_t<sizeof...(V) == C &&
                                            ((__components<V> == R) && ...)>>
  __GN_FN constexpr matrix(V... v) : columns{v...} {}
  template <class... V, class = enable_if_t<sizeof...(V) == C * R &&
                                            (C * R > C) &&
                                            ((__components<V> == 1) && ...)>,
            class = void>
  __GN_FN constexpr matrix(V... v) : columns{} {
    const T e[] = {T(v)...};
    for (int i = 0; i < C * R; ++i)
      columns[i / R].put(i % R, e[i]);
  }
  template <class U>
  __GN_FN constexpr explicit matrix(const matrix<U, C, R> &o) : columns{} {
    for (int c = 0; c < C; ++c)
      columns[c] = vec<T, R>(o.columns[c]);
  }
  __GN_FN vec<T, R> &operator[](long i) { return columns[i]; }
  __GN_FN constexpr const vec<T, R> &operator[](long i) const {
    return columns[i];
  }
};

#define __GN_MATRIX template <class T, int C, int R> __GN_FN

__GN_MATRIX matrix<T, C, R> operator+(matrix<T, C, R> a, matrix<T, C, R> b) {
  for (int c = 0; c < C; ++c)
    a[c] += b[c];
  return a;
}
__GN_MATRIX matrix<T, C, R> operator-(matrix<T, C, R> a, matrix<T, C, R> b) {
  for (int c = 0; c < C; ++c)
    a[c] -= b[c];
  return a;
}
__GN_MATRIX matrix<T, C, R> operator*(matrix<T, C, R> a, __same_t<T> s) {
  for (int c = 0; c < C; ++c)
    a[c] *= s;
  return a;
}
__GN_MATRIX matrix<T, C, R> operator*(__same_t<T> s, matrix<T, C, R> a) {
  return a * s;
}
__GN_MATRIX matrix<T, C, R> operator-(matrix<T, C, R> a) { return a * T(-1); }
__GN_MATRIX vec<T, R> operator*(const matrix<T, C, R> &m, vec<T, C> v) {
  vec<T, R> r = m[0] * v.get(0);
  for (int c = 1; c < C; ++c)
    r += m[c] * v.get(c);
  return r;
}
__GN_MATRIX vec<T, C> operator*(vec<T, R> v, const matrix<T, C, R> &m) {
  vec<T, C> r;
  for (int c = 0; c < C; ++c)
    r.put(c, dot(v, m[c]));
  return r;
}
template <class T, int C, int R, int K>
__GN_FN matrix<T, K, R> operator*(const matrix<T, C, R> &a,
                                  const matrix<T, K, C> &b) {
  matrix<T, K, R> r;
  for (int k = 0; k < K; ++k)
    r[k] = a * b[k];
  return r;
}
__GN_MATRIX matrix<T, C, R> &operator+=(matrix<T, C, R> &a,
                                        matrix<T, C, R> b) {
  return a = a + b;
}
__GN_MATRIX matrix<T, C, R> &operator-=(matrix<T, C, R> &a,
                                        matrix<T, C, R> b) {
  return a = a - b;
}
__GN_MATRIX matrix<T, C, R> &operator*=(matrix<T, C, R> &a, __same_t<T> s) {
  return a = a * s;
}
__GN_MATRIX bool operator==(matrix<T, C, R> a, matrix<T, C, R> b) {
  for (int c = 0; c < C; ++c)
    if (!all(a[c] == b[c]))
      return false;
  return true;
}
__GN_MATRIX matrix<T, R, C> transpose(const matrix<T, C, R> &m) {
  matrix<T, R, C> r;
  for (int c = 0; c < C; ++c)
    for (int k = 0; k < R; ++k)
      r[k].put(c, m[c].get(k));
  return r;
}
template <class T> __GN_FN T determinant(const matrix<T, 2, 2> &m) {
  return m[0].get(0) * m[1].get(1) - m[1].get(0) * m[0].get(1);
}
template <class T> __GN_FN T determinant(const matrix<T, 3, 3> &m) {
  return dot(m[0], cross(m[1], m[2]));
}

template <class T, size_t N> struct array {
  T __data[N];
  __GN_FN constexpr T &operator[](size_t i) { return __data[i]; }
  __GN_FN constexpr const T &operator[](size_t i) const { return __data[i]; }
  __GN_FN constexpr size_t size() const { return N; }
  __GN_FN constexpr bool empty() const { return N == 0; }
  __GN_FN T *data() { return __data; }
  __GN_FN constexpr const T *data() const { return __data; }
  __GN_FN T *begin() { return __data; }
  __GN_FN T *end() { return __data + N; }
  __GN_FN constexpr const T *begin() const { return __data; }
  __GN_FN constexpr const T *end() const { return __data + N; }
};

template <class A, class B> struct pair {
  A first;
  B second;
};

} // namespace metal

#define __GN_MATRIX_NAMES(type, name)                                          \
  typedef metal::matrix<type, 2, 2> name##2x2;                                 \
  typedef metal::matrix<type, 2, 3> name##2x3;                                 \
  typedef metal::matrix<type, 2, 4> name##2x4;                                 \
  typedef metal::matrix<type, 3, 2> name##3x2;                                 \
  typedef metal::matrix<type, 3, 3> name##3x3;                                 \
  typedef metal::matrix<type, 3, 4> name##3x4;                                 \
  typedef metal::matrix<type, 4, 2> name##4x2;                                 \
  typedef metal::matrix<type, 4, 3> name##4x3;                                 \
  typedef metal::matrix<type, 4, 4> name##4x4;                                 \
  namespace metal {                                                            \
  using ::name##2x2;                                                           \
  using ::name##2x3;                                                           \
  using ::name##2x4;                                                           \
  using ::name##3x2;                                                           \
  using ::name##3x3;                                                           \
  using ::name##3x4;                                                           \
  using ::name##4x2;                                                           \
  using ::name##4x3;                                                           \
  using ::name##4x4;                                                           \
  }
__GN_MATRIX_NAMES(float, float)
__GN_MATRIX_NAMES(half, half)
