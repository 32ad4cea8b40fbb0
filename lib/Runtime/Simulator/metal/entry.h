// What the generated entry of a kernel is made of: arguments that convert to
// whatever the kernel's parameter is, and the description of a parameter's type.

#define __GN_ENTRY __attribute__((disable_sanitizer_instrumentation))

namespace __gn {

/// A buffer bound to a pointer parameter.
struct PointerArgument {
  void *p;
  template <class T> __GN_ENTRY operator T *() const { return (T *)p; }
};

/// A buffer bound to a reference parameter.
struct ReferenceArgument {
  void *p;
  template <class T> __GN_ENTRY operator T &() const { return *(T *)p; }
};

/// A position: its first component, or a vector of two or three.
struct PositionArgument {
  const unsigned *p;
  template <class T> __GN_ENTRY operator T() const {
    if constexpr (metal::is_integral_v<T>) {
      return (T)p[0];
    } else {
      T r;
      for (int i = 0; i < metal::__components<T>; ++i)
        r.put(i, p[i]);
      return r;
    }
  }
};

template <class T> struct ScalarOf {
  using type = T;
};
template <class T, int N> struct ScalarOf<metal::vec<T, N>> : ScalarOf<T> {};
template <class T, int N>
struct ScalarOf<metal::packed_vec<T, N>> : ScalarOf<T> {};
template <class T, int C, int R>
struct ScalarOf<metal::matrix<T, C, R>> : ScalarOf<T> {};
template <class T> struct ScalarOf<metal::atomic<T>> : ScalarOf<T> {};
template <class T, unsigned long N> struct ScalarOf<T[N]> : ScalarOf<T> {};
template <class T, unsigned long N>
struct ScalarOf<metal::array<T, N>> : ScalarOf<T> {};
template <class T> struct ScalarOf<const T> : ScalarOf<T> {};
template <class T> struct ScalarOf<volatile T> : ScalarOf<T> {};

template <class S> constexpr unsigned scalarKind() {
  if constexpr (metal::is_same_v<S, bfloat>)
    return scalarBfloat;
  else if constexpr (metal::is_floating_point_v<S>)
    return scalarFloat;
  else if constexpr (metal::is_same_v<S, bool>)
    return scalarBool;
  else if constexpr (metal::is_integral_v<S>)
    return metal::is_signed_v<S> ? scalarSigned : scalarUnsigned;
  else
    return scalarOther;
}

template <class P> __GN_ENTRY void describeOne(Parameter &p) {
  using T = metal::remove_pointer_t<metal::remove_reference_t<P>>;
  using S = typename ScalarOf<T>::type;
  p.reference = metal::is_reference_v<P>;
  p.readOnly = metal::is_const_v<T>;
  p.scalar = scalarKind<S>();
  if constexpr (metal::is_void_v<T>)
    p.size = 1;
  else
    p.size = sizeof(T);
  if constexpr (scalarKind<S>() != scalarOther)
    p.scalarSize = sizeof(S);
}

template <class... P>
__GN_ENTRY void describe(Parameter *parameters, void (*)(P...)) {
  (describeOne<P>(*parameters++), ...);
}

template <class T>
__GN_ENTRY void describeConstant(FunctionConstant &c, T *value) {
  using S = typename ScalarOf<T>::type;
  c.value = value;
  c.size = sizeof(T);
  c.scalar = scalarKind<S>();
  c.scalarSize = sizeof(S);
}

} // namespace __gn

// What instrumented code calls. A tail call leaves the return address that of
// the access, which is how the simulator knows its line.
#ifdef __GN_CHECKED
#define __GN_HOOK __attribute__((noinline, disable_sanitizer_instrumentation))
#define __GN_ACCESS(i, n)                                                      \
  __GN_HOOK void __tsan_read##n(void *p) {                                     \
    [[clang::musttail]] return __gn_host.read[i](p);                           \
  }                                                                            \
  __GN_HOOK void __tsan_write##n(void *p) {                                    \
    [[clang::musttail]] return __gn_host.write[i](p);                          \
  }                                                                            \
  __GN_HOOK void __tsan_unaligned_read##n(void *p) {                           \
    [[clang::musttail]] return __gn_host.read[i](p);                           \
  }                                                                            \
  __GN_HOOK void __tsan_unaligned_write##n(void *p) {                          \
    [[clang::musttail]] return __gn_host.write[i](p);                          \
  }
extern "C" {
__GN_ACCESS(0, 1)
__GN_ACCESS(1, 2)
__GN_ACCESS(2, 4)
__GN_ACCESS(3, 8)
__GN_ACCESS(4, 16)
__GN_HOOK void *__tsan_memcpy(void *to, const void *from, unsigned long n) {
  [[clang::musttail]] return __gn_host.copy(to, from, n);
}
__GN_HOOK void *__tsan_memmove(void *to, const void *from, unsigned long n) {
  [[clang::musttail]] return __gn_host.copy(to, from, n);
}
__GN_HOOK void *__tsan_memset(void *to, int byte, unsigned long n) {
  [[clang::musttail]] return __gn_host.fill(to, byte, n);
}
__GN_HOOK void __ubsan_handle_out_of_bounds(void *where, unsigned long index) {
  [[clang::musttail]] return __gn_host.outOfBounds(where, index);
}
__GN_HOOK void __tsan_init() {}
}
#endif
