// The kernels of strategy `split`: statistics of pieces, their merge, and the
// normalization.

// RUN: groupnorm-opt %s -convert-gn-to-gpu -prepare-for-msl | groupnorm-translate -mlir-to-msl | FileCheck %s --strict-whitespace --match-full-lines

//      CHECK:// group_norm of x: 1x512x32xf32 into y: 1x512x32xf32,
// CHECK-NEXT:// 4 interleaved groups of 8 features, gamma: 32xf32, beta: 32xf32, epsilon 1e-05 inside the square root.
// CHECK-NEXT:// Strategy split, statistics: a threadgroup takes a piece of 4 groups of a sample.
// CHECK-NEXT:// Reads 65536 bytes of x (once); writes 512 bytes of partial statistics.
// CHECK-NEXT:{{\[\[}}max_total_threads_per_threadgroup(64){{\]\]}}
// CHECK-NEXT:kernel void group_norm_statistics(
// CHECK-NEXT:    device const float *x {{\[\[}}buffer(0){{\]\]}},
// CHECK-NEXT:    device float4 *partial {{\[\[}}buffer(1){{\]\]}},
// CHECK-NEXT:    uint3 thread_position_in_threadgroup {{\[\[}}thread_position_in_threadgroup{{\]\]}},
// CHECK-NEXT:    uint3 threadgroup_position_in_grid {{\[\[}}threadgroup_position_in_grid{{\]\]}},
// CHECK-NEXT:    uint thread_index_in_simdgroup {{\[\[}}thread_index_in_simdgroup{{\]\]}},
// CHECK-NEXT:    uint simdgroup_index_in_threadgroup {{\[\[}}simdgroup_index_in_threadgroup{{\]\]}}) {
// CHECK-NEXT:  threadgroup float4 shared_statistics[8];
// CHECK-NEXT:  const uint v = thread_position_in_threadgroup.x / 8;
// CHECK-NEXT:  const uint v_1 = threadgroup_position_in_grid.z * 16384 + (thread_position_in_threadgroup.x %
// CHECK-NEXT:      8) * 4;
// CHECK-NEXT:  const uint v_2 = threadgroup_position_in_grid.y * 64;
// CHECK-NEXT:  const uint v_3 = min(v_2 + 64, 512u);
// CHECK-NEXT:  float4 local[4];
// CHECK-NEXT:  #pragma clang loop unroll(full)
// CHECK-NEXT:  for (uint i = 0; i < 4; ++i) {
// CHECK-NEXT:    local[i] = float4(0.0f);
// CHECK-NEXT:  }
// CHECK-NEXT:  const uint v_4 = v_2 + ((v_3 - v_2) / 16) * 16;
// CHECK-NEXT:  float4 local_1[2];
// CHECK-EMPTY:
// CHECK-NEXT:  // statistics, by chunks
// CHECK-NEXT:  for (uint i = v_2; i < v_4; i += 16) {
// CHECK-NEXT:    const uint v_5 = i + v;
// CHECK-EMPTY:
// CHECK-NEXT:    // items in registers, and their mean
// CHECK-NEXT:    float4 carried = float4(0.0f);
// CHECK-NEXT:    #pragma clang loop unroll(full)
// CHECK-NEXT:    for (uint i_1 = 0; i_1 < 2; ++i_1) {
// CHECK-NEXT:      const float4 v_6 = *(device const float4 *)&x[v_1 + (v_5 + i_1 * 8) * 32];
// CHECK-NEXT:      local_1[i_1] = v_6;
// CHECK-NEXT:      carried += v_6;
// CHECK-NEXT:    }
// CHECK-NEXT:    const float4 v_6 = carried * 0.5f;
// CHECK-EMPTY:
// CHECK-NEXT:    // deviations from that mean
// CHECK-NEXT:    float4 carried_1 = float4(0.0f);
// CHECK-NEXT:    float4 carried_2 = float4(0.0f);
// CHECK-NEXT:    #pragma clang loop unroll(full)
// CHECK-NEXT:    for (uint i_1 = 0; i_1 < 2; ++i_1) {
// CHECK-NEXT:      const float4 v_7 = local_1[i_1] - v_6;
// CHECK-NEXT:      carried_1 += v_7;
// CHECK-NEXT:      carried_2 = fma(v_7, v_7, carried_2);
// CHECK-NEXT:    }
// CHECK-NEXT:    #pragma clang loop unroll(full)
// CHECK-NEXT:    for (uint i_1 = 0; i_1 < 4; ++i_1) {
// CHECK-NEXT:      local[i_1] = merge_statistics(local[i_1], statistics_from_sums(2.0f, v_6[i_1],
// CHECK-NEXT:          carried_1[i_1], carried_2[i_1]));
// CHECK-NEXT:    }
// CHECK-NEXT:  }
// CHECK-EMPTY:
// CHECK-NEXT:  // statistics, by items
// CHECK-NEXT:  for (uint i = v_4 + v; i < v_3; i += 8) {
// CHECK-NEXT:    const float4 v_5 = *(device const float4 *)&x[v_1 + i * 32];
// CHECK-NEXT:    #pragma clang loop unroll(full)
// CHECK-NEXT:    for (uint i_1 = 0; i_1 < 4; ++i_1) {
// CHECK-NEXT:      local[i_1] = merge_statistics(local[i_1], float4(1.0f, v_5[i_1], 0.0f, 0.0f));
// CHECK-NEXT:    }
// CHECK-NEXT:  }
// CHECK-NEXT:  const uint v_5 = simdgroup_index_in_threadgroup * 4;
// CHECK-NEXT:  #pragma clang loop unroll(full)
// CHECK-NEXT:  for (uint i = 0; i < 4; ++i) {
// CHECK-NEXT:    const float4 v_6 = merge_simdgroup(local[i]);
// CHECK-NEXT:    if (thread_index_in_simdgroup == 0) {
// CHECK-NEXT:      shared_statistics[v_5 + i] = v_6;
// CHECK-NEXT:    }
// CHECK-NEXT:  }
// CHECK-NEXT:  threadgroup_barrier(mem_flags::mem_threadgroup);
// CHECK-EMPTY:
// CHECK-NEXT:  // merge
// CHECK-NEXT:  for (uint i = simdgroup_index_in_threadgroup; i < 4; i += 2) {
// CHECK-NEXT:    float4 carried = float4(0.0f);
// CHECK-NEXT:    for (uint i_1 = thread_index_in_simdgroup; i_1 < 2; i_1 += 32) {
// CHECK-NEXT:      carried = merge_statistics(carried, shared_statistics[i_1 * 4 + i]);
// CHECK-NEXT:    }
// CHECK-NEXT:    const float4 v_6 = merge_simdgroup(carried);
// CHECK-NEXT:    if (thread_index_in_simdgroup == 0) {
// CHECK-NEXT:      partial[(threadgroup_position_in_grid.z * 4 + i) * 8 + threadgroup_position_in_grid.y] =
// CHECK-NEXT:          v_6;
// CHECK-NEXT:    }
// CHECK-NEXT:  }
// CHECK-NEXT:}
// CHECK-EMPTY:
// CHECK-NEXT:// Strategy split, merge: a simdgroup takes one group of a sample.
// CHECK-NEXT:// Reads 512 bytes of partial statistics; writes 64 bytes of statistics.
// CHECK-NEXT:{{\[\[}}max_total_threads_per_threadgroup(32){{\]\]}}
// CHECK-NEXT:kernel void group_norm_merge(
// CHECK-NEXT:    device const float4 *partial {{\[\[}}buffer(0){{\]\]}},
// CHECK-NEXT:    device float4 *statistics {{\[\[}}buffer(1){{\]\]}},
// CHECK-NEXT:    uint3 threadgroup_position_in_grid {{\[\[}}threadgroup_position_in_grid{{\]\]}},
// CHECK-NEXT:    uint thread_index_in_simdgroup {{\[\[}}thread_index_in_simdgroup{{\]\]}}) {
// CHECK-NEXT:  float4 carried = float4(0.0f);
// CHECK-NEXT:  for (uint i = thread_index_in_simdgroup; i < 8; i += 32) {
// CHECK-NEXT:    carried = merge_statistics(carried, partial[threadgroup_position_in_grid.x * 8 + i]);
// CHECK-NEXT:  }
// CHECK-NEXT:  const float4 v = merge_simdgroup(carried);
// CHECK-NEXT:  if (thread_index_in_simdgroup == 0) {
// CHECK-NEXT:    statistics[threadgroup_position_in_grid.x] = v;
// CHECK-NEXT:  }
// CHECK-NEXT:}
// CHECK-EMPTY:
// CHECK-NEXT:// group_norm of x: 1x512x32xf32 into y: 1x512x32xf32,
// CHECK-NEXT:// 4 interleaved groups of 8 features, gamma: 32xf32, beta: 32xf32, epsilon 1e-05 inside the square root.
// CHECK-NEXT:// Strategy split, normalize: a threadgroup takes a piece of 4 groups of a sample.
// CHECK-NEXT:// Reads 65536 bytes of x (once), 2048 bytes of gamma and beta; writes 65536 bytes of y.
// CHECK-NEXT:{{\[\[}}max_total_threads_per_threadgroup(64){{\]\]}}
// CHECK-NEXT:kernel void group_norm_normalize(
// CHECK-NEXT:    device const float *x {{\[\[}}buffer(0){{\]\]}},
// CHECK-NEXT:    device const float4 *statistics {{\[\[}}buffer(1){{\]\]}},
// CHECK-NEXT:    device const float *gamma {{\[\[}}buffer(2){{\]\]}},
// CHECK-NEXT:    device const float *beta {{\[\[}}buffer(3){{\]\]}},
// CHECK-NEXT:    device float *y {{\[\[}}buffer(4){{\]\]}},
// CHECK-NEXT:    uint3 thread_position_in_threadgroup {{\[\[}}thread_position_in_threadgroup{{\]\]}},
// CHECK-NEXT:    uint3 threadgroup_position_in_grid {{\[\[}}threadgroup_position_in_grid{{\]\]}}) {
// CHECK-NEXT:  threadgroup float4 group_statistics[4];
// CHECK-NEXT:  threadgroup float scale_table[32];
// CHECK-NEXT:  threadgroup float bias_table[32];
// CHECK-NEXT:  const uint v = (thread_position_in_threadgroup.x % 8) * 4;
// CHECK-NEXT:  const uint v_1 = threadgroup_position_in_grid.z * 16384 + v;
// CHECK-NEXT:  const uint v_2 = threadgroup_position_in_grid.y * 64;
// CHECK-NEXT:  if (thread_position_in_threadgroup.x < 4) {
// CHECK-NEXT:    group_statistics[thread_position_in_threadgroup.x] =
// CHECK-NEXT:        statistics[threadgroup_position_in_grid.z * 4 + thread_position_in_threadgroup.x];
// CHECK-NEXT:  }
// CHECK-NEXT:  threadgroup_barrier(mem_flags::mem_threadgroup);
// CHECK-EMPTY:
// CHECK-NEXT:  // scale and bias
// CHECK-NEXT:  if (thread_position_in_threadgroup.x < 32) {
// CHECK-NEXT:    const float4 v_3 = group_statistics[thread_position_in_threadgroup.x % 4];
// CHECK-NEXT:    const float v_4 = precise::rsqrt(v_3.w + 1.0e-5f) * gamma[thread_position_in_threadgroup.x];
// CHECK-NEXT:    const float v_5 = beta[thread_position_in_threadgroup.x];
// CHECK-NEXT:    scale_table[thread_position_in_threadgroup.x] = v_4;
// CHECK-NEXT:    bias_table[thread_position_in_threadgroup.x] = fma(-v_3.z, v_4, v_5);
// CHECK-NEXT:  }
// CHECK-NEXT:  threadgroup_barrier(mem_flags::mem_threadgroup);
// CHECK-EMPTY:
// CHECK-NEXT:  const float4 v_3 = float4(group_statistics[v % 4].y, group_statistics[(v + 1) % 4].y,
// CHECK-NEXT:      group_statistics[(v + 2) % 4].y, group_statistics[(v + 3) % 4].y);
// CHECK-NEXT:  const float4 v_4 = float4(scale_table[v], scale_table[v + 1], scale_table[v + 2],
// CHECK-NEXT:      scale_table[v + 3]);
// CHECK-NEXT:  const float4 v_5 = float4(bias_table[v], bias_table[v + 1], bias_table[v + 2],
// CHECK-NEXT:      bias_table[v + 3]);
// CHECK-EMPTY:
// CHECK-NEXT:  // normalize
// CHECK-NEXT:  for (uint i = v_2 + thread_position_in_threadgroup.x / 8; i < min(v_2 + 64, 512u); i += 8) {
// CHECK-NEXT:    const uint v_6 = v_1 + i * 32;
// CHECK-NEXT:    *(device float4 *)&y[v_6] = fma(*(device const float4 *)&x[v_6] - v_3, v_4, v_5);
// CHECK-NEXT:  }
// CHECK-NEXT:}

func.func @gn(%x: memref<1x512x32xf32>, %gamma: memref<32xf32>, %beta: memref<32xf32>, %y: memref<1x512x32xf32>) {
  gn.group_norm num_groups(4) ins(%x, %gamma, %beta : memref<1x512x32xf32>, memref<32xf32>, memref<32xf32>) outs(%y : memref<1x512x32xf32>)
    {gn.schedule = #gn.metal_schedule<strategy = split, threads = 64, groups = 4, chunk = 2, piece = 8>}
  return
}
