// RUN: groupnorm-opt %s -convert-gn-to-affine -canonicalize -cse | FileCheck %s

// Numbers of features that are not a whole number of vectors: the last vector
// is shorter, and nothing is read or written beyond a row.

// CHECK-LABEL: func.func @forty
// CHECK: %[[X:.+]] = memref.collapse_shape %{{.+}} {{.+}} into memref<2x120xf32>
// CHECK: %[[Y:.+]] = memref.collapse_shape %{{.+}} {{.+}} into memref<2x120xf32>
// CHECK: affine.for %[[N:.+]] = 0 to 2 {
// CHECK: affine.for %[[ROW:.+]] = 0 to 3 {
// CHECK-NEXT: affine.for %[[LANE:.+]] = 0 to 32 step 16 {
// CHECK: affine.vector_load %[[X]][%[[N]], %[[ROW]] * 40 + %[[LANE]]] : memref<2x120xf32>, vector<16xf32>
// CHECK: } {gn.role = "statistics"}
// CHECK-NEXT: affine.vector_load %{{.+}}[112] : memref<144xf32>, vector<8xf32>
// CHECK: affine.vector_load %[[X]][%[[N]], %[[ROW]] * 40 + 32] : memref<2x120xf32>, vector<8xf32>
// CHECK: } {gn.role = "statistics"}

// CHECK: affine.for %[[ROW:.+]] = 0 to 3 {
// CHECK-NEXT: affine.for %[[LANE:.+]] = 0 to 32 step 16 {
// CHECK: affine.vector_store %{{.+}}, %[[Y]][%[[N]], %[[ROW]] * 40 + %[[LANE]]] : memref<2x120xf32>, vector<16xf32>
// CHECK-NEXT: } {gn.role = "normalize"}
// CHECK: affine.vector_store %{{.+}}, %[[Y]][%[[N]], %[[ROW]] * 40 + 32] : memref<2x120xf32>, vector<8xf32>
// CHECK-NEXT: } {gn.role = "normalize"}
func.func @forty(%x: memref<2x3x40xf32>, %y: memref<2x3x40xf32>) {
  gn.group_norm num_groups(8) ins(%x : memref<2x3x40xf32>)
    outs(%y : memref<2x3x40xf32>)
    {gn.schedule = #gn.cpu_schedule<strategy = sample, parallel = false>}
  return
}

// Fewer features than a vector has lanes: one short vector, no lane loop.

// CHECK-LABEL: func.func @five
// CHECK: %[[Y:.+]] = memref.collapse_shape %{{.+}} {{.+}} into memref<2x15xf32>
// CHECK: %[[Y:.+]] = memref.collapse_shape %{{.+}} {{.+}} into memref<2x15xf32>
// CHECK-NOT: vector<16x
// CHECK: affine.for %[[ROW:.+]] = 0 to 3 {
// CHECK-NEXT: affine.vector_load %{{.+}}[16] : memref<48xf32>, vector<5xf32>
// CHECK-NOT: vector<16x
// CHECK: affine.vector_store %{{.+}}, %[[Y]][%{{.+}}, %{{.+}} * 5] : memref<2x15xf32>, vector<5xf32>
// CHECK-NEXT: } {gn.role = "normalize"}
func.func @five(%x: memref<2x3x5xf32>, %y: memref<2x3x5xf32>) {
  gn.group_norm num_groups(5) ins(%x : memref<2x3x5xf32>)
    outs(%y : memref<2x3x5xf32>)
    {gn.schedule = #gn.cpu_schedule<strategy = sample, parallel = false>}
  return
}

// Five vectors of 8 in blocks of 2: two whole blocks in a loop and one vector.

// CHECK-LABEL: func.func @blocks
// CHECK: affine.for %[[BLOCK:.+]] = 0 to 32 step 16 {
// CHECK: affine.for %[[ROW:.+]] = 0 to 3 iter_args(%{{.+}} = %{{.+}}, %{{.+}} = %{{.+}}, %{{.+}} = %{{.+}}, %{{.+}} = %{{.+}}) -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>) {
// CHECK: affine.vector_load %[[X:.+]][%[[N:.+]], %[[ROW]] * 40 + %[[BLOCK]]] : memref<2x120xf32>, vector<8xf32>
// CHECK: affine.vector_load %[[X]][%[[N]], %[[ROW]] * 40 + %[[BLOCK]] + 8] : memref<2x120xf32>, vector<8xf32>
// CHECK: affine.for %[[ROW:.+]] = 0 to 3 iter_args(%{{.+}} = %{{.+}}, %{{.+}} = %{{.+}}) -> (vector<8xf32>, vector<8xf32>) {
// CHECK-NEXT: affine.vector_load %[[X]][%[[N]], %[[ROW]] * 40 + 32] : memref<2x120xf32>, vector<8xf32>
func.func @blocks(%x: memref<2x3x40xf32>, %y: memref<2x3x40xf32>) {
  gn.group_norm num_groups(8) ins(%x : memref<2x3x40xf32>)
    outs(%y : memref<2x3x40xf32>)
    {gn.schedule = #gn.cpu_schedule<strategy = sample, vector = 8, block = 2,
                                    order = blocks, parallel = false>}
  return
}
