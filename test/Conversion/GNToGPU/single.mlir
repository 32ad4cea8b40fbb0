// Strategy single: one kernel, in which x is loaded once and stays in private
// memory, which a GPU keeps in registers.

// RUN: groupnorm-opt %s -convert-gn-to-gpu -canonicalize -mlir-use-nameloc-as-prefix | FileCheck %s

// CHECK-LABEL: gpu.func @group_norm(
// CHECK-SAME:    %x: memref<2048xf32> {gn.name = "x", gn.role = "input"},
// CHECK-SAME:    %gamma: memref<64xf32> {gn.name = "gamma", gn.role = "input"},
// CHECK-SAME:    %beta: memref<64xf32> {gn.name = "beta", gn.role = "input"},
// CHECK-SAME:    %y: memref<2048xf32> {gn.name = "y", gn.role = "output"})
// CHECK-SAME:  workgroup(%group_statistics : memref<8xvector<4xf32>, #gpu.address_space<workgroup>>
// CHECK-SAME:    %shared_statistics : memref<256xvector<4xf32>, #gpu.address_space<workgroup>>
// CHECK-SAME:    %scale_table : memref<64xf32, #gpu.address_space<workgroup>>
// CHECK-SAME:    %bias_table : memref<64xf32, #gpu.address_space<workgroup>>
// CHECK-SAME:  kernel attributes {gn.comment = "group_norm of x: 2x16x64xf32
// CHECK-SAME:    known_block_size = array<i32: 64, 1, 1>}
// CHECK-DAG:     %[[MEAN_OF_4:.*]] = arith.constant dense<2.500000e-01> : vector<4xf32>
// CHECK-DAG:     %[[COUNT:.*]] = arith.constant 4.000000e+00 : f32
// CHECK:         %column = arith.muli
// CHECK:         %row = arith.divui %thread_index
// CHECK:         %values = memref.alloca() : memref<4xvector<4xf32>, #gpu.address_space<private>>
// CHECK:         %statistics = memref.alloca() : memref<4xvector<4xf32>, #gpu.address_space<private>>
// CHECK:         %[[TOTAL:.*]] = scf.for %i = %c0 to %c4 step %c1 iter_args(%total =
// CHECK:           %[[VALUE:.*]] = vector.load %x[%place] : memref<2048xf32>, vector<4xf32>
// CHECK:           memref.store %[[VALUE]], %values[%i]
// CHECK:         } {gn.role = "items in registers, and their mean"}
// CHECK:         %shift = arith.mulf %[[TOTAL]], %[[MEAN_OF_4]] : vector<4xf32>
// CHECK:         %[[SUMS:.*]]:2 = scf.for %i = %c0 to %c4 step %c1 iter_args(%sum =
// CHECK:           %deviation = arith.subf %{{.*}}, %shift : vector<4xf32>
// CHECK:           math.fma %deviation, %deviation, %squares : vector<4xf32>
// CHECK:         } {gn.role = "deviations from that mean"}
// CHECK:           func.call @statistics_from_sums(%[[COUNT]],
// CHECK:         gpu.barrier
// CHECK:         scf.for %group = %simdgroup to %c8 step %c2 {
// CHECK:           %merged = func.call @merge_simdgroup(%of_lane)
// CHECK:           memref.store %merged, %group_statistics[%group]
// CHECK:         gpu.barrier
// CHECK:         } {gn.role = "scale and bias"}
// CHECK:         gpu.barrier
// CHECK-NOT:     vector.load
// CHECK:         scf.for %i = %c0 to %c4 step %c1 {
// CHECK:           %[[X:.*]] = memref.load %values[%i]
// CHECK:           %[[D:.*]] = arith.subf %[[X]], %mean : vector<4xf32>
// CHECK:           %[[Y:.*]] = math.fma %[[D]], %scale, %bias : vector<4xf32>
// CHECK:           vector.store %[[Y]], %y[
// CHECK:         } {gn.role = "normalize"}
// CHECK-NOT:     gpu.func

// CHECK-LABEL: func.func @gn(
// CHECK-DAG:     %[[X:.*]] = memref.collapse_shape %arg0 {{.*}} into memref<2048xf32>
// CHECK-DAG:     %[[Y:.*]] = memref.collapse_shape %arg3 {{.*}} into memref<2048xf32>
// CHECK:         gpu.launch_func @group_norm_kernels::@group_norm blocks in (%c1, %c1, %c2) threads in (%c64, %c1, %c1)
// CHECK-SAME:      args(%[[X]] : memref<2048xf32>, %arg1 : memref<64xf32>, %arg2 : memref<64xf32>, %[[Y]] : memref<2048xf32>)
// CHECK-NEXT:    return

func.func @gn(%x: memref<2x16x64xf32>, %gamma: memref<64xf32>, %beta: memref<64xf32>, %y: memref<2x16x64xf32>) {
  gn.group_norm num_groups(8) ins(%x, %gamma, %beta : memref<2x16x64xf32>, memref<64xf32>, memref<64xf32>) outs(%y : memref<2x16x64xf32>)
    {gn.schedule = #gn.metal_schedule<strategy = single, threads = 64, groups = 8>}
  return
}
