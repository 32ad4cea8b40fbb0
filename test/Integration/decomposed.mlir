// The decomposed ops, compiled by upstream passes alone, compute the right
// numbers. The data is chosen so that these are exact: deviations of +-1 from
// the mean (variance 1) in one group, of +-1 and +-5 (variance 13) in the other,
// and an epsilon of 3.

// RUN: groupnorm-opt %s --gn-decompose \
// RUN:   --convert-elementwise-to-linalg \
// RUN:   --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" \
// RUN:   --convert-linalg-to-loops --expand-strided-metadata --lower-affine \
// RUN:   --convert-scf-to-cf --convert-math-to-llvm --convert-arith-to-llvm \
// RUN:   --finalize-memref-to-llvm --convert-func-to-llvm --convert-cf-to-llvm \
// RUN:   --reconcile-unrealized-casts \
// RUN:   | mlir-runner -O2 -e main --entry-point-result=void \
// RUN:       --shared-libs=%llvm_lib_dir/libmlir_runner_utils%shlibext,%llvm_lib_dir/libmlir_c_runner_utils%shlibext,%llvm_lib_dir/libmlir_float16_utils%shlibext \
// RUN:   | FileCheck %s

func.func private @printMemrefF32(tensor<*xf32>) attributes {llvm.emit_c_interface}
func.func private @printMemrefF64(tensor<*xf64>) attributes {llvm.emit_c_interface}

func.func private @interleaved(%x: tensor<?x?x4xf32>, %init: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<?x?x4xf32>) outs(%init : tensor<?x?x4xf32>)
         {epsilon = 3.0 : f64} -> tensor<?x?x4xf32>
  return %y : tensor<?x?x4xf32>
}

func.func private @contiguous(%x: tensor<?x?x4xf32>, %init: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %gamma = arith.constant dense<[1.0, 2.0, 4.0, 8.0]> : tensor<4xf32>
  %beta = arith.constant dense<[0.0, 10.0, 20.0, 30.0]> : tensor<4xf64>
  %y = gn.group_norm num_groups(2)
         ins(%x, %gamma, %beta : tensor<?x?x4xf32>, tensor<4xf32>, tensor<4xf64>)
         outs(%init : tensor<?x?x4xf32>)
         {epsilon = 3.0 : f64, grouping = #gn.grouping<contiguous>} -> tensor<?x?x4xf32>
  return %y : tensor<?x?x4xf32>
}

// Features first, epsilon outside of the root: sqrt(1) + 3 = 4.
func.func private @features_first(%x: tensor<1x4x2xf32>, %init: tensor<1x4x2xf64>) -> tensor<1x4x2xf64> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<1x4x2xf32>) outs(%init : tensor<1x4x2xf64>)
         {epsilon = 3.0 : f64, feature_dim = 1 : i64, grouping = #gn.grouping<contiguous>,
          epsilon_placement = #gn.epsilon_placement<outside_sqrt>} -> tensor<1x4x2xf64>
  return %y : tensor<1x4x2xf64>
}

func.func private @half(%x: tensor<1x2x2xf16>, %init: tensor<1x2x2xbf16>) -> tensor<1x2x2xbf16> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<1x2x2xf16>) outs(%init : tensor<1x2x2xbf16>)
         {epsilon = 1.0e-8 : f64} -> tensor<1x2x2xbf16>
  return %y : tensor<1x2x2xbf16>
}

// Statistics that are taken in several steps, over nothing among them.
func.func private @in_steps(%a: tensor<1x?x4xf32>, %b: tensor<1x?x4xf32>, %none: tensor<1x?x4xf32>)
    -> (tensor<1x2xf64>, tensor<1x2xf64>, tensor<1x2xf64>) {
  %zero = arith.constant dense<0.0> : tensor<1x2xf64>
  %r:3 = gn.group_stats num_groups(2) ins(%none : tensor<1x?x4xf32>)
           outs(%zero, %zero, %zero : tensor<1x2xf64>, tensor<1x2xf64>, tensor<1x2xf64>)
           -> tensor<1x2xf64>, tensor<1x2xf64>, tensor<1x2xf64>
  %s:3 = gn.group_stats num_groups(2) ins(%a : tensor<1x?x4xf32>)
           outs(%r#0, %r#1, %r#2 : tensor<1x2xf64>, tensor<1x2xf64>, tensor<1x2xf64>)
           -> tensor<1x2xf64>, tensor<1x2xf64>, tensor<1x2xf64>
  %t:3 = gn.group_stats num_groups(2) ins(%none : tensor<1x?x4xf32>)
           outs(%s#0, %s#1, %s#2 : tensor<1x2xf64>, tensor<1x2xf64>, tensor<1x2xf64>)
           -> tensor<1x2xf64>, tensor<1x2xf64>, tensor<1x2xf64>
  %u:3 = gn.group_stats num_groups(2) ins(%b : tensor<1x?x4xf32>)
           outs(%t#0, %t#1, %t#2 : tensor<1x2xf64>, tensor<1x2xf64>, tensor<1x2xf64>)
           -> tensor<1x2xf64>, tensor<1x2xf64>, tensor<1x2xf64>
  return %u#0, %u#1, %u#2 : tensor<1x2xf64>, tensor<1x2xf64>, tensor<1x2xf64>
}

func.func @main() {
  // Two samples; the first group has features 0 and 2, about 80000.
  // CHECK: sizes = [2, 2, 4]
  // CHECK-NEXT: [0.5,    -0.25,    -0.5,    -1.25],
  // CHECK-NEXT: [-0.5,    0.25,    0.5,    1.25]
  // CHECK-NEXT: [0.5,    0.25,    0.5,    -0.25],
  // CHECK-NEXT: [-0.5,    1.25,    -0.5,    -1.25]
  %x = arith.constant dense<[[[80001.0, -1.0, 79999.0, -5.0], [79999.0, 1.0, 80001.0, 5.0]],
                             [[1.0, 1000001.0, 1.0, 999999.0], [-1.0, 1000005.0, -1.0, 999995.0]]]>
         : tensor<2x2x4xf32>
  %empty = tensor.empty() : tensor<2x2x4xf32>
  %xd = tensor.cast %x : tensor<2x2x4xf32> to tensor<?x?x4xf32>
  %emptyd = tensor.cast %empty : tensor<2x2x4xf32> to tensor<?x?x4xf32>
  %y0 = call @interleaved(%xd, %emptyd) : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %p0 = tensor.cast %y0 : tensor<?x?x4xf32> to tensor<*xf32>
  call @printMemrefF32(%p0) : (tensor<*xf32>) -> ()

  // The first group has features 0 and 1; NaN stays in the group of its sample.
  // CHECK: sizes = [2, 2, 4]
  // CHECK-NEXT: [0.5,    9,    19,    20],
  // CHECK-NEXT: [-0.5,    11,    21,    40]
  // CHECK-NEXT: [{{-?}}nan,    {{-?}}nan,    19,    40],
  // CHECK-NEXT: [{{-?}}nan,    {{-?}}nan,    21,    20]
  %x1 = arith.constant dense<[[[80001.0, 79999.0, -1.0, -5.0], [79999.0, 80001.0, 1.0, 5.0]],
                              [[0x7FC00000, 1.0, 4999999.0, 5000005.0], [2.0, 3.0, 5000001.0, 4999995.0]]]>
         : tensor<2x2x4xf32>
  %x1d = tensor.cast %x1 : tensor<2x2x4xf32> to tensor<?x?x4xf32>
  %y1 = call @contiguous(%x1d, %emptyd) : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %p1 = tensor.cast %y1 : tensor<?x?x4xf32> to tensor<*xf32>
  call @printMemrefF32(%p1) : (tensor<*xf32>) -> ()

  // CHECK: sizes = [1, 4, 2]
  // CHECK-NEXT: [0.25,    -0.25],
  // CHECK-NEXT: [-0.25,    0.25],
  // CHECK-NEXT: [0,    0],
  // CHECK-NEXT: [0,    0]
  %x2 = arith.constant dense<[[[80001.0, 79999.0], [79999.0, 80001.0], [0.1, 0.1], [0.1, 0.1]]]>
         : tensor<1x4x2xf32>
  %empty2 = tensor.empty() : tensor<1x4x2xf64>
  %y2 = call @features_first(%x2, %empty2) : (tensor<1x4x2xf32>, tensor<1x4x2xf64>) -> tensor<1x4x2xf64>
  %p2 = tensor.cast %y2 : tensor<1x4x2xf64> to tensor<*xf64>
  call @printMemrefF64(%p2) : (tensor<*xf64>) -> ()

  // f16 to bf16: sums and squares overflow in neither, and epsilon is not lost
  // beside a variance of (2^-14)^2: 2^-14 / sqrt(2^-28 + 1e-8) = 0.521 is 0.5195
  // in bf16.
  // CHECK: sizes = [1, 2, 2]
  // CHECK-NEXT: [1,    -0.519531],
  // CHECK-NEXT: [-1,    0.519531]
  %x5 = arith.constant dense<[[[60000.0, -0.00006103515625], [-60000.0, 0.00006103515625]]]>
         : tensor<1x2x2xf16>
  %empty5 = tensor.empty() : tensor<1x2x2xbf16>
  %y5 = call @half(%x5, %empty5) : (tensor<1x2x2xf16>, tensor<1x2x2xbf16>) -> tensor<1x2x2xbf16>
  %f5 = arith.extf %y5 : tensor<1x2x2xbf16> to tensor<1x2x2xf32>
  %p5 = tensor.cast %f5 : tensor<1x2x2xf32> to tensor<*xf32>
  call @printMemrefF32(%p5) : (tensor<*xf32>) -> ()

  // No samples, and no positions: an empty result.
  // CHECK: sizes = [0, 2, 4]
  // CHECK: sizes = [2, 0, 4]
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %no_samples = tensor.empty(%c0, %c2) : tensor<?x?x4xf32>
  %y3 = call @interleaved(%no_samples, %no_samples) : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %p3 = tensor.cast %y3 : tensor<?x?x4xf32> to tensor<*xf32>
  call @printMemrefF32(%p3) : (tensor<*xf32>) -> ()
  %no_positions = tensor.empty(%c2, %c0) : tensor<?x?x4xf32>
  %y4 = call @interleaved(%no_positions, %no_positions) : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %p4 = tensor.cast %y4 : tensor<?x?x4xf32> to tensor<*xf32>
  call @printMemrefF32(%p4) : (tensor<*xf32>) -> ()

  // The first sample above, a position at a time: count, mean, M2.
  // CHECK: [4,    4]
  // CHECK: [80000,    0]
  // CHECK: [4,    52]
  %a = tensor.extract_slice %x[0, 0, 0] [1, 1, 4] [1, 1, 1] : tensor<2x2x4xf32> to tensor<1x1x4xf32>
  %b = tensor.extract_slice %x[0, 1, 0] [1, 1, 4] [1, 1, 1] : tensor<2x2x4xf32> to tensor<1x1x4xf32>
  %ad = tensor.cast %a : tensor<1x1x4xf32> to tensor<1x?x4xf32>
  %bd = tensor.cast %b : tensor<1x1x4xf32> to tensor<1x?x4xf32>
  %none = tensor.empty(%c0) : tensor<1x?x4xf32>
  %r:3 = call @in_steps(%ad, %bd, %none) : (tensor<1x?x4xf32>, tensor<1x?x4xf32>, tensor<1x?x4xf32>)
           -> (tensor<1x2xf64>, tensor<1x2xf64>, tensor<1x2xf64>)
  %q0 = tensor.cast %r#0 : tensor<1x2xf64> to tensor<*xf64>
  %q1 = tensor.cast %r#1 : tensor<1x2xf64> to tensor<*xf64>
  %q2 = tensor.cast %r#2 : tensor<1x2xf64> to tensor<*xf64>
  call @printMemrefF64(%q0) : (tensor<*xf64>) -> ()
  call @printMemrefF64(%q1) : (tensor<*xf64>) -> ()
  call @printMemrefF64(%q2) : (tensor<*xf64>) -> ()
  return
}
