// RUN: groupnorm-opt %s --gn-mark-in-place --split-input-file | FileCheck %s

// An input of the epilogue that has an element for each of x's; not one that
// has other elements, or another type.
// CHECK-LABEL: func.func @norm(
// CHECK-SAME:    %{{[a-z0-9]*}}: memref<2x4x4x8xf32>, %{{[a-z0-9]*}}: memref<2x4x4x8xf32>, %{{[a-z0-9]*}}: memref<2x4x4x8xf16>,
// CHECK-SAME:    %{{[a-z0-9]*}}: memref<2x4x4x8xf32> {gn.may_be = array<i64: 0, 1>}) {
#same = affine_map<(n, h, w, c) -> (n, h, w, c)>
func.func @norm(%x: memref<2x4x4x8xf32>, %r: memref<2x4x4x8xf32>, %h: memref<2x4x4x8xf16>, %y: memref<2x4x4x8xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x4x4x8xf32>) outs(%y : memref<2x4x4x8xf32>)
    epilogue(%r, %h : memref<2x4x4x8xf32>, memref<2x4x4x8xf16> by [#same, #same]) {
  ^bb0(%n: f32, %a: f32, %b: f16):
    %0 = arith.addf %n, %a : f32
    gn.yield %0 : f32
  }
  return
}

// -----

// CHECK-LABEL: func.func @types(
// CHECK-NOT:     may_be
func.func @types(%x: memref<2x4x8xf32>, %y: memref<2x4x8xf16>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x4x8xf32>) outs(%y : memref<2x4x8xf16>)
  return
}

// -----

// x is needed once more.
// CHECK-LABEL: func.func @later(
// CHECK-NOT:     may_be
func.func @later(%x: memref<2x4x8xf32>, %y: memref<2x4x8xf32>, %z: memref<2x4x8xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x4x8xf32>) outs(%y : memref<2x4x8xf32>)
  memref.copy %x, %z : memref<2x4x8xf32> to memref<2x4x8xf32>
  return
}

// -----

// y is written twice.
// CHECK-LABEL: func.func @twice(
// CHECK-NOT:     may_be
func.func @twice(%x: memref<2x4x8xf32>, %y: memref<2x4x8xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x4x8xf32>) outs(%y : memref<2x4x8xf32>)
  gn.group_norm num_groups(4) ins(%x : memref<2x4x8xf32>) outs(%y : memref<2x4x8xf32>)
  return
}

// -----

// A view of x, which may be read later.
// CHECK-LABEL: func.func @view(
// CHECK-NOT:     may_be
func.func @view(%x: memref<2x4x8xf32>, %y: memref<2x4x8xf32>, %z: memref<8x8xf32>) {
  %v = memref.collapse_shape %x [[0, 1], [2]] : memref<2x4x8xf32> into memref<8x8xf32>
  gn.group_norm num_groups(4) ins(%x : memref<2x4x8xf32>) outs(%y : memref<2x4x8xf32>)
  memref.copy %v, %z : memref<8x8xf32> to memref<8x8xf32>
  return
}

// -----

// Statistics that are there before y is written.
// CHECK-LABEL: func.func @halves(
// CHECK-SAME:    %{{[a-z0-9]*}}: memref<2x4x8xf32> {gn.may_be = array<i64: 0>}) {
func.func @halves(%x: memref<2x4x8xf32>, %n: memref<2x4xf64>, %m: memref<2x4xf64>, %s: memref<2x4xf64>, %y: memref<2x4x8xf32>) {
  gn.group_stats num_groups(4) ins(%x : memref<2x4x8xf32>) outs(%n, %m, %s : memref<2x4xf64>, memref<2x4xf64>, memref<2x4xf64>)
  gn.group_normalize num_groups(4) ins(%x, %n, %m, %s : memref<2x4x8xf32>, memref<2x4xf64>, memref<2x4xf64>, memref<2x4xf64>) outs(%y : memref<2x4x8xf32>)
  return
}
