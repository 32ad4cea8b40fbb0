// RUN: groupnorm-opt %s -gn-select-schedule="vector-bits=512 l2-size=1310720 l3-size=33554432 cores=2" | FileCheck %s --check-prefixes=CHECK,WIDE
// RUN: groupnorm-opt %s -gn-select-schedule="vector-bits=256 l2-size=1048576 l3-size=33554432 cores=2" | FileCheck %s --check-prefixes=CHECK,NARROW
// RUN: groupnorm-opt %s -gn-select-schedule="vector-bits=512 l2-size=2097152 l3-size=33554432 cores=2" | FileCheck %s --check-prefix=LARGE

// Fields that have their default are not printed: split, vector = 16,
// flatten = 1, stream = false, parallel = true.

// The number of threads decides `parallel`, and for sizes in between
// (select-schedule-threads.mlir) how y is stored; never what decides the bits.
// RUN: groupnorm-opt %s -gn-select-schedule="vector-bits=512 l2-size=1310720 l3-size=33554432 cores=2" | sed 's/, parallel = [a-z]*//' > %t.any
// RUN: groupnorm-opt %s -gn-select-schedule="vector-bits=512 l2-size=1310720 l3-size=33554432 threads=1" > %t.one
// RUN: FileCheck %s --check-prefix=SERIAL < %t.one
// RUN: sed 's/, parallel = [a-z]*//' %t.one | diff %t.any -

// SERIAL-COUNT-42: gn.schedule = #gn.cpu_schedule<{{.*}}parallel = false>
// SERIAL-NOT: gn.schedule

// A sample that fits the second-level cache is read from memory once. Vectors
// are as wide as a register of the compute type.

// CHECK-LABEL: func.func @small
// CHECK-NOT: {{flatten|stream|piece}} =
// WIDE: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, order
// NARROW: gn.schedule = #gn.cpu_schedule<strategy = sample, vector = 8,
// CHECK-NOT: {{flatten|stream|piece}} =
// CHECK: return
func.func @small(%x: memref<16x14x14x256xf32>, %y: memref<16x14x14x256xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<16x14x14x256xf32>)
    outs(%y : memref<16x14x14x256xf32>)
  return
}

// One sample beyond the cache: pieces for the threads, in two sweeps that
// prefetch, and a result that goes around the cache.

// CHECK-LABEL: func.func @large
// CHECK-NOT: strategy = sample
// CHECK: gn.schedule = #gn.cpu_schedule<
// CHECK-SAME: prefetch = {{[1-9]}}
// CHECK-SAME: piece = {{[1-9]}}
// CHECK-SAME: stream = true>
func.func @large(%x: tensor<1x512x512x320xf32>, %y: tensor<1x512x512x320xf32>) -> tensor<1x512x512x320xf32> {
  %0 = gn.group_norm num_groups(32) ins(%x : tensor<1x512x512x320xf32>)
    outs(%y : tensor<1x512x512x320xf32>) -> tensor<1x512x512x320xf32>
  return %0 : tensor<1x512x512x320xf32>
}

// From memory, vectors of whole lines go two rows at a time where rows have 1 KiB,
// and four where they have less, as these of halves; of shorter vectors, which are
// slower than memory, halves need two rows.

// CHECK-LABEL: func.func @half_rows
// WIDE: gn.schedule = #gn.cpu_schedule<block = 8, rows = 2, prefetch = 12288, apply_rows = 2, apply_prefetch = 12288,
// WIDE: gn.schedule = #gn.cpu_schedule<block = 8, rows = 4, prefetch = 12288, apply_prefetch = 12288,
// NARROW: gn.schedule = #gn.cpu_schedule<vector = 8, prefetch = 12288, prefetch_again = true, apply_prefetch = 12288, apply_again = true,
// NARROW: gn.schedule = #gn.cpu_schedule<vector = 8, rows = 2, prefetch = 12288, prefetch_again = true, apply_prefetch = 12288, apply_again = true,
// CHECK: return
func.func @half_rows(%x: memref<1x256x256x384xf32>, %h: memref<1x512x256x384xf16>) {
  gn.group_norm num_groups(32) ins(%x : memref<1x256x256x384xf32>) outs(%x : memref<1x256x256x384xf32>)
  gn.group_norm num_groups(32) ins(%h : memref<1x512x256x384xf16>) outs(%h : memref<1x512x256x384xf16>)
  return
}

// With vectors shorter than a line, an epilogue with an elementary function has x
// prefetched into the first-level cache; one of a few operations has not.

// CHECK-LABEL: func.func @epilogues
// NARROW: gn.schedule = #gn.cpu_schedule<{{.*}}, apply_prefetch = 4096, {{.*}}stream = true
// WIDE: gn.schedule = #gn.cpu_schedule<{{.*}}, apply_rows = 4, apply_apart = 16, apply_prefetch = 4096, {{.*}}stream = true
// CHECK: math.exp
// WIDE: gn.schedule = #gn.cpu_schedule<{{.*}}, apply_rows = 4, apply_apart = 16, piece = {{.*}}stream = true
// NARROW: gn.schedule = #gn.cpu_schedule<{{.*}}, apply_prefetch = 12288, {{.*}}stream = true
// CHECK: arith.maximumf
func.func @epilogues(%x: memref<1x256x256x512xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<1x256x256x512xf32>) outs(%x : memref<1x256x256x512xf32>)
    epilogue {
  ^bb0(%n: f32):
    %e = math.exp %n : f32
    gn.yield %e : f32
  }
  gn.group_norm num_groups(32) ins(%x : memref<1x256x256x512xf32>) outs(%x : memref<1x256x256x512xf32>)
    epilogue {
  ^bb0(%n: f32):
    %zero = arith.constant 0.0 : f32
    %r = arith.maximumf %n, %zero : f32
    gn.yield %r : f32
  }
  return
}

// Threads cost more than they gain on a tensor of a few kilobytes.

// CHECK-LABEL: func.func @tiny
// CHECK: gn.schedule = #gn.cpu_schedule<{{.*}}parallel = false>
func.func @tiny(%x: memref<1x4x4x128xf32>, %y: memref<1x4x4x128xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<1x4x4x128xf32>)
    outs(%y : memref<1x4x4x128xf32>)
  return
}

// Few features: a row is so many positions that it is whole vectors; never more
// than there are.

// CHECK-LABEL: func.func @narrow
// CHECK: gn.schedule = #gn.cpu_schedule<{{.*}}flatten = {{8|16|32|64}}
// CHECK: gn.schedule = #gn.cpu_schedule<{{.*}}flatten = {{[23][,>]}}
func.func @narrow(%x: memref<2x64x64x6xf32>, %y: memref<2x64x64x6xf32>, %p: memref<2x3x6xf32>) {
  gn.group_norm num_groups(3) ins(%x : memref<2x64x64x6xf32>)
    outs(%y : memref<2x64x64x6xf32>)
  gn.group_norm num_groups(3) ins(%p : memref<2x3x6xf32>)
    outs(%p : memref<2x3x6xf32>)
  return
}

// The compute type counts: f64 has half the lanes of f32, f16 as many.

// CHECK-LABEL: func.func @types
// WIDE: memref<2x8x8x128xf64>{{.*}}vector = 8,
// WIDE: memref<2x8x8x128xf16>{{.*}}<strategy = sample, block = 8, order
// NARROW: memref<2x8x8x128xf64>{{.*}}vector = 4,
// NARROW: memref<2x8x8x128xf16>{{.*}}vector = 8,
func.func @types(%x: memref<2x8x8x128xf64>, %h: memref<2x8x8x128xf16>) {
  gn.group_norm num_groups(2) ins(%x : memref<2x8x8x128xf64>) outs(%x : memref<2x8x8x128xf64>)
  gn.group_norm num_groups(2) ins(%h : memref<2x8x8x128xf16>) outs(%h : memref<2x8x8x128xf16>)
  return
}

// Vectors of 256 bits of bf16 go in pairs, where x and y are bf16 and their
// features are last.

// CHECK-LABEL: func.func @pairs
// WIDE-NOT: pairs =
// NARROW: memref<2x8x8x128xbf16>{{.*}}vector = 8, pairs = true,
// NARROW: gn.group_stats {{.*}}vector = 8, pairs = true,
// CHECK-NOT: pairs =
// CHECK: return
func.func @pairs(%b: memref<2x8x8x128xbf16>, %s: memref<2x2xf64>, %y: memref<2x8x8x128xf32>) {
  gn.group_norm num_groups(2) ins(%b : memref<2x8x8x128xbf16>) outs(%b : memref<2x8x8x128xbf16>)
  gn.group_stats num_groups(2) ins(%b : memref<2x8x8x128xbf16>) outs(%s, %s, %s : memref<2x2xf64>, memref<2x2xf64>, memref<2x2xf64>)
  gn.group_norm num_groups(2) ins(%b : memref<2x8x8x128xbf16>) outs(%y : memref<2x8x8x128xf32>)
  gn.group_norm num_groups(2) ins(%b : memref<2x8x8x128xbf16>) outs(%b : memref<2x8x8x128xbf16>) {feature_dim = 1 : i64}
  gn.group_norm num_groups(2) ins(%y : memref<2x8x8x128xf32>) outs(%b : memref<2x8x8x128xbf16>)
  return
}

// From memory. Rows of more than 4 KiB go by in bands, prefetched a few rows
// ahead, but where vectors fill lines. The last level holds no sample of 40 MiB:
// all of x is read before the first is normalized.

// CHECK-LABEL: func.func @wide_rows
// WIDE: gn.schedule = #gn.cpu_schedule<block = 8, rows = 2, prefetch = 12288, apply_rows = 2, apply_prefetch = 12288, piece = 256, stream = true>
// NARROW: gn.schedule = #gn.cpu_schedule<vector = 8, prefetch = 30720, prefetch_again = true, band = 108, apply_prefetch = 81920, apply_again = true, piece = 256, stream = true>
func.func @wide_rows(%x: memref<2x64x64x2560xf32>, %y: memref<2x64x64x2560xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<2x64x64x2560xf32>)
    outs(%y : memref<2x64x64x2560xf32>)
  return
}

// Rows of 1 KiB and more are swept alike, but for those whole pages apart, which
// are normalized one by one. What exceeds the last level three times streams out
// to four places 32 KiB apart.

// CHECK-LABEL: func.func @rows
// WIDE: gn.schedule = #gn.cpu_schedule<block = 8, rows = 2, prefetch = 12288, apply_rows = 4, apply_apart = 16, piece = 2048, stream = true>
// WIDE: gn.schedule = #gn.cpu_schedule<block = 8, rows = 2, prefetch = 12288, apply_rows = 2, apply_prefetch = 12288, piece = {{[0-9]+}}, stream = true>
// WIDE: gn.schedule = #gn.cpu_schedule<block = 8, rows = 2, prefetch = 12288, apply_prefetch = 12288, piece = {{[0-9]+}}, stream = true>
// WIDE: gn.schedule = #gn.cpu_schedule<block = 8, rows = 4, prefetch = 12288, apply_rows = 4, apply_apart = 64, piece = 8192, stream = true>
func.func @rows(%x: memref<1x256x256x512xf32>, %y: memref<1x200x336x256xf32>, %pages: memref<1x128x128x1024xf32>, %short: memref<1x512x512x128xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<1x256x256x512xf32>)
    outs(%x : memref<1x256x256x512xf32>)
  gn.group_norm num_groups(32) ins(%y : memref<1x200x336x256xf32>)
    outs(%y : memref<1x200x336x256xf32>)
  gn.group_norm num_groups(32) ins(%pages : memref<1x128x128x1024xf32>)
    outs(%pages : memref<1x128x128x1024xf32>)
  gn.group_norm num_groups(32) ins(%short : memref<1x512x512x128xf32>)
    outs(%short : memref<1x512x512x128xf32>)
  return
}

// Narrow rows too, though their accumulators would stay in registers. Many samples
// of 3 MB; one of 128 MB. Of vectors shorter than lines, three to four fill rows
// that memory brings as fast without prefetches.

// CHECK-LABEL: func.func @narrow_rows
// WIDE: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, rows = 4, prefetch = 12288, apply_prefetch = 12288, stream = true>
// WIDE: gn.schedule = #gn.cpu_schedule<block = 8, rows = 4, prefetch = 12288, apply_rows = 4, apply_apart = 64, piece = {{[0-9]+}}, stream = true>
// NARROW: ins({{.*}}memref<1x512x512x96xf32>{{.*}}gn.schedule = #gn.cpu_schedule<vector = 8, apply_prefetch = 4096, piece = {{[0-9]+}}, stream = true>
func.func @narrow_rows(%x: memref<32x80x80x128xf32>, %y: memref<1x512x512x128xf32>, %z: memref<1x512x512x96xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<32x80x80x128xf32>)
    outs(%x : memref<32x80x80x128xf32>)
  gn.group_norm num_groups(32) ins(%y : memref<1x512x512x128xf32>)
    outs(%y : memref<1x512x512x128xf32>)
  gn.group_norm num_groups(32) ins(%z : memref<1x512x512x96xf32>)
    outs(%z : memref<1x512x512x96xf32>)
  return
}

// Samples of 3 MB with rows of 1 KiB.

// CHECK-LABEL: func.func @middle_rows
// NARROW: gn.schedule = #gn.cpu_schedule<strategy = sample, vector = 8, prefetch = 12288, prefetch_again = true, apply_prefetch = 2048, stream = true>
// WIDE: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, rows = 4, prefetch = 12288, apply_prefetch = 12288, stream = true>
func.func @middle_rows(%x: memref<32x56x56x256xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<32x56x56x256xf32>)
    outs(%x : memref<32x56x56x256xf32>)
  return
}

// Many samples that fit the last level are work items, each read again by the
// core that has read it; few are cut into pieces, and go two at a time.

// CHECK-LABEL: func.func @many_and_few
// WIDE: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, rows = 4, prefetch = 12288, apply_prefetch = 12288, stream = true>
// WIDE: gn.schedule = #gn.cpu_schedule<block = 8, rows = 4, prefetch = 12288, apply_prefetch = 12288, piece = 128, span = 2, stream = true>
// NARROW: gn.schedule = #gn.cpu_schedule<strategy = sample, vector = 8, prefetch = 12288, prefetch_again = true, apply_prefetch = 2048, stream = true>
// NARROW: gn.schedule = #gn.cpu_schedule<vector = 8, rows = 2, prefetch = 16384, prefetch_again = true, apply_prefetch = 12288, apply_again = true, piece = 128, span = 2, stream = true>
func.func @many_and_few(%x: memref<32x28x28x512xf32>, %y: memref<14x32x32x512xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<32x28x28x512xf32>)
    outs(%x : memref<32x28x28x512xf32>)
  gn.group_norm num_groups(32) ins(%y : memref<14x32x32x512xf32>)
    outs(%y : memref<14x32x32x512xf32>)
  return
}

// What the second-level cache holds is not asked for when it is normalized.

// CHECK-LABEL: func.func @small_samples
// WIDE: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, rows = 4, prefetch = 12288, stream = true>
func.func @small_samples(%x: memref<100x14x14x256xf32>, %y: memref<100x14x14x256xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<100x14x14x256xf32>)
    outs(%y : memref<100x14x14x256xf32>)
  return
}

// y goes around a second-level cache that is large, where it would leave it: x of
// 2.5 MiB and of half that, and of a single sample, of which a part stays there.

// LARGE-LABEL: func.func @large_second_level
// LARGE: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, rows = 4, prefetch = 12288, piece = 64, stream = true>
// LARGE: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, order = blocks, apply_order = blocks, apply_rows = 2, piece = 64>
// LARGE: gn.schedule = #gn.cpu_schedule<block = 8, rows = 4, prefetch = 12288, apply_backwards = true, piece = 64, shares = -1, stream = true>
func.func @large_second_level(%x: memref<2x16x16x1280xf32>, %y: memref<2x16x16x640xf32>, %z: memref<1x16x32x1280xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<2x16x16x1280xf32>)
    outs(%x : memref<2x16x16x1280xf32>)
  gn.group_norm num_groups(32) ins(%y : memref<2x16x16x640xf32>)
    outs(%y : memref<2x16x16x640xf32>)
  gn.group_norm num_groups(32) ins(%z : memref<1x16x32x1280xf32>)
    outs(%z : memref<1x16x32x1280xf32>)
  return
}

// A schedule that an op has already is left alone.

// CHECK-LABEL: func.func @chosen
// CHECK: gn.schedule = #gn.cpu_schedule<vector = 2, block = 3, chunk = 10, piece = 20, parallel = false>
func.func @chosen(%x: memref<8x14x14x256xf32>, %y: memref<8x14x14x256xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<8x14x14x256xf32>)
    outs(%y : memref<8x14x14x256xf32>)
    {gn.schedule = #gn.cpu_schedule<vector = 2, block = 3, chunk = 10, piece = 20, parallel = false>}
  return
}

// Within the caches, wide rows go by in bands of whole lines, four rows in
// flight in the statistics; without a prefetch, where a line is several vectors.
// Rows that are normalized into the cache share shorter bands, unless they are
// whole pages. The pieces of a sample have two chunks at least, but where samples of
// the second level are few and may have to be cut for many threads.

// CHECK-LABEL: func.func @wide_rows_in_cache
// NARROW: gn.schedule = #gn.cpu_schedule<vector = 8, rows = 4, band = 128, piece = 128>
// NARROW: gn.schedule = #gn.cpu_schedule<strategy = sample, vector = 8, rows = 4, band = 128, apply_next = 1, stream = true>
// NARROW: gn.schedule = #gn.cpu_schedule<strategy = sample, vector = 8, rows = 4, band = 64, apply_rows = 4, chunk = 32, piece = 32>
// WIDE: gn.schedule = #gn.cpu_schedule<block = 8, rows = 4, prefetch = 98304, band = 64, piece = 128>
// WIDE: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, rows = 4, prefetch = 12288, stream = true>
// WIDE: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, order = blocks, band = 54, apply_order = blocks, apply_rows = 2, chunk = 32, piece = 32>
func.func @wide_rows_in_cache(%x: memref<2x14x16x3072xf32>, %y: memref<32x7x7x2048xf32>, %z: memref<2x8x8x2560xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<2x14x16x3072xf32>)
    outs(%x : memref<2x14x16x3072xf32>)
  gn.group_norm num_groups(32) ins(%y : memref<32x7x7x2048xf32>)
    outs(%y : memref<32x7x7x2048xf32>)
  gn.group_norm num_groups(32) ins(%z : memref<2x8x8x2560xf32>)
    outs(%z : memref<2x8x8x2560xf32>)
  return
}

// From the last level, rows in order beat blocks of them: four together, or two
// where x fills more than half of it. From 1/4 of it on, y goes around it. Of a
// sample in the second level, long blocks are as good, and short ones are not.

// CHECK-LABEL: func.func @last_level
// NARROW: gn.schedule = #gn.cpu_schedule<vector = 8, rows = 4, prefetch = 20480, piece = 128>
// WIDE: gn.schedule = #gn.cpu_schedule<block = 8, rows = 4, prefetch = 20480, piece = 128>
// NARROW: gn.schedule = #gn.cpu_schedule<strategy = sample, vector = 8, rows = 2, prefetch = 16384, prefetch_again = true, apply_prefetch = 2048, stream = true>
// WIDE: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, rows = 4, prefetch = 12288, stream = true>
// NARROW: gn.schedule = #gn.cpu_schedule<strategy = sample, vector = 8, rows = 4, prefetch = 8192, apply_next = 1, stream = true>
// NARROW: gn.schedule = #gn.cpu_schedule<vector = 8, rows = 2, prefetch = 30720, prefetch_again = true, apply_prefetch = 12288, apply_again = true, piece = 128, span = 1, stream = true>
func.func @last_level(%x: memref<2x32x32x640xf32>, %y: memref<32x14x14x1024xf32>, %z: memref<100x14x14x256xf32>,
                      %w: memref<2x64x64x960xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<2x32x32x640xf32>)
    outs(%x : memref<2x32x32x640xf32>)
  gn.group_norm num_groups(32) ins(%y : memref<32x14x14x1024xf32>)
    outs(%y : memref<32x14x14x1024xf32>)
  gn.group_norm num_groups(32) ins(%z : memref<100x14x14x256xf32>)
    outs(%z : memref<100x14x14x256xf32>)
  gn.group_norm num_groups(32) ins(%w : memref<2x64x64x960xf32>)
    outs(%w : memref<2x64x64x960xf32>)
  return
}

// The pieces of a sample are shared evenly: 17 chunks make six pieces of three,
// where five of four would leave one of two threads with three of them. Two
// samples are shared evenly by any pieces.

// CHECK-LABEL: func.func @even_pieces
// CHECK: gn.schedule = #gn.cpu_schedule<{{.*}}piece = 192
// CHECK: gn.schedule = #gn.cpu_schedule<{{.*}}piece = 320
func.func @even_pieces(%x: memref<1x25x42x256xf32>, %y: memref<2x25x42x256xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<1x25x42x256xf32>)
    outs(%x : memref<1x25x42x256xf32>)
  gn.group_norm num_groups(32) ins(%y : memref<2x25x42x256xf32>)
    outs(%y : memref<2x25x42x256xf32>)
  return
}

// Rows of a block: the statistics keep their accumulators, and y is written row
// by row where it is long.

// CHECK-LABEL: func.func @rows_of_a_block
// WIDE: gn.schedule = #gn.cpu_schedule<order = blocks, piece = 1600, flatten = 2>
// NARROW: gn.schedule = #gn.cpu_schedule<vector = 8, order = blocks, piece = 3008>
func.func @rows_of_a_block(%x: memref<1x48000x32xf32>) {
  gn.group_norm num_groups(1) ins(%x : memref<1x48000x32xf32>)
    outs(%x : memref<1x48000x32xf32>)
  return
}
