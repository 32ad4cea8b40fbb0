// Parallel loops become OpenMP's, or plain ones without a trace of OpenMP.

// RUN: groupnorm-opt %s --gn-affine-to-llvm=threads=1 | FileCheck %s --check-prefixes=CHECK,SERIAL
// RUN: groupnorm-opt %s --gn-affine-to-llvm=threads=0 | FileCheck %s --check-prefixes=CHECK,OPENMP,ANY
// RUN: groupnorm-opt %s --gn-affine-to-llvm=threads=3 | FileCheck %s --check-prefixes=CHECK,OPENMP,THREE

// CHECK-LABEL: llvm.func @rows
// SERIAL-NOT:    omp
// The buffer of an iteration is allocated once, in the entry.
// SERIAL:        llvm.alloca %{{.*}} x f32 {alignment = 64 : i64}
// SERIAL:        llvm.br
// SERIAL-NOT:    llvm.alloca
// SERIAL-NOT:    omp
// THREE:         %[[T:.*]] = llvm.mlir.constant(3 : i32) : i32
// THREE:         omp.parallel num_threads(%[[T]] : i32) {
// ANY:           omp.parallel {
// OPENMP:          llvm.alloca %{{.*}} x f32 {alignment = 64 : i64}
// OPENMP:          omp.wsloop {
// OPENMP-NEXT:       omp.loop_nest
// OPENMP-NOT:        llvm.alloca
// OPENMP-NOT:        llvm.intr.stacksave
// CHECK:             llvm.load %{{.*}} {alignment = 4 : i64} : !llvm.ptr -> vector<16xf32>
// CHECK:             llvm.intr.fma
// CHECK-NOT:     unrealized_conversion_cast
func.func @rows(%x: memref<64x4x4x2xf32>, %y: memref<64x32xf32>) {
  %flat = memref.collapse_shape %x [[0], [1, 2, 3]] : memref<64x4x4x2xf32> into memref<64x32xf32>
  affine.parallel (%i) = (0) to (64) {
    %buffer = memref.alloca() {alignment = 64 : i64} : memref<32xf32>
    affine.for %j = 0 to 32 step 16 {
      %v = affine.vector_load %flat[%i, %j] : memref<64x32xf32>, vector<16xf32>
      affine.vector_store %v, %buffer[%j] : memref<32xf32>, vector<16xf32>
    }
    affine.for %j = 0 to 32 step 16 {
      %v = affine.vector_load %buffer[31 - %j - 15] : memref<32xf32>, vector<16xf32>
      %w = math.fma %v, %v, %v : vector<16xf32>
      affine.vector_store %w, %y[%i, %j] : memref<64x32xf32>, vector<16xf32>
    }
  }
  return
}

// Branches within an iteration, around what may not be moved.
// CHECK-LABEL: llvm.func @branches
// CHECK:         llvm.cond_br
// CHECK:         llvm.call_intrinsic "llvm.x86.sse.sfence"
func.func @branches(%x: memref<64xf32>, %flag: i1) {
  affine.parallel (%i) = (0) to (64) {
    scf.if %flag {
      llvm.call_intrinsic "llvm.x86.sse.sfence"() : () -> ()
    }
  }
  return
}
