// What cannot become a kernel, and schedules that do not fit.

// RUN: groupnorm-opt %s -convert-gn-to-gpu -verify-diagnostics -split-input-file

func.func @f64(%x: memref<2x4x8xf64>, %y: memref<2x4x8xf64>) {
  // expected-error @below {{cannot become a GPU kernel: the element type of x is f64, which Metal does not have; convert it to f32 or compile for the CPU}}
  gn.group_norm num_groups(4) ins(%x : memref<2x4x8xf64>) outs(%y : memref<2x4x8xf64>)
  return
}

// -----

func.func @f64_result(%x: memref<2x4x8xf32>, %y: memref<2x4x8xf64>) {
  // expected-error @below {{cannot become a GPU kernel: the element type of init is f64, which Metal does not have; convert it to f32 or compile for the CPU}}
  gn.group_norm num_groups(4) ins(%x : memref<2x4x8xf32>) outs(%y : memref<2x4x8xf64>)
  return
}

// -----

func.func @halves(%x: memref<2x4x8xf32>, %n: memref<2x4xf64>) {
  // expected-error @below {{cannot become a GPU kernel; only gn.group_norm can}}
  gn.group_stats num_groups(4) ins(%x : memref<2x4x8xf32>)
    outs(%n, %n, %n : memref<2x4xf64>, memref<2x4xf64>, memref<2x4xf64>)
  return
}

// -----

func.func @strided(%x: memref<2x4x8xf32, strided<[64, 16, 1]>>, %y: memref<2x4x8xf32>) {
  // expected-error @below {{cannot become a GPU kernel: x has type memref<2x4x8xf32, strided<[64, 16, 1]>>, but must lie contiguously in memory}}
  gn.group_norm num_groups(4) ins(%x : memref<2x4x8xf32, strided<[64, 16, 1]>>) outs(%y : memref<2x4x8xf32>)
  return
}

// -----

func.func @large(%x: memref<4x1024x1024x1024xf16>, %y: memref<4x1024x1024x1024xf16>) {
  // expected-error @below {{cannot become a GPU kernel: x has 4294967296 elements, more than 32-bit indices can reach}}
  gn.group_norm num_groups(4) ins(%x : memref<4x1024x1024x1024xf16>) outs(%y : memref<4x1024x1024x1024xf16>)
  return
}

// -----

func.func @registers(%x: memref<2x64x64x64xf32>, %y: memref<2x64x64x64xf32>) {
  // expected-error @below {{cannot become a GPU kernel: strategy = single would keep 2048 elements of x in a thread's registers, more than 128; use more threads, fewer groups, looped or split}}
  gn.group_norm num_groups(4) ins(%x : memref<2x64x64x64xf32>) outs(%y : memref<2x64x64x64xf32>)
    {gn.schedule = #gn.metal_schedule<strategy = single, threads = 128, groups = 4>}
  return
}

// -----

func.func @dynamic(%x: memref<2x?x64xf32>, %y: memref<2x?x64xf32>) {
  // expected-error @below {{cannot become a GPU kernel: strategy = single needs static spatial sizes; use looped with keep, or split}}
  gn.group_norm num_groups(4) ins(%x : memref<2x?x64xf32>) outs(%y : memref<2x?x64xf32>)
    {gn.schedule = #gn.metal_schedule<strategy = single>}
  return
}

// -----

func.func @features_first(%x: memref<2x64x32xf32>, %y: memref<2x64x32xf32>) {
  // expected-error @below {{cannot become a GPU kernel: groups = 4 of the schedule must be 1 here, since features are not last in x}}
  gn.group_norm num_groups(4) ins(%x : memref<2x64x32xf32>) outs(%y : memref<2x64x32xf32>)
    {feature_dim = 1 : i64, gn.schedule = #gn.metal_schedule<groups = 4>}
  return
}

// -----

func.func @wide_rows(%x: memref<2x9x512xf32>, %y: memref<2x9x512xf32>) {
  // expected-error @below {{cannot become a GPU kernel: groups = 4 of the schedule must be 1 here, since a row of the tile has 512 elements, more than the 128 of a round}}
  gn.group_norm num_groups(4) ins(%x : memref<2x9x512xf32>) outs(%y : memref<2x9x512xf32>)
    {grouping = #gn.grouping<contiguous>, gn.schedule = #gn.metal_schedule<groups = 4, threads = 32>}
  return
}

// -----

func.func @threadgroup_memory(%x: memref<2x9x2048xf32>, %y: memref<2x9x2048xf32>) {
  // expected-error @below {{cannot become a GPU kernel: the schedule needs 77824 bytes of threadgroup memory, more than 32768; use fewer threads or groups}}
  gn.group_norm num_groups(512) ins(%x : memref<2x9x2048xf32>) outs(%y : memref<2x9x2048xf32>)
    {gn.schedule = #gn.metal_schedule<groups = 512, threads = 1024>}
  return
}

// -----

func.func @f64_input(%x: memref<2x4x8xf32>, %r: memref<2x4x8xf64>) {
  // expected-error @below {{cannot become a GPU kernel: the element type of epilogue input 0 is f64, which Metal does not have; convert it to f32 or compile for the CPU}}
  gn.group_norm num_groups(4) ins(%x : memref<2x4x8xf32>) outs(%x : memref<2x4x8xf32>)
    epilogue(%r : memref<2x4x8xf64> by [affine_map<(n, s, c) -> (n, s, c)>]) {
  ^bb0(%n: f32, %a: f64):
    %0 = arith.truncf %a : f64 to f32
    %1 = arith.addf %n, %0 : f32
    gn.yield %1 : f32
  }
  return
}

// -----

func.func @f64_epilogue(%x: memref<2x4x8xf32>) {
  // expected-error @below {{cannot become a GPU kernel: its epilogue computes in f64, which Metal does not have}}
  gn.group_norm num_groups(4) ins(%x : memref<2x4x8xf32>) outs(%x : memref<2x4x8xf32>) epilogue {
  ^bb0(%n: f32):
    %0 = arith.extf %n : f32 to f64
    %1 = arith.truncf %0 : f64 to f32
    gn.yield %1 : f32
  }
  return
}

// -----

func.func @strided_input(%x: memref<2x4x8xf32>, %r: memref<2x8xf32, strided<[16, 1]>>) {
  // expected-error @below {{cannot become a GPU kernel: epilogue input 0 has type memref<2x8xf32, strided<[16, 1]>>, but must lie contiguously in memory}}
  gn.group_norm num_groups(4) ins(%x : memref<2x4x8xf32>) outs(%x : memref<2x4x8xf32>)
    epilogue(%r : memref<2x8xf32, strided<[16, 1]>> by [affine_map<(n, s, c) -> (n, c)>]) {
  ^bb0(%n: f32, %a: f32):
    %0 = arith.addf %n, %a : f32
    gn.yield %0 : f32
  }
  return
}

// -----

func.func @some_positions(%x: memref<2x4x?x8xf32>, %r: memref<?x8xf32>) {
  // expected-error @below {{cannot become a GPU kernel: epilogue input 0 has some of x's spatial dimensions on a side of the features; of these only the first may be dynamic}}
  gn.group_norm num_groups(4) ins(%x : memref<2x4x?x8xf32>) outs(%x : memref<2x4x?x8xf32>)
    epilogue(%r : memref<?x8xf32> by [affine_map<(n, h, w, c) -> (w, c)>]) {
  ^bb0(%n: f32, %a: f32):
    %0 = arith.addf %n, %a : f32
    gn.yield %0 : f32
  }
  return
}
