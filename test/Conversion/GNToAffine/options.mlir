// RUN: groupnorm-opt %s -convert-gn-to-affine -canonicalize -cse | FileCheck %s

// Streaming stores need aligned vectors, and y is aligned to its elements only.
// So rows begin at lines of y: a sample that begins within a line is a lead, of
// (-y mod 16) elements, one row less, and a tail behind the last row. The
// parameters are rotated by the lead, from a buffer with its first line repeated
// at its end. What is not in a row is computed by whole vectors that do not leave
// the sample, by way of a buffer. The fence orders the stores before what
// follows.

// CHECK-DAG: #[[$SPLIT:.+]] = affine_map<()[s0] -> (((-s0) mod 16 + 31) floordiv 32)>
// CHECK-DAG: #[[$LEAD:.+]] = affine_map<()[s0] -> ((-s0) mod 16)>
// CHECK-DAG: #[[$ROWS:.+]] = affine_map<()[s0] -> (-(((-s0) mod 16 + 31) floordiv 32) + 6)>
// CHECK-DAG: #[[$TAIL:.+]] = affine_map<()[s0] -> (((s0 + ((-s0) floordiv 16) * 16) mod 32 + 31) floordiv 32)>
// CHECK-DAG: #[[$AT:.+]] = affine_map<(d0)[s0] -> (d0 * 32 + (-s0) mod 16)>
// CHECK-DAG: #[[$LEFT:.+]] = affine_map<()[s0] -> (s0 mod 16)>

// CHECK-LABEL: func.func @stream
// CHECK-SAME: %[[YARG:[^:]+]]: memref<2x6x32xf32>) {
// CHECK-DAG: %[[SIZE:.+]] = arith.constant 4 : index
// CHECK: %[[X:.+]] = memref.collapse_shape %{{.+}} {{.+}} into memref<2x192xf32>
// CHECK: %[[Y:.+]] = memref.collapse_shape %[[YARG]] {{.+}} into memref<2x192xf32>
// CHECK: %[[BYTES:.+]] = memref.extract_aligned_pointer_as_index %[[YARG]] : memref<2x6x32xf32> -> index
// CHECK-NEXT: %[[ADDRESS:.+]] = arith.divui %[[BYTES]], %[[SIZE]] : index
// CHECK: gn.role = "merge"
// CHECK: %[[FIRST:.+]] = affine.vector_load %[[SHIFTS:.+]][0] : memref<48xf32>, vector<16xf32>
// CHECK-NEXT: affine.vector_store %[[FIRST]], %[[SHIFTS]][32] : memref<48xf32>, vector<16xf32>
// CHECK: affine.for %[[LANE:.+]] = 0 to 32 step 16 {
// CHECK-NEXT: %[[ROTATED:.+]] = affine.vector_load %[[SHIFTS]][%[[LANE]] + (-symbol(%[[ADDRESS]])) mod 16] : memref<48xf32>, vector<16xf32>
// CHECK-NEXT: affine.vector_store %[[ROTATED]], %[[RECORDS:.+]][%[[LANE]] * 3] : memref<96xf32>, vector<16xf32>
// CHECK: affine.for %{{.+}} = 0 to #[[$SPLIT]]()[%[[ADDRESS]]] {
// CHECK-NEXT: affine.for %[[I:.+]] = 0 to #[[$LEAD]]()[%[[ADDRESS]]] step 16 {
// CHECK-NEXT: affine.vector_load %[[SHIFTS]][%[[I]]] : memref<48xf32>, vector<16xf32>
// CHECK: affine.vector_load %[[X]][%[[N:.+]], %[[I]]] : memref<2x192xf32>, vector<16xf32>
// CHECK: affine.vector_store %{{.+}}, %[[RESULTS:.+]][%[[I]]] : memref<16xf32>, vector<16xf32>
// CHECK: affine.for %[[I:.+]] = 0 to #[[$LEAD]]()[%[[ADDRESS]]] {
// CHECK-NEXT: %[[RESULT:.+]] = affine.load %[[RESULTS]][%[[I]]] : memref<16xf32>
// CHECK-NEXT: affine.store %[[RESULT]], %[[Y]][%[[N]], %[[I]]] : memref<2x192xf32>
// CHECK: affine.for %[[ROW:.+]] = 0 to #[[$ROWS]]()[%[[ADDRESS]]] {
// CHECK-NEXT: affine.vector_load %[[RECORDS]][0] : memref<96xf32>, vector<16xf32>
// CHECK: affine.prefetch %[[X]][%[[N]], %[[ROW]] * 32 + (-symbol(%[[ADDRESS]])) mod 16 + 128], read, locality<3>, data : memref<2x192xf32>
// CHECK-NEXT: affine.vector_load %[[X]][%[[N]], %[[ROW]] * 32 + (-symbol(%[[ADDRESS]])) mod 16]
// CHECK: %[[PLACE:.+]] = affine.apply #[[$AT]](%[[ROW]])[%[[ADDRESS]]]
// CHECK-NEXT: vector.store %{{.+}}, %[[Y]][%[[N]], %[[PLACE]]] {alignment = 64 : i64, nontemporal = true} : memref<2x192xf32>, vector<16xf32>
// CHECK: affine.for %{{.+}} = 0 to #[[$TAIL]]()[%[[ADDRESS]]] {
// CHECK: affine.vector_load %[[X]][%[[N]], 176] : memref<2x192xf32>, vector<16xf32>
// CHECK: affine.vector_store %{{.+}}, %[[RESULTS:.+]][0] : memref<16xf32>, vector<16xf32>
// CHECK: vector.store %{{.+}}, %[[Y]][%[[N]], %{{.+}}] {alignment = 64 : i64, nontemporal = true} : memref<2x192xf32>, vector<16xf32>
// CHECK: affine.for %{{.+}} = 0 to #[[$LEFT]]()[%[[ADDRESS]]] {
// CHECK-NEXT: %[[RESULT:.+]] = affine.load %[[RESULTS]]
// CHECK-NEXT: affine.store %[[RESULT]], %[[Y]]
// CHECK: llvm.fence seq_cst
func.func @stream(%x: memref<2x6x32xf32>, %y: memref<2x6x32xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x6x32xf32>)
    outs(%y : memref<2x6x32xf32>)
    {gn.schedule = #gn.cpu_schedule<stream = true, apply_prefetch = 512>}
  return
}

// Samples that do not fill lines have a lead each. Sizes that are not known need
// features that do, and have no edges where they are empty.

// CHECK-LABEL: func.func @stream_samples
// CHECK: affine.for %{{.+}} = 0 to #{{.+}}(%{{.+}})[%{{.+}}] {
// CHECK: affine.load
// CHECK-NOT: scf.if
// CHECK: affine.for %{{.+}} = 0 to min #{{.+}}()[%{{.+}}, %{{.+}}] {
// CHECK: affine.load
// CHECK: return
func.func @stream_samples(%x: memref<2x5x40xf32>, %y: memref<2x5x40xf32>, %any: memref<2x?x32xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x5x40xf32>)
    outs(%y : memref<2x5x40xf32>) {gn.schedule = #gn.cpu_schedule<vector = 8, stream = true>}
  gn.group_norm num_groups(4) ins(%any : memref<2x?x32xf32>)
    outs(%any : memref<2x?x32xf32>) {gn.schedule = #gn.cpu_schedule<stream = true>}
  return
}

// The tail has the positions that fill no row: here 3 of 11, of 24 features. Its
// last vector ends with the sample, and has the features of lanes 56 to 71 of a row
// of 96. The lead takes no row from a sample, unless it exceeds the 72 elements of
// these.

// CHECK-LABEL: func.func @stream_rest
// CHECK: gn.role = "merge"
// CHECK: affine.for %{{.+}} = 0 to #{{.+}}(%[[N:.+]])[%{{.+}}] {
// CHECK: affine.load
// CHECK: affine.vector_load %[[SHIFTS:.+]][56] : memref<112xf32>, vector<16xf32>
// CHECK: affine.vector_load %[[X:.+]][%[[N]], 248] : memref<2x264xf32>, vector<16xf32>
// CHECK: vector.store %{{.+}}, %[[Y:.+]][%[[N]], %{{.+}}] {alignment = 64 : i64, nontemporal = true} : memref<2x264xf32>, vector<16xf32>
// CHECK: affine.load
// CHECK-NEXT: affine.store %{{.+}}, %[[Y]]
// CHECK-NOT: affine.vector_load %[[X]]
// CHECK: return
func.func @stream_rest(%x: memref<2x11x24xf32>, %y: memref<2x11x24xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x11x24xf32>)
    outs(%y : memref<2x11x24xf32>) {gn.schedule = #gn.cpu_schedule<flatten = 4, stream = true>}
  return
}

// One sample streams its rows beside a rest where y is aligned, however short they
// are; of several samples, the second would not be.

// CHECK-LABEL: func.func @stream_beside_rest
// CHECK: scf.if
// CHECK: vector.store {{.*}}nontemporal = true} : memref<1x72xf32>
// CHECK-LABEL: func.func @many_beside_rest
// CHECK-NOT: nontemporal
// CHECK: return
func.func @stream_beside_rest(%x: memref<1x9x8xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<1x9x8xf32>)
    outs(%x : memref<1x9x8xf32>) {gn.schedule = #gn.cpu_schedule<flatten = 2, stream = true>}
  return
}
func.func @many_beside_rest(%x: memref<2x9x8xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x9x8xf32>)
    outs(%x : memref<2x9x8xf32>) {gn.schedule = #gn.cpu_schedule<flatten = 2, stream = true>}
  return
}

// Where rows are shorter than two lines, or not of whole vectors, or their number
// and so their place is not known, or an input of the epilogue is read by the
// element, the alignment is checked at run time: that of a cache line, or else of
// the 16 bytes that allocators promise, by which vectors are streamed in parts.
// The work item ends with the fence, however it has stored.

// CHECK-LABEL: func.func @stream_if_aligned
// CHECK-SAME: %[[YARG:[^:]+]]: memref<2x6x16xf32>) {
// CHECK-DAG: %[[ZERO:.+]] = arith.constant 0 : index
// CHECK-DAG: %[[MASK:.+]] = arith.constant 63 : index
// CHECK-DAG: %[[MASK_OF_PARTS:.+]] = arith.constant 15 : index
// CHECK: %[[X:.+]] = memref.collapse_shape %{{.+}} {{.+}} into memref<2x96xf32>
// CHECK: %[[Y:.+]] = memref.collapse_shape %[[YARG]] {{.+}} into memref<2x96xf32>
// CHECK: %[[ADDRESS:.+]] = memref.extract_aligned_pointer_as_index %[[YARG]] : memref<2x6x16xf32> -> index
// CHECK: %[[LOW:.+]] = arith.andi %{{.+}}, %[[MASK]] : index
// CHECK-NEXT: %[[ALIGNED:.+]] = arith.cmpi eq, %[[LOW]], %[[ZERO]] : index
// CHECK-NEXT: scf.if %[[ALIGNED]] {
// CHECK: affine.prefetch %[[X]][%[[N:.+]], %[[UNIT:.+]] * 32 + 128], read, locality<3>, data : memref<2x96xf32>
// CHECK-NEXT: affine.vector_load %[[X]][%[[N]], %[[UNIT]] * 32]
// CHECK: affine.prefetch %[[X]][%[[N]], %[[UNIT]] * 32 + 144], read
// CHECK-NEXT: affine.vector_load %[[X]][%[[N]], %[[UNIT]] * 32 + 16]
// CHECK-COUNT-2: vector.store %{{.+}}, %[[Y]][%[[N]], %{{.+}}] {alignment = 64 : i64, nontemporal = true} : memref<2x96xf32>, vector<16xf32>
// CHECK-NEXT: } {gn.role = "normalize"}
// CHECK-NEXT: } else {
// CHECK-NEXT: %[[LOW:.+]] = arith.andi %{{.+}}, %[[MASK_OF_PARTS]] : index
// CHECK-NEXT: %[[ALIGNED:.+]] = arith.cmpi eq, %[[LOW]], %[[ZERO]] : index
// CHECK-NEXT: scf.if %[[ALIGNED]] {
// CHECK-NOT: alignment = 64
// CHECK-COUNT-2: vector.store %{{.+}}, %[[Y]][%[[N]], %{{.+}}] {alignment = 16 : i64, nontemporal = true} : memref<2x96xf32>, vector<16xf32>
// CHECK-NEXT: } {gn.role = "normalize"}
// CHECK-NEXT: } else {
// CHECK-NOT: nontemporal
// CHECK: affine.vector_store %{{.+}}, %[[Y]][%[[N]], %{{.+}} * 32 + 16] : memref<2x96xf32>, vector<16xf32>
// CHECK-NEXT: } {gn.role = "normalize"}
// CHECK-NEXT: }
// CHECK-NEXT: }
// CHECK-NEXT: llvm.fence seq_cst
// CHECK-NEXT: } {gn.role = "normalize"}
// CHECK-NEXT: memref.dealloc
// CHECK-NOT: llvm.fence
// CHECK: return
func.func @stream_if_aligned(%x: memref<2x6x16xf32>, %y: memref<2x6x16xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x6x16xf32>)
    outs(%y : memref<2x6x16xf32>)
    {gn.schedule = #gn.cpu_schedule<stream = true, apply_prefetch = 512, apply_rows = 2>}
  return
}

// CHECK-LABEL: func.func @stream_if_places_known
// CHECK: scf.if
// CHECK: nontemporal
func.func @stream_if_places_known(%x: memref<2x?x40xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x?x40xf32>)
    outs(%x : memref<2x?x40xf32>) {gn.schedule = #gn.cpu_schedule<vector = 8, stream = true>}
  return
}

// Vectors shorter than a cache line, or not at the start of one, are streamed as
// they are aligned: in rows of 40 elements, and f16 results of 32 bytes.

// CHECK-LABEL: func.func @streamed_by_halves
// CHECK: vector.store {{.+}} {alignment = 32 : i64, nontemporal = true} : memref<2x240xf32>, vector<16xf32>
// CHECK: vector.store {{.+}} {alignment = 32 : i64, nontemporal = true} : memref<2x240xf32>, vector<8xf32>
// CHECK: vector.store {{.+}} {alignment = 32 : i64, nontemporal = true} : memref<2x192xf16>, vector<16xf16>
func.func @streamed_by_halves(%x: memref<2x6x40xf32>, %y: memref<2x6x40xf32>, %h: memref<2x6x32xf16>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x6x40xf32>)
    outs(%y : memref<2x6x40xf32>) {gn.schedule = #gn.cpu_schedule<stream = true>}
  gn.group_norm num_groups(4) ins(%h : memref<2x6x32xf16>)
    outs(%h : memref<2x6x32xf16>) {gn.schedule = #gn.cpu_schedule<stream = true>}
  return
}

// No CPU streams vectors that are aligned to less than 16 bytes.

// CHECK-LABEL: func.func @not_streamed
// CHECK-NOT: memref.extract_aligned_pointer_as_index
// CHECK-NOT: nontemporal
// CHECK: return
func.func @not_streamed(%x: memref<2x6x42xf32>, %y: memref<2x6x42xf32>, %h: memref<2x6x4xf16>) {
  gn.group_norm num_groups(2) ins(%x : memref<2x6x42xf32>)
    outs(%y : memref<2x6x42xf32>) {gn.schedule = #gn.cpu_schedule<stream = true>}
  gn.group_norm num_groups(2) ins(%h : memref<2x6x4xf16>)
    outs(%h : memref<2x6x4xf16>) {gn.schedule = #gn.cpu_schedule<stream = true>}
  return
}

// Serial work items share buffers, which stand before all loops, those around
// the op included, so that the stack does not grow with the iterations. Samples
// are normalized whole: pieces would make their parameters again.

// CHECK-LABEL: func.func @serial
// CHECK-NOT: affine.parallel
// CHECK-COUNT-7: memref.alloca() {alignment = 64 : i64} : memref<{{32xf64|32xf32|96xf32}}>
// CHECK-NOT: memref.alloca()
// CHECK: scf.for
// CHECK-NOT: memref.alloca()
// CHECK-NOT: affine.parallel
// CHECK: affine.for %[[N:.+]] = 0 to 2 {
// CHECK-NEXT: affine.for %[[P:.+]] = 0 to 2 {
// CHECK-NOT: memref.alloca()
// CHECK-NOT: affine.parallel
// CHECK: affine.for %{{.+}} = 0 to 100 {
// CHECK: } {gn.role = "normalize"}
// CHECK-NOT: affine.parallel
// CHECK: return
func.func @serial(%x: memref<2x100x32xf32>, %y: memref<2x100x32xf32>, %lower: index, %upper: index, %step: index) {
  scf.for %i = %lower to %upper step %step {
    gn.group_norm num_groups(4) ins(%x : memref<2x100x32xf32>)
      outs(%y : memref<2x100x32xf32>)
      {gn.schedule = #gn.cpu_schedule<piece = 64, parallel = false>}
  }
  return
}

// In strategy `sample` one work item takes the statistics of its pieces one after
// another, merges each into those before it, and normalizes the sample whole.

// CHECK-LABEL: func.func @sample_of_pieces
// CHECK: affine.parallel (%[[N:.+]], %{{.+}}) = (0, 0) to (2, 1) {
// CHECK-NEXT: %[[MEAN:.+]] = memref.alloca() {alignment = 64 : i64} : memref<4xf64>
// CHECK: affine.vector_store %{{.+}}, %[[MEAN]][0]
// CHECK: affine.for %[[PIECE:.+]] = 0 to 4 {
// CHECK: affine.vector_load %{{.+}}[%[[N]], %[[PIECE]] * 2048 + %{{.+}}] : memref<2x8192xf32>, vector<16xf32>
// CHECK: affine.for %{{.+}} = 0 to 64 {
// CHECK-NEXT: affine.for %{{.+}} = 0 to 32 step 16 {
// CHECK: affine.vector_load %[[MEAN]][0]
// CHECK: affine.vector_store %{{.+}}, %[[MEAN]][0]
// CHECK: {gn.role = "statistics"}
// CHECK: affine.for %{{.+}} = 0 to 256 {
// CHECK: affine.vector_store %{{.+}}, %{{.+}}[%[[N]], %{{.+}} * 32 + %{{.+}}] : memref<2x8192xf32>, vector<16xf32>
func.func @sample_of_pieces(%x: memref<2x256x32xf32>, %y: memref<2x256x32xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x256x32xf32>)
    outs(%y : memref<2x256x32xf32>)
    {gn.schedule = #gn.cpu_schedule<strategy = sample, piece = 64>}
  return
}

// Without a schedule: split, 16 lanes, chunks of 64 rows.

// CHECK-LABEL: func.func @default
// CHECK: affine.parallel
// CHECK: affine.for %{{.+}} = 0 to 2 {
// CHECK-NEXT: affine.for %{{.+}} = 0 to 64 {
// CHECK-NEXT: affine.for %{{.+}} = 0 to 32 step 16 {
// CHECK: affine.parallel
func.func @default(%x: memref<2x128x32xf32>, %y: memref<2x128x32xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x128x32xf32>)
    outs(%y : memref<2x128x32xf32>)
  return
}

// Ops on tensors are bufferized before this pass; it leaves them alone.

// CHECK-LABEL: func.func @tensors
// CHECK: gn.group_norm
func.func @tensors(%x: tensor<2x3x8xf32>) -> tensor<2x3x8xf32> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x3x8xf32>)
    outs(%x : tensor<2x3x8xf32>) -> tensor<2x3x8xf32>
  return %y : tensor<2x3x8xf32>
}

// Features first, with padding between them: a feature, not a group, is one run
// of memory.

// CHECK-LABEL: func.func @padded_features
// CHECK: memref.collapse_shape %{{.+}} {{\[\[}}0, 1], [2, 3]] : memref<2x8x4x4xf32, strided<[256, 32, 4, 1]>> into memref<16x16xf32, strided<[32, 1]>>
// CHECK: affine.parallel (%{{.+}}, %{{.+}}) = (0, 0) to (16, 1) {
func.func @padded_features(%x: memref<2x8x4x4xf32, strided<[256, 32, 4, 1]>>, %y: memref<2x8x4x4xf32>) {
  gn.group_norm num_groups(2)
    ins(%x : memref<2x8x4x4xf32, strided<[256, 32, 4, 1]>>)
    outs(%y : memref<2x8x4x4xf32>)
    {feature_dim = 1, grouping = #gn.grouping<contiguous>}
  return
}
