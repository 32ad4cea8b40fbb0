// What is lowered to the llvm dialect becomes LLVM IR; what is not, an error
// that names it.

// RUN: groupnorm-opt %s --gn-decompose \
// RUN:   --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" \
// RUN:   --convert-linalg-to-loops --expand-strided-metadata --lower-affine --convert-scf-to-cf \
// RUN:   --convert-to-llvm --reconcile-unrealized-casts \
// RUN:   | groupnorm-translate --mlir-to-llvmir | FileCheck %s

// RUN: rm -f %t.ll
// RUN: not groupnorm-translate --mlir-to-llvmir %s -o %t.ll 2>&1 | FileCheck %s --check-prefix=ERROR
// RUN: not ls %t.ll

// CHECK-LABEL: define {{.*}} @norm(ptr
// CHECK:         fpext float %{{.*}} to double
// CHECK:         call double @llvm.sqrt.f64(
// CHECK:         call float @llvm.fma.f32(

// ERROR: translate-llvmir.mlir:[[#@LINE+1]]:1: error: cannot be converted to LLVM IR
func.func @norm(%x: tensor<2x4x8xf32>, %init: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%init : tensor<2x4x8xf32>)
         -> tensor<2x4x8xf32>
  return %y : tensor<2x4x8xf32>
}
