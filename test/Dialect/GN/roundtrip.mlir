// RUN: groupnorm-opt %s | groupnorm-opt | FileCheck %s
// RUN: groupnorm-opt %s --mlir-print-op-generic | groupnorm-opt | FileCheck %s

// CHECK-LABEL: func.func @tensors
// CHECK: gn.group_norm num_groups(32) ins(%{{.*}}, %{{.*}}, %{{.*}} : tensor<2x64x64x320xf32>, tensor<320xf32>, tensor<320xf32>) outs(%{{.*}} : tensor<2x64x64x320xf32>) {epsilon = {{.*}} : f64} -> tensor<2x64x64x320xf32>
func.func @tensors(%x: tensor<2x64x64x320xf32>, %gamma: tensor<320xf32>, %beta: tensor<320xf32>, %init: tensor<2x64x64x320xf32>) -> tensor<2x64x64x320xf32> {
  %y = gn.group_norm num_groups(32)
         ins(%x, %gamma, %beta : tensor<2x64x64x320xf32>, tensor<320xf32>, tensor<320xf32>)
         outs(%init : tensor<2x64x64x320xf32>) {epsilon = 1.0e-06 : f64} -> tensor<2x64x64x320xf32>
  return %y : tensor<2x64x64x320xf32>
}
