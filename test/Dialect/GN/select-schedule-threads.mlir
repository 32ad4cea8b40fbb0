// Several threads store through the cache what one thread streams around it. The
// fields that decide the bits of the result are the same: vector, chunk, piece and
// flatten.

// RUN: groupnorm-opt %s -gn-select-schedule="vector-bits=512 l2-size=1310720 l3-size=33554432 threads=1" | FileCheck %s --check-prefixes=CHECK,ONE
// RUN: groupnorm-opt %s -gn-select-schedule="vector-bits=512 l2-size=1310720 l3-size=33554432 threads=2" | FileCheck %s --check-prefixes=CHECK,MANY
// RUN: groupnorm-opt %s -gn-select-schedule="vector-bits=512 l2-size=1310720 l3-size=33554432 threads=0 cores=2" | FileCheck %s --check-prefixes=CHECK,MANY

// CHECK-LABEL: func.func @split
// ONE:  gn.schedule = #gn.cpu_schedule<block = 7, {{.*}}piece = 256, stream = true, parallel = false>
// MANY: gn.schedule = #gn.cpu_schedule<block = 7, {{.*}}piece = 256>
func.func @split(%x: memref<2x64x64x320xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<2x64x64x320xf32>)
    outs(%x : memref<2x64x64x320xf32>)
  return
}

// CHECK-LABEL: func.func @sample
// ONE:  gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, {{.*}}stream = true, parallel = false>
// MANY: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, order = blocks>
func.func @sample(%x: memref<48x14x14x256xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<48x14x14x256xf32>)
    outs(%x : memref<48x14x14x256xf32>)
  return
}

// CHECK-LABEL: func.func @large
// ONE:  gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, {{.*}}stream = true, parallel = false>
// MANY: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, {{.*}}stream = true>
func.func @large(%x: memref<100x14x14x256xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<100x14x14x256xf32>)
    outs(%x : memref<100x14x14x256xf32>)
  return
}

// Wide rows are streamed earlier, and not in bands then.

// CHECK-LABEL: func.func @wide
// ONE:  gn.schedule = #gn.cpu_schedule<block = 8, rows = 4, prefetch = 12288, apply_prefetch = 12288, piece = 128, stream = true, parallel = false>
// MANY: gn.schedule = #gn.cpu_schedule<block = 8, {{.*}}band = 64, piece = 128>
func.func @wide(%x: memref<2x16x16x3072xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<2x16x16x3072xf32>)
    outs(%x : memref<2x16x16x3072xf32>)
  return
}
