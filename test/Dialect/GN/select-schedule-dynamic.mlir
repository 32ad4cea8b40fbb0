// For dynamic sizes the policy writes alternatives, smaller sizes first: those of
// the schedules that static sizes would get, with bounds where it changes its
// mind.

// RUN: groupnorm-opt %s -gn-select-schedule="vector-bits=512 l2-size=1048576 l3-size=33554432 cores=2" | groupnorm-opt | FileCheck %s
// RUN: groupnorm-opt %s -gn-select-schedule="vector-bits=512 l2-size=1048576 l3-size=33554432 threads=1" | FileCheck %s --check-prefix=ONE

// 1,280 bytes a position: 204 positions are all that is not worth threads, twice
// as many of a single sample.
// Samples that fit the second-level cache are work items of their own, if there
// are several: up to 648 positions; many overlap up to 3264. Within these bounds,
// and the others, follow those of sizes that are swept and stored in different
// ways.

// CHECK-LABEL: func.func @all_dynamic
// CHECK:       gn.schedule = #gn.cpu_alternatives<[
// CHECK-SAME:    <min_samples = 16, positions = 3264, total = 207, schedule = <strategy = sample,{{[^>]*}} parallel = false>>,
// CHECK-SAME:    <min_samples = 16, positions = 3264, total = {{3[0-9]+}}, schedule = <strategy = sample,{{[^>]*}} apply_rows = 2>>,
// CHECK-SAME:    <min_samples = 16, positions = 3264, total = {{9[0-9]+}}, schedule = <strategy = sample,
// CHECK-SAME:    <min_samples = 16, positions = 3264, schedule = <strategy = sample,{{[^>]*}} stream = true>>,
// CHECK-SAME:    <min_samples = 2, positions = 648, total = 204, schedule = <strategy = sample,{{[^>]*}} parallel = false>>,
// CHECK-SAME:    <min_samples = 2, positions = 648, total = {{3[0-9]+}}, schedule = <strategy = sample,{{[^>]*}} apply_rows = 2>>,
// CHECK-SAME:    <min_samples = 2, positions = 648, schedule = <strategy = sample,
// CHECK-SAME:    <positions = 408, schedule = <strategy = sample,{{[^>]*}} parallel = false>>,
// CHECK-SAME:    <total = {{3[0-9]+}}, schedule = <{{[^>]*}} piece = 256>>,
// CHECK-SAME:    <total = {{9[0-9]+}}, schedule = <{{[^>]*}} piece = 256>>,
// CHECK-SAME:    <schedule = <{{[^>]*}} piece = 256, stream = true>>]>}

// The number of threads changes what the bits do not depend on: the strategy has
// the same bounds. One thread works on a sample at a time, whose end the last
// level still has; of several, some would wait for the next sample.

// ONE-LABEL: func.func @all_dynamic
// ONE:       gn.schedule = #gn.cpu_alternatives<[
// ONE-SAME:    <min_samples = 16, positions = 3264, total = {{3[0-9]+}}, schedule = <strategy = sample,
// ONE-SAME:    <min_samples = 16, positions = 3264, total = {{6[0-9]+}}, schedule = <strategy = sample,
// ONE-SAME:    <min_samples = 16, positions = 3264, schedule = <strategy = sample,{{[^>]*}} stream = true, parallel = false>>,
// ONE-SAME:    <min_samples = 2, positions = 648, total = {{3[0-9]+}}, schedule = <strategy = sample,
// ONE-SAME:    <min_samples = 2, positions = 648, schedule = <strategy = sample,
// ONE-SAME:    <positions = 408, schedule = <strategy = sample,
// ONE-SAME:    <total = 816, schedule = <{{[^>]*}} piece = 256, parallel = false>>,
// ONE-SAME:    <total = {{3[0-9]+}}, schedule = <{{[^>]*}} piece = 256, parallel = false>>,
// ONE-SAME:    <total = {{6[0-9]+}}, schedule = <{{[^>]*}} piece = 256, parallel = false>>,
// ONE-SAME:    <schedule = <{{[^>]*}} piece = 256, span = 1, stream = true, parallel = false>>]>}
func.func @all_dynamic(%x: memref<?x?x?x320xf32>, %y: memref<?x?x?x320xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<?x?x?x320xf32>) outs(%y : memref<?x?x?x320xf32>)
  return
}

// The bounds of several samples (4/5 of the second-level cache: 204 positions)
// and of single ones (512 KiB: 128) lie between two powers of two.

// CHECK-LABEL: func.func @near_bounds
// CHECK:       gn.schedule = #gn.cpu_alternatives<[
// CHECK-SAME:    <min_samples = 2, positions = 204, total = 65, schedule = <strategy = sample,{{[^>]*}} parallel = false>>,
// CHECK-SAME:    <min_samples = 2, positions = 204, schedule = <strategy = sample,
// CHECK-SAME:    <positions = 128, schedule = <strategy = sample,
func.func @near_bounds(%x: memref<?x?x?x1024xf32>, %y: memref<?x?x?x1024xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<?x?x?x1024xf32>) outs(%y : memref<?x?x?x1024xf32>)
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

// Any number of samples of 16 MiB: where the last level of 32 MiB has room for x
// twice, four rows are swept at a time, where it has once, two, and else one.

// CHECK-LABEL: func.func @large_samples
// CHECK:       gn.schedule = #gn.cpu_alternatives<[<total = 4096, schedule = <block = 8, rows = 4, prefetch = 32768, apply_prefetch = 2048, piece = 128, stream = true>>,
// CHECK-SAME:    <total = 8192, schedule = <block = 8, rows = 2, prefetch = 32768, prefetch_again = true, apply_prefetch = 12288, apply_again = true, piece = 128, stream = true>>,
// CHECK-SAME:    <schedule = <block = 8, prefetch = 12288, prefetch_again = true, apply_prefetch = 12288, apply_again = true, piece = 128, stream = true>>]>}
func.func @large_samples(%x: memref<?x64x64x1024xf32>, %y: memref<?x64x64x1024xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<?x64x64x1024xf32>) outs(%y : memref<?x64x64x1024xf32>)
  return
}

// A single feature: so many positions make up a row, and no more.

// CHECK-LABEL: func.func @one_feature
// CHECK:       gn.schedule = #gn.cpu_alternatives<[<{{[^>]*}} flatten = 64{{[,>]}}
func.func @one_feature(%x: memref<?x?x1xf32>) {
  gn.group_norm num_groups(1) ins(%x : memref<?x?x1xf32>) outs(%x : memref<?x?x1xf32>)
  return
}
