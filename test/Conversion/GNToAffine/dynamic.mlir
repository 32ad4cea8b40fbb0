// RUN: groupnorm-opt %s -convert-gn-to-affine -canonicalize -cse | FileCheck %s

// Dynamic N and spatial sizes: pieces and what is left of them are expressions
// of the number of rows. There is always a last piece, which may be empty, and is
// the first work item of several threads: those that have more items begin there.

// CHECK-DAG: #[[$PIECES:.+]] = affine_map<()[s0] -> (s0 floordiv 64 + 1)>
// CHECK-DAG: #[[$CHUNKS:.+]] = affine_map<(d0)[s0] -> (2, d0 * 2 - (s0 floordiv 64) * 2 + s0 floordiv 32)>
// CHECK-DAG: #[[$LEFT:.+]] = affine_map<()[s0] -> (s0 mod 32)>
// CHECK-DAG: #[[$ROWS:.+]] = affine_map<(d0)[s0] -> (64, d0 * 64 + s0 mod 64)>
// CHECK-DAG: #[[$WHOLE:.+]] = affine_map<()[s0] -> (s0 floordiv 64)>
// CHECK-DAG: #[[$UNITS:.+]] = affine_map<(d0)[s0] -> (16, d0 * 16 - (s0 floordiv 64) * 16 + s0 floordiv 4)>
// CHECK-DAG: #[[$RAGGED:.+]] = affine_map<()[s0] -> (s0 mod 4)>
// CHECK-DAG: #[[$EIGHT:.+]] = affine_set<(d0)[s0] : ((-d0 + s0 floordiv 64) * -64 + s0 - 8 >= 0)>
// CHECK-DAG: #[[$SOME:.+]] = affine_set<(d0)[s0] : ((-d0 + s0 floordiv 64) * -64 + s0 - 1 >= 0)>
// CHECK-DAG: #[[$FEW:.+]] = affine_set<(d0)[s0] : (-((-d0 + s0 floordiv 64) * -64 + s0) + 7 >= 0)>
// CHECK-DAG: #[[$LAST:.+]] = affine_set<(d0)[s0] : (-(-d0 + s0 floordiv 64) + s0 floordiv 64 == 0)>
// CHECK-DAG: #[[$ANYLEFT:.+]] = affine_set<()[s0] : (s0 mod 32 - 1 >= 0)>

// CHECK-LABEL: func.func @rank_4
// CHECK-SAME: (%[[XARG:.+]]: memref<?x?x?x8xf32>,
// CHECK-DAG: %[[ONE:.+]] = arith.constant 1.000000e+00 : f64
// CHECK: %[[X:.+]] = memref.collapse_shape %[[XARG]] {{.+}} : memref<?x?x?x8xf32> into memref<?x?xf32>
// CHECK: %[[N:.+]] = memref.dim %[[XARG]], %{{.+}} : memref<?x?x?x8xf32>
// CHECK-NEXT: %[[H:.+]] = memref.dim %[[XARG]], %{{.+}} : memref<?x?x?x8xf32>
// CHECK-NEXT: %[[W:.+]] = memref.dim %[[XARG]], %{{.+}} : memref<?x?x?x8xf32>
// CHECK-NEXT: %[[S:.+]] = arith.muli %[[H]], %[[W]] : index
// CHECK-NEXT: %[[PIECES:.+]] = affine.apply #[[$PIECES]]()[%[[S]]]
// CHECK-NEXT: memref.alloc(%[[N]], %[[PIECES]]) {alignment = 64 : i64} : memref<?x?x2xf64>
// CHECK: affine.parallel (%[[SAMPLE:.+]], %[[P:.+]]) = (0, 0) to (symbol(%[[N]]), symbol(%[[S]]) floordiv 64 + 1) {

// The first shift is the mean of eight rows, or one row where there are fewer.

// CHECK: affine.if #[[$EIGHT]](%[[P]])[%[[S]]] {
// CHECK: affine.vector_load %[[X]][%[[SAMPLE]], %[[P]] * -512 + (symbol(%[[S]]) floordiv 64) * 512 + 56] : memref<?x?xf32>, vector<8xf32>
// CHECK: affine.if #[[$SOME]](%[[P]])[%[[S]]] {
// CHECK-NEXT: affine.if #[[$FEW]](%[[P]])[%[[S]]] {
// CHECK-NEXT: affine.vector_load %[[X]][%[[SAMPLE]], %[[P]] * -512 + (symbol(%[[S]]) floordiv 64) * 512] : memref<?x?xf32>, vector<8xf32>
// CHECK-NEXT: affine.vector_store
// CHECK: affine.for %{{.+}} = 0 to min #[[$CHUNKS]](%[[P]])[%[[S]]] {
// CHECK-NEXT: affine.for %{{.+}} = 0 to 32 {
// CHECK: affine.if #[[$LAST]](%[[P]])[%[[S]]] {
// CHECK-NEXT: affine.if #[[$ANYLEFT]]()[%[[S]]] {
// CHECK-NEXT: affine.for %[[ROW:.+]] = 0 to #[[$LEFT]]()[%[[S]]] {
// CHECK: affine.vector_load %[[X]][%[[SAMPLE]], %[[ROW]] * 8 + (symbol(%[[S]]) floordiv 32) * 256]

// An empty piece is divided by 1, not by 0.

// CHECK: %[[ROWS:.+]] = affine.min #[[$ROWS]](%[[P]])[%[[S]]]
// CHECK-NEXT: %[[INTEGER:.+]] = arith.index_cast %[[ROWS]] : index to i64
// CHECK-NEXT: %[[COUNT:.+]] = arith.sitofp %[[INTEGER]] : i64 to f64
// CHECK-NEXT: %[[ELEMENTS:.+]] = arith.mulf %[[COUNT]], %{{.+}} : f64
// CHECK-NEXT: %[[DIVISOR:.+]] = arith.maximumf %[[ELEMENTS]], %[[ONE]] : f64
// CHECK: arith.divf %{{.+}}, %[[DIVISOR]] : f64
// CHECK: } {gn.role = "merge"}

// CHECK: affine.for %{{.+}} = 0 to %[[N]] {
// CHECK: affine.for %{{.+}} = 0 to #[[$WHOLE]]()[%[[S]]] iter_args
// CHECK: } {gn.role = "merge"}

// CHECK: affine.parallel (%[[SAMPLE:.+]], %[[P:.+]]) = (0, 0) to (symbol(%[[N]]), symbol(%[[S]]) floordiv 64 + 1) {
// CHECK: affine.for %{{.+}} = 0 to min #[[$UNITS]](%[[P]])[%[[S]]] {
// CHECK: affine.if #[[$LAST]](%[[P]])[%[[S]]] {
// CHECK-NEXT: affine.for %[[ROW:.+]] = 0 to #[[$RAGGED]]()[%[[S]]] {
func.func @rank_4(%x: memref<?x?x?x8xf32>, %y: memref<?x?x?x8xf32>) {
  gn.group_norm num_groups(2) ins(%x : memref<?x?x?x8xf32>)
    outs(%y : memref<?x?x?x8xf32>)
    {grouping = #gn.grouping<contiguous>, gn.schedule = #gn.cpu_schedule<
       vector = 8, chunk = 32, piece = 64, apply_rows = 4>}
  return
}

// Without a spatial dimension there is one row, and nothing to collapse.

// CHECK-LABEL: func.func @rank_2
// CHECK-SAME: (%[[X:.+]]: memref<?x8xf32>, %[[Y:.+]]: memref<?x8xf32>) {
// CHECK-NOT: memref.collapse_shape
// CHECK: %[[N:.+]] = memref.dim %[[X]]
// CHECK: affine.for %[[SAMPLE:.+]] = 0 to %[[N]] {
// CHECK-NEXT: affine.vector_load %[[X]][%[[SAMPLE]], 0] : memref<?x8xf32>, vector<8xf32>
// CHECK: affine.vector_store %{{.+}}, %[[Y]][%[[SAMPLE]], 0] : memref<?x8xf32>, vector<8xf32>
func.func @rank_2(%x: memref<?x8xf32>, %y: memref<?x8xf32>) {
  gn.group_norm num_groups(2) ins(%x : memref<?x8xf32>)
    outs(%y : memref<?x8xf32>)
    {gn.schedule = #gn.cpu_schedule<strategy = sample, vector = 8, parallel = false>}
  return
}

// Known spatial sizes multiply into one bound, here 3 * 5 * the dynamic one.

// CHECK-LABEL: func.func @rank_5
// CHECK-SAME: (%[[XARG:.+]]: memref<2x3x?x5x8xf32>,
// CHECK: memref.collapse_shape %[[XARG]] {{\[\[}}0], [1, 2, 3, 4]] : memref<2x3x?x5x8xf32> into memref<2x?xf32>
// CHECK: %[[D:.+]] = memref.dim %[[XARG]], %{{.+}} : memref<2x3x?x5x8xf32>
// CHECK: affine.for %{{.+}} = 0 to #[[MAP:.+]]()[%[[D]]]
func.func @rank_5(%x: memref<2x3x?x5x8xf32>, %y: memref<2x3x?x5x8xf32>) {
  gn.group_norm num_groups(2) ins(%x : memref<2x3x?x5x8xf32>)
    outs(%y : memref<2x3x?x5x8xf32>)
    {gn.schedule = #gn.cpu_schedule<strategy = sample, vector = 8, parallel = false>}
  return
}

// Samples may lie apart in memory, as in a slice of a batch.

// CHECK-LABEL: func.func @slice
// CHECK: memref.collapse_shape %{{.+}} {{.+}} : memref<?x?x8xf32, strided<[?, 8, 1], offset: ?>> into memref<?x?xf32, strided<[?, 1], offset: ?>>
func.func @slice(%x: memref<?x?x8xf32, strided<[?, 8, 1], offset: ?>>, %y: memref<?x?x8xf32>) {
  gn.group_norm num_groups(2)
    ins(%x : memref<?x?x8xf32, strided<[?, 8, 1], offset: ?>>)
    outs(%y : memref<?x?x8xf32>)
  return
}

// Nothing is left of an op on data that is known to be empty.

// CHECK-LABEL: func.func @empty
// CHECK-NEXT: return
func.func @empty(%x: memref<?x0x?x8xf32>, %y: memref<?x0x?x8xf32>, %s: memref<?x2xf64>) {
  gn.group_norm num_groups(2) ins(%x : memref<?x0x?x8xf32>)
    outs(%y : memref<?x0x?x8xf32>)
  gn.group_stats num_groups(2) ins(%x : memref<?x0x?x8xf32>)
    outs(%s, %s, %s : memref<?x2xf64>, memref<?x2xf64>, memref<?x2xf64>)
  gn.group_normalize num_groups(2)
    ins(%x, %s, %s, %s : memref<?x0x?x8xf32>, memref<?x2xf64>, memref<?x2xf64>, memref<?x2xf64>)
    outs(%y : memref<?x0x?x8xf32>)
  return
}
