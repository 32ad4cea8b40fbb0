// An epilogue's value for each feature, with a window of a larger image. A row
// of a window is one position, whatever the schedule says, and so is that of
// the value: the result is, to the last bit, the larger of the one without an
// epilogue and the value. (A sum would become part of the parameters.)

// RUN: rm -rf %t && mkdir %t && cd %t
// RUN: %python %inputs/make_npy.py x.npy 2x12x9x40
// RUN: %python %inputs/make_npy.py bias.npy 2x24
// RUN: %python -c "import numpy as np; np.save('window.npy', np.ascontiguousarray(np.load('x.npy')[:, 2:9, 1:6, 8:32]))"
// RUN: groupnorm run %s --input x.npy --input bias.npy --threads 1 -o y.npy
// RUN: groupnorm run --input window.npy --num-groups 4 --threads 1 -o plain.npy \
// RUN:   --schedule '#gn.cpu_schedule<strategy = sample, chunk = 8, parallel = false>'
// RUN: %python -c "import numpy as np; np.testing.assert_array_equal(np.load('y.npy'), np.maximum(np.load('plain.npy'), np.load('bias.npy')[:, None, None]))"

// The buffer of the values holds one row of 24.

// RUN: groupnorm emit %s --emit=affine | FileCheck %s
// CHECK:     affine.vector_load %[[BIAS:.+]][%{{.+}}, 0] : memref<2x24xf32>, vector<16xf32>
// CHECK-NEXT: affine.vector_store %{{.+}}, %[[ROW:.+]][0] : memref<24xf32>, vector<16xf32>
// CHECK-NEXT: affine.vector_load %[[BIAS]][%{{.+}}, 16] : memref<2x24xf32>, vector<8xf32>
// CHECK-NEXT: affine.vector_store %{{.+}}, %[[ROW]][16] : memref<24xf32>, vector<8xf32>

// REQUIRES: numpy

func.func @window(%x: tensor<2x12x9x40xf32>, %bias: tensor<2x24xf32>) -> tensor<2x7x5x24xf32> {
  %window = tensor.extract_slice %x[0, 2, 1, 8] [2, 7, 5, 24] [1, 1, 1, 1]
              : tensor<2x12x9x40xf32> to tensor<2x7x5x24xf32>
  %init = tensor.empty() : tensor<2x7x5x24xf32>
  %y = gn.group_norm num_groups(4) ins(%window : tensor<2x7x5x24xf32>)
         outs(%init : tensor<2x7x5x24xf32>)
         {gn.schedule = #gn.cpu_schedule<strategy = sample, chunk = 8, flatten = 4, parallel = false>}
         epilogue(%bias : tensor<2x24xf32> by [affine_map<(n, h, w, c) -> (n, c)>]) {
       ^bb0(%v: f32, %b: f32):
         %0 = arith.maximumf %v, %b : f32
         gn.yield %0 : f32
       } -> tensor<2x7x5x24xf32>
  return %y : tensor<2x7x5x24xf32>
}
