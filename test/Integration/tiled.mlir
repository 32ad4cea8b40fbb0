// Tiled by a script, decomposed and run, the op computes what it computes whole:
// gn.group_norm by samples and groups, gn.group_stats by parts of space of which
// the last has nothing to do, and by lanes.

// RUN: groupnorm-opt %s --transform-interpreter --gn-decompose \
// RUN:   --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" \
// RUN:   --convert-linalg-to-loops --scf-forall-to-for --expand-strided-metadata --lower-affine \
// RUN:   --symbol-dce --convert-scf-to-cf --convert-to-llvm --reconcile-unrealized-casts \
// RUN:   | mlir-runner -O2 -e main --entry-point-result=void \
// RUN:       --shared-libs=%llvm_lib_dir/libmlir_runner_utils%shlibext,%llvm_lib_dir/libmlir_c_runner_utils%shlibext \
// RUN:   | FileCheck %s

func.func private @printMemrefF32(tensor<*xf32>) attributes {llvm.emit_c_interface}
func.func private @printMemrefF64(tensor<*xf64>) attributes {llvm.emit_c_interface}

func.func private @norm(%x: tensor<2x?x4xf32>, %init: tensor<2x?x4xf32>) -> tensor<2x?x4xf32> {
  %gamma = arith.constant dense<[1.0, 2.0, 4.0, 8.0]> : tensor<4xf32>
  %beta = arith.constant dense<[0.0, 10.0, 20.0, 30.0]> : tensor<4xf32>
  %y = gn.group_norm num_groups(2)
         ins(%x, %gamma, %beta : tensor<2x?x4xf32>, tensor<4xf32>, tensor<4xf32>)
         outs(%init : tensor<2x?x4xf32>)
         {epsilon = 3.0 : f64, grouping = #gn.grouping<contiguous>} -> tensor<2x?x4xf32>
  return %y : tensor<2x?x4xf32>
}

func.func private @stats(%x: tensor<1x?x2xf32>) -> (tensor<1x2xf64>, tensor<1x2xf64>, tensor<1x2xf64>) {
  %zero = arith.constant dense<0.0> : tensor<1x2xf64>
  %r:3 = gn.group_stats num_groups(2) ins(%x : tensor<1x?x2xf32>)
           outs(%zero, %zero, %zero : tensor<1x2xf64>, tensor<1x2xf64>, tensor<1x2xf64>)
           -> tensor<1x2xf64>, tensor<1x2xf64>, tensor<1x2xf64>
  return %r#0, %r#1, %r#2 : tensor<1x2xf64>, tensor<1x2xf64>, tensor<1x2xf64>
}

func.func private @lanes(%x: tensor<1x?x2xf32>) -> (tensor<1x2xf64>, tensor<1x2xf64>, tensor<1x2xf64>) {
  %zero = arith.constant dense<0.0> : tensor<1x2xf64>
  %r:3 = gn.group_stats num_groups(2) ins(%x : tensor<1x?x2xf32>)
           outs(%zero, %zero, %zero : tensor<1x2xf64>, tensor<1x2xf64>, tensor<1x2xf64>)
           -> tensor<1x2xf64>, tensor<1x2xf64>, tensor<1x2xf64>
  return %r#0, %r#1, %r#2 : tensor<1x2xf64>, tensor<1x2xf64>, tensor<1x2xf64>
}

func.func @main() {
  // CHECK: sizes = [2, 2, 4]
  // CHECK-NEXT: [0.5,    9,    19,    20],
  // CHECK-NEXT: [-0.5,    11,    21,    40]
  // CHECK-NEXT: [-0.5,    11,    19,    40],
  // CHECK-NEXT: [0.5,    9,    21,    20]
  %x = arith.constant dense<[[[80001.0, 79999.0, -1.0, -5.0], [79999.0, 80001.0, 1.0, 5.0]],
                             [[-8.0, -6.0, 4999999.0, 5000005.0], [-6.0, -8.0, 5000001.0, 4999995.0]]]>
         : tensor<2x2x4xf32>
  %empty = tensor.empty() : tensor<2x2x4xf32>
  %xd = tensor.cast %x : tensor<2x2x4xf32> to tensor<2x?x4xf32>
  %emptyd = tensor.cast %empty : tensor<2x2x4xf32> to tensor<2x?x4xf32>
  %y = call @norm(%xd, %emptyd) : (tensor<2x?x4xf32>, tensor<2x?x4xf32>) -> tensor<2x?x4xf32>
  %p = tensor.cast %y : tensor<2x?x4xf32> to tensor<*xf32>
  call @printMemrefF32(%p) : (tensor<*xf32>) -> ()

  // Four positions in three parts: two, two and none.
  // CHECK: [4,    4]
  // CHECK: [1000,    3]
  // CHECK: [20,    16]
  %s = arith.constant dense<[[[1001.0, 5.0], [997.0, 1.0], [1003.0, 5.0], [999.0, 1.0]]]> : tensor<1x4x2xf32>
  %sd = tensor.cast %s : tensor<1x4x2xf32> to tensor<1x?x2xf32>
  %r:3 = call @stats(%sd) : (tensor<1x?x2xf32>) -> (tensor<1x2xf64>, tensor<1x2xf64>, tensor<1x2xf64>)
  %q0 = tensor.cast %r#0 : tensor<1x2xf64> to tensor<*xf64>
  %q1 = tensor.cast %r#1 : tensor<1x2xf64> to tensor<*xf64>
  %q2 = tensor.cast %r#2 : tensor<1x2xf64> to tensor<*xf64>
  call @printMemrefF64(%q0) : (tensor<*xf64>) -> ()
  call @printMemrefF64(%q1) : (tensor<*xf64>) -> ()
  call @printMemrefF64(%q2) : (tensor<*xf64>) -> ()

  // Four positions in a loop of steps of three: three, then one.
  // CHECK: [4,    4]
  // CHECK: [1000,    3]
  // CHECK: [20,    16]
  %t:3 = call @lanes(%sd) : (tensor<1x?x2xf32>) -> (tensor<1x2xf64>, tensor<1x2xf64>, tensor<1x2xf64>)
  %l0 = tensor.cast %t#0 : tensor<1x2xf64> to tensor<*xf64>
  %l1 = tensor.cast %t#1 : tensor<1x2xf64> to tensor<*xf64>
  %l2 = tensor.cast %t#2 : tensor<1x2xf64> to tensor<*xf64>
  call @printMemrefF64(%l0) : (tensor<*xf64>) -> ()
  call @printMemrefF64(%l1) : (tensor<*xf64>) -> ()
  call @printMemrefF64(%l2) : (tensor<*xf64>) -> ()
  return
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence private @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %norm = transform.structured.match ops{["gn.group_norm"]} in %module
              : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_forall %norm tile_sizes [1, 1]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %all = transform.structured.match ops{["gn.group_stats"]} in %module
             : (!transform.any_op) -> !transform.any_op
    %stats, %lanes = transform.split_handle %all
                       : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.structured.tile_reduction_using_forall %stats by num_threads = [0, 3, 0]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op,
                                !transform.any_op, !transform.any_op, !transform.any_op)
    transform.structured.tile_reduction_using_for %lanes by tile_sizes = [0, 3, 0]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op,
                                !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}
