// RUN: groupnorm-opt %s -gn-select-schedule="vector-bits=512 l2-size=1048576 l3-size=33554432 cores=2" | FileCheck %s

// Positions of a row: as many as fill whole vectors of 16 features, where a sample
// is whole rows of that kind and has many.

// CHECK-LABEL: func.func @whole_vectors
// CHECK: gn.schedule = #gn.cpu_schedule<{{.*}}flatten = 8{{[,>]}}
// CHECK: gn.schedule = #gn.cpu_schedule<{{.*}}flatten = 16{{[,>]}}
func.func @whole_vectors(%x: memref<4x16x16x150xf32>, %y: memref<1x300x300x1001xf32>) {
  gn.group_norm num_groups(10) ins(%x : memref<4x16x16x150xf32>) outs(%x : memref<4x16x16x150xf32>)
  gn.group_norm num_groups(7) ins(%y : memref<1x300x300x1001xf32>) outs(%y : memref<1x300x300x1001xf32>)
  return
}

// Half as many of them, and so on, where positions would be left over, where there
// would be few rows, or where what is kept of a row exceeds the first-level cache.

// CHECK-LABEL: func.func @fewer
// CHECK: gn.schedule = #gn.cpu_schedule<{{.*}}flatten = 4{{[,>]}}
// CHECK: gn.schedule = #gn.cpu_schedule<{{.*}}flatten = 2{{[,>]}}
// CHECK: gn.schedule = #gn.cpu_schedule<{{.*}}flatten = 2{{[,>]}}
// CHECK-NOT: flatten
// CHECK: return
func.func @fewer(%x: memref<64x14x14x150xf32>, %y: memref<8x8x8x300xf32>, %z: memref<1x32x32x1001xf32>, %odd: memref<32x7x7x66xf32>) {
  gn.group_norm num_groups(10) ins(%x : memref<64x14x14x150xf32>) outs(%x : memref<64x14x14x150xf32>)
  gn.group_norm num_groups(10) ins(%y : memref<8x8x8x300xf32>) outs(%y : memref<8x8x8x300xf32>)
  gn.group_norm num_groups(7) ins(%z : memref<1x32x32x1001xf32>) outs(%z : memref<1x32x32x1001xf32>)
  gn.group_norm num_groups(6) ins(%odd : memref<32x7x7x66xf32>) outs(%odd : memref<32x7x7x66xf32>)
  return
}

// Beside many rows, a rest counts little. Features that fill no vector need several
// positions whatever is left.

// CHECK-LABEL: func.func @beside_rest
// CHECK: gn.schedule = #gn.cpu_schedule<{{.*}}flatten = 2{{[,>]}}
// CHECK: gn.schedule = #gn.cpu_schedule<{{.*}}flatten = 2{{[,>]}}
func.func @beside_rest(%x: memref<8x99999x40xf32>, %y: memref<64x7x7x12xf32>) {
  gn.group_norm num_groups(8) ins(%x : memref<8x99999x40xf32>) outs(%x : memref<8x99999x40xf32>)
  gn.group_norm num_groups(3) ins(%y : memref<64x7x7x12xf32>) outs(%y : memref<64x7x7x12xf32>)
  return
}

// A sample of a few vectors is one row.

// CHECK-LABEL: func.func @one_row
// CHECK: gn.schedule = #gn.cpu_schedule<{{.*}}flatten = 7{{[,>]}}
func.func @one_row(%x: memref<64x7x10xf32>) {
  gn.group_norm num_groups(2) ins(%x : memref<64x7x10xf32>) outs(%x : memref<64x7x10xf32>)
  return
}

// One position where their number is not known, since a rest would keep y from being
// streamed, and where an epilogue reads an element for each.

#position = affine_map<(n, s, c) -> (n, s)>
// CHECK-LABEL: func.func @one_position
// CHECK-NOT: flatten
// CHECK: return
func.func @one_position(%x: memref<8x?x40xf32>, %y: memref<4x256x150xf32>, %mask: memref<4x256xf32>) {
  gn.group_norm num_groups(8) ins(%x : memref<8x?x40xf32>) outs(%x : memref<8x?x40xf32>)
  gn.group_norm num_groups(10) ins(%y : memref<4x256x150xf32>) outs(%y : memref<4x256x150xf32>)
    epilogue(%mask : memref<4x256xf32> by [#position]) {
  ^bb0(%n: f32, %m: f32):
    %r = arith.mulf %n, %m : f32
    gn.yield %r : f32
  }
  return
}

// Several, where it reads what stands in the order of x, be it the same in all samples.

#any_sample = affine_map<(n, s, c) -> (s, c)>
// CHECK-LABEL: func.func @any_sample
// CHECK: gn.schedule = #gn.cpu_schedule<{{.*}}flatten = 8{{[,>]}}
func.func @any_sample(%x: memref<4x256x150xf32>, %bias: memref<256x150xf32>) {
  gn.group_norm num_groups(10) ins(%x : memref<4x256x150xf32>) outs(%x : memref<4x256x150xf32>)
    epilogue(%bias : memref<256x150xf32> by [#any_sample]) {
  ^bb0(%n: f32, %b: f32):
    %r = arith.addf %n, %b : f32
    gn.yield %r : f32
  }
  return
}
