/* Calls a compiled group norm on twelve numbers: 3 positions of 4 features, in
 * two groups. The address is a multiple of 4 and need be of nothing larger. */
#include "libgn.h"
#include <stdio.h>

int main(void) {
  float room[] = {0, 1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60}, y[12];
  int32_t status = gn(room + 1, y);
  for (int i = 0; status == 0 && i < 12; i += 4)
    printf("%f %f %f %f\n", y[i], y[i + 1], y[i + 2], y[i + 3]);
  return status;
}
