// Weights that are part of the module reach the kernels as constants; what
// kernels do not compute is refused.

// RUN: split-file %s %t && cd %t
// RUN: %python %inputs/make_npy.py x.npy 2x8x4
// RUN: %python %inputs/make_npy.py w.npy 4 --fill index
// RUN: groupnorm run constants.mlir --target metal --checked --input x.npy -o y.npy | FileCheck %s
// RUN: groupnorm run --input x.npy --weight w.npy --num-groups 2 --target metal --checked -o wanted.npy
// RUN: cmp y.npy wanted.npy
// RUN: groupnorm emit constants.mlir --emit=launch | FileCheck %s --check-prefix=LAUNCH
// RUN: not groupnorm run more.mlir --target metal --input x.npy 2>&1 | FileCheck %s --check-prefix=MORE

// CHECK:  checks    nothing found
// LAUNCH:      "role": "constant",
// LAUNCH-NEXT: "type": "float",
// LAUNCH-NEXT: "values": "AAAAAAAAgD8AAABAAABAQA=="
// LAUNCH:      "role": "constant",
// LAUNCH-NEXT: "type": "float",
// LAUNCH-NEXT: "values": "AAAAAAAAAAAAAAAAAAAAAA=="
// MORE: {{^}}groupnorm: error: more.mlir:6:8: 'linalg.generic' op cannot be described: the function does more than launch kernels{{$}}

//--- constants.mlir
func.func @norm(%x: tensor<2x8x4xf32>) -> tensor<2x8x4xf32> {
  %gamma = arith.constant dense<[0.0, 1.0, 2.0, 3.0]> : tensor<4xf32>
  %beta = arith.constant dense<0.0> : tensor<4xf32>
  %init = tensor.empty() : tensor<2x8x4xf32>
  %y = gn.group_norm num_groups(2) ins(%x, %gamma, %beta : tensor<2x8x4xf32>, tensor<4xf32>, tensor<4xf32>)
         outs(%init : tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  return %y : tensor<2x8x4xf32>
}
//--- more.mlir
#id = affine_map<(i, j, k) -> (i, j, k)>
func.func @norm(%x: tensor<2x8x4xf32>) -> tensor<2x8x4xf32> {
  %init = tensor.empty() : tensor<2x8x4xf32>
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x8x4xf32>)
         outs(%init : tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  %z = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
         ins(%y : tensor<2x8x4xf32>) outs(%init : tensor<2x8x4xf32>) {
  ^bb0(%a: f32, %b: f32):
    %0 = math.sin %a : f32
    linalg.yield %0 : f32
  } -> tensor<2x8x4xf32>
  return %z : tensor<2x8x4xf32>
}
