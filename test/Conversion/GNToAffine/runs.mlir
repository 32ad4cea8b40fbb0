// RUN: groupnorm-opt %s -convert-gn-to-affine -canonicalize -cse -split-input-file | FileCheck %s

// Features first, a group at a time. The features of a contiguous group are one
// run of 128 elements: chunks of four rows of 16, all about one shift, whose
// accumulators stay in registers and meet at the end of each chunk. While a
// group is normalized, the next one is fetched.

// CHECK-LABEL: func.func @one_run
// CHECK-DAG: %[[GROUPS:.+]] = memref.collapse_shape %{{.+}} {{\[\[}}0, 1], [2, 3, 4]] : memref<2x2x4x4x8xf32> into memref<4x128xf32>
// CHECK-DAG: %[[X:.+]] = memref.collapse_shape %arg0 {{\[\[}}0, 1], [2, 3]] : memref<2x8x4x8xf32> into memref<16x32xf32>
// CHECK-DAG: %[[Y:.+]] = memref.collapse_shape %arg1 {{\[\[}}0, 1], [2, 3]] : memref<2x8x4x8xf32> into memref<16x32xf32>
// CHECK: affine.for %[[N:.+]] = 0 to 2 {
// CHECK-NEXT: affine.for %[[G:.+]] = 0 to 2 {
// CHECK-NOT: memref.alloc
// CHECK: %[[FIRST:.+]] = arith.truncf %{{.+}} : f64 to f32
// CHECK-NEXT: affine.for %[[CHUNK:.+]] = 0 to 2 iter_args(%{{.+}}, %{{.+}}, %{{.+}}, %[[SHIFT:.+]] = %[[FIRST]]) -> (f64, f64, f64, f32) {
// CHECK-NEXT: %[[WIDE:.+]] = vector.broadcast %[[SHIFT]] : f32 to vector<8xf32>
// CHECK-NEXT: %[[SUMS:.+]]:4 = affine.for %[[ROW:.+]] = 0 to 4 iter_args
// CHECK-NEXT: %[[ELEMENTS:.+]] = affine.vector_load %[[GROUPS]][%[[N]] * 2 + %[[G]], %[[CHUNK]] * 64 + %[[ROW]] * 16]
// CHECK-NEXT: arith.subf %[[WIDE]], %[[ELEMENTS]]
// CHECK: affine.vector_load %[[GROUPS]][%[[N]] * 2 + %[[G]], %[[CHUNK]] * 64 + %[[ROW]] * 16 + 8]
// CHECK-NOT: affine.for
// CHECK: vector.reduction <add>, %{{.+}} fastmath<reassoc> : vector<8xf64> into f64
// CHECK: vector.reduction <add>, %{{.+}} fastmath<reassoc> : vector<8xf64> into f64
// CHECK-NOT: vector.reduction
// CHECK: math.sqrt
// CHECK: affine.for %[[D:.+]] = 0 to 4 {
// CHECK: affine.for %[[I:.+]] = 0 to 4 {
// CHECK-NEXT: affine.prefetch %[[X]][%[[N]] * 8 + %[[D]] + %[[G]] * 4 + 4, %[[I]] * 8], read, locality<3>, data
// CHECK: affine.vector_load %[[X]][%[[N]] * 8 + %[[D]] + %[[G]] * 4, %[[I]] * 8]
// CHECK: affine.vector_store %{{.+}}, %[[Y]][%[[N]] * 8 + %[[D]] + %[[G]] * 4, %[[I]] * 8]
func.func @one_run(%x: memref<2x8x4x8xf32>, %y: memref<2x8x4x8xf32>) {
  gn.group_norm num_groups(2) ins(%x : memref<2x8x4x8xf32>)
    outs(%y : memref<2x8x4x8xf32>)
    {feature_dim = 1, grouping = #gn.grouping<contiguous>,
     gn.schedule = #gn.cpu_schedule<strategy = sample, vector = 8, flatten = 16,
                                    chunk = 4, apply_next = 1,
                                    parallel = false>}
  return
}

// -----

// The features of an interleaved group are runs of 21 elements, two rows of
// eight and a rest of five, the last of which has an accumulator of its own.
// Four such runs make a chunk, the other two of six a shorter one.

// CHECK-LABEL: func.func @short_runs
// CHECK: affine.for %[[N:.+]] = 0 to 2 {
// CHECK-NEXT: affine.for %[[G:.+]] = 0 to 2 {
// CHECK-NEXT: affine.for %[[D:.+]] = 0 to 6 iter_args
// CHECK: affine.for %[[D:.+]] = 0 to 4 iter_args
// CHECK-SAME: -> (vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<1xf32>, vector<1xf32>) {
// CHECK-NEXT: affine.for %[[ROW:.+]] = 0 to 2 iter_args
// CHECK: affine.vector_load %[[X:.+]][%[[N]] * 12 + %[[D]] * 2 + %[[G]], %[[ROW]] * 8] : memref<24x21xf32>, vector<4xf32>
// CHECK: affine.vector_load %[[X]][%[[N]] * 12 + %[[D]] * 2 + %[[G]], %[[ROW]] * 8 + 4] : memref<24x21xf32>, vector<4xf32>
// CHECK: affine.yield
// CHECK: affine.vector_load %[[X]][%[[N]] * 12 + %[[D]] * 2 + %[[G]], 16] : memref<24x21xf32>, vector<4xf32>
// CHECK: affine.vector_load %[[X]][%[[N]] * 12 + %[[D]] * 2 + %[[G]], 20] : memref<24x21xf32>, vector<1xf32>
// CHECK: affine.yield
// CHECK: affine.for %[[D:.+]] = 0 to 2 iter_args
// CHECK: affine.vector_load %[[X]][%[[N]] * 12 + %[[D]] * 2 + %[[G]] + 8, 20] : memref<24x21xf32>, vector<1xf32>
// CHECK: math.sqrt
// CHECK: affine.for %{{.+}} = 0 to 6 {
func.func @short_runs(%x: memref<2x12x3x7xf32>, %y: memref<2x12x3x7xf32>) {
  gn.group_norm num_groups(2) ins(%x : memref<2x12x3x7xf32>)
    outs(%y : memref<2x12x3x7xf32>)
    {feature_dim = 1,
     gn.schedule = #gn.cpu_schedule<strategy = sample, vector = 4, flatten = 8,
                                    chunk = 12, parallel = false>}
  return
}

// -----

// Runs of a length that is known at run time: rows, then vectors, then single
// elements; and nothing at all where there is nothing.

// CHECK-LABEL: func.func @dynamic
// CHECK: %[[B:.+]] = memref.dim %arg0, {{.+}} : memref<2x4x?xf32>
// CHECK: affine.for %{{.+}} = 0 to 2 {
// CHECK-NEXT: affine.for %{{.+}} = 0 to 2 {
// CHECK-NEXT: affine.if #{{.+}}()[%[[B]]] {
// CHECK: affine.for %{{.+}} = 0 to 2 iter_args
// CHECK-NEXT: affine.for %{{.+}} = 0 to #{{.+}}()[%[[B]]] iter_args
// CHECK: affine.for %{{.+}} = 0 to 4 iter_args
// CHECK: affine.for %{{.+}} = 0 to #{{.+}}()[%[[B]]] iter_args
// CHECK: affine.for %{{.+}} = 0 to #{{.+}}()[%[[B]]] iter_args
// CHECK: affine.vector_load {{.+}} : memref<8x?xf32>, vector<4xf32>
// CHECK: affine.for %{{.+}} = 0 to #{{.+}}()[%[[B]]] iter_args
// CHECK: affine.load {{.+}} : memref<8x?xf32>
func.func @dynamic(%x: memref<2x4x?xf32>, %y: memref<2x4x?xf32>) {
  gn.group_norm num_groups(2) ins(%x : memref<2x4x?xf32>)
    outs(%y : memref<2x4x?xf32>)
    {feature_dim = 1,
     gn.schedule = #gn.cpu_schedule<strategy = sample, vector = 4, flatten = 8,
                                    chunk = 4, parallel = false>}
  return
}

// -----

// All groups stream all of their runs before the fence, where they come one after
// another; runs of 12 elements are 16 bytes from aligned ones, and so are vectors.

// CHECK-LABEL: func.func @stream
// CHECK: scf.if
// CHECK-NEXT: affine.for %{{.+}} = 0 to 4 {
// CHECK: vector.store {{.+}} {alignment = 16 : i64, nontemporal = true} : memref<16x12xf32>, vector<8xf32>
// CHECK: vector.store {{.+}} {alignment = 16 : i64, nontemporal = true} : memref<16x12xf32>, vector<4xf32>
// CHECK-NEXT: } {gn.role = "normalize"}
// CHECK-NEXT: } else {
// CHECK-NOT: llvm.fence
// CHECK: affine.vector_store {{.+}} : memref<16x12xf32>, vector<4xf32>
// CHECK-NEXT: } {gn.role = "normalize"}
// CHECK-COUNT-3: }
// CHECK-NEXT: llvm.fence seq_cst
// CHECK-NEXT: return
func.func @stream(%x: memref<2x8x12xf32>, %y: memref<2x8x12xf32>) {
  gn.group_norm num_groups(2) ins(%x : memref<2x8x12xf32>)
    outs(%y : memref<2x8x12xf32>)
    {feature_dim = 1,
     gn.schedule = #gn.cpu_schedule<strategy = sample, vector = 8, flatten = 12,
                                    stream = true, parallel = false>}
  return
}

// -----

// Long runs begin with single elements up to a line of y, whatever their length,
// and end with what fills no vector. Both are computed by whole vectors of the
// run, by way of buffers: the end before y, which may be x, is written.

// CHECK: #[[LEAD:.+]] = affine_map<(d0, d1)[s0] -> ((d0 * -2051 - d1 * 2051 - s0) mod 16)>

// CHECK-LABEL: func.func @runs_at_lines
// CHECK: affine.for %[[I:.+]] = 0 to #[[LEAD]](%[[N:.+]], %[[G:.+]])[%{{.+}}] step 8 {
// CHECK: affine.vector_load %[[X:.+]][%[[N]] + %[[G]], %[[I]]] : memref<3x2051xf32>, vector<8xf32>
// CHECK: affine.vector_store %{{.+}}, %[[START:.+]][%[[I]]] : memref<16xf32>, vector<8xf32>
// CHECK: affine.for %[[I:.+]] = 0 to #[[LEAD]](%[[N]], %[[G]])[%{{.+}}] {
// CHECK-NEXT: %[[RESULT:.+]] = affine.load %[[START]][%[[I]]] : memref<16xf32>
// CHECK-NEXT: affine.store %[[RESULT]], %[[Y:.+]][%[[N]] + %[[G]], %[[I]]] : memref<3x2051xf32>
// CHECK: affine.vector_load %[[X]][%[[N]] + %[[G]], 2043] : memref<3x2051xf32>, vector<8xf32>
// CHECK: affine.vector_store %{{.+}}, %[[END:.+]][0] : memref<8xf32>, vector<8xf32>
// CHECK: affine.for
// CHECK: vector.store %{{.+}}, %[[Y]][%{{.+}}, %{{.+}}] {alignment = 32 : i64, nontemporal = true} : memref<3x2051xf32>, vector<8xf32>
// CHECK: affine.for
// CHECK-NEXT: %[[RESULT:.+]] = affine.load %[[END]]
// CHECK-NEXT: affine.store %[[RESULT]], %[[Y]][%[[N]] + %[[G]],
// CHECK: llvm.fence seq_cst
func.func @runs_at_lines(%x: memref<3x1x2051xf32>, %y: memref<3x1x2051xf32>) {
  gn.group_norm num_groups(1) ins(%x : memref<3x1x2051xf32>)
    outs(%y : memref<3x1x2051xf32>)
    {feature_dim = 1,
     gn.schedule = #gn.cpu_schedule<strategy = sample, vector = 8, flatten = 32,
                                    stream = true>}
  return
}

// -----

// Of runs of unknown length, all vectors are aligned if y is and the length is a
// multiple of theirs: both are asked at once. Where it is but a multiple of 16
// bytes, what fills no vector is streamed by these.

// CHECK-DAG: #[[OF_8:.+]] = affine_map<()[s0] -> (s0 mod 8)>
// CHECK-DAG: #[[OF_4:.+]] = affine_map<()[s0] -> (s0 mod 4)>

// CHECK-LABEL: func.func @stream_unknown
// CHECK: %[[ADDRESS:.+]] = memref.extract_aligned_pointer_as_index %arg1
// CHECK: %[[LINE:.+]] = arith.andi %[[ADDRESS]], %c63
// CHECK-NEXT: %[[LEFT:.+]] = affine.apply #[[OF_8]]()[%[[S:.+]]]
// CHECK-NEXT: %[[BOTH:.+]] = arith.ori %[[LINE]], %[[LEFT]] : index
// CHECK-NEXT: %[[IS:.+]] = arith.cmpi eq, %[[BOTH]], %c0
// CHECK-NEXT: scf.if %[[IS]] {
// CHECK: vector.store {{.+}} {alignment = 32 : i64, nontemporal = true} : memref<24x?xf32>, vector<8xf32>
// CHECK-NOT: nontemporal
// CHECK: %[[PART:.+]] = arith.andi %[[ADDRESS]], %c15
// CHECK-NEXT: %[[LEFT:.+]] = affine.apply #[[OF_4]]()[%[[S]]]
// CHECK-NEXT: arith.ori %[[PART]], %[[LEFT]] : index
// CHECK: vector.store {{.+}} {alignment = 16 : i64, nontemporal = true} : memref<24x?xf32>, vector<8xf32>
// CHECK: affine.for %{{.+}} = 0 to #[[OF_8]]()[%[[S]]] step 4 {
// CHECK: vector.store {{.+}} {alignment = 16 : i64, nontemporal = true} : memref<24x?xf32>, vector<4xf32>
// CHECK-NOT: nontemporal
// CHECK: llvm.fence seq_cst
// CHECK-NEXT: return
func.func @stream_unknown(%x: memref<2x12x?xf32>, %y: memref<2x12x?xf32>) {
  gn.group_norm num_groups(2) ins(%x : memref<2x12x?xf32>)
    outs(%y : memref<2x12x?xf32>)
    {feature_dim = 1,
     gn.schedule = #gn.cpu_schedule<strategy = sample, vector = 8, flatten = 16,
                                    stream = true, parallel = false>}
  return
}
