// Kernels compute in f32, where epsilon is neither zero nor infinite.

// RUN: groupnorm-opt %s -convert-gn-to-gpu | FileCheck %s

// CHECK:      gpu.func @group_norm({{.*}}epsilon 1e-50 inside the square root
// CHECK:      %[[LEAST:.+]] = arith.constant 1.17549435E-38 : f32
// CHECK-NEXT: %[[SUM:.+]] = arith.addf %{{.+}}, %[[LEAST]] : f32
// CHECK-NEXT: math.rsqrt %[[SUM]] : f32
func.func @tiny(%x: memref<2x100x32xf32>, %y: memref<2x100x32xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x100x32xf32>) outs(%y : memref<2x100x32xf32>) {epsilon = 1.0e-50 : f64}
  return
}

// CHECK:      gpu.func @group_norm_1({{.*}}epsilon 1e+300 outside the square root
// CHECK:      %[[MOST:.+]] = arith.constant 3.40282347E+38 : f32
// CHECK:      %[[ROOT:.+]] = math.sqrt
// CHECK-NEXT: arith.addf %[[ROOT]], %[[MOST]] : f32
func.func @huge(%x: memref<2x100x32xf32>, %y: memref<2x100x32xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x100x32xf32>) outs(%y : memref<2x100x32xf32>) {epsilon = 1.0e300 : f64, epsilon_placement = #gn.epsilon_placement<outside_sqrt>}
  return
}
