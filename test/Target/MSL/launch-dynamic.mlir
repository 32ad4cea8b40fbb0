// Sizes that the host knows at run time: each dynamic dimension of an argument
// has a name, and grids, scratch buffers and constants are expressions in these.

// RUN: groupnorm-opt %s -convert-gn-to-gpu | groupnorm-translate -mlir-to-msl-launch | FileCheck %s --strict-whitespace --match-full-lines

//      CHECK:[
// CHECK-NEXT:  {
// CHECK-NEXT:    "buffers": [
// CHECK-NEXT:      {
// CHECK-NEXT:        "argument": 0,
// CHECK-NEXT:        "element_bytes": 4,
// CHECK-NEXT:        "elements": "x_size2 * x_size0 * x_size3 * 8",
// CHECK-NEXT:        "name": "x",
// CHECK-NEXT:        "role": "input",
// CHECK-NEXT:        "type": "float"
// CHECK-NEXT:      },
// CHECK-NEXT:      {
// CHECK-NEXT:        "element_bytes": 16,
// CHECK-NEXT:        "elements": "x_size0 * ((x_size2 * x_size3 * 2 + 511) // 512) * 4",
// CHECK-NEXT:        "name": "partial",
// CHECK-NEXT:        "role": "scratch",
// CHECK-NEXT:        "type": "float4"
// CHECK-NEXT:      },
// CHECK-NEXT:      {
// CHECK-NEXT:        "element_bytes": 16,
// CHECK-NEXT:        "elements": "x_size0 * 4",
// CHECK-NEXT:        "name": "statistics",
// CHECK-NEXT:        "role": "scratch",
// CHECK-NEXT:        "type": "float4"
// CHECK-NEXT:      },
// CHECK-NEXT:      {
// CHECK-NEXT:        "argument": 1,
// CHECK-NEXT:        "element_bytes": 4,
// CHECK-NEXT:        "elements": "y_size0 * y_size2 * y_size3 * 8",
// CHECK-NEXT:        "name": "y",
// CHECK-NEXT:        "role": "output",
// CHECK-NEXT:        "type": "float"
// CHECK-NEXT:      }
// CHECK-NEXT:    ],
// CHECK-NEXT:    "function": "norm",
// CHECK-NEXT:    "kernels": [
// CHECK-NEXT:      {
// CHECK-NEXT:        "arguments": [
// CHECK-NEXT:          {
// CHECK-NEXT:            "access": "read",
// CHECK-NEXT:            "buffer": "x"
// CHECK-NEXT:          },
// CHECK-NEXT:          {
// CHECK-NEXT:            "access": "write",
// CHECK-NEXT:            "buffer": "partial"
// CHECK-NEXT:          },
// CHECK-NEXT:          {
// CHECK-NEXT:            "constant": "inner_positions",
// CHECK-NEXT:            "type": "uint",
// CHECK-NEXT:            "value": "x_size2 * x_size3"
// CHECK-NEXT:          },
// CHECK-NEXT:          {
// CHECK-NEXT:            "constant": "pieces",
// CHECK-NEXT:            "type": "uint",
// CHECK-NEXT:            "value": "(x_size2 * x_size3 * 2 + 511) // 512"
// CHECK-NEXT:          }
// CHECK-NEXT:        ],
// CHECK-NEXT:        "name": "group_norm_statistics",
// CHECK-NEXT:        "threadgroups": [
// CHECK-NEXT:          4,
// CHECK-NEXT:          "(x_size2 * x_size3 * 2 + 511) // 512",
// CHECK-NEXT:          "x_size0"
// CHECK-NEXT:        ],
// CHECK-NEXT:        "threads_per_threadgroup": [
// CHECK-NEXT:          64,
// CHECK-NEXT:          1,
// CHECK-NEXT:          1
// CHECK-NEXT:        ]
// CHECK-NEXT:      },
// CHECK-NEXT:      {
// CHECK-NEXT:        "arguments": [
// CHECK-NEXT:          {
// CHECK-NEXT:            "access": "read",
// CHECK-NEXT:            "buffer": "partial"
// CHECK-NEXT:          },
// CHECK-NEXT:          {
// CHECK-NEXT:            "access": "write",
// CHECK-NEXT:            "buffer": "statistics"
// CHECK-NEXT:          },
// CHECK-NEXT:          {
// CHECK-NEXT:            "constant": "pieces",
// CHECK-NEXT:            "type": "uint",
// CHECK-NEXT:            "value": "(x_size2 * x_size3 * 2 + 511) // 512"
// CHECK-NEXT:          }
// CHECK-NEXT:        ],
// CHECK-NEXT:        "name": "group_norm_merge",
// CHECK-NEXT:        "threadgroups": [
// CHECK-NEXT:          "x_size0 * 4",
// CHECK-NEXT:          1,
// CHECK-NEXT:          1
// CHECK-NEXT:        ],
// CHECK-NEXT:        "threads_per_threadgroup": [
// CHECK-NEXT:          32,
// CHECK-NEXT:          1,
// CHECK-NEXT:          1
// CHECK-NEXT:        ]
// CHECK-NEXT:      },
// CHECK-NEXT:      {
// CHECK-NEXT:        "arguments": [
// CHECK-NEXT:          {
// CHECK-NEXT:            "access": "read",
// CHECK-NEXT:            "buffer": "x"
// CHECK-NEXT:          },
// CHECK-NEXT:          {
// CHECK-NEXT:            "access": "read",
// CHECK-NEXT:            "buffer": "statistics"
// CHECK-NEXT:          },
// CHECK-NEXT:          {
// CHECK-NEXT:            "access": "write",
// CHECK-NEXT:            "buffer": "y"
// CHECK-NEXT:          },
// CHECK-NEXT:          {
// CHECK-NEXT:            "constant": "inner_positions",
// CHECK-NEXT:            "type": "uint",
// CHECK-NEXT:            "value": "x_size2 * x_size3"
// CHECK-NEXT:          }
// CHECK-NEXT:        ],
// CHECK-NEXT:        "name": "group_norm_normalize",
// CHECK-NEXT:        "threadgroups": [
// CHECK-NEXT:          4,
// CHECK-NEXT:          "(x_size2 * x_size3 * 2 + 511) // 512",
// CHECK-NEXT:          "x_size0"
// CHECK-NEXT:        ],
// CHECK-NEXT:        "threads_per_threadgroup": [
// CHECK-NEXT:          64,
// CHECK-NEXT:          1,
// CHECK-NEXT:          1
// CHECK-NEXT:        ]
// CHECK-NEXT:      }
// CHECK-NEXT:    ],
// CHECK-NEXT:    "math_mode": "safe",
// CHECK-NEXT:    "sizes": [
// CHECK-NEXT:      {
// CHECK-NEXT:        "buffer": "x",
// CHECK-NEXT:        "dimension": 2,
// CHECK-NEXT:        "name": "x_size2"
// CHECK-NEXT:      },
// CHECK-NEXT:      {
// CHECK-NEXT:        "buffer": "x",
// CHECK-NEXT:        "dimension": 3,
// CHECK-NEXT:        "name": "x_size3"
// CHECK-NEXT:      },
// CHECK-NEXT:      {
// CHECK-NEXT:        "buffer": "x",
// CHECK-NEXT:        "dimension": 0,
// CHECK-NEXT:        "name": "x_size0"
// CHECK-NEXT:      },
// CHECK-NEXT:      {
// CHECK-NEXT:        "buffer": "y",
// CHECK-NEXT:        "dimension": 0,
// CHECK-NEXT:        "name": "y_size0"
// CHECK-NEXT:      },
// CHECK-NEXT:      {
// CHECK-NEXT:        "buffer": "y",
// CHECK-NEXT:        "dimension": 2,
// CHECK-NEXT:        "name": "y_size2"
// CHECK-NEXT:      },
// CHECK-NEXT:      {
// CHECK-NEXT:        "buffer": "y",
// CHECK-NEXT:        "dimension": 3,
// CHECK-NEXT:        "name": "y_size3"
// CHECK-NEXT:      }
// CHECK-NEXT:    ]
// CHECK-NEXT:  }
// CHECK-NEXT:]

func.func @norm(%x: memref<?x8x?x?xf32>, %y: memref<?x8x?x?xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<?x8x?x?xf32>) outs(%y : memref<?x8x?x?xf32>)
    {feature_dim = 1 : i64, gn.schedule = #gn.metal_schedule<strategy = split, threads = 64, chunk = 2, piece = 8>}
  return
}
