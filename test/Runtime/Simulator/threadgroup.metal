// Threadgroup memory and barriers: variables, arguments whose size the launch
// gives, and the same bits whatever runs first and on however many cores.

// RUN: groupnorm-msl-run %s --kernel rowsum --grid 3 --threadgroup 96 \
// RUN:   --buffer 0=zeros:f32[3,200] --buffer 1=out:f32[3] --print 1 \
// RUN:   --threadgroup-memory 0=12 --check | FileCheck %s --check-prefix=ZERO
// RUN: groupnorm-msl-run %s --kernel transpose --grid 1 --threadgroup 4x3 \
// RUN:   --buffer 0=out:i32[4,3] --print 0 | FileCheck %s --check-prefix=TURN
// RUN: groupnorm-msl-run %s --kernel noise --grid 40 --threadgroup 100 \
// RUN:   --buffer 0=out:f32[40] -o 0=%t.forward.npy
// RUN: groupnorm-msl-run %s --kernel noise --grid 40 --threadgroup 100 \
// RUN:   --buffer 0=out:f32[40] -o 0=%t.reverse.npy --order reverse --workers 3
// RUN: groupnorm-msl-run %s --kernel noise --grid 40 --threadgroup 100 \
// RUN:   --buffer 0=out:f32[40] -o 0=%t.checked.npy --check
// RUN: cmp %t.forward.npy %t.reverse.npy
// RUN: cmp %t.forward.npy %t.checked.npy
// RUN: not groupnorm-msl-run %s --kernel large --grid 1 \
// RUN:   --buffer 0=out:f32[1] 2>&1 | FileCheck %s --check-prefix=LARGE

#include <metal_stdlib>
using namespace metal;

static float total(float x, threadgroup float *part, uint lane, uint group,
                   uint groups) {
  x = simd_sum(x);
  if (lane == 0)
    part[group] = x;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  x = 0;
  for (uint i = 0; i < groups; ++i)
    x += part[i];
  return x;
}

// ZERO:      200 201 202
// ZERO-NEXT: x: 2400 bytes read, 0 written
// ZERO-NEXT: y: 0 bytes read, 12 written
// ZERO-NEXT: device memory: 2400 bytes read, 12 written
// ZERO-NEXT: 0 findings
kernel void rowsum(const device float *x, device float *y,
                   threadgroup float *part [[threadgroup(0)]],
                   uint row [[threadgroup_position_in_grid]],
                   uint i [[thread_position_in_threadgroup]],
                   uint size [[threads_per_threadgroup]],
                   uint lane [[thread_index_in_simdgroup]],
                   uint group [[simdgroup_index_in_threadgroup]]) {
  float s = 0;
  for (uint c = i; c < 200; c += size)
    s += x[row * 200 + c] + 1;
  s = total(s, part, lane, group, size / 32);
  if (i == 0)
    y[row] = s + row;
}

// TURN:      0 10 20
// TURN-NEXT: 1 11 21
// TURN-NEXT: 2 12 22
// TURN-NEXT: 3 13 23
kernel void transpose(device int *out, uint2 i [[thread_position_in_grid]]) {
  threadgroup int tile[3][4], unused;
  threadgroup int *row = tile[i.y];
  row[i.x] = i.x + 10 * i.y;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  uint flat = i.y * 4 + i.x;
  out[flat] = tile[flat % 3][flat / 3];
}

kernel void noise(device float *out, uint g [[threadgroup_position_in_grid]],
                  uint i [[thread_position_in_threadgroup]],
                  uint lane [[thread_index_in_simdgroup]],
                  uint group [[simdgroup_index_in_threadgroup]]) {
  threadgroup float part[4];
  float s = total(sin(float(i * 37 + g)), part, lane, group, 4);
  threadgroup_barrier(mem_flags::mem_threadgroup);
  s = total(s * cos(float(i)), part, lane, group, 4);
  if (i == 0)
    out[g] = s;
}

// LARGE: error: kernel 'large' needs 40000 bytes of threadgroup memory or more; there are 32768
kernel void large(device float *out) {
  threadgroup float a[10000];
  a[0] = 1;
  out[0] = a[0];
}
