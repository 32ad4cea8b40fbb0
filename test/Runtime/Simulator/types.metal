// Types: half and bfloat round once, vectors convert and swizzle, packed ones
// are tight, literals are floats unless they say otherwise.

// RUN: groupnorm-msl-run %s --kernel scalars --grid 1 \
// RUN:   --buffer 0=out:f32[12] --print 0 | FileCheck %s --check-prefix=SCALARS
// RUN: groupnorm-msl-run %s --kernel vectors --grid 1 \
// RUN:   --buffer 0=out:f32[9,4] --print 0 --check \
// RUN: | FileCheck %s --check-prefix=VECTORS
// RUN: groupnorm-msl-run %s --kernel packed --grid 1 \
// RUN:   --buffer 0=data:f32:1,2,3,4,5,6 --buffer 1=out:f32[6] --print 1 \
// RUN: | FileCheck %s --check-prefix=PACKED
// RUN: groupnorm-msl-run %s --kernel halves --grid 1 \
// RUN:   --buffer 0=data:f16:1.5,-2,65504,0.1 \
// RUN:   --buffer 1=data:bf16:1.5,-2,3e38,0.1 \
// RUN:   --buffer 2=out:f16[4] --buffer 3=out:bf16[4] --print 2 --print 3 \
// RUN: | FileCheck %s --check-prefix=HALVES
// RUN: groupnorm-msl-run %s --kernel ordered --grid 1 \
// RUN:   --buffer 0=data:f32:1,nan,3,4 --buffer 1=out:i32[4] --print 1 \
// RUN: | FileCheck %s --check-prefix=ORDERED
// RUN: groupnorm-msl-run %s --kernel matrices --grid 1 \
// RUN:   --buffer 0=out:f32[4,4] --print 0 | FileCheck %s --check-prefix=MATRIX

#include <metal_stdlib>
using namespace metal;

template <typename V> float middle(V v) { return (v.yz * 2.0f).x; }

// 2049 is no half, 257 no bfloat; ties go to the even one.
// SCALARS: 4 2 2 8 4 2048 256 260 1 0.100000001
// SCALARS-SAME: -2 7
kernel void scalars(device float *out) {
  out[0] = sizeof(1.0);
  out[1] = sizeof(1.0h);
  out[2] = sizeof(1.0bf);
  out[3] = sizeof(long);
  out[4] = sizeof(half2);
  out[5] = half(2049.0);
  out[6] = bfloat(257.0f);
  out[7] = bfloat(259.0f) - bfloat(1.0f);
  bfloat b = 0;
  b += 1;
  out[8] = b * 1.0f;
  out[9] = 0.1;
  out[10] = as_type<float>(0xc0000000u);
  out[11] = metal::min(7, int(HALF_MAX));
}

// VECTORS:      4 3 2 1
// VECTORS-NEXT: 9 8 3 4
// VECTORS-NEXT: 3 4 5 6
// VECTORS-NEXT: 1 2 7 8
// VECTORS-NEXT: 1 0 0 1
// VECTORS-NEXT: 1 2 3 4
// VECTORS-NEXT: 4 30 16 1
// VECTORS-NEXT: 0 1 1 0.5
// VECTORS-NEXT: 2 3 0 0
kernel void vectors(device float4 *out) {
  float4 v = float4(1, 2, 3, 4);
  out[0] = v.wzyx;
  float4 w = v;
  w.xy = float2(9, 7);
  w.g += 1;
  out[1] = w;
  out[2] = v + 2;
  out[3] = float4(v.xy, float2(int2(7, 8)));
  out[4] = select(float4(0), float4(1), v == float4(1, 0, 0, 4));
  half4 h = half4(v);
  out[5] = float4(h);
  out[6] = float4(middle(v), dot(v, v), (v * v).w, v[0]);
  out[7] = float4(saturate(-v.x), clamp(v.y, 0.0f, 1.0f), max(v, 1.0f).x,
                  mix(0.0f, 1.0f, 0.5f));
  float4 part = {2, 3};
  out[8] = part;
}

// PACKED: 3 1 2 6 4 5
kernel void packed(const device packed_float3 *x, device packed_float3 *y) {
  for (int i = 0; i < 2; ++i)
    y[i] = float3(x[i]).zxy;
}

// HALVES:      3 -4 +Inf 0.099976
// HALVES-NEXT: 3 -4 +Inf 0.2
kernel void halves(const device half *h, const device bfloat *b,
                   device half *ho, device bfloat *bo) {
  for (int i = 0; i < 4; ++i) {
    ho[i] = i == 3 ? h[i] : h[i] * 2;
    bo[i] = bfloat(2.0f * b[i]);
  }
}

// MATRIX:      1 5 9 13
// MATRIX-NEXT: 2 6 10 14
// MATRIX-NEXT: 3 7 11 15
// MATRIX-NEXT: 30 70 110 150
kernel void matrices(device float4 *out) {
  float4x4 m = float4x4(float4(1, 2, 3, 4), float4(5, 6, 7, 8),
                        float4(9, 10, 11, 12), float4(13, 14, 15, 16));
  float4x4 t = transpose(m);
  for (int c = 0; c < 3; ++c)
    out[c] = t[c];
  out[3] = t * float4(1, 2, 3, 4);
}

// ORDERED: 1 10 1 0
kernel void ordered(const device float4 *x, device int *y) {
  bool4 is = isordered(x[0], float4(1)), is_not = isunordered(x[0], float4(1));
  y[0] = is.x && !is_not.x;
  y[1] = is.y + 10 * is_not.y;
  y[2] = isunordered(half2(x[0].xy), half2(0)).y;
  y[3] = isunordered(half(1), half(2));
}
