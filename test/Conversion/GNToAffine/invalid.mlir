// RUN: groupnorm-opt %s -convert-gn-to-affine -split-input-file -verify-diagnostics

func.func @epilogue_input_not_contiguous(%x: memref<2x4x8xf32>, %r: memref<2x4x8xf32, strided<[64, 16, 1]>>) {
  // expected-error @below {{epilogue input 0 must lie contiguously in memory, where x does, to be lowered to affine loops; copy it, or run gn-decompose}}
  gn.group_norm num_groups(2) ins(%x : memref<2x4x8xf32>) outs(%x : memref<2x4x8xf32>)
    epilogue(%r : memref<2x4x8xf32, strided<[64, 16, 1]>> by [affine_map<(n, s, c) -> (n, s, c)>]) {
  ^bb0(%n: f32, %e: f32):
    %0 = arith.addf %n, %e : f32
    gn.yield %0 : f32
  }
  return
}

// -----

func.func @features_apart(%x: memref<2x16xf32, strided<[32, 2]>>, %n: memref<2x4xf32>) {
  // expected-error @below {{the last dimension of x must lie contiguously in memory to be lowered to affine loops; use a buffer where it does, or run gn-decompose}}
  gn.group_stats num_groups(4) ins(%x : memref<2x16xf32, strided<[32, 2]>>)
    outs(%n, %n, %n : memref<2x4xf32>, memref<2x4xf32>, memref<2x4xf32>)
  return
}

// -----

func.func @features_of_result_apart(%x: memref<2x8x16xf32>, %y: memref<2x8x16xf32, strided<[1, 32, 2]>>) {
  // expected-error @below {{the last dimension of the result must lie contiguously in memory}}
  gn.group_norm num_groups(2) ins(%x : memref<2x8x16xf32>)
    outs(%y : memref<2x8x16xf32, strided<[1, 32, 2]>>)
  return
}

// -----

// Rows of a feature with a gap between any two elements.
func.func @features_first_apart(%x: memref<2x8x5x3xf32, strided<[240, 30, 6, 2]>>, %y: memref<2x8x5x3xf32>) {
  // expected-error @below {{the last dimension of x must lie contiguously in memory to be lowered to affine loops; use a buffer where it does, or run gn-decompose}}
  gn.group_norm num_groups(2)
    ins(%x : memref<2x8x5x3xf32, strided<[240, 30, 6, 2]>>)
    outs(%y : memref<2x8x5x3xf32>) {feature_dim = 1}
  return
}

// -----

func.func @features_first_result_apart(%x: memref<2x8x5xf32>, %y: memref<2x8x5xf32, strided<[1, 2, 16]>>) {
  // expected-error @below {{the last dimension of the result must lie contiguously in memory to be lowered to affine loops}}
  gn.group_norm num_groups(2) ins(%x : memref<2x8x5xf32>)
    outs(%y : memref<2x8x5xf32, strided<[1, 2, 16]>>) {feature_dim = 1}
  return
}
