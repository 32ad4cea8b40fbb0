// The C types of elements: halves are their bits, of which C99 has no other
// form, and integers themselves.

// RUN: rm -rf %t && mkdir %t && groupnorm emit %s --emit=obj -o %t/types.o
// RUN: FileCheck %s < %t/types.h
// RUN: %cc -std=c99 -Wall -Wextra -Werror -pedantic -fsyntax-only -x c %t/types.h

// CHECK:      * arg0[8]: f16 as its bits, read.
// CHECK-NEXT: * arg1[8]: bf16 as its bits, read.
// CHECK-NEXT: * arg2[8]: f64, read.
// CHECK-NEXT: * arg3[8]: i8, read.
// CHECK-NEXT: * arg4[8]: i16, read.
// CHECK-NEXT: * arg5[8]: i32, read.
// CHECK-NEXT: * arg6[8]: i64, written.
// CHECK:      int32_t types(const uint16_t *arg0,
// CHECK-NEXT:               const uint16_t *arg1,
// CHECK-NEXT:               const double *arg2,
// CHECK-NEXT:               const int8_t *arg3,
// CHECK-NEXT:               const int16_t *arg4,
// CHECK-NEXT:               const int32_t *arg5,
// CHECK-NEXT:               int64_t *arg6);
func.func @types(%a: memref<8xf16>, %b: memref<8xbf16>, %c: memref<8xf64>, %d: memref<8xi8>, %e: memref<8xi16>, %f: memref<8xi32>, %g: memref<8xi64>) {
  affine.for %i = 0 to 8 {
    %0 = affine.load %f[%i] : memref<8xi32>
    %1 = arith.extsi %0 : i32 to i64
    affine.store %1, %g[%i] : memref<8xi64>
  }
  return
}
