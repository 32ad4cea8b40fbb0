// RUN: groupnorm-opt %s --split-input-file --gn-pack-scratch --verify-diagnostics | FileCheck %s

// Offsets are multiples of 64: 3 x f64 takes 24 bytes, 20 x f32 takes 80.
// CHECK-LABEL: func.func @three(
// CHECK-SAME:      %{{.*}}: f32, %[[SCRATCH:.*]]: memref<320xi8>)
// CHECK-DAG:     %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG:     %[[C64:.*]] = arith.constant 64 : index
// CHECK-DAG:     %[[C192:.*]] = arith.constant 192 : index
// CHECK-DAG:     memref.view %[[SCRATCH]][%[[C0]]][] : memref<320xi8> to memref<3xf64>
// CHECK-DAG:     memref.view %[[SCRATCH]][%[[C64]]][] : memref<320xi8> to memref<4x5xf32>
// CHECK-DAG:     memref.view %[[SCRATCH]][%[[C192]]][] : memref<320xi8> to memref<32xf32>
// CHECK-NOT:     memref.alloc
// CHECK-NOT:     memref.dealloc
// CHECK:         return
func.func @three(%v: f32) {
  %a = memref.alloc() {alignment = 64 : i64} : memref<3xf64>
  %b = memref.alloc() : memref<4x5xf32>
  %c = memref.alloc() : memref<32xf32>
  affine.store %v, %b[0, 0] : memref<4x5xf32>
  affine.store %v, %c[0] : memref<32xf32>
  memref.dealloc %a : memref<3xf64>
  memref.dealloc %b : memref<4x5xf32>
  memref.dealloc %c : memref<32xf32>
  return
}

// -----

// CHECK-LABEL: func.func @none(%{{[^,]*}}: f32) {
func.func @none(%v: f32) {
  return
}

// -----

// What has a size of the call, an alignment of its own, or belongs to a loop
// stays.
// CHECK-LABEL: func.func @others(%{{.*}}: index)
// CHECK-NEXT:    memref.alloc(%{{.*}}) : memref<?xf32>
// CHECK-NEXT:    memref.alloc() {alignment = 4096 : i64} : memref<8xf32>
// CHECK:         affine.for
// CHECK-NEXT:      memref.alloc() : memref<8xf32>
func.func @others(%n: index) {
  %a = memref.alloc(%n) : memref<?xf32>
  %b = memref.alloc() {alignment = 4096 : i64} : memref<8xf32>
  affine.for %i = 0 to 4 {
    %c = memref.alloc() : memref<8xf32>
    memref.dealloc %c : memref<8xf32>
  }
  memref.dealloc %a : memref<?xf32>
  memref.dealloc %b : memref<8xf32>
  return
}

// -----

func.func @huge() {
  // expected-error @below {{'memref.alloc' op makes the scratch memory larger than an address}}
  %a = memref.alloc() : memref<1152921504606846975xf64>
  return
}
