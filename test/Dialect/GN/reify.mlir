// The shape of a result is that of its init, found without the op itself.

// RUN: groupnorm-opt %s --resolve-ranked-shaped-type-result-dims --canonicalize | FileCheck %s

// CHECK-LABEL: func.func @norm(
// CHECK-SAME:    %[[X:.*]]: tensor<?x?x8xf32>, %[[INIT:.*]]: tensor<?x?x8xf32>
// CHECK-DAG:     %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG:     %[[C1:.*]] = arith.constant 1 : index
// CHECK-DAG:     %[[C8:.*]] = arith.constant 8 : index
// CHECK-DAG:     %[[N:.*]] = tensor.dim %[[INIT]], %[[C0]]
// CHECK-DAG:     %[[S:.*]] = tensor.dim %[[INIT]], %[[C1]]
// CHECK:         return %[[N]], %[[S]], %[[C8]]
func.func @norm(%x: tensor<?x?x8xf32>, %init: tensor<?x?x8xf32>) -> (index, index, index) {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<?x?x8xf32>) outs(%init : tensor<?x?x8xf32>)
         -> tensor<?x?x8xf32>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %n = tensor.dim %y, %c0 : tensor<?x?x8xf32>
  %s = tensor.dim %y, %c1 : tensor<?x?x8xf32>
  %c = tensor.dim %y, %c2 : tensor<?x?x8xf32>
  return %n, %s, %c : index, index, index
}

// CHECK-LABEL: func.func @halves(
// CHECK-SAME:    %[[X:.*]]: tensor<?x8xf32>, %[[COUNT:.*]]: tensor<?x2xf64>, %[[MEAN:.*]]: tensor<?x2xf64>, %[[M2:.*]]: tensor<?x2xf64>, %[[INIT:.*]]: tensor<?x8xf16>
// CHECK-NOT:     gn.
// CHECK-DAG:     %[[D0:.*]] = tensor.dim %[[COUNT]]
// CHECK-DAG:     %[[D1:.*]] = tensor.dim %[[MEAN]]
// CHECK-DAG:     %[[D2:.*]] = tensor.dim %[[M2]]
// CHECK-DAG:     %[[D3:.*]] = tensor.dim %[[INIT]]
// CHECK:         return %[[D0]], %[[D1]], %[[D2]], %[[D3]]
func.func @halves(%x: tensor<?x8xf32>, %count: tensor<?x2xf64>, %mean: tensor<?x2xf64>,
                  %m2: tensor<?x2xf64>, %init: tensor<?x8xf16>) -> (index, index, index, index) {
  %r:3 = gn.group_stats num_groups(2) ins(%x : tensor<?x8xf32>)
           outs(%count, %mean, %m2 : tensor<?x2xf64>, tensor<?x2xf64>, tensor<?x2xf64>)
           -> tensor<?x2xf64>, tensor<?x2xf64>, tensor<?x2xf64>
  %y = gn.group_normalize num_groups(2)
         ins(%x, %r#0, %r#1, %r#2 : tensor<?x8xf32>, tensor<?x2xf64>, tensor<?x2xf64>, tensor<?x2xf64>)
         outs(%init : tensor<?x8xf16>) -> tensor<?x8xf16>
  %c0 = arith.constant 0 : index
  %d0 = tensor.dim %r#0, %c0 : tensor<?x2xf64>
  %d1 = tensor.dim %r#1, %c0 : tensor<?x2xf64>
  %d2 = tensor.dim %r#2, %c0 : tensor<?x2xf64>
  %d3 = tensor.dim %y, %c0 : tensor<?x8xf16>
  return %d0, %d1, %d2, %d3 : index, index, index, index
}
