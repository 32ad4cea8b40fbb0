// Every form that the ops take survives printing and parsing, in the custom
// and in the generic syntax, and in bytecode.

// RUN: groupnorm-opt %s | groupnorm-opt | FileCheck %s
// RUN: groupnorm-opt %s --mlir-print-op-generic | groupnorm-opt | FileCheck %s
// RUN: groupnorm-opt %s --emit-bytecode | groupnorm-opt | FileCheck %s

// CHECK-LABEL: func.func @tensors(
// CHECK-SAME:    %[[X:.*]]: tensor<2x64x64x320xf32>, %[[GAMMA:.*]]: tensor<320xf32>, %[[BETA:.*]]: tensor<320xf32>, %[[INIT:.*]]: tensor<2x64x64x320xf32>)
// CHECK-NEXT:    %[[Y:.*]] = gn.group_norm num_groups(32) ins(%[[X]], %[[GAMMA]], %[[BETA]] : tensor<2x64x64x320xf32>, tensor<320xf32>, tensor<320xf32>) outs(%[[INIT]] : tensor<2x64x64x320xf32>) {epsilon = 9.9999999999999995E-7 : f64} -> tensor<2x64x64x320xf32>
// CHECK-NEXT:    return %[[Y]]
func.func @tensors(%x: tensor<2x64x64x320xf32>, %gamma: tensor<320xf32>,
                   %beta: tensor<320xf32>, %init: tensor<2x64x64x320xf32>)
    -> tensor<2x64x64x320xf32> {
  %y = gn.group_norm num_groups(32)
         ins(%x, %gamma, %beta : tensor<2x64x64x320xf32>, tensor<320xf32>, tensor<320xf32>)
         outs(%init : tensor<2x64x64x320xf32>) {epsilon = 1.0e-06 : f64}
         -> tensor<2x64x64x320xf32>
  return %y : tensor<2x64x64x320xf32>
}

// Defaults are not printed.
// CHECK-LABEL: func.func @defaults(
// CHECK:         gn.group_norm num_groups(4) ins(%{{.*}} : tensor<2x8xf32>) outs(%{{.*}} : tensor<2x8xf32>) -> tensor<2x8xf32>
func.func @defaults(%x: tensor<2x8xf32>, %init: tensor<2x8xf32>) -> tensor<2x8xf32> {
  %y = gn.group_norm num_groups(4) ins(%x : tensor<2x8xf32>) outs(%init : tensor<2x8xf32>)
         {epsilon = 1.0e-5 : f64, grouping = #gn.grouping<interleaved>,
          epsilon_placement = #gn.epsilon_placement<inside_sqrt>} -> tensor<2x8xf32>
  return %y : tensor<2x8xf32>
}

// CHECK-LABEL: func.func @every_attribute(
// CHECK:         gn.group_norm num_groups(4) ins(%{{.*}} : memref<2x8x5x7xbf16>) outs(%{{.*}} : memref<2x8x5x7xf32>)
// CHECK-SAME:      {epsilon = 2.500000e-01 : f64, epsilon_placement = #gn.epsilon_placement<outside_sqrt>, feature_dim = 1 : i64, gn.schedule = #gn.cpu_schedule<vector = 8>, grouping = #gn.grouping<contiguous>}{{$}}
func.func @every_attribute(%x: memref<2x8x5x7xbf16>, %init: memref<2x8x5x7xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x8x5x7xbf16>) outs(%init : memref<2x8x5x7xf32>)
    {epsilon = 0.25 : f64, grouping = #gn.grouping<contiguous>, feature_dim = 1 : i64,
     epsilon_placement = #gn.epsilon_placement<outside_sqrt>, gn.schedule = #gn.cpu_schedule<vector = 8>}
  return
}

// N and the spatial sizes may be dynamic, a memref strided or elsewhere, and
// gamma and beta wider than x.
// CHECK-LABEL: func.func @dynamic(
// CHECK:         gn.group_norm num_groups(8) ins(%{{.*}}, %{{.*}}, %{{.*}} : tensor<?x?x?x96xf16>, tensor<96xf32>, tensor<96xf16>) outs(%{{.*}} : tensor<?x4x?x96xf64>) -> tensor<?x4x?x96xf64>
// CHECK:         gn.group_norm num_groups(8) ins(%{{.*}} : memref<?x?x96xf32, strided<[?, 128, 1], offset: ?>>) outs(%{{.*}} : memref<?x?x96xf32, 1>){{$}}
func.func @dynamic(%x: tensor<?x?x?x96xf16>, %gamma: tensor<96xf32>, %beta: tensor<96xf16>,
                   %init: tensor<?x4x?x96xf64>,
                   %m: memref<?x?x96xf32, strided<[?, 128, 1], offset: ?>>,
                   %o: memref<?x?x96xf32, 1>) -> tensor<?x4x?x96xf64> {
  %y = gn.group_norm num_groups(8)
         ins(%x, %gamma, %beta : tensor<?x?x?x96xf16>, tensor<96xf32>, tensor<96xf16>)
         outs(%init : tensor<?x4x?x96xf64>) -> tensor<?x4x?x96xf64>
  gn.group_norm num_groups(8) ins(%m : memref<?x?x96xf32, strided<[?, 128, 1], offset: ?>>)
    outs(%o : memref<?x?x96xf32, 1>)
  return %y : tensor<?x4x?x96xf64>
}

// Empty batches and empty spatial extents are valid.
// CHECK-LABEL: func.func @empty(
// CHECK:         gn.group_norm num_groups(2) ins(%{{.*}} : memref<0x3x4xf32>) outs(%{{.*}} : memref<0x3x4xf32>)
// CHECK:         gn.group_norm num_groups(2) ins(%{{.*}} : memref<3x0x4xf32>) outs(%{{.*}} : memref<3x0x4xf32>)
func.func @empty(%a: memref<0x3x4xf32>, %b: memref<3x0x4xf32>) {
  gn.group_norm num_groups(2) ins(%a : memref<0x3x4xf32>) outs(%a : memref<0x3x4xf32>)
  gn.group_norm num_groups(2) ins(%b : memref<3x0x4xf32>) outs(%b : memref<3x0x4xf32>)
  return
}

// CHECK-LABEL: func.func @halves(
// CHECK:         %[[S:.*]]:3 = gn.group_stats num_groups(32) ins(%[[X:.*]] : tensor<2x?x320xf32>) outs(%{{.*}}, %{{.*}}, %{{.*}} : tensor<2x32xf64>, tensor<2x32xf64>, tensor<2x32xf64>)
// CHECK-SAME:      {feature_dim = 2 : i64, grouping = #gn.grouping<contiguous>} -> tensor<2x32xf64>, tensor<2x32xf64>, tensor<2x32xf64>
// CHECK-NEXT:    %[[Y:.*]] = gn.group_normalize num_groups(32)
// CHECK-SAME:      ins(%[[X]], %[[S]]#0, %[[S]]#1, %[[S]]#2, %{{.*}}, %{{.*}} : tensor<2x?x320xf32>, tensor<2x32xf64>, tensor<2x32xf64>, tensor<2x32xf64>, tensor<320xf32>, tensor<320xf32>)
// CHECK-SAME:      outs(%{{.*}} : tensor<2x?x320xf16>) {epsilon_placement = #gn.epsilon_placement<outside_sqrt>, grouping = #gn.grouping<contiguous>} -> tensor<2x?x320xf16>
// CHECK-NEXT:    return %[[Y]]
func.func @halves(%x: tensor<2x?x320xf32>, %zero: tensor<2x32xf64>, %gamma: tensor<320xf32>,
                  %beta: tensor<320xf32>, %init: tensor<2x?x320xf16>) -> tensor<2x?x320xf16> {
  %s:3 = gn.group_stats num_groups(32) ins(%x : tensor<2x?x320xf32>)
           outs(%zero, %zero, %zero : tensor<2x32xf64>, tensor<2x32xf64>, tensor<2x32xf64>)
           {grouping = #gn.grouping<contiguous>, feature_dim = 2 : i64}
           -> tensor<2x32xf64>, tensor<2x32xf64>, tensor<2x32xf64>
  %y = gn.group_normalize num_groups(32)
         ins(%x, %s#0, %s#1, %s#2, %gamma, %beta : tensor<2x?x320xf32>, tensor<2x32xf64>,
             tensor<2x32xf64>, tensor<2x32xf64>, tensor<320xf32>, tensor<320xf32>)
         outs(%init : tensor<2x?x320xf16>)
         {grouping = #gn.grouping<contiguous>,
          epsilon_placement = #gn.epsilon_placement<outside_sqrt>} -> tensor<2x?x320xf16>
  return %y : tensor<2x?x320xf16>
}

// CHECK-LABEL: func.func @halves_on_memrefs(
// CHECK:         gn.group_stats num_groups(3) ins(%{{.*}} : memref<?x4x6xf64>) outs(%{{.*}}, %{{.*}}, %{{.*}} : memref<?x3xf64>, memref<?x3xf64>, memref<?x3xf64>){{$}}
// CHECK-NEXT:    gn.group_normalize num_groups(3) ins(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : memref<?x4x6xf64>, memref<?x3xf64>, memref<?x3xf64>, memref<?x3xf64>) outs(%{{.*}} : memref<?x4x6xf64>){{$}}
func.func @halves_on_memrefs(%x: memref<?x4x6xf64>, %n: memref<?x3xf64>, %m: memref<?x3xf64>,
                             %m2: memref<?x3xf64>) {
  gn.group_stats num_groups(3) ins(%x : memref<?x4x6xf64>)
    outs(%n, %m, %m2 : memref<?x3xf64>, memref<?x3xf64>, memref<?x3xf64>)
  gn.group_normalize num_groups(3)
    ins(%x, %n, %m, %m2 : memref<?x4x6xf64>, memref<?x3xf64>, memref<?x3xf64>, memref<?x3xf64>)
    outs(%x : memref<?x4x6xf64>)
  return
}

// A schedule prints the fields that differ from their defaults.
// CHECK-LABEL: func.func @schedules(
// CHECK:         gn.schedule = #gn.cpu_schedule<>
// CHECK:         gn.schedule = #gn.cpu_schedule<strategy = sample, tile = 2, vector = 8, block = 2, order = blocks, rows = 3, prefetch = 8, prefetch_again = true, band = 5, apply_order = blocks, apply_rows = 2, apply_apart = 3, apply_prefetch = 9, apply_again = true, apply_next = 4, apply_backwards = true, chunk = 32, piece = 96, shares = 6, span = 7, flatten = 3, stream = true, parallel = false>
func.func @schedules(%x: memref<2x8xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x8xf32>) outs(%x : memref<2x8xf32>)
    {gn.schedule = #gn.cpu_schedule<>}
  gn.group_norm num_groups(4) ins(%x : memref<2x8xf32>) outs(%x : memref<2x8xf32>)
    {gn.schedule = #gn.cpu_schedule<strategy = sample, order = blocks, vector = 8,
       apply_rows = 2, apply_apart = 3, block = 2, chunk = 32, piece = 96, flatten = 3, rows = 3, prefetch = 8,
       apply_order = blocks, apply_prefetch = 9, apply_next = 4, span = 7, shares = 6, band = 5, tile = 2, stream = true,
       apply_backwards = true, apply_again = true, prefetch_again = true, parallel = false>}
  return
}

// CHECK-LABEL: func.func @role()
// CHECK-SAME:    gn.role = "statistics"
func.func @role() attributes {gn.role = "statistics"} {
  return
}

// CHECK-LABEL: func.func @max_threads
// CHECK-NEXT:    %[[T:.*]] = gn.max_threads
// CHECK-NEXT:    return %[[T]] : index
func.func @max_threads() -> index {
  %threads = gn.max_threads
  return %threads : index
}
