// The stock mlir-opt has the dialect, its interfaces and its passes from the
// plugin, and the plugin has no MLIR of its own.

// RUN: mlir-opt --load-dialect-plugin=%groupnorm_plugin --load-pass-plugin=%groupnorm_plugin %s \
// RUN:   --pass-pipeline='builtin.module(gn-decompose{halves-only})' | FileCheck %s --check-prefix=HALVES
// RUN: mlir-opt --load-dialect-plugin=%groupnorm_plugin %s --transform-interpreter \
// RUN:   --one-shot-bufferize=bufferize-function-boundaries | FileCheck %s --check-prefix=SCRIPT
// RUN: mlir-opt --load-dialect-plugin=%groupnorm_plugin --load-pass-plugin=%groupnorm_plugin %s \
// RUN:   --pass-pipeline='builtin.module(one-shot-bufferize{bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map},convert-gn-to-affine)' \
// RUN:   | FileCheck %s --check-prefix=AFFINE
// RUN: llvm-objdump --private-headers %groupnorm_plugin | FileCheck %s --check-prefix=LIBRARIES --implicit-check-not=libMLIR --implicit-check-not=libLLVM

// LIBRARIES: file format

// HALVES:      %[[S:.*]]:3 = gn.group_stats
// HALVES-NEXT: gn.group_normalize num_groups(2) ins(%{{.*}}, %[[S]]#0, %[[S]]#1, %[[S]]#2 :

// SCRIPT:      gn.group_stats {{.*}} outs(%{{.*}}, %{{.*}}, %{{.*}} : memref<2x2xf64>, memref<2x2xf64>, memref<2x2xf64>)
// SCRIPT:      gn.group_normalize

// AFFINE-NOT:  gn.group_norm
// AFFINE:      affine.for
// AFFINE-NOT:  gn.group_norm
// AFFINE:      module attributes {transform.with_named_sequence}
func.func @norm(%x: tensor<2x4x8xf32>, %init: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%init : tensor<2x4x8xf32>)
         -> tensor<2x4x8xf32>
  return %y : tensor<2x4x8xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %norms = transform.structured.match ops{["gn.group_norm"]} in %module
               : (!transform.any_op) -> !transform.any_op
    transform.structured.decompose_interface %norms : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}
