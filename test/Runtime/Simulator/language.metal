// What newer versions of the language have, and conversions that bfloat has as
// any scalar does: from classes that convert to bool, and in conditionals.

// RUN: groupnorm-msl-run %s --kernel versions --metal-version=320 --grid 1 \
// RUN:   --buffer 0=out:f32[4] --print 0 --check \
// RUN: | FileCheck %s --check-prefix=VERSIONS
// RUN: groupnorm-msl-run %s --kernel masks --grid 1 \
// RUN:   --buffer 0=out:bf16[6] --buffer 1=data:bf16:1.5,-2 \
// RUN:   --buffer 2=data:bool:0,1 --print 0 --check \
// RUN: | FileCheck %s --check-prefix=MASKS

#include <metal_stdlib>
using namespace metal;

static float factorial(float n) { return n < 2 ? 1 : n * factorial(n - 1); }
[[visible]] float half_of(float x) { return x / 2; }
[[visible]] float twice(float x) { return x * 2; }
static float apply(float (*f)(float), float x) { return f(x); }

// VERSIONS: 120 3.5 14 12
// VERSIONS: 0 findings
kernel void versions(device float *y) {
  y[0] = factorial(5);
  y[1] = apply(half_of, 7);
  auto f = &twice;
  y[2] = f(7);
#if __METAL_VERSION__ >= 320
  float seven = 7;
  auto plus = [&](float x) { return seven + x; };
  y[3] = plus(5);
#endif
}

// A mask that lets everything pass.
struct all_pass {
  char unused;
  constexpr operator bool() const thread { return true; }
  constexpr operator bool() const device { return true; }
};

template <typename T, typename M> T masked(T value, M mask) {
  T scale = mask;
  return value * scale + T(mask) * T(mask);
}

template <typename T> T first(T a, bool some) { return some ? a : 0; }

// MASKS: 2.5 0 1.5 0 1 -2
// MASKS: 0 findings
kernel void masks(device bfloat *y, const device bfloat *x,
                  const device bool *mask) {
  all_pass pass;
  pass.unused = 0;
  y[0] = masked(x[0], pass);
  y[1] = masked(x[0], mask[0]);
  y[2] = first(x[0], mask[1]);
  y[3] = first(x[0], mask[0]);
  bool set = x[0];
  y[4] = set;
  int whole = x[1];
  y[5] = whole;
}
