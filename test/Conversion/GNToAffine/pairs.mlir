// RUN: groupnorm-opt %s -convert-gn-to-affine -canonicalize -cse | FileCheck %s

// Vectors in pairs: what lies behind one another in memory is taken apart into
// its even and its odd elements, each with accumulators and parameters of their
// own. 40 features are two pairs of 8 lanes, and a vector that is left over.

// CHECK-LABEL: func.func @rows
// The first shift is made in order, and taken apart.
// CHECK: vector.deinterleave %{{.+}} : vector<16xf32> -> vector<8xf32>
// CHECK: affine.for %{{.+}} = 0 to 4 {
// CHECK: affine.for %[[LANE:.+]] = 0 to 32 step 16 {
// CHECK-NEXT: %[[S0:.+]] = affine.vector_load %[[RECORDS:.+]][%[[LANE]] * 3 + 8] : memref<120xf32>, vector<8xf32>
// CHECK-NEXT: %[[S1:.+]] = affine.vector_load %[[RECORDS]][%[[LANE]] * 3 + 32]
// CHECK-NEXT: affine.vector_load %[[RECORDS]][%[[LANE]] * 3 + 16]
// CHECK-NEXT: affine.vector_load %[[RECORDS]][%[[LANE]] * 3 + 40]
// CHECK-NEXT: %[[SHIFT0:.+]] = affine.vector_load %[[RECORDS]][%[[LANE]] * 3]
// CHECK-NEXT: %[[SHIFT1:.+]] = affine.vector_load %[[RECORDS]][%[[LANE]] * 3 + 24]
// CHECK-NEXT: %[[X:.+]] = affine.vector_load %{{.+}}[%{{.+}}, %{{.+}} * 40 + %[[LANE]]] : memref<2x320xbf16>, vector<16xbf16>
// CHECK-NEXT: %[[EVEN:.+]], %[[ODD:.+]] = vector.deinterleave %[[X]] : vector<16xbf16> -> vector<8xbf16>
// CHECK-NEXT: %[[X0:.+]] = arith.extf %[[EVEN]] : vector<8xbf16> to vector<8xf32>
// CHECK-NEXT: %[[X1:.+]] = arith.extf %[[ODD]] : vector<8xbf16> to vector<8xf32>
// CHECK-NEXT: %[[D0:.+]] = arith.subf %[[SHIFT0]], %[[X0]] : vector<8xf32>
// CHECK-NEXT: arith.addf %[[S0]], %[[D0]] : vector<8xf32>
// CHECK-NEXT: math.fma %[[D0]], %[[D0]], %{{.+}} : vector<8xf32>
// CHECK-NEXT: %[[D1:.+]] = arith.subf %[[SHIFT1]], %[[X1]] : vector<8xf32>
// CHECK: }
// CHECK: affine.vector_load %{{.+}} * 40 + 32] : memref<2x320xbf16>, vector<8xbf16>
// CHECK-NEXT: arith.extf
// The lanes that meet in f64 are in order again.
// CHECK: %[[SUM:.+]] = vector.interleave %{{.+}}, %{{.+}} : vector<8xf32> -> vector<16xf32>
// CHECK: arith.extf %[[SUM]] : vector<16xf32> to vector<16xf64>
// CHECK: gn.role = "merge"
// CHECK: %[[EVEN:.+]], %[[ODD:.+]] = vector.deinterleave %{{.+}} : vector<16xbf16> -> vector<8xbf16>
// CHECK-NEXT: arith.extf %[[EVEN]]
// CHECK-NEXT: arith.extf %[[ODD]]
// CHECK: %[[Y0:.+]] = math.fma {{.+}} : vector<8xf32>
// CHECK: %[[Y1:.+]] = math.fma {{.+}} : vector<8xf32>
// CHECK-NEXT: %[[R0:.+]] = arith.truncf %[[Y0]] : vector<8xf32> to vector<8xbf16>
// CHECK-NEXT: %[[R1:.+]] = arith.truncf %[[Y1]] : vector<8xf32> to vector<8xbf16>
// CHECK-NEXT: %[[Y:.+]] = vector.interleave %[[R0]], %[[R1]] : vector<8xbf16> -> vector<16xbf16>
// CHECK-NEXT: affine.vector_store %[[Y]], %{{.+}} * 40 + %{{.+}}] : memref<2x320xbf16>, vector<16xbf16>
// CHECK: return
func.func @rows(%x: memref<2x8x40xbf16>, %y: memref<2x8x40xbf16>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x8x40xbf16>) outs(%y : memref<2x8x40xbf16>)
    {gn.schedule = #gn.cpu_schedule<vector = 8, pairs = true, chunk = 4, piece = 4>}
  return
}

// In blocks, two pairs where four vectors were; their accumulators are carried,
// even and odd, and their parameters taken apart before the rows.

// CHECK-LABEL: func.func @blocks
// CHECK: %[[SUMS:.+]]:8 = affine.for %{{.+}} = 0 to 8 iter_args
// CHECK: vector.deinterleave %{{.+}} : vector<16xbf16> -> vector<8xbf16>
// CHECK: vector.deinterleave %{{.+}} : vector<16xbf16> -> vector<8xbf16>
// CHECK: affine.yield
// CHECK: vector.interleave %[[SUMS]]#0, %[[SUMS]]#1 : vector<8xf32> -> vector<16xf32>
// CHECK: vector.interleave %[[SUMS]]#2, %[[SUMS]]#3
// CHECK: gn.role = "merge"
// CHECK-COUNT-6: vector.deinterleave %{{.+}} : vector<16xf32> -> vector<8xf32>
// CHECK-NEXT: affine.for %{{.+}} = 0 to 8 {
// CHECK-NOT: vector<16xf32>
// CHECK: return
func.func @blocks(%x: memref<2x8x32xbf16>, %y: memref<2x8x32xbf16>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x8x32xbf16>) outs(%y : memref<2x8x32xbf16>)
    {gn.schedule = #gn.cpu_schedule<strategy = sample, vector = 8, pairs = true,
                                    order = blocks, apply_order = blocks>}
  return
}

// What an epilogue reads beside x is taken apart too.

// CHECK-LABEL: func.func @residual
// CHECK: gn.role = "merge"
// CHECK: %[[Y0:.+]] = math.fma {{.+}} : vector<8xf32>
// CHECK: %[[Y1:.+]] = math.fma {{.+}} : vector<8xf32>
// CHECK: %[[R:.+]] = affine.vector_load %{{.+}} : memref<2x256xbf16>, vector<16xbf16>
// CHECK-NEXT: %[[R0:.+]], %[[R1:.+]] = vector.deinterleave %[[R]] : vector<16xbf16> -> vector<8xbf16>
// CHECK-NEXT: %[[W0:.+]] = arith.extf %[[R0]]
// CHECK-NEXT: arith.addf %[[Y0]], %[[W0]] : vector<8xf32>
// CHECK: %[[W1:.+]] = arith.extf %[[R1]]
// CHECK-NEXT: arith.addf %[[Y1]], %[[W1]] : vector<8xf32>
// CHECK: vector.interleave
#all = affine_map<(n, s, c) -> (n, s, c)>
func.func @residual(%x: memref<2x8x32xbf16>, %r: memref<2x8x32xbf16>, %y: memref<2x8x32xbf16>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x8x32xbf16>) outs(%y : memref<2x8x32xbf16>)
    {gn.schedule = #gn.cpu_schedule<vector = 8, pairs = true>}
    epilogue(%r : memref<2x8x32xbf16> by [#all]) {
  ^bb0(%v: f32, %e: bf16):
    %wide = arith.extf %e : bf16 to f32
    %sum = arith.addf %v, %wide : f32
    %narrow = arith.truncf %sum : f32 to bf16
    gn.yield %narrow : bf16
  }
  return
}

// A band is a whole number of pairs: three vectors become four.

// CHECK-LABEL: func.func @band
// CHECK: affine.for %{{.+}} = 0 to 64 step 32 {
// CHECK: return
func.func @band(%x: memref<2x64x64xbf16>, %y: memref<2x64x64xbf16>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x64x64xbf16>) outs(%y : memref<2x64x64xbf16>)
    {gn.schedule = #gn.cpu_schedule<vector = 8, pairs = true, band = 3>}
  return
}
