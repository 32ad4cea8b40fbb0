// For dynamic sizes the policy writes alternatives, smaller sizes first: those of
// the schedules that static sizes would get, with bounds where it changes its
// mind.

// RUN: groupnorm-opt %s -gn-select-schedule="vector-bits=512 l2-size=1048576 l3-size=33554432" | FileCheck %s

// 1,280 bytes a position: 204 positions are all that is not worth threads.
// Samples that fit the second-level cache are work items of their own, if there
// are several.

// CHECK-LABEL: func.func @all_dynamic
// CHECK:       gn.schedule = #gn.cpu_alternatives<[
// CHECK-SAME:    <total = 204, schedule = <strategy = sample,{{[^>]*}} parallel = false>>,
// CHECK-SAME:    <min_samples = 2, positions = {{6[0-9][0-9]}}, total = {{9[678][0-9][0-9]}}, schedule = <strategy = sample,{{[^>]*}} apply_rows = 2>>,
// CHECK-SAME:    <total = {{9[678][0-9][0-9]}}, schedule = <{{[^>]*}} piece = 256>>,
// CHECK-SAME:    <positions = {{6[0-9][0-9]}}, schedule = <strategy = sample,{{[^>]*}} stream = true>>,
// CHECK-SAME:    <schedule = <{{[^>]*}}stream = true>>]>}
func.func @all_dynamic(%x: memref<?x?x?x320xf32>, %y: memref<?x?x?x320xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<?x?x?x320xf32>) outs(%y : memref<?x?x?x320xf32>)
  return
}

// The halves have no sample to keep in the cache.

// CHECK-LABEL: func.func @halves
// CHECK:       gn.group_stats {{.*}}gn.schedule = #gn.cpu_alternatives<[
// CHECK-NOT:   strategy = sample
// CHECK-SAME:    <schedule = <{{[^>]*}}stream = true>>]>}
// CHECK:       gn.group_normalize {{.*}}gn.schedule = #gn.cpu_alternatives<[
// CHECK-NOT:   strategy = sample
// CHECK-SAME:    <schedule = <{{[^>]*}}stream = true>>]>}
func.func @halves(%x: memref<?x?x?x320xf32>, %n: memref<?x32xf64>, %mean: memref<?x32xf64>, %m2: memref<?x32xf64>) {
  gn.group_stats num_groups(32) ins(%x : memref<?x?x?x320xf32>)
    outs(%n, %mean, %m2 : memref<?x32xf64>, memref<?x32xf64>, memref<?x32xf64>)
  gn.group_normalize num_groups(32)
    ins(%x, %n, %mean, %m2 : memref<?x?x?x320xf32>, memref<?x32xf64>, memref<?x32xf64>, memref<?x32xf64>)
    outs(%x : memref<?x?x?x320xf32>)
  return
}

// Any number of samples of 16 MiB: one schedule suits all.

// CHECK-LABEL: func.func @large_samples
// CHECK:       gn.schedule = #gn.cpu_schedule<{{.*}}piece = {{[0-9]+}}{{.*}}stream = true>}
func.func @large_samples(%x: memref<?x64x64x1024xf32>, %y: memref<?x64x64x1024xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<?x64x64x1024xf32>) outs(%y : memref<?x64x64x1024xf32>)
  return
}
