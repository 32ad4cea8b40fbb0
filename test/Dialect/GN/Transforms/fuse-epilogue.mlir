// Element-wise consumers become the epilogue; what is not safe to fuse stays.

// RUN: groupnorm-opt %s -gn-fuse-epilogue -split-input-file | FileCheck %s

// A chain: a generic with a constant from outside, then a residual by a named
// op. y is widened before it is used, so it is not rounded in between.
// CHECK-DAG:   #[[$ALL:.*]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-LABEL: func.func @chain(
// CHECK-SAME:    %[[X:.*]]: tensor<2x4x8xf16>, %[[R:.*]]: tensor<2x4x8xf16>, %[[I:.*]]: tensor<2x4x8xf16>)
// CHECK:         %[[OUT:.*]] = tensor.empty() : tensor<2x4x8xf16>
// CHECK-NEXT:    %[[Y:.*]] = gn.group_norm num_groups(2) ins(%[[X]] : tensor<2x4x8xf16>) outs(%[[OUT]] : tensor<2x4x8xf16>) {gn.schedule = #gn.cpu_schedule<chunk = 32>} epilogue(%[[R]] : tensor<2x4x8xf16> by [#[[$ALL]]]) {
// CHECK-NEXT:    ^bb0(%[[N:.*]]: f32, %[[E:.*]]: f16):
// CHECK-NEXT:      %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK-NEXT:      %[[RELU:.*]] = arith.maximumf %[[N]], %[[ZERO]] : f32
// CHECK-NEXT:      %[[H:.*]] = arith.truncf %[[RELU]] : f32 to f16
// CHECK-NEXT:      %[[SUM:.*]] = arith.addf %[[H]], %[[E]] : f16
// CHECK-NEXT:      gn.yield %[[SUM]] : f16
// CHECK-NEXT:    } -> tensor<2x4x8xf16>
// CHECK-NEXT:    return %[[Y]]
#all = affine_map<(n, s, c) -> (n, s, c)>
func.func @chain(%x: tensor<2x4x8xf16>, %r: tensor<2x4x8xf16>, %init: tensor<2x4x8xf16>) -> tensor<2x4x8xf16> {
  %zero = arith.constant 0.0 : f32
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf16>) outs(%init : tensor<2x4x8xf16>)
    {gn.schedule = #gn.cpu_schedule<chunk = 32>} -> tensor<2x4x8xf16>
  %relu = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%y : tensor<2x4x8xf16>) outs(%init : tensor<2x4x8xf16>) {
  ^bb0(%e: f16, %o: f16):
    %0 = arith.extf %e : f16 to f32
    %1 = arith.maximumf %0, %zero : f32
    %2 = arith.truncf %1 : f32 to f16
    linalg.yield %2 : f16
  } -> tensor<2x4x8xf16>
  %empty = tensor.empty() : tensor<2x4x8xf16>
  %sum = linalg.add ins(%relu, %r : tensor<2x4x8xf16>, tensor<2x4x8xf16>) outs(%empty : tensor<2x4x8xf16>) -> tensor<2x4x8xf16>
  return %sum : tensor<2x4x8xf16>
}

// -----

// y twice in one consumer, a value for each feature of each sample, another
// element type, and gn.group_normalize as the producer.
// CHECK-DAG:   #[[$FEATURE:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-LABEL: func.func @normalize(
// CHECK:         gn.group_normalize {{.*}} outs(%{{.*}} : tensor<2x4x8xf64>) epilogue(%{{.*}} : tensor<2x8xf32> by [#[[$FEATURE]]]) {
// CHECK-NEXT:    ^bb0(%[[N:.*]]: f32, %[[E:.*]]: f32):
// CHECK-NEXT:      %[[P:.*]] = math.fma %[[N]], %[[E]], %[[N]] : f32
// CHECK-NEXT:      %[[D:.*]] = arith.extf %[[P]] : f32 to f64
// CHECK-NEXT:      gn.yield %[[D]] : f64
#all = affine_map<(n, s, c) -> (n, s, c)>
#feature = affine_map<(n, s, c) -> (n, c)>
func.func @normalize(%x: tensor<2x4x8xf32>, %s: tensor<2x2xf32>, %scale: tensor<2x8xf32>, %init: tensor<2x4x8xf32>, %out: tensor<2x4x8xf64>) -> tensor<2x4x8xf64> {
  %y = gn.group_normalize num_groups(2) ins(%x, %s, %s, %s : tensor<2x4x8xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>)
    outs(%init : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %z = linalg.generic {indexing_maps = [#all, #feature, #all, #all], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%y, %scale, %y : tensor<2x4x8xf32>, tensor<2x8xf32>, tensor<2x4x8xf32>) outs(%out : tensor<2x4x8xf64>) {
  ^bb0(%e: f32, %f: f32, %g: f32, %o: f64):
    %0 = math.fma %e, %f, %g : f32
    %1 = arith.extf %0 : f32 to f64
    linalg.yield %1 : f64
  } -> tensor<2x4x8xf64>
  return %z : tensor<2x4x8xf64>
}

// -----

// linalg.map, and an op that overwrites y itself.
// CHECK-LABEL: func.func @map(
// CHECK-SAME:    %{{.*}}: tensor<2x8xf32>, %[[I:.*]]: tensor<2x8xf32>)
// CHECK-NEXT:    %[[Y:.*]] = gn.group_norm {{.*}} outs(%[[I]] : tensor<2x8xf32>) epilogue {
// CHECK-NEXT:    ^bb0(%[[N:.*]]: f32):
// CHECK-NEXT:      %[[A:.*]] = math.absf %[[N]] : f32
// CHECK-NEXT:      %[[B:.*]] = math.exp %[[A]] : f32
// CHECK-NEXT:      gn.yield %[[B]] : f32
// CHECK-NEXT:    } -> tensor<2x8xf32>
// CHECK-NEXT:    return %[[Y]]
func.func @map(%x: tensor<2x8xf32>, %init: tensor<2x8xf32>) -> tensor<2x8xf32> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x8xf32>) outs(%init : tensor<2x8xf32>) -> tensor<2x8xf32>
  %a = linalg.map { math.absf } ins(%y : tensor<2x8xf32>) outs(%init : tensor<2x8xf32>)
  %b = linalg.exp ins(%a : tensor<2x8xf32>) outs(%a : tensor<2x8xf32>) -> tensor<2x8xf32>
  return %b : tensor<2x8xf32>
}

// -----

// Ops of arith and math on tensors, constants among their operands, with saved
// statistics.
// CHECK-LABEL: func.func @tensors(
// CHECK-SAME:    %[[X:.*]]: tensor<2x4x8xf32>, %[[R:.*]]: tensor<2x4x8xf32>, %[[I:.*]]: tensor<2x4x8xf32>, %[[S:.*]]: tensor<2x2xf32>)
// CHECK:         %[[Y:.*]]:3 = gn.group_norm {{.*}} epilogue(%[[R]] : tensor<2x4x8xf32> by [#{{.*}}]) {
// CHECK-NEXT:    ^bb0(%[[N:.*]]: f32, %[[E:.*]]: f32):
// CHECK-NEXT:      %[[TWO:.*]] = arith.constant 2.000000e+00 : f32
// CHECK-NEXT:      %[[T:.*]] = math.tanh %[[N]] : f32
// CHECK-NEXT:      %[[P:.*]] = arith.mulf %[[T]], %[[TWO]] : f32
// CHECK-NEXT:      %[[Q:.*]] = arith.subf %[[E]], %[[P]] : f32
// CHECK-NEXT:      %[[H:.*]] = arith.truncf %[[Q]] : f32 to f16
// CHECK-NEXT:      gn.yield %[[H]] : f16
// CHECK:         return %[[Y]]#0, %[[Y]]#1
func.func @tensors(%x: tensor<2x4x8xf32>, %r: tensor<2x4x8xf32>, %init: tensor<2x4x8xf32>, %s: tensor<2x2xf32>) -> (tensor<2x4x8xf16>, tensor<2x2xf32>) {
  %two = arith.constant dense<2.0> : tensor<2x4x8xf32>
  %y:3 = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>)
    outs(%init, %s, %s : tensor<2x4x8xf32>, tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x4x8xf32>, tensor<2x2xf32>, tensor<2x2xf32>
  %t = math.tanh %y#0 : tensor<2x4x8xf32>
  %p = arith.mulf %t, %two : tensor<2x4x8xf32>
  %q = arith.subf %r, %p : tensor<2x4x8xf32>
  %h = arith.truncf %q : tensor<2x4x8xf32> to tensor<2x4x8xf16>
  return %h, %y#1 : tensor<2x4x8xf16>, tensor<2x2xf32>
}

// -----

// What is rounded to f16 and goes on in f16 stays rounded.
// CHECK-LABEL: func.func @half(
// CHECK:         ^bb0(%[[N:.*]]: f32):
// CHECK-NEXT:      %[[H:.*]] = arith.truncf %[[N]] : f32 to f16
// CHECK-NEXT:      %[[A:.*]] = math.absf %[[H]] : f16
// CHECK-NEXT:      gn.yield %[[A]] : f16
func.func @half(%x: tensor<2x8xf16>, %init: tensor<2x8xf16>) -> tensor<2x8xf16> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x8xf16>) outs(%init : tensor<2x8xf16>) -> tensor<2x8xf16>
  %a = math.absf %y : tensor<2x8xf16>
  return %a : tensor<2x8xf16>
}

// -----

// And what is rounded and goes on in a type that the epilogue did not have.
// CHECK-LABEL: func.func @double(
// CHECK:         ^bb0(%[[N:.*]]: f64):
// CHECK-NEXT:      %[[H:.*]] = arith.truncf %[[N]] : f64 to f16
// CHECK-NEXT:      %[[F:.*]] = arith.extf %[[H]] : f16 to f32
// CHECK-NEXT:      gn.yield %[[F]] : f32
func.func @double(%x: tensor<2x8xf64>, %init: tensor<2x8xf16>) -> tensor<2x8xf32> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x8xf64>) outs(%init : tensor<2x8xf16>) -> tensor<2x8xf16>
  %a = arith.extf %y : tensor<2x8xf16> to tensor<2x8xf32>
  return %a : tensor<2x8xf32>
}

// -----

// Two users, of which either could be fused alone: y is needed as it is.
// CHECK-LABEL: func.func @two_users(
// CHECK-NOT:     epilogue
// CHECK:         math.absf
// CHECK-NEXT:    math.exp
// CHECK-NEXT:    return
func.func @two_users(%x: tensor<2x4x8xf32>, %init: tensor<2x4x8xf32>) -> (tensor<2x4x8xf32>, tensor<2x4x8xf32>) {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%init : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %a = math.absf %y : tensor<2x4x8xf32>
  %b = math.exp %y : tensor<2x4x8xf32>
  return %a, %b : tensor<2x4x8xf32>, tensor<2x4x8xf32>
}

// -----

// A user elsewhere, which may not run, or run often.
// CHECK-LABEL: func.func @another_block(
// CHECK-NOT:     epilogue
// CHECK:         return
func.func @another_block(%x: tensor<2x4x8xf32>, %init: tensor<2x4x8xf32>, %c: i1) -> tensor<2x4x8xf32> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%init : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %r = scf.if %c -> tensor<2x4x8xf32> {
    %a = math.absf %y : tensor<2x4x8xf32>
    scf.yield %a : tensor<2x4x8xf32>
  } else {
    scf.yield %x : tensor<2x4x8xf32>
  }
  return %r : tensor<2x4x8xf32>
}

// -----

// Another order of y, or of the result.
// CHECK-LABEL: func.func @reordered(
// CHECK-NOT:     epilogue
// CHECK:         return
#all = affine_map<(a, b, c) -> (a, b, c)>
#swap = affine_map<(a, b, c) -> (b, a, c)>
func.func @reordered(%x: tensor<2x4x8xf32>, %init: tensor<2x4x8xf32>, %out: tensor<4x2x8xf32>) -> tensor<4x2x8xf32> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%init : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %r = linalg.generic {indexing_maps = [#swap, #all], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%y : tensor<2x4x8xf32>) outs(%out : tensor<4x2x8xf32>) {
  ^bb0(%e: f32, %o: f32):
    %0 = math.absf %e : f32
    linalg.yield %0 : f32
  } -> tensor<4x2x8xf32>
  return %r : tensor<4x2x8xf32>
}

// -----

// Another order of an input.
// CHECK-LABEL: func.func @reordered_input(
// CHECK-NOT:     epilogue
// CHECK:         return
#all = affine_map<(a, b, c) -> (a, b, c)>
#swap = affine_map<(a, b, c) -> (b, a, c)>
func.func @reordered_input(%x: tensor<2x4x8xf32>, %init: tensor<2x4x8xf32>, %t: tensor<4x2x8xf32>) -> tensor<2x4x8xf32> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%init : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %r = linalg.generic {indexing_maps = [#all, #swap, #all], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%y, %t : tensor<2x4x8xf32>, tensor<4x2x8xf32>) outs(%init : tensor<2x4x8xf32>) {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %0 = arith.addf %e, %f : f32
    linalg.yield %0 : f32
  } -> tensor<2x4x8xf32>
  return %r : tensor<2x4x8xf32>
}

// -----

// A reduction.
// CHECK-LABEL: func.func @reduction(
// CHECK-NOT:     epilogue
// CHECK:         return
func.func @reduction(%x: tensor<2x4x8xf32>, %init: tensor<2x4x8xf32>, %out: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%init : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(a, b, c) -> (a, b, c)>, affine_map<(a, b, c) -> (a, b)>], iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%y : tensor<2x4x8xf32>) outs(%out : tensor<2x4xf32>) {
  ^bb0(%e: f32, %o: f32):
    %0 = arith.addf %e, %o : f32
    linalg.yield %0 : f32
  } -> tensor<2x4xf32>
  return %r : tensor<2x4xf32>
}

// -----

// A larger result.
// CHECK-LABEL: func.func @broadcast(
// CHECK-NOT:     epilogue
// CHECK:         return
func.func @broadcast(%x: tensor<2x4x8xf32>, %init: tensor<2x4x8xf32>, %out: tensor<2x4x8x3xf32>) -> tensor<2x4x8x3xf32> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%init : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %r = linalg.broadcast ins(%y : tensor<2x4x8xf32>) outs(%out : tensor<2x4x8x3xf32>) dimensions = [3]
  return %r : tensor<2x4x8x3xf32>
}

// -----

// An op that reads what it writes to.
// CHECK-LABEL: func.func @accumulates(
// CHECK-NOT:     epilogue
// CHECK:         return
#all = affine_map<(a, b, c) -> (a, b, c)>
func.func @accumulates(%x: tensor<2x4x8xf32>, %init: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%init : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %r = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%y : tensor<2x4x8xf32>) outs(%x : tensor<2x4x8xf32>) {
  ^bb0(%e: f32, %o: f32):
    %0 = arith.addf %e, %o : f32
    linalg.yield %0 : f32
  } -> tensor<2x4x8xf32>
  return %r : tensor<2x4x8xf32>
}

// -----

// A value from outside that is no constant.
// CHECK-LABEL: func.func @captures(
// CHECK-NOT:     epilogue
// CHECK:         return
#all = affine_map<(a, b, c) -> (a, b, c)>
func.func @captures(%x: tensor<2x4x8xf32>, %init: tensor<2x4x8xf32>, %v: f32) -> tensor<2x4x8xf32> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%init : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %r = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%y : tensor<2x4x8xf32>) outs(%init : tensor<2x4x8xf32>) {
  ^bb0(%e: f32, %o: f32):
    %0 = arith.addf %e, %v : f32
    linalg.yield %0 : f32
  } -> tensor<2x4x8xf32>
  return %r : tensor<2x4x8xf32>
}

// -----

// A computation that depends on the place.
// CHECK-LABEL: func.func @position(
// CHECK-NOT:     epilogue
// CHECK:         return
#all = affine_map<(a, b, c) -> (a, b, c)>
func.func @position(%x: tensor<2x4x8xf32>, %init: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%init : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %r = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%y : tensor<2x4x8xf32>) outs(%init : tensor<2x4x8xf32>) {
  ^bb0(%e: f32, %o: f32):
    %i = linalg.index 1 : index
    %j = arith.index_cast %i : index to i32
    %f = arith.sitofp %j : i32 to f32
    %0 = arith.addf %e, %f : f32
    linalg.yield %0 : f32
  } -> tensor<2x4x8xf32>
  return %r : tensor<2x4x8xf32>
}

// -----

// An op that becomes a call in an inner loop.
// CHECK-LABEL: func.func @would_call(
// CHECK-NOT:     epilogue
// CHECK:         return
func.func @would_call(%x: tensor<2x4x8xf32>, %init: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%init : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %r = math.log %y : tensor<2x4x8xf32>
  return %r : tensor<2x4x8xf32>
}

// -----

// A result that is no number of whole bytes.
// CHECK-LABEL: func.func @flags(
// CHECK-NOT:     epilogue
// CHECK:         return
func.func @flags(%x: tensor<2x4x8xf32>, %init: tensor<2x4x8xf32>) -> tensor<2x4x8xi1> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%init : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %r = arith.cmpf ogt, %y, %x : tensor<2x4x8xf32>
  return %r : tensor<2x4x8xi1>
}

// -----

// Statistics that are used before the consumer stands.
// CHECK-LABEL: func.func @early_statistics(
// CHECK-NOT:     epilogue
// CHECK:         return
func.func @early_statistics(%x: tensor<2x8xf32>, %init: tensor<2x8xf32>, %s: tensor<2x2xf32>, %t: tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x2xf32>) {
  %y:3 = gn.group_norm num_groups(2) ins(%x : tensor<2x8xf32>)
    outs(%init, %s, %s : tensor<2x8xf32>, tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x8xf32>, tensor<2x2xf32>, tensor<2x2xf32>
  %v = math.absf %y#1 : tensor<2x2xf32>
  %a = math.absf %y#0 : tensor<2x8xf32>
  return %a, %v : tensor<2x8xf32>, tensor<2x2xf32>
}
