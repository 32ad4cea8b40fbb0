// Type traits and numeric limits.

namespace metal {

template <class T, T V> struct integral_constant {
  static constexpr T value = V;
  using value_type = T;
  using type = integral_constant;
  constexpr operator T() const { return V; }
  constexpr T operator()() const { return V; }
};
template <bool B> using bool_constant = integral_constant<bool, B>;
using true_type = bool_constant<true>;
using false_type = bool_constant<false>;

template <bool B, class T = void> struct enable_if {};
template <class T> struct enable_if<true, T> {
  using type = T;
};
template <bool B, class T = void>
using enable_if_t = typename enable_if<B, T>::type;

template <bool B, class T, class F> struct conditional {
  using type = T;
};
template <class T, class F> struct conditional<false, T, F> {
  using type = F;
};
template <bool B, class T, class F>
using conditional_t = typename conditional<B, T, F>::type;

template <class T> struct remove_cv {
  using type = __remove_cv(T);
};
template <class T> using remove_cv_t = __remove_cv(T);
template <class T> struct remove_const {
  using type = __remove_const(T);
};
template <class T> using remove_const_t = __remove_const(T);
template <class T> struct remove_volatile {
  using type = __remove_volatile(T);
};
template <class T> using remove_volatile_t = __remove_volatile(T);
template <class T> struct remove_reference {
  using type = __remove_reference_t(T);
};
template <class T> using remove_reference_t = __remove_reference_t(T);
template <class T> struct remove_pointer {
  using type = __remove_pointer(T);
};
template <class T> using remove_pointer_t = __remove_pointer(T);
template <class T> struct remove_extent {
  using type = __remove_extent(T);
};
template <class T> using remove_extent_t = __remove_extent(T);
template <class T> struct remove_addrspace {
  using type = T;
};
template <class T> using remove_addrspace_t = T;
template <class T> struct decay {
  using type = __decay(T);
};
template <class T> using decay_t = __decay(T);
template <class T> struct add_const {
  using type = const T;
};
template <class T> using add_const_t = const T;
template <class T> struct make_unsigned {
  using type = __make_unsigned(T);
};
template <class T> using make_unsigned_t = __make_unsigned(T);
template <class T> struct make_signed {
  using type = __make_signed(T);
};
template <class T> using make_signed_t = __make_signed(T);
template <class T> struct underlying_type {
  using type = __underlying_type(T);
};
template <class T> using underlying_type_t = __underlying_type(T);

template <class T> T &&declval() noexcept;

#define __GN_TRAIT(name, ...)                                                  \
  template <class T> struct name : bool_constant<__VA_ARGS__> {};              \
  template <class T> constexpr bool name##_v = name<T>::value;
#define __GN_TRAIT2(name, ...)                                                 \
  template <class T, class U> struct name : bool_constant<__VA_ARGS__> {};     \
  template <class T, class U> constexpr bool name##_v = name<T, U>::value;

template <class T> constexpr bool __is_real = false;
template <> inline constexpr bool __is_real<float> = true;
template <> inline constexpr bool __is_real<half> = true;
template <> inline constexpr bool __is_real<bfloat> = true;

__GN_TRAIT2(is_same, __is_same(T, U))
__GN_TRAIT2(is_convertible, __is_convertible(T, U))
__GN_TRAIT2(is_base_of, __is_base_of(T, U))
__GN_TRAIT2(is_assignable, __is_assignable(T, U))
__GN_TRAIT(is_floating_point, __is_real<__remove_cv(T)>)
__GN_TRAIT(is_integral, __is_integral(T))
__GN_TRAIT(is_arithmetic, __is_integral(T) || __is_real<__remove_cv(T)>)
__GN_TRAIT(is_scalar, __is_scalar(T) || __is_real<__remove_cv(T)>)
__GN_TRAIT(is_signed, __is_real<__remove_cv(T)> || __is_signed(T))
__GN_TRAIT(is_unsigned, __is_unsigned(T))
__GN_TRAIT(is_const, __is_const(T))
__GN_TRAIT(is_volatile, __is_volatile(T))
__GN_TRAIT(is_void, __is_void(T))
__GN_TRAIT(is_pointer, __is_pointer(T))
__GN_TRAIT(is_reference, __is_reference(T))
__GN_TRAIT(is_array, __is_array(T))
__GN_TRAIT(is_enum, __is_enum(T))
__GN_TRAIT(is_class, __is_class(T))
__GN_TRAIT(is_union, __is_union(T))
__GN_TRAIT(is_trivially_copyable, __is_trivially_copyable(T))
template <class T, class... A>
struct is_constructible : bool_constant<__is_constructible(T, A...)> {};
template <class T, class... A>
constexpr bool is_constructible_v = __is_constructible(T, A...);

template <class... B> struct _disjunction : false_type {};
template <class B> struct _disjunction<B> : B {};
template <class B, class... R>
struct _disjunction<B, R...> : conditional_t<B::value, B, _disjunction<R...>> {
};
template <class... B> struct _conjunction : true_type {};
template <class B> struct _conjunction<B> : B {};
template <class B, class... R>
struct _conjunction<B, R...> : conditional_t<B::value, _conjunction<R...>, B> {
};
template <class... B> using disjunction = _disjunction<B...>;
template <class... B> using conjunction = _conjunction<B...>;
template <class... B>
constexpr bool disjunction_v = _disjunction<B...>::value;
template <class... B>
constexpr bool conjunction_v = _conjunction<B...>::value;
template <class B> struct negation : bool_constant<!B::value> {};
template <class B> constexpr bool negation_v = !B::value;

template <class T> struct numeric_limits {
  static constexpr bool is_specialized = false;
};

#define __GN_INT_LIMITS(type, lo, hi)                                          \
  template <> struct numeric_limits<type> {                                    \
    static constexpr bool is_specialized = true, is_integer = true,            \
                          is_exact = true, has_infinity = false,               \
                          has_quiet_NaN = false;                               \
    static constexpr bool is_signed = (type)-1 < (type)0;                      \
    static constexpr int digits = sizeof(type) * 8 - is_signed;                \
    static constexpr int digits10 = digits * 3 / 10;                           \
    static constexpr type min() { return lo; }                                 \
    static constexpr type max() { return hi; }                                 \
    static constexpr type lowest() { return lo; }                              \
    static constexpr type epsilon() { return 0; }                              \
    static constexpr type infinity() { return 0; }                             \
    static constexpr type quiet_NaN() { return 0; }                            \
  };
__GN_INT_LIMITS(char, -128, 127)
__GN_INT_LIMITS(signed char, -128, 127)
__GN_INT_LIMITS(uchar, 0, 255)
__GN_INT_LIMITS(short, -32768, 32767)
__GN_INT_LIMITS(ushort, 0, 65535)
__GN_INT_LIMITS(int, -__INT_MAX__ - 1, __INT_MAX__)
__GN_INT_LIMITS(uint, 0, ~0u)
__GN_INT_LIMITS(long, -__LONG_MAX__ - 1, __LONG_MAX__)
__GN_INT_LIMITS(ulong, 0, ~0ul)
template <> struct numeric_limits<bool> {
  static constexpr bool is_specialized = true, is_integer = true;
  static constexpr bool min() { return false; }
  static constexpr bool max() { return true; }
  static constexpr bool lowest() { return false; }
};

#define __GN_REAL_LIMITS(type, mant, maxe, mine, lo, hi, eps, inf, nan, den)   \
  template <> struct numeric_limits<type> {                                    \
    static constexpr bool is_specialized = true, is_signed = true,             \
                          is_integer = false, is_exact = false,                \
                          has_infinity = true, has_quiet_NaN = true;           \
    static constexpr int radix = 2, digits = mant, max_exponent = maxe,        \
                         min_exponent = mine;                                  \
    static constexpr type min() { return lo; }                                 \
    static constexpr type max() { return hi; }                                 \
    static constexpr type lowest() { return -(hi); }                           \
    static constexpr type epsilon() { return eps; }                            \
    static constexpr type round_error() { return type(0.5f); }                 \
    static constexpr type infinity() { return inf; }                           \
    static constexpr type quiet_NaN() { return nan; }                          \
    static constexpr type signaling_NaN() { return nan; }                      \
    static constexpr type denorm_min() { return den; }                         \
  };
__GN_REAL_LIMITS(float, 24, 128, -125, 0x1p-126f, 0x1.fffffep127f, 0x1p-23f,
                 __builtin_inff(), __builtin_nanf(""), 0x1p-149f)
__GN_REAL_LIMITS(half, 11, 16, -13, (half)0x1p-14f, (half)65504.0f,
                 (half)0x1p-10f, (half)__builtin_inff(),
                 (half)__builtin_nanf(""), (half)0x1p-24f)
#define __GN_BITS(bits) __builtin_bit_cast(bfloat, (unsigned short)bits)
__GN_REAL_LIMITS(bfloat, 8, 128, -125, __GN_BITS(0x0080), __GN_BITS(0x7f7f),
                 __GN_BITS(0x3c00), __GN_BITS(0x7f80), __GN_BITS(0x7fc0),
                 __GN_BITS(1))

} // namespace metal
