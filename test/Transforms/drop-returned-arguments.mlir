// RUN: groupnorm-opt %s --gn-drop-returned-arguments | FileCheck %s

// CHECK-LABEL: func.func @second(%{{.*}}: memref<8xf32>, %{{.*}}: memref<8xf32>) -> memref<4xf32> {
// CHECK:         %[[NEW:.*]] = memref.alloc
// CHECK:         return %[[NEW]] : memref<4xf32>
func.func @second(%x: memref<8xf32>, %y: memref<8xf32>) -> (memref<4xf32>, memref<8xf32>) {
  %new = memref.alloc() : memref<4xf32>
  return %new, %y : memref<4xf32>, memref<8xf32>
}

// A number is no buffer, and a caller counts on its result.
// CHECK-LABEL: func.func @number(%{{.*}}: f32) -> f32
func.func @number(%x: f32) -> f32 {
  return %x : f32
}
// CHECK-LABEL: func.func @called(%{{.*}}: memref<8xf32>) -> memref<8xf32>
func.func @called(%x: memref<8xf32>) -> memref<8xf32> {
  return %x : memref<8xf32>
}
// CHECK-LABEL: func.func @caller(%{{.*}}: memref<8xf32>) -> memref<8xf32>
func.func @caller(%x: memref<8xf32>) -> memref<8xf32> {
  %y = call @called(%x) : (memref<8xf32>) -> memref<8xf32>
  return %y : memref<8xf32>
}
