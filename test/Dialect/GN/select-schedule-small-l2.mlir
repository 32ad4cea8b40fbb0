// Vectors of 512 bits beside a second level of 1 MiB, as a Zen 4 has them: one
// row after the other from memory, whose prefetchers follow nothing else, and each
// line asked for twice.

// RUN: groupnorm-opt %s -gn-select-schedule="vector-bits=512 l2-size=1048576 l3-size=33554432 threads=1" | FileCheck %s --check-prefixes=CHECK,ONE
// RUN: groupnorm-opt %s -gn-select-schedule="vector-bits=512 l2-size=1048576 l3-size=33554432 threads=2" | FileCheck %s --check-prefixes=CHECK,TWO

// From memory, whatever is three times as large as the last level: rows of 1 KiB
// and more by vectors, shorter ones by blocks in registers. Rows of 10 KiB in
// bands, for which several rows are asked for ahead, those of 7.5 KiB whole.

// CHECK-LABEL: func.func @from_memory
// CHECK: gn.schedule = #gn.cpu_schedule<block = 8, prefetch = 12288, prefetch_again = true, apply_prefetch = 12288, apply_again = true, piece = 2048, stream = true
// CHECK: gn.schedule = #gn.cpu_schedule<block = 8, prefetch = 12288, prefetch_again = true, apply_prefetch = 12288, apply_again = true, piece
// CHECK: gn.schedule = #gn.cpu_schedule<block = 8, order = blocks, apply_prefetch = 2048, piece = 8192, stream = true
// CHECK: gn.schedule = #gn.cpu_schedule<block = 8, prefetch = 12288, prefetch_again = true, apply_prefetch = 12288, apply_again = true, piece
// CHECK: gn.schedule = #gn.cpu_schedule<block = 8, prefetch = 30720, prefetch_again = true, band = 54, apply_prefetch = 81920, apply_again = true, piece
func.func @from_memory(%x: memref<1x256x256x512xf32>, %y: memref<1x200x336x256xf32>, %short: memref<1x512x512x128xf32>,
                       %wide: memref<2x64x64x1920xf32>, %wider: memref<2x64x64x2560xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<1x256x256x512xf32>) outs(%x : memref<1x256x256x512xf32>)
  gn.group_norm num_groups(32) ins(%y : memref<1x200x336x256xf32>) outs(%y : memref<1x200x336x256xf32>)
  gn.group_norm num_groups(32) ins(%short : memref<1x512x512x128xf32>) outs(%short : memref<1x512x512x128xf32>)
  gn.group_norm num_groups(32) ins(%wide : memref<2x64x64x1920xf32>) outs(%wide : memref<2x64x64x1920xf32>)
  gn.group_norm num_groups(32) ins(%wider : memref<2x64x64x2560xf32>) outs(%wider : memref<2x64x64x2560xf32>)
  return
}

// Samples that the second level keeps: of up to a quarter of it, the normalization
// of one asks for all of the next; larger ones are read in order, as far ahead as
// a few rows, and again; halves too.

// CHECK-LABEL: func.func @samples
// CHECK: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, order = blocks, apply_prefetch = 256, apply_next = 3, stream = true
// CHECK: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, rows = 4, prefetch = 16384, prefetch_again = true, apply_next = 1, stream = true
// CHECK: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, rows = 2, prefetch = 16384, prefetch_again = true, apply_prefetch = 2048, stream = true
// CHECK: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, rows = 2, prefetch = 16384, prefetch_again = true, apply_prefetch = 2048, stream = true
func.func @samples(%x: memref<100x14x14x256xf32>, %y: memref<200x14x14x512xf32>, %z: memref<64x28x28x256xf32>, %h: memref<64x28x28x512xf16>) {
  gn.group_norm num_groups(32) ins(%x : memref<100x14x14x256xf32>) outs(%x : memref<100x14x14x256xf32>)
  gn.group_norm num_groups(32) ins(%y : memref<200x14x14x512xf32>) outs(%y : memref<200x14x14x512xf32>)
  gn.group_norm num_groups(32) ins(%z : memref<64x28x28x256xf32>) outs(%z : memref<64x28x28x256xf32>)
  gn.group_norm num_groups(32) ins(%h : memref<64x28x28x512xf16>) outs(%h : memref<64x28x28x512xf16>)
  return
}

// Much of a few samples is in the last level still when it is read again: several
// rows together, and what the last level holds at all is asked for once. Of long
// rows there, tiles that the second level keeps are read in columns, unless x is
// more than a quarter of the last level.

// CHECK-LABEL: func.func @last_level
// CHECK: gn.schedule = #gn.cpu_schedule<block = 8, rows = 2, prefetch = 30720, prefetch_again = true, apply_prefetch = 12288, apply_again = true, piece = 128, span = 1, stream = true
// CHECK: gn.schedule = #gn.cpu_schedule<block = 7, rows = 4, prefetch = 10240,
// CHECK-NOT: again
// CHECK: gn.schedule = #gn.cpu_schedule<strategy = sample, tile = 4, order = blocks, apply_rows = 2, apply_backwards = true, piece = 128
// ONE-SAME: stream = true
// TWO-NOT: stream
// CHECK: gn.schedule = #gn.cpu_schedule<strategy = sample, tile = 8, order = blocks, apply_rows = 2, apply_backwards = true, piece = 128
// CHECK-NOT: tile
// CHECK: return
func.func @last_level(%x: memref<2x64x64x960xf32>, %y: memref<2x64x64x320xf32>, %long: memref<2x16x16x3072xf32>,
                      %rows: memref<2x16x16x1280xf32>, %large: memref<4x8x16x8192xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<2x64x64x960xf32>) outs(%x : memref<2x64x64x960xf32>)
  gn.group_norm num_groups(32) ins(%y : memref<2x64x64x320xf32>) outs(%y : memref<2x64x64x320xf32>)
  gn.group_norm num_groups(32) ins(%long : memref<2x16x16x3072xf32>) outs(%long : memref<2x16x16x3072xf32>) {grouping = #gn.grouping<contiguous>}
  gn.group_norm num_groups(32) ins(%rows : memref<2x16x16x1280xf32>) outs(%rows : memref<2x16x16x1280xf32>) {grouping = #gn.grouping<contiguous>}
  gn.group_norm num_groups(32) ins(%large : memref<4x8x16x8192xf32>) outs(%large : memref<4x8x16x8192xf32>) {grouping = #gn.grouping<contiguous>}
  return
}

// Of dynamic sizes, what the last level holds is not read as memory is.

// CHECK-LABEL: func.func @dynamic
// ONE: <total = 13056, schedule = <block = 7, rows = 4, prefetch = 10240, apply_prefetch = 2048, piece = 256, span = 1, stream = true, parallel = false>>,
// CHECK: <schedule = <block = 7, prefetch = 12288, prefetch_again = true, apply_prefetch = 12288, apply_again = true, piece = 256,
func.func @dynamic(%x: memref<?x?x?x320xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<?x?x?x320xf32>) outs(%x : memref<?x?x?x320xf32>)
  return
}
