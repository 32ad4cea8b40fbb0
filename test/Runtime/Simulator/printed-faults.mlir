// Faults seeded into kernels that this project prints, one at a time: the check
// finds each of them where it is, and nothing in the kernels as they are.

// REQUIRES: numpy
// RUN: rm -rf %t && mkdir %t
// RUN: groupnorm-opt %s -convert-gn-to-gpu -prepare-for-msl -o %t/gpu.mlir
// RUN: groupnorm-translate -mlir-to-msl %t/gpu.mlir -o %t/kernels.metal
// RUN: groupnorm-translate -mlir-to-msl-launch %t/gpu.mlir -o %t/launch.json
// RUN: %python %S/Inputs/mutate.py %t | FileCheck %s

// The numbers of faults follow the kernels: all of a kind must be found.
// CHECK-NOT: not found
// CHECK:      single: unbroken: 0 findings
// CHECK-NEXT: single: delete a barrier: [[N:[0-9]+]] of [[N]]
// CHECK-NEXT: single: put a simd operation under a branch: [[N:[0-9]+]] of [[N]]
// CHECK-NEXT: single: read memory that nobody wrote: [[N:[0-9]+]] of [[N]]
// CHECK-NEXT: single: shift an index by one: [[N:[0-9]+]] of [[N]], {{[0-9]+}} by a wrong result
// CHECK-NEXT: single: shrink a buffer: [[N:[0-9]+]] of [[N]]
// CHECK-NEXT: looped: unbroken: 0 findings
// CHECK-NEXT: looped: delete a barrier: [[N:[0-9]+]] of [[N]]
// CHECK-NEXT: looped: put a simd operation under a branch: [[N:[0-9]+]] of [[N]]
// CHECK-NEXT: looped: read memory that nobody wrote: [[N:[0-9]+]] of [[N]]
// CHECK-NEXT: looped: shift an index by one: [[N:[0-9]+]] of [[N]], {{[0-9]+}} by a wrong result
// CHECK-NEXT: looped: shrink a buffer: [[N:[0-9]+]] of [[N]]
// CHECK-NEXT: split: unbroken: 0 findings
// CHECK-NEXT: split: delete a barrier: [[N:[0-9]+]] of [[N]]
// CHECK-NEXT: split: put a simd operation under a branch: [[N:[0-9]+]] of [[N]]
// CHECK-NEXT: split: read memory that nobody wrote: [[N:[0-9]+]] of [[N]]
// CHECK-NEXT: split: shift an index by one: [[N:[0-9]+]] of [[N]], {{[0-9]+}} by a wrong result
// CHECK-NEXT: split: shrink a buffer: [[N:[0-9]+]] of [[N]]

func.func @single(%x: memref<2x16x64xf32>, %gamma: memref<64xf32>, %beta: memref<64xf32>, %y: memref<2x16x64xf32>) {
  gn.group_norm num_groups(8) ins(%x, %gamma, %beta : memref<2x16x64xf32>, memref<64xf32>, memref<64xf32>) outs(%y : memref<2x16x64xf32>)
    {gn.schedule = #gn.metal_schedule<strategy = single, threads = 64, groups = 8>}
  return
}

func.func @looped(%x: memref<2x100x32xf16>, %gamma: memref<32xf16>, %beta: memref<32xf16>, %y: memref<2x100x32xf16>) {
  gn.group_norm num_groups(4) ins(%x, %gamma, %beta : memref<2x100x32xf16>, memref<32xf16>, memref<32xf16>) outs(%y : memref<2x100x32xf16>)
    {gn.schedule = #gn.metal_schedule<strategy = looped, threads = 64, groups = 4, chunk = 2>}
  return
}

func.func @split(%x: memref<2x100x32xf32>, %gamma: memref<32xf32>, %beta: memref<32xf32>, %y: memref<2x100x32xf32>) {
  gn.group_norm num_groups(4) ins(%x, %gamma, %beta : memref<2x100x32xf32>, memref<32xf32>, memref<32xf32>) outs(%y : memref<2x100x32xf32>)
    {gn.schedule = #gn.metal_schedule<strategy = split, threads = 64, groups = 4, chunk = 2, piece = 4>}
  return
}
