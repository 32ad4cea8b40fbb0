// Simdgroup operations: reductions, prefix sums, shuffles, votes; on the values
// of those lanes that are there.

// RUN: groupnorm-msl-run %s --kernel reduce --grid 1 --threadgroup 64 \
// RUN:   --buffer 0=out:f32[2,6] --print 0 | FileCheck %s --check-prefix=REDUCE
// RUN: groupnorm-msl-run %s --kernel shuffle --grid 1 --threadgroup 32 \
// RUN:   --buffer 0=out:i32[12,32] --print 0 --check \
// RUN: | FileCheck %s --check-prefix=SHUFFLE
// RUN: groupnorm-msl-run %s --kernel part --grid 1 --threadgroup 40 \
// RUN:   --buffer 0=out:u32[40] --print 0 | FileCheck %s --check-prefix=PART
// RUN: groupnorm-msl-run %s --kernel votes --grid 1 --threadgroup 32 \
// RUN:   --buffer 0=out:u32[7] --print 0 | FileCheck %s --check-prefix=VOTES

#include <metal_stdlib>
using namespace metal;

// REDUCE:      496 31 0 0 528 4
// REDUCE-NEXT: 1520 63 32 63 560 4
kernel void reduce(device float *out, uint i [[thread_position_in_grid]],
                   uint lane [[thread_index_in_simdgroup]],
                   uint group [[simdgroup_index_in_threadgroup]]) {
  float sum = simd_sum(float(i));
  float most = simd_max(float(i)), least = simd_min(float(i));
  uint bits = simd_or(i) * group; // 63 in the second
  float4 v = simd_sum(float4(0, 0, 0, i % 32 + 1 + group));
  half h = simd_product(half(lane < 2 ? 2 : 1));
  if (lane == 0) {
    device float *p = out + 6 * group;
    p[0] = sum, p[1] = most, p[2] = least, p[3] = bits, p[4] = v.w, p[5] = h;
  }
}

// SHUFFLE:      0 1 3 6 10
// SHUFFLE-NEXT: 0 0 1 3 6
// SHUFFLE-NEXT: 5 5 5
// SHUFFLE-NEXT: 1 0 3 2
// SHUFFLE-NEXT: 2 3 4 {{.*}} 31 30 31
// SHUFFLE-NEXT: 0 1 0 1 2
// SHUFFLE-NEXT: 1 2 3 {{.*}} 31 0
// SHUFFLE-NEXT: 31 0 1
// SHUFFLE-NEXT: 2 3 {{.*}} 31 -100 -99
// SHUFFLE-NEXT: -70 -69 0 1
// SHUFFLE-NEXT: 6 6 6 6 22 22 22 22
// SHUFFLE-NEXT: 3 2 1 0 7 6 5 4
// SHUFFLE:      0 findings
kernel void shuffle(device int *out, ushort i [[thread_index_in_simdgroup]]) {
  int x = i;
  out[i] = simd_prefix_inclusive_sum(x);
  out[32 + i] = simd_prefix_exclusive_sum(x);
  out[64 + i] = simd_broadcast(x, 5);
  out[96 + i] = simd_shuffle_xor(x, 1);
  out[128 + i] = simd_shuffle_down(x, 2);
  out[160 + i] = simd_shuffle_up(x, 2);
  out[192 + i] = simd_shuffle_rotate_down(x, 1);
  out[224 + i] = simd_shuffle_rotate_up(x, 1);
  out[256 + i] = simd_shuffle_and_fill_down(x, x - 100, 2);
  out[288 + i] = simd_shuffle_and_fill_up(x, x - 100, 2);
  out[320 + i] = quad_sum(x);
  out[352 + i] = quad_shuffle(x, 3 - i % 4);
}

// The second simdgroup has 8 lanes.
// PART: {{^}}32 32 {{.*}} 8 8{{$}}
kernel void part(device uint *out, uint i [[thread_position_in_grid]]) {
  out[i] = simd_sum(1u);
}

// VOTES: 0 1 3 32 1 0 2
kernel void votes(device uint *out, ushort i [[thread_index_in_simdgroup]]) {
  bool all = simd_all(i < 31), any = simd_any(i == 7);
  ulong ballot = (simd_vote::vote_t)simd_ballot(i < 2);
  uint active = popcount((ulong)simd_active_threads_mask());
  bool first = simd_is_first();
  uint2 v = simd_broadcast_first(uint2(i, 2));
  if (i == 0) {
    out[0] = all, out[1] = any, out[2] = ballot, out[3] = active;
    out[4] = first, out[5] = v.x, out[6] = v.y;
  }
}
