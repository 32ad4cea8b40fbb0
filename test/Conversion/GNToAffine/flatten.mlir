// RUN: groupnorm-opt %s -convert-gn-to-affine -canonicalize -cse | FileCheck %s

// Four positions of three features are seen as one row of 12 lanes. Of 11
// positions, three do not fill a row: the rest.

// CHECK-LABEL: func.func @flatten
// CHECK-DAG: %[[TWO:.+]] = arith.constant 2.000000e+00 : f64
// CHECK-DAG: %[[THREE:.+]] = arith.constant 3.000000e+00 : f64
// CHECK-DAG: %[[REST:.+]] = arith.constant 3 : index
// CHECK-DAG: %[[COUNT:.+]] = arith.constant dense<1.100000e+01> : vector<3xf64>
// CHECK: %[[X:.+]] = memref.collapse_shape %{{.+}} {{.+}} into memref<2x33xf32>
// CHECK: %[[Y:.+]] = memref.collapse_shape %{{.+}} {{.+}} into memref<2x33xf32>

// CHECK: affine.for %[[N:.+]] = 0 to 2 {
// CHECK: affine.for %[[ROW:.+]] = 0 to 2 {
// CHECK-NEXT: affine.for %[[LANE:.+]] = 0 to 12 step 4 {
// CHECK: affine.vector_load %[[X]][%[[N]], %[[ROW]] * 12 + %[[LANE]]] : memref<2x33xf32>, vector<4xf32>

// A position of the rest counts as one more row in the lanes that it fills.

// CHECK: affine.for %[[POSITION:.+]] = 0 to 3 {
// CHECK-NEXT: %[[NARROW:.+]] = affine.vector_load %[[X]][%[[N]], %[[POSITION]] * 3 + 24] : memref<2x33xf32>, vector<3xf32>
// CHECK-NEXT: %[[VALUE:.+]] = arith.extf %[[NARROW]] : vector<3xf32> to vector<3xf64>
// CHECK-NEXT: %[[MEAN:.+]] = affine.vector_load %[[MEANS:.+]][%[[POSITION]] * 3] : memref<12xf64>, vector<3xf64>
// CHECK-NEXT: %[[M2:.+]] = affine.vector_load %[[M2S:.+]][%[[POSITION]] * 3] : memref<12xf64>, vector<3xf64>
// CHECK-NEXT: %[[D:.+]] = arith.subf %[[VALUE]], %[[MEAN]] : vector<3xf64>
// CHECK: } {gn.role = "statistics"}

// So positions 0 to 2 of a row have three rows, position 3 has two.

// CHECK: affine.for %[[POSITION:.+]] = 0 to 4 iter_args(%[[SUM:.+]] = %{{.+}}) -> (vector<3xf64>) {
// CHECK-NEXT: %[[MEAN:.+]] = affine.vector_load %[[MEANS]][%[[POSITION]] * 3] : memref<12xf64>, vector<3xf64>
// CHECK-NEXT: %[[MORE:.+]] = arith.cmpi slt, %[[POSITION]], %[[REST]] : index
// CHECK-NEXT: %[[ROWS:.+]] = arith.select %[[MORE]], %[[THREE]], %[[TWO]] : f64
// CHECK-NEXT: %[[WIDE:.+]] = vector.broadcast %[[ROWS]] : f64 to vector<3xf64>
// CHECK-NEXT: arith.mulf %[[MEAN]], %[[WIDE]] : vector<3xf64>
// CHECK: } {gn.role = "merge"}
// CHECK: arith.divf %{{.+}}, %[[COUNT]] : vector<3xf64>

// The parameters of the features are repeated for each position of a row, in the
// order of memory.

// CHECK: affine.vector_store %{{.+}}, %[[SHIFTS:.+]][0] : memref<12xf32>, vector<3xf32>
// CHECK: %[[SHIFT:.+]] = affine.vector_load %[[SHIFTS]][0] : memref<12xf32>, vector<3xf32>
// CHECK-NEXT: affine.vector_store %[[SHIFT]], %[[SHIFTS]][3] : memref<12xf32>, vector<3xf32>
// CHECK: affine.vector_store %{{.+}}, %[[SHIFTS]][6] : memref<12xf32>, vector<3xf32>
// CHECK: affine.vector_store %{{.+}}, %[[SHIFTS]][9] : memref<12xf32>, vector<3xf32>
// CHECK: affine.for %[[ROW:.+]] = 0 to 2 {
// CHECK-NEXT: affine.for %[[LANE:.+]] = 0 to 12 step 4 {
// CHECK: affine.vector_store %{{.+}}, %[[Y]][%[[N]], %[[ROW]] * 12 + %[[LANE]]] : memref<2x33xf32>, vector<4xf32>
// CHECK: affine.for %[[POSITION:.+]] = 0 to 3 {
// CHECK-NEXT: affine.vector_load %[[SHIFTS]][%[[POSITION]] * 3] : memref<12xf32>, vector<3xf32>
// CHECK: affine.vector_store %{{.+}}, %[[Y]][%[[N]], %[[POSITION]] * 3 + 24] : memref<2x33xf32>, vector<3xf32>
// CHECK-NEXT: } {gn.role = "normalize"}
func.func @flatten(%x: memref<2x11x3xf32>, %y: memref<2x11x3xf32>) {
  gn.group_norm num_groups(3) ins(%x : memref<2x11x3xf32>)
    outs(%y : memref<2x11x3xf32>)
    {gn.schedule = #gn.cpu_schedule<strategy = sample, vector = 4, flatten = 4,
                                    chunk = 8, parallel = false>}
  return
}

// More positions to a row than there are: all of x is rest.

// CHECK-LABEL: func.func @only_rest
// CHECK: %[[X:.+]] = memref.collapse_shape %{{.+}} {{.+}} into memref<2x6xf32>
// CHECK: affine.for %[[N:.+]] = 0 to 2 {
// CHECK-NOT: affine.for %{{.+}} = 0 to 1 {
// CHECK: affine.for %[[POSITION:.+]] = 0 to 2 {
// CHECK-NEXT: affine.vector_load %[[X]][%[[N]], %[[POSITION]] * 3] : memref<2x6xf32>, vector<3xf32>
// CHECK: } {gn.role = "statistics"}
// CHECK: affine.for %[[POSITION:.+]] = 0 to 2 {
// CHECK: affine.vector_load %[[X]][%[[N]], %[[POSITION]] * 3] : memref<2x6xf32>, vector<3xf32>
// CHECK: } {gn.role = "normalize"}
func.func @only_rest(%x: memref<2x2x3xf32>, %y: memref<2x2x3xf32>) {
  gn.group_norm num_groups(3) ins(%x : memref<2x2x3xf32>)
    outs(%y : memref<2x2x3xf32>)
    {gn.schedule = #gn.cpu_schedule<strategy = sample, vector = 4, flatten = 4,
                                    parallel = false>}
  return
}

// The element that an epilogue has for each feature of a sample is read once, and
// repeated as the parameters are.

// CHECK-LABEL: func.func @epilogue
// CHECK-SAME: %[[SCALE:[a-z0-9]+]]: memref<2x3xf16>
// CHECK: %[[ONCE:.+]] = affine.vector_load %[[SCALE]][%{{.+}}, 0] : memref<2x3xf16>, vector<3xf16>
// CHECK-NEXT: affine.vector_store %[[ONCE]], %[[ROW:.+]][0] : memref<12xf16>, vector<3xf16>
// CHECK-NOT: %[[SCALE]]
// CHECK: affine.vector_store %{{.+}}, %[[ROW]][3] : memref<12xf16>, vector<3xf16>
// CHECK-NEXT: %[[FIRST:.+]] = affine.vector_load %[[ROW]][0] : memref<12xf16>, vector<3xf16>
// CHECK-NEXT: affine.vector_store %[[FIRST]], %[[ROW]][6] : memref<12xf16>, vector<3xf16>
// CHECK: affine.vector_store %{{.+}}, %[[ROW]][9] : memref<12xf16>, vector<3xf16>
// CHECK-NOT: %[[SCALE]]
// CHECK: return
#feature = affine_map<(n, s, c) -> (n, c)>
func.func @epilogue(%scale: memref<2x3xf16>, %x: memref<2x11x3xf32>, %y: memref<2x11x3xf32>) {
  gn.group_norm num_groups(3) ins(%x : memref<2x11x3xf32>)
    outs(%y : memref<2x11x3xf32>)
    {gn.schedule = #gn.cpu_schedule<strategy = sample, vector = 4, flatten = 4,
                                    parallel = false>}
    epilogue(%scale : memref<2x3xf16> by [#feature]) {
  ^bb0(%n: f32, %e: f16):
    %positive = math.absf %n : f32
    %factor = arith.extf %e : f16 to f32
    %scaled = arith.mulf %positive, %factor : f32
    gn.yield %scaled : f32
  }
  return
}
