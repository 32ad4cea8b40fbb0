// The whole text of strategy `single`: x is read once and stays in registers.

// RUN: groupnorm-opt %s -convert-gn-to-gpu -prepare-for-msl | groupnorm-translate -mlir-to-msl | FileCheck %s --strict-whitespace --match-full-lines

//      CHECK:#include <metal_stdlib>
// CHECK-NEXT:using namespace metal;
// CHECK-EMPTY:
// CHECK-NEXT:// Sums are compensated: what is added first must stay first.
// CHECK-NEXT:#if __METAL_VERSION__ >= 320
// CHECK-NEXT:#pragma METAL fp math_mode(safe)
// CHECK-NEXT:#elif defined(__FAST_MATH__)
// CHECK-NEXT:#error "compile with -fno-fast-math"
// CHECK-NEXT:#endif
// CHECK-EMPTY:
// CHECK-NEXT:// a + b as a rounded sum and the error of rounding it.
// CHECK-NEXT:static inline float2 two_sum(float a, float b) {
// CHECK-NEXT:  const float v = a + b;
// CHECK-NEXT:  const float v_1 = v - a;
// CHECK-NEXT:  return float2(v, (a - (v - v_1)) + (b - v_1));
// CHECK-NEXT:}
// CHECK-EMPTY:
// CHECK-NEXT:// The statistics (count, mean, low part of the mean, variance) of `count` values,
// CHECK-NEXT:// from the sums of (value - shift) and of its square.
// CHECK-NEXT:static inline float4 statistics_from_sums(float count, float shift, float sum, float squares) {
// CHECK-NEXT:  const float v = sum / count;
// CHECK-NEXT:  const float2 v_1 = two_sum(shift, v);
// CHECK-NEXT:  const float v_2 = squares / count - v * v;
// CHECK-NEXT:  return float4(count, v_1.x, v_1.y, v_2 < 0.0f ? 0.0f : v_2);
// CHECK-NEXT:}
// CHECK-EMPTY:
// CHECK-NEXT:// The statistics of two disjoint sets together (Chan, Golub and LeVeque).
// CHECK-NEXT:static inline float4 merge_statistics(float4 a, float4 b) {
// CHECK-NEXT:  const float v = a.x + b.x;
// CHECK-NEXT:  const float v_1 = b.x / fmax(v, 1.0f);
// CHECK-NEXT:  const float v_2 = 1.0f - v_1;
// CHECK-NEXT:  const float v_3 = (b.y - a.y) + (b.z - a.z);
// CHECK-NEXT:  const float2 v_4 = two_sum(a.y, fma(v_1, v_3, a.z));
// CHECK-NEXT:  return a.x == 0.0f ? b : float4(v, v_4.x, v_4.y, v_2 * a.w + v_1 * fma(v_2 * v_3, v_3, b.w));
// CHECK-NEXT:}
// CHECK-EMPTY:
// CHECK-NEXT:// The statistics of a simdgroup's 32 threads together, in lane 0.
// CHECK-NEXT:static inline float4 merge_simdgroup(float4 statistics) {
// CHECK-NEXT:  float4 carried = statistics;
// CHECK-NEXT:  for (uint i = 0; i < 5; ++i) {
// CHECK-NEXT:    carried = merge_statistics(carried, simd_shuffle_xor(carried, 16 >> i));
// CHECK-NEXT:  }
// CHECK-NEXT:  return carried;
// CHECK-NEXT:}
// CHECK-EMPTY:
// CHECK-NEXT:// group_norm of x: 2x16x64xf32 into y: 2x16x64xf32,
// CHECK-NEXT:// 8 interleaved groups of 8 features, gamma: 64xf32, beta: 64xf32, epsilon 1e-05 inside the square root.
// CHECK-NEXT:// Strategy single: a threadgroup takes 8 groups of a sample and keeps x in registers.
// CHECK-NEXT:// Reads 8192 bytes of x (once), 1024 bytes of gamma and beta; writes 8192 bytes of y.
// CHECK-NEXT:{{\[\[}}max_total_threads_per_threadgroup(64){{\]\]}}
// CHECK-NEXT:kernel void group_norm(
// CHECK-NEXT:    device const float *x {{\[\[}}buffer(0){{\]\]}},
// CHECK-NEXT:    device const float *gamma {{\[\[}}buffer(1){{\]\]}},
// CHECK-NEXT:    device const float *beta {{\[\[}}buffer(2){{\]\]}},
// CHECK-NEXT:    device float *y {{\[\[}}buffer(3){{\]\]}},
// CHECK-NEXT:    uint3 thread_position_in_threadgroup {{\[\[}}thread_position_in_threadgroup{{\]\]}},
// CHECK-NEXT:    uint3 threadgroup_position_in_grid {{\[\[}}threadgroup_position_in_grid{{\]\]}},
// CHECK-NEXT:    uint thread_index_in_simdgroup {{\[\[}}thread_index_in_simdgroup{{\]\]}},
// CHECK-NEXT:    uint simdgroup_index_in_threadgroup {{\[\[}}simdgroup_index_in_threadgroup{{\]\]}}) {
// CHECK-NEXT:  threadgroup float4 group_statistics[8];
// CHECK-NEXT:  threadgroup float4 shared_statistics[256];
// CHECK-NEXT:  threadgroup float scale_table[64];
// CHECK-NEXT:  threadgroup float bias_table[64];
// CHECK-NEXT:  const uint v = (thread_position_in_threadgroup.x % 16) * 4;
// CHECK-NEXT:  const uint v_1 = thread_position_in_threadgroup.x / 16;
// CHECK-NEXT:  const uint v_2 = threadgroup_position_in_grid.z * 1024 + v;
// CHECK-NEXT:  float4 local[4];
// CHECK-NEXT:  float4 local_1[4];
// CHECK-EMPTY:
// CHECK-NEXT:  // items in registers, and their mean
// CHECK-NEXT:  float4 carried = float4(0.0f);
// CHECK-NEXT:  #pragma clang loop unroll(full)
// CHECK-NEXT:  for (uint i = 0; i < 4; ++i) {
// CHECK-NEXT:    const float4 v_3 = *(device const float4 *)&x[v_2 + (v_1 + i * 4) * 64];
// CHECK-NEXT:    local[i] = v_3;
// CHECK-NEXT:    carried += v_3;
// CHECK-NEXT:  }
// CHECK-NEXT:  const float4 v_3 = carried * 0.25f;
// CHECK-EMPTY:
// CHECK-NEXT:  // deviations from that mean
// CHECK-NEXT:  float4 carried_1 = float4(0.0f);
// CHECK-NEXT:  float4 carried_2 = float4(0.0f);
// CHECK-NEXT:  #pragma clang loop unroll(full)
// CHECK-NEXT:  for (uint i = 0; i < 4; ++i) {
// CHECK-NEXT:    const float4 v_4 = local[i] - v_3;
// CHECK-NEXT:    carried_1 += v_4;
// CHECK-NEXT:    carried_2 = fma(v_4, v_4, carried_2);
// CHECK-NEXT:  }
// CHECK-NEXT:  #pragma clang loop unroll(full)
// CHECK-NEXT:  for (uint i = 0; i < 4; ++i) {
// CHECK-NEXT:    local_1[i] = statistics_from_sums(4.0f, v_3[i], carried_1[i], carried_2[i]);
// CHECK-NEXT:  }
// CHECK-NEXT:  const uint v_4 = thread_position_in_threadgroup.x * 4;
// CHECK-NEXT:  #pragma clang loop unroll(full)
// CHECK-NEXT:  for (uint i = 0; i < 4; ++i) {
// CHECK-NEXT:    shared_statistics[v_4 + i] = local_1[i];
// CHECK-NEXT:  }
// CHECK-NEXT:  threadgroup_barrier(mem_flags::mem_threadgroup);
// CHECK-EMPTY:
// CHECK-NEXT:  // merge
// CHECK-NEXT:  for (uint i = simdgroup_index_in_threadgroup; i < 8; i += 2) {
// CHECK-NEXT:    float4 carried_3 = float4(0.0f);
// CHECK-NEXT:    for (uint i_1 = thread_index_in_simdgroup; i_1 < 32; i_1 += 32) {
// CHECK-NEXT:      carried_3 = merge_statistics(carried_3, shared_statistics[i_1 * 8 + i]);
// CHECK-NEXT:    }
// CHECK-NEXT:    const float4 v_5 = merge_simdgroup(carried_3);
// CHECK-NEXT:    if (thread_index_in_simdgroup == 0) {
// CHECK-NEXT:      group_statistics[i] = v_5;
// CHECK-NEXT:    }
// CHECK-NEXT:  }
// CHECK-NEXT:  threadgroup_barrier(mem_flags::mem_threadgroup);
// CHECK-EMPTY:
// CHECK-NEXT:  // scale and bias
// CHECK-NEXT:  if (thread_position_in_threadgroup.x < 64) {
// CHECK-NEXT:    const float4 v_5 = group_statistics[thread_position_in_threadgroup.x % 8];
// CHECK-NEXT:    const float v_6 = precise::rsqrt(v_5.w + 1.0e-5f) * gamma[thread_position_in_threadgroup.x];
// CHECK-NEXT:    const float v_7 = beta[thread_position_in_threadgroup.x];
// CHECK-NEXT:    scale_table[thread_position_in_threadgroup.x] = v_6;
// CHECK-NEXT:    bias_table[thread_position_in_threadgroup.x] = fma(-v_5.z, v_6, v_7);
// CHECK-NEXT:  }
// CHECK-NEXT:  threadgroup_barrier(mem_flags::mem_threadgroup);
// CHECK-EMPTY:
// CHECK-NEXT:  const float4 v_5 = float4(group_statistics[v % 8].y, group_statistics[(v + 1) % 8].y,
// CHECK-NEXT:      group_statistics[(v + 2) % 8].y, group_statistics[(v + 3) % 8].y);
// CHECK-NEXT:  const float4 v_6 = float4(scale_table[v], scale_table[v + 1], scale_table[v + 2],
// CHECK-NEXT:      scale_table[v + 3]);
// CHECK-NEXT:  const float4 v_7 = float4(bias_table[v], bias_table[v + 1], bias_table[v + 2],
// CHECK-NEXT:      bias_table[v + 3]);
// CHECK-EMPTY:
// CHECK-NEXT:  // normalize
// CHECK-NEXT:  #pragma clang loop unroll(full)
// CHECK-NEXT:  for (uint i = 0; i < 4; ++i) {
// CHECK-NEXT:    *(device float4 *)&y[v_2 + (v_1 + i * 4) * 64] = fma(local[i] - v_5, v_6, v_7);
// CHECK-NEXT:  }
// CHECK-NEXT:}

func.func @gn(%x: memref<2x16x64xf32>, %gamma: memref<64xf32>, %beta: memref<64xf32>, %y: memref<2x16x64xf32>) {
  gn.group_norm num_groups(8) ins(%x, %gamma, %beta : memref<2x16x64xf32>, memref<64xf32>, memref<64xf32>) outs(%y : memref<2x16x64xf32>)
    {gn.schedule = #gn.metal_schedule<strategy = single, threads = 64, groups = 8>}
  return
}
