// An epilogue is computed on the vectors of the sweep that normalizes. Its
// inputs are loaded where they change: one of x's shape in the sweep, one of a
// value for each feature once for a sample, into a row of lanes; one of a value
// for each sample once. Saved statistics are written when they are known.

// RUN: groupnorm-opt %s -convert-gn-to-affine -canonicalize -cse | FileCheck %s

// CHECK-LABEL: func.func @features_last
// CHECK-SAME:    %[[X:.*]]: memref<2x8x32xf16>, %[[SCALE:.*]]: memref<2x32xf32>, %[[RES:.*]]: memref<2x8x32xf16>, %[[MASK:.*]]: memref<2x8xf32>, %[[BIAS:.*]]: memref<2xf32>, %[[Y:.*]]: memref<2x8x32xf16>, %[[MEAN:.*]]: memref<2x4xf32>, %[[RSTD:.*]]: memref<2x4xf32>)
// CHECK:         %[[LANES:.*]] = memref.alloca() {{.*}} : memref<32xf32>
// CHECK-DAG:     %[[YS:.*]] = memref.collapse_shape %[[Y]] {{.*}} into memref<2x256xf16>
// CHECK-DAG:     %[[RS:.*]] = memref.collapse_shape %[[RES]] {{.*}} into memref<2x256xf16>
// CHECK:         affine.for %[[N:.*]] = 0 to 2
// CHECK:           } {gn.role = "merge"}
// CHECK:           affine.vector_store %{{.*}}, %[[MEAN]][%[[N]], 0] : memref<2x4xf32>, vector<4xf32>
// CHECK:           affine.vector_store %{{.*}}, %[[RSTD]][%[[N]], 0] : memref<2x4xf32>, vector<4xf32>
// CHECK:           %[[BE:.*]] = affine.load %[[BIAS]][%[[N]]]
// CHECK:             %[[SE:.*]] = affine.vector_load %[[SCALE]][%[[N]], %[[C:.*]]] : memref<2x32xf32>, vector<16xf32>
// CHECK-NEXT:        affine.vector_store %[[SE]], %[[LANES:.*]][%[[C]]]
// CHECK-NEXT:      } {gn.role = "normalize"}
// CHECK:           affine.for %[[S:.*]] = 0 to 8 {
// CHECK-NEXT:        affine.for %[[L:.*]] = 0 to 32 step 16 {
// CHECK:               %[[SV:.*]] = affine.vector_load %[[LANES]][%[[L]]] : memref<32xf32>, vector<16xf32>
// CHECK:               %[[BV:.*]] = vector.broadcast %[[BE]] : f32 to vector<16xf32>
// CHECK:               %[[NORM:.*]] = math.fma
// CHECK-NEXT:          %[[RV:.*]] = affine.vector_load %[[RS]][%[[N]], %[[S]] * 32 + %[[L]]] : memref<2x256xf16>, vector<16xf16>
// CHECK:               %[[ME:.*]] = memref.load %[[MASK]][%[[N]], %{{.*}}]
// CHECK-NEXT:          %[[MV:.*]] = vector.broadcast %[[ME]] : f32 to vector<16xf32>
// CHECK-NEXT:          %[[V0:.*]] = arith.extf %[[RV]] : vector<16xf16> to vector<16xf32>
// CHECK-NEXT:          %[[V1:.*]] = arith.addf %[[NORM]], %[[V0]] : vector<16xf32>
// CHECK-NEXT:          %[[V2:.*]] = math.fma %[[V1]], %[[SV]], %{{.*}} : vector<16xf32>
// CHECK-NEXT:          %[[V3:.*]] = arith.mulf %[[V2]], %[[MV]] : vector<16xf32>
// CHECK-NEXT:          %[[V4:.*]] = arith.addf %[[V3]], %[[BV]] : vector<16xf32>
// CHECK-NEXT:          %[[V5:.*]] = arith.truncf %[[V4]] : vector<16xf32> to vector<16xf16>
// CHECK-NEXT:          affine.vector_store %[[V5]], %[[YS]][%[[N]], %[[S]] * 32 + %[[L]]] : memref<2x256xf16>, vector<16xf16>
#feature = affine_map<(n, s, c) -> (n, c)>
#row = affine_map<(n, s, c) -> (n, s)>
#all = affine_map<(n, s, c) -> (n, s, c)>
#one = affine_map<(n, s, c) -> (n)>
func.func @features_last(%x: memref<2x8x32xf16>, %s: memref<2x32xf32>, %r: memref<2x8x32xf16>, %m: memref<2x8xf32>, %b: memref<2xf32>, %y: memref<2x8x32xf16>, %mean: memref<2x4xf32>, %rstd: memref<2x4xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x8x32xf16>) outs(%y, %mean, %rstd : memref<2x8x32xf16>, memref<2x4xf32>, memref<2x4xf32>)
   {gn.schedule = #gn.cpu_schedule<strategy = sample, parallel = false>}
   epilogue(%s, %r, %m, %b : memref<2x32xf32>, memref<2x8x32xf16>, memref<2x8xf32>, memref<2xf32> by [#feature, #all, #row, #one]) {
  ^bb0(%n: f32, %e: f32, %f: f16, %g: f32, %h: f32):
    %two = arith.constant 2.0 : f32
    %0 = arith.extf %f : f16 to f32
    %1 = arith.addf %n, %0 : f32
    %2 = math.fma %1, %e, %two : f32
    %3 = arith.mulf %2, %g : f32
    %4 = arith.addf %3, %h : f32
    %5 = arith.truncf %4 : f32 to f16
    gn.yield %5 : f16
  }
  return
}

// Multiplying with and adding what is the same at all positions, first of all, is
// part of the parameters: in f64, and once for a feature of a sample. What it needs
// is computed as it stands. The sweep reads only what is left.
// CHECK-LABEL: func.func @folded
// CHECK-SAME:    %{{.*}}: memref<2x8x32xf16>, %[[SCALE:.*]]: memref<2x32xf16>, %[[BIAS:.*]]: memref<2xf32>, %[[RES:.*]]: memref<2x8x32xf32>,
// CHECK:         %[[BE:.*]] = affine.load %[[BIAS]]
// CHECK:         affine.for %[[M:.*]] = 0 to 8 {
// CHECK-NEXT:      %[[SE:.*]] = affine.vector_load %[[SCALE]][%{{.*}}, %[[M]] * 4] : memref<2x32xf16>, vector<4xf16>
// CHECK:           %[[RSTD:.*]] = arith.mulf %{{.*}}, %[[R:.*]] : vector<4xf64>
// CHECK-NEXT:      %[[OFFSET:.*]] = arith.subf %{{.*}}, %[[RSTD]] : vector<4xf64>
// CHECK-NEXT:      %[[E:.*]] = arith.extf %[[SE]] : vector<4xf16> to vector<4xf32>
// CHECK-NEXT:      %[[F:.*]] = arith.addf %[[E]], %{{.*}} : vector<4xf32>
// CHECK-NEXT:      %[[W:.*]] = arith.extf %[[F]] : vector<4xf32> to vector<4xf64>
// CHECK-NEXT:      %[[S0:.*]] = arith.mulf %[[R]], %[[W]] : vector<4xf64>
// CHECK-NEXT:      %[[O0:.*]] = arith.mulf %[[OFFSET]], %[[W]] : vector<4xf64>
// CHECK:           %[[O1:.*]] = arith.subf %{{.*}}, %[[O0]] : vector<4xf64>
// CHECK-NEXT:      %[[O2:.*]] = arith.negf %[[O1]] : vector<4xf64>
// CHECK-NEXT:      %[[O3:.*]] = math.fma %{{.*}}, %{{.*}}, %[[O2]] : vector<4xf64>
// CHECK-NEXT:      %[[S3:.*]] = arith.truncf %[[S0]] : vector<4xf64> to vector<4xf32>
// CHECK-NEXT:      %[[O4:.*]] = arith.truncf %[[O3]] : vector<4xf64> to vector<4xf32>
// CHECK:         affine.for %{{.*}} = 0 to 8 {
// CHECK-NEXT:      affine.for %{{.*}} = 0 to 32 step 16 {
// CHECK-NOT:         %[[SCALE]]
// CHECK:             %[[NORM:.*]] = math.fma
// CHECK-NEXT:        %[[RV:.*]] = affine.vector_load
// CHECK-NEXT:        %[[V:.*]] = arith.addf %[[NORM]], %[[RV]] : vector<16xf32>
// CHECK-NEXT:        affine.vector_store %[[V]]
func.func @folded(%x: memref<2x8x32xf16>, %s: memref<2x32xf16>, %b: memref<2xf32>, %r: memref<2x8x32xf32>, %y: memref<2x8x32xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x8x32xf16>) outs(%y : memref<2x8x32xf32>)
   {gn.schedule = #gn.cpu_schedule<strategy = sample, parallel = false>}
   epilogue(%s, %b, %r : memref<2x32xf16>, memref<2xf32>, memref<2x8x32xf32> by [#feature, #one, #all]) {
  ^bb0(%n: f32, %e: f16, %h: f32, %f: f32):
    %one = arith.constant 1.0 : f32
    %two = arith.constant 2.0 : f32
    %0 = arith.extf %e : f16 to f32
    %1 = arith.addf %0, %one : f32
    %2 = arith.mulf %n, %1 : f32
    %3 = arith.subf %h, %2 : f32
    %4 = arith.negf %3 : f32
    %5 = math.fma %h, %two, %4 : f32
    %6 = arith.addf %5, %f : f32
    gn.yield %6 : f32
  }
  return
}

// What is needed as it is, too, stays in the sweep.
// CHECK-LABEL: func.func @used_again
// CHECK-DAG:     %[[SLOPE:.*]] = arith.constant dense<0.00999999977> : vector<16xf32>
// CHECK:         %[[M:.*]] = arith.mulf %[[N:.*]], %[[SLOPE]] : vector<16xf32>
// CHECK-NEXT:    %[[V:.*]] = arith.maximumf %[[N]], %[[M]] : vector<16xf32>
func.func @used_again(%x: memref<2x8x32xf32>, %y: memref<2x8x32xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x8x32xf32>) outs(%y : memref<2x8x32xf32>) epilogue {
  ^bb0(%n: f32):
    %slope = arith.constant 0.01 : f32
    %0 = arith.mulf %n, %slope : f32
    %1 = arith.maximumf %n, %0 : f32
    gn.yield %1 : f32
  }
  return
}

// Quantized: the result is an integer, and streams as 16 bytes a vector.
// CHECK-LABEL: func.func @int8
// CHECK:         %[[I:.*]] = arith.fptosi %{{.*}} : vector<16xf32> to vector<16xi8>
// CHECK:         vector.store %[[I]], %{{.*}} {alignment = 16 : i64, nontemporal = true} : memref<2x256xi8>, vector<16xi8>
// CHECK:         affine.vector_store %{{.*}} : memref<2x256xi8>, vector<16xi8>
func.func @int8(%x: memref<2x8x32xf32>, %y: memref<2x8x32xi8>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x8x32xf32>) outs(%y : memref<2x8x32xi8>)
    {gn.schedule = #gn.cpu_schedule<stream = true>} epilogue {
  ^bb0(%n: f32):
    %low = arith.constant -128.0 : f32
    %high = arith.constant 127.0 : f32
    %0 = arith.maximumf %n, %low : f32
    %1 = arith.minimumf %0, %high : f32
    %2 = math.roundeven %1 : f32
    %3 = arith.fptosi %2 : f32 to i8
    gn.yield %3 : i8
  }
  return
}

// With features first a feature's value is one for a whole segment, and a value
// for each position runs beside it.
// CHECK-LABEL: func.func @features_first
// CHECK-SAME:    %[[X:.*]]: memref<2x8x64xf32>, %[[SCALE:.*]]: memref<2x8xf32>, %[[MASK:.*]]: memref<2x64xf32>)
// CHECK:         %[[SE:.*]] = affine.load %[[SCALE]][%[[SEG:.*]] floordiv 8, %[[SEG]] mod 8]
// CHECK:         affine.for %[[I:.*]] = 0 to 4
// CHECK:           %[[SV:.*]] = vector.broadcast %[[SE]] : f32 to vector<16xf32>
// CHECK:           %[[MV:.*]] = affine.vector_load %[[MASK]][%[[SEG]] floordiv 8, %[[I]] * 16] : memref<2x64xf32>, vector<16xf32>
// CHECK:           math.fma %{{.*}}, %[[SV]], %[[MV]]
func.func @features_first(%x: memref<2x8x64xf32>, %s: memref<2x8xf32>, %m: memref<2x64xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x8x64xf32>) outs(%x : memref<2x8x64xf32>)
    {feature_dim = 1 : i64}
    epilogue(%s, %m : memref<2x8xf32>, memref<2x64xf32>
             by [affine_map<(n, c, s) -> (n, c)>, affine_map<(n, c, s) -> (n, s)>]) {
  ^bb0(%n: f32, %e: f32, %f: f32):
    %0 = math.fma %n, %e, %f : f32
    gn.yield %0 : f32
  }
  return
}

// Nothing is computed of nothing; its statistics are NaN.
// CHECK-LABEL: func.func @empty
// CHECK-SAME:    %{{.*}}: memref<2x0x8xf32>, %[[S:.*]]: memref<2x4xf32>)
// CHECK-NEXT:    %[[NAN:.*]] = arith.constant 0x7FC00000 : f32
// CHECK-NEXT:    affine.for %[[N:.*]] = 0 to 2 {
// CHECK-NEXT:      affine.for %[[G:.*]] = 0 to 4 {
// CHECK-COUNT-2:     affine.store %[[NAN]], %[[S]][%[[N]], %[[G]]]
func.func @empty(%x: memref<2x0x8xf32>, %s: memref<2x4xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x0x8xf32>)
    outs(%x, %s, %s : memref<2x0x8xf32>, memref<2x4xf32>, memref<2x4xf32>)
  return
}

// A residual is asked for as x is; the distance is in bytes of each.

// CHECK-LABEL: func.func @prefetched_residual
// CHECK-SAME:    %[[X:[a-z0-9]*]]: memref<1x64x128xf16>, %[[RES:[a-z0-9]*]]: memref<1x64x128xf32>,
// CHECK-DAG:     %[[XS:.*]] = memref.collapse_shape %[[X]] {{.*}} into memref<1x8192xf16>
// CHECK-DAG:     %[[RS:.*]] = memref.collapse_shape %[[RES]] {{.*}} into memref<1x8192xf32>
// CHECK:         affine.prefetch %[[XS]][0, %[[S:.*]] * 128 + %[[L:.*]] + 1024], read, locality<3>, data : memref<1x8192xf16>
// CHECK-NEXT:    affine.prefetch %[[RS]][0, %[[S]] * 128 + %[[L]] + 512], read, locality<3>, data : memref<1x8192xf32>
func.func @prefetched_residual(%x: memref<1x64x128xf16>, %r: memref<1x64x128xf32>, %y: memref<1x64x128xf16>) {
  gn.group_norm num_groups(4) ins(%x : memref<1x64x128xf16>) outs(%y : memref<1x64x128xf16>)
    {gn.schedule = #gn.cpu_schedule<apply_prefetch = 2048>}
    epilogue(%r : memref<1x64x128xf32> by [#all]) {
  ^bb0(%n: f32, %e: f32):
    %v = arith.addf %n, %e : f32
    %h = arith.truncf %v : f32 to f16
    gn.yield %h : f16
  }
  return
}
