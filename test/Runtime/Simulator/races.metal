// What is a race and what is not: barriers order the memory that their flags
// name, simdgroup barriers the lanes of a simdgroup, nothing the threadgroups.

// RUN: not groupnorm-msl-run %s --kernel wrong_flags --grid 1 --threadgroup 64 \
// RUN:   --buffer 0=out:u32[64] --buffer 1=out:u32[64] --check 2>&1 \
// RUN: | FileCheck %s --check-prefix=FLAGS
// RUN: groupnorm-msl-run %s --kernel right_flags --grid 1 --threadgroup 64 \
// RUN:   --buffer 0=out:u32[64] --buffer 1=out:u32[64] --check --print 1 \
// RUN: | FileCheck %s --check-prefix=RIGHT
// RUN: groupnorm-msl-run %s --kernel in_simdgroup --grid 1 --threadgroup 64 \
// RUN:   --buffer 0=out:u32[64] --check | FileCheck %s --check-prefix=NONE
// RUN: not groupnorm-msl-run %s --kernel over_simdgroups --grid 1 \
// RUN:   --threadgroup 64 --buffer 0=out:u32[64] --check 2>&1 \
// RUN: | FileCheck %s --check-prefix=OVER
// RUN: not groupnorm-msl-run %s --kernel after_reads --grid 1 \
// RUN:   --threadgroup 64 --buffer 0=out:u32[64] --check 2>&1 \
// RUN: | FileCheck %s --check-prefix=READS
// RUN: not groupnorm-msl-run %s --kernel among_lanes --grid 1 \
// RUN:   --threadgroup 32 --buffer 0=out:u32[1] --buffer 1=out:u32[32] \
// RUN:   --check 2>&1 | FileCheck %s --check-prefix=LANES
// RUN: not groupnorm-msl-run %s --kernel over_groups --grid 3 --threadgroup 4 \
// RUN:   --buffer 0=zeros:u32[13] --check 2>&1 \
// RUN: | FileCheck %s --check-prefix=GROUPS
// RUN: groupnorm-msl-run %s --kernel count --grid 3 --threadgroup 40 \
// RUN:   --buffer 0=zeros:u32[2] --buffer 1=zeros:f32[1] --check --print 0 \
// RUN:   --print 1 | FileCheck %s --check-prefix=COUNT
// RUN: not groupnorm-msl-run %s --kernel mixed --grid 3 --threadgroup 4 \
// RUN:   --buffer 0=zeros:u32[1] --check 2>&1 \
// RUN: | FileCheck %s --check-prefix=MIXED
// RUN: not groupnorm-msl-run %s --kernel hidden --grid 1 --threadgroup 3 \
// RUN:   --buffer 0=zeros:u32[1] --buffer 1=out:u32[2] --check 2>&1 \
// RUN: | FileCheck %s --check-prefix=HIDDEN
// RUN: not groupnorm-msl-run %s --kernel bytes --grid 1 --threadgroup 8 \
// RUN:   --buffer 0=out:u8[8] --check 2>&1 | FileCheck %s --check-prefix=BYTES

#include <metal_stdlib>
using namespace metal;

// FLAGS: races.metal:[[@LINE+6]]: data race: thread (63,0,0) of threadgroup (0,0,0) reads device 'a'[0], which thread (0,0,0) of threadgroup (0,0,0) writes with no barrier between (line [[@LINE+4]]) (and 63 more like it)
// FLAGS: 1 finding
kernel void wrong_flags(device uint *a, device uint *b,
                        uint i [[thread_position_in_threadgroup]]) {
  a[i] = i;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  b[i] = a[63 - i];
}

// RIGHT: 63 62 61
// RIGHT: 0 findings
kernel void right_flags(device uint *a, device uint *b,
                        uint i [[thread_position_in_threadgroup]]) {
  a[i] = i;
  threadgroup_barrier(mem_flags::mem_threadgroup | mem_flags::mem_device);
  b[i] = a[63 - i];
}

// NONE: 0 findings
kernel void in_simdgroup(device uint *out,
                         uint i [[thread_position_in_threadgroup]]) {
  threadgroup uint a[64];
  a[i] = i;
  simdgroup_barrier(mem_flags::mem_threadgroup);
  out[i] = a[i ^ 31];
}

// OVER: races.metal:[[@LINE+7]]: data race: thread (63,0,0) of threadgroup (0,0,0) reads threadgroup 'a'[0], which thread (0,0,0) of threadgroup (0,0,0) writes with no barrier between (line [[@LINE+5]])
// OVER: 3 findings
kernel void over_simdgroups(device uint *out,
                            uint i [[thread_position_in_threadgroup]]) {
  threadgroup uint a[64];
  a[i] = i;
  simdgroup_barrier(mem_flags::mem_threadgroup);
  out[i] = a[63 - i];
}

// A simdgroup's barrier orders its own reads, the last ones, and no others.
// READS: races.metal:[[@LINE+11]]: data race: thread (63,0,0) of threadgroup (0,0,0) writes threadgroup 'a'[0], which thread ({{[0-9]+}},0,0) of threadgroup (0,0,0) reads with no barrier between (line [[@LINE+8]])
// READS: 1 finding
kernel void after_reads(device uint *out,
                        uint i [[thread_position_in_threadgroup]]) {
  threadgroup uint a[1];
  if (i == 0)
    a[0] = 1;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  out[i] = a[0];
  simdgroup_barrier(mem_flags::mem_threadgroup);
  if (i == 63)
    a[0] = 2;
}

// The lane that reads last, and then writes, is not the only one.
// LANES: races.metal:[[@LINE+9]]: data race: thread (0,0,0) of threadgroup (0,0,0) writes device 'a'[0], which another thread reads with no barrier between
// LANES: 2 findings
kernel void among_lanes(device uint *a, device uint *b,
                        uint i [[thread_position_in_threadgroup]]) {
  if (i == 0)
    a[0] = 0;
  simdgroup_barrier(mem_flags::mem_device);
  b[i] = a[0];
  if (i == 0)
    a[0] = 2;
}

// GROUPS: races.metal:[[@LINE+4]]: data race between threadgroups: thread (0,0,0) of threadgroup (1,0,0) reads device 'a'[4], which thread (3,0,0) of threadgroup (0,0,0) writes in the same launch (line [[@LINE+5]]) (and 1 more like it)
// GROUPS: 2 findings
kernel void over_groups(device uint *a [[buffer(0)]],
                        uint i [[thread_position_in_grid]]) {
  uint x = a[i];
  a[i + 1] = x;
}

// Atomics race with nothing but plain accesses.
// COUNT:      120 119
// COUNT-NEXT: 60
// COUNT:      0 findings
kernel void count(device atomic_uint *n, device atomic_float *sum,
                  uint i [[thread_position_in_grid]]) {
  atomic_fetch_add_explicit(n, 1u, memory_order_relaxed);
  atomic_fetch_max_explicit(n + 1, i, memory_order_relaxed);
  atomic_fetch_add_explicit(sum, 0.5f, memory_order_relaxed);
}

// MIXED: races.metal:[[@LINE+4]]: data race: thread (1,0,0) of threadgroup (0,0,0) writes device 'n'[0], which thread (0,0,0) of threadgroup (0,0,0) reads with no barrier between (line [[@LINE+6]])
// MIXED: data race between threadgroups
kernel void mixed(device atomic_uint *n, uint i [[thread_position_in_grid]]) {
  // Kept apart: one line, one finding.
  atomic_fetch_add_explicit(n, 1u, memory_order_relaxed);
  device uint *plain = (device uint *)n;
  if (plain[0] == 77)
    atomic_store_explicit(n, 0u, memory_order_relaxed);
}

// An atomic read does not hide a plain one before it.
// HIDDEN: races.metal:[[@LINE+9]]: data race: thread (2,0,0) of threadgroup (0,0,0) writes device 'n'[0], which thread (1,0,0) of threadgroup (0,0,0) reads with no barrier between (line [[@LINE+7]])
// HIDDEN: 1 finding
kernel void hidden(device atomic_uint *n, device uint *out,
                   uint i [[thread_position_in_grid]]) {
  if (i == 0)
    out[0] = ((device uint *)n)[0];
  else if (i == 1)
    out[1] = atomic_load_explicit(n, memory_order_relaxed);
  else
    atomic_store_explicit(n, 5u, memory_order_relaxed);
}

// Neighbors in one word are no race, the same byte is.
// BYTES: races.metal:[[@LINE+5]]: data race: thread (4,0,0) of threadgroup (0,0,0) writes device 'out'[3], which thread (3,0,0) of threadgroup (0,0,0) writes with no barrier between (line [[@LINE+3]])
// BYTES: 1 finding
kernel void bytes(device uchar *out, uint i [[thread_position_in_grid]]) {
  out[i] = i;
  if (i == 4)
    out[3] = 0;
}
