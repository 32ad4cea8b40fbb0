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
// CHECK-DAG: #[[$WHOLE:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-LABEL: func.func @split(
// CHECK-SAME:    %[[X:.*]]: tensor<4x?x32xf32>, %[[A:.*]]: tensor<4x8xf64>, %[[B:.*]]: tensor<4x8xf64>, %[[C:.*]]: tensor<4x8xf64>
// CHECK-DAG:     %[[ZERO:.*]] = arith.constant 0.000000e+00 : f64
// CHECK:         %[[ZEROS:.*]] = linalg.fill ins(%[[ZERO]] : f64) outs(%{{.*}} : tensor<4x3x8xf64>)
// CHECK:         %[[P:.*]]:3 = scf.forall (%[[T:.*]]) in (3) shared_outs(%[[AI:.*]] = %[[ZEROS]], %[[BI:.*]] = %[[ZEROS]], %[[CI:.*]] = %[[ZEROS]])
// CHECK-DAG:       %[[AT:.*]] = tensor.extract_slice %[[AI]][0, %[[T]], 0] [4, 1, 8] [1, 1, 1] : tensor<4x3x8xf64> to tensor<4x8xf64>
// CHECK-DAG:       %[[XT:.*]] = tensor.extract_slice %[[X]][0, %{{.*}}, 0] [4, %{{.*}}, 32]
// CHECK:           %[[R:.*]]:3 = gn.group_stats num_groups(8) ins(%[[XT]] : tensor<4x?x32xf32>) outs(%[[AT]], %{{.*}}, %{{.*}} :
// CHECK:             tensor.parallel_insert_slice %[[R]]#0 into %[[AI]][0, %[[T]], 0] [4, 1, 8]
// CHECK:             tensor.parallel_insert_slice %[[R]]#1 into %[[BI]][0, %[[T]], 0] [4, 1, 8]
// CHECK:             tensor.parallel_insert_slice %[[R]]#2 into %[[CI]][0, %[[T]], 0] [4, 1, 8]
// CHECK:         %[[M:.*]]:3 = linalg.generic {indexing_maps = [#[[$PART]], #[[$PART]], #[[$PART]], #[[$WHOLE]], #[[$WHOLE]], #[[$WHOLE]]], iterator_types = ["parallel", "reduction", "parallel"]} ins(%[[P]]#0, %[[P]]#1, %[[P]]#2 : {{.*}}) outs(%[[A]], %[[B]], %[[C]] :
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

// -----

// Or in a serial loop that keeps sixteen sums, one for each position of a tile:
// a tile's positions are samples to the op in the loop.
// CHECK-LABEL: func.func @lanes(
// CHECK-SAME:    %[[X:.*]]: tensor<4x?x5x32xf32>, %[[A:.*]]: tensor<4x8xf64>, %[[B:.*]]: tensor<4x8xf64>, %[[C:.*]]: tensor<4x8xf64>
// CHECK:         %[[ZEROS:.*]] = linalg.fill ins(%{{.*}} : f64) outs(%{{.*}} : tensor<4x16x8xf64>)
// CHECK:         %[[P:.*]]:3 = scf.for %[[S:.*]] = %c0 to %{{.*}} step %c16 iter_args(%[[AI:.*]] = %[[ZEROS]], %[[BI:.*]] = %[[ZEROS]], %[[CI:.*]] = %[[ZEROS]])
// CHECK:           %[[T:.*]] = affine.min
// CHECK:           %[[XT:.*]] = tensor.extract_slice %[[X]][0, %[[S]], 0, 0] [4, %[[T]], 5, 32] [1, 1, 1, 1]
// CHECK:           %[[XC:.*]] = tensor.collapse_shape %[[XT]] {{\[\[}}0, 1], [2], [3]] : tensor<4x?x5x32xf32> into tensor<?x5x32xf32>
// CHECK:           %[[AT:.*]] = tensor.extract_slice %[[AI]][0, 0, 0] [4, %[[T]], 8] [1, 1, 1]
// CHECK:           %[[AC:.*]] = tensor.collapse_shape %[[AT]] {{\[\[}}0, 1], [2]]
// CHECK:           %[[R:.*]]:3 = gn.group_stats num_groups(8) ins(%[[XC]] : tensor<?x5x32xf32>) outs(%[[AC]],
// CHECK:           %[[E:.*]] = tensor.expand_shape %[[R]]#0 {{\[\[}}0, 1], [2]] output_shape [4, %[[T]], 8]
// CHECK:           tensor.insert_slice %[[E]] into %[[AI]][0, 0, 0] [4, %[[T]], 8]
// CHECK:         linalg.generic {{.*}}iterator_types = ["parallel", "reduction", "parallel"]} ins(%[[P]]#0, %[[P]]#1, %[[P]]#2 : {{.*}}) outs(%[[A]], %[[B]], %[[C]] :
func.func @lanes(%x: tensor<4x?x5x32xf32>, %a: tensor<4x8xf64>, %b: tensor<4x8xf64>,
                 %c: tensor<4x8xf64>) -> (tensor<4x8xf64>, tensor<4x8xf64>, tensor<4x8xf64>) {
  %r:3 = gn.group_stats num_groups(8) ins(%x : tensor<4x?x5x32xf32>)
           outs(%a, %b, %c : tensor<4x8xf64>, tensor<4x8xf64>, tensor<4x8xf64>)
           -> tensor<4x8xf64>, tensor<4x8xf64>, tensor<4x8xf64>
  return %r#0, %r#1, %r#2 : tensor<4x8xf64>, tensor<4x8xf64>, tensor<4x8xf64>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %stats = transform.structured.match ops{["gn.group_stats"]} in %module
               : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_reduction_using_for %stats reduction_dims = [1] by tile_sizes = [0, 16, 0, 0]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op,
                                !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// gn.group_normalize over samples, space and groups.
// CHECK-LABEL: func.func @normalize(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<4x64x32xf32>, %[[A:[^:]*]]: tensor<4x8xf64>
// CHECK:         scf.forall (%[[N:.*]], %[[S:.*]], %[[G:.*]]) in (4, 4, 8)
// CHECK-DAG:       %[[P:.*]] = affine.apply #{{.*}}(%[[S]])
// CHECK-DAG:       %[[C:.*]] = affine.apply #{{.*}}(%[[G]])
// CHECK:           %[[XT:.*]] = tensor.extract_slice %[[X]][%[[N]], %[[P]], %[[C]]] [1, 16, 4] [1, 1, 1]
// CHECK:           %[[AT:.*]] = tensor.extract_slice %[[A]][%[[N]], %[[G]]] [1, 1] [1, 1]
// CHECK:           gn.group_normalize num_groups(1) ins(%[[XT]], %[[AT]], %{{.*}}, %{{.*}} : tensor<1x16x4xf32>, tensor<1x1xf64>, tensor<1x1xf64>, tensor<1x1xf64>)
func.func @normalize(%x: tensor<4x64x32xf32>, %a: tensor<4x8xf64>, %b: tensor<4x8xf64>,
                     %c: tensor<4x8xf64>, %init: tensor<4x64x32xf32>) -> tensor<4x64x32xf32> {
  %y = gn.group_normalize num_groups(8)
         ins(%x, %a, %b, %c : tensor<4x64x32xf32>, tensor<4x8xf64>, tensor<4x8xf64>, tensor<4x8xf64>)
         outs(%init : tensor<4x64x32xf32>) {grouping = #gn.grouping<contiguous>} -> tensor<4x64x32xf32>
  return %y : tensor<4x64x32xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %normalize = transform.structured.match ops{["gn.group_normalize"]} in %module
                   : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_forall %normalize tile_sizes [1, 16, 1]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
