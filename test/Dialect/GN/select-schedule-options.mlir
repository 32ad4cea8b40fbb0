// What the options of the policies, and a target's specification, must not say.

// RUN: split-file %s %t
// RUN: not groupnorm-opt %t/op.mlir -gn-select-schedule="vector-bits=-1" 2>&1 | FileCheck %s --check-prefix=BITS
// RUN: not groupnorm-opt %t/op.mlir -gn-select-schedule="l2-size=-1" 2>&1 | FileCheck %s --check-prefix=L2
// RUN: not groupnorm-opt %t/op.mlir -gn-select-schedule="l3-size=-1" 2>&1 | FileCheck %s --check-prefix=L3
// RUN: not groupnorm-opt %t/op.mlir -gn-select-schedule="threads=-2" 2>&1 | FileCheck %s --check-prefix=THREADS
// RUN: not groupnorm-opt %t/op.mlir -gn-select-schedule="cores=-1" 2>&1 | FileCheck %s --check-prefix=CORES
// RUN: not groupnorm-opt %t/op.mlir -gn-select-schedule="vector-registers=1" 2>&1 | FileCheck %s --check-prefix=REGISTERS
// RUN: not groupnorm-opt %t/op.mlir -gn-select-schedule="vector-bits=1000000" 2>&1 | FileCheck %s --check-prefix=WIDTH
// RUN: groupnorm-opt %t/specified.mlir -gn-select-schedule -verify-diagnostics
// RUN: not groupnorm-opt %t/op.mlir -gn-select-metal-schedule="max-threads=31" 2>&1 | FileCheck %s --check-prefix=METAL-THREADS
// RUN: not groupnorm-opt %t/op.mlir -gn-select-metal-schedule="threadgroup-memory=-1" 2>&1 | FileCheck %s --check-prefix=METAL-MEMORY
// RUN: not groupnorm-opt %t/op.mlir -gn-select-metal-schedule="cores=0" 2>&1 | FileCheck %s --check-prefix=METAL-CORES

// BITS: error: option 'vector-bits' = -1 is not in [0, 9223372036854775807]
// L2: error: option 'l2-size' = -1 is not in [0, 9223372036854775807]
// L3: error: option 'l3-size' = -1 is not in [0, 9223372036854775807]
// THREADS: error: option 'threads' = -2 is not in [0, 9223372036854775807]
// CORES: error: option 'cores' = -1 is not in [0, 9223372036854775807]
// REGISTERS: error: option 'vector-registers' = 1 is not in [8, 128]
// WIDTH: op.mlir:2:3: error: 'gn.group_norm' op has no schedule for vectors of 1000000 bits: their width must be a power of two in [64, 2048]
// METAL-THREADS: error: option 'max-threads' = 31 is not in [32, 1024]
// METAL-MEMORY: error: option 'threadgroup-memory' = -1 is not in [0, 9223372036854775807]
// METAL-CORES: error: option 'cores' = 0 is not in [1, 65536]

//--- op.mlir
func.func @op(%x: memref<2x8x32xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x8x32xf32>) outs(%x : memref<2x8x32xf32>)
  return
}

//--- specified.mlir
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
  "CPU" = #dlti.target_device_spec<"max_vector_op_width" = 384 : i64>>} {
  func.func @specified(%x: memref<2x8x32xf32>) {
    // expected-error @+1 {{has no schedule for vectors of 384 bits}}
    gn.group_norm num_groups(4) ins(%x : memref<2x8x32xf32>) outs(%x : memref<2x8x32xf32>)
    return
  }
}
