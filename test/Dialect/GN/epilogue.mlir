// Epilogues and saved statistics survive printing and parsing, in the custom
// and in the generic syntax, and in bytecode; then how they are simplified.

// RUN: groupnorm-opt %s | groupnorm-opt | FileCheck %s
// RUN: groupnorm-opt %s --mlir-print-op-generic | groupnorm-opt | FileCheck %s
// RUN: groupnorm-opt %s --emit-bytecode | groupnorm-opt | FileCheck %s
// RUN: groupnorm-opt %s --canonicalize | FileCheck %s --check-prefix=CANON

// CHECK-DAG: #[[$FEATURE:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d3)>
// CHECK-DAG: #[[$ALL:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
// CHECK-DAG: #[[$NONE:.*]] = affine_map<(d0, d1, d2) -> ()>

// CHECK-LABEL: func.func @inputs_and_statistics(
// CHECK-SAME:    %[[X:.*]]: tensor<2x4x4x8xf16>, %[[SCALE:.*]]: tensor<2x8xf32>, %[[R:.*]]: tensor<2x4x4x8xf16>, %[[INIT:.*]]: tensor<2x4x4x8xf16>, %[[M:.*]]: tensor<2x2xf32>, %[[D:.*]]: tensor<2x2xf32>)
// CHECK-NEXT:    %[[Y:.*]]:3 = gn.group_norm num_groups(2) ins(%[[X]] : tensor<2x4x4x8xf16>) outs(%[[INIT]], %[[M]], %[[D]] : tensor<2x4x4x8xf16>, tensor<2x2xf32>, tensor<2x2xf32>) {epsilon = 2.500000e-01 : f64} epilogue(%[[SCALE]], %[[R]] : tensor<2x8xf32>, tensor<2x4x4x8xf16> by [#[[$FEATURE]], #[[$ALL]]]) {
// CHECK-NEXT:    ^bb0(%[[N:.*]]: f32, %[[S:.*]]: f32, %[[E:.*]]: f16):
// CHECK-NEXT:      %[[WIDE:.*]] = arith.extf %[[E]] : f16 to f32
// CHECK-NEXT:      %[[SUM:.*]] = math.fma %[[N]], %[[S]], %[[WIDE]] : f32
// CHECK-NEXT:      %[[H:.*]] = arith.truncf %[[SUM]] : f32 to f16
// CHECK-NEXT:      gn.yield %[[H]] : f16
// CHECK-NEXT:    } -> tensor<2x4x4x8xf16>, tensor<2x2xf32>, tensor<2x2xf32>
// CHECK-NEXT:    return %[[Y]]#0, %[[Y]]#1, %[[Y]]#2
func.func @inputs_and_statistics(
    %x: tensor<2x4x4x8xf16>, %scale: tensor<2x8xf32>, %r: tensor<2x4x4x8xf16>,
    %init: tensor<2x4x4x8xf16>, %mean: tensor<2x2xf32>, %rstd: tensor<2x2xf32>)
    -> (tensor<2x4x4x8xf16>, tensor<2x2xf32>, tensor<2x2xf32>) {
  %y:3 = gn.group_norm num_groups(2) ins(%x : tensor<2x4x4x8xf16>)
    outs(%init, %mean, %rstd : tensor<2x4x4x8xf16>, tensor<2x2xf32>, tensor<2x2xf32>) {epsilon = 0.25}
    epilogue(%scale, %r : tensor<2x8xf32>, tensor<2x4x4x8xf16>
             by [affine_map<(n, h, w, c) -> (n, c)>, affine_map<(n, h, w, c) -> (n, h, w, c)>]) {
  ^bb0(%n: f32, %s: f32, %e: f16):
    %0 = arith.extf %e : f16 to f32
    %1 = math.fma %n, %s, %0 : f32
    %2 = arith.truncf %1 : f32 to f16
    gn.yield %2 : f16
  } -> tensor<2x4x4x8xf16>, tensor<2x2xf32>, tensor<2x2xf32>
  return %y#0, %y#1, %y#2 : tensor<2x4x4x8xf16>, tensor<2x2xf32>, tensor<2x2xf32>
}

// The element type of the result may be an integer, an input a scalar, and
// statistics go without an epilogue; gn.group_normalize has one too.
// CHECK-LABEL: func.func @memrefs(
// CHECK:         gn.group_norm num_groups(2) ins(%{{.*}} : memref<?x4x8xf64>) outs(%{{.*}}, %{{.*}}, %{{.*}} : memref<?x4x8xf32>, memref<?x2xf64>, memref<?x2xf64>){{$}}
// CHECK:         gn.group_norm num_groups(2) ins(%{{.*}} : memref<?x4x8xf64>) outs(%{{.*}} : memref<?x4x8xi8>) epilogue(%{{.*}} : memref<i32> by [#[[$NONE]]]) {
// CHECK-NEXT:    ^bb0(%{{.*}}: f64, %{{.*}}: i32):
// CHECK:           gn.yield %{{.*}} : i8
// CHECK:         gn.group_normalize num_groups(2) ins(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : memref<?x4x8xf64>, memref<?x2xf64>, memref<?x2xf64>, memref<?x2xf64>) outs(%{{.*}} : memref<?x4x8xf32>) epilogue {
// CHECK-NEXT:    ^bb0(%{{.*}}: f64):
func.func @memrefs(%x: memref<?x4x8xf64>, %y: memref<?x4x8xf32>, %q: memref<?x4x8xi8>,
                   %s: memref<?x2xf64>, %zero: memref<i32>) {
  gn.group_norm num_groups(2) ins(%x : memref<?x4x8xf64>)
    outs(%y, %s, %s : memref<?x4x8xf32>, memref<?x2xf64>, memref<?x2xf64>)
  gn.group_norm num_groups(2) ins(%x : memref<?x4x8xf64>) outs(%q : memref<?x4x8xi8>)
    epilogue(%zero : memref<i32> by [affine_map<(n, s, c) -> ()>]) {
  ^bb0(%n: f64, %z: i32):
    %0 = arith.fptosi %n : f64 to i32
    %1 = arith.addi %0, %z : i32
    %2 = arith.trunci %1 : i32 to i8
    gn.yield %2 : i8
  }
  gn.group_normalize num_groups(2)
    ins(%x, %s, %s, %s : memref<?x4x8xf64>, memref<?x2xf64>, memref<?x2xf64>, memref<?x2xf64>)
    outs(%y : memref<?x4x8xf32>) epilogue {
  ^bb0(%n: f64):
    %0 = math.tanh %n : f64
    %1 = arith.truncf %0 : f64 to f32
    gn.yield %1 : f32
  }
  return
}

// An input that nobody looks at goes, with its map; then an epilogue that only
// rounds, as no epilogue does.
// CANON-LABEL: func.func @unused_input(
// CANON-SAME:    %[[X:.*]]: tensor<2x4x8xf32>, %{{.*}}: tensor<2x8xf32>, %[[S:.*]]: tensor<8xf32>,
// CANON:         gn.group_norm {{.*}} epilogue(%[[S]] : tensor<8xf32> by [#{{.*}}]) {
// CANON-NEXT:    ^bb0(%[[N:.*]]: f32, %[[E:.*]]: f32):
// CANON-NEXT:      %[[P:.*]] = arith.mulf %[[N]], %[[E]] : f32
func.func @unused_input(%x: tensor<2x4x8xf32>, %t: tensor<2x8xf32>, %s: tensor<8xf32>,
                        %init: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%init : tensor<2x4x8xf32>)
    epilogue(%t, %s : tensor<2x8xf32>, tensor<8xf32>
             by [affine_map<(n, s, c) -> (n, c)>, affine_map<(n, s, c) -> (c)>]) {
  ^bb0(%n: f32, %e: f32, %f: f32):
    %0 = arith.mulf %n, %f : f32
    gn.yield %0 : f32
  } -> tensor<2x4x8xf32>
  return %y : tensor<2x4x8xf32>
}

// CANON-LABEL: func.func @only_rounds(
// CANON:         gn.group_norm num_groups(2) ins(%{{.*}} : tensor<2x4x8xf32>) outs(%{{.*}} : tensor<2x4x8xf16>) -> tensor<2x4x8xf16>
func.func @only_rounds(%x: tensor<2x4x8xf32>, %t: tensor<2x8xf32>,
                       %init: tensor<2x4x8xf16>) -> tensor<2x4x8xf16> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%init : tensor<2x4x8xf16>)
    epilogue(%t : tensor<2x8xf32> by [affine_map<(n, s, c) -> (n, c)>]) {
  ^bb0(%n: f32, %e: f32):
    %0 = arith.truncf %n : f32 to f16
    gn.yield %0 : f16
  } -> tensor<2x4x8xf16>
  return %y : tensor<2x4x8xf16>
}

// CANON-LABEL: func.func @rounds_otherwise(
// CANON:         gn.group_norm {{.*}} epilogue {
// CANON-NEXT:    ^bb0(%[[N:.*]]: f32):
// CANON-NEXT:      arith.truncf %[[N]] toward_zero : f32 to f16
func.func @rounds_otherwise(%x: tensor<2x4x8xf32>, %init: tensor<2x4x8xf16>) -> tensor<2x4x8xf16> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%init : tensor<2x4x8xf16>)
    epilogue {
  ^bb0(%n: f32):
    %0 = arith.truncf %n toward_zero : f32 to f16
    gn.yield %0 : f16
  } -> tensor<2x4x8xf16>
  return %y : tensor<2x4x8xf16>
}
