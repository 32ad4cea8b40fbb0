// RUN: groupnorm-opt %s -convert-gn-to-affine -canonicalize -cse -split-input-file | FileCheck %s

// Gaps between the rows of a feature and between samples: dimensions that
// memory does not join stay, and a work item is a group.

// CHECK-LABEL: func.func @window(
// CHECK-SAME:      %[[X:[a-z0-9]+]]: memref<2x8x3x32xf32, strided<[2000, 200, 50, 1]>>, %[[Y:[a-z0-9]+]]: memref<2x8x3x32xf32>)
// CHECK-NOT:     memref.copy
// CHECK:         affine.parallel (%[[N:.+]], %[[G:.+]]) = (0, 0) to (2, 2) {
// CHECK:           affine.for %[[I:.+]] = 0 to 6
// CHECK-NEXT:        affine.for %[[J:[a-z0-9]+]] = 0 to 2
// CHECK-NEXT:          affine.for %[[K:[a-z0-9]+]] = 0 to 32
// CHECK-NEXT:            affine.vector_load %[[X]][%[[N]], %[[G]] * 4 + (%[[I]] * 2 + %[[J]]) floordiv 3, (%[[I]] * 2 + %[[J]]) mod 3, %[[K]]]
// CHECK:           affine.for %[[R:.+]] = 0 to 12 {
// CHECK:             affine.for %[[V:.+]] = 0 to 2 {
// CHECK:               affine.vector_load %[[X]][%[[N]], %[[G]] * 4 + %[[R]] floordiv 3, %[[R]] mod 3, %[[V]] * 16]
// CHECK:               affine.vector_store %{{.+}}, %[[Y]][%[[N]], %[[G]] * 4 + %[[R]] floordiv 3, %[[R]] mod 3, %[[V]] * 16]
func.func @window(%x: memref<2x8x3x32xf32, strided<[2000, 200, 50, 1]>>, %y: memref<2x8x3x32xf32>) {
  gn.group_norm num_groups(2) ins(%x : memref<2x8x3x32xf32, strided<[2000, 200, 50, 1]>>)
    outs(%y : memref<2x8x3x32xf32>) {feature_dim = 1, grouping = #gn.grouping<contiguous>}
  return
}

// -----

// Two sizes before the features are one, which counts the runs of a group.
// CHECK-LABEL: func.func @before(
// CHECK-SAME:      %[[X:.+]]: memref<2x?x?x8x32xf32>,
// CHECK:         %[[A:.+]] = memref.collapse_shape %[[X]] {{\[\[}}0], [1, 2], [3], [4]] : memref<2x?x?x8x32xf32> into memref<2x?x8x32xf32>
// CHECK:         affine.parallel (%[[N:.+]], %[[G:.+]]) = (0, 0) to (2, 2) {
// CHECK:           affine.if
// CHECK:           affine.for %[[R:.+]] = 0 to #{{.+}}()[%{{.+}}] {
// CHECK:             affine.vector_load %[[A]][%[[N]], %[[R]] floordiv 4, %[[R]] * 2 + %[[G]] - (%[[R]] floordiv 4) * 8, %{{.+}} * 16]
func.func @before(%x: memref<2x?x?x8x32xf32>, %y: memref<2x?x?x8x32xf32>) {
  gn.group_norm num_groups(2) ins(%x : memref<2x?x?x8x32xf32>)
    outs(%y : memref<2x?x?x8x32xf32>) {feature_dim = 3}
  return
}

// -----

// The halves, which have no other way than by groups.
// CHECK-LABEL: func.func @halves(
// CHECK:         affine.parallel ({{.+}}) = (0, 0) to (2, 2) {
// CHECK:         } {gn.role = "normalize"}
// CHECK-NOT:     memref.alloc(
func.func @halves(%x: memref<2x?x8x32xf32>, %s: memref<2x2xf64>, %y: memref<2x?x8x32xf32>) {
  gn.group_stats num_groups(2) ins(%x : memref<2x?x8x32xf32>)
    outs(%s, %s, %s : memref<2x2xf64>, memref<2x2xf64>, memref<2x2xf64>) {feature_dim = 2}
  gn.group_normalize num_groups(2) ins(%x, %s, %s, %s : memref<2x?x8x32xf32>, memref<2x2xf64>, memref<2x2xf64>, memref<2x2xf64>)
    outs(%y : memref<2x?x8x32xf32>) {feature_dim = 2}
  return
}

// -----

// Any sizes before and behind: those before are counted last, so that a number is
// divided by the number of rows only. The residual, which has no gaps, is read by
// the place of a row in it.
// CHECK-LABEL: func.func @dynamic_before_and_behind(
// CHECK-SAME:      %[[X:.+]]: memref<2x?x8x?x?xf32, strided<[?, ?, ?, ?, 1]>>, %[[E:.+]]: memref<2x?x8x?x?xf32>, %[[Y:.+]]: memref
// CHECK-DAG:     %[[H:.+]] = memref.dim %[[X]], %c3
// CHECK-DAG:     %[[W:.+]] = memref.dim %[[X]], %c4
// CHECK-DAG:     %[[RUNS:.+]] = memref.collapse_shape %[[E]] {{\[\[}}0], [1], [2], [3, 4]]
// CHECK:           } {gn.role = "statistics"}
// CHECK:           affine.for %[[R:.+]] = 0 to %{{[0-9]+}} {
// CHECK:             affine.for %[[V:.+]] = 0 to #{{.+}}()[%[[W]]] {
// CHECK:               affine.vector_load %[[X]][%[[N:.+]], (%[[R]] floordiv symbol(%[[H]])) floordiv 4, {{.+}}, %[[R]] mod symbol(%[[H]]), %[[V]] * 16]
// CHECK:               affine.vector_load %[[RUNS]][%[[N]], (%[[R]] floordiv symbol(%[[H]])) floordiv 4, {{.+}}* symbol(%[[W]])
func.func @dynamic_before_and_behind(%x: memref<2x?x8x?x?xf32, strided<[?, ?, ?, ?, 1]>>, %e: memref<2x?x8x?x?xf32>, %y: memref<2x?x8x?x?xf32>) {
  gn.group_norm num_groups(2) ins(%x : memref<2x?x8x?x?xf32, strided<[?, ?, ?, ?, 1]>>)
    outs(%y : memref<2x?x8x?x?xf32>) {feature_dim = 2}
    epilogue(%e : memref<2x?x8x?x?xf32> by [affine_map<(n, d, c, h, w) -> (n, d, c, h, w)>]) {
  ^bb0(%n: f32, %r: f32):
    %0 = arith.addf %n, %r : f32
    gn.yield %0 : f32
  }
  return
}
