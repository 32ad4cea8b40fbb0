// RUN: groupnorm-opt %s -convert-gn-to-affine -canonicalize -cse | FileCheck %s

#sample = #gn.cpu_schedule<strategy = sample, vector = 8, order = blocks,
                           apply_order = blocks, parallel = false>

// Half data is widened once in registers, computed in f32, rounded once. gamma
// and beta go straight to f64, where scale and offset are made.

// CHECK-LABEL: func.func @f16
// CHECK: affine.for %[[ROW:.+]] = 0 to 3 iter_args
// CHECK-SAME: -> (vector<8xf32>, vector<8xf32>) {
// CHECK-NEXT: %[[X:.+]] = affine.vector_load %{{.+}}[%{{.+}}, %[[ROW]] * 8] : memref<2x24xf16>, vector<8xf16>
// CHECK-NEXT: %[[WIDE:.+]] = arith.extf %[[X]] : vector<8xf16> to vector<8xf32>
// CHECK-NEXT: arith.subf %{{.+}}, %[[WIDE]] : vector<8xf32>
// CHECK: affine.vector_load %[[GAMMA:.+]][%{{.+}}] : memref<8xf16>, vector<4xf16>
// CHECK-NEXT: arith.extf %{{.+}} : vector<4xf16> to vector<4xf64>
// CHECK: affine.for %[[ROW:.+]] = 0 to 3 {
// CHECK-NEXT: %[[X:.+]] = affine.vector_load %{{.+}}[%{{.+}}, %[[ROW]] * 8] : memref<2x24xf16>, vector<8xf16>
// CHECK-NEXT: %[[WIDE:.+]] = arith.extf %[[X]] : vector<8xf16> to vector<8xf32>
// CHECK-NEXT: %[[D:.+]] = arith.subf %[[WIDE]], %{{.+}} : vector<8xf32>
// CHECK-NEXT: %[[Y:.+]] = math.fma %[[D]], %{{.+}}, %{{.+}} : vector<8xf32>
// CHECK-NEXT: %[[ROUNDED:.+]] = arith.truncf %[[Y]] : vector<8xf32> to vector<8xf16>
// CHECK-NEXT: affine.vector_store %[[ROUNDED]], %{{.+}}[%{{.+}}, %[[ROW]] * 8] : memref<2x24xf16>, vector<8xf16>
func.func @f16(%x: memref<2x3x8xf16>, %gamma: memref<8xf16>, %beta: memref<8xf16>, %y: memref<2x3x8xf16>) {
  gn.group_norm num_groups(2)
    ins(%x, %gamma, %beta : memref<2x3x8xf16>, memref<8xf16>, memref<8xf16>)
    outs(%y : memref<2x3x8xf16>)
    {grouping = #gn.grouping<contiguous>, gn.schedule = #sample}
  return
}

// bf16 data with f32 parameters and an f32 result: nothing is rounded to bf16.

// CHECK-LABEL: func.func @bf16
// CHECK-NOT: to vector<8xbf16>
// CHECK: affine.vector_load %{{.+}} : memref<8xf32>, vector<4xf32>
// CHECK-NEXT: arith.extf %{{.+}} : vector<4xf32> to vector<4xf64>
// CHECK: affine.for %[[ROW:.+]] = 0 to 3 {
// CHECK-NEXT: %[[X:.+]] = affine.vector_load %{{.+}}[%{{.+}}, %[[ROW]] * 8] : memref<2x24xbf16>, vector<8xbf16>
// CHECK-NEXT: %[[WIDE:.+]] = arith.extf %[[X]] : vector<8xbf16> to vector<8xf32>
// CHECK-NEXT: %[[D:.+]] = arith.subf %[[WIDE]], %{{.+}} : vector<8xf32>
// CHECK-NEXT: %[[Y:.+]] = math.fma %[[D]], %{{.+}}, %{{.+}} : vector<8xf32>
// CHECK-NEXT: affine.vector_store %[[Y]], %{{.+}}[%{{.+}}, %[[ROW]] * 8] : memref<2x24xf32>, vector<8xf32>
func.func @bf16(%x: memref<2x3x8xbf16>, %gamma: memref<8xf32>, %beta: memref<8xf32>, %y: memref<2x3x8xf32>) {
  gn.group_norm num_groups(2)
    ins(%x, %gamma, %beta : memref<2x3x8xbf16>, memref<8xf32>, memref<8xf32>)
    outs(%y : memref<2x3x8xf32>)
    {grouping = #gn.grouping<contiguous>, gn.schedule = #sample}
  return
}

// f64 data is computed in f64 throughout.

// CHECK-LABEL: func.func @f64
// CHECK-NOT: f32
// CHECK: affine.for %[[ROW:.+]] = 0 to 3 iter_args
// CHECK-SAME: -> (vector<8xf64>, vector<8xf64>) {
// CHECK: affine.for %[[ROW:.+]] = 0 to 3 {
// CHECK-NEXT: %[[X:.+]] = affine.vector_load %{{.+}}[%{{.+}}, %[[ROW]] * 8] : memref<2x24xf64>, vector<8xf64>
// CHECK-NEXT: %[[D:.+]] = arith.subf %[[X]], %{{.+}} : vector<8xf64>
// CHECK-NEXT: math.fma %[[D]], %{{.+}}, %{{.+}} : vector<8xf64>
// CHECK-NEXT: affine.vector_store %{{.+}}, %{{.+}}[%{{.+}}, %{{.+}} * 8] : memref<2x24xf64>, vector<8xf64>
// CHECK-NOT: f32
// CHECK: return
func.func @f64(%x: memref<2x3x8xf64>, %gamma: memref<8xf64>, %beta: memref<8xf64>, %y: memref<2x3x8xf64>) {
  gn.group_norm num_groups(2)
    ins(%x, %gamma, %beta : memref<2x3x8xf64>, memref<8xf64>, memref<8xf64>)
    outs(%y : memref<2x3x8xf64>)
    {grouping = #gn.grouping<contiguous>, gn.schedule = #sample}
  return
}
