// The result is written where the caller wants it: no copy, no allocation.

// RUN: groupnorm-opt %s --gn-bufferize | FileCheck %s

// CHECK-LABEL: func.func @allocates(
// CHECK-SAME:      %[[X:.*]]: memref<2x16x64xf32>, %[[Y:.*]]: memref<2x16x64xf32>) {
// CHECK-NEXT:    gn.group_norm num_groups(8) ins(%[[X]] : memref<2x16x64xf32>) outs(%[[Y]] : memref<2x16x64xf32>)
// CHECK-NEXT:    return
func.func @allocates(%x: tensor<2x16x64xf32>) -> tensor<2x16x64xf32> {
  %init = tensor.empty() : tensor<2x16x64xf32>
  %y = gn.group_norm num_groups(8) ins(%x : tensor<2x16x64xf32>) outs(%init : tensor<2x16x64xf32>) -> tensor<2x16x64xf32>
  return %y : tensor<2x16x64xf32>
}

// CHECK-LABEL: func.func @dynamic(
// CHECK-SAME:      %[[X:.*]]: memref<?x16x64xf32>, %[[Y:.*]]: memref<?x16x64xf32>) {
// CHECK-NEXT:    gn.group_norm num_groups(8) ins(%[[X]] : memref<?x16x64xf32>) outs(%[[Y]] : memref<?x16x64xf32>)
// CHECK-NEXT:    return
func.func @dynamic(%x: tensor<?x16x64xf32>) -> tensor<?x16x64xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x16x64xf32>
  %init = tensor.empty(%n) : tensor<?x16x64xf32>
  %y = gn.group_norm num_groups(8) ins(%x : tensor<?x16x64xf32>) outs(%init : tensor<?x16x64xf32>) -> tensor<?x16x64xf32>
  return %y : tensor<?x16x64xf32>
}

// A buffer between two ops is freed.
// CHECK-LABEL: func.func @between(
// CHECK-SAME:      %[[X:.*]]: memref<2x16x64xf32>, %[[Y:.*]]: memref<2x16x64xf32>) {
// CHECK-NEXT:    %[[TMP:.*]] = memref.alloc() {{.*}} : memref<2x16x64xf32>
// CHECK-NEXT:    gn.group_norm num_groups(8) ins(%[[X]] : {{.*}}) outs(%[[TMP]] :
// CHECK-NEXT:    gn.group_norm num_groups(4) ins(%[[TMP]] : {{.*}}) outs(%[[Y]] :
// CHECK-NEXT:    memref.dealloc %[[TMP]]
// CHECK-NEXT:    return
func.func @between(%x: tensor<2x16x64xf32>) -> tensor<2x16x64xf32> {
  %init = tensor.empty() : tensor<2x16x64xf32>
  %y = gn.group_norm num_groups(8) ins(%x : tensor<2x16x64xf32>) outs(%init : tensor<2x16x64xf32>) -> tensor<2x16x64xf32>
  %init2 = tensor.empty() : tensor<2x16x64xf32>
  %z = gn.group_norm num_groups(4) ins(%y : tensor<2x16x64xf32>) outs(%init2 : tensor<2x16x64xf32>) -> tensor<2x16x64xf32>
  return %z : tensor<2x16x64xf32>
}
