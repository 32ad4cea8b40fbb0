// A window of a larger image, and some of its features, normalized where it is.

// RUN: rm -rf %t && mkdir %t && cd %t
// RUN: %python %inputs/make_npy.py x.npy 2x12x9x40
// RUN: %python -c "import numpy as np; np.save('window.npy', np.ascontiguousarray(np.load('x.npy')[:, 2:9, 1:6, 8:32]))"
// RUN: groupnorm run %s --input x.npy --threads 1 -o y.npy
// RUN: groupnorm run --input window.npy --num-groups 4 --threads 1 -o wanted.npy \
// RUN:   --schedule '#gn.cpu_schedule<strategy = sample, chunk = 8, parallel = false>'
// RUN: cmp y.npy wanted.npy

// RUN: groupnorm emit %s --emit=affine | FileCheck %s
// CHECK:     %[[X:.+]] = memref.subview %{{.+}}[0, 2, 1, 8] [2, 7, 5, 24] [1, 1, 1, 1]
// CHECK-NOT: memref.copy
// CHECK:     affine.vector_load %[[X]]{{.*}}vector<16xf32>

// REQUIRES: numpy

func.func @window(%x: tensor<2x12x9x40xf32>) -> tensor<2x7x5x24xf32> {
  %window = tensor.extract_slice %x[0, 2, 1, 8] [2, 7, 5, 24] [1, 1, 1, 1]
              : tensor<2x12x9x40xf32> to tensor<2x7x5x24xf32>
  %init = tensor.empty() : tensor<2x7x5x24xf32>
  %y = gn.group_norm num_groups(4) ins(%window : tensor<2x7x5x24xf32>)
         outs(%init : tensor<2x7x5x24xf32>)
         {gn.schedule = #gn.cpu_schedule<strategy = sample, chunk = 8, parallel = false>}
         -> tensor<2x7x5x24xf32>
  return %y : tensor<2x7x5x24xf32>
}
