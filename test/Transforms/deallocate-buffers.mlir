// RUN: groupnorm-opt %s --split-input-file --gn-deallocate-buffers | FileCheck %s

// CHECK-LABEL: func.func @allocates
// CHECK:         %[[A:.*]] = memref.alloc() : memref<8xf32>
// CHECK:         memref.dealloc %[[A]]
func.func private @use(memref<8xf32>)
func.func @allocates(%v: f32) {
  %c0 = arith.constant 0 : index
  %a = memref.alloc() : memref<8xf32>
  memref.store %v, %a[%c0] : memref<8xf32>
  call @use(%a) : (memref<8xf32>) -> ()
  return
}

// -----

// CHECK-LABEL: func.func @frees
// CHECK-COUNT-1: memref.dealloc
// CHECK-NOT:   memref.dealloc
func.func @frees(%v: f32) {
  %c0 = arith.constant 0 : index
  %a = memref.alloc() : memref<8xf32>
  memref.store %v, %a[%c0] : memref<8xf32>
  memref.dealloc %a : memref<8xf32>
  return
}
