// Nine of bf16 that an epilogue has of each feature: LLVM 22.1 has no code for a
// vector of nine that is only copied, on CPUs with instructions for bf16.

// RUN: groupnorm emit %s --emit=asm --threads 1 --target-triple x86_64-linux-gnu --target-cpu znver4 | FileCheck %s
// RUN: groupnorm emit %s --emit=asm --threads 1 --target-triple x86_64-linux-gnu --target-cpu sapphirerapids | FileCheck %s
// RUN: groupnorm emit %s --emit=asm --threads 1 --target-triple x86_64-linux-gnu --target-cpu haswell | FileCheck %s
// CHECK: {{^}}nine:

#feature = affine_map<(n, s, c) -> (c)>
func.func @nine(%x: memref<3x7x9xbf16>, %floor: memref<9xbf16>, %y: memref<3x7x9xbf16>) {
  gn.group_norm num_groups(3) ins(%x : memref<3x7x9xbf16>) outs(%y : memref<3x7x9xbf16>)
    epilogue(%floor : memref<9xbf16> by [#feature]) {
  ^bb0(%v: f32, %least: bf16):
    %wide = arith.extf %least : bf16 to f32
    %most = arith.maximumf %v, %wide : f32
    %narrow = arith.truncf %most : f32 to bf16
    gn.yield %narrow : bf16
  }
  return
}
