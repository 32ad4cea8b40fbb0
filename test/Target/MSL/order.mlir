// What reads memory, or exchanges values, is said where its value is used only
// if it then runs as often as before and finds the same.

// RUN: groupnorm-translate %s -mlir-to-msl | FileCheck %s

gpu.module @kernels {
  // CHECK-LABEL: kernel void before_stores(
  // CHECK:      const float v = arg0[0];
  // CHECK-NEXT: arg0[0] = arg1;
  // CHECK-NEXT: arg0[1] = v;
  // Nothing is written between these two.
  // CHECK-NEXT: arg0[2] = arg0[3];
  gpu.func @before_stores(%x: memref<8xf32>, %a: f32) kernel {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c3 = arith.constant 3 : index
    %old = memref.load %x[%c0] : memref<8xf32>
    memref.store %a, %x[%c0] : memref<8xf32>
    memref.store %old, %x[%c1] : memref<8xf32>
    %other = memref.load %x[%c3] : memref<8xf32>
    memref.store %other, %x[%c2] : memref<8xf32>
    gpu.return
  }

  // The bounds and the step of a loop: its body may write to where they lie.
  // CHECK-LABEL: kernel void of_loops(
  // CHECK:      const uint [[BOUND:v.*]] = arg0[1];
  // CHECK-NEXT: const uint [[STEP:v.*]] = arg0[2];
  // CHECK-NEXT: for (uint i = arg0[0]; i < [[BOUND]]; i += [[STEP]]) {
  // CHECK-NEXT:   arg0[i] = i;
  // CHECK-NEXT: }
  gpu.func @of_loops(%x: memref<8xindex>) kernel {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %bound = memref.load %x[%c1] : memref<8xindex>
    %step = memref.load %x[%c2] : memref<8xindex>
    %first = memref.load %x[%c0] : memref<8xindex>
    scf.for %i = %first to %bound step %step {
      memref.store %i, %x[%i] : memref<8xindex>
    }
    gpu.return
  }

  // Of a select only one side is evaluated; all threads must reach a shuffle.
  // CHECK-LABEL: kernel void of_selects(
  // CHECK:      const float [[OTHER:v.*]] = simd_shuffle_xor(arg1, 16u);
  // CHECK-NEXT: arg0[0] = arg2 ? [[OTHER]] : arg1;
  gpu.func @of_selects(%x: memref<8xf32>, %a: f32, %b: i1) kernel {
    %c0 = arith.constant 0 : index
    %c16 = arith.constant 16 : i32
    %c32 = arith.constant 32 : i32
    %other, %valid = gpu.shuffle xor %a, %c16, %c32 : f32
    %chosen = arith.select %b, %other, %a : f32
    memref.store %chosen, %x[%c0] : memref<8xf32>
    gpu.return
  }
}
