// Tiles are the op on slices of its operands: over samples, over whole groups,
// and, in the halves, over space.

// RUN: groupnorm-opt %s --transform-interpreter --canonicalize --cse --split-input-file | FileCheck %s

// Two groups of four features to a tile.
// CHECK: #[[$FEATURE:.*]] = affine_map<(d0) -> (d0 * 8)>
// CHECK-LABEL: func.func @norm(
// CHECK-SAME:    %[[X:.*]]: tensor<4x?x32xf32>, %[[GAMMA:.*]]: tensor<32xf32>, %[[BETA:.*]]: tensor<32xf32>, %[[INIT:.*]]: tensor<4x?x32xf32>
// CHECK:         %[[Y:.*]] = scf.forall (%[[N:.*]], %[[G:.*]]) in (4, 4) shared_outs(%[[OUT:.*]] = %[[INIT]])
// CHECK-DAG:       %[[C:.*]] = affine.apply #[[$FEATURE]](%[[G]])
// CHECK-DAG:       %[[S:.*]] = tensor.dim %[[X]], %c1
// CHECK-DAG:       %[[XT:.*]] = tensor.extract_slice %[[X]][%[[N]], 0, %[[C]]] [1, %[[S]], 8] [1, 1, 1]
// CHECK-DAG:       %[[GT:.*]] = tensor.extract_slice %[[GAMMA]][%[[C]]] [8] [1]
// CHECK-DAG:       %[[BT:.*]] = tensor.extract_slice %[[BETA]][%[[C]]] [8] [1]
// CHECK-DAG:       %[[OT:.*]] = tensor.extract_slice %[[OUT]][%[[N]], 0, %[[C]]] [1, %[[S]], 8] [1, 1, 1]
// CHECK:           %[[YT:.*]] = gn.group_norm num_groups(2) ins(%[[XT]], %[[GT]], %[[BT]] : tensor<1x?x8xf32>, tensor<8xf32>, tensor<8xf32>) outs(%[[OT]] : tensor<1x?x8xf32>) {epsilon = 2.500000e-01 : f64, grouping = #gn.grouping<contiguous>} -> tensor<1x?x8xf32>
// CHECK:           tensor.parallel_insert_slice %[[YT]] into %[[OUT]][%[[N]], 0, %[[C]]] [1, %[[S]], 8] [1, 1, 1]
// CHECK:         return %[[Y]]
func.func @norm(%x: tensor<4x?x32xf32>, %gamma: tensor<32xf32>, %beta: tensor<32xf32>,
                %init: tensor<4x?x32xf32>) -> tensor<4x?x32xf32> {
  %y = gn.group_norm num_groups(8)
         ins(%x, %gamma, %beta : tensor<4x?x32xf32>, tensor<32xf32>, tensor<32xf32>)
         outs(%init : tensor<4x?x32xf32>)
         {epsilon = 0.25 : f64, grouping = #gn.grouping<contiguous>} -> tensor<4x?x32xf32>
  return %y : tensor<4x?x32xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %norm = transform.structured.match ops{["gn.group_norm"]} in %module
              : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_forall %norm tile_sizes [1, 2]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Interleaved groups stay together; features that are not last; memrefs.
// CHECK-LABEL: func.func @memrefs(
// CHECK-SAME:    %[[X:.*]]: memref<?x32x6x5xf32>, %[[Y:.*]]: memref<?x32x6x5xf16>
// CHECK:         %[[SIZE:.*]] = memref.dim %[[X]], %c0
// CHECK:         scf.for %[[N:.*]] = %c0 to %[[SIZE]] step %c2
// CHECK:           %[[T:.*]] = affine.min
// CHECK:           %[[XT:.*]] = memref.subview %[[X]][%[[N]], 0, 0, 0] [%[[T]], 32, 6, 5] [1, 1, 1, 1]
// CHECK:           %[[YT:.*]] = memref.subview %[[Y]][%[[N]], 0, 0, 0] [%[[T]], 32, 6, 5] [1, 1, 1, 1]
// CHECK:           gn.group_norm num_groups(8) ins(%[[XT]] : {{.*}}) outs(%[[YT]] : {{.*}}) {feature_dim = 1 : i64}
func.func @memrefs(%x: memref<?x32x6x5xf32>, %y: memref<?x32x6x5xf16>) {
  gn.group_norm num_groups(8) ins(%x : memref<?x32x6x5xf32>) outs(%y : memref<?x32x6x5xf16>)
    {feature_dim = 1 : i64}
  return
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %norm = transform.structured.match ops{["gn.group_norm"]} in %module
              : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_for %norm tile_sizes [2, 1]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// gn.group_stats over space one part after another: each merges into the last.
// CHECK-LABEL: func.func @stats(
// CHECK-SAME:    %[[X:.*]]: tensor<2x64x32xf32>, %[[A:.*]]: tensor<2x8xf64>, %[[B:.*]]: tensor<2x8xf64>, %[[C:.*]]: tensor<2x8xf64>
// CHECK:         %[[R:.*]]:3 = scf.for %[[S:.*]] = %c0 to %c64 step %c16 iter_args(%[[AI:.*]] = %[[A]], %[[BI:.*]] = %[[B]], %[[CI:.*]] = %[[C]])
// CHECK:           %[[T:.*]]:3 = scf.for %[[G:.*]] = %c0 to %c8 step %c4
// CHECK:             %[[XT:.*]] = tensor.extract_slice %[[X]][0, %[[S]], %{{.*}}] [2, 16, 16] [1, 1, 1]
// CHECK:             gn.group_stats num_groups(4) ins(%[[XT]] : tensor<2x16x16xf32>) outs(%{{.*}}, %{{.*}}, %{{.*}} : tensor<2x4xf64>, tensor<2x4xf64>, tensor<2x4xf64>)
// CHECK:           scf.yield %[[T]]#0, %[[T]]#1, %[[T]]#2
// CHECK:         return %[[R]]#0, %[[R]]#1, %[[R]]#2
func.func @stats(%x: tensor<2x64x32xf32>, %a: tensor<2x8xf64>, %b: tensor<2x8xf64>,
                 %c: tensor<2x8xf64>) -> (tensor<2x8xf64>, tensor<2x8xf64>, tensor<2x8xf64>) {
  %r:3 = gn.group_stats num_groups(8) ins(%x : tensor<2x64x32xf32>)
           outs(%a, %b, %c : tensor<2x8xf64>, tensor<2x8xf64>, tensor<2x8xf64>)
           {grouping = #gn.grouping<contiguous>}
           -> tensor<2x8xf64>, tensor<2x8xf64>, tensor<2x8xf64>
  return %r#0, %r#1, %r#2 : tensor<2x8xf64>, tensor<2x8xf64>, tensor<2x8xf64>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %stats = transform.structured.match ops{["gn.group_stats"]} in %module
              : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_for %stats tile_sizes [0, 16, 4]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Or in parallel: a row of partial results for each part, merged at the end.
// CHECK-DAG: #[[$PART:.*]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-DAG: #[[$WHOLE:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-LABEL: func.func @split(
// CHECK-SAME:    %[[X:.*]]: tensor<4x?x32xf32>, %[[A:.*]]: tensor<4x8xf64>, %[[B:.*]]: tensor<4x8xf64>, %[[C:.*]]: tensor<4x8xf64>
// CHECK-DAG:     %[[ZERO:.*]] = arith.constant 0.000000e+00 : f64
// CHECK:         %[[ZEROS:.*]] = linalg.fill ins(%[[ZERO]] : f64) outs(%{{.*}} : tensor<3x4x8xf64>)
// CHECK:         %[[P:.*]]:3 = scf.forall (%[[T:.*]]) in (3) shared_outs(%[[AI:.*]] = %[[ZEROS]], %[[BI:.*]] = %[[ZEROS]], %[[CI:.*]] = %[[ZEROS]])
// CHECK-DAG:       %[[AT:.*]] = tensor.extract_slice %[[AI]][%[[T]], 0, 0] [1, 4, 8] [1, 1, 1] : tensor<3x4x8xf64> to tensor<4x8xf64>
// CHECK-DAG:       %[[XT:.*]] = tensor.extract_slice %[[X]][0, %{{.*}}, 0] [4, %{{.*}}, 32]
// CHECK:           %[[R:.*]]:3 = gn.group_stats num_groups(8) ins(%[[XT]] : tensor<4x?x32xf32>) outs(%[[AT]], %{{.*}}, %{{.*}} :
// CHECK:             tensor.parallel_insert_slice %[[R]]#0 into %[[AI]][%[[T]], 0, 0] [1, 4, 8]
// CHECK:             tensor.parallel_insert_slice %[[R]]#1 into %[[BI]][%[[T]], 0, 0] [1, 4, 8]
// CHECK:             tensor.parallel_insert_slice %[[R]]#2 into %[[CI]][%[[T]], 0, 0] [1, 4, 8]
// CHECK:         %[[M:.*]]:3 = linalg.generic {indexing_maps = [#[[$PART]], #[[$PART]], #[[$PART]], #[[$WHOLE]], #[[$WHOLE]], #[[$WHOLE]]], iterator_types = ["reduction", "parallel", "parallel"]} ins(%[[P]]#0, %[[P]]#1, %[[P]]#2 : {{.*}}) outs(%[[A]], %[[B]], %[[C]] :
// CHECK-NEXT:    ^bb0(%[[NB:[^:]*]]: f64, %{{[^:]*}}: f64, %{{[^:]*}}: f64, %[[NA:[^:]*]]: f64,
// CHECK-NEXT:      arith.addf %[[NA]], %[[NB]] : f64
// CHECK:         return %[[M]]#0, %[[M]]#1, %[[M]]#2
func.func @split(%x: tensor<4x?x32xf32>, %a: tensor<4x8xf64>, %b: tensor<4x8xf64>,
                 %c: tensor<4x8xf64>) -> (tensor<4x8xf64>, tensor<4x8xf64>, tensor<4x8xf64>) {
  %r:3 = gn.group_stats num_groups(8) ins(%x : tensor<4x?x32xf32>)
           outs(%a, %b, %c : tensor<4x8xf64>, tensor<4x8xf64>, tensor<4x8xf64>)
           -> tensor<4x8xf64>, tensor<4x8xf64>, tensor<4x8xf64>
  return %r#0, %r#1, %r#2 : tensor<4x8xf64>, tensor<4x8xf64>, tensor<4x8xf64>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %stats = transform.structured.match ops{["gn.group_stats"]} in %module
               : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_reduction_using_forall %stats by num_threads = [0, 3, 0]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op,
                                !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}
