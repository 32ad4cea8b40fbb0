// RUN: groupnorm-opt %s --split-input-file --gn-hoist-stack-buffers=max-bytes=1024 | FileCheck %s

// Sequential loops share one buffer, in the entry of the function.
// CHECK-LABEL: func.func @sequential
// CHECK-NEXT:    %[[A:.*]] = memref.alloca() {alignment = 64 : i64} : memref<16xf32>
// CHECK-NEXT:    %[[B:.*]] = memref.alloca() : memref<8xf32>
// CHECK-NEXT:    affine.for
// CHECK-NEXT:      affine.for
// CHECK-NEXT:        affine.store %{{.*}}, %[[A]][0]
// CHECK-NEXT:        affine.store %{{.*}}, %[[B]][0]
func.func @sequential(%v: f32) {
  affine.for %i = 0 to 4 {
    affine.for %j = 0 to 4 {
      %a = memref.alloca() {alignment = 64 : i64} : memref<16xf32>
      %b = memref.alloca() : memref<8xf32>
      affine.store %v, %a[0] : memref<16xf32>
      affine.store %v, %b[0] : memref<8xf32>
    }
  }
  return
}

// -----

// A loop that may still become parallel keeps its buffers.
// CHECK-LABEL: func.func @parallel
// CHECK-NOT:     memref.alloca
// CHECK:         affine.parallel
// CHECK-NEXT:      memref.alloca
// CHECK:         scf.parallel
// CHECK-NEXT:      memref.alloca
func.func @parallel(%v: f32, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  affine.parallel (%i) = (0) to (4) {
    %a = memref.alloca() : memref<16xf32>
    affine.store %v, %a[0] : memref<16xf32>
  }
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %a = memref.alloca() : memref<16xf32>
    affine.store %v, %a[0] : memref<16xf32>
  }
  return
}

// -----

// A thread has its own; the scope that is empty then goes away.
// CHECK-LABEL: func.func @threads
// CHECK:         omp.parallel {
// CHECK-NEXT:      %[[A:.*]] = memref.alloca() : memref<16xf32>
// CHECK-NEXT:      omp.wsloop {
// CHECK-NEXT:        omp.loop_nest
// CHECK-NOT:           memref.alloca_scope
// CHECK:               memref.store %{{.*}}, %[[A]]
// CHECK-NOT:           memref.alloca_scope
// CHECK:           omp.terminator
func.func @threads(%v: f32, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  omp.parallel {
    omp.wsloop {
      omp.loop_nest (%i) : index = (%c0) to (%n) step (%c1) {
        memref.alloca_scope {
          %a = memref.alloca() : memref<16xf32>
          memref.store %v, %a[%c0] : memref<16xf32>
        }
        omp.yield
      }
    }
    omp.terminator
  }
  return
}

// -----

// A size that only an iteration knows stays in its scope.
// CHECK-LABEL: func.func @dynamic
// CHECK-NOT:     memref.alloca
// CHECK:         scf.for
// CHECK-NEXT:      memref.alloca_scope
// CHECK-NEXT:        memref.alloca(%{{.*}}) : memref<?xf32>
func.func @dynamic(%v: f32, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    memref.alloca_scope {
      %a = memref.alloca(%i) : memref<?xf32>
      memref.store %v, %a[%c0] : memref<?xf32>
    }
  }
  return
}

// -----

// 1024 bytes stay on the stack, more go to the heap.
// CHECK-LABEL: func.func @large
// CHECK-NEXT:    %[[HEAP:.*]] = memref.alloc() {alignment = 64 : i64} : memref<257xf32>
// CHECK-NEXT:    %[[STACK:.*]] = memref.alloca() {alignment = 64 : i64} : memref<256xf32>
// CHECK:         memref.dealloc %[[HEAP]]
// CHECK-NEXT:    return
func.func @large(%v: f32) {
  affine.for %i = 0 to 4 {
    %a = memref.alloca() {alignment = 64 : i64} : memref<257xf32>
    %b = memref.alloca() {alignment = 64 : i64} : memref<256xf32>
    affine.store %v, %a[0] : memref<257xf32>
    affine.store %v, %b[0] : memref<256xf32>
  }
  return
}
