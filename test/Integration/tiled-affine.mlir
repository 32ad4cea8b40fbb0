// Tiled with the producer of x and the consumer of y, bufferized and lowered to
// affine loops, the op computes what it computes whole: tiles are strided
// buffers, of some features of each position.

// RUN: groupnorm-opt %s --transform-interpreter \
// RUN:   --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" \
// RUN:   --symbol-dce --canonicalize --cse --gn-select-schedule=threads=1 --convert-gn-to-affine > %t.mlir
// RUN: FileCheck %s --check-prefix=LOOPS --input-file=%t.mlir
// RUN: groupnorm-opt %t.mlir --convert-linalg-to-loops --scf-forall-to-for --lower-affine \
// RUN:   --expand-strided-metadata --lower-affine --convert-scf-to-cf --convert-vector-to-llvm \
// RUN:   --convert-to-llvm --reconcile-unrealized-casts \
// RUN:   | mlir-runner -O2 -e main --entry-point-result=void \
// RUN:       --shared-libs=%llvm_lib_dir/libmlir_runner_utils%shlibext,%llvm_lib_dir/libmlir_c_runner_utils%shlibext \
// RUN:   | FileCheck %s

func.func private @printMemrefF32(tensor<*xf32>) attributes {llvm.emit_c_interface}

// LOOPS-LABEL: func.func private @norm(
// LOOPS:         scf.forall (%{{.*}}, %{{.*}}) in (2, 2)
// LOOPS:           linalg.negf
// LOOPS:           call @group_norm_tile(
// LOOPS:           linalg.abs
// LOOPS-NOT:     gn.group_norm
// LOOPS-LABEL: func.func private @group_norm_tile(
// LOOPS:         affine.vector_load %{{.*}} : memref<1x?x2xf32, strided<
// LOOPS-NOT:     gn.group_norm
func.func private @norm(%x: tensor<2x?x4xf32>, %init: tensor<2x?x4xf32>) -> tensor<2x?x4xf32> {
  %gamma = arith.constant dense<[1.0, 2.0, 4.0, 8.0]> : tensor<4xf32>
  %beta = arith.constant dense<[0.0, 10.0, 20.0, 30.0]> : tensor<4xf32>
  %minus = linalg.negf ins(%x : tensor<2x?x4xf32>) outs(%init : tensor<2x?x4xf32>) -> tensor<2x?x4xf32>
  %y = gn.group_norm num_groups(2)
         ins(%minus, %gamma, %beta : tensor<2x?x4xf32>, tensor<4xf32>, tensor<4xf32>)
         outs(%init : tensor<2x?x4xf32>)
         {epsilon = 3.0 : f64, grouping = #gn.grouping<contiguous>} -> tensor<2x?x4xf32>
  %abs = linalg.abs ins(%y : tensor<2x?x4xf32>) outs(%init : tensor<2x?x4xf32>) -> tensor<2x?x4xf32>
  return %abs : tensor<2x?x4xf32>
}

func.func @main() {
  // CHECK: sizes = [2, 2, 4]
  // CHECK-NEXT: [0.5,    11,    21,    40],
  // CHECK-NEXT: [0.5,    9,    19,    20]
  // CHECK-NEXT: [0.5,    9,    21,    20],
  // CHECK-NEXT: [0.5,    11,    19,    40]
  %x = arith.constant dense<[[[80001.0, 79999.0, -1.0, -5.0], [79999.0, 80001.0, 1.0, 5.0]],
                             [[-8.0, -6.0, 4999999.0, 5000005.0], [-6.0, -8.0, 5000001.0, 4999995.0]]]>
         : tensor<2x2x4xf32>
  %empty = tensor.empty() : tensor<2x2x4xf32>
  %xd = tensor.cast %x : tensor<2x2x4xf32> to tensor<2x?x4xf32>
  %emptyd = tensor.cast %empty : tensor<2x2x4xf32> to tensor<2x?x4xf32>
  %y = call @norm(%xd, %emptyd) : (tensor<2x?x4xf32>, tensor<2x?x4xf32>) -> tensor<2x?x4xf32>
  %p = tensor.cast %y : tensor<2x?x4xf32> to tensor<*xf32>
  call @printMemrefF32(%p) : (tensor<*xf32>) -> ()
  return
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence private @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %abs = transform.structured.match ops{["linalg.abs"]} in %module
             : (!transform.any_op) -> !transform.any_op
    %norm = transform.structured.match ops{["gn.group_norm"]} in %module
              : (!transform.any_op) -> !transform.any_op
    %neg = transform.structured.match ops{["linalg.negf"]} in %module
             : (!transform.any_op) -> !transform.any_op
    // A group has two features.
    %tile, %loop = transform.structured.tile_using_forall %abs tile_sizes [1, 0, 2]
                     : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %fused, %loop2 = transform.structured.fuse_into_containing_op %norm into %loop
                     : (!transform.any_op, !transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.structured.fuse_into_containing_op %neg into %loop2
      : (!transform.any_op, !transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
