// Schedules from a file, by shape, type, features and groups. Of two for one
// problem the last one counts.

// RUN: split-file %s %t
// RUN: groupnorm-opt %t/ops.mlir -gn-select-schedule="schedule-file=%t/schedules.json" 2> %t/warnings | FileCheck %s
// RUN: FileCheck %s --check-prefix=WARNING < %t/warnings

//--- schedules.json
{"schedules": [
  {"x": "?x8x32xf32", "feature_dim": 2, "num_groups": 4, "grouping": "interleaved",
   "schedule": "#gn.cpu_schedule<chunk = 6>"},
  {"x": "2x8x32xf32", "feature_dim": 2, "num_groups": 4, "grouping": "interleaved",
   "schedule": "#gn.cpu_schedule<chunk = 1>"},
  {"x": "2x8x32xf32", "feature_dim": 2, "num_groups": 4, "grouping": "contiguous",
   "schedule": "#gn.cpu_schedule<chunk = 2>", "note": "for readers"},
  {"x": "2x8x32xf16", "feature_dim": 2, "num_groups": 4, "grouping": "interleaved",
   "schedule": "#gn.cpu_schedule<chunk = 3>"},
  {"x": "2x8x32xf32", "feature_dim": 1, "num_groups": 4, "grouping": "interleaved",
   "schedule": "#gn.cpu_schedule<chunk = 4>"},
  {"x": "?x8x32xf32", "feature_dim": 2, "num_groups": 4, "grouping": "interleaved",
   "schedule": "#gn.cpu_schedule<chunk = 5>"}
]}

//--- ops.mlir

// CHECK: num_groups(4) {{.*}}chunk = 1>
// CHECK: num_groups(4) {{.*}}chunk = 2>
// CHECK: num_groups(4) {{.*}}memref<2x8x32xf16>{{.*}}chunk = 3>
// CHECK: num_groups(4) {{.*}}feature_dim = 1{{.*}}chunk = 4>
// CHECK: num_groups(4) {{.*}}memref<?x8x32xf32>{{.*}}chunk = 5>
func.func @found(%x: memref<2x8x32xf32>, %h: memref<2x8x32xf16>, %d: memref<?x8x32xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x8x32xf32>) outs(%x : memref<2x8x32xf32>)
  gn.group_norm num_groups(4) ins(%x : memref<2x8x32xf32>) outs(%x : memref<2x8x32xf32>) {grouping = #gn.grouping<contiguous>}
  gn.group_norm num_groups(4) ins(%h : memref<2x8x32xf16>) outs(%h : memref<2x8x32xf16>)
  gn.group_norm num_groups(4) ins(%x : memref<2x8x32xf32>) outs(%x : memref<2x8x32xf32>) {feature_dim = 1 : i64}
  gn.group_norm num_groups(4) ins(%d : memref<?x8x32xf32>) outs(%d : memref<?x8x32xf32>)
  return
}

// What the file does not have is chosen as ever.

// CHECK: num_groups(8) {{.*}}gn.schedule = #gn.cpu_schedule<{{.*}}parallel = false>
func.func @missing(%x: memref<2x8x32xf32>) {
  // WARNING: ops.mlir:{{[0-9]+:[0-9]+}}: warning: '{{.*}}schedules.json' has no schedule for x 2x8x32xf32 with 8 interleaved groups of dimension 2: one is chosen
  gn.group_norm num_groups(8) ins(%x : memref<2x8x32xf32>) outs(%x : memref<2x8x32xf32>)
  return
}
