// From tensors to the llvm dialect in one flag, with memref descriptors or
// with plain pointers, and on to a run by upstream's own runner.

// RUN: groupnorm-opt %s --gn-to-llvm | FileCheck %s --check-prefixes=CHECK,DESCRIPTORS
// RUN: groupnorm-opt %s --gn-to-llvm="c-interface arguments=x,y" | FileCheck %s --check-prefixes=CHECK,POINTERS
// RUN: groupnorm-opt %s --gn-to-llvm \
// RUN:   | mlir-runner -e main --entry-point-result=i32 \
// RUN:   | FileCheck %s --check-prefix=RESULT

// The group of 1, 3, 1, 3 has variance 1; with epsilon 3 it is divided by 2.
// RESULT: -5

// DESCRIPTORS:     llvm.func @norm(%{{[^:]*}}: !llvm.ptr, %{{[^:]*}}: !llvm.ptr, %{{[^:]*}}: i64
// POINTERS: llvm.func @norm(%{{[^:]*}}: !llvm.ptr {llvm.readonly}, %{{[^:]*}}: !llvm.ptr) -> i32
// CHECK-NOT:       gn.group_norm
// CHECK-NOT:       unrealized_conversion_cast
func.func @norm(%x: tensor<1x2x2xf32>) -> tensor<1x2x2xf32> {
  %init = tensor.empty() : tensor<1x2x2xf32>
  %y = gn.group_norm num_groups(1) ins(%x : tensor<1x2x2xf32>) outs(%init : tensor<1x2x2xf32>)
         {epsilon = 3.0 : f64} -> tensor<1x2x2xf32>
  return %y : tensor<1x2x2xf32>
}

func.func private @main() -> i32 attributes {llvm.emit_c_interface} {
  %c0 = arith.constant 0 : index
  %ten = arith.constant 10.0 : f32
  %x = arith.constant dense<[[[1.0, 3.0], [1.0, 3.0]]]> : tensor<1x2x2xf32>
  %y = call @norm(%x) : (tensor<1x2x2xf32>) -> tensor<1x2x2xf32>
  %e = tensor.extract %y[%c0, %c0, %c0] : tensor<1x2x2xf32>
  %tenfold = arith.mulf %e, %ten : f32
  %i = arith.fptosi %tenfold : f32 to i32
  return %i : i32
}
