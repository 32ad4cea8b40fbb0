// Each rewrite where it applies, and beside it where it must not.

// RUN: groupnorm-opt %s --canonicalize --split-input-file | FileCheck %s

// A gamma of ones and a beta of zeros are what their absence means.
// CHECK-LABEL: func.func @neutral_affine(
// CHECK-SAME:    %[[X:.*]]: tensor<2x4x8xf32>, %[[INIT:.*]]: tensor<2x4x8xf32>
// CHECK-NEXT:    %[[Y:.*]] = gn.group_norm num_groups(2) ins(%[[X]] : tensor<2x4x8xf32>) outs(%[[INIT]] : tensor<2x4x8xf32>) {epsilon = 2.500000e-01 : f64, feature_dim = 1 : i64} -> tensor<2x4x8xf32>
// CHECK-NEXT:    return %[[Y]]
func.func @neutral_affine(%x: tensor<2x4x8xf32>, %init: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
  %gamma = arith.constant dense<1.0> : tensor<4xf64>
  %beta = arith.constant dense<[0.0, 0.0, 0.0, 0.0]> : tensor<4xf32>
  %y = gn.group_norm num_groups(2)
         ins(%x, %gamma, %beta : tensor<2x4x8xf32>, tensor<4xf64>, tensor<4xf32>)
         outs(%init : tensor<2x4x8xf32>) {feature_dim = 1 : i64, epsilon = 0.25 : f64}
         -> tensor<2x4x8xf32>
  return %y : tensor<2x4x8xf32>
}

// CHECK-LABEL: func.func @neutral_affine_of_normalize(
// CHECK-SAME:    %[[X:.*]]: tensor<2x4x8xf32>, %[[S:.*]]: tensor<2x2xf32>, %[[INIT:.*]]: tensor<2x4x8xf32>
// CHECK-NEXT:    %[[Y:.*]] = gn.group_normalize num_groups(2) ins(%[[X]], %[[S]], %[[S]], %[[S]] : tensor<2x4x8xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>) outs(%[[INIT]] : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
// CHECK-NEXT:    return %[[Y]]
func.func @neutral_affine_of_normalize(%x: tensor<2x4x8xf32>, %s: tensor<2x2xf32>,
                                       %init: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
  %gamma = arith.constant dense<1.0> : tensor<8xf32>
  %beta = arith.constant dense<0.0> : tensor<8xf32>
  %y = gn.group_normalize num_groups(2)
         ins(%x, %s, %s, %s, %gamma, %beta : tensor<2x4x8xf32>, tensor<2x2xf32>,
             tensor<2x2xf32>, tensor<2x2xf32>, tensor<8xf32>, tensor<8xf32>)
         outs(%init : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  return %y : tensor<2x4x8xf32>
}

// Another gamma, another beta, one of several elements that differs, or a beta
// of negative zeros, which would turn a zero of the result negative.
// CHECK-LABEL: func.func @affine_stays(
// CHECK-COUNT-4: gn.group_norm num_groups(2) ins(%{{[^ ]*}}, %{{[^ ]*}}, %{{[^ ]*}} : tensor<2x4x2xf32>,
// CHECK-NOT:     gn.group_norm
func.func @affine_stays(%x: tensor<2x4x2xf32>, %init: tensor<2x4x2xf32>)
    -> (tensor<2x4x2xf32>, tensor<2x4x2xf32>, tensor<2x4x2xf32>, tensor<2x4x2xf32>) {
  %ones = arith.constant dense<1.0> : tensor<2xf32>
  %zeros = arith.constant dense<0.0> : tensor<2xf32>
  %negative_zeros = arith.constant dense<-0.0> : tensor<2xf32>
  %one_and_two = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %a = gn.group_norm num_groups(2)
         ins(%x, %zeros, %zeros : tensor<2x4x2xf32>, tensor<2xf32>, tensor<2xf32>)
         outs(%init : tensor<2x4x2xf32>) -> tensor<2x4x2xf32>
  %b = gn.group_norm num_groups(2)
         ins(%x, %ones, %ones : tensor<2x4x2xf32>, tensor<2xf32>, tensor<2xf32>)
         outs(%init : tensor<2x4x2xf32>) -> tensor<2x4x2xf32>
  %c = gn.group_norm num_groups(2)
         ins(%x, %one_and_two, %zeros : tensor<2x4x2xf32>, tensor<2xf32>, tensor<2xf32>)
         outs(%init : tensor<2x4x2xf32>) -> tensor<2x4x2xf32>
  %d = gn.group_norm num_groups(2)
         ins(%x, %ones, %negative_zeros : tensor<2x4x2xf32>, tensor<2xf32>, tensor<2xf32>)
         outs(%init : tensor<2x4x2xf32>) -> tensor<2x4x2xf32>
  return %a, %b, %c, %d : tensor<2x4x2xf32>, tensor<2x4x2xf32>, tensor<2x4x2xf32>, tensor<2x4x2xf32>
}

// -----

// With one group, or one feature a group, the grouping says nothing.
// CHECK-LABEL: func.func @grouping(
// CHECK-NEXT:    gn.group_norm num_groups(1) ins(%{{.*}}) outs(%{{.*}} : memref<2x4x8xf32>){{$}}
// CHECK-NEXT:    gn.group_norm num_groups(8) ins(%{{.*}}) outs(%{{.*}} : memref<2x4x8xf32>){{$}}
// CHECK-NEXT:    gn.group_stats num_groups(8) ins(%{{.*}}) outs(%{{.*}} : memref<2x8xf64>, memref<2x8xf64>, memref<2x8xf64>){{$}}
// CHECK-NEXT:    gn.group_normalize num_groups(8) ins(%{{.*}}) outs(%{{.*}} : memref<2x4x8xf32>){{$}}
// It does with two groups, and where the features are another dimension.
// CHECK-NEXT:    gn.group_norm num_groups(2) ins(%{{.*}}) outs(%{{.*}}) {grouping = #gn.grouping<contiguous>}
// CHECK-NEXT:    gn.group_norm num_groups(4) ins(%{{.*}}) outs(%{{.*}}) {grouping = #gn.grouping<contiguous>}
func.func @grouping(%x: memref<2x4x8xf32>, %n: memref<2x8xf64>, %m: memref<2x8xf64>,
                    %m2: memref<2x8xf64>) {
  gn.group_norm num_groups(1) ins(%x : memref<2x4x8xf32>) outs(%x : memref<2x4x8xf32>)
    {grouping = #gn.grouping<contiguous>}
  gn.group_norm num_groups(8) ins(%x : memref<2x4x8xf32>) outs(%x : memref<2x4x8xf32>)
    {grouping = #gn.grouping<contiguous>}
  gn.group_stats num_groups(8) ins(%x : memref<2x4x8xf32>)
    outs(%n, %m, %m2 : memref<2x8xf64>, memref<2x8xf64>, memref<2x8xf64>)
    {grouping = #gn.grouping<contiguous>}
  gn.group_normalize num_groups(8)
    ins(%x, %n, %m, %m2 : memref<2x4x8xf32>, memref<2x8xf64>, memref<2x8xf64>, memref<2x8xf64>)
    outs(%x : memref<2x4x8xf32>) {grouping = #gn.grouping<contiguous>}
  gn.group_norm num_groups(2) ins(%x : memref<2x4x8xf32>) outs(%x : memref<2x4x8xf32>)
    {grouping = #gn.grouping<contiguous>}
  gn.group_norm num_groups(4) ins(%x : memref<2x4x8xf32>) outs(%x : memref<2x4x8xf32>)
    {grouping = #gn.grouping<contiguous>}
  return
}

// -----

// A cast that forgets a size goes into the op.
// CHECK-LABEL: func.func @tensor_cast(
// CHECK-SAME:    %[[X:.*]]: tensor<2x4x8xf32>, %[[INIT:.*]]: tensor<2x4x8xf32>
// CHECK-NEXT:    %[[Y:.*]] = gn.group_norm num_groups(2) ins(%[[X]] : tensor<2x4x8xf32>) outs(%[[INIT]] : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
// CHECK-NEXT:    %[[CAST:.*]] = tensor.cast %[[Y]] : tensor<2x4x8xf32> to tensor<?x?x8xf32>
// CHECK-NEXT:    return %[[CAST]]
func.func @tensor_cast(%x: tensor<2x4x8xf32>, %init: tensor<2x4x8xf32>) -> tensor<?x?x8xf32> {
  %xc = tensor.cast %x : tensor<2x4x8xf32> to tensor<?x?x8xf32>
  %ic = tensor.cast %init : tensor<2x4x8xf32> to tensor<?x?x8xf32>
  %y = gn.group_norm num_groups(2) ins(%xc : tensor<?x?x8xf32>) outs(%ic : tensor<?x?x8xf32>)
         -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// One that asserts a size does not.
// CHECK-LABEL: func.func @tensor_cast_asserts(
// CHECK:         %[[CAST:.*]] = tensor.cast
// CHECK:         gn.group_norm num_groups(2) ins(%[[CAST]] : tensor<2x4x8xf32>)
func.func @tensor_cast_asserts(%x: tensor<?x?x8xf32>, %init: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
  %xc = tensor.cast %x : tensor<?x?x8xf32> to tensor<2x4x8xf32>
  %y = gn.group_norm num_groups(2) ins(%xc : tensor<2x4x8xf32>) outs(%init : tensor<2x4x8xf32>)
         -> tensor<2x4x8xf32>
  return %y : tensor<2x4x8xf32>
}

// CHECK-LABEL: func.func @memref_cast(
// CHECK-SAME:    %[[X:.*]]: memref<2x4x8xf32>, %[[N:.*]]: memref<2x2xf64>, %[[ANY:.*]]: memref<?x?x?xf32>
// CHECK-NEXT:    gn.group_norm num_groups(2) ins(%[[X]] : memref<2x4x8xf32>) outs(%[[X]] : memref<2x4x8xf32>)
// CHECK-NEXT:    gn.group_stats num_groups(2) ins(%[[X]] : memref<2x4x8xf32>) outs(%[[N]], %[[N]], %[[N]] : memref<2x2xf64>, memref<2x2xf64>, memref<2x2xf64>)
// CHECK-NEXT:    gn.group_normalize num_groups(2) ins(%[[X]], %[[N]], %[[N]], %[[N]] : memref<2x4x8xf32>,
// One that asserts a size stays: without it the last op has no static C.
// CHECK-NEXT:    %[[ASSERTED:.*]] = memref.cast %[[ANY]]
// CHECK-NEXT:    gn.group_norm num_groups(2) ins(%[[ASSERTED]] : memref<2x4x8xf32>)
func.func @memref_cast(%x: memref<2x4x8xf32>, %n: memref<2x2xf64>, %any: memref<?x?x?xf32>) {
  %xc = memref.cast %x : memref<2x4x8xf32> to memref<?x?x8xf32, strided<[?, ?, 1], offset: ?>>
  %nc = memref.cast %n : memref<2x2xf64> to memref<?x2xf64>
  gn.group_norm num_groups(2) ins(%xc : memref<?x?x8xf32, strided<[?, ?, 1], offset: ?>>)
    outs(%xc : memref<?x?x8xf32, strided<[?, ?, 1], offset: ?>>)
  gn.group_stats num_groups(2) ins(%xc : memref<?x?x8xf32, strided<[?, ?, 1], offset: ?>>)
    outs(%nc, %nc, %nc : memref<?x2xf64>, memref<?x2xf64>, memref<?x2xf64>)
  gn.group_normalize num_groups(2)
    ins(%xc, %nc, %nc, %nc : memref<?x?x8xf32, strided<[?, ?, 1], offset: ?>>,
        memref<?x2xf64>, memref<?x2xf64>, memref<?x2xf64>)
    outs(%xc : memref<?x?x8xf32, strided<[?, ?, 1], offset: ?>>)
  %ac = memref.cast %any : memref<?x?x?xf32> to memref<2x4x8xf32>
  gn.group_norm num_groups(2) ins(%ac : memref<2x4x8xf32>) outs(%x : memref<2x4x8xf32>)
  return
}

// -----

// An op whose result nobody uses is dead, unless it writes to memory.
// CHECK-LABEL: func.func @dead(
// CHECK-NEXT:    return
func.func @dead(%x: tensor<2x4x8xf32>, %s: tensor<2x2xf64>) {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%x : tensor<2x4x8xf32>)
         -> tensor<2x4x8xf32>
  %r:3 = gn.group_stats num_groups(2) ins(%x : tensor<2x4x8xf32>)
           outs(%s, %s, %s : tensor<2x2xf64>, tensor<2x2xf64>, tensor<2x2xf64>)
           -> tensor<2x2xf64>, tensor<2x2xf64>, tensor<2x2xf64>
  %z = gn.group_normalize num_groups(2)
         ins(%x, %s, %s, %s : tensor<2x4x8xf32>, tensor<2x2xf64>, tensor<2x2xf64>, tensor<2x2xf64>)
         outs(%x : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  return
}

// CHECK-LABEL: func.func @alive(
// CHECK-NEXT:    gn.group_norm
// CHECK-NEXT:    gn.group_stats
// CHECK-NEXT:    gn.group_normalize
// CHECK-NEXT:    return
func.func @alive(%x: memref<2x4x8xf32>, %s: memref<2x2xf64>) {
  gn.group_norm num_groups(2) ins(%x : memref<2x4x8xf32>) outs(%x : memref<2x4x8xf32>)
  gn.group_stats num_groups(2) ins(%x : memref<2x4x8xf32>)
    outs(%s, %s, %s : memref<2x2xf64>, memref<2x2xf64>, memref<2x2xf64>)
  gn.group_normalize num_groups(2)
    ins(%x, %s, %s, %s : memref<2x4x8xf32>, memref<2x2xf64>, memref<2x2xf64>, memref<2x2xf64>)
    outs(%x : memref<2x4x8xf32>)
  return
}
