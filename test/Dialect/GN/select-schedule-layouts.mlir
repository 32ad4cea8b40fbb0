// RUN: groupnorm-opt %s -gn-select-schedule="vector-bits=512 l2-size=1310720 l3-size=33554432 cores=2" | FileCheck %s --check-prefixes=CHECK,WIDE
// RUN: groupnorm-opt %s -gn-select-schedule="vector-bits=256 l2-size=1048576 l3-size=33554432 cores=2" | FileCheck %s --check-prefixes=CHECK,NARROW
// RUN: groupnorm-opt %s -gn-select-schedule="vector-bits=128 vector-registers=32 l2-size=1048576 l3-size=33554432 cores=2" | FileCheck %s --check-prefixes=CHECK,NEON

// Blocks use a quarter of the registers, and are of like size: 20 vectors of 16
// make three of 7 at most, 40 of 8 ten of 4 (which is not printed), 80 of 4 ten
// of 8.

// CHECK-LABEL: func.func @registers
// WIDE: block = 7,
// NARROW: <strategy = sample, vector = 8, rows
// NEON: block = 8,
func.func @registers(%x: memref<2x16x16x320xf32>, %y: memref<2x16x16x320xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<2x16x16x320xf32>)
    outs(%y : memref<2x16x16x320xf32>)
  return
}

// Features first: a group is a work item, rows are a block long. One that fits
// the first-level cache fetches the next.

// CHECK-LABEL: func.func @features_first
// CHECK: strategy = sample
// WIDE-NOT: {{[ _]}}prefetch =
// CHECK-SAME: apply_next = 1
// WIDE-SAME: flatten = 128
// NARROW-SAME: flatten = 32
// NEON-SAME: flatten = 32
// CHECK-SAME: stream = true
func.func @features_first(%x: memref<32x1024x14x14xf32>, %y: memref<32x1024x14x14xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<32x1024x14x14xf32>)
    outs(%y : memref<32x1024x14x14xf32>) {feature_dim = 1}
  return
}

// A larger one does not. Vectors of whole lines ask for lines ahead, as long as
// those are of the same run.

// CHECK-LABEL: func.func @large_groups
// CHECK: strategy = sample
// WIDE-SAME: prefetch = 8192, apply_prefetch = 8192,
// CHECK-NOT: apply_next
// CHECK: stream = true
func.func @large_groups(%x: memref<32x64x112x112xf32>, %y: memref<32x64x112x112xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<32x64x112x112xf32>)
    outs(%y : memref<32x64x112x112xf32>) {feature_dim = 1}
  return
}

// A row is no longer than a run: of an interleaved group one feature, of a
// contiguous one all of its features.

// CHECK-LABEL: func.func @short_runs
// CHECK: flatten = 4,
// CHECK: flatten = 8,
func.func @short_runs(%x: memref<3x4x2x2xf32>, %y: memref<3x4x2x2xf32>) {
  gn.group_norm num_groups(2) ins(%x : memref<3x4x2x2xf32>)
    outs(%y : memref<3x4x2x2xf32>) {feature_dim = 1}
  gn.group_norm num_groups(2) ins(%x : memref<3x4x2x2xf32>)
    outs(%y : memref<3x4x2x2xf32>)
    {feature_dim = 1, grouping = #gn.grouping<contiguous>}
  return
}
