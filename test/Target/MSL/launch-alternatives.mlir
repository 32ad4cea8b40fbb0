// Launches in branches: when each is launched stands beside it, without what
// follows from the rest.

// RUN: groupnorm-opt %s -gn-lower-to-gpu | groupnorm-translate -mlir-to-msl-launch | FileCheck %s --strict-whitespace --match-full-lines

// CHECK:        "name": "group_norm",
// CHECK:        "when": "x_size2 * x_size3 <= 64"
// CHECK-NEXT:      },
// CHECK:        "name": "group_norm_statistics",
// CHECK:        "when": "x_size2 * x_size3 > 64 and x_size0 >= 2 and x_size0 * (x_size2 * x_size3) <= 640"
// CHECK:        "name": "group_norm_merge",
// CHECK:        "when": "x_size2 * x_size3 > 64 and x_size0 >= 2 and x_size0 * (x_size2 * x_size3) <= 640"
// CHECK:        "name": "group_norm_normalize",
// CHECK:        "when": "x_size2 * x_size3 > 64 and x_size0 >= 2 and x_size0 * (x_size2 * x_size3) <= 640"
// CHECK:        "name": "group_norm_1",
// CHECK:        "when": "x_size2 * x_size3 > 64 and not (x_size0 >= 2 and x_size0 * (x_size2 * x_size3) <= 640) and x_size2 * x_size3 <= 128"
// CHECK:        "name": "group_norm_2",
// CHECK:        "when": "not (x_size0 >= 2 and x_size0 * (x_size2 * x_size3) <= 640) and x_size2 * x_size3 > 128"
// CHECK-NEXT:      }
// CHECK-NEXT:    ],

func.func @norm(%x: memref<?x8x?x?xf32>, %y: memref<?x8x?x?xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<?x8x?x?xf32>) outs(%y : memref<?x8x?x?xf32>)
    {feature_dim = 1 : i64, gn.schedule = #gn.metal_alternatives<[
      <positions = 64, schedule = <threads = 64, keep = 8>>,
      <min_samples = 2, total = 640, schedule = <strategy = split, threads = 64>>,
      <positions = 128, schedule = <threads = 96, keep = 8>>,
      <schedule = <threads = 128, keep = 8>>]>}
  return
}
