// RUN: groupnorm-opt %s -convert-gn-to-affine | FileCheck %s

// Scales are in f32, where 1/deviation is to be finite, and so is its product with
// gamma: epsilon is at least 2^-200, or 2^-100 outside of the root.

// CHECK-LABEL: func.func @inside
// CHECK:         arith.constant dense<6.22301527786114{{[0-9]+}}E-61> : vector<4xf64>
func.func @inside(%x: memref<2x100x32xf16>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x100x32xf16>) outs(%x : memref<2x100x32xf16>) {epsilon = 1.0e-300 : f64}
  return
}

// CHECK-LABEL: func.func @outside
// CHECK:         arith.constant 7.88860905221011{{[0-9]+}}E-31 : f64
func.func @outside(%x: memref<2x32x100xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x32x100xf32>) outs(%x : memref<2x32x100xf32>)
    {feature_dim = 1 : i64, epsilon = 1.0e-300 : f64, epsilon_placement = #gn.epsilon_placement<outside_sqrt>}
  return
}

// f64 needs no such thing.

// CHECK-LABEL: func.func @double
// CHECK:         arith.constant dense<1.000000e-300> : vector<4xf64>
func.func @double(%x: memref<2x100x32xf64>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x100x32xf64>) outs(%x : memref<2x100x32xf64>) {epsilon = 1.0e-300 : f64}
  return
}
