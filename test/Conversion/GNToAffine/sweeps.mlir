// RUN: groupnorm-opt %s -convert-gn-to-affine -canonicalize -cse | FileCheck %s

// CHECK-DAG: #[[$LEFT:.+]] = affine_map<(d0) -> (2, -d0 + 7)>

// How the sweeps go: fields of the schedule that move loads and stores, and no
// bits.

// Prefetches farther than a page are for the second-level cache. Distances are
// bytes, not elements: 6144 are 3072 elements of f16. A line of 64 bytes, here
// two vectors, is asked for once.

// CHECK-LABEL: func.func @far
// CHECK: affine.for %[[LANE:.+]] = 0 to 64 step 32 {
// CHECK-NEXT: affine.prefetch %[[X:.+]][%[[N:.+]], %[[ROW:.+]] * 64 + %[[LANE]] + 3072], read, locality<2>, data : memref<2x4096xf16>
// CHECK-NOT: affine.prefetch
// CHECK: affine.vector_load %[[X]][%[[N]], %[[ROW]] * 64 + %[[LANE]] + 16]
// CHECK: gn.role = "merge"
// CHECK: affine.for %[[LANE:.+]] = 0 to 64 step 32 {
// CHECK: affine.prefetch %[[X]][%{{.+}}, %{{.+}} * 64 + %[[LANE]] + 2048], read, locality<3>, data : memref<2x4096xf16>
// CHECK-NOT: affine.prefetch
// CHECK: return
func.func @far(%x: memref<2x64x64xf16>, %y: memref<2x64x64xf16>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x64x64xf16>)
    outs(%y : memref<2x64x64xf16>)
    {gn.schedule = #gn.cpu_schedule<prefetch = 6144, apply_prefetch = 4096>}
  return
}

// `apply_again`: the last vector of a line asks for it a second time, half as far
// ahead, where that is still for the second-level cache.

// CHECK-LABEL: func.func @again
// CHECK: gn.role = "merge"
// CHECK: affine.for %[[LANE:.+]] = 0 to 64 step 16 {
// CHECK: affine.prefetch %[[X:.+]][%{{.+}}, %[[ROW:.+]] * 64 + %[[LANE]] + 3072], read, locality<2>
// CHECK: affine.vector_load %[[X]][%{{.+}}, %[[ROW]] * 64 + %[[LANE]]]
// CHECK: affine.prefetch %[[X]][%{{.+}}, %[[ROW]] * 64 + %[[LANE]] + 1544], read, locality<2>
// CHECK: affine.vector_load %[[X]][%{{.+}}, %[[ROW]] * 64 + %[[LANE]] + 8]
func.func @again(%x: memref<2x64x64xf32>, %y: memref<2x64x64xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x64x64xf32>)
    outs(%y : memref<2x64x64xf32>)
    {gn.schedule = #gn.cpu_schedule<vector = 8, apply_prefetch = 12288, apply_again = true>}
  return
}

// In a band, two rows ahead: 8192 bytes here, of rows of 1024 elements.

// CHECK-LABEL: func.func @again_in_band
// CHECK: gn.role = "merge"
// CHECK: affine.prefetch %{{.+}}[%{{.+}}, {{.+}} + 8192], read, locality<2>
// CHECK: affine.prefetch %{{.+}}[%{{.+}}, {{.+}} + 2056], read, locality<2>
func.func @again_in_band(%x: memref<2x64x1024xf32>, %y: memref<2x64x1024xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x64x1024xf32>)
    outs(%y : memref<2x64x1024xf32>)
    {gn.schedule = #gn.cpu_schedule<vector = 8, band = 64, apply_prefetch = 32768, apply_again = true>}
  return
}

// A vector that fills a line asks twice, and in the statistics the first one of
// each line does so for all rows in flight.

// CHECK-LABEL: func.func @again_by_lines
// CHECK: affine.prefetch %[[X:.+]][%[[N:.+]], %[[PAIR:.+]] * 128 + %[[LANE:.+]] + 3072], read, locality<2>
// CHECK-NEXT: affine.prefetch %[[X]][%[[N]], %[[PAIR]] * 128 + %[[LANE]] + 1536], read, locality<2>
// CHECK-NEXT: affine.prefetch %[[X]][%[[N]], %[[PAIR]] * 128 + %[[LANE]] + 3136], read, locality<2>
// CHECK-NEXT: affine.prefetch %[[X]][%[[N]], %[[PAIR]] * 128 + %[[LANE]] + 1600], read, locality<2>
// CHECK: gn.role = "merge"
// CHECK: affine.prefetch %[[X]][%{{.+}}, %[[ROW:.+]] * 64 + %[[LANE:.+]] + 3072], read, locality<2>
// CHECK-NEXT: affine.prefetch %[[X]][%{{.+}}, %[[ROW]] * 64 + %[[LANE]] + 1536], read, locality<2>
// CHECK-NOT: affine.prefetch
func.func @again_by_lines(%x: memref<2x64x64xf32>, %y: memref<2x64x64xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x64x64xf32>)
    outs(%y : memref<2x64x64xf32>)
    {gn.schedule = #gn.cpu_schedule<rows = 2, prefetch = 12288, prefetch_again = true, apply_prefetch = 12288, apply_again = true>}
  return
}

// Not what half as far ahead would be for the first-level cache, and without these
// fields nothing.

// CHECK-LABEL: func.func @not_again
// CHECK-COUNT-4: affine.prefetch
// CHECK-NOT: affine.prefetch
// CHECK: return
func.func @not_again(%x: memref<2x64x64xf32>, %y: memref<2x64x64xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x64x64xf32>)
    outs(%y : memref<2x64x64xf32>)
    {gn.schedule = #gn.cpu_schedule<prefetch = 8192, prefetch_again = true, apply_prefetch = 8192, apply_again = true>}
  gn.group_norm num_groups(4) ins(%x : memref<2x64x64xf32>)
    outs(%y : memref<2x64x64xf32>)
    {gn.schedule = #gn.cpu_schedule<prefetch = 12288, apply_prefetch = 12288>}
  return
}

// Bands of two vectors: each goes through the 64 rows of a chunk before the
// next, and so does what is left, 16 lanes wide, and the chunk that is left, 6
// rows long. Statistics and normalization alike.

// CHECK-LABEL: func.func @bands
// CHECK: affine.for %[[C:.+]] = 0 to 2 {
// CHECK: affine.for %[[BAND:.+]] = 0 to 64 step 32 {
// CHECK-NEXT: affine.for %[[ROW:.+]] = 0 to 64 {
// CHECK-NEXT: affine.for %[[LANE:.+]] = 0 to 32 step 16 {
// CHECK: affine.vector_load %[[X:.+]][%{{.+}}, %[[C]] * 5120 + %[[ROW]] * 80 + %[[BAND]] + %[[LANE]]] : memref<2x10720xf32>
// CHECK: affine.for %[[ROW:.+]] = 0 to 64 {
// CHECK: affine.vector_load %[[X]][%{{.+}}, %{{.+}} * 5120 + %[[ROW]] * 80 + 64] : memref<2x10720xf32>
// CHECK: affine.for %{{.+}} = 0 to 64 step 32 {
// CHECK-NEXT: affine.for %[[ROW:.+]] = 0 to 6 {
// CHECK: affine.vector_load %[[X]][%{{.+}}, %[[ROW]] * 80 + %{{.+}} + %{{.+}} + 10240] : memref<2x10720xf32>
// CHECK: gn.role = "merge"
// CHECK: affine.for %[[C:.+]] = 0 to 2 {
// CHECK-NEXT: affine.for %[[BAND:.+]] = 0 to 64 step 32 {
// CHECK-NEXT: affine.for %[[PAIR:.+]] = 0 to 32 {
// CHECK-NEXT: affine.for %[[LANE:.+]] = 0 to 32 step 16 {
// CHECK: affine.vector_store %{{.+}}, %{{.+}}[%{{.+}}, %[[C]] * 5120 + %[[PAIR]] * 160 + %[[BAND]] + %[[LANE]]] : memref<2x10720xf32>
// CHECK: affine.vector_store %{{.+}}, %{{.+}}[%{{.+}}, %[[C]] * 5120 + %[[PAIR]] * 160 + %[[BAND]] + %[[LANE]] + 80] : memref<2x10720xf32>
// CHECK: affine.for %[[PAIR:.+]] = 0 to 3 {
// CHECK: affine.vector_store %{{.+}}, %{{.+}}[%{{.+}}, %[[PAIR]] * 160 + %{{.+}} + %{{.+}} + 10240] : memref<2x10720xf32>
func.func @bands(%x: memref<2x134x80xf32>, %y: memref<2x134x80xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x134x80xf32>)
    outs(%y : memref<2x134x80xf32>)
    {gn.schedule = #gn.cpu_schedule<band = 2, apply_rows = 2>}
  return
}

// Rows that are normalized together, 16 apart: 0 and 16, 1 and 17, to 15 and 31. The
// last 6 of the 70 go by themselves.

// CHECK-LABEL: func.func @rows_apart
// CHECK: gn.role = "merge"
// CHECK: affine.for %[[UNIT:.+]] = 0 to 2 {
// CHECK-NEXT: affine.for %[[ROW:.+]] = 0 to 16 {
// CHECK-NEXT: affine.for %[[LANE:.+]] = 0 to 32 step 16 {
// CHECK: affine.vector_load %[[X:.+]][%[[N:.+]], %[[UNIT]] * 1024 + %[[ROW]] * 32 + %[[LANE]]] : memref<2x2240xf32>
// CHECK: affine.vector_load %[[X]][%[[N]], %[[UNIT]] * 1024 + %[[ROW]] * 32 + %[[LANE]] + 512] : memref<2x2240xf32>
// CHECK: affine.for %[[ROW:.+]] = 0 to 6 {
// CHECK-NEXT: affine.for %[[LANE:.+]] = 0 to 32 step 16 {
// CHECK: affine.vector_load %[[X]][%[[N]], %[[ROW]] * 32 + %[[LANE]] + 2048] : memref<2x2240xf32>
// CHECK-NOT: affine.vector_load %[[X]]
// CHECK: return
func.func @rows_apart(%x: memref<2x70x32xf32>, %y: memref<2x70x32xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x70x32xf32>)
    outs(%y : memref<2x70x32xf32>)
    {gn.schedule = #gn.cpu_schedule<apply_rows = 2, apply_apart = 16>}
  return
}

// Four rows in flight: their accumulators are loaded and stored once for all of
// them, which each lane still adds in order. Of the 64 rows of a chunk none is
// left, of the 6 of the last one two are.

// CHECK-LABEL: func.func @rows_in_flight
// CHECK: affine.for %[[UNIT:.+]] = 0 to 16 {
// CHECK-NEXT: affine.for %[[LANE:.+]] = 0 to 32 step 16 {
// CHECK-NEXT: %[[SUM:.+]] = affine.vector_load %[[RECORDS:.+]][%[[LANE]] * 3 + 16] : memref<96xf32>
// CHECK-NEXT: %[[SQUARES:.+]] = affine.vector_load %[[RECORDS]][%[[LANE]] * 3 + 32] : memref<96xf32>
// CHECK-NEXT: %[[SHIFT:.+]] = affine.vector_load %[[RECORDS]][%[[LANE]] * 3] : memref<96xf32>
// CHECK-NEXT: %[[X0:.+]] = affine.vector_load %[[X:.+]][%[[N:.+]], %[[UNIT]] * 128 + %[[LANE]]] : memref<2x2240xf32>
// CHECK-NEXT: %[[D0:.+]] = arith.subf %[[SHIFT]], %[[X0]]
// CHECK-NEXT: %[[S0:.+]] = arith.addf %[[SUM]], %[[D0]]
// CHECK-NEXT: %[[Q0:.+]] = math.fma %[[D0]], %[[D0]], %[[SQUARES]]
// CHECK-NEXT: %[[X1:.+]] = affine.vector_load %[[X]][%[[N]], %[[UNIT]] * 128 + %[[LANE]] + 32] : memref<2x2240xf32>
// CHECK-NEXT: %[[D1:.+]] = arith.subf %[[SHIFT]], %[[X1]]
// CHECK-NEXT: %[[S1:.+]] = arith.addf %[[S0]], %[[D1]]
// CHECK-NEXT: %[[Q1:.+]] = math.fma %[[D1]], %[[D1]], %[[Q0]]
// CHECK-NEXT: affine.vector_load %[[X]][%[[N]], %[[UNIT]] * 128 + %[[LANE]] + 64] : memref<2x2240xf32>
// CHECK: affine.vector_load %[[X]][%[[N]], %[[UNIT]] * 128 + %[[LANE]] + 96] : memref<2x2240xf32>
// CHECK-NEXT: %[[D3:.+]] = arith.subf %[[SHIFT]], %{{.+}}
// CHECK-NEXT: %[[S3:.+]] = arith.addf %{{.+}}, %[[D3]]
// CHECK-NEXT: %[[Q3:.+]] = math.fma %[[D3]], %[[D3]], %{{.+}}
// CHECK-NEXT: affine.vector_store %[[S3]], %[[RECORDS]][%[[LANE]] * 3 + 16] : memref<96xf32>
// CHECK-NEXT: affine.vector_store %[[Q3]], %[[RECORDS]][%[[LANE]] * 3 + 32] : memref<96xf32>
// CHECK-NEXT: }
// CHECK-NEXT: } {gn.role = "statistics"}
// CHECK-NEXT: affine.for %{{.+}} = 0 to 32 step 16 {
// CHECK: affine.for %[[LANE:.+]] = 0 to 32 step 16 {
// CHECK: affine.vector_load %[[X]][%[[N]], %[[LANE]] + 2144] : memref<2x2240xf32>
// CHECK: affine.for %[[ROW:.+]] = 0 to 2 {
// CHECK-NEXT: affine.for %[[LANE:.+]] = 0 to 32 step 16 {
// CHECK: affine.vector_load %[[X]][%[[N]], %[[ROW]] * 32 + %[[LANE]] + 2176] : memref<2x2240xf32>
func.func @rows_in_flight(%x: memref<2x70x32xf32>, %y: memref<2x70x32xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x70x32xf32>)
    outs(%y : memref<2x70x32xf32>) {gn.schedule = #gn.cpu_schedule<rows = 4>}
  return
}

// While a sample is normalized, each vector of the next one is asked for twice,
// the second time 4096 bytes later; the schedule of a split op has no next
// sample.

// CHECK-LABEL: func.func @next
// CHECK: affine.prefetch %[[X:.+]][%[[N:.+]] + 1, %[[ROW:.+]] * 32 + %[[LANE:.+]]], read, locality<3>, data : memref<9x128xf32>
// CHECK-NEXT: affine.prefetch %[[X]][%[[N]] + 1, %[[ROW]] * 32 + %[[LANE]] - 1024], read, locality<3>, data : memref<9x128xf32>
// CHECK-NEXT: affine.vector_load %[[X]][%[[N]], %[[ROW]] * 32 + %[[LANE]]]
// CHECK: affine.vector_store %{{.+}}[%[[N]], %[[ROW]] * 32 + %[[LANE]]]
// CHECK-NOT: affine.prefetch
// CHECK: return
func.func @next(%x: memref<9x4x32xf32>, %y: memref<9x4x32xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<9x4x32xf32>)
    outs(%y : memref<9x4x32xf32>)
    {gn.schedule = #gn.cpu_schedule<strategy = sample, apply_next = 2>}
  gn.group_norm num_groups(4) ins(%x : memref<9x4x32xf32>)
    outs(%y : memref<9x4x32xf32>)
    {gn.schedule = #gn.cpu_schedule<strategy = split, apply_next = 2>}
  return
}

// Spans of two samples: statistics, their merge and the normalization of two
// before those of the next. The last span may be shorter, and is where the
// number of samples is not known.

// CHECK-LABEL: func.func @spans
// CHECK: affine.for %[[FIRST:.+]] = 0 to 6 step 2 {
// CHECK-NEXT: affine.parallel (%[[I:.+]], %[[P:.+]]) = (0, 0) to (2, 2) {
// CHECK: affine.vector_load %{{.+}}[%[[FIRST]] + %[[I]], %[[P]] * 2048 + %{{.+}}] : memref<6x4096xf32>
// CHECK: affine.store %{{.+}}, %{{.+}}[%[[FIRST]] + %[[I]], %[[P]], %{{.+}}] : memref<6x2x4xf64>
// CHECK: affine.for %[[J:.+]] = 0 to 2 {
// CHECK: affine.vector_store %{{.+}}, %{{.+}}[%[[FIRST]] + %[[J]], 0] : memref<6x4xf64>, vector<4xf64>
// CHECK: affine.parallel (%[[I:.+]], %[[P:.+]]) = (0, 0) to (2, 2) {
// CHECK: affine.vector_store %{{.+}}, %{{.+}}[%[[FIRST]] + %[[I]], %[[P]] * 2048 + %{{.+}}] : memref<6x4096xf32>
// CHECK: affine.for %[[FIRST:.+]] = 0 to 7 step 2 {
// CHECK-NEXT: affine.parallel (%{{.+}}, %{{.+}}) = (0, 0) to (min(2, -%[[FIRST]] + 7), 2) {
// CHECK: affine.for %{{.+}} = 0 to min #[[$LEFT]](%[[FIRST]]) {
// CHECK: affine.parallel (%{{.+}}, %{{.+}}) = (0, 0) to (min(2, -%[[FIRST]] + 7), 2) {
// CHECK: affine.for %[[FIRST:.+]] = 0 to %[[COUNT:.+]] step 2 {
// CHECK-NEXT: affine.parallel (%{{.+}}, %{{.+}}) = (0, 0) to (min(2, -%[[FIRST]] + symbol(%[[COUNT]])), 2) {
func.func @spans(%x: memref<6x128x32xf32>, %odd: memref<7x128x32xf32>, %any: memref<?x128x32xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<6x128x32xf32>)
    outs(%x : memref<6x128x32xf32>)
    {gn.schedule = #gn.cpu_schedule<piece = 64, span = 2>, grouping = #gn.grouping<contiguous>}
  gn.group_norm num_groups(4) ins(%odd : memref<7x128x32xf32>)
    outs(%odd : memref<7x128x32xf32>)
    {gn.schedule = #gn.cpu_schedule<piece = 64, span = 2>, grouping = #gn.grouping<contiguous>}
  gn.group_norm num_groups(4) ins(%any : memref<?x128x32xf32>)
    outs(%any : memref<?x128x32xf32>)
    {gn.schedule = #gn.cpu_schedule<piece = 64, span = 2>, grouping = #gn.grouping<contiguous>}
  return
}

// Two lines of x, here four vectors, are read before the first of them is
// streamed out: a load that follows a store by whole pages would wait for it.
// Both lines are asked for.

// CHECK-LABEL: func.func @reads_before_stores
// CHECK: affine.prefetch %[[X:.+]][%[[N:.+]], %[[ROW:.+]] * 64 + {{.+}} + 1024]
// CHECK-NEXT: affine.vector_load %[[X]]
// CHECK: affine.vector_load %[[X]]
// CHECK: affine.prefetch %[[X]][%[[N]], %[[ROW]] * 64 + {{.+}} + 1040]
// CHECK-NEXT: affine.vector_load %[[X]]
// CHECK-NOT: vector.store
// CHECK: affine.vector_load %[[X]]
// CHECK-COUNT-4: vector.store {{.+}}nontemporal = true
// CHECK-NEXT: } {gn.role = "normalize"}
func.func @reads_before_stores(%x: memref<2x64x64xf32>, %y: memref<2x64x64xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x64x64xf32>)
    outs(%y : memref<2x64x64xf32>)
    {gn.schedule = #gn.cpu_schedule<vector = 8, apply_prefetch = 4096, stream = true>}
  return
}
