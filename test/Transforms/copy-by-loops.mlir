// RUN: groupnorm-opt %s --gn-copy-by-loops | FileCheck %s

// CHECK-LABEL: func.func @part
// CHECK-NEXT:    linalg.copy ins(%{{.*}} : memref<2x?x5xf32, strided<[25, 5, 1]>>) outs(%{{.*}} : memref<2x?x5xf32>)
// CHECK-NEXT:    linalg.copy ins(%{{.*}} : memref<2x?x5xf32>) outs(%{{.*}} : memref<2x?x5xf32, strided<[25, 5, 1]>>)
// CHECK-NEXT:    return
func.func @part(%part: memref<2x?x5xf32, strided<[25, 5, 1]>>, %whole: memref<2x?x5xf32>) {
  memref.copy %part, %whole : memref<2x?x5xf32, strided<[25, 5, 1]>> to memref<2x?x5xf32>
  memref.copy %whole, %part : memref<2x?x5xf32> to memref<2x?x5xf32, strided<[25, 5, 1]>>
  return
}

// What is contiguous is a call of memcpy, and of an unknown rank there are no loops.

// CHECK-LABEL: func.func @whole
// CHECK-COUNT-2: memref.copy
func.func @whole(%x: memref<2x?x5xf32>, %y: memref<2x?x5xf32>, %a: memref<*xf32>, %b: memref<*xf32>) {
  memref.copy %x, %y : memref<2x?x5xf32> to memref<2x?x5xf32>
  memref.copy %a, %b : memref<*xf32> to memref<*xf32>
  return
}
