// RUN: groupnorm-opt %s -convert-gn-to-affine -canonicalize -cse | FileCheck %s

// A work item of some groups of a sample: a part of each row.

// Two tiles of two groups of 24 features. All but the sums of a tile stands where
// it does in the whole: x, gamma, beta, y, and what is saved. Rows go backwards.

// CHECK-LABEL: func.func @tiles
// CHECK: affine.parallel (%[[N:.+]], %[[T:.+]]) = (0, 0) to (3, 2) {
// CHECK-DAG: memref.alloca() {{.*}}: memref<2xf64>
// CHECK: affine.for %[[LANE:.+]] = 0 to 48 step 16 {
// CHECK: affine.vector_load %[[X:.+]][%[[N]], %[[T]] * 48 + %[[LANE]] + 96] : memref<3x12480xf32>, vector<16xf32>
// CHECK-COUNT-2: affine.vector_store %{{.+}}, %{{.+}}[%[[N]], %[[T]] * 2] : memref<3x4xf32>, vector<2xf32>
// CHECK: affine.for %[[G:.+]] = 0 to 2 {
// CHECK-COUNT-2: affine.vector_load %{{.+}}[%[[T]] * 48 + %[[G]] * 24] : memref<96xf32>, vector<16xf32>
// CHECK: affine.for %[[ROW:.+]] = 0 to 130 {
// CHECK-NEXT: affine.for %[[LANE:.+]] = 0 to 48 step 16 {
// CHECK: affine.vector_store %{{.+}}, %{{.+}}[%[[N]], %[[ROW]] * -96 + %[[T]] * 48 + %[[LANE]] + 12384] : memref<3x12480xf32>, vector<16xf32>
func.func @tiles(%x: memref<3x130x96xf32>, %gamma: memref<96xf32>, %beta: memref<96xf32>, %y: memref<3x130x96xf32>, %mean: memref<3x4xf32>, %rstd: memref<3x4xf32>) {
  gn.group_norm num_groups(4)
    ins(%x, %gamma, %beta : memref<3x130x96xf32>, memref<96xf32>, memref<96xf32>)
    outs(%y, %mean, %rstd : memref<3x130x96xf32>, memref<3x4xf32>, memref<3x4xf32>)
    {grouping = #gn.grouping<contiguous>,
     gn.schedule = #gn.cpu_schedule<strategy = sample, tile = 2, apply_backwards = true>}
  return
}

// Of what comes next, too, only this part of a row is asked for.

// CHECK-LABEL: func.func @next
// CHECK: affine.for %[[N:.+]] = 0 to 3 {
// CHECK-NEXT: affine.for %[[T:.+]] = 0 to 2 {
// CHECK: affine.prefetch %{{.+}}[(%[[N]] * 2 + %[[T]] + 1) floordiv 2, %[[N]] * 96 + %[[T]] * 48 + %{{.+}} * 96 + %{{.+}} - ((%[[N]] * 2 + %[[T]] + 1) floordiv 2) * 96 + 48], read
func.func @next(%x: memref<3x130x96xf32>, %y: memref<3x130x96xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<3x130x96xf32>)
    outs(%y : memref<3x130x96xf32>)
    {grouping = #gn.grouping<contiguous>,
     gn.schedule = #gn.cpu_schedule<strategy = sample, tile = 2, apply_next = 1, parallel = false>}
  return
}

// Tiles stream out whole lines where y begins at a line. Elsewhere they would share
// lines: there the op goes by pieces, with rows that begin at lines.

// CHECK-LABEL: func.func @streamed
// CHECK: %[[ADDRESS:.+]] = memref.extract_aligned_pointer_as_index %arg1
// CHECK: %[[REST:.+]] = arith.andi %{{.+}}, %c63 : index
// CHECK: %[[AT_LINE:.+]] = arith.cmpi eq, %[[REST]], %c0 : index
// CHECK: scf.if %[[AT_LINE]] {
// CHECK: affine.parallel (%{{.+}}, %{{.+}}) = (0, 0) to (3, 2) {
// CHECK: affine.for %{{.+}} = 0 to 3 {
// CHECK-NOT: scf.if
// CHECK: vector.store %{{.+}} {alignment = 64 : i64, nontemporal = true}
// CHECK-NOT: affine.vector_store {{.*}}memref<3x16640xf32>
// CHECK: } else {
// CHECK: affine.parallel (%{{.+}}, %{{.+}}) = (0, 0) to (3, 3) {
// CHECK: affine.parallel (%{{.+}}, %{{.+}}) = (0, 0) to (3, 3) {
// CHECK: return
func.func @streamed(%x: memref<3x130x128xf32>, %y: memref<3x130x128xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<3x130x128xf32>)
    outs(%y : memref<3x130x128xf32>)
    {grouping = #gn.grouping<contiguous>,
     gn.schedule = #gn.cpu_schedule<strategy = sample, tile = 2, piece = 64, stream = true>}
  return
}

// Of parts that are no whole lines or vectors, there are tiles wherever y is.

// CHECK-LABEL: func.func @parts
// CHECK-NOT: scf.if
// CHECK: affine.parallel (%{{.+}}, %{{.+}}) = (0, 0) to (3, 4) {
// CHECK-NOT: affine.parallel
// CHECK: return
func.func @parts(%x: memref<3x130x96xf32>, %y: memref<3x130x96xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<3x130x96xf32>)
    outs(%y : memref<3x130x96xf32>)
    {grouping = #gn.grouping<contiguous>,
     gn.schedule = #gn.cpu_schedule<strategy = sample, tile = 1, stream = true>}
  return
}

// Windows have tiles as well.

// CHECK-LABEL: func.func @window
// CHECK: affine.parallel (%[[N:.+]], %[[T:.+]]) = (0, 0) to (3, 4) {
// CHECK: affine.vector_load %{{.+}}[%[[N]], %{{.+}}, %[[T]] * 24{{.*}}] : memref<3x130x96xf32, strided<[26000, 200, 1]>>, vector<16xf32>
// CHECK: affine.vector_store %{{.+}}, %{{.+}}[%[[N]], %{{.+}}, %[[T]] * 24{{.*}}] : memref<3x130x96xf32, strided<[26000, 200, 1]>>, vector<16xf32>
func.func @window(%x: memref<3x130x96xf32, strided<[26000, 200, 1]>>, %y: memref<3x130x96xf32, strided<[26000, 200, 1]>>) {
  gn.group_norm num_groups(4) ins(%x : memref<3x130x96xf32, strided<[26000, 200, 1]>>)
    outs(%y : memref<3x130x96xf32, strided<[26000, 200, 1]>>)
    {grouping = #gn.grouping<contiguous>,
     gn.schedule = #gn.cpu_schedule<strategy = sample, tile = 1>}
  return
}

// Where groups are interleaved, do not make up whole tiles, or are in several
// places of a row, a work item is a sample.

// CHECK-LABEL: func.func @whole
// CHECK-COUNT-3: affine.parallel (%{{.+}}, %{{.+}}) = (0, 0) to (3, 1) {
// CHECK-NOT: affine.parallel
func.func @whole(%x: memref<3x130x96xf32>, %y: memref<3x130x96xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<3x130x96xf32>)
    outs(%y : memref<3x130x96xf32>)
    {gn.schedule = #gn.cpu_schedule<strategy = sample, tile = 2>}
  gn.group_norm num_groups(4) ins(%x : memref<3x130x96xf32>)
    outs(%y : memref<3x130x96xf32>)
    {grouping = #gn.grouping<contiguous>,
     gn.schedule = #gn.cpu_schedule<strategy = sample, tile = 3>}
  gn.group_norm num_groups(4) ins(%x : memref<3x130x96xf32>)
    outs(%y : memref<3x130x96xf32>)
    {grouping = #gn.grouping<contiguous>,
     gn.schedule = #gn.cpu_schedule<strategy = sample, tile = 2, flatten = 2>}
  return
}
