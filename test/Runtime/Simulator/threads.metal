// Threads and where they stand: whole threadgroups, a grid counted in threads
// whose last threadgroups are smaller, and vectors of two and three.

// RUN: groupnorm-msl-run %s | FileCheck %s --check-prefix=LIST
// RUN: groupnorm-msl-run %s --kernel axpy --grid 2 --threadgroup 4 \
// RUN:   --buffer 0=data:f32:1,2,3,4,5,6,7,8 --buffer 1=out:f32[8] \
// RUN:   --buffer 2=const:u32:7 --print 1 | FileCheck %s --check-prefix=AXPY
// RUN: groupnorm-msl-run %s --kernel where --grid-threads 5x3 \
// RUN:   --threadgroup 4x2 --buffer 0=out:u32[15,6] --print 0 --check \
// RUN: | FileCheck %s --check-prefix=WHERE
// RUN: groupnorm-msl-run %s --kernel where --grid-threads 5x3 --order reverse \
// RUN:   --threadgroup 4x2 --buffer 0=out:u32[15,6] --print 0 --workers 2 \
// RUN: | FileCheck %s --check-prefix=WHERE
// RUN: groupnorm-msl-run %s --kernel lanes --grid 1 --threadgroup 35 \
// RUN:   --buffer 0=out:u32[35,5] --print 0 | FileCheck %s --check-prefix=LANES

#include <metal_stdlib>
using namespace metal;

// LIST:      axpy
// LIST-NEXT:   buffer(0) x: const device float *
// LIST-NEXT:   buffer(1) y: device float *
// LIST-NEXT:   buffer(2) n: constant uint &
// LIST-NEXT: where (at most 8 threads)
// LIST-NEXT:   buffer(0) out: device uint *
// LIST-NEXT: lanes
// LIST-NEXT:   buffer(0) out: device uint *
// LIST-NOT: {{.}}

// The last element is left alone.
// AXPY: 3 5 7 9 11 13 15 NaN
kernel void axpy(const device float *x [[buffer(0)]],
                 device float *y [[buffer(1)]], constant uint &n [[buffer(2)]],
                 uint i [[thread_position_in_grid]]) {
  if (i < n)
    y[i] = 2.0 * x[i] + 1.0;
}

// WHERE:      0 0 0 0 4 2
// WHERE-NEXT: 1 0 1 0 4 2
// WHERE-NEXT: 2 0 2 0 4 2
// WHERE-NEXT: 3 0 3 0 4 2
// WHERE-NEXT: 0 0 0 1 1 2
// WHERE-NEXT: 0 1 4 0 4 2
// WHERE:      3 0 3 2 4 1
// WHERE-NEXT: 0 0 0 3 1 1
[[kernel, max_total_threads_per_threadgroup(4 * 2)]] void
where(device uint *out, uint3 at [[thread_position_in_threadgroup]],
      ushort2 grid [[thread_position_in_grid]],
      uint flat [[thread_index_in_threadgroup]],
      uint2 group [[threadgroup_position_in_grid]],
      uint2 groups [[threadgroups_per_grid]],
      uint2 size [[threads_per_threadgroup]],
      uint2 whole [[threads_per_grid]]) {
  device uint *p = out + (grid.y * whole.x + grid.x) * 6;
  p[0] = at.x;
  p[1] = at.y;
  p[2] = flat;
  p[3] = group.y * groups.x + group.x;
  p[4] = size.x;
  p[5] = size.y;
}

// LANES:      0 0 32 2 0
// LANES:      31 0 32 2 3
// LANES-NEXT: 0 1 32 2 0
// LANES-NEXT: 1 1 32 2 1
// LANES-NEXT: 2 1 32 2 2
// LANES-NOT:  {{.}}
kernel void lanes(device uint *out, uint i [[thread_position_in_grid]],
                  ushort lane [[thread_index_in_simdgroup]],
                  ushort group [[simdgroup_index_in_threadgroup]],
                  ushort width [[threads_per_simdgroup]],
                  ushort groups [[simdgroups_per_threadgroup]],
                  ushort quad [[thread_index_in_quadgroup]]) {
  out[5 * i] = lane;
  out[5 * i + 1] = group;
  out[5 * i + 2] = width;
  out[5 * i + 3] = groups;
  out[5 * i + 4] = quad;
}
