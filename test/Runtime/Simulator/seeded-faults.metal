// A kernel that is right, and the same kernel with one fault each: the checked
// run finds the fault, where it is, though the result may well be right.

// RUN: groupnorm-msl-run %s --kernel center --grid 2 --threadgroup 64 --check \
// RUN:   --buffer 0=zeros:f32[2,128] --buffer 1=out:f32[2,128] \
// RUN:   --buffer 2=const:u32:128 2>&1 | FileCheck %s --check-prefix=RIGHT
// RUN: groupnorm-msl-run %s --kernel center --grid 2 --threadgroup 64 --check \
// RUN:   --buffer 0=zeros:f32[2,128] --buffer 1=out:f32[2,128] --order reverse \
// RUN:   --buffer 2=const:u32:128 2>&1 | FileCheck %s --check-prefix=RIGHT

// Delete a barrier.
// RUN: not groupnorm-msl-run %s -DNO_BARRIER --kernel center --grid 2 \
// RUN:   --threadgroup 64 --check --buffer 0=zeros:f32[2,128] \
// RUN:   --buffer 1=out:f32[2,128] --buffer 2=const:u32:128 2>&1 \
// RUN: | FileCheck %s --check-prefix=BARRIER

// Shift an index by one.
// RUN: not groupnorm-msl-run %s -DSHIFTED_READ --kernel center --grid 2 \
// RUN:   --threadgroup 64 --check --buffer 0=zeros:f32[2,128] \
// RUN:   --buffer 1=out:f32[2,128] --buffer 2=const:u32:128 2>&1 \
// RUN: | FileCheck %s --check-prefix=READ
// RUN: not groupnorm-msl-run %s -DSHIFTED_WRITE --kernel center --grid 2 \
// RUN:   --threadgroup 64 --check --buffer 0=zeros:f32[2,128] \
// RUN:   --buffer 1=out:f32[2,128] --buffer 2=const:u32:128 2>&1 \
// RUN: | FileCheck %s --check-prefix=WRITE
// RUN: not groupnorm-msl-run %s -DSHIFTED_PART --kernel center --grid 2 \
// RUN:   --threadgroup 64 --check --buffer 0=zeros:f32[2,128] \
// RUN:   --buffer 1=out:f32[2,128] --buffer 2=const:u32:128 2>&1 \
// RUN: | FileCheck %s --check-prefix=PART

// Shrink a buffer.
// RUN: not groupnorm-msl-run %s --kernel center --grid 2 --threadgroup 64 \
// RUN:   --check --buffer 0=zeros:f32[2,128] --buffer 1=out:f32[250] \
// RUN:   --buffer 2=const:u32:128 2>&1 | FileCheck %s --check-prefix=SMALL

// Read threadgroup memory before it is written.
// RUN: not groupnorm-msl-run %s -DNO_WRITE --kernel center --grid 2 \
// RUN:   --threadgroup 64 --check --buffer 0=zeros:f32[2,128] \
// RUN:   --buffer 1=out:f32[2,128] --buffer 2=const:u32:128 2>&1 \
// RUN: | FileCheck %s --check-prefix=UNWRITTEN

// A simd_sum under a divergent branch.
// RUN: not groupnorm-msl-run %s -DDIVERGENT_SIMD --kernel center --grid 2 \
// RUN:   --threadgroup 64 --check --buffer 0=zeros:f32[2,128] \
// RUN:   --buffer 1=out:f32[2,128] --buffer 2=const:u32:128 2>&1 \
// RUN: | FileCheck %s --check-prefix=SIMD

// A barrier that half of the threads reach.
// RUN: not groupnorm-msl-run %s -DFEW_AT_BARRIER --kernel center --grid 2 \
// RUN:   --threadgroup 64 --check --buffer 0=zeros:f32[2,128] \
// RUN:   --buffer 1=out:f32[2,128] --buffer 2=const:u32:128 2>&1 \
// RUN: | FileCheck %s --check-prefix=FEW

#include <metal_stdlib>
using namespace metal;

// RIGHT-NOT: {{data race|out of bounds|uninitialized|divergent}}
// RIGHT:     device memory: 2048 bytes read, 1024 written
// RIGHT:     0 findings
kernel void center(const device float *x [[buffer(0)]],
                   device float *y [[buffer(1)]],
                   constant uint &n [[buffer(2)]],
                   uint row [[threadgroup_position_in_grid]],
                   uint tid [[thread_position_in_threadgroup]],
                   uint threads [[threads_per_threadgroup]],
                   uint lane [[thread_index_in_simdgroup]],
                   uint group [[simdgroup_index_in_threadgroup]]) {
  threadgroup float part[32];
  float sum = 0;
  for (uint i = tid; i < n; i += threads)
#ifdef SHIFTED_READ
    // READ: seeded-faults.metal:[[@LINE+1]]: out of bounds: thread (63,0,0) of threadgroup (1,0,0) reads 4 bytes at device 'x'[256], which has 256 elements
    sum += x[row * n + i + 1];
    // READ: 1 finding
#else
    sum += x[row * n + i];
#endif
#ifdef DIVERGENT_SIMD
  if (lane < 16)
    // SIMD: seeded-faults.metal:[[@LINE+1]]: divergent simd operation: thread (0,0,0) of threadgroup (0,0,0) is at simd_sum, which thread (16,0,0) of its simdgroup does not reach (and 3 more like it)
    sum = simd_sum(sum);
    // SIMD: 1 finding
#else
  sum = simd_sum(sum);
#endif
#ifdef NO_WRITE
  if (lane == 0 && group == 1)
#else
  if (lane == 0)
#endif
    part[group] = sum;
#ifndef NO_BARRIER
  threadgroup_barrier(mem_flags::mem_threadgroup);
#endif
#ifdef FEW_AT_BARRIER
  if (group == 0)
    // FEW: seeded-faults.metal:[[@LINE+1]]: divergent barrier: thread (0,0,0) of threadgroup (0,0,0) is at a barrier, which thread (32,0,0) does not reach: it has returned
    threadgroup_barrier(mem_flags::mem_threadgroup);
#endif
  sum = 0;
  for (uint i = 0; i < threads / 32; ++i)
#ifdef SHIFTED_PART
    // PART: seeded-faults.metal:[[@LINE+2]]: uninitialized read: thread ({{[0-9]+}},0,0) of threadgroup (0,0,0) reads threadgroup 'part'[31], which nobody has written
    // PART: seeded-faults.metal:[[@LINE+1]]: out of bounds: thread ({{[0-9]+}},0,0) of threadgroup (0,0,0) uses element 32 of 'part', which is a float[32] (and
    sum += part[i + 31];
#else
    // BARRIER:   seeded-faults.metal:[[@LINE+4]]: uninitialized read: thread (31,0,0) of threadgroup (0,0,0) reads threadgroup 'part'[0], which nobody has written
    // BARRIER:   seeded-faults.metal:[[@LINE-17]]: data race: thread (0,0,0) of threadgroup (0,0,0) writes threadgroup 'part'[0], which thread (63,0,0) of threadgroup (0,0,0) reads with no barrier between (line [[@LINE+3]])
    // UNWRITTEN: seeded-faults.metal:[[@LINE+2]]: uninitialized read: thread (62,0,0) of threadgroup (0,0,0) reads threadgroup 'part'[0], which nobody has written (and 127 more like it)
    // UNWRITTEN: 1 finding
    sum += part[i];
#endif
  for (uint i = tid; i < n; i += threads)
#ifdef SHIFTED_WRITE
    // WRITE: seeded-faults.metal:[[@LINE+1]]: out of bounds: thread (63,0,0) of threadgroup (1,0,0) writes 4 bytes at device 'y'[256], which has 256 elements
    y[row * n + i + 1] = x[row * n + i] - sum / n;
    // WRITE: finding
#else
    // SMALL: seeded-faults.metal:[[@LINE+1]]: out of bounds: thread (62,0,0) of threadgroup (1,0,0) writes 4 bytes at device 'y'[254], which has 250 elements (and 5 more like it)
    y[row * n + i] = x[row * n + i] - sum / n;
    // SMALL: 1 finding
#endif
}
