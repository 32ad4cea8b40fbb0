// A schedule is chosen and obeyed; threads decide only whether loops are
// parallel.

// RUN: groupnorm-opt %s --gn-lower-to-affine="vector-bits=256 threads=0" | FileCheck %s --check-prefixes=CHECK,PARALLEL
// RUN: groupnorm-opt %s --gn-lower-to-affine="vector-bits=256 threads=1" | FileCheck %s --check-prefixes=CHECK,SERIAL

// CHECK-LABEL:   func.func @large
// SERIAL-NOT:      affine.parallel
// PARALLEL:        affine.parallel
// CHECK:           affine.vector_load %{{.*}} : memref<4x{{[0-9]+}}xf32>, vector<8xf32>
// CHECK:           {gn.role = "statistics"}
// CHECK:           vector.store %{{.*}}, %{{.*}} {alignment = 32 : i64, nontemporal = true} : memref<4x{{[0-9]+}}xf32>, vector<8xf32>
// CHECK:           {gn.role = "normalize"}
// CHECK-NOT:       gn.group_norm
func.func @large(%x: memref<4x64x64x256xf32>, %y: memref<4x64x64x256xf32>) {
  gn.group_norm num_groups(32) ins(%x : memref<4x64x64x256xf32>) outs(%y : memref<4x64x64x256xf32>)
  return
}
