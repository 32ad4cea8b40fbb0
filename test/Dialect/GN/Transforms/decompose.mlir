// The halves in linalg, by the pass and by a transform script.

// RUN: groupnorm-opt %s --gn-decompose --cse | FileCheck %s
// RUN: groupnorm-opt %s --transform-interpreter --cse | FileCheck %s
// RUN: groupnorm-opt %s --gn-decompose --mlir-print-debuginfo | FileCheck %s --check-prefix=ROLE

// Loops and buffers that come of an op can be told apart by where they are.
// ROLE-DAG: loc("statistics"(
// ROLE-DAG: loc("merge"(
// ROLE-DAG: loc("normalize"(

// CHECK-DAG: #[[$ALL:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3, d4)>
// CHECK-DAG: #[[$GROUP_3:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d3)>
// CHECK-DAG: #[[$BOTH:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[$ALL_4:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
// CHECK-DAG: #[[$GROUP_2:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d2)>
// CHECK-DAG: #[[$OUTER:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-DAG: #[[$ENDS:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[$INNER:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-DAG: #[[$ALL_3:.*]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>

// Contiguous groups: the features are groups x width.
// CHECK-LABEL: func.func @stats_contiguous(
// CHECK-SAME:    %[[X:.*]]: tensor<2x?x?x6xf16>, %[[COUNT:.*]]: tensor<2x3xf32>, %[[MEAN:.*]]: tensor<2x3xf32>, %[[M2:.*]]: tensor<2x3xf32>
// CHECK-DAG:     %[[C2:.*]] = arith.constant 2 : index
// CHECK-DAG:     %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
// CHECK-DAG:     %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK-DAG:     %[[D1:.*]] = tensor.dim %[[X]], %c1
// CHECK-DAG:     %[[D2:.*]] = tensor.dim %[[X]], %c2
// CHECK:         %[[XG:.*]] = tensor.expand_shape %[[X]] {{\[}}[0], [1], [2], [3, 4]] output_shape [2, %[[D1]], %[[D2]], 3, 2]
// CHECK:         %[[EMPTY:.*]] = tensor.empty() : tensor<2x3xf32>
// CHECK:         %[[ZEROS:.*]] = linalg.fill ins(%[[ZERO]] : f32) outs(%[[EMPTY]] : tensor<2x3xf32>)
// The elements of a group; as a divisor at least one.
// CHECK:         %[[POSITIONS:.*]] = arith.muli %[[D1]], %[[D2]] : index
// CHECK:         %[[ELEMENTS:.*]] = arith.muli %[[POSITIONS]], %[[C2]] : index
// CHECK:         %[[CAST:.*]] = arith.index_cast %[[ELEMENTS]] : index to i64
// CHECK:         %[[N:.*]] = arith.sitofp %[[CAST]] : i64 to f32
// CHECK:         %[[DIVISOR:.*]] = arith.maximumf %[[N]], %[[ONE]] : f32
// The first sweep.
// CHECK:         %[[SUM:.*]] = linalg.generic {indexing_maps = [#[[$ALL]], #[[$GROUP_3]]], iterator_types = ["parallel", "reduction", "reduction", "parallel", "reduction"]} ins(%[[XG]] : tensor<2x?x?x3x2xf16>) outs(%[[ZEROS]] : tensor<2x3xf32>)
// CHECK-NEXT:    ^bb0(%[[E:.*]]: f16, %[[ACC:.*]]: f32):
// CHECK-NEXT:      %[[WIDE:.*]] = arith.extf %[[E]] : f16 to f32
// CHECK-NEXT:      %[[NEXT:.*]] = arith.addf %[[ACC]], %[[WIDE]] : f32
// CHECK-NEXT:      linalg.yield %[[NEXT]]
// CHECK:         %[[ESTIMATE:.*]] = linalg.generic {{.*}} iterator_types = ["parallel", "parallel"]} ins(%[[SUM]] : tensor<2x3xf32>) outs(%[[EMPTY]] : tensor<2x3xf32>)
// CHECK-NEXT:    ^bb0(%[[E:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT:      %[[QUOTIENT:.*]] = arith.divf %[[E]], %[[DIVISOR]] : f32
// CHECK-NEXT:      linalg.yield %[[QUOTIENT]]
// The second.
// CHECK:         %[[DEV:.*]]:2 = linalg.generic {indexing_maps = [#[[$ALL]], #[[$GROUP_3]], #[[$GROUP_3]], #[[$GROUP_3]]], iterator_types = ["parallel", "reduction", "reduction", "parallel", "reduction"]} ins(%[[XG]], %[[ESTIMATE]] : {{.*}}) outs(%[[ZEROS]], %[[ZEROS]] : {{.*}})
// CHECK-NEXT:    ^bb0(%[[E:.*]]: f16, %[[EST:.*]]: f32, %[[ACC:.*]]: f32, %[[ACC2:.*]]: f32):
// CHECK-NEXT:      %[[WIDE:.*]] = arith.extf %[[E]] : f16 to f32
// CHECK-NEXT:      %[[D:.*]] = arith.subf %[[WIDE]], %[[EST]] : f32
// CHECK-NEXT:      %[[SQUARE:.*]] = arith.mulf %[[D]], %[[D]] : f32
// CHECK-NEXT:      %[[NEXT:.*]] = arith.addf %[[ACC]], %[[D]] : f32
// CHECK-NEXT:      %[[NEXT2:.*]] = arith.addf %[[ACC2]], %[[SQUARE]] : f32
// CHECK-NEXT:      linalg.yield %[[NEXT]], %[[NEXT2]]
// Correction and merge.
// CHECK:         %[[R:.*]]:3 = linalg.generic {{.*}} iterator_types = ["parallel", "parallel"]} ins(%[[ESTIMATE]], %[[DEV]]#0, %[[DEV]]#1 : {{.*}}) outs(%[[COUNT]], %[[MEAN]], %[[M2]] : {{.*}})
// CHECK-NEXT:    ^bb0(%[[EST:.*]]: f32, %[[SUMD:.*]]: f32, %[[SUMD2:.*]]: f32, %[[NA:.*]]: f32, %[[MA:.*]]: f32, %[[M2A:.*]]: f32):
// CHECK-NEXT:      %[[MEAND:.*]] = arith.divf %[[SUMD]], %[[DIVISOR]] : f32
// CHECK-NEXT:      %[[MB:.*]] = arith.addf %[[EST]], %[[MEAND]] : f32
// CHECK-NEXT:      %[[EXCESS:.*]] = arith.mulf %[[SUMD]], %[[MEAND]] : f32
// CHECK-NEXT:      %[[RAW:.*]] = arith.subf %[[SUMD2]], %[[EXCESS]] : f32
// CHECK-NEXT:      %[[M2B:.*]] = arith.maximumf %[[RAW]], %[[ZERO]] : f32
// CHECK-NEXT:      %[[TOTAL:.*]] = arith.addf %[[NA]], %[[N]] : f32
// CHECK-NEXT:      %[[TOTAL1:.*]] = arith.maximumf %[[TOTAL]], %[[ONE]] : f32
// CHECK-NEXT:      %[[WEIGHT:.*]] = arith.divf %[[N]], %[[TOTAL1]] : f32
// CHECK-NEXT:      %[[DELTA:.*]] = arith.subf %[[MB]], %[[MA]] : f32
// CHECK-NEXT:      %[[SHIFT:.*]] = arith.mulf %[[DELTA]], %[[WEIGHT]] : f32
// CHECK-NEXT:      %[[NEWMEAN:.*]] = arith.addf %[[MA]], %[[SHIFT]] : f32
// CHECK-NEXT:      %[[DN:.*]] = arith.mulf %[[DELTA]], %[[NA]] : f32
// CHECK-NEXT:      %[[BETWEEN:.*]] = arith.mulf %[[DN]], %[[SHIFT]] : f32
// CHECK-NEXT:      %[[WITHIN:.*]] = arith.addf %[[M2A]], %[[M2B]] : f32
// CHECK-NEXT:      %[[NEWM2:.*]] = arith.addf %[[WITHIN]], %[[BETWEEN]] : f32
// CHECK-NEXT:      linalg.yield %[[TOTAL]], %[[NEWMEAN]], %[[NEWM2]]
// CHECK:         return %[[R]]#0, %[[R]]#1, %[[R]]#2
func.func @stats_contiguous(%x: tensor<2x?x?x6xf16>, %count: tensor<2x3xf32>,
                            %mean: tensor<2x3xf32>, %m2: tensor<2x3xf32>)
    -> (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>) {
  %r:3 = gn.group_stats num_groups(3) ins(%x : tensor<2x?x?x6xf16>)
           outs(%count, %mean, %m2 : tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>)
           {grouping = #gn.grouping<contiguous>}
           -> tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>
  return %r#0, %r#1, %r#2 : tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>
}

// Interleaved groups: the features, here not last, are width x groups. What is
// static is a constant.
// CHECK-LABEL: func.func @stats_interleaved(
// CHECK-SAME:    %[[X:.*]]: tensor<?x6x5xf32>
// CHECK-DAG:     %[[N:.*]] = arith.constant 1.000000e+01 : f64
// CHECK-DAG:     %[[SAMPLES:.*]] = tensor.dim %[[X]], %c0
// CHECK:         %[[XG:.*]] = tensor.expand_shape %[[X]] {{\[}}[0], [1, 2], [3]] output_shape [%[[SAMPLES]], 2, 3, 5] : tensor<?x6x5xf32> into tensor<?x2x3x5xf32>
// CHECK:         tensor.empty(%[[SAMPLES]]) : tensor<?x3xf64>
// CHECK:         linalg.generic {indexing_maps = [#[[$ALL_4]], #[[$GROUP_2]]], iterator_types = ["parallel", "reduction", "parallel", "reduction"]} ins(%[[XG]] :
// CHECK:         arith.divf %{{.*}}, %[[N]] : f64
// CHECK:         linalg.generic {indexing_maps = [#[[$ALL_4]], #[[$GROUP_2]], #[[$GROUP_2]], #[[$GROUP_2]]], iterator_types = ["parallel", "reduction", "parallel", "reduction"]}
// CHECK-NOT:     gn.
func.func @stats_interleaved(%x: tensor<?x6x5xf32>, %zero: tensor<?x3xf64>)
    -> (tensor<?x3xf64>, tensor<?x3xf64>, tensor<?x3xf64>) {
  %r:3 = gn.group_stats num_groups(3) ins(%x : tensor<?x6x5xf32>)
           outs(%zero, %zero, %zero : tensor<?x3xf64>, tensor<?x3xf64>, tensor<?x3xf64>)
           {feature_dim = 1 : i64} -> tensor<?x3xf64>, tensor<?x3xf64>, tensor<?x3xf64>
  return %r#0, %r#1, %r#2 : tensor<?x3xf64>, tensor<?x3xf64>, tensor<?x3xf64>
}

// f64 statistics of f32 data: the mean is split in two, what follows from it is
// computed in f64 and rounded once.
// CHECK-LABEL: func.func @normalize_affine(
// CHECK-SAME:    %[[X:.*]]: tensor<2x?x6xbf16>, %[[COUNT:.*]]: tensor<2x3xf64>, %[[MEAN:.*]]: tensor<2x3xf64>, %[[M2:.*]]: tensor<2x3xf64>, %[[GAMMA:.*]]: tensor<6xf32>, %[[BETA:.*]]: tensor<6xbf16>, %[[INIT:.*]]: tensor<2x?x6xf16>
// CHECK-DAG:     %[[EPS:.*]] = arith.constant 2.500000e-01 : f64
// CHECK-DAG:     %[[ONE:.*]] = arith.constant 1.000000e+00 : f64
// CHECK-DAG:     %[[EMPTY:.*]] = tensor.empty() : tensor<2x3x2xf32>
// CHECK-DAG:     %[[GG:.*]] = tensor.expand_shape %[[GAMMA]] {{\[}}[0, 1]] output_shape [3, 2]
// CHECK-DAG:     %[[BG:.*]] = tensor.expand_shape %[[BETA]] {{\[}}[0, 1]] output_shape [3, 2]
// CHECK:         %[[P:.*]]:3 = linalg.generic {indexing_maps = [#[[$OUTER]], #[[$OUTER]], #[[$OUTER]], #[[$INNER]], #[[$INNER]], #[[$ALL_3]], #[[$ALL_3]], #[[$ALL_3]]], iterator_types = ["parallel", "parallel", "parallel"]} ins(%[[COUNT]], %[[MEAN]], %[[M2]], %[[GG]], %[[BG]] : {{.*}}) outs(%[[EMPTY]], %[[EMPTY]], %[[EMPTY]] :
// CHECK-NEXT:    ^bb0(%[[N:.*]]: f64, %[[M:.*]]: f64, %[[V:.*]]: f64, %[[G:.*]]: f32, %[[B:.*]]: bf16,
// CHECK-NEXT:      %[[VAR:.*]] = arith.divf %[[V]], %[[N]] : f64
// CHECK-NEXT:      %[[VARE:.*]] = arith.addf %[[VAR]], %[[EPS]] : f64
// CHECK-NEXT:      %[[DEV:.*]] = math.sqrt %[[VARE]] : f64
// CHECK-NEXT:      %[[R:.*]] = arith.divf %[[ONE]], %[[DEV]] : f64
// CHECK-NEXT:      %[[GW:.*]] = arith.extf %[[G]] : f32 to f64
// CHECK-NEXT:      %[[S:.*]] = arith.mulf %[[R]], %[[GW]] : f64
// CHECK-NEXT:      %[[BW:.*]] = arith.extf %[[B]] : bf16 to f64
// CHECK-NEXT:      %[[HI:.*]] = arith.truncf %[[M]] : f64 to f32
// CHECK-NEXT:      %[[HIW:.*]] = arith.extf %[[HI]] : f32 to f64
// CHECK-NEXT:      %[[LO:.*]] = arith.subf %[[M]], %[[HIW]] : f64
// CHECK-NEXT:      %[[LOS:.*]] = arith.mulf %[[LO]], %[[S]] : f64
// CHECK-NEXT:      %[[T:.*]] = arith.subf %[[BW]], %[[LOS]] : f64
// CHECK-NEXT:      %[[SN:.*]] = arith.truncf %[[S]] : f64 to f32
// CHECK-NEXT:      %[[TN:.*]] = arith.truncf %[[T]] : f64 to f32
// CHECK-NEXT:      linalg.yield %[[HI]], %[[SN]], %[[TN]]
// CHECK-DAG:     %[[PM:.*]] = tensor.collapse_shape %[[P]]#0 {{\[}}[0], [1, 2]] : tensor<2x3x2xf32> into tensor<2x6xf32>
// CHECK-DAG:     %[[PS:.*]] = tensor.collapse_shape %[[P]]#1
// CHECK-DAG:     %[[PT:.*]] = tensor.collapse_shape %[[P]]#2
// CHECK:         %[[Y:.*]] = linalg.generic {indexing_maps = [#[[$ALL_3]], #[[$ENDS]], #[[$ENDS]], #[[$ENDS]], #[[$ALL_3]]], iterator_types = ["parallel", "parallel", "parallel"]} ins(%[[X]], %[[PM]], %[[PS]], %[[PT]] : {{.*}}) outs(%[[INIT]] : tensor<2x?x6xf16>)
// CHECK-NEXT:    ^bb0(%[[E:.*]]: bf16, %[[M:.*]]: f32, %[[S:.*]]: f32, %[[T:.*]]: f32, %{{.*}}: f16):
// CHECK-NEXT:      %[[WIDE:.*]] = arith.extf %[[E]] : bf16 to f32
// CHECK-NEXT:      %[[D:.*]] = arith.subf %[[WIDE]], %[[M]] : f32
// CHECK-NEXT:      %[[FMA:.*]] = math.fma %[[D]], %[[S]], %[[T]] : f32
// CHECK-NEXT:      %[[NARROW:.*]] = arith.truncf %[[FMA]] : f32 to f16
// CHECK-NEXT:      linalg.yield %[[NARROW]]
// CHECK:         return %[[Y]]
func.func @normalize_affine(%x: tensor<2x?x6xbf16>, %count: tensor<2x3xf64>,
                            %mean: tensor<2x3xf64>, %m2: tensor<2x3xf64>,
                            %gamma: tensor<6xf32>, %beta: tensor<6xbf16>,
                            %init: tensor<2x?x6xf16>) -> tensor<2x?x6xf16> {
  %y = gn.group_normalize num_groups(3)
         ins(%x, %count, %mean, %m2, %gamma, %beta : tensor<2x?x6xbf16>, tensor<2x3xf64>,
             tensor<2x3xf64>, tensor<2x3xf64>, tensor<6xf32>, tensor<6xbf16>)
         outs(%init : tensor<2x?x6xf16>)
         {epsilon = 0.25 : f64, grouping = #gn.grouping<contiguous>} -> tensor<2x?x6xf16>
  return %y : tensor<2x?x6xf16>
}

// Statistics in the compute type have nothing to split. Epsilon comes after the
// root, the groups are interleaved, the features are not last.
// CHECK-LABEL: func.func @normalize(
// CHECK-SAME:    %[[X:.*]]: tensor<2x6x?xf32>, %[[STAT:.*]]: tensor<2x3xf32>, %[[INIT:.*]]: tensor<2x6x?xf64>
// CHECK-DAG:     %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK-DAG:     %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
// CHECK-DAG:     %[[EPS:.*]] = arith.constant 2.500000e-01 : f32
// CHECK:         %[[P:.*]]:3 = linalg.generic {indexing_maps = [#[[$ENDS]], #[[$ENDS]], #[[$ENDS]], #[[$ALL_3]], #[[$ALL_3]], #[[$ALL_3]]]
// CHECK-NEXT:    ^bb0(%[[N:.*]]: f32, %[[M:.*]]: f32, %[[V:.*]]: f32, %{{.*}}: f32, %{{.*}}: f32, %{{.*}}: f32):
// CHECK-NEXT:      %[[VAR:.*]] = arith.divf %[[V]], %[[N]] : f32
// CHECK-NEXT:      %[[DEV:.*]] = math.sqrt %[[VAR]] : f32
// CHECK-NEXT:      %[[DEVE:.*]] = arith.addf %[[DEV]], %[[EPS]] : f32
// CHECK-NEXT:      %[[R:.*]] = arith.divf %[[ONE]], %[[DEVE]] : f32
// CHECK-NEXT:      linalg.yield %[[M]], %[[R]], %[[ZERO]]
// CHECK:         linalg.generic {indexing_maps = [#[[$ALL_3]], #[[$OUTER]], #[[$OUTER]], #[[$OUTER]], #[[$ALL_3]]]
// CHECK-NEXT:    ^bb0(
// CHECK-NEXT:      arith.subf
// CHECK-NEXT:      %[[FMA:.*]] = math.fma
// CHECK-NEXT:      %[[WIDE:.*]] = arith.extf %[[FMA]] : f32 to f64
// CHECK-NEXT:      linalg.yield %[[WIDE]]
func.func @normalize(%x: tensor<2x6x?xf32>, %s: tensor<2x3xf32>, %init: tensor<2x6x?xf64>)
    -> tensor<2x6x?xf64> {
  %y = gn.group_normalize num_groups(3)
         ins(%x, %s, %s, %s : tensor<2x6x?xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>)
         outs(%init : tensor<2x6x?xf64>)
         {epsilon = 0.25 : f64, epsilon_placement = #gn.epsilon_placement<outside_sqrt>,
          feature_dim = 1 : i64} -> tensor<2x6x?xf64>
  return %y : tensor<2x6x?xf64>
}

// gn.group_norm goes all the way in one run of the pass.
// CHECK-LABEL: func.func @norm(
// CHECK-NOT:     gn.
// CHECK:         return
func.func @norm(%x: tensor<2x5x6xf32>, %init: tensor<2x5x6xf32>) -> tensor<2x5x6xf32> {
  %y = gn.group_norm num_groups(3) ins(%x : tensor<2x5x6xf32>) outs(%init : tensor<2x5x6xf32>)
         -> tensor<2x5x6xf32>
  return %y : tensor<2x5x6xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %norms = transform.structured.match ops{["gn.group_norm"]} in %module
               : (!transform.any_op) -> !transform.any_op
    transform.structured.decompose_interface %norms : (!transform.any_op) -> !transform.any_op
    %normalizes = transform.structured.match ops{["gn.group_normalize"]} in %module
                    : (!transform.any_op) -> !transform.any_op
    transform.structured.decompose_interface %normalizes : (!transform.any_op) -> !transform.any_op
    // That op takes one result only, and gn.group_stats has three.
    %functions = transform.structured.match ops{["func.func"]} in %module
                   : (!transform.any_op) -> !transform.any_op
    transform.apply_registered_pass "gn-decompose" to %functions
      : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}
