// The kernel of strategy `looped`: two sweeps over x.

// RUN: groupnorm-opt %s -convert-gn-to-gpu -prepare-for-msl | groupnorm-translate -mlir-to-msl | FileCheck %s --strict-whitespace --match-full-lines

//      CHECK:// group_norm of x: 2x100x32xf16 into y: 2x100x32xf16,
// CHECK-NEXT:// 4 interleaved groups of 8 features, gamma: 32xf16, beta: 32xf16, epsilon 1e-05 inside the square root.
// CHECK-NEXT:// Strategy looped: a threadgroup takes 4 groups of a sample in two sweeps.
// CHECK-NEXT:// Reads 12800 bytes of x (twice), 256 bytes of gamma and beta; writes 12800 bytes of y.
// CHECK-NEXT:{{\[\[}}max_total_threads_per_threadgroup(64){{\]\]}}
// CHECK-NEXT:kernel void group_norm(
// CHECK-NEXT:    device const half *x {{\[\[}}buffer(0){{\]\]}},
// CHECK-NEXT:    device const half *gamma {{\[\[}}buffer(1){{\]\]}},
// CHECK-NEXT:    device const half *beta {{\[\[}}buffer(2){{\]\]}},
// CHECK-NEXT:    device half *y {{\[\[}}buffer(3){{\]\]}},
// CHECK-NEXT:    uint3 thread_position_in_threadgroup {{\[\[}}thread_position_in_threadgroup{{\]\]}},
// CHECK-NEXT:    uint3 threadgroup_position_in_grid {{\[\[}}threadgroup_position_in_grid{{\]\]}},
// CHECK-NEXT:    uint thread_index_in_simdgroup {{\[\[}}thread_index_in_simdgroup{{\]\]}},
// CHECK-NEXT:    uint simdgroup_index_in_threadgroup {{\[\[}}simdgroup_index_in_threadgroup{{\]\]}}) {
// CHECK-NEXT:  threadgroup float4 group_statistics[4];
// CHECK-NEXT:  threadgroup float4 shared_statistics[8];
// CHECK-NEXT:  threadgroup float scale_table[32];
// CHECK-NEXT:  threadgroup float bias_table[32];
// CHECK-NEXT:  const uint v = (thread_position_in_threadgroup.x % 8) * 4;
// CHECK-NEXT:  const uint v_1 = thread_position_in_threadgroup.x / 8;
// CHECK-NEXT:  const uint v_2 = threadgroup_position_in_grid.z * 3200 + v;
// CHECK-NEXT:  float4 local[4];
// CHECK-NEXT:  #pragma clang loop unroll(full)
// CHECK-NEXT:  for (uint i = 0; i < 4; ++i) {
// CHECK-NEXT:    local[i] = float4(0.0f);
// CHECK-NEXT:  }
// CHECK-NEXT:  float4 local_1[2];
// CHECK-EMPTY:
// CHECK-NEXT:  // statistics, by chunks
// CHECK-NEXT:  for (uint i = 0; i < 96; i += 16) {
// CHECK-NEXT:    const uint v_3 = i + v_1;
// CHECK-EMPTY:
// CHECK-NEXT:    // items in registers, and their mean
// CHECK-NEXT:    float4 carried = float4(0.0f);
// CHECK-NEXT:    #pragma clang loop unroll(full)
// CHECK-NEXT:    for (uint i_1 = 0; i_1 < 2; ++i_1) {
// CHECK-NEXT:      const float4 v_4 = float4(*(device const half4 *)&x[v_2 + (v_3 + i_1 * 8) * 32]);
// CHECK-NEXT:      local_1[i_1] = v_4;
// CHECK-NEXT:      carried += v_4;
// CHECK-NEXT:    }
// CHECK-NEXT:    const float4 v_4 = carried * 0.5f;
// CHECK-EMPTY:
// CHECK-NEXT:    // deviations from that mean
// CHECK-NEXT:    float4 carried_1 = float4(0.0f);
// CHECK-NEXT:    float4 carried_2 = float4(0.0f);
// CHECK-NEXT:    #pragma clang loop unroll(full)
// CHECK-NEXT:    for (uint i_1 = 0; i_1 < 2; ++i_1) {
// CHECK-NEXT:      const float4 v_5 = local_1[i_1] - v_4;
// CHECK-NEXT:      carried_1 += v_5;
// CHECK-NEXT:      carried_2 = fma(v_5, v_5, carried_2);
// CHECK-NEXT:    }
// CHECK-NEXT:    #pragma clang loop unroll(full)
// CHECK-NEXT:    for (uint i_1 = 0; i_1 < 4; ++i_1) {
// CHECK-NEXT:      local[i_1] = merge_statistics(local[i_1], statistics_from_sums(2.0f, v_4[i_1],
// CHECK-NEXT:          carried_1[i_1], carried_2[i_1]));
// CHECK-NEXT:    }
// CHECK-NEXT:  }
// CHECK-EMPTY:
// CHECK-NEXT:  // statistics, by items
// CHECK-NEXT:  for (uint i = v_1 + 96; i < 100; i += 8) {
// CHECK-NEXT:    const float4 v_3 = float4(*(device const half4 *)&x[v_2 + i * 32]);
// CHECK-NEXT:    #pragma clang loop unroll(full)
// CHECK-NEXT:    for (uint i_1 = 0; i_1 < 4; ++i_1) {
// CHECK-NEXT:      local[i_1] = merge_statistics(local[i_1], float4(1.0f, v_3[i_1], 0.0f, 0.0f));
// CHECK-NEXT:    }
// CHECK-NEXT:  }
// CHECK-NEXT:  const uint v_3 = simdgroup_index_in_threadgroup * 4;
// CHECK-NEXT:  #pragma clang loop unroll(full)
// CHECK-NEXT:  for (uint i = 0; i < 4; ++i) {
// CHECK-NEXT:    const float4 v_4 = merge_simdgroup(local[i]);
// CHECK-NEXT:    if (thread_index_in_simdgroup == 0) {
// CHECK-NEXT:      shared_statistics[v_3 + i] = v_4;
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
// CHECK-NEXT:    const float4 v_4 = merge_simdgroup(carried);
// CHECK-NEXT:    if (thread_index_in_simdgroup == 0) {
// CHECK-NEXT:      group_statistics[i] = v_4;
// CHECK-NEXT:    }
// CHECK-NEXT:  }
// CHECK-NEXT:  threadgroup_barrier(mem_flags::mem_threadgroup);
// CHECK-EMPTY:
// CHECK-NEXT:  // scale and bias
// CHECK-NEXT:  if (thread_position_in_threadgroup.x < 32) {
// CHECK-NEXT:    const float4 v_4 = group_statistics[thread_position_in_threadgroup.x % 4];
// CHECK-NEXT:    const float v_5 = precise::rsqrt(v_4.w + 1.0e-5f) *
// CHECK-NEXT:        float(gamma[thread_position_in_threadgroup.x]);
// CHECK-NEXT:    const half v_6 = beta[thread_position_in_threadgroup.x];
// CHECK-NEXT:    scale_table[thread_position_in_threadgroup.x] = v_5;
// CHECK-NEXT:    bias_table[thread_position_in_threadgroup.x] = fma(-v_4.z, v_5, float(v_6));
// CHECK-NEXT:  }
// CHECK-NEXT:  threadgroup_barrier(mem_flags::mem_threadgroup);
// CHECK-EMPTY:
// CHECK-NEXT:  const float4 v_4 = float4(group_statistics[v % 4].y, group_statistics[(v + 1) % 4].y,
// CHECK-NEXT:      group_statistics[(v + 2) % 4].y, group_statistics[(v + 3) % 4].y);
// CHECK-NEXT:  const float4 v_5 = float4(scale_table[v], scale_table[v + 1], scale_table[v + 2],
// CHECK-NEXT:      scale_table[v + 3]);
// CHECK-NEXT:  const float4 v_6 = float4(bias_table[v], bias_table[v + 1], bias_table[v + 2],
// CHECK-NEXT:      bias_table[v + 3]);
// CHECK-EMPTY:
// CHECK-NEXT:  // normalize
// CHECK-NEXT:  for (uint i = v_1; i < 100; i += 8) {
// CHECK-NEXT:    const uint v_7 = v_2 + i * 32;
// CHECK-NEXT:    *(device half4 *)&y[v_7] = half4(fma(float4(*(device const half4 *)&x[v_7]) - v_4, v_5,
// CHECK-NEXT:        v_6));
// CHECK-NEXT:  }
// CHECK-NEXT:}

func.func @gn(%x: memref<2x100x32xf16>, %gamma: memref<32xf16>, %beta: memref<32xf16>, %y: memref<2x100x32xf16>) {
  gn.group_norm num_groups(4) ins(%x, %gamma, %beta : memref<2x100x32xf16>, memref<32xf16>, memref<32xf16>) outs(%y : memref<2x100x32xf16>)
    {gn.schedule = #gn.metal_schedule<strategy = looped, threads = 64, groups = 4, chunk = 2>}
  return
}
