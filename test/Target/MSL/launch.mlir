// The description of launches: kernels in order, their grids, threadgroups and
// arguments, and the buffers of the function.

// RUN: groupnorm-opt %s -convert-gn-to-gpu | groupnorm-translate -mlir-to-msl-launch | FileCheck %s --strict-whitespace --match-full-lines

//      CHECK:[
// CHECK-NEXT:  {
// CHECK-NEXT:    "buffers": [
// CHECK-NEXT:      {
// CHECK-NEXT:        "argument": 0,
// CHECK-NEXT:        "element_bytes": 2,
// CHECK-NEXT:        "elements": 6400,
// CHECK-NEXT:        "name": "x",
// CHECK-NEXT:        "role": "input",
// CHECK-NEXT:        "type": "half"
// CHECK-NEXT:      },
// CHECK-NEXT:      {
// CHECK-NEXT:        "element_bytes": 16,
// CHECK-NEXT:        "elements": 16,
// CHECK-NEXT:        "name": "partial",
// CHECK-NEXT:        "role": "scratch",
// CHECK-NEXT:        "type": "float4"
// CHECK-NEXT:      },
// CHECK-NEXT:      {
// CHECK-NEXT:        "element_bytes": 16,
// CHECK-NEXT:        "elements": 8,
// CHECK-NEXT:        "name": "statistics",
// CHECK-NEXT:        "role": "scratch",
// CHECK-NEXT:        "type": "float4"
// CHECK-NEXT:      },
// CHECK-NEXT:      {
// CHECK-NEXT:        "argument": 1,
// CHECK-NEXT:        "element_bytes": 4,
// CHECK-NEXT:        "elements": 32,
// CHECK-NEXT:        "name": "gamma",
// CHECK-NEXT:        "role": "input",
// CHECK-NEXT:        "type": "float"
// CHECK-NEXT:      },
// CHECK-NEXT:      {
// CHECK-NEXT:        "argument": 2,
// CHECK-NEXT:        "element_bytes": 4,
// CHECK-NEXT:        "elements": 32,
// CHECK-NEXT:        "name": "beta",
// CHECK-NEXT:        "role": "input",
// CHECK-NEXT:        "type": "float"
// CHECK-NEXT:      },
// CHECK-NEXT:      {
// CHECK-NEXT:        "argument": 3,
// CHECK-NEXT:        "element_bytes": 2,
// CHECK-NEXT:        "elements": 6400,
// CHECK-NEXT:        "name": "y",
// CHECK-NEXT:        "role": "output",
// CHECK-NEXT:        "type": "bfloat"
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
// CHECK-NEXT:          }
// CHECK-NEXT:        ],
// CHECK-NEXT:        "name": "group_norm_statistics",
// CHECK-NEXT:        "threadgroups": [
// CHECK-NEXT:          2,
// CHECK-NEXT:          2,
// CHECK-NEXT:          2
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
// CHECK-NEXT:          }
// CHECK-NEXT:        ],
// CHECK-NEXT:        "name": "group_norm_merge",
// CHECK-NEXT:        "threadgroups": [
// CHECK-NEXT:          8,
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
// CHECK-NEXT:            "access": "read",
// CHECK-NEXT:            "buffer": "gamma"
// CHECK-NEXT:          },
// CHECK-NEXT:          {
// CHECK-NEXT:            "access": "read",
// CHECK-NEXT:            "buffer": "beta"
// CHECK-NEXT:          },
// CHECK-NEXT:          {
// CHECK-NEXT:            "access": "write",
// CHECK-NEXT:            "buffer": "y"
// CHECK-NEXT:          }
// CHECK-NEXT:        ],
// CHECK-NEXT:        "name": "group_norm_normalize",
// CHECK-NEXT:        "threadgroups": [
// CHECK-NEXT:          2,
// CHECK-NEXT:          2,
// CHECK-NEXT:          2
// CHECK-NEXT:        ],
// CHECK-NEXT:        "threads_per_threadgroup": [
// CHECK-NEXT:          64,
// CHECK-NEXT:          1,
// CHECK-NEXT:          1
// CHECK-NEXT:        ]
// CHECK-NEXT:      }
// CHECK-NEXT:    ],
// CHECK-NEXT:    "math_mode": "safe",
// CHECK-NEXT:    "sizes": []
// CHECK-NEXT:  }
// CHECK-NEXT:]

func.func @norm(%x: memref<2x100x32xf16>, %gamma: memref<32xf32>, %beta: memref<32xf32>, %y: memref<2x100x32xbf16>) {
  gn.group_norm num_groups(4) ins(%x, %gamma, %beta : memref<2x100x32xf16>, memref<32xf32>, memref<32xf32>) outs(%y : memref<2x100x32xbf16>)
    {gn.schedule = #gn.metal_schedule<strategy = split, threads = 64, groups = 2, chunk = 2, piece = 8>}
  return
}
