// Strategy looped with `keep`: the first rounds of a tile stay in registers
// between the two sweeps, however many of them there are at run time; what
// comes behind them is read again.

// RUN: groupnorm-opt %s -convert-gn-to-gpu -canonicalize -mlir-use-nameloc-as-prefix -split-input-file -verify-diagnostics | FileCheck %s

// 128 threads take 21 rows of 24 features a round, 126 rows in six of them.
// CHECK-LABEL: gpu.func @group_norm(
// CHECK-SAME:    the first 3024 elements of which stay in registers.\0AReads all of x (once, what is not kept twice)
// CHECK:         %kept = memref.alloca() : memref<6xvector<4xf32>, #gpu.address_space<private>>
// CHECK:         %rest = arith.minui %positions, %c126
// CHECK:         %kept_items = arith.divui
// A thread that has no row adds nothing.
// CHECK:         %[[SOME:.*]] = arith.cmpi ult, %row, %rest
// CHECK-NEXT:    scf.if %[[SOME]] {
// CHECK:           scf.for %i = %c0 to %c6 step %c1 iter_args(%total =
// CHECK-NEXT:        %[[IS_THERE:.*]] = arith.cmpi ult, %i, %kept_items
// CHECK-NEXT:        %value = scf.if %[[IS_THERE]]
// CHECK:               vector.load %x[%place]
// CHECK:             memref.store %value, %kept[%i]
// CHECK:           %count = arith.uitofp
// CHECK:             %deviation = arith.subf
// CHECK-NEXT:        %[[IS_THERE:.*]] = arith.cmpi ult, %i, %kept_items
// CHECK-NEXT:        arith.select %[[IS_THERE]], %deviation,
// CHECK:           func.call @statistics_from_sums(%count,
// CHECK:         } {gn.role = "statistics of what stays in registers"}
// CHECK:         scf.for %item = %rest to %whole step %c84 {
// CHECK:         } {gn.role = "statistics, by chunks"}
// CHECK:         } {gn.role = "statistics, by items"}
// CHECK:         scf.for %i = %c0 to %c6 step %c1 {
// CHECK-NEXT:      arith.cmpi ult, %i, %kept_items
// CHECK-NOT:       vector.load %x
// CHECK:           memref.load %kept[%i]
// CHECK:           vector.store %{{.*}}, %y[
// CHECK:         } {gn.role = "normalize what is in registers"}
// CHECK-NEXT:    %[[FIRST:.*]] = arith.addi %rest, %row
// CHECK-NEXT:    scf.for %item = %[[FIRST]] to %positions step %c21 {
// CHECK:           vector.load %x[%place]
// CHECK:         } {gn.role = "normalize"}

func.func @norm(%x: memref<?x?x24xf32>, %y: memref<?x?x24xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<?x?x24xf32>) outs(%y : memref<?x?x24xf32>)
    {gn.schedule = #gn.metal_schedule<strategy = looped, threads = 128, groups = 4, chunk = 4, keep = 6>}
  return
}

// -----

func.func @registers(%x: memref<?x?x24xf32>, %y: memref<?x?x24xf32>) {
  // expected-error @below {{cannot become a GPU kernel: keep = 29 and chunk = 4 of the schedule would hold 132 elements of x in a thread's registers, more than 128}}
  gn.group_norm num_groups(4) ins(%x : memref<?x?x24xf32>) outs(%y : memref<?x?x24xf32>)
    {gn.schedule = #gn.metal_schedule<threads = 128, groups = 4, chunk = 4, keep = 29>}
  return
}
