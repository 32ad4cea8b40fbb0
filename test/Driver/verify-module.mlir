// A module that is meant to compute group normalization, held to the reference.
// This one computes the textbook's E[x^2] - E[x]^2, which loses everything to
// large means; what fails makes the exit status 1.

// RUN: not groupnorm verify %s --shape 2x64x8 --num-groups 8 --no-affine > %t.out 2> %t.err
// RUN: FileCheck %s --input-file=%t.out
// RUN: FileCheck %s --input-file=%t.err --check-prefix=ERROR
// RUN: not groupnorm verify %s --shape 2x64x16 --num-groups 8 --no-affine 2>&1 | FileCheck %s --check-prefix=SHAPE
// RUN: not groupnorm verify %s --shape 2x64x8 --num-groups 8 2>&1 | FileCheck %s --check-prefix=AFFINE

// CHECK:      data                                    error of allowed
// CHECK-NEXT: N(0,1)                   {{.*}}%  ok{{$}}
// CHECK-NEXT: N(0,1), misaligned       {{.*}}%  ok{{$}}
// CHECK-NEXT: 1e4 + N(0,1)             {{.*}}%  FAILED
// CHECK-NEXT: 100 + 0.01*N(0,1)        {{.*}}%  FAILED
// CHECK-NEXT: four large steps         {{.*}}%  FAILED: misplaced NaN or Inf{{$}}
// CHECK:      NaN in two groups        {{.*}}%  ok{{$}}
// ERROR:      {{^}}groupnorm: error: 3 of 12 rows failed{{$}}
// SHAPE:      {{^}}groupnorm: error: @f does not take x and result of the given shape and type{{$}}
// AFFINE:     {{^}}groupnorm: error: @f does not take x, weight, bias and result of the given shape and type{{$}}

#x = affine_map<(n, s, c) -> (n, s, c)>
#group = affine_map<(n, s, c) -> (n, c)>
#flat = affine_map<(n, c) -> (n, c)>

func.func @f(%x: tensor<2x64x8xf32>) -> tensor<2x64x8xf32> {
  %zero = arith.constant dense<0.0> : tensor<2x8xf32>
  %count = arith.constant 64.0 : f32
  %eps = arith.constant 1.0e-5 : f32
  %init = tensor.empty() : tensor<2x64x8xf32>
  %sums:2 = linalg.generic {indexing_maps = [#x, #group, #group],
                            iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%x : tensor<2x64x8xf32>) outs(%zero, %zero : tensor<2x8xf32>, tensor<2x8xf32>) {
  ^bb0(%v: f32, %sum: f32, %squares: f32):
    %square = arith.mulf %v, %v : f32
    %s = arith.addf %sum, %v : f32
    %q = arith.addf %squares, %square : f32
    linalg.yield %s, %q : f32, f32
  } -> (tensor<2x8xf32>, tensor<2x8xf32>)
  %y = linalg.generic {indexing_maps = [#x, #group, #group, #x],
                       iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %sums#0, %sums#1 : tensor<2x64x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>)
      outs(%init : tensor<2x64x8xf32>) {
  ^bb0(%v: f32, %sum: f32, %squares: f32, %_: f32):
    %mean = arith.divf %sum, %count : f32
    %moment = arith.divf %squares, %count : f32
    %square = arith.mulf %mean, %mean : f32
    %variance = arith.subf %moment, %square : f32
    %shifted = arith.addf %variance, %eps : f32
    %root = math.sqrt %shifted : f32
    %d = arith.subf %v, %mean : f32
    %result = arith.divf %d, %root : f32
    linalg.yield %result : f32
  } -> tensor<2x64x8xf32>
  return %y : tensor<2x64x8xf32>
}
