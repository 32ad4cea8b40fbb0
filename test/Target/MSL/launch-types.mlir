// What an element of a buffer is called, and the room that it takes: a vector of
// three that of four, an index 32 bits. What a kernel reads and a later one
// writes is both.

// RUN: groupnorm-translate %s -mlir-to-msl-launch | FileCheck %s

// CHECK:      "argument": 0,
// CHECK-NEXT: "element_bytes": 16,
// CHECK-NEXT: "elements": 8,
// CHECK-NEXT: "name": "buffer",
// CHECK-NEXT: "role": "inout",
// CHECK-NEXT: "type": "float3"
// CHECK:      "argument": 1,
// CHECK-NEXT: "element_bytes": 4,
// CHECK-NEXT: "elements": 8,
// CHECK-NEXT: "name": "buffer_1",
// CHECK-NEXT: "role": "inout",
// CHECK-NEXT: "type": "uint"
// CHECK:      "argument": 2,
// CHECK-NEXT: "element_bytes": 1,
// CHECK-NEXT: "elements": 8,
// CHECK-NEXT: "name": "buffer_2",
// CHECK-NEXT: "role": "input",
// CHECK-NEXT: "type": "uchar"
module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @first(%v: memref<8xvector<3xf32>>, %i: memref<8xindex>, %b: memref<8xi8>) kernel {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      memref.store %c1, %i[%c0] : memref<8xindex>
      gpu.return
    }
    gpu.func @second(%v: memref<8xvector<3xf32>>, %i: memref<8xindex>) kernel {
      %c0 = arith.constant 0 : index
      %zero = arith.constant dense<0.0> : vector<3xf32>
      memref.store %zero, %v[%c0] : memref<8xvector<3xf32>>
      gpu.return
    }
  }
  func.func @types(%v: memref<8xvector<3xf32>>, %i: memref<8xindex>, %b: memref<8xi8>) {
    %c1 = arith.constant 1 : index
    gpu.launch_func @kernels::@first blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%v : memref<8xvector<3xf32>>, %i : memref<8xindex>, %b : memref<8xi8>)
    gpu.launch_func @kernels::@second blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%v : memref<8xvector<3xf32>>, %i : memref<8xindex>)
    return
  }
}
