// The whole text of strategy `single`: x is read once and stays in registers.

// RUN: groupnorm-opt %s -convert-gn-to-gpu -prepare-for-msl -emit-bytecode | groupnorm-translate -mlir-to-msl | FileCheck %s --strict-whitespace --match-full-lines

//      CHECK:#include <metal_stdlib>
// CHECK-NEXT:using namespace metal;
// CHECK-EMPTY:
// CHECK-NEXT:// Sums are compensated: what is added first must stay first. That a product and
// CHECK-NEXT:// a sum may become one fma does no harm.
// CHECK-NEXT:#if __METAL_VERSION__ >= 320
// CHECK-NEXT:#pragma METAL fp math_mode(safe)
// CHECK-NEXT:#elif defined(__FAST_MATH__)
// CHECK-NEXT:#error "compile with fastMathEnabled = NO (-fno-fast-math)"
// CHECK-NEXT:#endif
// CHECK-EMPTY:
// CHECK-NEXT:// a + b as a rounded sum and the error of rounding it.
// CHECK-NEXT:static inline float2 two_sum(float a, float b) {
// CHECK-NEXT:  const float sum = a + b;
// CHECK-NEXT:  const float rest = sum - a;
// CHECK-NEXT:  return float2(sum, (a - (sum - rest)) + (b - rest));
// CHECK-NEXT:}
// CHECK-EMPTY:
// CHECK-NEXT:// The statistics (count, mean, low part of the mean, variance) of `count` values,
// CHECK-NEXT:// from the sums of (value - shift) and of its square.
// CHECK-NEXT:static inline float4 statistics_from_sums(float count, float shift, float sum, float squares) {
// CHECK-NEXT:  const float offset = sum / count;
// CHECK-NEXT:  const float2 mean = two_sum(shift, offset);
// CHECK-NEXT:  const float variance = squares / count - offset * offset;
// CHECK-NEXT:  return float4(count, mean.x, mean.y, variance < 0.0f ? 0.0f : variance);
// CHECK-NEXT:}
// CHECK-EMPTY:
// CHECK-NEXT:// The statistics of two disjoint sets together (Chan, Golub and LeVeque).
// CHECK-NEXT:static inline float4 merge_statistics(float4 a, float4 b) {
// CHECK-NEXT:  const float count = a.x + b.x;
// CHECK-NEXT:  const float weight = b.x / fmax(count, 1.0f);
// CHECK-NEXT:  const float rest = 1.0f - weight;
// CHECK-NEXT:  const float delta = (b.y - a.y) + (b.z - a.z);
// CHECK-NEXT:  const float2 mean = two_sum(a.y, fma(weight, delta, a.z));
// CHECK-NEXT:  const float variance = rest * a.w + weight * fma(rest * delta, delta, b.w);
// CHECK-NEXT:  return a.x == 0.0f ? b : float4(count, mean.x, mean.y, variance);
// CHECK-NEXT:}
// CHECK-EMPTY:
// CHECK-NEXT:// The statistics of a simdgroup's 32 threads together, in lane 0.
// CHECK-NEXT:static inline float4 merge_simdgroup(float4 statistics) {
// CHECK-NEXT:  float4 merged = statistics;
// CHECK-NEXT:  for (uint i = 0; i < 5; ++i) {
// CHECK-NEXT:    merged = merge_statistics(merged, simd_shuffle_xor(merged, 16 >> i));
// CHECK-NEXT:  }
// CHECK-NEXT:  return merged;
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
// CHECK-NEXT:  const uint thread_index = thread_position_in_threadgroup.x;
// CHECK-NEXT:  const uint sample = threadgroup_position_in_grid.z;
// CHECK-NEXT:  const uint column = (thread_index % 16) * 4;
// CHECK-NEXT:  const uint row = thread_index / 16;
// CHECK-NEXT:  const uint offset = sample * 1024 + column;
// CHECK-NEXT:  float4 values[4];
// CHECK-NEXT:  float4 statistics[4];
// CHECK-EMPTY:
// CHECK-NEXT:  // items in registers, and their mean
// CHECK-NEXT:  float4 total = float4(0.0f);
// CHECK-NEXT:  #pragma clang loop unroll(full)
// CHECK-NEXT:  for (uint i = 0; i < 4; ++i) {
// CHECK-NEXT:    const uint place = offset + (row + i * 4) * 64;
// CHECK-NEXT:    const float4 value = *(device const float4 *)&x[place];
// CHECK-NEXT:    values[i] = value;
// CHECK-NEXT:    total += value;
// CHECK-NEXT:  }
// CHECK-EMPTY:
// CHECK-NEXT:  const float4 shift = total * 0.25f;
// CHECK-EMPTY:
// CHECK-NEXT:  // deviations from that mean
// CHECK-NEXT:  float4 sum = float4(0.0f);
// CHECK-NEXT:  float4 squares = float4(0.0f);
// CHECK-NEXT:  #pragma clang loop unroll(full)
// CHECK-NEXT:  for (uint i = 0; i < 4; ++i) {
// CHECK-NEXT:    const float4 deviation = values[i] - shift;
// CHECK-NEXT:    sum += deviation;
// CHECK-NEXT:    squares = fma(deviation, deviation, squares);
// CHECK-NEXT:  }
// CHECK-NEXT:  #pragma clang loop unroll(full)
// CHECK-NEXT:  for (uint component = 0; component < 4; ++component) {
// CHECK-NEXT:    statistics[component] = statistics_from_sums(4.0f, shift[component], sum[component],
// CHECK-NEXT:        squares[component]);
// CHECK-NEXT:  }
// CHECK-EMPTY:
// CHECK-NEXT:  const uint lane = thread_index_in_simdgroup;
// CHECK-NEXT:  const uint simdgroup = simdgroup_index_in_threadgroup;
// CHECK-NEXT:  const uint first_set = thread_index * 4;
// CHECK-EMPTY:
// CHECK-NEXT:  // each thread's statistics, for all to see
// CHECK-NEXT:  #pragma clang loop unroll(full)
// CHECK-NEXT:  for (uint component = 0; component < 4; ++component) {
// CHECK-NEXT:    shared_statistics[first_set + component] = statistics[component];
// CHECK-NEXT:  }
// CHECK-NEXT:  threadgroup_barrier(mem_flags::mem_threadgroup);
// CHECK-EMPTY:
// CHECK-NEXT:  // merge
// CHECK-NEXT:  for (uint group = simdgroup; group < 8; group += 2) {
// CHECK-NEXT:    const float4 of_lane = shared_statistics[lane * 8 + group];
// CHECK-NEXT:    const float4 merged = merge_simdgroup(of_lane);
// CHECK-NEXT:    if (lane == 0) {
// CHECK-NEXT:      group_statistics[group] = merged;
// CHECK-NEXT:    }
// CHECK-NEXT:  }
// CHECK-NEXT:  threadgroup_barrier(mem_flags::mem_threadgroup);
// CHECK-EMPTY:
// CHECK-NEXT:  // scale and bias
// CHECK-NEXT:  if (thread_index < 64) {
// CHECK-NEXT:    const float4 of_group = group_statistics[thread_index % 8];
// CHECK-NEXT:    const float scale = precise::rsqrt(of_group.w + 1.0e-5f) * gamma[thread_index];
// CHECK-NEXT:    const float bias = fma(-of_group.z, scale, beta[thread_index]);
// CHECK-NEXT:    scale_table[thread_index] = scale;
// CHECK-NEXT:    bias_table[thread_index] = bias;
// CHECK-NEXT:  }
// CHECK-NEXT:  threadgroup_barrier(mem_flags::mem_threadgroup);
// CHECK-EMPTY:
// CHECK-NEXT:  const uint column_group = column % 8;
// CHECK-NEXT:  const float4 mean = float4(group_statistics[column_group].y,
// CHECK-NEXT:      group_statistics[column_group + 1].y, group_statistics[column_group + 2].y,
// CHECK-NEXT:      group_statistics[column_group + 3].y);
// CHECK-NEXT:  const float4 scale = float4(scale_table[column], scale_table[column + 1],
// CHECK-NEXT:      scale_table[column + 2], scale_table[column + 3]);
// CHECK-NEXT:  const float4 bias = float4(bias_table[column], bias_table[column + 1],
// CHECK-NEXT:      bias_table[column + 2], bias_table[column + 3]);
// CHECK-EMPTY:
// CHECK-NEXT:  // normalize
// CHECK-NEXT:  #pragma clang loop unroll(full)
// CHECK-NEXT:  for (uint i = 0; i < 4; ++i) {
// CHECK-NEXT:    *(device float4 *)&y[offset + (row + i * 4) * 64] = fma(values[i] - mean, scale, bias);
// CHECK-NEXT:  }
// CHECK-NEXT:}

func.func @gn(%x: memref<2x16x64xf32>, %gamma: memref<64xf32>, %beta: memref<64xf32>, %y: memref<2x16x64xf32>) {
  gn.group_norm num_groups(8) ins(%x, %gamma, %beta : memref<2x16x64xf32>, memref<64xf32>, memref<64xf32>) outs(%y : memref<2x16x64xf32>)
    {gn.schedule = #gn.metal_schedule<strategy = single, threads = 64, groups = 8>}
  return
}
