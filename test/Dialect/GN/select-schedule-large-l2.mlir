// A second-level cache of 2 MiB, beside which the last level is slow.

// RUN: groupnorm-opt %s -gn-select-schedule="vector-bits=512 l2-size=2097152 l3-size=33554432 threads=1" | FileCheck %s --check-prefixes=CHECK,ONE
// RUN: groupnorm-opt %s -gn-select-schedule="vector-bits=512 l2-size=2097152 l3-size=33554432 threads=2" | FileCheck %s --check-prefixes=CHECK,TWO
// RUN: groupnorm-opt %s -gn-select-schedule="vector-bits=512 l2-size=2097152 l3-size=33554432 threads=4" | FileCheck %s --check-prefixes=CHECK,FOUR
// RUN: groupnorm-opt %s -gn-select-schedule="vector-bits=512 l2-size=2097152 l3-size=33554432 threads=0 cores=2" | FileCheck %s --check-prefixes=CHECK,ANY

// RUN: groupnorm-opt %s -gn-select-schedule="vector-bits=512 l2-size=2097152 l3-size=33554432 threads=16" | FileCheck %s --check-prefix=SIXTEEN
// RUN: groupnorm-opt %s -gn-select-schedule="vector-bits=512 l2-size=2097152 l3-size=33554432 cores=16" | FileCheck %s --check-prefix=SIXTEEN
// RUN: groupnorm-opt %s -gn-select-schedule="vector-bits=512 l2-size=2097152 l3-size=33554432 threads=128" | FileCheck %s --check-prefix=HUNDRED

#all = affine_map<(n, h, w, c) -> (n, h, w, c)>

// A second-level cache of 2 MiB keeps a part of a sample of 5 MiB, for the core
// that has read it: one thread takes that first, several whose number is known
// have shares of their own, and of shares that it holds nothing is asked for. Where
// the number is not known, each has a share all the same.

// CHECK-LABEL: func.func @kept
// ONE: gn.schedule = #gn.cpu_schedule<block = 7, rows = 4, prefetch = 12288, apply_prefetch = 12288, apply_backwards = true, piece = 256, span = 1, stream = true, parallel = false>
// TWO: gn.schedule = #gn.cpu_schedule<block = 7, rows = 4, prefetch = 12288, apply_prefetch = 12288, apply_backwards = true, piece = 256, shares = 2, span = 1, stream = true>
// FOUR: gn.schedule = #gn.cpu_schedule<block = 7, rows = 4, prefetch = 12288, apply_backwards = true, piece = 256, shares = 4, span = 1, stream = true>
// ANY: gn.schedule = #gn.cpu_schedule<block = 7, rows = 4, prefetch = 12288, apply_prefetch = 12288, apply_backwards = true, piece = 256, shares = -1, span = 1, stream = true>
func.func @kept(%x: memref<2x64x64x320xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<2x64x64x320xf32>)
    outs(%x : memref<2x64x64x320xf32>)
  return
}

// In a small sample, or group where features are first, there is room for y beside
// x: several threads store it there, one, which a line of y from memory stops,
// around it, and so do threads whose number is not known. 32 MiB of the last level are the most that this is done for.

// CHECK-LABEL: func.func @both
// ONE: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, rows = 4, prefetch = 12288, stream = true, parallel = false>
// ANY: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, rows = 4, prefetch = 12288, stream = true>
// TWO: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, rows = 4, prefetch = 12288>
// TWO: gn.schedule = #gn.cpu_schedule<strategy = sample, {{.*}}flatten = {{[0-9]+}}>
// TWO: gn.schedule = #gn.cpu_schedule<strategy = sample, {{.*}}stream = true>
func.func @both(%x: memref<32x14x14x1024xf32>, %first: memref<32x1024x14x14xf32>, %large: memref<48x14x14x1024xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<32x14x14x1024xf32>)
    outs(%x : memref<32x14x14x1024xf32>)
  gn.group_norm num_groups(32) ins(%first : memref<32x1024x14x14xf32>)
    outs(%first : memref<32x1024x14x14xf32>) {feature_dim = 1 : i64}
  gn.group_norm num_groups(32) ins(%large : memref<48x14x14x1024xf32>)
    outs(%large : memref<48x14x14x1024xf32>)
  return
}

// A sample of 32 MiB is the largest of which enough is kept.

// CHECK-LABEL: func.func @not_kept
// ONE-NOT: apply_backwards
// TWO-NOT: shares
// CHECK: return
func.func @not_kept(%x: memref<1x130x130x512xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<1x130x130x512xf32>)
    outs(%x : memref<1x130x130x512xf32>)
  return
}

// Of larger samples, some groups fit, whoever has them: as many as make up 960 bytes
// of a row, or if these are too large 640. Where y does not begin at a line, there are
// pieces, as on more threads than there are tiles.

// CHECK-LABEL: func.func @tiles
// CHECK: gn.schedule = #gn.cpu_schedule<strategy = sample, tile = 4, {{.*}}order = blocks, {{.*}}apply_backwards = true, {{.*}}stream = true
// CHECK: gn.schedule = #gn.cpu_schedule<strategy = sample, tile = 4, {{.*}}order = blocks, {{.*}}apply_rows = 2, apply_backwards = true, {{.*}}stream = true
// CHECK: gn.schedule = #gn.cpu_schedule<strategy = sample, tile = 1, vector = 8,
// CHECK: gn.schedule = #gn.cpu_schedule<strategy = sample, tile = 2, order = blocks, apply_backwards = true, piece = 128,{{.*}} stream = true
// SIXTEEN-LABEL: func.func @tiles
// SIXTEEN-COUNT-4: strategy = sample, tile =
// SIXTEEN: gn.schedule = #gn.cpu_schedule<block = 8, {{.*}}piece = 64>
func.func @tiles(%x: memref<2x24x24x1920xf32>, %wide: memref<1x16x8x8192xf64>, %short: memref<2x32x32x2560xf32>, %one: memref<1x24x24x1920xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<2x24x24x1920xf32>)
    outs(%x : memref<2x24x24x1920xf32>) {grouping = #gn.grouping<contiguous>}
  gn.group_norm num_groups(32) ins(%x : memref<2x24x24x1920xf32>)
    outs(%x : memref<2x24x24x1920xf32>) {grouping = #gn.grouping<contiguous>} epilogue {
  ^bb0(%y: f32):
    %e = math.exp %y : f32
    gn.yield %e : f32
  }
  gn.group_norm num_groups(32) ins(%wide : memref<1x16x8x8192xf64>)
    outs(%wide : memref<1x16x8x8192xf64>) {grouping = #gn.grouping<contiguous>}
  gn.group_norm num_groups(32) ins(%short : memref<2x32x32x2560xf32>)
    outs(%short : memref<2x32x32x2560xf32>) {grouping = #gn.grouping<contiguous>}
  gn.group_norm num_groups(32) ins(%one : memref<1x24x24x1920xf32>)
    outs(%one : memref<1x24x24x1920xf32>) {grouping = #gn.grouping<contiguous>}
  return
}

// None where groups are interleaved, the tile has no whole lines of a row, rows of
// pages would share a few sets of the cache, the tile would exceed half of it, or 2/5
// of it where it keeps half of a sample anyway, where two threads have the sample between them, or an
// epilogue reads another tensor; halves gain too little.

// CHECK-LABEL: func.func @no_tiles
// CHECK-NOT: tile
// CHECK: return
func.func @no_tiles(%x: memref<2x24x24x1920xf32>, %y: memref<2x40x40x1920xf32>, %lines: memref<2x24x24x1888xf32>, %shared: memref<2x32x32x640xf32>, %half: memref<2x24x24x3840xf16>, %pages: memref<4x36x36x1024xf32>, %kept: memref<4x40x40x640xf32>) {
  gn.group_norm num_groups(32) ins(%kept : memref<4x40x40x640xf32>)
    outs(%kept : memref<4x40x40x640xf32>) {grouping = #gn.grouping<contiguous>}
  gn.group_norm num_groups(32) ins(%pages : memref<4x36x36x1024xf32>)
    outs(%pages : memref<4x36x36x1024xf32>) {grouping = #gn.grouping<contiguous>}
  gn.group_norm num_groups(32) ins(%x : memref<2x24x24x1920xf32>)
    outs(%x : memref<2x24x24x1920xf32>)
  gn.group_norm num_groups(32) ins(%lines : memref<2x24x24x1888xf32>)
    outs(%lines : memref<2x24x24x1888xf32>) {grouping = #gn.grouping<contiguous>}
  gn.group_norm num_groups(32) ins(%y : memref<2x40x40x1920xf32>)
    outs(%y : memref<2x40x40x1920xf32>) {grouping = #gn.grouping<contiguous>}
  gn.group_norm num_groups(32) ins(%shared : memref<2x32x32x640xf32>)
    outs(%shared : memref<2x32x32x640xf32>) {grouping = #gn.grouping<contiguous>}
  gn.group_norm num_groups(32) ins(%x : memref<2x24x24x1920xf32>)
    outs(%x : memref<2x24x24x1920xf32>) {grouping = #gn.grouping<contiguous>} epilogue(%x : memref<2x24x24x1920xf32> by [#all]) {
  ^bb0(%v: f32, %r: f32):
    %sum = arith.addf %v, %r : f32
    gn.yield %sum : f32
  }
  gn.group_norm num_groups(32) ins(%half : memref<2x24x24x3840xf16>)
    outs(%half : memref<2x24x24x3840xf16>) {grouping = #gn.grouping<contiguous>}
  return
}

// Sizes that only a call knows have tiles among their alternatives.

// CHECK-LABEL: func.func @dynamic_tiles
// CHECK: positions = {{1[0-9]+}}, schedule = <strategy = sample, tile = 4, {{.*}}order = blocks, apply_backwards = true, piece = 128, {{.*}}stream = true
func.func @dynamic_tiles(%x: memref<?x?x?x1920xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<?x?x?x1920xf32>)
    outs(%x : memref<?x?x?x1920xf32>) {grouping = #gn.grouping<contiguous>}
  return
}

// Threads share the groups of what their second levels have among them: four
// tiles of a sample, or as many as there are threads, of no less than 320 bytes of
// a row; of larger tensors, if samples are fewer than threads. Where not even a
// part of a row is long, or no part has whole lines, a sample of more than 512 KiB
// is split.

// CHECK-LABEL: func.func @shared_tiles
// ONE: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8,
// TWO: gn.schedule = #gn.cpu_schedule<strategy = sample, tile = 8, {{.*}}apply_rows = 2>
// FOUR: gn.schedule = #gn.cpu_schedule<strategy = sample, tile = 8,
// ANY: gn.schedule = #gn.cpu_schedule<strategy = sample, tile = 8,
// ONE: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, {{.*}}stream = true,
// TWO: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, {{.*}}prefetch = 12288, stream = true>
// FOUR: gn.schedule = #gn.cpu_schedule<strategy = sample, tile = 16,
// ANY: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, {{.*}}stream = true>
// ONE: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 7,
// TWO: gn.schedule = #gn.cpu_schedule<strategy = sample, tile = 8, block = 5,
// CHECK: gn.schedule = #gn.cpu_schedule<block = 7, {{.*}}piece = 192
// CHECK: gn.schedule = #gn.cpu_schedule<block = 8, {{.*}}piece = 128, flatten = 2
func.func @shared_tiles(%x: memref<1x12x12x2560xf32>, %two: memref<2x16x16x1280xf32>, %small: memref<1x16x16x320xf32>, %narrow: memref<1x24x24x320xf32>, %lines: memref<1x24x24x650xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<1x12x12x2560xf32>)
    outs(%x : memref<1x12x12x2560xf32>) {grouping = #gn.grouping<contiguous>}
  gn.group_norm num_groups(32) ins(%two : memref<2x16x16x1280xf32>)
    outs(%two : memref<2x16x16x1280xf32>) {grouping = #gn.grouping<contiguous>}
  gn.group_norm num_groups(32) ins(%small : memref<1x16x16x320xf32>)
    outs(%small : memref<1x16x16x320xf32>) {grouping = #gn.grouping<contiguous>}
  gn.group_norm num_groups(32) ins(%narrow : memref<1x24x24x320xf32>)
    outs(%narrow : memref<1x24x24x320xf32>) {grouping = #gn.grouping<contiguous>}
  gn.group_norm num_groups(2) ins(%lines : memref<1x24x24x650xf32>)
    outs(%lines : memref<1x24x24x650xf32>) {grouping = #gn.grouping<contiguous>}
  return
}

// Of samples that have no tiles two threads get a half each, where rows are few.

// CHECK-LABEL: func.func @few_rows
// CHECK: gn.schedule = #gn.cpu_schedule<block = 8, {{.*}}chunk = 72, piece = 72
// CHECK: gn.schedule = #gn.cpu_schedule<block = 8, {{.*}}chunk = 80, piece = 80
// CHECK: gn.schedule = #gn.cpu_schedule<block = 8, {{.*}}piece = 128
// CHECK: chunk = 40, piece = 40
func.func @few_rows(%x: memref<1x12x12x2560xf32>, %most: memref<1x10x16x2560xf32>, %more: memref<1x7x23x2560xf32>, %any: memref<?x?x?x2560xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<1x12x12x2560xf32>)
    outs(%x : memref<1x12x12x2560xf32>)
  gn.group_norm num_groups(32) ins(%most : memref<1x10x16x2560xf32>)
    outs(%most : memref<1x10x16x2560xf32>)
  gn.group_norm num_groups(32) ins(%more : memref<1x7x23x2560xf32>)
    outs(%more : memref<1x7x23x2560xf32>)
  gn.group_norm num_groups(32) ins(%any : memref<?x?x?x2560xf32>)
    outs(%any : memref<?x?x?x2560xf32>)
  return
}

// An epilogue that reads another tensor asks for it where x needs no asking for;
// where several places stream out at a time, less early.

// CHECK-LABEL: func.func @residual
// ONE: strategy = sample, {{.*}}apply_prefetch = 12288,
// ONE: apply_rows = 4, apply_apart = 16, apply_prefetch = 4096,
// ONE: apply_rows = 4, apply_apart = 16, apply_prefetch = 4096,
func.func @residual(%x: memref<32x14x14x1024xf32>, %large: memref<2x128x128x960xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<32x14x14x1024xf32>)
    outs(%x : memref<32x14x14x1024xf32>) epilogue(%x : memref<32x14x14x1024xf32> by [#all]) {
  ^bb0(%y: f32, %r: f32):
    %sum = arith.addf %y, %r : f32
    gn.yield %sum : f32
  }
  gn.group_norm num_groups(32) ins(%large : memref<2x128x128x960xf32>)
    outs(%large : memref<2x128x128x960xf32>) epilogue(%large : memref<2x128x128x960xf32> by [#all]) {
  ^bb0(%y: f32, %r: f32):
    %sum = arith.addf %y, %r : f32
    gn.yield %sum : f32
  }
  gn.group_norm num_groups(32) ins(%large : memref<2x128x128x960xf32>)
    outs(%large : memref<2x128x128x960xf32>) epilogue(%large : memref<2x128x128x960xf32> by [#all]) {
  ^bb0(%y: f32, %r: f32):
    %sum = arith.addf %y, %r : f32
    %e = math.exp %sum : f32
    gn.yield %e : f32
  }
  return
}

// Of few samples that this cache holds, more threads have pieces; they are the same
// where a sample is one work item. Where all of x and y is in their caches at a time,
// y goes there too.

// CHECK-LABEL: func.func @few
// SIXTEEN-LABEL: func.func @few
// ONE: gn.schedule = #gn.cpu_schedule<strategy = sample, {{.*}}piece = 128, stream = true, parallel = false>
// TWO: gn.schedule = #gn.cpu_schedule<strategy = sample, {{.*}}piece = 128, stream = true>
// FOUR: gn.schedule = #gn.cpu_schedule<block = 7, rows = 4, prefetch = 12288, piece = 128>
// SIXTEEN: gn.schedule = #gn.cpu_schedule<block = 7, rows = 4, prefetch = 12288, piece = 128>
func.func @few(%x: memref<2x32x32x320xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<2x32x32x320xf32>)
    outs(%x : memref<2x32x32x320xf32>)
  return
}

// Contiguous groups make tiles, until these are too few.

// CHECK-LABEL: func.func @few_contiguous
// SIXTEEN-LABEL: func.func @few_contiguous
// ONE: gn.schedule = #gn.cpu_schedule<strategy = sample, {{.*}}piece = 128, stream = true, parallel = false>
// FOUR: gn.schedule = #gn.cpu_schedule<strategy = sample, tile = 16, {{.*}}piece = 128>
// SIXTEEN: gn.schedule = #gn.cpu_schedule<block = 7, rows = 4, prefetch = 12288, piece = 128>
func.func @few_contiguous(%x: memref<2x32x32x320xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<2x32x32x320xf32>)
    outs(%x : memref<2x32x32x320xf32>) {grouping = #gn.grouping<contiguous>}
  return
}

// Of samples that it does not hold, so many are in flight that all threads have a
// piece of them, and as many as their caches have room for.

// CHECK-LABEL: func.func @in_flight
// SIXTEEN-LABEL: func.func @in_flight
// ONE: gn.schedule = #gn.cpu_schedule<{{.*}}piece = 128, span = 1, stream = true, parallel = false>
// TWO: gn.schedule = #gn.cpu_schedule<{{.*}}piece = 128, shares = 2, span = 1, stream = true>
// FOUR: gn.schedule = #gn.cpu_schedule<{{.*}}piece = 128, shares = 2, stream = true>
// SIXTEEN: gn.schedule = #gn.cpu_schedule<block = 8, rows = 4, prefetch = 12288, piece = 128>
// ONE: gn.schedule = #gn.cpu_schedule<{{.*}}piece = 256, span = 1, stream = true, parallel = false>
// FOUR: gn.schedule = #gn.cpu_schedule<{{.*}}piece = 256, shares = 4, span = 1, stream = true>
// SIXTEEN: gn.schedule = #gn.cpu_schedule<{{.*}}apply_backwards = true, piece = 256, shares = {{8|-1}}, span = 2, stream = true>
func.func @in_flight(%x: memref<2x32x32x640xf32>, %y: memref<4x64x64x640xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<2x32x32x640xf32>)
    outs(%x : memref<2x32x32x640xf32>)
  gn.group_norm num_groups(32) ins(%y : memref<4x64x64x640xf32>)
    outs(%y : memref<4x64x64x640xf32>)
  return
}

// Of a part of a row nothing is asked for ahead: it would be another thread's.

// CHECK-LABEL: func.func @parts_of_rows
// FOUR: gn.schedule = #gn.cpu_schedule<strategy = sample, tile = 16, block = 8, order = blocks>
func.func @parts_of_rows(%x: memref<2x16x16x1280xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<2x16x16x1280xf32>)
    outs(%x : memref<2x16x16x1280xf32>) {grouping = #gn.grouping<contiguous>}
  return
}

// Where there are fewer tiles than threads, there are pieces, the same as those of
// tiles.

// CHECK-LABEL: func.func @fewer_tiles
// HUNDRED-LABEL: func.func @fewer_tiles
// CHECK: gn.schedule = #gn.cpu_schedule<strategy = sample, tile = 2, {{.*}}piece = 128, {{.*}}stream = true
// HUNDRED-NOT: strategy = sample
// HUNDRED: gn.schedule = #gn.cpu_schedule<{{.*}}piece = 128
func.func @fewer_tiles(%x: memref<2x32x32x2560xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<2x32x32x2560xf32>)
    outs(%x : memref<2x32x32x2560xf32>) {grouping = #gn.grouping<contiguous>}
  return
}
