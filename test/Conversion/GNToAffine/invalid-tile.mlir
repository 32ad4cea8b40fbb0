// RUN: groupnorm-opt %s --pass-pipeline='builtin.module(func.func(convert-gn-to-affine))' -verify-diagnostics

func.func @tile(%x: memref<4x?x8xf32>) {
  affine.for %i = 0 to 4 {
    // expected-error @below {{'gn.group_norm' op has dynamic sizes and stands in a loop: it becomes a function of its own, which needs the pass to run on the module}}
    gn.group_norm num_groups(2) ins(%x : memref<4x?x8xf32>) outs(%x : memref<4x?x8xf32>)
  }
  return
}
