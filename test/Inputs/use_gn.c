/* Calls an emitted gn() as a program in C would. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef DYNAMIC

#include "libgn.h"
enum { N = 2 * 8 * 8 * 32, C = 32 };
static float x[N + 1], y[N], z[N + 1], gamma[C], beta[C];

int main(void) {
  for (int i = 0; i < N; ++i)
    x[i] = (float)(rand() % 1000) / 1000;
  for (int i = 0; i < C; ++i)
    gamma[i] = 1;
  int status = gn(x, gamma, beta, y);
  double sum = 0, squares = 0;
  for (int i = 0; i < N; ++i) {
    sum += y[i];
    squares += y[i] * y[i];
  }
  /* Every group has mean 0 and variance 1, and so has their union. */
  int good = sum / N < 1e-5 && sum / N > -1e-5 && squares / N > 0.99 &&
             squares / N < 1.01;
  printf("aligned: %d, %s\n", status, good ? "same" : "different");
  memmove(x + 1, x, N * sizeof *x);
  status = gn(x + 1, gamma, beta, z + 1);
  printf("misaligned by a float: %d, %s\n", status,
         memcmp(y, z + 1, sizeof y) ? "different" : "same");
  printf("null: %d\n", gn(x, gamma, NULL, y));
  printf(
      "misaligned by a byte: %d\n",
      gn((const float *)(const void *)((const char *)x + 1), gamma, beta, y));
  return 0;
}

#else

int main(void) {
  static float y[32];
  printf("empty: %d\n", gn(NULL, NULL, 0, 5));
  /* Nobody goes through them. */
  printf("many of nothing: %d\n", gn(NULL, NULL, INT64_C(1) << 40, 0));
  printf("negative: %d\n", gn(y, y, 1, -1));
  printf("too large: %d\n", gn(y, y, INT64_MAX / 8, 16));
  return 0;
}

#endif
