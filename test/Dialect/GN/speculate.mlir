// On tensors an op may run where it did not: what does not change in a loop is
// computed before it. Buffers may change, and what an epilogue divides by.

// RUN: groupnorm-opt %s --loop-invariant-code-motion | FileCheck %s

// CHECK-LABEL: func.func @tensors
// CHECK-NOT: scf.for
// CHECK: gn.group_norm
// CHECK: gn.group_stats
// CHECK: gn.group_normalize
// CHECK: scf.for
// CHECK-NOT: gn.
// CHECK: return
func.func @tensors(%x: tensor<2x8x4xf32>, %s: tensor<2x2xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %a = gn.group_norm num_groups(2) ins(%x : tensor<2x8x4xf32>)
      outs(%x : tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
    %mean, %m2, %count = gn.group_stats num_groups(2) ins(%x : tensor<2x8x4xf32>)
      outs(%s, %s, %s : tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>)
      -> tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>
    %b = gn.group_normalize num_groups(2)
      ins(%x, %mean, %m2, %count : tensor<2x8x4xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>)
      outs(%a : tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
    func.call @use(%b) : (tensor<2x8x4xf32>) -> ()
  }
  return
}
func.func private @use(tensor<2x8x4xf32>)

// CHECK-LABEL: func.func @buffers
// CHECK: scf.for
// CHECK-NEXT: gn.group_norm
func.func @buffers(%x: memref<2x8x4xf32>, %y: memref<2x8x4xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    gn.group_norm num_groups(2) ins(%x : memref<2x8x4xf32>) outs(%y : memref<2x8x4xf32>)
  }
  return
}

// CHECK-LABEL: func.func @divides
// CHECK: scf.for
// CHECK-NEXT: gn.group_norm
func.func @divides(%x: tensor<2x8x4xf32>, %d: tensor<2x8x4xi32>, %y: tensor<2x8x4xi32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %a = gn.group_norm num_groups(2) ins(%x : tensor<2x8x4xf32>)
      outs(%y : tensor<2x8x4xi32>)
      epilogue(%d : tensor<2x8x4xi32> by [affine_map<(n, s, c) -> (n, s, c)>]) {
    ^bb0(%v: f32, %by: i32):
      %whole = arith.fptosi %v : f32 to i32
      %q = arith.divsi %whole, %by : i32
      gn.yield %q : i32
    } -> tensor<2x8x4xi32>
    func.call @use_integers(%a) : (tensor<2x8x4xi32>) -> ()
  }
  return
}
func.func private @use_integers(tensor<2x8x4xi32>)
