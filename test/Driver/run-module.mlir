// Any module with one public function, on arrays given in order.

// RUN: rm -rf %t && mkdir %t && cd %t
// RUN: %python %inputs/make_npy.py x.npy 2x8x16
// RUN: %python %inputs/make_npy.py b.npy 16 --fill index
// RUN: groupnorm run %s --input x.npy --input b.npy -o y.npy | FileCheck %s
// RUN: groupnorm run --input x.npy --bias b.npy --num-groups 4 --pytorch-compatible -o wanted.npy
// RUN: cmp y.npy wanted.npy

// CHECK:      function  @shifted
// CHECK-NEXT: arg0      2x8x16 f32
// CHECK-NEXT: arg1      16 f32
// CHECK-NEXT: arg2      2x8x16 f32
// CHECK-NEXT: engine    cpu
// CHECK-NEXT: compile
// CHECK-NEXT: run

func.func @shifted(%x: tensor<?x8x16xf32>, %beta: tensor<16xf32>) -> tensor<?x8x16xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8x16xf32>
  %gamma = arith.constant dense<1.0> : tensor<16xf32>
  %init = tensor.empty(%n) : tensor<?x8x16xf32>
  %y = gn.group_norm num_groups(4)
         ins(%x, %gamma, %beta : tensor<?x8x16xf32>, tensor<16xf32>, tensor<16xf32>)
         outs(%init : tensor<?x8x16xf32>) {grouping = #gn.grouping<contiguous>}
         -> tensor<?x8x16xf32>
  return %y : tensor<?x8x16xf32>
}
