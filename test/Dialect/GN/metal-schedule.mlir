// What #gn.metal_schedule refuses, and what the policy gives.

// RUN: groupnorm-opt %s -verify-diagnostics -split-input-file

// expected-error @below {{threads = 48 is not a multiple of 32 in [32, 1024]}}
func.func private @threads() attributes {a = #gn.metal_schedule<threads = 48>}

// -----

// expected-error @below {{vector = 3 is not 1, 2 or 4}}
func.func private @vector() attributes {a = #gn.metal_schedule<vector = 3>}

// -----

// expected-error @below {{groups = 0 is not positive}}
func.func private @groups() attributes {a = #gn.metal_schedule<groups = 0>}

// -----

// expected-error @below {{chunk = 17 is not in [1, 16]}}
func.func private @chunk() attributes {a = #gn.metal_schedule<chunk = 17>}

// -----

// expected-error @below {{keep = 129 is not in [0, 128]}}
func.func private @keep() attributes {a = #gn.metal_schedule<keep = 129>}

// -----

// expected-error @below {{keep = 4 needs strategy = looped; single keeps all of x, split nothing}}
func.func private @keep_split() attributes {a = #gn.metal_schedule<strategy = split, keep = 4>}

// -----

// expected-error @below {{piece = 6 is not a positive multiple of chunk = 4}}
func.func private @piece() attributes {a = #gn.metal_schedule<chunk = 4, piece = 6>}

// -----

func.func @divides(%x: memref<2x4x8xf32>, %y: memref<2x4x8xf32>) {
  // expected-error @below {{C15: groups = 3 of the schedule does not divide num_groups = 4}}
  gn.group_norm num_groups(4) ins(%x : memref<2x4x8xf32>) outs(%y : memref<2x4x8xf32>)
    {gn.schedule = #gn.metal_schedule<groups = 3>}
  return
}

// -----

func.func @belongs(%x: memref<2x4x8xf32>, %n: memref<2x4xf64>) {
  // expected-error @below {{C15: a #gn.metal_schedule belongs on gn.group_norm}}
  gn.group_stats num_groups(4) ins(%x : memref<2x4x8xf32>)
    outs(%n, %n, %n : memref<2x4xf64>, memref<2x4xf64>, memref<2x4xf64>)
    {gn.schedule = #gn.metal_schedule<>}
  return
}
