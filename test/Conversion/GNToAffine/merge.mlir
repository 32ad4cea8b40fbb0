// RUN: groupnorm-opt %s -convert-gn-to-affine -canonicalize -cse | FileCheck %s

// How the lanes of a row merge into groups, by grouping and width.

#sample = #gn.cpu_schedule<strategy = sample, vector = 4, parallel = false>

// Contiguous groups of 6 are one vector of 4 and one of 2; their sums add up.

// CHECK-LABEL: func.func @contiguous
// CHECK: affine.for %{{.+}} = 0 to 2 {
// CHECK: affine.for %[[G:.+]] = 0 to 2 {
// CHECK-NEXT: %[[MEAN:.+]] = affine.vector_load %[[MEANS:.+]][%[[G]] * 6] : memref<12xf64>, vector<4xf64>
// CHECK: %[[MEANTAIL:.+]] = affine.vector_load %[[MEANS]][%[[G]] * 6 + 4] : memref<12xf64>, vector<2xf64>
// CHECK: %[[A:.+]] = vector.reduction <add>, %{{.+}} fastmath<reassoc> : vector<4xf64> into f64
// CHECK-NEXT: %[[B:.+]] = vector.reduction <add>, %{{.+}} fastmath<reassoc> : vector<2xf64> into f64
// CHECK-NEXT: %[[SUM:.+]] = arith.addf %[[A]], %[[B]] : f64
// CHECK-NEXT: %[[GROUPMEAN:.+]] = arith.mulf %[[SUM]], %{{.+}} : f64
// CHECK-NEXT: %[[WIDE:.+]] = vector.broadcast %[[GROUPMEAN]] : f64 to vector<4xf64>
// CHECK-NEXT: %[[D:.+]] = arith.subf %[[MEAN]], %[[WIDE]] : vector<4xf64>
// CHECK-NEXT: %[[DD:.+]] = arith.mulf %[[D]], %[[D]] : vector<4xf64>
// CHECK-NEXT: %[[M2:.+]] = affine.vector_load %[[M2S:.+]][%[[G]] * 6] : memref<12xf64>, vector<4xf64>
// CHECK-NEXT: math.fma %[[DD]], %{{.+}}, %[[M2]] : vector<4xf64>
// CHECK: arith.subf %[[MEANTAIL]], %{{.+}} : vector<2xf64>
// CHECK: affine.store %[[GROUPMEAN]], %{{.+}}[%[[G]]] : memref<2xf64>
// CHECK: } {gn.role = "merge"}
func.func @contiguous(%x: memref<2x3x12xf32>, %y: memref<2x3x12xf32>) {
  gn.group_norm num_groups(2) ins(%x : memref<2x3x12xf32>)
    outs(%y : memref<2x3x12xf32>)
    {grouping = #gn.grouping<contiguous>, gn.schedule = #sample}
  return
}

// Six interleaved groups are a vector of 4 groups and one of 2; feature d of
// each of them is 6 lanes further.

// CHECK-LABEL: func.func @interleaved
// CHECK: affine.for %[[D:.+]] = 0 to 2 iter_args(%{{.+}} = %{{.+}}) -> (vector<4xf64>) {
// CHECK-NEXT: affine.vector_load %[[MEANS:.+]][%[[D]] * 6] : memref<12xf64>, vector<4xf64>
// CHECK: } {gn.role = "merge"}
// CHECK: affine.vector_store %{{.+}}, %[[MEAN:.+]][0] : memref<6xf64>, vector<4xf64>
// CHECK-NEXT: affine.vector_store %{{.+}}, %[[M2:.+]][0] : memref<6xf64>, vector<4xf64>
// CHECK: affine.for %[[D:.+]] = 0 to 2 iter_args(%{{.+}} = %{{.+}}) -> (vector<2xf64>) {
// CHECK-NEXT: affine.vector_load %[[MEANS]][%[[D]] * 6 + 4] : memref<12xf64>, vector<2xf64>
// CHECK: affine.vector_store %{{.+}}, %[[MEAN]][4] : memref<6xf64>, vector<2xf64>
// CHECK-NEXT: affine.vector_store %{{.+}}, %[[M2]][4] : memref<6xf64>, vector<2xf64>
func.func @interleaved(%x: memref<2x3x12xf32>, %y: memref<2x3x12xf32>) {
  gn.group_norm num_groups(6) ins(%x : memref<2x3x12xf32>)
    outs(%y : memref<2x3x12xf32>) {gn.schedule = #sample}
  return
}

// One group is contiguous whatever the attribute says: a loop over its lanes.

// CHECK-LABEL: func.func @one_group
// CHECK: affine.for %[[LANE:.+]] = 0 to 12 step 4 iter_args(%[[SUM:.+]] = %{{.+}}) -> (vector<4xf64>) {
// CHECK-NEXT: affine.vector_load %{{.+}}[%[[LANE]]] : memref<12xf64>, vector<4xf64>
// CHECK: } {gn.role = "merge"}
// CHECK-NEXT: vector.reduction <add>
func.func @one_group(%x: memref<2x3x12xf32>, %y: memref<2x3x12xf32>) {
  gn.group_norm num_groups(1) ins(%x : memref<2x3x12xf32>)
    outs(%y : memref<2x3x12xf32>) {gn.schedule = #sample}
  return
}

// Groups of one feature have nothing to add up: vectors of groups, no
// reduction, in either grouping.

// CHECK-LABEL: func.func @one_feature
// CHECK-NOT: vector.reduction
// CHECK: memref<12xf64>, vector<4xf64>
// CHECK-NEXT: affine.vector_store %{{.+}} : memref<12xf64>, vector<4xf64>
// CHECK: affine.for %[[G:.+]] = 0 to 12 step 4 {
// CHECK-NEXT: %[[LANE:.+]] = affine.vector_load %{{.+}}[%[[G]]] : memref<12xf64>, vector<4xf64>
// CHECK-NEXT: %[[SUM:.+]] = arith.mulf %[[LANE]], %{{.+}} : vector<4xf64>
// CHECK-NOT: vector.reduction
// CHECK: } {gn.role = "merge"}
// CHECK: return
func.func @one_feature(%x: memref<2x3x12xf32>, %y: memref<2x3x12xf32>) {
  gn.group_norm num_groups(12) ins(%x : memref<2x3x12xf32>)
    outs(%y : memref<2x3x12xf32>)
    {grouping = #gn.grouping<contiguous>, gn.schedule = #sample}
  return
}
