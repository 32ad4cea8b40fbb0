// Of an x without elements there is nothing to compute, but the statistics that
// are saved: those of groups without elements are NaN.

// RUN: groupnorm-opt %s -split-input-file -convert-gn-to-gpu -canonicalize | FileCheck %s

// CHECK-LABEL: gpu.func @group_norm_empty(
// CHECK-SAME:    %[[MEAN:.+]]: memref<80xf32> {{{.*}}gn.role = "output"}, %[[RSTD:.+]]: memref<80xf32>
// CHECK-SAME:    kernel attributes {{{.*}}known_block_size = array<i32: 32, 1, 1>
// CHECK-DAG:     %[[NAN:.+]] = arith.constant 0x7FC00000 : f32
// CHECK-DAG:     %[[C40:.+]] = arith.constant 40 : index
// CHECK-DAG:     %[[SAMPLE:.+]] = gpu.block_id z
// CHECK-DAG:     %[[BLOCK:.+]] = gpu.block_id x
// CHECK-DAG:     %[[THREAD:.+]] = gpu.thread_id x
// CHECK-DAG:     %[[FIRST:.+]] = arith.muli %[[BLOCK]], %c32
// CHECK-DAG:     %[[GROUP:.+]] = arith.addi %[[FIRST]], %[[THREAD]]
// CHECK:         %[[HAS:.+]] = arith.cmpi ult, %[[GROUP]], %[[C40]]
// CHECK-NEXT:    scf.if %[[HAS]] {
// CHECK-DAG:       %[[OFSAMPLE:.+]] = arith.muli %[[SAMPLE]], %[[C40]]
// CHECK-DAG:       %[[PLACE:.+]] = arith.addi %[[OFSAMPLE]], %[[GROUP]]
// CHECK-DAG:       memref.store %[[NAN]], %[[MEAN]][%[[PLACE]]]
// CHECK-DAG:       memref.store %[[NAN]], %[[RSTD]][%[[PLACE]]]

// CHECK-LABEL: func.func @no_positions
// CHECK:         gpu.launch_func @group_norm_kernels::@group_norm_empty blocks in (%c2, %c1, %c2) threads in (%c32, %c1, %c1)
func.func @no_positions(%x: memref<2x0x80xf32>, %y: memref<2x0x80xf32>, %mean: memref<2x40xf32>, %rstd: memref<2x40xf32>) {
  gn.group_norm num_groups(40) ins(%x : memref<2x0x80xf32>)
    outs(%y, %mean, %rstd : memref<2x0x80xf32>, memref<2x40xf32>, memref<2x40xf32>)
    {gn.schedule = #gn.metal_schedule<threads = 32>}
  return
}

// -----

// The number of samples is the grid's.

// CHECK-LABEL: func.func @some_samples
// CHECK:         %[[N:.+]] = memref.dim %{{.+}}, %c0
// CHECK:         gpu.launch_func @group_norm_kernels::@group_norm_empty blocks in (%c1, %c1, %[[N]])
func.func @some_samples(%x: memref<?x0x8xf32>, %mean: memref<?x4xf32>, %rstd: memref<?x4xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<?x0x8xf32>)
    outs(%x, %mean, %rstd : memref<?x0x8xf32>, memref<?x4xf32>, memref<?x4xf32>)
  return
}

// -----

// Neither statistics nor elements: no kernel.

// CHECK-LABEL: func.func @no_samples
// CHECK-NEXT:    return
// CHECK-LABEL: func.func @no_statistics
// CHECK-NEXT:    return
// CHECK-NOT:     gpu
func.func @no_samples(%x: memref<0x3x8xf32>, %mean: memref<0x4xf32>, %rstd: memref<0x4xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<0x3x8xf32>)
    outs(%x, %mean, %rstd : memref<0x3x8xf32>, memref<0x4xf32>, memref<0x4xf32>)
  return
}
func.func @no_statistics(%x: memref<?x0x8xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<?x0x8xf32>) outs(%x : memref<?x0x8xf32>)
  return
}
