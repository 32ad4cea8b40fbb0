// RUN: groupnorm-opt %s -convert-gn-to-affine -canonicalize -cse | FileCheck %s

// Some positions of four features.
// CHECK: #[[$SOME:.+]] = affine_set<()[s0] : (s0 * 4 - 1 >= 0)>

// The statistics of x are gathered in buffers of their own and then merged into
// those that the caller has, rounded to their type.

// CHECK-LABEL: func.func @stats
// CHECK-SAME: %[[NS:[^:]+]]: memref<2x4xf32>, %[[MEANS:[^:]+]]: memref<2x4xf32>, %[[M2S:[^:]+]]: memref<2x4xf32>) {
// CHECK-DAG: %[[ADDED:.+]] = arith.constant dense<1.200000e+01> : vector<4xf64>
// CHECK: %[[MEAN:.+]] = memref.alloc() {alignment = 64 : i64} : memref<2x1x4xf64>
// CHECK-NEXT: %[[M2:.+]] = memref.alloc() {alignment = 64 : i64} : memref<2x1x4xf64>
// CHECK-NEXT: affine.parallel
// CHECK: affine.vector_store %{{.+}}, %[[M2]][%{{.+}}, %{{.+}}, 0] : memref<2x1x4xf64>, vector<4xf64>
// CHECK-NEXT: } {gn.role = "statistics"}
// CHECK-NEXT: affine.for %[[N:.+]] = 0 to 2 {
// CHECK-NEXT: %[[NEWMEAN:.+]] = affine.vector_load %[[MEAN]][%[[N]], 0, 0] : memref<2x1x4xf64>, vector<4xf64>
// CHECK-NEXT: %[[NEWM2:.+]] = affine.vector_load %[[M2]][%[[N]], 0, 0] : memref<2x1x4xf64>, vector<4xf64>
// CHECK-NEXT: %[[V0:.+]] = affine.vector_load %[[NS]][%[[N]], 0] : memref<2x4xf32>, vector<4xf32>
// CHECK-NEXT: %[[COUNT:.+]] = arith.extf %[[V0]] : vector<4xf32> to vector<4xf64>
// CHECK-NEXT: %[[V1:.+]] = affine.vector_load %[[MEANS]][%[[N]], 0] : memref<2x4xf32>, vector<4xf32>
// CHECK-NEXT: %[[OLDMEAN:.+]] = arith.extf %[[V1]] : vector<4xf32> to vector<4xf64>
// CHECK-NEXT: %[[V2:.+]] = affine.vector_load %[[M2S]][%[[N]], 0] : memref<2x4xf32>, vector<4xf32>
// CHECK-NEXT: %[[OLDM2:.+]] = arith.extf %[[V2]] : vector<4xf32> to vector<4xf64>
// CHECK-NEXT: %[[TOTAL:.+]] = arith.addf %[[COUNT]], %[[ADDED]] : vector<4xf64>
// CHECK-NEXT: %[[WEIGHT:.+]] = arith.divf %[[ADDED]], %[[TOTAL]] : vector<4xf64>
// CHECK-NEXT: %[[D:.+]] = arith.subf %[[NEWMEAN]], %[[OLDMEAN]] : vector<4xf64>
// CHECK-NEXT: %[[MERGEDMEAN:.+]] = math.fma %[[D]], %[[WEIGHT]], %[[OLDMEAN]] : vector<4xf64>
// CHECK-NEXT: %[[DD:.+]] = arith.mulf %[[D]], %[[D]] : vector<4xf64>
// CHECK-NEXT: %[[FACTOR:.+]] = arith.mulf %[[COUNT]], %[[WEIGHT]] : vector<4xf64>
// CHECK-NEXT: %[[M2SUM:.+]] = arith.addf %[[OLDM2]], %[[NEWM2]] : vector<4xf64>
// CHECK-NEXT: %[[MERGEDM2:.+]] = math.fma %[[DD]], %[[FACTOR]], %[[M2SUM]] : vector<4xf64>
// CHECK-NEXT: %[[R0:.+]] = arith.truncf %[[TOTAL]] : vector<4xf64> to vector<4xf32>
// CHECK-NEXT: affine.vector_store %[[R0]], %[[NS]][%[[N]], 0]
// CHECK-NEXT: %[[R1:.+]] = arith.truncf %[[MERGEDMEAN]] : vector<4xf64> to vector<4xf32>
// CHECK-NEXT: affine.vector_store %[[R1]], %[[MEANS]][%[[N]], 0]
// CHECK-NEXT: %[[R2:.+]] = arith.truncf %[[MERGEDM2]] : vector<4xf64> to vector<4xf32>
// CHECK-NEXT: affine.vector_store %[[R2]], %[[M2S]][%[[N]], 0]
// CHECK-NEXT: } {gn.role = "merge"}
// CHECK-NEXT: memref.dealloc %[[MEAN]]
// CHECK-NEXT: memref.dealloc %[[M2]]
// CHECK-NEXT: return
func.func @stats(%x: memref<2x3x16xf32>, %n: memref<2x4xf32>, %mean: memref<2x4xf32>, %m2: memref<2x4xf32>) {
  gn.group_stats num_groups(4) ins(%x : memref<2x3x16xf32>)
    outs(%n, %mean, %m2 : memref<2x4xf32>, memref<2x4xf32>, memref<2x4xf32>)
  return
}

// Where x may be empty, statistics without an element stay as they are.

// CHECK-LABEL: func.func @stats_of_nothing
// CHECK: affine.parallel
// CHECK: } {gn.role = "statistics"}
// CHECK: affine.for %[[N:.+]] = 0 to 2 {
// CHECK-NEXT: affine.if #[[$SOME]]()[%{{.+}}] {
// CHECK: affine.vector_store %{{.+}}, %{{.+}}[%[[N]], 0] : memref<2x4xf64>, vector<4xf64>
// CHECK-NEXT: affine.vector_store %{{.+}}, %{{.+}}[%[[N]], 0] : memref<2x4xf64>, vector<4xf64>
// CHECK-NEXT: affine.vector_store %{{.+}}, %{{.+}}[%[[N]], 0] : memref<2x4xf64>, vector<4xf64>
// CHECK-NEXT: }
// CHECK-NEXT: } {gn.role = "merge"}
func.func @stats_of_nothing(%x: memref<2x?x16xf32>, %n: memref<2x4xf64>, %mean: memref<2x4xf64>, %m2: memref<2x4xf64>) {
  gn.group_stats num_groups(4) ins(%x : memref<2x?x16xf32>)
    outs(%n, %mean, %m2 : memref<2x4xf64>, memref<2x4xf64>, memref<2x4xf64>)
    {grouping = #gn.grouping<contiguous>}
  return
}

// The normalization reads the counts of the groups from memory, a vector of
// groups at a time, and no loop of another role is made.

// CHECK-LABEL: func.func @normalize
// CHECK-SAME: %[[NS:[^:]+]]: memref<2x2xf64>, %[[MEANS:[^:]+]]: memref<2x2xf64>, %[[M2S:[^:]+]]: memref<2x2xf64>,
// CHECK-DAG: %[[ZERO:.+]] = arith.constant dense<0.000000e+00> : vector<2xf64>
// CHECK-DAG: %[[EPSILON:.+]] = arith.constant dense<1.000000e-03> : vector<2xf64>
// CHECK-NOT: memref.alloc(
// CHECK-NOT: "statistics"
// CHECK: affine.parallel (%[[N:.+]], %{{.+}}) = (0, 0) to (2, 1) {
// CHECK: %[[COUNT:.+]] = affine.vector_load %[[NS]][%[[N]], 0] : memref<2x2xf64>, vector<2xf64>
// CHECK-NEXT: %[[M2:.+]] = affine.vector_load %[[M2S]][%[[N]], 0] : memref<2x2xf64>, vector<2xf64>
// CHECK-NEXT: %[[POSITIVE:.+]] = arith.maximumf %[[M2]], %[[ZERO]] : vector<2xf64>
// CHECK-NEXT: %[[VARIANCE:.+]] = arith.divf %[[POSITIVE]], %[[COUNT]] : vector<2xf64>
// CHECK-NEXT: %[[INSIDE:.+]] = arith.addf %[[VARIANCE]], %[[EPSILON]] : vector<2xf64>
// CHECK-NEXT: math.sqrt %[[INSIDE]] : vector<2xf64>
// CHECK: affine.for %[[G:.+]] = 0 to 2 {
// CHECK-NEXT: affine.load %[[MEANS]][%[[N]], %[[G]]] : memref<2x2xf64>
// CHECK-NOT: "statistics"
// CHECK: } {gn.role = "normalize"}
// CHECK: return
func.func @normalize(%x: memref<2x3x16xf32>, %n: memref<2x2xf64>, %mean: memref<2x2xf64>, %m2: memref<2x2xf64>, %y: memref<2x3x16xf32>) {
  gn.group_normalize num_groups(2)
    ins(%x, %n, %mean, %m2 : memref<2x3x16xf32>, memref<2x2xf64>, memref<2x2xf64>, memref<2x2xf64>)
    outs(%y : memref<2x3x16xf32>)
    {epsilon = 1.0e-3, grouping = #gn.grouping<contiguous>}
  return
}
