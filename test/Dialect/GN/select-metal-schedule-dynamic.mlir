// Sizes that are known at run time only: schedules for parts of what they may be.

// RUN: groupnorm-opt %s -gn-select-metal-schedule | groupnorm-opt | FileCheck %s
// RUN: groupnorm-opt %s -gn-select-metal-schedule=threadgroup-memory=1 | FileCheck %s --check-prefix=NONE
// NONE-NOT:   gn.schedule
// NONE-LABEL: @given

// Small groups stay in registers, whatever their size is; large ones are split.
// CHECK-LABEL: @few
// CHECK:         gn.schedule = #gn.metal_alternatives<[<{{.*}}positions = {{[0-9]+}}, schedule = <{{.*}}keep = {{[0-9]+}}>>, {{.*}}<schedule = <strategy = split,{{[^<]*}}>>]>
func.func @few(%x: memref<?x?x?x640xf32>, %y: memref<?x?x?x640xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<?x?x?x640xf32>) outs(%y : memref<?x?x?x640xf32>)
    {grouping = #gn.grouping<contiguous>}
  return
}

// How much there is to keep is known where only the samples are not.
// CHECK-LABEL: @samples
// CHECK-NOT:     keep
// CHECK:         schedule = <strategy = single
// CHECK-NOT:     keep
// CHECK-LABEL: @first
func.func @samples(%x: memref<?x8x8x64xf32>, %y: memref<?x8x8x64xf32>) {
  gn.group_norm num_groups(8) ins(%x : memref<?x8x8x64xf32>) outs(%y : memref<?x8x8x64xf32>)
  return
}

// A size between the features and others may be any: loads are of one element,
// and registers hold as many more of them.
// CHECK:         keep = 112
func.func @first(%x: memref<?x256x?x?xf32>, %y: memref<?x256x?x?xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<?x256x?x?xf32>) outs(%y : memref<?x256x?x?xf32>)
    {feature_dim = 1 : i64}
  return
}

// Of small samples there are many in the least size that has a schedule of its
// own: the first of these serves fewer too.
// CHECK-LABEL: @small_samples
// CHECK:         gn.schedule = #gn.metal_alternatives<[{{.*}}<schedule = <{{[^<]*}}>>]>
func.func @small_samples(%x: memref<?x9x16xf32>, %y: memref<?x9x16xf32>) {
  gn.group_norm num_groups(2) ins(%x : memref<?x9x16xf32>) outs(%y : memref<?x9x16xf32>)
  return
}

// What has a schedule keeps it.
// CHECK-LABEL: @given
// CHECK:         gn.schedule = #gn.metal_alternatives<[<positions = 7, schedule = <>>, <schedule = <threads = 64>>]>
func.func @given(%x: memref<?x?x64xf32>, %y: memref<?x?x64xf32>) {
  gn.group_norm num_groups(8) ins(%x : memref<?x?x64xf32>) outs(%y : memref<?x?x64xf32>)
    {gn.schedule = #gn.metal_alternatives<[<positions = 7, schedule = <>>, <schedule = <threads = 64>>]>}
  return
}
