// What mlx.nn.GroupNorm has nothing of.

// RUN: split-file %s %t
// RUN: not groupnorm emit %t/two.mlir --emit=mlx 2>&1 | FileCheck %s --check-prefix=TWO
// RUN: not groupnorm emit %t/order.mlir --emit=mlx 2>&1 | FileCheck %s --check-prefix=ORDER
// RUN: not groupnorm emit %t/types.mlir --emit=mlx 2>&1 | FileCheck %s --check-prefix=TYPES
// RUN: not groupnorm emit %t/bias.mlir --emit=mlx 2>&1 | FileCheck %s --check-prefix=BIAS
// RUN: not groupnorm emit %t/epilogue.mlir --emit=mlx 2>&1 | FileCheck %s --check-prefix=MORE
// RUN: not groupnorm emit %t/statistics.mlir --emit=mlx 2>&1 | FileCheck %s --check-prefix=MORE

// TWO:   {{^}}groupnorm: error: {{.*}}two.mlir:1:1: 'func.func' op cannot become a layer of MLX: it must be one gn.group_norm on its arguments, in order{{$}}
// ORDER: {{^}}groupnorm: error: {{.*}}order.mlir:1:1: 'func.func' op cannot become a layer of MLX: it must be one gn.group_norm on its arguments, in order{{$}}
// TYPES: {{^}}groupnorm: error: {{.*}}types.mlir:2:3: 'gn.group_norm' op cannot become a layer of MLX: MLX gives its result as 'f32'{{$}}
// BIAS:  {{^}}groupnorm: error: {{.*}}bias.mlir:2:3: 'gn.group_norm' op cannot become a layer of MLX: the weight and the bias must be of one type{{$}}
// MORE:  {{^}}groupnorm: error: {{.*}}.mlir:2:3: 'gn.group_norm' op cannot become a layer of MLX: mlx.nn.GroupNorm has no epilogue and returns no statistics{{$}}

//--- two.mlir
func.func @two(%x: memref<2x8x16xf32>, %y: memref<2x8x16xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x8x16xf32>) outs(%y : memref<2x8x16xf32>)
  gn.group_norm num_groups(4) ins(%x : memref<2x8x16xf32>) outs(%y : memref<2x8x16xf32>)
  return
}
//--- order.mlir
func.func @order(%y: memref<2x8x16xf32>, %x: memref<2x8x16xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x8x16xf32>) outs(%y : memref<2x8x16xf32>)
  return
}
//--- types.mlir
func.func @types(%x: memref<2x8x16xf16>, %w: memref<16xf32>, %b: memref<16xf32>, %y: memref<2x8x16xf16>) {
  gn.group_norm num_groups(4) ins(%x, %w, %b : memref<2x8x16xf16>, memref<16xf32>, memref<16xf32>) outs(%y : memref<2x8x16xf16>)
  return
}
//--- bias.mlir
func.func @bias(%x: memref<2x8x16xf16>, %w: memref<16xf32>, %b: memref<16xf16>, %y: memref<2x8x16xf32>) {
  gn.group_norm num_groups(4) ins(%x, %w, %b : memref<2x8x16xf16>, memref<16xf32>, memref<16xf16>) outs(%y : memref<2x8x16xf32>)
  return
}
//--- epilogue.mlir
func.func @epilogue(%x: memref<2x8x16xf32>, %y: memref<2x8x16xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x8x16xf32>) outs(%y : memref<2x8x16xf32>) epilogue {
  ^bb0(%n: f32):
    %0 = math.tanh %n : f32
    gn.yield %0 : f32
  }
  return
}
//--- statistics.mlir
func.func @statistics(%x: memref<2x8x16xf32>, %y: memref<2x8x16xf32>, %m: memref<2x4xf32>, %r: memref<2x4xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x8x16xf32>) outs(%y, %m, %r : memref<2x8x16xf32>, memref<2x4xf32>, memref<2x4xf32>)
  return
}
