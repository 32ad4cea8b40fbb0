// What cannot be tiled, and why. (Upstream's drivers add errors of their own.)

// RUN: not groupnorm-opt %s --transform-interpreter --split-input-file 2>&1 | FileCheck %s

// Three does not divide eight groups: the last tile would have another size.
func.func @norm(%x: tensor<4x6x32xf32>, %init: tensor<4x6x32xf32>) -> tensor<4x6x32xf32> {
  // CHECK: tile-invalid.mlir:[[#@LINE+1]]:8: error: 'gn.group_norm' op cannot be tiled into tiles of a size that is not static: make it divide the number of groups
  %y = gn.group_norm num_groups(8) ins(%x : tensor<4x6x32xf32>) outs(%init : tensor<4x6x32xf32>)
         {grouping = #gn.grouping<contiguous>} -> tensor<4x6x32xf32>
  return %y : tensor<4x6x32xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %norm = transform.structured.match ops{["gn.group_norm"]} in %module
              : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_forall %norm tile_sizes [1, 3]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// A serial loop keeps a sum for each position of a tile as if it were a sample:
// the positions must stand beside the samples.
func.func @split(%x: tensor<4x6x7x32xf32>, %s: tensor<4x8xf64>)
    -> (tensor<4x8xf64>, tensor<4x8xf64>, tensor<4x8xf64>) {
  // CHECK: tile-invalid.mlir:[[#@LINE+1]]:10: error: 'gn.group_stats' op is split by a serial loop only over the dimensions that follow the samples; use tile_reduction_using_forall for the others
  %r:3 = gn.group_stats num_groups(8) ins(%x : tensor<4x6x7x32xf32>)
           outs(%s, %s, %s : tensor<4x8xf64>, tensor<4x8xf64>, tensor<4x8xf64>)
           -> tensor<4x8xf64>, tensor<4x8xf64>, tensor<4x8xf64>
  return %r#0, %r#1, %r#2 : tensor<4x8xf64>, tensor<4x8xf64>, tensor<4x8xf64>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %stats = transform.structured.match ops{["gn.group_stats"]} in %module
               : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_reduction_using_for %stats reduction_dims = [2] by tile_sizes = [0, 0, 3, 0]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op,
                                !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}
