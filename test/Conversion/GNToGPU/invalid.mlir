// RUN: groupnorm-opt %s -convert-gn-to-gpu -verify-diagnostics -split-input-file

func.func @f64(%x: memref<2x4x8xf64>, %y: memref<2x4x8xf64>) {
  // expected-error @below {{cannot become a GPU kernel: }}
  gn.group_norm num_groups(4) ins(%x : memref<2x4x8xf64>) outs(%y : memref<2x4x8xf64>)
  return
}

// -----

func.func @half(%x: memref<2x4x8xf32>, %n: memref<2x4xf64>) {
  // expected-error @below {{cannot become a GPU kernel; only gn.group_norm can}}
  gn.group_stats num_groups(4) ins(%x : memref<2x4x8xf32>)
    outs(%n, %n, %n : memref<2x4xf64>, memref<2x4xf64>, memref<2x4xf64>)
  return
}

// -----

func.func @epilogue(%x: memref<2x4x8xf32>) {
  // expected-error @below {{cannot become a GPU kernel: it has an epilogue}}
  gn.group_norm num_groups(4) ins(%x : memref<2x4x8xf32>) outs(%x : memref<2x4x8xf32>) epilogue {
  ^bb0(%n: f32):
    %0 = math.tanh %n : f32
    gn.yield %0 : f32
  }
  return
}

// -----

func.func @saved_statistics(%x: memref<2x4x8xf32>, %s: memref<2x4xf32>) {
  // expected-error @below {{cannot become a GPU kernel: it saves its statistics}}
  gn.group_norm num_groups(4) ins(%x : memref<2x4x8xf32>)
    outs(%x, %s, %s : memref<2x4x8xf32>, memref<2x4xf32>, memref<2x4xf32>)
  return
}
