// What a kernel asks of the simulator: barriers, simdgroup operations, atomics
// and the storage of threadgroup variables. The calls go by way of a table that
// is bound after loading; `convergent` keeps the compiler from making two calls
// out of one and `nomerge` one out of two, so that a call's address tells which
// operation it is.

#include "abi.h"

#define __GN_CALL                                                              \
  __attribute__((noinline, convergent, nomerge,                                \
                 disable_sanitizer_instrumentation))

// The same for what wraps such a call.
#define __GN_SYNC inline __attribute__((always_inline, convergent, nomerge))

static __gn::Host __gn_host;

extern "C" {
__GN_CALL void __gn_barrier(unsigned flags, unsigned scope) {
  [[clang::musttail]] return __gn_host.barrier(flags, scope);
}
__GN_CALL __gn::Exchange *__gn_exchange(const void *value, unsigned size,
                                        unsigned scope, const char *what) {
  [[clang::musttail]] return __gn_host.exchange(value, size, scope, what);
}
__GN_CALL void *__gn_threadgroup(unsigned id, unsigned long size,
                                 const char *name) {
  [[clang::musttail]] return __gn_host.threadgroupVariable(id, size, name);
}
__attribute__((noinline, const, disable_sanitizer_instrumentation))
const __gn::Position *
__gn_self() {
  return __gn_host.self();
}
#ifdef __GN_CHECKED
__GN_CALL void __gn_atomic(const void *p, unsigned size, unsigned kind) {
  [[clang::musttail]] return __gn_host.atomic(p, size, kind);
}
__GN_CALL void __gn_past_end(const char *array, unsigned long size) {
  [[clang::musttail]] return __gn_host.pastEnd(array, size);
}
#endif
}

// The front end puts this around the index of a local array. clang's own check
// lets an index that equals the size pass where the element is a class, which
// every vector is: it might be for an address only.
template <class A> struct __gn_bound {
  static constexpr unsigned long size = 0;
};
template <class T, unsigned long N> struct __gn_bound<T[N]> {
  static constexpr unsigned long size = __is_class(T) ? N : 0;
};
template <class A, class I>
__GN_SYNC constexpr I __gn_index(I i, const char *array) {
#ifdef __GN_CHECKED
  constexpr unsigned long size = __gn_bound<A>::size;
  if (size != 0 && (unsigned long)i == size)
    __gn_past_end(array, size);
#endif
  return i;
}

template <class T>
__GN_FN T &__gn_threadgroup_variable(unsigned id, const char *name) {
  return *(T *)__gn_threadgroup(id, sizeof(T), name);
}

namespace metal {

enum class mem_flags : unsigned {
  mem_none = 0,
  mem_device = 1,
  mem_threadgroup = 2,
  mem_texture = 4,
  mem_threadgroup_imageblock = 8,
  mem_object_data = 16
};
__GN_FN constexpr mem_flags operator|(mem_flags a, mem_flags b) {
  return (mem_flags)((unsigned)a | (unsigned)b);
}
__GN_FN constexpr mem_flags operator&(mem_flags a, mem_flags b) {
  return (mem_flags)((unsigned)a & (unsigned)b);
}
enum memory_order {
  memory_order_relaxed = 0,
  memory_order_acquire = 2,
  memory_order_release = 3,
  memory_order_acq_rel = 4,
  memory_order_seq_cst = 5
};
enum thread_scope {
  thread_scope_thread,
  thread_scope_simdgroup,
  thread_scope_threadgroup,
  thread_scope_device
};

__GN_SYNC void threadgroup_barrier(mem_flags flags) {
  __gn_barrier((unsigned)flags, __gn::scopeThreadgroup);
}
__GN_SYNC void simdgroup_barrier(mem_flags flags) {
  __gn_barrier((unsigned)flags, __gn::scopeSimdgroup);
}
__GN_FN void atomic_thread_fence(mem_flags, memory_order,
                                 thread_scope = thread_scope_device) {
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

// Atomics. The order is relaxed whatever is asked: Metal has no other for them.
template <class T> struct atomic {
  static_assert(is_same_v<T, int> || is_same_v<T, uint> || is_same_v<T, bool> ||
                    is_same_v<T, ulong> || is_same_v<T, float>,
                "atomic<T> takes int, uint, bool, ulong or float");
  T __value;
};
typedef atomic<int> atomic_int;
typedef atomic<uint> atomic_uint;
typedef atomic<bool> atomic_bool;
typedef atomic<float> atomic_float;
typedef atomic<ulong> atomic_ulong;

#ifdef __GN_CHECKED
#define __GN_ATOMIC(kind)                                                      \
  __gn_atomic((const void *)p, sizeof(T), __gn::atomic##kind)
#else
#define __GN_ATOMIC(kind) (void)0
#endif

template <class T, class F> __GN_FN T __update(atomic<T> *p, F f) {
  __GN_ATOMIC(Update);
  T old, wanted;
  __atomic_load(&p->__value, &old, __ATOMIC_RELAXED);
  do
    wanted = f(old);
  while (!__atomic_compare_exchange(&p->__value, &old, &wanted, false,
                                    __ATOMIC_RELAXED, __ATOMIC_RELAXED));
  return old;
}

template <class T>
__GN_FN T atomic_load_explicit(const volatile atomic<T> *p, memory_order) {
  __GN_ATOMIC(Load);
  T r;
  __atomic_load(const_cast<T *>(&p->__value), &r, __ATOMIC_RELAXED);
  return r;
}
template <class T>
__GN_FN void atomic_store_explicit(volatile atomic<T> *p, __same_t<T> v,
                                   memory_order) {
  __GN_ATOMIC(Store);
  __atomic_store(const_cast<T *>(&p->__value), &v, __ATOMIC_RELAXED);
}
template <class T>
__GN_FN T atomic_exchange_explicit(volatile atomic<T> *p, __same_t<T> v,
                                   memory_order) {
  __GN_ATOMIC(Update);
  T r;
  __atomic_exchange(const_cast<T *>(&p->__value), &v, &r, __ATOMIC_RELAXED);
  return r;
}
template <class T>
__GN_FN bool atomic_compare_exchange_weak_explicit(volatile atomic<T> *p,
                                                   T *expected,
                                                   __same_t<T> desired,
                                                   memory_order,
                                                   memory_order) {
  __GN_ATOMIC(Update);
  return __atomic_compare_exchange(const_cast<T *>(&p->__value), expected,
                                   &desired, false, __ATOMIC_RELAXED,
                                   __ATOMIC_RELAXED);
}

#define __GN_FETCH(name, expr, fits)                                           \
  template <class T>                                                           \
  __GN_FN T atomic_fetch_##name##_explicit(volatile atomic<T> *p,              \
                                           __same_t<T> b, memory_order) {      \
    static_assert(fits, "Metal has no atomic_fetch_" #name                     \
                        "_explicit of this type");                             \
    return __update(const_cast<atomic<T> *>(p), [=](T a) { return (T)(expr); }); \
  }
// 64 bits have only the two that return nothing, float only sums.
template <class T>
constexpr bool __atomic_word = is_same_v<T, int> || is_same_v<T, uint>;
template <class T>
constexpr bool __atomic_sum = __atomic_word<T> || is_same_v<T, float>;
__GN_FETCH(add, a + b, __atomic_sum<T>)
__GN_FETCH(sub, a - b, __atomic_sum<T>)
__GN_FETCH(and, a &b, __atomic_word<T>)
__GN_FETCH(or, a | b, __atomic_word<T>)
__GN_FETCH(xor, a ^ b, __atomic_word<T>)
__GN_FETCH(min, b < a ? b : a, __atomic_word<T>)
__GN_FETCH(max, a < b ? b : a, __atomic_word<T>)
__GN_FN void atomic_min_explicit(volatile atomic<ulong> *p, ulong b,
                                 memory_order) {
  __update(const_cast<atomic<ulong> *>(p), [=](ulong a) { return b < a ? b : a; });
}
__GN_FN void atomic_max_explicit(volatile atomic<ulong> *p, ulong b,
                                 memory_order) {
  __update(const_cast<atomic<ulong> *>(p), [=](ulong a) { return a < b ? b : a; });
}

} // namespace metal
