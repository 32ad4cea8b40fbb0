// An epilogue in the text: GELU with the error function, which MSL does not have,
// and a residual, on bf16.

// RUN: groupnorm-opt %s -convert-gn-to-gpu -prepare-for-msl -emit-bytecode | groupnorm-translate -mlir-to-msl | FileCheck %s --strict-whitespace --match-full-lines

//      CHECK:// The error function, within 2 units in the last place.
// CHECK-NEXT:static inline float erf(float x) {
// CHECK-NEXT:  const float v = fabs(x);
// CHECK-NEXT:  const float v_1 = 3.95f < v ? 3.95f : v;
// CHECK-NEXT:  const float v_2 = -fma(fma(fma(fma(fma(fma(fma(fma(fma(-9.211449e-6f, v_1, 1.1729654e-4f),
// CHECK-NEXT:      v_1, -6.318565e-4f), v_1, 0.001665785f), v_1, -1.5977601e-4f), v_1, -0.019153062f), v_1,
// CHECK-NEXT:      0.102777764f), v_1, 0.6366194f), v_1, 0.12837917f), v_1, v_1);
// CHECK-NEXT:  const float v_3 = fma(v_2, 1.442695f, 12583039.0f);
// CHECK-NEXT:  const float v_4 = fma(12583039.0f - v_3, 0.6931472f, v_2);
// CHECK-NEXT:  const float v_5 = as_type<float>(as_type<uint>(v_3) << 23);
// CHECK-NEXT:  return copysign(fma(-v_5, fma(fma(fma(fma(fma(0.0013882521f, v_4, 0.0083665205f), v_4,
// CHECK-NEXT:      0.0416672f), v_4, 0.16666543f), v_4, 0.49999997f), v_4 * v_4, v_4), 1.0f - v_5), x);
// CHECK-NEXT:}
// CHECK-EMPTY:
// CHECK-NEXT:// group_norm of x: 2x100x32xbf16 into y: 2x100x32xbf16,
// CHECK-NEXT:// 4 interleaved groups of 8 features, epsilon 1e-05 inside the square root.
// CHECK-NEXT:// An epilogue follows, with input0: 2x100x32xbf16.
// CHECK-NEXT:// The mean and the reciprocal deviation of each group are saved.
// CHECK-NEXT:// Strategy single: a threadgroup takes one group of a sample and keeps x in registers.
// CHECK-NEXT:// Reads 12800 bytes of x (once); writes 12800 bytes of y.
// CHECK-NEXT:{{\[\[}}max_total_threads_per_threadgroup(64){{\]\]}}
// CHECK-NEXT:kernel void group_norm(
// CHECK-NEXT:    device const bfloat *x {{\[\[}}buffer(0){{\]\]}},
// CHECK-NEXT:    device const bfloat *input0 {{\[\[}}buffer(1){{\]\]}},
// CHECK-NEXT:    device bfloat *y {{\[\[}}buffer(2){{\]\]}},
// CHECK-NEXT:    device float *mean {{\[\[}}buffer(3){{\]\]}},
// CHECK-NEXT:    device float *rstd {{\[\[}}buffer(4){{\]\]}},
// CHECK-NEXT:    uint3 thread_position_in_threadgroup {{\[\[}}thread_position_in_threadgroup{{\]\]}},
// CHECK-NEXT:    uint3 threadgroup_position_in_grid {{\[\[}}threadgroup_position_in_grid{{\]\]}},
// CHECK-NEXT:    uint thread_index_in_simdgroup {{\[\[}}thread_index_in_simdgroup{{\]\]}},
// CHECK-NEXT:    uint simdgroup_index_in_threadgroup {{\[\[}}simdgroup_index_in_threadgroup{{\]\]}}) {
// CHECK-NEXT:  threadgroup float4 group_statistics[1];
// CHECK-NEXT:  threadgroup float4 shared_statistics[2];
// CHECK-NEXT:  threadgroup float scale_table[1];
// CHECK-NEXT:  threadgroup float bias_table[1];
// CHECK-NEXT:  const uint thread_index = thread_position_in_threadgroup.x;
// CHECK-NEXT:  const uint sample = threadgroup_position_in_grid.z;
// CHECK-NEXT:  const uint group = threadgroup_position_in_grid.x;
// CHECK-NEXT:  const uint column = thread_index % 8;
// CHECK-NEXT:  const uint row = thread_index / 8;
// CHECK-NEXT:  const uint offset = sample * 3200 + group + column * 4;
// CHECK-NEXT:  float values[13];
// CHECK-NEXT:  float4 statistics;
// CHECK-EMPTY:
// CHECK-NEXT:  // items in registers, and their mean
// CHECK-NEXT:  float total = 0.0f;
// CHECK-NEXT:  #pragma clang loop unroll(full)
// CHECK-NEXT:  for (uint i = 0; i < 12; ++i) {
// CHECK-NEXT:    const uint place = offset + (row + i * 8) * 32;
// CHECK-NEXT:    const float value = float(x[place]);
// CHECK-NEXT:    values[i] = value;
// CHECK-NEXT:    total += value;
// CHECK-NEXT:  }
// CHECK-EMPTY:
// CHECK-NEXT:  const float shift = total * 0.083333335f;
// CHECK-EMPTY:
// CHECK-NEXT:  // deviations from that mean
// CHECK-NEXT:  float sum = 0.0f;
// CHECK-NEXT:  float squares = 0.0f;
// CHECK-NEXT:  #pragma clang loop unroll(full)
// CHECK-NEXT:  for (uint i = 0; i < 12; ++i) {
// CHECK-NEXT:    const float deviation = values[i] - shift;
// CHECK-NEXT:    sum += deviation;
// CHECK-NEXT:    squares = fma(deviation, deviation, squares);
// CHECK-NEXT:  }
// CHECK-NEXT:  statistics = statistics_from_sums(12.0f, shift, sum, squares);
// CHECK-NEXT:  const bool has_last = row + 96 < 100;
// CHECK-NEXT:  if (has_last) {
// CHECK-NEXT:    const uint place = offset + (row + 96) * 32;
// CHECK-NEXT:    const float value = float(x[place]);
// CHECK-NEXT:    values[12] = value;
// CHECK-NEXT:    statistics = merge_statistics(statistics, float4(1.0f, value, 0.0f, 0.0f));
// CHECK-NEXT:  }
// CHECK-EMPTY:
// CHECK-NEXT:  const uint lane = thread_index_in_simdgroup;
// CHECK-NEXT:  const uint simdgroup = simdgroup_index_in_threadgroup;
// CHECK-NEXT:  const float4 of_simdgroup = merge_simdgroup(statistics);
// CHECK-NEXT:  const bool v = lane == 0;
// CHECK-NEXT:  if (v) {
// CHECK-NEXT:    shared_statistics[simdgroup] = of_simdgroup;
// CHECK-NEXT:  }
// CHECK-NEXT:  threadgroup_barrier(mem_flags::mem_threadgroup);
// CHECK-EMPTY:
// CHECK-NEXT:  // merge
// CHECK-NEXT:  if (simdgroup == 0) {
// CHECK-NEXT:    float4 of_lane = float4(0.0f);
// CHECK-NEXT:    if (lane < 2) {
// CHECK-NEXT:      of_lane = shared_statistics[lane];
// CHECK-NEXT:    }
// CHECK-EMPTY:
// CHECK-NEXT:    const float4 merged = merge_simdgroup(of_lane);
// CHECK-NEXT:    if (v) {
// CHECK-NEXT:      group_statistics[0] = merged;
// CHECK-NEXT:      const uint v_1 = sample * 4 + group;
// CHECK-NEXT:      mean[v_1] = merged.y;
// CHECK-NEXT:      rstd[v_1] = precise::rsqrt(merged.w + 1.0e-5f);
// CHECK-NEXT:    }
// CHECK-NEXT:  }
// CHECK-NEXT:  threadgroup_barrier(mem_flags::mem_threadgroup);
// CHECK-EMPTY:
// CHECK-NEXT:  // scale and bias
// CHECK-NEXT:  if (thread_index == 0) {
// CHECK-NEXT:    const float4 of_group = group_statistics[0];
// CHECK-NEXT:    const float scale = precise::rsqrt(of_group.w + 1.0e-5f);
// CHECK-NEXT:    const float bias = -of_group.z * scale;
// CHECK-NEXT:    scale_table[0] = scale;
// CHECK-NEXT:    bias_table[0] = bias;
// CHECK-NEXT:  }
// CHECK-NEXT:  threadgroup_barrier(mem_flags::mem_threadgroup);
// CHECK-EMPTY:
// CHECK-NEXT:  const float mean_1 = group_statistics[0].y;
// CHECK-NEXT:  const float scale = scale_table[0];
// CHECK-NEXT:  const float bias = bias_table[0];
// CHECK-EMPTY:
// CHECK-NEXT:  // normalize
// CHECK-NEXT:  #pragma clang loop unroll(full)
// CHECK-NEXT:  for (uint i = 0; i < 12; ++i) {
// CHECK-NEXT:    const float normalized = fma(values[i] - mean_1, scale, bias);
// CHECK-NEXT:    const uint place = offset + (row + i * 8) * 32;
// CHECK-NEXT:    y[place] = bfloat(normalized * 0.5f * (erf(normalized * 0.70710677f) + 1.0f) +
// CHECK-NEXT:        float(input0[place]));
// CHECK-NEXT:  }
// CHECK-NEXT:  if (has_last) {
// CHECK-NEXT:    const float normalized = fma(values[12] - mean_1, scale, bias);
// CHECK-NEXT:    const uint place = offset + (row + 96) * 32;
// CHECK-NEXT:    y[place] = bfloat(normalized * 0.5f * (erf(normalized * 0.70710677f) + 1.0f) +
// CHECK-NEXT:        float(input0[place]));
// CHECK-NEXT:  }
// CHECK-NEXT:}

func.func @gn(%x: memref<2x100x32xbf16>, %r: memref<2x100x32xbf16>, %y: memref<2x100x32xbf16>, %m: memref<2x4xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x100x32xbf16>)
    outs(%y, %m, %m : memref<2x100x32xbf16>, memref<2x4xf32>, memref<2x4xf32>)
    {gn.schedule = #gn.metal_schedule<strategy = single, threads = 64>}
    epilogue(%r : memref<2x100x32xbf16> by [affine_map<(n, s, c) -> (n, s, c)>]) {
  ^bb0(%n: f32, %a: bf16):
    %half = arith.constant 0.5 : f32
    %one = arith.constant 1.0 : f32
    %root = arith.constant 0.707106769 : f32
    %0 = arith.mulf %n, %root : f32
    %1 = math.erf %0 : f32
    %2 = arith.addf %1, %one : f32
    %3 = arith.mulf %n, %half : f32
    %4 = arith.mulf %3, %2 : f32
    %5 = arith.extf %a : bf16 to f32
    %6 = arith.addf %4, %5 : f32
    %7 = arith.truncf %6 : f32 to bf16
    gn.yield %7 : bf16
  }
  return
}
