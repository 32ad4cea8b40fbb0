// gn.group_norm in its halves, by the pass and by a transform script.

// RUN: groupnorm-opt %s --gn-decompose=halves-only | FileCheck %s --check-prefixes=CHECK,F64
// RUN: groupnorm-opt %s --gn-decompose="halves-only statistics=compute" | FileCheck %s --check-prefixes=CHECK,COMPUTE
// RUN: groupnorm-opt %s --transform-interpreter | FileCheck %s --check-prefixes=CHECK,F64
// RUN: not groupnorm-opt %s --gn-decompose=statistics=f16 2>&1 | FileCheck %s --check-prefix=NO-SUCH-TYPE
// NO-SUCH-TYPE: for the --statistics option: Cannot find option named 'f16'!

// Each attribute goes to the half that it concerns; a schedule, which is for
// the op as a whole, to neither.
// CHECK-LABEL: func.func @norm(
// CHECK-SAME:    %[[X:.*]]: tensor<?x6x?xf32>, %[[GAMMA:.*]]: tensor<6xf32>, %[[BETA:.*]]: tensor<6xf32>, %[[INIT:.*]]: tensor<?x6x?xf16>
// F64-DAG:       %[[ZERO:.*]] = arith.constant 0.000000e+00 : f64
// COMPUTE-DAG:   %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK-DAG:     %[[SAMPLES:.*]] = tensor.dim %[[X]], %c0
// CHECK:         %[[EMPTY:.*]] = tensor.empty(%[[SAMPLES]])
// F64:           %[[ZEROS:.*]] = linalg.fill ins(%[[ZERO]] : f64) outs(%[[EMPTY]] : tensor<?x2xf64>)
// COMPUTE:       %[[ZEROS:.*]] = linalg.fill ins(%[[ZERO]] : f32) outs(%[[EMPTY]] : tensor<?x2xf32>)
// CHECK-NEXT:    %[[S:.*]]:3 = gn.group_stats num_groups(2) ins(%[[X]] : tensor<?x6x?xf32>) outs(%[[ZEROS]], %[[ZEROS]], %[[ZEROS]] :
// CHECK-SAME:      {feature_dim = 1 : i64, grouping = #gn.grouping<contiguous>} ->
// F64-SAME:        tensor<?x2xf64>, tensor<?x2xf64>, tensor<?x2xf64>{{$}}
// COMPUTE-SAME:    tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>{{$}}
// CHECK-NEXT:    %[[Y:.*]] = gn.group_normalize num_groups(2) ins(%[[X]], %[[S]]#0, %[[S]]#1, %[[S]]#2, %[[GAMMA]], %[[BETA]] :
// CHECK-SAME:      outs(%[[INIT]] : tensor<?x6x?xf16>)
// CHECK-SAME:      {epsilon = 2.500000e-01 : f64, epsilon_placement = #gn.epsilon_placement<outside_sqrt>, feature_dim = 1 : i64, grouping = #gn.grouping<contiguous>} -> tensor<?x6x?xf16>
// CHECK-NEXT:    return %[[Y]]
func.func @norm(%x: tensor<?x6x?xf32>, %gamma: tensor<6xf32>, %beta: tensor<6xf32>,
                %init: tensor<?x6x?xf16>) -> tensor<?x6x?xf16> {
  %y = gn.group_norm num_groups(2)
         ins(%x, %gamma, %beta : tensor<?x6x?xf32>, tensor<6xf32>, tensor<6xf32>)
         outs(%init : tensor<?x6x?xf16>)
         {epsilon = 0.25 : f64, feature_dim = 1 : i64, grouping = #gn.grouping<contiguous>,
          epsilon_placement = #gn.epsilon_placement<outside_sqrt>,
          gn.schedule = #gn.cpu_schedule<>} -> tensor<?x6x?xf16>
  return %y : tensor<?x6x?xf16>
}

// The statistics of f64 data are f64 in any case.
// CHECK-LABEL: func.func @f64_data(
// CHECK:         %[[S:.*]]:3 = gn.group_stats {{.*}} -> tensor<2x4xf64>, tensor<2x4xf64>, tensor<2x4xf64>
// CHECK-NEXT:    gn.group_normalize num_groups(4) ins(%{{.*}}, %[[S]]#0, %[[S]]#1, %[[S]]#2 : tensor<2x8xf64>, tensor<2x4xf64>, tensor<2x4xf64>, tensor<2x4xf64>) outs(%{{.*}} : tensor<2x8xf64>) -> tensor<2x8xf64>
func.func @f64_data(%x: tensor<2x8xf64>, %init: tensor<2x8xf64>) -> tensor<2x8xf64> {
  %y = gn.group_norm num_groups(4) ins(%x : tensor<2x8xf64>) outs(%init : tensor<2x8xf64>)
         -> tensor<2x8xf64>
  return %y : tensor<2x8xf64>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %norms = transform.structured.match ops{["gn.group_norm"]} in %module
               : (!transform.any_op) -> !transform.any_op
    %halves = transform.structured.decompose_interface %norms
                : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}
