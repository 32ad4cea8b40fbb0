// Ops on memrefs are not decomposed: the pass leaves them, a transform script
// says so.

// RUN: groupnorm-opt %s --gn-decompose | FileCheck %s
// RUN: groupnorm-opt %s --transform-interpreter --verify-diagnostics

// CHECK-LABEL: func.func @memrefs(
// CHECK-NEXT:    gn.group_norm
// CHECK-NEXT:    gn.group_stats
// CHECK-NEXT:    gn.group_normalize
// CHECK-NEXT:    return
func.func @memrefs(%x: memref<2x4x8xf32>, %s: memref<2x2xf64>) {
  // expected-note @below {{when applied to this op}}
  gn.group_norm num_groups(2) ins(%x : memref<2x4x8xf32>) outs(%x : memref<2x4x8xf32>)
  gn.group_stats num_groups(2) ins(%x : memref<2x4x8xf32>)
    outs(%s, %s, %s : memref<2x2xf64>, memref<2x2xf64>, memref<2x2xf64>)
  gn.group_normalize num_groups(2)
    ins(%x, %s, %s, %s : memref<2x4x8xf32>, memref<2x2xf64>, memref<2x2xf64>, memref<2x2xf64>)
    outs(%x : memref<2x4x8xf32>)
  return
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%module: !transform.any_op {transform.readonly}) {
    %norms = transform.structured.match ops{["gn.group_norm"]} in %module
               : (!transform.any_op) -> !transform.any_op
    // expected-error @below {{failed to apply}}
    transform.structured.decompose_interface %norms : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}
