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
