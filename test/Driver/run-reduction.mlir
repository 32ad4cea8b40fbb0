// The statistics of a sample by parts of it, merged after a loop: what is copied
// between parts of buffers needs no library.

// REQUIRES: numpy
// RUN: rm -rf %t && mkdir %t && cd %t
// RUN: %python %inputs/make_npy.py x.npy 2x11x6x20
// RUN: groupnorm emit %s --emit=llvm | FileCheck %s
// RUN: groupnorm run %s --input x.npy -o count.npy -o mean.npy -o m2.npy
// RUN: %python -c "import numpy as np; x = np.load('x.npy').astype('d').reshape(2, 66, 4, 5); m = x.mean((1, 2)); \
// RUN:   print(*(np.allclose(np.load(f + '.npy'), w, rtol=1e-5, atol=1e-5) for f, w in (('count', 264), ('mean', m), ('m2', ((x - m[:, None, None]) ** 2).sum((1, 2))))))" \
// RUN:   | FileCheck %s --check-prefix=RIGHT
// CHECK-NOT: memrefCopy
// RIGHT: True True True

#map = affine_map<(d0)[s0] -> (-d0 + s0, 5)>
#map1 = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#map2 = affine_map<(d0, d1, d2) -> (d0, d2)>
func.func @f(%arg0: tensor<2x?x6x20xf32>) -> (tensor<2x5xf32>, tensor<2x5xf32>, tensor<2x5xf32>) {
  %cst = arith.constant 1.000000e+00 : f32
  %c5 = arith.constant 5 : index
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %cst_0 = arith.constant 0.000000e+00 : f32
  %0 = tensor.empty() : tensor<2x5xf32>
  %1 = linalg.fill ins(%cst_0 : f32) outs(%0 : tensor<2x5xf32>) -> tensor<2x5xf32>
  %dim = tensor.dim %arg0, %c1 : tensor<2x?x6x20xf32>
  %2 = tensor.empty() : tensor<2x5x5xf32>
  %3 = linalg.fill ins(%cst_0 : f32) outs(%2 : tensor<2x5x5xf32>) -> tensor<2x5x5xf32>
  %4:3 = scf.for %arg1 = %c0 to %dim step %c5 iter_args(%arg2 = %3, %arg3 = %3, %arg4 = %3) -> (tensor<2x5x5xf32>, tensor<2x5x5xf32>, tensor<2x5x5xf32>) {
    %6 = affine.min #map(%arg1)[%dim]
    %extracted_slice = tensor.extract_slice %arg0[0, %arg1, 0, 0] [2, %6, 6, 20] [1, 1, 1, 1] : tensor<2x?x6x20xf32> to tensor<2x?x6x20xf32>
    %collapsed = tensor.collapse_shape %extracted_slice [[0, 1], [2], [3]] : tensor<2x?x6x20xf32> into tensor<?x6x20xf32>
    %extracted_slice_1 = tensor.extract_slice %arg2[0, 0, 0] [2, %6, 5] [1, 1, 1] : tensor<2x5x5xf32> to tensor<2x?x5xf32>
    %collapsed_2 = tensor.collapse_shape %extracted_slice_1 [[0, 1], [2]] : tensor<2x?x5xf32> into tensor<?x5xf32>
    %extracted_slice_3 = tensor.extract_slice %arg3[0, 0, 0] [2, %6, 5] [1, 1, 1] : tensor<2x5x5xf32> to tensor<2x?x5xf32>
    %collapsed_4 = tensor.collapse_shape %extracted_slice_3 [[0, 1], [2]] : tensor<2x?x5xf32> into tensor<?x5xf32>
    %extracted_slice_5 = tensor.extract_slice %arg4[0, 0, 0] [2, %6, 5] [1, 1, 1] : tensor<2x5x5xf32> to tensor<2x?x5xf32>
    %collapsed_6 = tensor.collapse_shape %extracted_slice_5 [[0, 1], [2]] : tensor<2x?x5xf32> into tensor<?x5xf32>
    %7:3 = gn.group_stats num_groups(5) ins(%collapsed : tensor<?x6x20xf32>) outs(%collapsed_2, %collapsed_4, %collapsed_6 : tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>) -> tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>
    %expanded = tensor.expand_shape %7#0 [[0, 1], [2]] output_shape [2, %6, 5] : tensor<?x5xf32> into tensor<2x?x5xf32>
    %expanded_7 = tensor.expand_shape %7#1 [[0, 1], [2]] output_shape [2, %6, 5] : tensor<?x5xf32> into tensor<2x?x5xf32>
    %expanded_8 = tensor.expand_shape %7#2 [[0, 1], [2]] output_shape [2, %6, 5] : tensor<?x5xf32> into tensor<2x?x5xf32>
    %inserted_slice = tensor.insert_slice %expanded into %arg2[0, 0, 0] [2, %6, 5] [1, 1, 1] : tensor<2x?x5xf32> into tensor<2x5x5xf32>
    %inserted_slice_9 = tensor.insert_slice %expanded_7 into %arg3[0, 0, 0] [2, %6, 5] [1, 1, 1] : tensor<2x?x5xf32> into tensor<2x5x5xf32>
    %inserted_slice_10 = tensor.insert_slice %expanded_8 into %arg4[0, 0, 0] [2, %6, 5] [1, 1, 1] : tensor<2x?x5xf32> into tensor<2x5x5xf32>
    scf.yield %inserted_slice, %inserted_slice_9, %inserted_slice_10 : tensor<2x5x5xf32>, tensor<2x5x5xf32>, tensor<2x5x5xf32>
  }
  %5:3 = linalg.generic {indexing_maps = [#map1, #map1, #map1, #map2, #map2, #map2], iterator_types = ["parallel", "reduction", "parallel"]} ins(%4#0, %4#1, %4#2 : tensor<2x5x5xf32>, tensor<2x5x5xf32>, tensor<2x5x5xf32>) outs(%1, %1, %1 : tensor<2x5xf32>, tensor<2x5xf32>, tensor<2x5xf32>) {
  ^bb0(%in: f32, %in_1: f32, %in_2: f32, %out: f32, %out_3: f32, %out_4: f32):
    %6 = arith.addf %out, %in : f32
    %7 = arith.maximumf %6, %cst : f32
    %8 = arith.divf %in, %7 : f32
    %9 = arith.subf %in_1, %out_3 : f32
    %10 = arith.mulf %9, %8 : f32
    %11 = arith.addf %out_3, %10 : f32
    %12 = arith.mulf %9, %out : f32
    %13 = arith.mulf %12, %10 : f32
    %14 = arith.addf %out_4, %in_2 : f32
    %15 = arith.addf %14, %13 : f32
    linalg.yield %6, %11, %15 : f32, f32, f32
  } -> (tensor<2x5xf32>, tensor<2x5xf32>, tensor<2x5xf32>)
  return %5#0, %5#1, %5#2 : tensor<2x5xf32>, tensor<2x5xf32>, tensor<2x5xf32>
}
