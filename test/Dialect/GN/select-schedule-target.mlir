// RUN: groupnorm-opt %s -split-input-file -gn-select-schedule=cores=2 | FileCheck %s
// RUN: groupnorm-opt %s -split-input-file -gn-select-schedule="vector-bits=512 l2-size=1048576 l3-size=33554432 cores=2" | FileCheck %s --check-prefix=OPTIONS

// The target system specification of the module describes the CPU; options of
// the pass go before it. The same op, 100 KB a sample, for three machines.

// Both caches are large: a sample at a time, nothing around the cache.

// CHECK-LABEL: func.func @large_caches
// CHECK-NOT: stream = true
// CHECK: gn.schedule = #gn.cpu_schedule<strategy = sample, vector = 4,
// CHECK-NOT: stream = true
// CHECK: return

// OPTIONS-LABEL: func.func @large_caches
// OPTIONS: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, order
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "CPU" = #dlti.target_device_spec<
    "max_vector_op_width" = 128 : i64,
    "L2_cache_size_in_bytes" = 1048576 : i64,
    "L3_cache_size_in_bytes" = 33554432 : i64>>} {
  func.func @large_caches(%x: memref<8x10x10x256xf32>, %y: memref<8x10x10x256xf32>) {
    gn.group_norm num_groups(32) ins(%x : memref<8x10x10x256xf32>)
      outs(%y : memref<8x10x10x256xf32>)
    return
  }
}

// -----

// No sample fits the second level, nor x the last one.

// CHECK-LABEL: func.func @small_caches
// CHECK-NOT: strategy = sample
// CHECK: gn.schedule = #gn.cpu_schedule<vector = 8, {{.*}}stream = true

// OPTIONS-LABEL: func.func @small_caches
// OPTIONS: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, order
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "CPU" = #dlti.target_device_spec<
    "max_vector_op_width" = 256 : i64,
    "L2_cache_size_in_bytes" = 65536 : i64,
    "L3_cache_size_in_bytes" = 524288 : i64>>} {
  func.func @small_caches(%x: memref<8x10x10x256xf32>, %y: memref<8x10x10x256xf32>) {
    gn.group_norm num_groups(32) ins(%x : memref<8x10x10x256xf32>)
      outs(%y : memref<8x10x10x256xf32>)
    return
  }
}

// -----

// What the specification does not say, or says in another type, comes from the
// machine that compiles; another device says nothing about the CPU.

// CHECK-LABEL: func.func @partial
// CHECK: gn.schedule = #gn.cpu_schedule<{{.*}}vector = 2,

// OPTIONS-LABEL: func.func @partial
// OPTIONS: gn.schedule = #gn.cpu_schedule<strategy = sample, block = 8, order
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "CPU" = #dlti.target_device_spec<
    "max_vector_op_width" = 64 : i64,
    "L2_cache_size_in_bytes" = "large">,
  "GPU" = #dlti.target_device_spec<"max_vector_op_width" = 1024 : i64>>} {
  func.func @partial(%x: memref<8x10x10x256xf32>, %y: memref<8x10x10x256xf32>) {
    gn.group_norm num_groups(32) ins(%x : memref<8x10x10x256xf32>)
      outs(%y : memref<8x10x10x256xf32>)
    return
  }
}
