// RUN: groupnorm-opt %s -convert-gn-to-affine -canonicalize -cse | FileCheck %s

// What a thread has read last it normalizes first.

// CHECK-DAG: #[[$FIRST:.+]] = affine_map<(d0) -> ((d0 * 3) floordiv 2)>
// CHECK-DAG: #[[$END:.+]] = affine_map<(d0) -> ((d0 * 3 + 3) floordiv 2)>
// CHECK-DAG: #[[$ROWS:.+]] = affine_map<(d0) -> (((d0 * 3 + 3) floordiv 2) * 64 - ((d0 + 1) floordiv 2) * 62 - ((d0 * 3) floordiv 2) * 64)>
// CHECK-DAG: #[[$ANY_FIRST:.+]] = affine_map<(d0)[s0] -> ((d0 * (s0 floordiv 64 + 1)) floordiv 2)>
// CHECK-DAG: #[[$ANY_END:.+]] = affine_map<(d0)[s0] -> (((d0 + 1) * (s0 floordiv 64 + 1)) floordiv 2)>
// CHECK-DAG: #[[$ANY_ROWS:.+]] = affine_map<(d0)[s0] -> ((((d0 + 1) * (s0 floordiv 64 + 1)) floordiv 2) * 64 - ((d0 + 1) floordiv 2) * (-s0 + (s0 floordiv 64) * 64 + 64) - ((d0 * (s0 floordiv 64 + 1)) floordiv 2) * 64)>
// CHECK-DAG: #[[$OF_THREAD:.+]] = affine_map<(d0)[s0] -> ((d0 * 3) floordiv s0)>
// CHECK-DAG: #[[$END_OF_THREAD:.+]] = affine_map<(d0)[s0] -> ((d0 * 3 + 3) floordiv s0)>

// A work item that is a sample: the rows from the last whole unit to the first,
// with prefetches of what stands before; what is left of the rows comes behind.

// CHECK-LABEL: func.func @samples
// CHECK: affine.parallel
// CHECK: affine.for %[[UNIT:.+]] = 0 to 32 {
// CHECK-NEXT: affine.for %[[LANE:.+]] = 0 to 32 step 16 {
// CHECK: affine.prefetch %[[X:.+]][%[[N:.+]], %[[UNIT]] * -128 + %[[LANE]] + 3904], read
// CHECK-NEXT: affine.vector_load %[[X]][%[[N]], %[[UNIT]] * -128 + %[[LANE]] + 3968] : memref<3x4160xf32>, vector<16xf32>
// CHECK: affine.vector_store %{{.+}}, %{{.+}}[%[[N]], %[[UNIT]] * -128 + %[[LANE]] + 3968] : memref<3x4160xf32>, vector<16xf32>
// CHECK: affine.for %[[ROW:.+]] = 0 to 2 {
// CHECK: affine.vector_store %{{.+}}, %{{.+}}[%[[N]], %[[ROW]] * 32 + %{{.+}} + 4096] : memref<3x4160xf32>, vector<16xf32>
func.func @samples(%x: memref<3x130x32xf32>, %y: memref<3x130x32xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<3x130x32xf32>)
    outs(%y : memref<3x130x32xf32>)
    {gn.schedule = #gn.cpu_schedule<strategy = sample, apply_rows = 4,
                                    apply_prefetch = 256, apply_backwards = true>}
  return
}

// The three pieces of a sample, of 64, 64 and 2 rows, are dealt out to two work
// items, in both passes: one has the first, the other the rest.

// CHECK-LABEL: func.func @shares
// CHECK: affine.parallel (%[[N:.+]], %[[SHARE:.+]]) = (0, 0) to (3, 2) {
// CHECK: affine.for %[[PIECE:.+]] = #[[$FIRST]](%[[SHARE]]) to #[[$END]](%[[SHARE]]) {
// CHECK: affine.vector_load %[[X:.+]][%[[N]], %[[PIECE]] * 2048 + %{{.+}}] : memref<3x4160xf32>, vector<16xf32>
// CHECK: affine.store %{{.+}}, %{{.+}}[%[[N]], %[[PIECE]], %{{.+}}] : memref<3x3x4xf64>
// CHECK: affine.parallel (%[[N:.+]], %[[SHARE:.+]]) = (0, 0) to (3, 2) {
// CHECK: affine.for %[[UNIT:.+]] = 0 to #[[$ROWS]](%[[SHARE]]) {
// CHECK: affine.vector_load %[[X]][%[[N]], %[[UNIT]] * -32 + %{{.+}}] : memref<3x4160xf32>, vector<16xf32>
func.func @shares(%x: memref<3x130x32xf32>, %y: memref<3x130x32xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<3x130x32xf32>)
    outs(%y : memref<3x130x32xf32>) {grouping = #gn.grouping<contiguous>,
     gn.schedule = #gn.cpu_schedule<piece = 64, shares = 2, apply_backwards = true>}
  return
}

// The same of sizes that are not known: shares may be empty.

// CHECK-LABEL: func.func @dynamic
// CHECK: affine.parallel (%{{.+}}, %[[SHARE:.+]]) = (0, 0) to (3, 2) {
// CHECK: affine.for %[[PIECE:.+]] = #[[$ANY_FIRST]](%[[SHARE]])[%[[S:.+]]] to #[[$ANY_END]](%[[SHARE]])[%[[S]]] {
// CHECK: affine.parallel (%{{.+}}, %[[SHARE:.+]]) = (0, 0) to (3, 2) {
// CHECK: affine.for %{{.+}} = 0 to #[[$ANY_ROWS]](%[[SHARE]])[%[[S]]] {
func.func @dynamic(%x: memref<3x?x32xf32>, %y: memref<3x?x32xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<3x?x32xf32>)
    outs(%y : memref<3x?x32xf32>)
    {gn.schedule = #gn.cpu_schedule<piece = 64, shares = 2, apply_backwards = true>}
  return
}

// Or as many shares as there are threads, which is asked for once.

// CHECK-LABEL: func.func @threads
// CHECK: %[[T:.+]] = gn.max_threads
// CHECK-NOT: gn.max_threads
// CHECK: affine.parallel (%{{.+}}, %[[SHARE:.+]]) = (0, 0) to (3, symbol(%[[T]])) {
// CHECK: affine.for %{{.+}} = #[[$OF_THREAD]](%[[SHARE]])[%[[T]]] to #[[$END_OF_THREAD]](%[[SHARE]])[%[[T]]] {
// CHECK: affine.parallel (%{{.+}}, %[[SHARE:.+]]) = (0, 0) to (3, symbol(%[[T]])) {
func.func @threads(%x: memref<3x130x32xf32>, %y: memref<3x130x32xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<3x130x32xf32>)
    outs(%y : memref<3x130x32xf32>)
    {gn.schedule = #gn.cpu_schedule<piece = 64, shares = -1, apply_backwards = true>}
  return
}

// In a loop too.

// CHECK-LABEL: func.func @loop
// CHECK: %[[T:.+]] = gn.max_threads
// CHECK: scf.for
// CHECK: affine.parallel (%{{.+}}, %{{.+}}) = (0, 0) to (3, symbol(%[[T]])) {
func.func @loop(%x: memref<3x130x32xf32>, %y: memref<3x130x32xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    gn.group_norm num_groups(4) ins(%x : memref<3x130x32xf32>)
      outs(%y : memref<3x130x32xf32>)
      {gn.schedule = #gn.cpu_schedule<piece = 64, shares = -1>}
  }
  return
}

// One thread has whole samples to normalize, and goes backwards over them.

// CHECK-LABEL: func.func @serial
// CHECK: affine.for %[[N:.+]] = 0 to 3 {
// CHECK-NEXT: affine.for %[[SHARE:.+]] = 0 to 2 {
// CHECK: } {gn.role = "merge"}
// CHECK: affine.for %[[UNIT:.+]] = 0 to 130 {
// CHECK-NEXT: affine.for %[[LANE:.+]] = 0 to 32 step 16 {
// CHECK: affine.vector_store %{{.+}}, %{{.+}}[%{{.+}}, %[[UNIT]] * -32 + %[[LANE]] + 4128] : memref<3x4160xf32>, vector<16xf32>
func.func @serial(%x: memref<3x130x32xf32>, %y: memref<3x130x32xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<3x130x32xf32>)
    outs(%y : memref<3x130x32xf32>)
    {gn.schedule = #gn.cpu_schedule<piece = 64, shares = 2, apply_backwards = true, parallel = false>}
  return
}

// Pieces that any thread may get go forwards, and so do bands.

// CHECK-LABEL: func.func @pieces
// CHECK-COUNT-2: affine.parallel (%{{.+}}, %{{.+}}) = (0, 0) to (3, 3) {
// CHECK: affine.vector_store %{{.+}}, %{{.+}}[%{{.+}}, %{{.+}} * 2048 + %[[ROW:.+]] * 32 + %{{.+}}] : memref<3x4160xf32>, vector<16xf32>
// CHECK: affine.parallel
// CHECK: affine.vector_store %{{.+}}, %{{.+}}[%{{.+}}, %{{.+}} * 2048 + %[[ROW:.+]] * 32 + %{{.+}}] : memref<3x4160xf32>, vector<16xf32>
func.func @pieces(%x: memref<3x130x32xf32>, %y: memref<3x130x32xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<3x130x32xf32>)
    outs(%y : memref<3x130x32xf32>)
    {gn.schedule = #gn.cpu_schedule<piece = 64, apply_backwards = true>}
  gn.group_norm num_groups(4) ins(%x : memref<3x130x32xf32>)
    outs(%y : memref<3x130x32xf32>)
    {gn.schedule = #gn.cpu_schedule<strategy = sample, band = 1, apply_backwards = true>}
  return
}

// A half of the op deals out its pieces too.

// CHECK-LABEL: func.func @halves
// CHECK: affine.parallel (%{{.+}}, %[[SHARE:.+]]) = (0, 0) to (3, 2) {
// CHECK: affine.for %{{.+}} = #[[$FIRST]](%[[SHARE]]) to #[[$END]](%[[SHARE]]) {
// CHECK: affine.parallel (%{{.+}}, %[[SHARE:.+]]) = (0, 0) to (3, 2) {
// CHECK: affine.for %{{.+}} = 0 to #[[$ROWS]](%[[SHARE]]) {
func.func @halves(%x: memref<3x130x32xf32>, %mean: memref<3x4xf64>, %m2: memref<3x4xf64>, %count: memref<3x4xf64>, %y: memref<3x130x32xf32>) {
  gn.group_stats num_groups(4) ins(%x : memref<3x130x32xf32>)
    outs(%mean, %m2, %count : memref<3x4xf64>, memref<3x4xf64>, memref<3x4xf64>)
    {gn.schedule = #gn.cpu_schedule<piece = 64, shares = 2>}
  gn.group_normalize num_groups(4)
    ins(%x, %mean, %m2, %count : memref<3x130x32xf32>, memref<3x4xf64>, memref<3x4xf64>, memref<3x4xf64>)
    outs(%y : memref<3x130x32xf32>)
    {gn.schedule = #gn.cpu_schedule<piece = 64, shares = 2, apply_backwards = true>}
  return
}
