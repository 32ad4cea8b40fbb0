// A gn op goes into the loops of its consumer, and the producer of its x into
// the loops of the op.

// RUN: groupnorm-opt %s --transform-interpreter --canonicalize --cse --split-input-file | FileCheck %s

// CHECK-LABEL: func.func @chain(
// CHECK-SAME:    %[[X:.*]]: tensor<4x16x32xf32>, %[[INIT:.*]]: tensor<4x16x32xf32>
// CHECK:         scf.forall (%[[N:.*]], %[[C:.*]]) in (4, 2)
// CHECK:           %[[XT:.*]] = tensor.extract_slice %[[X]][%[[N]], 0, %{{.*}}] [1, 16, 16] [1, 1, 1]
// CHECK:           %[[A:.*]] = linalg.generic {{.*}} ins(%[[XT]] : tensor<1x16x16xf32>)
// CHECK:             math.absf
// CHECK:           %[[B:.*]] = gn.group_norm num_groups(4) ins(%[[A]] : tensor<1x16x16xf32>)
// CHECK:           linalg.generic {{.*}} ins(%[[B]] : tensor<1x16x16xf32>)
// CHECK:             math.tanh
// CHECK:           scf.forall.in_parallel
// CHECK-NOT:     gn.group_norm num_groups(8)
#id = affine_map<(n, s, c) -> (n, s, c)>
func.func @chain(%x: tensor<4x16x32xf32>, %init: tensor<4x16x32xf32>) -> tensor<4x16x32xf32> {
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
         ins(%x : tensor<4x16x32xf32>) outs(%init : tensor<4x16x32xf32>) {
  ^bb0(%in: f32, %out: f32):
    %e = math.absf %in : f32
    linalg.yield %e : f32
  } -> tensor<4x16x32xf32>
  %b = gn.group_norm num_groups(8) ins(%a : tensor<4x16x32xf32>) outs(%init : tensor<4x16x32xf32>)
         {grouping = #gn.grouping<contiguous>} -> tensor<4x16x32xf32>
  %c = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
         ins(%b : tensor<4x16x32xf32>) outs(%init : tensor<4x16x32xf32>) {
  ^bb0(%in: f32, %out: f32):
    %e = math.tanh %in : f32
    linalg.yield %e : f32
  } -> tensor<4x16x32xf32>
  return %c : tensor<4x16x32xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %generics = transform.structured.match ops{["linalg.generic"]} in %module
                  : (!transform.any_op) -> !transform.any_op
    %producer, %consumer = transform.split_handle %generics
                  : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %norm = transform.structured.match ops{["gn.group_norm"]} in %module
              : (!transform.any_op) -> !transform.any_op
    // The loop over features goes by four groups.
    %tile, %loop = transform.structured.tile_using_forall %consumer tile_sizes [1, 0, 16]
                     : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %fused, %loop2 = transform.structured.fuse_into_containing_op %norm into %loop
                     : (!transform.any_op, !transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.structured.fuse_into_containing_op %producer into %loop2
      : (!transform.any_op, !transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Both halves and what is around them, in one loop over samples and groups. The
// halves take their tiles from the consumer of the result: gn.group_stats from
// the part of its results that gn.group_normalize needs, and all positions.
// CHECK-LABEL: func.func @halves(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<4x16x32xf16>
// CHECK:         scf.for %[[N:.*]] = %c0 to %c4 step %c1
// CHECK:           scf.for %[[C:.*]] = %c0 to %c32 step %c8
// CHECK:             %[[XT:.*]] = tensor.extract_slice %[[X]][%[[N]], 0, %{{.*}}] [1, 16, 8] [1, 1, 1]
// CHECK:             %[[A:.*]] = linalg.generic {{.*}} ins(%[[XT]] : tensor<1x16x8xf16>)
// CHECK:               arith.extf
// CHECK:             %[[G:.*]] = affine.apply #{{.*}}(%[[C]])
// CHECK:             tensor.extract_slice %{{.*}}[%[[N]], %[[G]]] [1, 2] [1, 1]
// CHECK:             %[[S:.*]]:3 = gn.group_stats num_groups(2) ins(%[[A]] : tensor<1x16x8xf32>)
// CHECK:             %[[Y:.*]] = gn.group_normalize num_groups(2) ins(%[[A]], %[[S]]#0, %[[S]]#1, %[[S]]#2 :
// CHECK:             linalg.max ins(%[[Y]], %{{.*}} : tensor<1x16x8xf32>, tensor<1x16x8xf32>)
// CHECK-NOT:     num_groups(8)
#id = affine_map<(n, s, c) -> (n, s, c)>
func.func @halves(%x: tensor<4x16x32xf16>, %zero: tensor<4x8xf64>, %low: tensor<4x16x32xf32>,
                  %init: tensor<4x16x32xf32>) -> tensor<4x16x32xf32> {
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
         ins(%x : tensor<4x16x32xf16>) outs(%init : tensor<4x16x32xf32>) {
  ^bb0(%in: f16, %out: f32):
    %e = arith.extf %in : f16 to f32
    linalg.yield %e : f32
  } -> tensor<4x16x32xf32>
  %s:3 = gn.group_stats num_groups(8) ins(%a : tensor<4x16x32xf32>)
           outs(%zero, %zero, %zero : tensor<4x8xf64>, tensor<4x8xf64>, tensor<4x8xf64>)
           {grouping = #gn.grouping<contiguous>}
           -> tensor<4x8xf64>, tensor<4x8xf64>, tensor<4x8xf64>
  %y = gn.group_normalize num_groups(8)
         ins(%a, %s#0, %s#1, %s#2 : tensor<4x16x32xf32>, tensor<4x8xf64>, tensor<4x8xf64>, tensor<4x8xf64>)
         outs(%init : tensor<4x16x32xf32>) {grouping = #gn.grouping<contiguous>} -> tensor<4x16x32xf32>
  %z = linalg.max ins(%y, %low : tensor<4x16x32xf32>, tensor<4x16x32xf32>)
         outs(%init : tensor<4x16x32xf32>) -> tensor<4x16x32xf32>
  return %z : tensor<4x16x32xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %max = transform.structured.match ops{["linalg.max"]} in %module
             : (!transform.any_op) -> !transform.any_op
    transform.structured.fuse %max tile_sizes [1, 0, 8]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// A tile of the consumer that cuts a group, here its positions, is no tile of
// the op: the hooks refuse it. Fusion of this kind then takes a clone of the
// whole op into the loop, which every tile computes again.
// CHECK-LABEL: func.func @cut(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<2x16x64xf32>, %[[INIT:[^:]*]]: tensor<2x16x64xf32>
// CHECK:         scf.forall (%[[N:.*]], %[[I:.*]]) in (2, 4)
// CHECK:           %[[S:.*]] = affine.apply #{{.*}}(%[[I]])
// CHECK-NEXT:      %[[Y:.*]] = gn.group_norm num_groups(8) ins(%[[X]] : tensor<2x16x64xf32>) outs(%[[INIT]] : tensor<2x16x64xf32>)
// CHECK-NEXT:      %[[PART:.*]] = tensor.extract_slice %[[Y]][%[[N]], %[[S]], 0] [1, 4, 64] [1, 1, 1]
// CHECK:           linalg.abs ins(%[[PART]] : tensor<1x4x64xf32>)
// CHECK-NOT:     gn.group_norm num_groups
func.func @cut(%x: tensor<2x16x64xf32>, %init: tensor<2x16x64xf32>) -> tensor<2x16x64xf32> {
  %y = gn.group_norm num_groups(8) ins(%x : tensor<2x16x64xf32>) outs(%init : tensor<2x16x64xf32>)
         {grouping = #gn.grouping<contiguous>} -> tensor<2x16x64xf32>
  %z = linalg.abs ins(%y : tensor<2x16x64xf32>) outs(%init : tensor<2x16x64xf32>) -> tensor<2x16x64xf32>
  return %z : tensor<2x16x64xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %abs = transform.structured.match ops{["linalg.abs"]} in %module
             : (!transform.any_op) -> !transform.any_op
    %norm = transform.structured.match ops{["gn.group_norm"]} in %module
              : (!transform.any_op) -> !transform.any_op
    %tile, %loop = transform.structured.tile_using_forall %abs tile_sizes [1, 4]
                     : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.structured.fuse_into_containing_op %norm into %loop
      : (!transform.any_op, !transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
