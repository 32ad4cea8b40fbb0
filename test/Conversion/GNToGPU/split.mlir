// Strategy split: statistics of pieces into a scratch buffer, their merge, and
// the normalization.

// RUN: groupnorm-opt %s -convert-gn-to-gpu -canonicalize -mlir-use-nameloc-as-prefix -split-input-file | FileCheck %s

// CHECK-LABEL: gpu.func @group_norm_statistics(
// CHECK-SAME:    %x: memref<16384xf32>
// CHECK-SAME:    %partial: memref<32xvector<4xf32>> {gn.name = "partial", gn.role = "scratch"})
// CHECK:         %piece = gpu.block_id y
// CHECK:         %begin = arith.muli %piece, %c64
// CHECK:         %end = arith.minui
// CHECK:         scf.for %item = %begin to %whole step %c16 {
// CHECK:           memref.store %merged, %partial[
// CHECK-LABEL: gpu.func @group_norm_merge(
// CHECK-SAME:    %partial: memref<32xvector<4xf32>>
// CHECK-SAME:    %statistics: memref<4xvector<4xf32>>
// CHECK-SAME:    known_block_size = array<i32: 32, 1, 1>
// CHECK:         %group = gpu.block_id x
// CHECK:         %of_lane = scf.if
// CHECK:           memref.load %partial[
// CHECK:         %merged = func.call @merge_simdgroup(%of_lane)
// CHECK:         memref.store %merged, %statistics[%group]
// CHECK-LABEL: gpu.func @group_norm_normalize(
// CHECK-SAME:    %x: memref<16384xf32>
// CHECK-SAME:    %statistics: memref<4xvector<4xf32>>
// CHECK-SAME:    %gamma: memref<32xf32>
// CHECK-SAME:    %beta: memref<32xf32>
// CHECK-SAME:    %y: memref<16384xf32>
// CHECK:         gpu.barrier
// CHECK:         } {gn.role = "scale and bias"}
// CHECK:         gpu.barrier
// CHECK:         vector.store %{{.*}}, %y[

// CHECK-LABEL: func.func @static(
// CHECK:         %[[PARTIAL:.*]] = memref.alloc() : memref<32xvector<4xf32>>
// CHECK:         %[[STATISTICS:.*]] = memref.alloc() : memref<4xvector<4xf32>>
// CHECK:         gpu.launch_func @group_norm_kernels::@group_norm_statistics blocks in (%c1, %c8, %c1) threads in (%c64, %c1, %c1) args(%[[X:.*]] : memref<16384xf32>, %[[PARTIAL]] : memref<32xvector<4xf32>>)
// CHECK:         gpu.launch_func @group_norm_kernels::@group_norm_merge blocks in (%c4, %c1, %c1) threads in (%c32, %c1, %c1) args(%[[PARTIAL]] : memref<32xvector<4xf32>>, %[[STATISTICS]] : memref<4xvector<4xf32>>)
// CHECK:         gpu.launch_func @group_norm_kernels::@group_norm_normalize blocks in (%c1, %c8, %c1) threads in (%c64, %c1, %c1) args(%[[X]] : memref<16384xf32>, %[[STATISTICS]] : memref<4xvector<4xf32>>, %arg1 : memref<32xf32>, %arg2 : memref<32xf32>, %{{.*}} : memref<16384xf32>)
// CHECK:         memref.dealloc %[[PARTIAL]]
// CHECK:         memref.dealloc %[[STATISTICS]]

func.func @static(%x: memref<1x512x32xf32>, %gamma: memref<32xf32>, %beta: memref<32xf32>, %y: memref<1x512x32xf32>) {
  gn.group_norm num_groups(4) ins(%x, %gamma, %beta : memref<1x512x32xf32>, memref<32xf32>, memref<32xf32>) outs(%y : memref<1x512x32xf32>)
    {gn.schedule = #gn.metal_schedule<strategy = split, threads = 64, groups = 4, chunk = 2, piece = 8>}
  return
}

// -----

// Sizes that are known at run time are arguments of the kernels, and the host
// computes grids and buffers from them.
// CHECK-LABEL: gpu.func @group_norm_statistics(
// CHECK-SAME:    %positions: index {gn.name = "positions", gn.role = "size"}
// CHECK-SAME:    %pieces: index {gn.name = "pieces", gn.role = "size"})
// CHECK:         %end = arith.minui %{{.*}}, %positions
// CHECK-LABEL: gpu.func @group_norm_merge(
// CHECK-SAME:    %pieces: index
// CHECK:         scf.for %i = %lane to %pieces step %c32 iter_args(%of_lane =

// CHECK-LABEL: func.func @dynamic(
// CHECK-DAG:     %[[N:.*]] = memref.dim %arg0, %c0 : memref<?x?x?x32xf32>
// CHECK-DAG:     %[[H:.*]] = memref.dim %arg0, %c1 : memref<?x?x?x32xf32>
// CHECK-DAG:     %[[W:.*]] = memref.dim %arg0, %c2 : memref<?x?x?x32xf32>
// CHECK:         %[[POSITIONS:.*]] = arith.muli %[[H]], %[[W]] : index
// CHECK:         %[[UP:.*]] = arith.addi %[[POSITIONS]], %c63
// CHECK:         %[[PIECES:.*]] = arith.divui %[[UP]], %c64
// CHECK:         memref.alloc(%{{.*}}) : memref<?xvector<4xf32>>
// CHECK:         gpu.launch_func @group_norm_kernels::@group_norm_statistics blocks in (%c1, %[[PIECES]], %[[N]])
// CHECK-SAME:      %[[POSITIONS]] : index, %[[PIECES]] : index)

func.func @dynamic(%x: memref<?x?x?x32xf32>, %y: memref<?x?x?x32xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<?x?x?x32xf32>) outs(%y : memref<?x?x?x32xf32>)
    {gn.schedule = #gn.metal_schedule<strategy = split, threads = 64, groups = 4, chunk = 2, piece = 8>}
  return
}
