// Dynamic sizes that are those of the first argument.

// RUN: groupnorm-opt %s --split-input-file --gn-emit-c-interface="arguments=x,y:1,z:0+1" -verify-diagnostics | FileCheck %s

// CHECK-LABEL: func.func @shared(
// CHECK-SAME:    {name = "x", sizes = array<i64: 0, 1>, type = memref<?x?xf32>, written = false}
// CHECK-SAME:    {name = "y", sizes = array<i64: -1, 1>, type = memref<3x?xf32>, written = false}
// CHECK-SAME:    {name = "z", sizes = array<i64: 0, 1>, type = memref<?x?xf16>, written = false}
// CHECK-SAME:    num_sizes = 2
func.func @shared(%x: memref<?x?xf32>, %y: memref<3x?xf32>, %z: memref<?x?xf16>) {
  return
}

// -----

// expected-error @below {{'func.func' op has argument 1 of type 'memref<?x?xf32>', whose dynamic sizes cannot be those of the dimensions '1' of argument 0}}
func.func @too_few(%x: memref<?x?x4xf32>, %y: memref<?x?xf32>) {
  return
}

// -----

// expected-error @below {{'func.func' op has argument 1 of type 'memref<?xf16>', whose dynamic sizes cannot be those of the dimensions '1' of argument 0}}
func.func @not_dynamic(%x: memref<?x4xf32>, %y: memref<?xf16>) {
  return
}
