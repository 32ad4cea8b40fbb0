// Centers each row of x: y = x - mean(x). One threadgroup takes a row. It gives
// the right result on most runs, and has two faults.
#include <metal_stdlib>
using namespace metal;

kernel void center(device const float *x [[buffer(0)]],
                   device float *y [[buffer(1)]],
                   constant uint &columns [[buffer(2)]],
                   uint row [[threadgroup_position_in_grid]],
                   uint i [[thread_position_in_threadgroup]],
                   uint threads [[threads_per_threadgroup]],
                   uint lane [[thread_index_in_simdgroup]],
                   uint simdgroup [[simdgroup_index_in_threadgroup]]) {
  threadgroup float sums[32];
  float sum = 0;
  for (uint c = i; c <= columns; c += threads)
    sum += x[row * columns + c];
  sum = simd_sum(sum);
  if (lane == 0)
    sums[simdgroup] = sum;
  sum = 0;
  for (uint s = 0; s < threads / 32; ++s)
    sum += sums[s];
  for (uint c = i; c < columns; c += threads)
    y[row * columns + c] = x[row * columns + c] - sum / columns;
}
