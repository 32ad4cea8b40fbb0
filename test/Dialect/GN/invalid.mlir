// Constraints C1 to C17 of the dialect, each by an op that breaks it alone.

// RUN: groupnorm-opt %s -verify-diagnostics -split-input-file

// C1: a tensor and a memref.
func.func @f(%x: tensor<2x4x8xf32>, %i: memref<2x4x8xf32>) {
  // expected-error @below {{C1: the operands must be all ranked tensors or all ranked memrefs}}
  gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : memref<2x4x8xf32>)
  return
}

// -----

// C1: a shaped type of another kind.
func.func @f(%x: vector<2x4x8xf32>, %i: vector<2x4x8xf32>) {
  // expected-error @below {{C1: the operands must be all ranked tensors or all ranked memrefs}}
  gn.group_norm num_groups(2) ins(%x : vector<2x4x8xf32>) outs(%i : vector<2x4x8xf32>)
  return
}

// -----

// C1: no rank.
func.func @f(%x: memref<*xf32>, %i: memref<*xf32>) {
  // expected-error @below {{C1: the operands must be all ranked tensors or all ranked memrefs}}
  gn.group_norm num_groups(2) ins(%x : memref<*xf32>) outs(%i : memref<*xf32>)
  return
}

// -----

// C1: the statistics count as operands.
func.func @f(%x: tensor<2x4x8xf32>, %s: memref<2x2xf64>) {
  // expected-error @below {{C1: the operands must be all ranked tensors or all ranked memrefs}}
  gn.group_stats num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%s, %s, %s : memref<2x2xf64>, memref<2x2xf64>, memref<2x2xf64>)
  return
}

// -----

// C2
func.func @f(%x: tensor<8xf32>, %i: tensor<8xf32>) {
  // expected-error @below {{C2: x has rank 1, but needs 2 or more: N, spatial..., C}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<8xf32>) outs(%i : tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

// C3: x.
func.func @f(%x: tensor<2x4x8xi32>, %i: tensor<2x4x8xf32>) {
  // expected-error @below {{C3: the element type of x is 'i32', but must be f16, bf16, f32 or f64}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xi32>) outs(%i : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

// C3: a float that is not one of the four.
func.func @f(%x: tensor<2x4x8xf80>, %i: tensor<2x4x8xf32>) {
  // expected-error @below {{C3: the element type of x is 'f80', but must be f16, bf16, f32 or f64}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf80>) outs(%i : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

// C3: init.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xi8>) {
  // expected-error @below {{C3: the element type of init is 'i8', but must be f16, bf16, f32 or f64}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xi8>) -> tensor<2x4x8xi8>
  return
}

// -----

// C4: the batch is not the features.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>) {
  // expected-error @below {{C4: feature_dim is 0, but must be in [1, 3)}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) {feature_dim = 0 : i64} -> tensor<2x4x8xf32>
  return
}

// -----

// C4: beyond the rank.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>) {
  // expected-error @below {{C4: feature_dim is 3, but must be in [1, 3)}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) {feature_dim = 3 : i64} -> tensor<2x4x8xf32>
  return
}

// -----

// C4: dimensions are not counted from the end.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>) {
  // expected-error @below {{C4: feature_dim is -1, but must be in [1, 3)}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) {feature_dim = -1 : i64} -> tensor<2x4x8xf32>
  return
}

// -----

// C5: dynamic.
func.func @f(%x: tensor<2x4x?xf32>, %i: tensor<2x4x8xf32>) {
  // expected-error @below {{C5: the number of features (dimension 2 of x) must be static and positive}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x?xf32>) outs(%i : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

// C5: none, and found through feature_dim.
func.func @f(%x: tensor<2x0x8xf32>, %i: tensor<2x0x8xf32>) {
  // expected-error @below {{C5: the number of features (dimension 1 of x) must be static and positive}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x0x8xf32>) outs(%i : tensor<2x0x8xf32>) {feature_dim = 1 : i64} -> tensor<2x0x8xf32>
  return
}

// -----

// C6: no groups.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>) {
  // expected-error @below {{C6: num_groups is 0, but must be positive and divide the 8 features}}
  %y = gn.group_norm num_groups(0) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

// C6: negative.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>) {
  // expected-error @below {{C6: num_groups is -2, but must be positive and divide the 8 features}}
  %y = gn.group_norm num_groups(-2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

// C6: groups of unequal size.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>) {
  // expected-error @below {{C6: num_groups is 3, but must be positive and divide the 8 features}}
  %y = gn.group_norm num_groups(3) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

// C6: more groups than features.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>) {
  // expected-error @below {{C6: num_groups is 16, but must be positive and divide the 8 features}}
  %y = gn.group_norm num_groups(16) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

// C7: only the generic form can say this.
func.func @f(%x: tensor<2x4x8xf32>, %p: tensor<8xf32>, %i: tensor<2x4x8xf32>) {
  // expected-error @below {{C7: gamma and beta must be both present or both absent}}
  %y = "gn.group_norm"(%x, %p, %i) <{num_groups = 2 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0, 1, 0, 0>}> : (tensor<2x4x8xf32>, tensor<8xf32>, tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

// C8: as many as there are groups.
func.func @f(%x: tensor<2x4x8xf32>, %g: tensor<2xf32>, %b: tensor<8xf32>, %i: tensor<2x4x8xf32>) {
  // expected-error @below {{C8: gamma has type 'tensor<2xf32>', but must have the shape of the features, 8}}
  %y = gn.group_norm num_groups(2) ins(%x, %g, %b : tensor<2x4x8xf32>, tensor<2xf32>, tensor<8xf32>) outs(%i : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

// C8: rank.
func.func @f(%x: tensor<2x4x8xf32>, %g: tensor<8xf32>, %b: tensor<1x8xf32>, %i: tensor<2x4x8xf32>) {
  // expected-error @below {{C8: beta has type 'tensor<1x8xf32>', but must have the shape of the features, 8}}
  %y = gn.group_norm num_groups(2) ins(%x, %g, %b : tensor<2x4x8xf32>, tensor<8xf32>, tensor<1x8xf32>) outs(%i : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

// C8: dynamic.
func.func @f(%x: tensor<2x4x8xf32>, %g: tensor<8xf32>, %b: tensor<?xf32>, %i: tensor<2x4x8xf32>) {
  // expected-error @below {{C8: beta has type 'tensor<?xf32>', but must have the shape of the features, 8}}
  %y = gn.group_norm num_groups(2) ins(%x, %g, %b : tensor<2x4x8xf32>, tensor<8xf32>, tensor<?xf32>) outs(%i : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

// C9: narrower.
func.func @f(%x: tensor<2x4x8xf32>, %g: tensor<8xf16>, %b: tensor<8xf32>, %i: tensor<2x4x8xf32>) {
  // expected-error @below {{C9: the element type of gamma is 'f16', but must be that of x, 'f32', or a wider one}}
  %y = gn.group_norm num_groups(2) ins(%x, %g, %b : tensor<2x4x8xf32>, tensor<8xf16>, tensor<8xf32>) outs(%i : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

// C9: as wide, but not the same.
func.func @f(%x: tensor<2x4x8xf16>, %g: tensor<8xf16>, %b: tensor<8xbf16>, %i: tensor<2x4x8xf16>) {
  // expected-error @below {{C9: the element type of beta is 'bf16', but must be that of x, 'f16', or a wider one}}
  %y = gn.group_norm num_groups(2) ins(%x, %g, %b : tensor<2x4x8xf16>, tensor<8xf16>, tensor<8xbf16>) outs(%i : tensor<2x4x8xf16>) -> tensor<2x4x8xf16>
  return
}

// -----

// C9: wider, but not a float.
func.func @f(%x: tensor<2x4x8xf32>, %g: tensor<8xi64>, %b: tensor<8xf32>, %i: tensor<2x4x8xf32>) {
  // expected-error @below {{C9: the element type of gamma is 'i64', but must be that of x, 'f32', or a wider one}}
  %y = gn.group_norm num_groups(2) ins(%x, %g, %b : tensor<2x4x8xf32>, tensor<8xi64>, tensor<8xf32>) outs(%i : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

// C10: another size.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x5x8xf32>) {
  // expected-error @below {{C10: init has type 'tensor<2x5x8xf32>', but must have the shape of x, 'tensor<2x4x8xf32>'}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x5x8xf32>) -> tensor<2x5x8xf32>
  return
}

// -----

// C10: another rank.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<8x8xf32>) {
  // expected-error @below {{C10: init has type 'tensor<8x8xf32>', but must have the shape of x, 'tensor<2x4x8xf32>'}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<8x8xf32>) -> tensor<8x8xf32>
  return
}

// -----

// C11: zero.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>) {
  // expected-error @below {{C11: epsilon is 0.000000e+00 : f64, but must be positive and finite}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) {epsilon = 0.0 : f64} -> tensor<2x4x8xf32>
  return
}

// -----

// C11: negative.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>) {
  // expected-error @below {{C11: epsilon is -1.000000e-05 : f64, but must be positive and finite}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) {epsilon = -1.0e-5 : f64} -> tensor<2x4x8xf32>
  return
}

// -----

// C11: infinite.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>) {
  // expected-error @below {{C11: epsilon is 0x7FF0000000000000 : f64, but must be positive and finite}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) {epsilon = 0x7FF0000000000000 : f64} -> tensor<2x4x8xf32>
  return
}

// -----

// C11: not a number.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>) {
  // expected-error @below {{C11: epsilon is 0x7FF8000000000000 : f64, but must be positive and finite}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) {epsilon = 0x7FF8000000000000 : f64} -> tensor<2x4x8xf32>
  return
}

// -----

// C12: a tensor op without its result.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>) {
  // expected-error @below {{C12: there are 0 results, but must be 1}}
  gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>)
  return
}

// -----

// C12: a memref op with a result.
func.func @f(%x: memref<2x4x8xf32>, %i: memref<2x4x8xf32>) {
  // expected-error @below {{C12: there are 1 results, but must be 0}}
  %y = gn.group_norm num_groups(2) ins(%x : memref<2x4x8xf32>) outs(%i : memref<2x4x8xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

// C12: the type of the result.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>) {
  // expected-error @below {{C12: result 0 has type 'tensor<2x4x8xf64>', but must have that of its outs operand, 'tensor<2x4x8xf32>'}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) -> tensor<2x4x8xf64>
  return
}

// -----

// C12: one result for each outs operand.
func.func @f(%x: tensor<2x4x8xf32>, %n: tensor<2x2xf64>, %m: tensor<2x2xf64>, %m2: tensor<2x2xf64>) {
  // expected-error @below {{C12: there are 2 results, but must be 3}}
  %r:2 = gn.group_stats num_groups(2) ins(%x : tensor<2x4x8xf32>)
           outs(%n, %m, %m2 : tensor<2x2xf64>, tensor<2x2xf64>, tensor<2x2xf64>) -> tensor<2x2xf64>, tensor<2x2xf64>
  return
}

// -----

// C13: statistics belong to groups, not to features.
func.func @f(%x: tensor<2x4x8xf32>, %n: tensor<2x2xf64>, %m: tensor<2x8xf64>, %m2: tensor<2x2xf64>) {
  // expected-error @below {{C13: mean has type 'tensor<2x8xf64>', but must have the shape N x num_groups}}
  %r:3 = gn.group_stats num_groups(2) ins(%x : tensor<2x4x8xf32>)
           outs(%n, %m, %m2 : tensor<2x2xf64>, tensor<2x8xf64>, tensor<2x2xf64>) -> tensor<2x2xf64>, tensor<2x8xf64>, tensor<2x2xf64>
  return
}

// -----

// C13: rank.
func.func @f(%x: tensor<2x4x8xf32>, %n: tensor<2xf64>, %m: tensor<2x2xf64>, %m2: tensor<2x2xf64>) {
  // expected-error @below {{C13: count has type 'tensor<2xf64>', but must have the shape N x num_groups}}
  %r:3 = gn.group_stats num_groups(2) ins(%x : tensor<2x4x8xf32>)
           outs(%n, %m, %m2 : tensor<2xf64>, tensor<2x2xf64>, tensor<2x2xf64>) -> tensor<2xf64>, tensor<2x2xf64>, tensor<2x2xf64>
  return
}

// -----

// C13: another batch.
func.func @f(%x: tensor<2x4x8xf32>, %n: tensor<2x2xf64>, %m: tensor<2x2xf64>, %m2: tensor<3x2xf64>) {
  // expected-error @below {{C13: m2 has type 'tensor<3x2xf64>', but must have the shape N x num_groups}}
  %r:3 = gn.group_stats num_groups(2) ins(%x : tensor<2x4x8xf32>)
           outs(%n, %m, %m2 : tensor<2x2xf64>, tensor<2x2xf64>, tensor<3x2xf64>) -> tensor<2x2xf64>, tensor<2x2xf64>, tensor<3x2xf64>
  return
}

// -----

// C14: one type for all three.
func.func @f(%x: tensor<2x4x8xf32>, %n: tensor<2x2xf64>, %m: tensor<2x2xf64>, %m2: tensor<2x2xf32>) {
  // expected-error @below {{C14: the element type of m2 is 'f32', but that of count, mean and m2 must be one, f32 or f64, and at least 'f32'}}
  %r:3 = gn.group_stats num_groups(2) ins(%x : tensor<2x4x8xf32>)
           outs(%n, %m, %m2 : tensor<2x2xf64>, tensor<2x2xf64>, tensor<2x2xf32>) -> tensor<2x2xf64>, tensor<2x2xf64>, tensor<2x2xf32>
  return
}

// -----

// C14: f64 data needs f64.
func.func @f(%x: tensor<2x4x8xf64>, %n: tensor<2x2xf32>, %m: tensor<2x2xf32>, %m2: tensor<2x2xf32>) {
  // expected-error @below {{C14: the element type of count is 'f32', but that of count, mean and m2 must be one, f32 or f64, and at least 'f64'}}
  %r:3 = gn.group_stats num_groups(2) ins(%x : tensor<2x4x8xf64>)
           outs(%n, %m, %m2 : tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>
  return
}

// -----

// C14: half data needs f32.
func.func @f(%x: tensor<2x4x8xf16>, %n: tensor<2x2xf16>, %m: tensor<2x2xf16>, %m2: tensor<2x2xf16>) {
  // expected-error @below {{C14: the element type of count is 'f16', but that of count, mean and m2 must be one, f32 or f64, and at least 'f32'}}
  %r:3 = gn.group_stats num_groups(2) ins(%x : tensor<2x4x8xf16>)
           outs(%n, %m, %m2 : tensor<2x2xf16>, tensor<2x2xf16>, tensor<2x2xf16>) -> tensor<2x2xf16>, tensor<2x2xf16>, tensor<2x2xf16>
  return
}

// -----

// C14: a count is a float too.
func.func @f(%x: tensor<2x4x8xf32>, %n: tensor<2x2xi64>, %m: tensor<2x2xi64>, %m2: tensor<2x2xi64>) {
  // expected-error @below {{C14: the element type of count is 'i64', but that of count, mean and m2 must be one, f32 or f64, and at least 'f32'}}
  %r:3 = gn.group_stats num_groups(2) ins(%x : tensor<2x4x8xf32>)
           outs(%n, %m, %m2 : tensor<2x2xi64>, tensor<2x2xi64>, tensor<2x2xi64>) -> tensor<2x2xi64>, tensor<2x2xi64>, tensor<2x2xi64>
  return
}

// -----

// The constraints on x hold for the halves too.
func.func @f(%x: memref<2x4x8xf32>, %s: memref<2x3xf32>) {
  // expected-error @below {{'gn.group_stats' op C6: num_groups is 3, but must be positive and divide the 8 features}}
  gn.group_stats num_groups(3) ins(%x : memref<2x4x8xf32>) outs(%s, %s, %s : memref<2x3xf32>, memref<2x3xf32>, memref<2x3xf32>)
  return
}

// -----

// So do those on init.
func.func @f(%x: memref<2x4x8xf32>, %s: memref<2x2xf32>, %i: memref<2x4x9xf32>) {
  // expected-error @below {{'gn.group_normalize' op C10: init has type 'memref<2x4x9xf32>', but must have the shape of x, 'memref<2x4x8xf32>'}}
  gn.group_normalize num_groups(2) ins(%x, %s, %s, %s : memref<2x4x8xf32>, memref<2x2xf32>, memref<2x2xf32>, memref<2x2xf32>)
    outs(%i : memref<2x4x9xf32>)
  return
}

// -----

// And on epsilon.
func.func @f(%x: memref<2x4x8xf32>, %s: memref<2x2xf32>, %i: memref<2x4x8xf32>) {
  // expected-error @below {{'gn.group_normalize' op C11: epsilon is 0.000000e+00 : f64, but must be positive and finite}}
  gn.group_normalize num_groups(2) ins(%x, %s, %s, %s : memref<2x4x8xf32>, memref<2x2xf32>, memref<2x2xf32>, memref<2x2xf32>)
    outs(%i : memref<2x4x8xf32>) {epsilon = 0.0 : f64}
  return
}

// -----

// And on the statistics.
func.func @f(%x: memref<2x4x8xf32>, %s: memref<2x4xf32>, %i: memref<2x4x8xf32>) {
  // expected-error @below {{'gn.group_normalize' op C13: count has type 'memref<2x4xf32>', but must have the shape N x num_groups}}
  gn.group_normalize num_groups(2) ins(%x, %s, %s, %s : memref<2x4x8xf32>, memref<2x4xf32>, memref<2x4xf32>, memref<2x4xf32>)
    outs(%i : memref<2x4x8xf32>)
  return
}

// -----

// C15: not a schedule.
func.func @f(%x: memref<2x4x8xf32>, %i: memref<2x4x8xf32>) {
  // expected-error @below {{C15: 'gn.schedule' must be a schedule attribute, such as #gn.cpu_schedule<>}}
  gn.group_norm num_groups(2) ins(%x : memref<2x4x8xf32>) outs(%i : memref<2x4x8xf32>) {gn.schedule = "fast"}
  return
}

// -----

// C15: a schedule on some other op.
// expected-error @below {{C15: a schedule belongs on gn.group_norm, gn.group_stats or gn.group_normalize}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<>}

// -----

// C16
// expected-error @below {{C16: 'gn.role' must be a string attribute}}
func.func private @f() attributes {gn.role = 3 : i64}

// -----

// C17: a misspelt name is not ignored.
// expected-error @below {{C17: unknown attribute 'gn.shedule', not 'gn.schedule' or 'gn.role'}}
func.func private @f() attributes {gn.shedule = #gn.cpu_schedule<>}
