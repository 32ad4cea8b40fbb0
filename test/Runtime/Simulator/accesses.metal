// Memory that a kernel must not touch, or not yet.

// RUN: not groupnorm-msl-run %s --kernel before --grid 1 \
// RUN:   --buffer 0=zeros:f16[4] --buffer 1=out:f32[1] --check 2>&1 \
// RUN: | FileCheck %s --check-prefix=BEFORE
// RUN: not groupnorm-msl-run %s --kernel table --grid 1 \
// RUN:   --buffer 0=const:f32:1,2 --buffer 1=out:f32[1] --check 2>&1 \
// RUN: | FileCheck %s --check-prefix=TABLE
// RUN: not groupnorm-msl-run %s --kernel far --grid 1 \
// RUN:   --buffer 0=out:f32[8] --check 2>&1 | FileCheck %s --check-prefix=FAR
// RUN: not groupnorm-msl-run %s --kernel unwritten --grid 1 --threadgroup 4 \
// RUN:   --buffer 0=out:f32[8] --check 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not groupnorm-msl-run %s --kernel own_array --grid 1 --threadgroup 4 \
// RUN:   --buffer 0=zeros:f32[8] --buffer 1=out:f32[4] --check 2>&1 | FileCheck %s --check-prefix=OWN
// RUN: not groupnorm-msl-run %s --kernel own_vectors --grid 1 \
// RUN:   --buffer 0=zeros:f32[16] --buffer 1=out:f32[4] --check 2>&1 | FileCheck %s --check-prefix=VECTORS
// RUN: not groupnorm-msl-run %s --kernel argument --grid 1 \
// RUN:   --threadgroup-memory 0=16 --buffer 0=out:f32[1] --check 2>&1 \
// RUN: | FileCheck %s --check-prefix=ARGUMENT
// RUN: not groupnorm-msl-run %s --kernel null --grid 1 \
// RUN:   --buffer 0=out:f32[1] --check 2>&1 | FileCheck %s --check-prefix=NULL
// RUN: not groupnorm-msl-run %s --kernel null --grid 1 \
// RUN:   --buffer 0=out:f32[1] 2>&1 | FileCheck %s --check-prefix=CRASH
// RUN: not groupnorm-msl-run %s --kernel nowhere --grid 1 \
// RUN:   --buffer 0=out:f32[1] --check 2>&1 | FileCheck %s --check-prefix=NOWHERE
// RUN: not groupnorm-msl-run %s --kernel returned --grid 1 --threadgroup 40 \
// RUN:   --buffer 0=out:f32[40] --check 2>&1 \
// RUN: | FileCheck %s --check-prefix=RETURNED
// RUN: not groupnorm-msl-run %s --kernel parted --grid 1 --threadgroup 64 \
// RUN:   --check 2>&1 | FileCheck %s --check-prefix=PARTED

#include <metal_stdlib>
using namespace metal;

// BEFORE: accesses.metal:[[@LINE+2]]: out of bounds: thread (0,0,0) of threadgroup (0,0,0) reads 8 bytes at device 'x'[-4], before its beginning
kernel void before(const device half4 *x, device float *y) {
  y[0] = dot(x[-1], x[0]);
}

// TABLE: accesses.metal:[[@LINE+2]]: out of bounds: thread (0,0,0) of threadgroup (0,0,0) reads 4 bytes at constant 't'[2], which has 2 elements
kernel void table(constant float *t, device float *y) {
  y[0] = t[2];
}

// Far away, and still known which buffer was meant.
// FAR: accesses.metal:[[@LINE+3]]: out of bounds: thread (0,0,0) of threadgroup (0,0,0) writes 4 bytes at device 'y'[100000000], which has 8 elements
// FAR: 1 finding
kernel void far(device float *y) {
  y[100000000] = 1;
}

// NONE: accesses.metal:[[@LINE+4]]: uninitialized read: thread (0,0,0) of threadgroup (0,0,0) reads device 'y'[4], which nobody has written (and 3 more like it)
// NONE: y: 16 bytes read, 32 written
kernel void unwritten(device float *y, uint i [[thread_position_in_grid]]) {
  y[i] = i;
  y[i + 4] += 1;
}

// OWN: accesses.metal:[[@LINE+6]]: out of bounds: thread (2,0,0) of threadgroup (0,0,0) uses element 5 of 'mine', which is a float[5]; the launch ends here
// OWN: 1 finding
kernel void own_array(const device float *x, device float *y,
                      uint i [[thread_position_in_grid]]) {
  float mine[5] = {0, 1, 2, 3, 4};
  for (uint k = 0; k < 4; ++k)
    mine[i + k] += x[k];
  y[i] = mine[i];
}

// ARGUMENT: accesses.metal:[[@LINE+4]]: out of bounds: thread (0,0,0) of threadgroup (0,0,0) writes 4 bytes at threadgroup 'scratch'[4], which has 4 elements
kernel void argument(device float *y,
                     threadgroup float *scratch [[threadgroup(0)]]) {
  for (uint k = 0; k < 5; ++k)
    scratch[k] = k;
  y[0] = scratch[3];
}

// NULL:  accesses.metal:[[@LINE+4]]: invalid address: thread (0,0,0) of threadgroup (0,0,0) writes 4 bytes through a null pointer; the launch ends here
// CRASH: error: the kernel used memory that is not its own, or divided by zero; --check finds where
kernel void null(device float *y) {
  device float *p = y[0] == 1 ? y : nullptr;
  p[0] = 1;
}

// Beyond all that the launch has.
// NOWHERE: accesses.metal:[[@LINE+2]]: invalid address: thread (0,0,0) of threadgroup (0,0,0) writes 4 bytes through a pointer to no memory; the launch ends here
kernel void nowhere(device float *y) {
  y[1ul << 44] = 1;
}

// RETURNED: accesses.metal:[[@LINE+5]]: divergent simd operation: thread (32,0,0) of threadgroup (0,0,0) is at simd_sum, which thread (36,0,0) of its simdgroup does not reach: it has returned
// RETURNED: accesses.metal:[[@LINE+5]]: divergent barrier: thread (0,0,0) of threadgroup (0,0,0) is at a barrier, which thread (36,0,0) does not reach: it has returned
kernel void returned(device float *y, uint i [[thread_position_in_grid]]) {
  if (i >= 36)
    return;
  float s = simd_sum(float(i));
  threadgroup_barrier(mem_flags::mem_threadgroup);
  y[i] = s;
}

// PARTED: accesses.metal:[[@LINE+3]]: divergent barrier: thread (0,0,0) of threadgroup (0,0,0) is at one barrier and thread (16,0,0) at another (line [[@LINE+5]])
kernel void parted(uint i [[thread_position_in_threadgroup]]) {
  if (i / 16 % 2 == 0)
    threadgroup_barrier(mem_flags::mem_threadgroup);
  else
    threadgroup_barrier(mem_flags::mem_threadgroup);
}

// One past the end of an array of vectors, which clang takes for an address.
// VECTORS: accesses.metal:[[@LINE+5]]: out of bounds: thread (0,0,0) of threadgroup (0,0,0) uses element 3 of 'mine', which has 3 elements; the launch ends here
// VECTORS: 1 finding
kernel void own_vectors(const device float4 *x, device float4 *y) {
  float4 mine[2][3];
  for (uint k = 0; k < 4; ++k)
    mine[1][k] = x[k];
  y[0] = mine[1][2];
}
