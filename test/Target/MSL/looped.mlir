// The kernel of strategy `looped`: two sweeps over x.

// RUN: groupnorm-opt %s -convert-gn-to-gpu -prepare-for-msl -emit-bytecode | groupnorm-translate -mlir-to-msl | FileCheck %s --strict-whitespace --match-full-lines

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
// CHECK-NEXT:  const uint thread_index = thread_position_in_threadgroup.x;
// CHECK-NEXT:  const uint sample = threadgroup_position_in_grid.z;
// CHECK-NEXT:  const uint column = (thread_index % 8) * 4;
// CHECK-NEXT:  const uint row = thread_index / 8;
// CHECK-NEXT:  const uint offset = sample * 3200 + column;
// CHECK-NEXT:  float4 statistics[4];
// CHECK-NEXT:  #pragma clang loop unroll(full)
// CHECK-NEXT:  for (uint component = 0; component < 4; ++component) {
// CHECK-NEXT:    statistics[component] = float4(0.0f);
// CHECK-NEXT:  }
// CHECK-EMPTY:
// CHECK-NEXT:  float4 values[2];
// CHECK-EMPTY:
// CHECK-NEXT:  // statistics, by chunks
// CHECK-NEXT:  for (uint item = 0; item < 96; item += 16) {
// CHECK-NEXT:    const uint first_item = item + row;
// CHECK-EMPTY:
// CHECK-NEXT:    // items in registers, and their mean
// CHECK-NEXT:    float4 total = float4(0.0f);
// CHECK-NEXT:    #pragma clang loop unroll(full)
// CHECK-NEXT:    for (uint i = 0; i < 2; ++i) {
// CHECK-NEXT:      const uint place = offset + (first_item + i * 8) * 32;
// CHECK-NEXT:      const float4 value = float4(*(device const half4 *)&x[place]);
// CHECK-NEXT:      values[i] = value;
// CHECK-NEXT:      total += value;
// CHECK-NEXT:    }
// CHECK-EMPTY:
// CHECK-NEXT:    const float4 shift = total * 0.5f;
// CHECK-EMPTY:
// CHECK-NEXT:    // deviations from that mean
// CHECK-NEXT:    float4 sum = float4(0.0f);
// CHECK-NEXT:    float4 squares = float4(0.0f);
// CHECK-NEXT:    #pragma clang loop unroll(full)
// CHECK-NEXT:    for (uint i = 0; i < 2; ++i) {
// CHECK-NEXT:      const float4 deviation = values[i] - shift;
// CHECK-NEXT:      sum += deviation;
// CHECK-NEXT:      squares = fma(deviation, deviation, squares);
// CHECK-NEXT:    }
// CHECK-NEXT:    #pragma clang loop unroll(full)
// CHECK-NEXT:    for (uint component = 0; component < 4; ++component) {
// CHECK-NEXT:      statistics[component] = merge_statistics(statistics[component],
// CHECK-NEXT:          statistics_from_sums(2.0f, shift[component], sum[component], squares[component]));
// CHECK-NEXT:    }
// CHECK-NEXT:  }
// CHECK-EMPTY:
// CHECK-NEXT:  // statistics, by items
// CHECK-NEXT:  for (uint item = row + 96; item < 100; item += 8) {
// CHECK-NEXT:    const uint place = offset + item * 32;
// CHECK-NEXT:    const float4 value = float4(*(device const half4 *)&x[place]);
// CHECK-NEXT:    #pragma clang loop unroll(full)
// CHECK-NEXT:    for (uint component = 0; component < 4; ++component) {
// CHECK-NEXT:      statistics[component] = merge_statistics(statistics[component],
// CHECK-NEXT:          float4(1.0f, value[component], 0.0f, 0.0f));
// CHECK-NEXT:    }
// CHECK-NEXT:  }
// CHECK-EMPTY:
// CHECK-NEXT:  const uint lane = thread_index_in_simdgroup;
// CHECK-NEXT:  const uint simdgroup = simdgroup_index_in_threadgroup;
// CHECK-NEXT:  const uint first_set = simdgroup * 4;
// CHECK-EMPTY:
// CHECK-NEXT:  // merge, within simdgroups
// CHECK-NEXT:  #pragma clang loop unroll(full)
// CHECK-NEXT:  for (uint component = 0; component < 4; ++component) {
// CHECK-NEXT:    const float4 of_simdgroup = merge_simdgroup(statistics[component]);
// CHECK-NEXT:    if (lane == 0) {
// CHECK-NEXT:      shared_statistics[first_set + component] = of_simdgroup;
// CHECK-NEXT:    }
// CHECK-NEXT:  }
// CHECK-NEXT:  threadgroup_barrier(mem_flags::mem_threadgroup);
// CHECK-EMPTY:
// CHECK-NEXT:  // merge
// CHECK-NEXT:  for (uint group = simdgroup; group < 4; group += 2) {
// CHECK-NEXT:    float4 of_lane = float4(0.0f);
// CHECK-NEXT:    if (lane < 2) {
// CHECK-NEXT:      of_lane = shared_statistics[lane * 4 + group];
// CHECK-NEXT:    }
// CHECK-EMPTY:
// CHECK-NEXT:    const float4 merged = merge_simdgroup(of_lane);
// CHECK-NEXT:    if (lane == 0) {
// CHECK-NEXT:      group_statistics[group] = merged;
// CHECK-NEXT:    }
// CHECK-NEXT:  }
// CHECK-NEXT:  threadgroup_barrier(mem_flags::mem_threadgroup);
// CHECK-EMPTY:
// CHECK-NEXT:  // scale and bias
// CHECK-NEXT:  if (thread_index < 32) {
// CHECK-NEXT:    const float4 of_group = group_statistics[thread_index % 4];
// CHECK-NEXT:    const float scale = precise::rsqrt(of_group.w + 1.0e-5f) * float(gamma[thread_index]);
// CHECK-NEXT:    const float bias = fma(-of_group.z, scale, float(beta[thread_index]));
// CHECK-NEXT:    scale_table[thread_index] = scale;
// CHECK-NEXT:    bias_table[thread_index] = bias;
// CHECK-NEXT:  }
// CHECK-NEXT:  threadgroup_barrier(mem_flags::mem_threadgroup);
// CHECK-EMPTY:
// CHECK-NEXT:  const float4 mean = float4(group_statistics[0].y, group_statistics[1].y,
// CHECK-NEXT:      group_statistics[2].y, group_statistics[3].y);
// CHECK-NEXT:  const float4 scale = float4(scale_table[column], scale_table[column + 1],
// CHECK-NEXT:      scale_table[column + 2], scale_table[column + 3]);
// CHECK-NEXT:  const float4 bias = float4(bias_table[column], bias_table[column + 1],
// CHECK-NEXT:      bias_table[column + 2], bias_table[column + 3]);
// CHECK-EMPTY:
// CHECK-NEXT:  // normalize
// CHECK-NEXT:  for (uint item = row; item < 100; item += 8) {
// CHECK-NEXT:    const uint place = offset + item * 32;
// CHECK-NEXT:    *(device half4 *)&y[place] = half4(fma(float4(*(device const half4 *)&x[place]) - mean,
// CHECK-NEXT:        scale, bias));
// CHECK-NEXT:  }
// CHECK-NEXT:}

func.func @gn(%x: memref<2x100x32xf16>, %gamma: memref<32xf16>, %beta: memref<32xf16>, %y: memref<2x100x32xf16>) {
  gn.group_norm num_groups(4) ins(%x, %gamma, %beta : memref<2x100x32xf16>, memref<32xf16>, memref<32xf16>) outs(%y : memref<2x100x32xf16>)
    {gn.schedule = #gn.metal_schedule<strategy = looped, threads = 64, groups = 4, chunk = 2>}
  return
}
