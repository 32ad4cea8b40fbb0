// The epilogue, on the lanes of an item, and saved statistics.

// RUN: groupnorm-opt %s -convert-gn-to-gpu -canonicalize -mlir-use-nameloc-as-prefix -split-input-file | FileCheck %s

#all = affine_map<(n, s, c) -> (n, s, c)>
#feature = affine_map<(n, s, c) -> (n, c)>

// What is the same for all items of a thread is loaded once, and a residual is
// read like x. The result is rounded where the epilogue says.
// CHECK-LABEL: gpu.func @group_norm(
// CHECK-SAME:    %x: memref<1024xf16>
// CHECK-SAME:    %input0: memref<64xf32> {gn.name = "input0", gn.role = "input"}
// CHECK-SAME:    %input1: memref<1024xf16>
// CHECK-SAME:    %y: memref<1024xf16>
// CHECK-SAME:    %mean: memref<8xf32> {gn.name = "mean", gn.role = "output"}
// CHECK-SAME:    %rstd: memref<8xf32> {gn.name = "rstd", gn.role = "output"}
// CHECK:           memref.store %merged, %group_statistics[%group]
// CHECK:           %[[VARIANCE:.*]] = vector.extract %merged[3]
// CHECK:           %[[SUM:.*]] = arith.addf %[[VARIANCE]], %{{.*}} : f32
// CHECK:           %[[RSTD:.*]] = math.rsqrt %[[SUM]] : f32
// CHECK:           memref.store %{{.*}}, %mean[%[[GROUP:.*]]] : memref<8xf32>
// CHECK:           memref.store %[[RSTD]], %rstd[%[[GROUP]]] : memref<8xf32>
// CHECK:         %[[SCALE:.*]] = vector.load %input0[%{{.*}}] : memref<64xf32>, vector<4xf32>
// CHECK:         scf.for %item
// CHECK:           %[[N:.*]] = math.fma
// CHECK:           %[[R:.*]] = vector.load %input1[%{{.*}}] : memref<1024xf16>, vector<4xf16>
// CHECK:           %[[WIDE:.*]] = arith.extf %[[R]] : vector<4xf16> to vector<4xf32>
// CHECK:           %[[Y:.*]] = math.fma %[[N]], %[[SCALE]], %[[WIDE]] : vector<4xf32>
// CHECK:           %[[ERF:.*]] = func.call @erf4(%[[Y]]) : (vector<4xf32>) -> vector<4xf32>
// CHECK:           %[[ROUNDED:.*]] = arith.truncf %[[ERF]] : vector<4xf32> to vector<4xf16>
// CHECK:           vector.store %[[ROUNDED]], %y[

func.func @rows(%x: memref<2x16x32xf16>, %s: memref<2x32xf32>, %r: memref<2x16x32xf16>, %m: memref<2x4xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x16x32xf16>)
    outs(%x, %m, %m : memref<2x16x32xf16>, memref<2x4xf32>, memref<2x4xf32>)
    {gn.schedule = #gn.metal_schedule<threads = 64, groups = 4, chunk = 1, piece = 1>}
    epilogue(%s, %r : memref<2x32xf32>, memref<2x16x32xf16> by [#feature, #all]) {
  ^bb0(%n: f32, %a: f32, %b: f16):
    %0 = arith.extf %b : f16 to f32
    %1 = math.fma %n, %a, %0 : f32
    %2 = math.erf %1 : f32
    %3 = arith.truncf %2 : f32 to f16
    gn.yield %3 : f16
  }
  return
}

// -----

#feature = affine_map<(n, c, s) -> (n, c)>
#none = affine_map<(n, c, s) -> ()>

// Features first, all lanes of an item have one element of it; a scalar is read
// once. The merge kernel of strategy split saves the statistics.
// CHECK-LABEL: gpu.func @group_norm_merge(
// CHECK-SAME:    %mean: memref<?xf32>
// CHECK:           %[[COUNT:.*]] = vector.extract %merged[0]
// CHECK:           %[[EMPTY:.*]] = arith.cmpf oeq, %[[COUNT]], %{{.*}} : f32
// CHECK:           arith.select %[[EMPTY]], %{{.*}}, %{{.*}} : f32
// CHECK:           memref.store %{{.*}}, %mean[%group]
// CHECK-LABEL: gpu.func @group_norm_normalize(
// CHECK-SAME:    %input0: memref<?xf32>
// CHECK-SAME:    %input1: memref<1xi32>
// CHECK-SAME:    %y: memref<?xi8>
// CHECK-SAME:    %inner_positions: index
// CHECK:         %[[SCALAR:.*]] = memref.load %input1[%c0] : memref<1xi32>
// CHECK:         scf.for %item
// CHECK:           %[[S:.*]] = memref.load %input0[
// CHECK:           arith.fptosi
// CHECK:           arith.trunci

func.func @slab(%x: memref<?x16x?xf32>, %s: memref<?x16xf32>, %z: memref<i32>, %y: memref<?x16x?xi8>, %m: memref<?x4xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<?x16x?xf32>)
    outs(%y, %m, %m : memref<?x16x?xi8>, memref<?x4xf32>, memref<?x4xf32>)
    {feature_dim = 1 : i64, gn.schedule = #gn.metal_schedule<strategy = split, threads = 64, chunk = 1, piece = 1>}
    epilogue(%s, %z : memref<?x16xf32>, memref<i32> by [#feature, #none]) {
  ^bb0(%n: f32, %a: f32, %b: i32):
    %0 = arith.mulf %n, %a : f32
    %1 = arith.fptosi %0 : f32 to i32
    %2 = arith.addi %1, %b : i32
    %3 = arith.trunci %2 : i32 to i8
    gn.yield %3 : i8
  }
  return
}

// -----

// An op with two results keeps both.
// CHECK-LABEL: gpu.func @group_norm(
// CHECK:       %[[LOW:.+]], %[[CARRY:.+]] = arith.addui_extended %{{.+}}, %{{.+}} : i32, i1
// CHECK:       arith.extui %[[CARRY]] : i1 to i32
func.func @two_results(%x: memref<2x16x32xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x16x32xf32>) outs(%x : memref<2x16x32xf32>) epilogue {
  ^bb0(%n: f32):
    %i = arith.fptosi %n : f32 to i32
    %low, %carry = arith.addui_extended %i, %i : i32, i1
    %c = arith.extui %carry : i1 to i32
    %r = arith.sitofp %c : i32 to f32
    gn.yield %r : f32
  }
  return
}
