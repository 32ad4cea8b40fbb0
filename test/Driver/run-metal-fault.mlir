// Kernels of somebody's own, with a fault: the checks of the simulator find it,
// and nothing is written.

// RUN: rm -rf %t && mkdir %t && cd %t
// RUN: %python %inputs/make_npy.py x.npy 64
// RUN: not groupnorm run %s --target metal --checked --input x.npy -o y.npy 2>&1 | FileCheck %s
// RUN: not ls y.npy
// RUN: groupnorm emit %s --target metal --emit=msl | FileCheck %s --check-prefix=TEXT

// CHECK:      {{^}}reverse.metal:[[#LINE:]]: uninitialized read: {{.*}} reads threadgroup 'shared'
// CHECK-NEXT: {{^}}reverse.metal:[[#LINE-1]]: data race: {{.*}} writes threadgroup 'shared'{{.*}}, which {{.*}} reads with no barrier between (line [[#LINE]])
// CHECK-NEXT: {{^}}reverse.metal:[[#LINE]]: data race: {{.*}} reads threadgroup 'shared'
// CHECK-NEXT: {{^}}groupnorm: error: the checks of the simulator found 3 faults in the kernels{{$}}
// TEXT:       kernel void reverse_kernel(
// TEXT:       shared[thread_position_in_threadgroup.x] =
// TEXT-NEXT:  y[thread_position_in_threadgroup.x] = shared[63 - thread_position_in_threadgroup.x];

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @reverse_kernel(%x: memref<64xf32> {gn.name = "x"}, %y: memref<64xf32> {gn.name = "y"})
        workgroup(%shared: memref<64xf32, #gpu.address_space<workgroup>> {gn.name = "shared"})
        kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
      %last = arith.constant 63 : index
      %i = gpu.thread_id x
      %value = memref.load %x[%i] : memref<64xf32>
      memref.store %value, %shared[%i] : memref<64xf32, #gpu.address_space<workgroup>>
      // Here a gpu.barrier is missing.
      %j = arith.subi %last, %i : index
      %other = memref.load %shared[%j] : memref<64xf32, #gpu.address_space<workgroup>>
      memref.store %other, %y[%i] : memref<64xf32>
      gpu.return
    }
  }
  func.func @reverse(%x: memref<64xf32>, %y: memref<64xf32>) {
    %one = arith.constant 1 : index
    %threads = arith.constant 64 : index
    gpu.launch_func @kernels::@reverse_kernel
      blocks in (%one, %one, %one) threads in (%threads, %one, %one)
      args(%x : memref<64xf32>, %y : memref<64xf32>)
    return
  }
}
