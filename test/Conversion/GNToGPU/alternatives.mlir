// Schedules of which the sizes at run time choose one: launches in branches.

// RUN: groupnorm-opt %s -convert-gn-to-gpu -canonicalize -cse -split-input-file -verify-diagnostics | FileCheck %s

// The first and the last alternative have one schedule, and one kernel.
// CHECK-COUNT-4: gpu.func @
// CHECK-NOT:     gpu.func @
// CHECK-LABEL: func.func @norm(
// CHECK-DAG:     %[[N:.*]] = memref.dim %{{.*}}, %c0
// CHECK-DAG:     %[[H:.*]] = memref.dim %{{.*}}, %c1
// CHECK-DAG:     %[[W:.*]] = memref.dim %{{.*}}, %c2
// CHECK-DAG:     %[[POSITIONS:.*]] = arith.muli %[[H]], %[[W]]
// CHECK-DAG:     %[[TOTAL:.*]] = arith.muli %[[N]], %[[POSITIONS]]
// CHECK:         %[[SMALL:.*]] = arith.cmpi sle, %[[POSITIONS]], %c64
// CHECK:         scf.if %[[SMALL]] {
// CHECK:           gpu.launch_func @group_norm_kernels::@group_norm blocks in (%c4, %c1, %[[N]]) threads in (%c64,
// CHECK:         } else {
// CHECK-DAG:       %[[SEVERAL:.*]] = arith.cmpi sge, %[[N]], %c2
// CHECK-DAG:       %[[FEW:.*]] = arith.cmpi sle, %[[TOTAL]], %c640
// CHECK:           %[[BOTH:.*]] = arith.andi %[[SEVERAL]], %[[FEW]]
// CHECK:           scf.if %[[BOTH]] {
// CHECK:             memref.alloc
// CHECK:             gpu.launch_func @group_norm_kernels::@group_norm_statistics blocks
// CHECK:             gpu.launch_func @group_norm_kernels::@group_norm_merge blocks
// CHECK:             gpu.launch_func @group_norm_kernels::@group_norm_normalize blocks
// CHECK:           } else {
// CHECK:             gpu.launch_func @group_norm_kernels::@group_norm blocks in (%c4, %c1, %[[N]]) threads in (%c64,

func.func @norm(%x: memref<?x?x?x24xf32>, %y: memref<?x?x?x24xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<?x?x?x24xf32>) outs(%y : memref<?x?x?x24xf32>)
    {gn.schedule = #gn.metal_alternatives<[
      <positions = 64, schedule = <threads = 64, keep = 8>>,
      <min_samples = 2, total = 640, schedule = <strategy = split>>,
      <schedule = <threads = 64, keep = 8>>]>}
  return
}

// -----

// Sizes that are known need no branches.
// CHECK:       gpu.func @group_norm(
// CHECK-SAME:    known_block_size = array<i32: 96, 1, 1>
// CHECK-LABEL: func.func @static(
// CHECK-NOT:     scf.if

func.func @static(%x: memref<2x10x24xf32>, %y: memref<2x10x24xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x10x24xf32>) outs(%y : memref<2x10x24xf32>)
    {gn.schedule = #gn.metal_alternatives<[
      <min_samples = 3, schedule = <threads = 32>>, <positions = 9, schedule = <threads = 64>>,
      <positions = 10, total = 20, schedule = <threads = 96>>, <schedule = <threads = 128>>]>}
  return
}

// -----

// Every alternative must be one that a kernel serves.
func.func @refused(%x: memref<?x?x24xf32>, %y: memref<?x?x24xf32>) {
  // expected-error @below {{cannot become a GPU kernel: strategy = single needs static spatial sizes; use looped with keep, or split}}
  gn.group_norm num_groups(4) ins(%x : memref<?x?x24xf32>) outs(%y : memref<?x?x24xf32>)
    {gn.schedule = #gn.metal_alternatives<[<positions = 8, schedule = <strategy = single>>, <schedule = <>>]>}
  return
}

// -----

func.func @divides(%x: memref<?x?x24xf32>, %y: memref<?x?x24xf32>) {
  // expected-error @below {{C15: groups = 3 of the schedule does not divide num_groups = 4}}
  gn.group_norm num_groups(4) ins(%x : memref<?x?x24xf32>) outs(%y : memref<?x?x24xf32>)
    {gn.schedule = #gn.metal_alternatives<[<positions = 8, schedule = <groups = 3>>, <schedule = <>>]>}
  return
}
