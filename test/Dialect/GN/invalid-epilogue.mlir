// The constraints on epilogues and saved statistics, each by an op that breaks
// it alone.

// RUN: groupnorm-opt %s -verify-diagnostics -split-input-file

// C3: an integer result needs an epilogue that makes it, and not every width is one.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xi64>) {
  // expected-error @below {{C3: the element type of init is 'i64', but must be f16, bf16, f32 or f64, or i8, i16 or i32}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xi64>) epilogue {
  ^bb0(%n: f32):
    %0 = arith.fptosi %n : f32 to i64
    gn.yield %0 : i64
  } -> tensor<2x4x8xi64>
  return
}

// -----

// C18: the first argument is not in compute type.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf16>) {
  // expected-error @below {{C18: the epilogue has arguments of type ('f16'), but must have ('f32')}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf16>) epilogue {
  ^bb0(%n: f16):
    gn.yield %n : f16
  } -> tensor<2x4x8xf16>
  return
}

// -----

// C18: an input has another element type.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>, %s: tensor<2x8xf16>) {
  // expected-error @below {{C18: the epilogue has arguments of type ('f32', 'f32'), but must have ('f32', 'f16')}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) epilogue(%s : tensor<2x8xf16> by [affine_map<(n, s, c) -> (n, c)>]) {
  ^bb0(%n: f32, %e: f32):
    gn.yield %n : f32
  } -> tensor<2x4x8xf32>
  return
}

// -----

// C18: an input without an argument.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>, %s: tensor<2x8xf32>) {
  // expected-error @below {{C18: the epilogue has arguments of type ('f32'), but must have ('f32', 'f32')}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) epilogue(%s : tensor<2x8xf32> by [affine_map<(n, s, c) -> (n, c)>]) {
  ^bb0(%n: f32):
    gn.yield %n : f32
  } -> tensor<2x4x8xf32>
  return
}

// -----

// C18: inputs of no epilogue, which only the generic syntax can say.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>) {
  // expected-error @below {{C18: there are epilogue inputs or maps, but no epilogue}}
  %y = "gn.group_norm"(%x, %x, %i) <{num_groups = 2 : i64, operandSegmentSizes = array<i32: 1, 0, 0, 1, 1, 0, 0>}> : (tensor<2x4x8xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

// C18: two epilogues, which only the generic syntax can say.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>) {
  // expected-error @below {{C18: there are 2 epilogues, but must be at most one}}
  %y = "gn.group_norm"(%x, %i) <{num_groups = 2 : i64, operandSegmentSizes = array<i32: 1, 0, 0, 0, 1, 0, 0>}> ({
  ^bb0(%n: f32):
    gn.yield %n : f32
  }, {
  ^bb0(%n: f32):
    gn.yield %n : f32
  }) : (tensor<2x4x8xf32>, tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

// C19: more maps than inputs.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>, %s: tensor<2x8xf32>) {
  // expected-error @below {{C19: there are 2 epilogue maps, but must be one for each of 1 epilogue inputs}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) epilogue(%s : tensor<2x8xf32> by [affine_map<(n, s, c) -> (n, c)>, affine_map<(n, s, c) -> (c)>]) {
  ^bb0(%n: f32, %e: f32):
    gn.yield %n : f32
  } -> tensor<2x4x8xf32>
  return
}

// -----

// C19: too few dimensions.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>, %s: tensor<2x8xf32>) {
  // expected-error @below {{C19: epilogue map 0 is affine_map<(d0, d1) -> (d0, d1)>, but must be from 3 dimensions to some of them, in their order}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) epilogue(%s : tensor<2x8xf32> by [affine_map<(n, c) -> (n, c)>]) {
  ^bb0(%n: f32, %e: f32):
    gn.yield %n : f32
  } -> tensor<2x4x8xf32>
  return
}

// -----

// C19: a symbol.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>, %s: tensor<2x8xf32>) {
  // expected-error @below {{C19: epilogue map 0 is affine_map<(d0, d1, d2)[s0] -> (d0, d2)>, but must be from 3 dimensions to some of them, in their order}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) epilogue(%s : tensor<2x8xf32> by [affine_map<(n, s, c)[a] -> (n, c)>]) {
  ^bb0(%n: f32, %e: f32):
    gn.yield %n : f32
  } -> tensor<2x4x8xf32>
  return
}

// -----

// C19: a transposition.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>, %s: tensor<2x8xf32>) {
  // expected-error @below {{C19: epilogue map 0 is affine_map<(d0, d1, d2) -> (d2, d0)>, but must be from 3 dimensions to some of them, in their order}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) epilogue(%s : tensor<2x8xf32> by [affine_map<(n, s, c) -> (c, n)>]) {
  ^bb0(%n: f32, %e: f32):
    gn.yield %n : f32
  } -> tensor<2x4x8xf32>
  return
}

// -----

// C19: one dimension twice.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>, %s: tensor<2x8xf32>) {
  // expected-error @below {{C19: epilogue map 0 is affine_map<(d0, d1, d2) -> (d0, d0)>, but must be from 3 dimensions to some of them, in their order}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) epilogue(%s : tensor<2x8xf32> by [affine_map<(n, s, c) -> (n, n)>]) {
  ^bb0(%n: f32, %e: f32):
    gn.yield %n : f32
  } -> tensor<2x4x8xf32>
  return
}

// -----

// C19: more than a dimension.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>, %s: tensor<2x8xf32>) {
  // expected-error @below {{C19: epilogue map 0 is affine_map<(d0, d1, d2) -> (d0, d2 + 1)>, but must be from 3 dimensions to some of them, in their order}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) epilogue(%s : tensor<2x8xf32> by [affine_map<(n, s, c) -> (n, c + 1)>]) {
  ^bb0(%n: f32, %e: f32):
    gn.yield %n : f32
  } -> tensor<2x4x8xf32>
  return
}

// -----

// C20: another size.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>, %s: tensor<3x8xf32>) {
  // expected-error @below {{C20: epilogue input 0 has type 'tensor<3x8xf32>', but must have the sizes that affine_map<(d0, d1, d2) -> (d0, d2)> takes from x, 'tensor<2x4x8xf32>'}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) epilogue(%s : tensor<3x8xf32> by [affine_map<(n, s, c) -> (n, c)>]) {
  ^bb0(%n: f32, %e: f32):
    gn.yield %n : f32
  } -> tensor<2x4x8xf32>
  return
}

// -----

// C20: another rank.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>, %s: tensor<2x8xf32>) {
  // expected-error @below {{C20: epilogue input 0 has type 'tensor<2x8xf32>', but must have the sizes that affine_map<(d0, d1, d2) -> (d2)> takes from x, 'tensor<2x4x8xf32>'}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) epilogue(%s : tensor<2x8xf32> by [affine_map<(n, s, c) -> (c)>]) {
  ^bb0(%n: f32, %e: f32):
    gn.yield %n : f32
  } -> tensor<2x4x8xf32>
  return
}

// -----

// C21
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>, %s: tensor<8xi1>) {
  // expected-error @below {{C21: the element type of epilogue input 0 is 'i1', but must be f16, bf16, f32, f64, i8, i16 or i32}}
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) epilogue(%s : tensor<8xi1> by [affine_map<(n, s, c) -> (c)>]) {
  ^bb0(%n: f32, %e: i1):
    gn.yield %n : f32
  } -> tensor<2x4x8xf32>
  return
}

// -----

// C22: a call in the inner loop.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>) {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) epilogue {
  ^bb0(%n: f32):
    // expected-error @below {{'math.log' op C22: cannot stand in an epilogue: it is not known to become vector code without a call}}
    %0 = math.log %n : f32
    gn.yield %0 : f32
  } -> tensor<2x4x8xf32>
  return
}

// -----

// C22: what no target lowers.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>) {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) epilogue {
  ^bb0(%v: f32):
    // expected-error @below {{'math.clampf' op C22: cannot stand in an epilogue: it is not known to become vector code without a call}}
    %c = math.clampf %v to [%v, %v] : f32
    gn.yield %c : f32
  } -> tensor<2x4x8xf32>
  return
}

// -----

// C22: another call.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>) {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) epilogue {
  ^bb0(%n: f32):
    // expected-error @below {{'arith.remf' op C22: cannot stand in an epilogue: it is not known to become vector code without a call}}
    %0 = arith.remf %n, %n : f32
    gn.yield %0 : f32
  } -> tensor<2x4x8xf32>
  return
}

// -----

// C22: an op of another dialect.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>) {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) epilogue {
  ^bb0(%n: f32):
    // expected-error @below {{'tensor.empty' op C22: cannot stand in an epilogue: it is not known to become vector code without a call}}
    %0 = tensor.empty() : tensor<4xf32>
    gn.yield %n : f32
  } -> tensor<2x4x8xf32>
  return
}

// -----

// C22: not a scalar.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>) {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) epilogue {
  ^bb0(%n: f32):
    // expected-error @below {{'arith.constant' op C22: cannot stand in an epilogue: it is not on scalars of f16, bf16, f32, f64 or integers of at most 64 bits}}
    %0 = arith.constant dense<0.0> : vector<4xf32>
    gn.yield %n : f32
  } -> tensor<2x4x8xf32>
  return
}

// -----

// C22: a type that vectors are not made of.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>) {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) epilogue {
  ^bb0(%n: f32):
    %0 = arith.fptosi %n : f32 to i32
    // expected-error @below {{'arith.index_cast' op C22: cannot stand in an epilogue: it is not on scalars of f16, bf16, f32, f64 or integers of at most 64 bits}}
    %1 = arith.index_cast %0 : i32 to index
    gn.yield %n : f32
  } -> tensor<2x4x8xf32>
  return
}

// -----

// C23: not the element type of init.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf16>) {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf16>) epilogue {
  ^bb0(%n: f32):
    // expected-error @below {{C23: yields 'f32', but must yield the element type of init, 'f16'}}
    gn.yield %n : f32
  } -> tensor<2x4x8xf16>
  return
}

// -----

// C23: another end.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>) {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i : tensor<2x4x8xf32>) epilogue {
  ^bb0(%n: f32):
    // expected-error @below {{C23: an epilogue ends in gn.yield}}
    llvm.unreachable
  } -> tensor<2x4x8xf32>
  return
}

// -----

// C24: another shape.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>, %m: tensor<2x2xf32>, %r: tensor<2x4xf32>) {
  // expected-error @below {{C24: rstd has type 'tensor<2x4xf32>', but must have the shape N x num_groups of 'f32'}}
  %y:3 = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i, %m, %r : tensor<2x4x8xf32>, tensor<2x2xf32>, tensor<2x4xf32>) -> tensor<2x4x8xf32>, tensor<2x2xf32>, tensor<2x4xf32>
  return
}

// -----

// C24: another element type.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>, %m: tensor<2x2xf64>, %r: tensor<2x2xf32>) {
  // expected-error @below {{C24: mean has type 'tensor<2x2xf64>', but must have the shape N x num_groups of 'f32'}}
  %y:3 = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%i, %m, %r : tensor<2x4x8xf32>, tensor<2x2xf64>, tensor<2x2xf32>) -> tensor<2x4x8xf32>, tensor<2x2xf64>, tensor<2x2xf32>
  return
}

// -----

// C24: one without the other, which only the generic syntax can say.
func.func @f(%x: tensor<2x4x8xf32>, %i: tensor<2x4x8xf32>, %m: tensor<2x2xf32>) {
  // expected-error @below {{C24: mean and rstd must be both present or both absent}}
  %y:2 = "gn.group_norm"(%x, %i, %m) <{num_groups = 2 : i64, operandSegmentSizes = array<i32: 1, 0, 0, 0, 1, 1, 0>}> : (tensor<2x4x8xf32>, tensor<2x4x8xf32>, tensor<2x2xf32>) -> (tensor<2x4x8xf32>, tensor<2x2xf32>)
  return
}

// -----

// C22 holds for gn.group_normalize too.
func.func @f(%x: memref<2x4x8xf32>, %s: memref<2x2xf32>) {
  gn.group_normalize num_groups(2)
    ins(%x, %s, %s, %s : memref<2x4x8xf32>, memref<2x2xf32>, memref<2x2xf32>, memref<2x2xf32>)
    outs(%x : memref<2x4x8xf32>) epilogue {
  ^bb0(%n: f32):
    // expected-error @below {{C22: cannot stand in an epilogue: it is not known to become vector code without a call}}
    %0 = math.sin %n : f32
    gn.yield %0 : f32
  }
  return
}

// -----

// A value from outside.
func.func @f(%x: memref<2x4x8xf32>, %scale: f32) {
  // expected-note @below {{required by region isolation constraints}}
  gn.group_norm num_groups(2) ins(%x : memref<2x4x8xf32>) outs(%x : memref<2x4x8xf32>) epilogue {
  ^bb0(%n: f32):
    // expected-error @below {{'arith.mulf' op using value defined outside the region}}
    %0 = arith.mulf %n, %scale : f32
    gn.yield %0 : f32
  }
  return
}

// -----

// A yield of its own.
func.func @f(%a: f32) {
  // expected-error @below {{'gn.yield' op expects parent op to be one of 'gn.group_norm, gn.group_normalize'}}
  gn.yield %a : f32
}
