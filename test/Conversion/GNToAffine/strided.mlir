// Slices of something larger are lowered where they are: positions count
// through the dimensions between which there are gaps.

// RUN: groupnorm-opt %s -convert-gn-to-affine -canonicalize -cse | FileCheck %s

// Some of the features of each position: the spatial dimensions collapse to one.

// CHECK-LABEL: func.func @features
// CHECK-SAME:    %[[XARG:[^:]*]]: memref<2x6x8x16xf32, strided<[1536, 256, 32, 1], offset: 16>>, %[[YARG:[^:]*]]:
// CHECK-DAG:     %[[X:.+]] = memref.collapse_shape %[[XARG]] {{\[\[}}0], [1, 2], [3]] : {{.+}} into memref<2x48x16xf32, strided<[1536, 32, 1], offset: 16>>
// CHECK-DAG:     %[[Y:.+]] = memref.collapse_shape %[[YARG]] {{\[\[}}0], [1, 2], [3]] : memref<2x6x8x16xf32> into memref<2x48x16xf32>
// CHECK:         affine.for %[[N:.+]] = 0 to 2 {
// CHECK:           affine.for %[[ROW:.+]] = 0 to 48
// CHECK-NEXT:        affine.vector_load %[[X]][%[[N]], %[[ROW]], 0] : {{.+}}, vector<16xf32>
// CHECK:           affine.for %[[ROW:.+]] = 0 to 48 {
// CHECK:             affine.vector_load %[[X]][%[[N]], %[[ROW]], 0]
// CHECK:             affine.vector_store %{{.+}}, %[[Y]][%[[N]], %[[ROW]], 0]
func.func @features(%x: memref<2x6x8x16xf32, strided<[1536, 256, 32, 1], offset: 16>>,
                    %y: memref<2x6x8x16xf32>) {
  gn.group_norm num_groups(4)
    ins(%x : memref<2x6x8x16xf32, strided<[1536, 256, 32, 1], offset: 16>>)
    outs(%y : memref<2x6x8x16xf32>)
    {gn.schedule = #gn.cpu_schedule<strategy = sample, order = blocks, flatten = 4, parallel = false>}
  return
}

// A window of an image, of any number of rows: where the result has no gaps, it
// is seen in the same way.

// CHECK-LABEL: func.func @window
// CHECK-SAME:    %[[X:[^:]*]]: memref<?x?x8x16xf32, strided<[?, 256, 16, 1], offset: ?>>, %[[Y:[^:]*]]:
// CHECK-NOT:     memref.collapse_shape
// CHECK:         %[[H:.+]] = memref.dim %[[X]], %c1
// CHECK:         affine.for %{{.+}} = 0 to #{{.+}}()[%[[H]]]
// CHECK:           affine.vector_load %[[X]][%{{.+}}, {{.*}}floordiv 8, {{.*}}mod 8, 0]
// CHECK:           affine.vector_store %{{.+}}, %[[Y]][%{{.+}}, {{.*}}floordiv 8, {{.*}}mod 8, 0]
func.func @window(%x: memref<?x?x8x16xf32, strided<[?, 256, 16, 1], offset: ?>>,
                  %y: memref<?x?x8x16xf32>) {
  gn.group_norm num_groups(4)
    ins(%x : memref<?x?x8x16xf32, strided<[?, 256, 16, 1], offset: ?>>)
    outs(%y : memref<?x?x8x16xf32>)
    {gn.schedule = #gn.cpu_schedule<strategy = sample, order = blocks, parallel = false>}
  return
}

// Of any number of rows of any length in between: the number of a position is
// divided by sizes that only a call knows.

// CHECK-LABEL: func.func @volumes
// CHECK-SAME:    %[[X:[^:]*]]: memref<2x?x?x?x16xf32, strided<[?, ?, ?, 24, 1], offset: ?>>, %[[Y:[^:]*]]:
// CHECK-DAG:     %[[H:.+]] = memref.dim %[[X]], %c2
// CHECK-DAG:     %[[W:.+]] = memref.dim %[[X]], %c3
// CHECK:           affine.vector_load %[[X]][%{{.+}}, {{.*}} floordiv symbol(%[[W]])) floordiv symbol(%[[H]]), {{.*}} floordiv symbol(%[[W]])) mod symbol(%[[H]]), {{.*}} mod symbol(%[[W]]), 0]
// CHECK:           affine.vector_store %{{.+}}, %[[Y]][%{{.+}}, {{.*}} floordiv symbol(%[[W]])) floordiv symbol(%[[H]]), {{.*}} floordiv symbol(%[[W]])) mod symbol(%[[H]]), {{.*}} mod symbol(%[[W]]), 0]
func.func @volumes(%x: memref<2x?x?x?x16xf32, strided<[?, ?, ?, 24, 1], offset: ?>>,
                   %y: memref<2x?x?x?x16xf32>) {
  gn.group_norm num_groups(4)
    ins(%x : memref<2x?x?x?x16xf32, strided<[?, ?, ?, 24, 1], offset: ?>>)
    outs(%y : memref<2x?x?x?x16xf32>)
    {gn.schedule = #gn.cpu_schedule<strategy = sample, order = blocks, parallel = false>}
  return
}

// A single feature at every other address.

// CHECK-LABEL: func.func @apart
// CHECK:         affine.vector_load %{{.+}}[%{{.+}}, %{{.+}}, 0] : memref<2x8x1xf32, strided<[32, 2, 1]>>, vector<1xf32>
func.func @apart(%x: memref<2x8x1xf32, strided<[32, 2, 1]>>, %y: memref<2x8x1xf32>) {
  gn.group_norm num_groups(1)
    ins(%x : memref<2x8x1xf32, strided<[32, 2, 1]>>)
    outs(%y : memref<2x8x1xf32>) {gn.schedule = #gn.cpu_schedule<>}
  return
}

// A dimension of size 1, as in a column of a larger buffer, may be seen as one with
// either neighbour, but not with both.

// CHECK-LABEL: func.func @column
// CHECK-SAME:    %[[X:[^:]*]]: memref<2x5x1x24xf32, strided<[480, 96, 48, 1]>>
// CHECK:         memref.collapse_shape %[[X]] {{\[\[}}0], [1, 2], [3]] : memref<2x5x1x24xf32, strided<[480, 96, 48, 1]>> into memref<2x5x24xf32, strided<[480, 96, 1]>>
func.func @column(%x: memref<2x5x1x24xf32, strided<[480, 96, 48, 1]>>, %y: memref<2x5x1x24xf32>) {
  gn.group_norm num_groups(4)
    ins(%x : memref<2x5x1x24xf32, strided<[480, 96, 48, 1]>>)
    outs(%y : memref<2x5x1x24xf32>) {gn.schedule = #gn.cpu_schedule<>}
  return
}

// The same behind features that are not last.

// CHECK-LABEL: func.func @behind
// CHECK:         memref.collapse_shape %{{.*}} {{\[\[}}0], [1], [2, 3], [4]] : memref<2x6x5x1x8xf32, strided<[2880, 480, 96, 48, 1]>> into memref<2x6x5x8xf32, strided<[2880, 480, 96, 1]>>
func.func @behind(%x: memref<2x6x5x1x8xf32, strided<[2880, 480, 96, 48, 1]>>) {
  gn.group_norm num_groups(3)
    ins(%x : memref<2x6x5x1x8xf32, strided<[2880, 480, 96, 48, 1]>>)
    outs(%x : memref<2x6x5x1x8xf32, strided<[2880, 480, 96, 48, 1]>>)
    {feature_dim = 1 : i64, gn.schedule = #gn.cpu_schedule<>}
  return
}
