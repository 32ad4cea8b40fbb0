// What the transformations of gn ops make of epilogues and saved statistics.

// RUN: groupnorm-opt %s -gn-decompose=halves-only | FileCheck %s --check-prefixes=CHECK,HALVES
// RUN: groupnorm-opt %s -gn-decompose | FileCheck %s --check-prefixes=CHECK,LINALG
// RUN: groupnorm-opt %s -one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" | FileCheck %s --check-prefixes=CHECK,BUFFERS
// RUN: groupnorm-opt %s -transform-interpreter -canonicalize -cse | FileCheck %s --check-prefixes=CHECK,TILED

// HALVES-DAG: #[[$PAIR:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// HALVES-DAG: #[[$FEATURE:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// HALVES-DAG: #[[$ALL:.*]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>

// CHECK-LABEL: func.func @inputs_and_statistics(
// CHECK-SAME:    %[[X:[a-z0-9]*]]: {{[^,]*}}, %[[S:[a-z0-9]*]]: {{[^,]*}}, %[[R:[a-z0-9]*]]: {{[^,]*}}, %[[INIT:[a-z0-9]*]]: {{[^,]*}}, %[[M:[a-z0-9]*]]: {{[^,]*}}, %[[D:[a-z0-9]*]]:

// HALVES:      %[[STATS:.*]]:3 = gn.group_stats
// HALVES:      %[[Y:.*]] = gn.group_normalize num_groups(4) ins(%[[X]], %[[STATS]]#0, %[[STATS]]#1, %[[STATS]]#2 : {{.*}}) outs(%[[INIT]] : tensor<2x4x8xf16>) {{{.*}}grouping = #gn.grouping<contiguous>} epilogue(%[[S]], %[[R]] : tensor<2x8xf32>, tensor<2x4x8xf16> by [#[[$FEATURE]], #[[$ALL]]]) {
// HALVES-NEXT: ^bb0(%[[N:.*]]: f32, %[[SE:.*]]: f32, %[[RE:.*]]: f16):
// HALVES-NEXT:   arith.extf %[[RE]]
// HALVES:        gn.yield
// HALVES:      %[[SAVED:.*]]:2 = linalg.generic {indexing_maps = [#[[$PAIR]], #[[$PAIR]], #[[$PAIR]], #[[$PAIR]], #[[$PAIR]]], {{.*}}} ins(%[[STATS]]#0, %[[STATS]]#1, %[[STATS]]#2 : {{.*}}) outs(%[[M]], %[[D]] : tensor<2x4xf32>, tensor<2x4xf32>)
// HALVES:        math.sqrt
// HALVES:        %[[EMPTY:.*]] = arith.cmpf oeq
// HALVES:        arith.select %[[EMPTY]]
// HALVES:      return %[[Y]], %[[SAVED]]#0, %[[SAVED]]#1

// The epilogue sees y in f32, and its result is what is written.
// LINALG:      linalg.generic {{.*}} ins(%[[X]], %{{.*}}, %{{.*}}, %{{.*}}, %[[S]], %[[R]] : {{.*}}) outs(%[[INIT]] : tensor<2x4x8xf16>)
// LINALG-NEXT: ^bb0(%[[XE:.*]]: f16, %{{.*}}: f32, %{{.*}}: f32, %{{.*}}: f32, %[[SE:.*]]: f32, %[[RE:.*]]: f16, %{{.*}}: f16):
// LINALG:        %[[Y:.*]] = math.fma
// LINALG-NEXT:   %[[WIDE:.*]] = arith.extf %[[RE]] : f16 to f32
// LINALG-NEXT:   %[[SUM:.*]] = math.fma %[[Y]], %[[SE]], %[[WIDE]] : f32
// LINALG-NEXT:   %[[H:.*]] = arith.truncf %[[SUM]] : f32 to f16
// LINALG-NEXT:   linalg.yield %[[H]] : f16

// BUFFERS:      gn.group_norm num_groups(4) ins(%[[X]] : memref<2x4x8xf16>) outs(%[[INIT]], %[[M]], %[[D]] : memref<2x4x8xf16>, memref<2x4xf32>, memref<2x4xf32>) {{.*}} epilogue(%[[S]], %[[R]] : memref<2x8xf32>, memref<2x4x8xf16> by
// BUFFERS-NEXT: ^bb0(%[[N:.*]]: f32, %[[SE:.*]]: f32, %[[RE:.*]]: f16):
// BUFFERS-NOT:  memref.copy
// BUFFERS:      return %[[INIT]], %[[M]], %[[D]]

// A tile has its part of each input and of the statistics.
// TILED:      %[[N:.*]] = affine.apply
// TILED-DAG:  %[[TS:.*]] = tensor.extract_slice %[[S]][%[[I:.*]], %[[C:.*]]] [1, 4] [1, 1]
// TILED-DAG:  %[[TR:.*]] = tensor.extract_slice %[[R]][%[[I]], 0, %[[C]]] [1, 4, 4] [1, 1, 1]
// TILED-DAG:  %[[TM:.*]] = tensor.extract_slice %{{.*}}[%[[I]], %[[G:.*]]] [1, 2] [1, 1] : tensor<2x4xf32> to tensor<1x2xf32>
// TILED:      gn.group_norm num_groups(2) ins(%{{.*}} : tensor<1x4x4xf16>) outs(%{{.*}}, %[[TM]], %{{.*}} : tensor<1x4x4xf16>, tensor<1x2xf32>, tensor<1x2xf32>) {{.*}} epilogue(%[[TS]], %[[TR]] : tensor<1x4xf32>, tensor<1x4x4xf16>
func.func @inputs_and_statistics(
    %x: tensor<2x4x8xf16>, %scale: tensor<2x8xf32>, %r: tensor<2x4x8xf16>,
    %init: tensor<2x4x8xf16>, %mean: tensor<2x4xf32>, %rstd: tensor<2x4xf32>)
    -> (tensor<2x4x8xf16>, tensor<2x4xf32>, tensor<2x4xf32>) {
  %y:3 = gn.group_norm num_groups(4) ins(%x : tensor<2x4x8xf16>)
    outs(%init, %mean, %rstd : tensor<2x4x8xf16>, tensor<2x4xf32>, tensor<2x4xf32>)
    {grouping = #gn.grouping<contiguous>}
    epilogue(%scale, %r : tensor<2x8xf32>, tensor<2x4x8xf16>
             by [affine_map<(n, s, c) -> (n, c)>, affine_map<(n, s, c) -> (n, s, c)>]) {
  ^bb0(%n: f32, %s: f32, %e: f16):
    %0 = arith.extf %e : f16 to f32
    %1 = math.fma %n, %s, %0 : f32
    %2 = arith.truncf %1 : f32 to f16
    gn.yield %2 : f16
  } -> tensor<2x4x8xf16>, tensor<2x4xf32>, tensor<2x4xf32>
  return %y#0, %y#1, %y#2 : tensor<2x4x8xf16>, tensor<2x4xf32>, tensor<2x4xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %norm = transform.structured.match ops{["gn.group_norm"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_forall %norm tile_sizes [1, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
