// Calls generated code for another machine and compares it with the formula in
// double, without any library, so that no sysroot of that machine is needed.
// Exits with 0, or with the number of the first check that fails.
#include <stddef.h>
#include <stdint.h>

enum { N = 2, S = 63, C = 40, G = 8, D = C / G };

int32_t features_last(const float *x, const float *gamma, const float *beta,
                      float *y);
int32_t features_first(const float *x, const float *gamma, const float *beta,
                       float *y);
int32_t with_silu(const float *x, const float *gamma, const float *beta,
                  float *y);
int32_t with_gelu(const float *x, const float *gamma, const float *beta,
                  float *y);
int32_t with_gelu_tanh(const float *x, const float *gamma, const float *beta,
                       float *y);

// What generated code and compilers call.
static _Alignas(64) char heap[1 << 20];
static size_t used;
void *malloc(size_t size) {
  void *memory = heap + used;
  used += (size + 63) / 64 * 64;
  return memory;
}
void free(void *memory) { (void)memory; }
void *memset(void *to, int byte, size_t size) {
  for (volatile char *p = to; size--; ++p)
    *p = (char)byte;
  return to;
}
void *memcpy(void *to, const void *from, size_t size) {
  volatile char *p = to;
  for (const char *q = from; size--; ++p, ++q)
    *p = *q;
  return to;
}

static float x[N * S * C + 1], y[N * S * C + 1], gamma[C], beta[C];

// By Newton's method, from above; a compiler may turn __builtin_sqrt into a
// call.
static double squareRoot(double value) {
  double root = value + 1;
  for (int i = 0; i < 60; ++i)
    root = (root + value / root) / 2;
  return root;
}

static double magnitude(double value) { return value < 0 ? -value : value; }

static double identity(double v) { return v; }

// The 2^20th power of the first terms of the series, for numbers not large.
static double exponential(double v) {
  double t = v / (1 << 20), power = 1 + t * (1 + t / 2 * (1 + t / 3));
  for (int i = 0; i < 20; ++i)
    power *= power;
  return power;
}

static double silu(double v) { return v / (1 + exponential(-v)); }

// erf by its series.
static double gelu(double v) {
  double z = v * 0.70710678118654752, term = z, sum = 0;
  for (int k = 0; k < 100; ++k) {
    sum += term / (2 * k + 1);
    term *= -z * z / (k + 1);
  }
  return v / 2 * (1 + sum * 1.1283791670955126);
}

static double geluTanh(double v) {
  return v /
         (1 + exponential(-1.5957691216057308 * (v + 0.044715 * v * v * v)));
}

// The largest error, with feature c of position s at s * position + c *
// feature.
static double compare(int position, int feature, double (*after)(double)) {
  double worst = 0;
  for (int n = 0; n < N; ++n)
    for (int g = 0; g < G; ++g) {
      double sum = 0, squares = 0;
#define FOR_EACH                                                               \
  for (int s = 0; s < S; ++s)                                                  \
    for (int c = g * D, i = n * S * C + s * position + c * feature;            \
         c < (g + 1) * D; ++c, i += feature)
      FOR_EACH sum += x[i + 1];
      double mean = sum / (S * D);
      FOR_EACH squares += (x[i + 1] - mean) * (x[i + 1] - mean);
      double deviation = squareRoot(squares / (S * D) + 1e-5);
      FOR_EACH {
        double error =
            y[i + 1] -
            after((x[i + 1] - mean) / deviation * gamma[c] + beta[c]);
        if (!(magnitude(error) <= worst))
          worst = magnitude(error);
      }
    }
  return worst;
}

static int check(void) {
  uint32_t state = 1;
  for (int i = 0; i < N * S * C; ++i) {
    state = state * 1664525 + 1013904223;
    x[i + 1] = 100 + (float)(state >> 8) / (1 << 22);
  }
  for (int c = 0; c < C; ++c) {
    gamma[c] = 1 + (float)c / C;
    beta[c] = (float)(c % 3) - 1;
  }
  // One element off any alignment but the element's own.
  if (features_last(x + 1, gamma, beta, y + 1) != 0)
    return 1;
  if (!(compare(C, 1, identity) <= 1e-5))
    return 2;
  if (features_first(x + 1, gamma, beta, y + 1) != 0)
    return 3;
  if (!(compare(1, S, identity) <= 1e-5))
    return 4;
  if (with_silu(x + 1, gamma, beta, y + 1) != 0)
    return 5;
  if (!(compare(C, 1, silu) <= 1e-5))
    return 6;
  if (with_gelu(x + 1, gamma, beta, y + 1) != 0)
    return 7;
  if (!(compare(C, 1, gelu) <= 1e-5))
    return 8;
  if (with_gelu_tanh(x + 1, gamma, beta, y + 1) != 0)
    return 9;
  if (!(compare(C, 1, geluTanh) <= 1e-5))
    return 10;
  return 0;
}

#if defined(__x86_64__)
__attribute__((force_align_arg_pointer)) void _start(void) {
  long status = check();
  __asm__ volatile("syscall"
                   :
                   : "a"(60L), "D"(status)
                   : "rcx", "r11", "memory");
  __builtin_unreachable();
}
#elif defined(__aarch64__)
void _start(void) {
  register long status __asm__("x0") = check();
  register long number __asm__("x8") = 93;
  __asm__ volatile("svc 0" : : "r"(status), "r"(number) : "memory");
  __builtin_unreachable();
}
#endif
