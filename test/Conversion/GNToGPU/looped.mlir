// Strategy looped: one kernel that sweeps x twice. Without a schedule it is the
// one that an op is lowered by.

// RUN: groupnorm-opt %s -convert-gn-to-gpu -canonicalize -mlir-use-nameloc-as-prefix -split-input-file | FileCheck %s

// Half data is widened where it is loaded and rounded once, where it is stored;
// a tile of one contiguous group is swept by all threads in a row.
// CHECK-LABEL: gpu.func @group_norm(
// CHECK-SAME:    %x: memref<983040xbf16>
// CHECK-SAME:    %y: memref<983040xf16>
// CHECK-SAME:    known_block_size = array<i32: 512, 1, 1>
// CHECK:         %sample = gpu.block_id z
// CHECK:         %group = gpu.block_id x
// CHECK:         %first_feature = arith.muli %group, %c40
// CHECK:         scf.for %item = %{{.*}} to %{{.*}} step %{{.*}} {
// CHECK:             %[[HALF:.*]] = vector.load %x[%place] : memref<983040xbf16>, vector<4xbf16>
// CHECK-NEXT:        %value = arith.extf %[[HALF]] : vector<4xbf16> to vector<4xf32>
// CHECK:         } {gn.role = "statistics, by chunks"}
// CHECK:         } {gn.role = "statistics, by items"}
// CHECK:         gpu.barrier
// CHECK:           %[[HALF:.*]] = vector.load %x[%place] : memref<983040xbf16>, vector<4xbf16>
// CHECK-NEXT:      %[[X:.*]] = arith.extf %[[HALF]]
// CHECK:           %[[D:.*]] = arith.subf %[[X]],
// CHECK:           %[[Y:.*]] = math.fma %[[D]],
// CHECK:           %[[ROUNDED:.*]] = arith.truncf %[[Y]] : vector<4xf32> to vector<4xf16>
// CHECK:           vector.store %[[ROUNDED]], %y[
// CHECK:         } {gn.role = "normalize"}
// CHECK:         gpu.launch_func @group_norm_kernels::@group_norm blocks in (%c8, %c1, %c3) threads in (%c512, %c1, %c1)

func.func @contiguous(%x: memref<3x1024x320xbf16>, %y: memref<3x1024x320xf16>) {
  gn.group_norm num_groups(8) ins(%x : memref<3x1024x320xbf16>) outs(%y : memref<3x1024x320xf16>)
    {grouping = #gn.grouping<contiguous>}
  return
}

// -----

// Rows of an odd number of features leave no room for vectors, and threads that
// have no column no work.
// CHECK-LABEL: gpu.func @group_norm(
// CHECK:         %is_active = arith.cmpi ult, %thread_index, %c28 : index
// CHECK:         scf.if %is_active {
// CHECK:           memref.load %x[%place] : memref<210xf32>
// CHECK-NOT:     vector.load %x

func.func @odd(%x: memref<2x15x7xf32>, %y: memref<2x15x7xf32>) {
  gn.group_norm num_groups(7) ins(%x : memref<2x15x7xf32>) outs(%y : memref<2x15x7xf32>)
    {gn.schedule = #gn.metal_schedule<strategy = looped, threads = 32, groups = 7>}
  return
}

// -----

// Two ops of a program have kernels of different names, and share functions.
// CHECK:       func.func private @merge_statistics(
// CHECK-NOT:   func.func private @merge_statistics
// CHECK:       gpu.func @group_norm(
// CHECK:       gpu.func @group_norm_1(
// CHECK:       gpu.launch_func @group_norm_kernels::@group_norm blocks
// CHECK:       gpu.launch_func @group_norm_kernels::@group_norm_1 blocks

func.func @two(%x: memref<2x16x8xf32>, %y: memref<2x16x8xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x16x8xf32>) outs(%y : memref<2x16x8xf32>)
  gn.group_norm num_groups(2) ins(%y : memref<2x16x8xf32>) outs(%x : memref<2x16x8xf32>)
  return
}

// -----

// Nothing to compute needs no kernel.
// CHECK-LABEL: func.func @empty(
// CHECK-NEXT:    return
// CHECK-NOT:   gpu.module

func.func @empty(%x: memref<2x0x8xf32>, %y: memref<2x0x8xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x0x8xf32>) outs(%y : memref<2x0x8xf32>)
  return
}
