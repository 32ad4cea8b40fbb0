// RUN: groupnorm-opt %s --gn-hoist-stack-buffers | FileCheck %s

// A scope whose buffer has left goes too; its value stays. The call, of which
// nothing is known, does not hold it back.
// CHECK-LABEL: func.func @emptied
// CHECK-NEXT: memref.alloca
// CHECK-NOT: memref.alloca_scope
// CHECK: scf.for
// CHECK-NOT: memref.alloca_scope
// CHECK: func.call @unknown
// CHECK-NEXT: [[VALUE:%.*]] = arith.constant 1.0
// CHECK-NEXT: memref.store [[VALUE]]
func.func private @unknown()
func.func @emptied(%out: memref<8xf32>, %low: index, %high: index, %step: index) {
  scf.for %i = %low to %high step %step {
    %value = memref.alloca_scope -> (f32) {
      %buffer = memref.alloca() : memref<8xf32>
      func.call @unknown() : () -> ()
      %one = arith.constant 1.0 : f32
      memref.alloca_scope.return %one : f32
    }
    memref.store %value, %out[%i] : memref<8xf32>
  }
  return
}

// A buffer whose size an iteration decides keeps its scope.
// CHECK-LABEL: func.func @kept
// CHECK: scf.for
// CHECK-NEXT: memref.alloca_scope
// CHECK-NEXT: memref.alloca(
func.func @kept(%low: index, %high: index, %step: index) {
  scf.for %i = %low to %high step %step {
    memref.alloca_scope {
      %buffer = memref.alloca(%i) : memref<?xf32>
      func.call @unknown() : () -> ()
    }
  }
  return
}
