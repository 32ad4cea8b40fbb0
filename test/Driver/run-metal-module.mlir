// A module whose size is known at run time: the kernels take it as a constant,
// and the grid follows it.

// RUN: rm -rf %t && mkdir %t && cd %t
// RUN: %python %inputs/make_npy.py x.npy 2x8x16
// RUN: %python %inputs/make_npy.py long.npy 5x30x16
// RUN: %python %inputs/make_npy.py w.npy 16
// RUN: %python %inputs/make_npy.py b.npy 16 --fill index
// RUN: groupnorm run %s --target metal --checked --input x.npy --input w.npy --input b.npy -o y.npy | FileCheck %s
// RUN: groupnorm run --target metal --checked --input x.npy --weight w.npy --bias b.npy --num-groups 4 --pytorch-compatible --schedule '#gn.metal_schedule<threads = 32, groups = 4>' -o wanted.npy
// RUN: cmp y.npy wanted.npy
// RUN: groupnorm run %s --target metal --checked --input long.npy --input w.npy --input b.npy | FileCheck %s --check-prefix=LONG

// CHECK:      function  @norm
// CHECK-NEXT: arg0      2x8x16 f32
// CHECK-NEXT: arg1      16 f32
// CHECK-NEXT: arg2      16 f32
// CHECK-NEXT: arg3      2x8x16 f32
// CHECK-NEXT: engine    simulator, checked
// CHECK-NEXT: compile
// CHECK-NEXT: run
// CHECK-NEXT: kernel    group_norm: 2304 bytes read, 1024 written
// CHECK-NEXT: checks    nothing found
// LONG:       arg3      5x30x16 f32
// LONG:       checks    nothing found

func.func @norm(%x: tensor<?x?x16xf32>, %gamma: tensor<16xf32>, %beta: tensor<16xf32>) -> tensor<?x?x16xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?x?x16xf32>
  %s = tensor.dim %x, %c1 : tensor<?x?x16xf32>
  %init = tensor.empty(%n, %s) : tensor<?x?x16xf32>
  %y = gn.group_norm num_groups(4)
         ins(%x, %gamma, %beta : tensor<?x?x16xf32>, tensor<16xf32>, tensor<16xf32>)
         outs(%init : tensor<?x?x16xf32>)
         {grouping = #gn.grouping<contiguous>, gn.schedule = #gn.metal_schedule<threads = 32, groups = 4>}
         -> tensor<?x?x16xf32>
  return %y : tensor<?x?x16xf32>
}
