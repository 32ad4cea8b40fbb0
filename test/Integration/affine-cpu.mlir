// RUN: groupnorm-opt %s --pass-pipeline="builtin.module(convert-gn-to-affine,func.func(affine-simplify-structures,canonicalize,cse),lower-affine,expand-strided-metadata,lower-affine,convert-scf-to-cf,convert-vector-to-llvm,convert-math-to-llvm,convert-arith-to-llvm,convert-index-to-llvm,finalize-memref-to-llvm,convert-func-to-llvm,convert-cf-to-llvm,canonicalize,cse,reconcile-unrealized-casts)" \
// RUN:   | mlir-runner -e main -entry-point-result=void -shared-libs=%llvm_lib_dir/libmlir_runner_utils.so,%llvm_lib_dir/libmlir_c_runner_utils.so \
// RUN:   | FileCheck %s

// The lowered loops run. The second sample is the first plus a million, where
// E[x^2] - E[x]^2 would be wrong; both have the same result.

memref.global "private" constant @data : memref<2x2x4xf32> = dense<[
  [[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]],
  [[1000001.0, 1000002.0, 1000003.0, 1000004.0],
   [1000005.0, 1000006.0, 1000007.0, 1000008.0]]]>
memref.global "private" constant @gamma : memref<4xf32> = dense<[1.0, 10.0, 100.0, 1000.0]>
memref.global "private" constant @beta : memref<4xf32> = dense<[0.0, 0.0, 0.0, 5.0]>

func.func private @printMemrefF32(memref<*xf32>)

// Groups {1, 2, 5, 6} and {3, 4, 7, 8}: variance 4.25.
func.func @contiguous_split(%x: memref<?x?x4xf32>, %y: memref<?x?x4xf32>) {
  gn.group_norm num_groups(2)
    ins(%x : memref<?x?x4xf32>) outs(%y : memref<?x?x4xf32>)
    {epsilon = 2.0, grouping = #gn.grouping<contiguous>,
     gn.schedule = #gn.cpu_schedule<chunk = 1, piece = 1, parallel = false>}
  return
}

func.func @contiguous_sample(%x: memref<2x2x4xf32>, %gamma: memref<4xf32>, %beta: memref<4xf32>, %y: memref<2x2x4xf32>) {
  gn.group_norm num_groups(2)
    ins(%x, %gamma, %beta : memref<2x2x4xf32>, memref<4xf32>, memref<4xf32>)
    outs(%y : memref<2x2x4xf32>)
    {epsilon = 2.0, grouping = #gn.grouping<contiguous>,
     gn.schedule = #gn.cpu_schedule<strategy = sample, order = blocks, parallel = false>}
  return
}

// Groups {1, 3, 5, 7} and {2, 4, 6, 8}: variance 5.
func.func @interleaved_split(%x: memref<2x2x4xf32>, %y: memref<2x2x4xf32>) {
  gn.group_norm num_groups(2)
    ins(%x : memref<2x2x4xf32>) outs(%y : memref<2x2x4xf32>)
    {epsilon = 11.0, gn.schedule = #gn.cpu_schedule<chunk = 1, piece = 1, parallel = false>}
  return
}

func.func @interleaved_sample(%x: memref<?x?x4xf32>, %y: memref<?x?x4xf32>) {
  gn.group_norm num_groups(2)
    ins(%x : memref<?x?x4xf32>) outs(%y : memref<?x?x4xf32>)
    {epsilon = 11.0, gn.schedule = #gn.cpu_schedule<strategy = sample, flatten = 2, apply_order = blocks, parallel = false>}
  return
}

func.func @main() {
  %x = memref.get_global @data : memref<2x2x4xf32>
  %gamma = memref.get_global @gamma : memref<4xf32>
  %beta = memref.get_global @beta : memref<4xf32>
  %y = memref.alloc() : memref<2x2x4xf32>
  %xd = memref.cast %x : memref<2x2x4xf32> to memref<?x?x4xf32>
  %yd = memref.cast %y : memref<2x2x4xf32> to memref<?x?x4xf32>
  %out = memref.cast %y : memref<2x2x4xf32> to memref<*xf32>

  // CHECK: sizes = [2, 2, 4]
  // CHECK-NEXT: {{\[\[\[}}-1, {{ *}}-0.6, {{ *}}-1, {{ *}}-0.6],
  // CHECK-NEXT: [0.6, {{ *}}1, {{ *}}0.6, {{ *}}1]],
  // CHECK-NEXT: {{\[\[}}-1, {{ *}}-0.6, {{ *}}-1, {{ *}}-0.6],
  // CHECK-NEXT: [0.6, {{ *}}1, {{ *}}0.6, {{ *}}1]]]
  call @contiguous_split(%xd, %yd) : (memref<?x?x4xf32>, memref<?x?x4xf32>) -> ()
  call @printMemrefF32(%out) : (memref<*xf32>) -> ()

  // CHECK: sizes = [2, 2, 4]
  // CHECK-NEXT: {{\[\[\[}}-1, {{ *}}-6, {{ *}}-100, {{ *}}-595],
  // CHECK-NEXT: [0.6, {{ *}}10, {{ *}}60, {{ *}}1005]],
  // CHECK-NEXT: {{\[\[}}-1, {{ *}}-6, {{ *}}-100, {{ *}}-595],
  // CHECK-NEXT: [0.6, {{ *}}10, {{ *}}60, {{ *}}1005]]]
  call @contiguous_sample(%x, %gamma, %beta, %y) : (memref<2x2x4xf32>, memref<4xf32>, memref<4xf32>, memref<2x2x4xf32>) -> ()
  call @printMemrefF32(%out) : (memref<*xf32>) -> ()

  // CHECK: sizes = [2, 2, 4]
  // CHECK-NEXT: {{\[\[\[}}-0.75, {{ *}}-0.75, {{ *}}-0.25, {{ *}}-0.25],
  // CHECK-NEXT: [0.25, {{ *}}0.25, {{ *}}0.75, {{ *}}0.75]],
  // CHECK-NEXT: {{\[\[}}-0.75, {{ *}}-0.75, {{ *}}-0.25, {{ *}}-0.25],
  // CHECK-NEXT: [0.25, {{ *}}0.25, {{ *}}0.75, {{ *}}0.75]]]
  call @interleaved_split(%x, %y) : (memref<2x2x4xf32>, memref<2x2x4xf32>) -> ()
  call @printMemrefF32(%out) : (memref<*xf32>) -> ()

  // CHECK: sizes = [2, 2, 4]
  // CHECK-NEXT: {{\[\[\[}}-0.75, {{ *}}-0.75, {{ *}}-0.25, {{ *}}-0.25],
  // CHECK-NEXT: [0.25, {{ *}}0.25, {{ *}}0.75, {{ *}}0.75]],
  // CHECK-NEXT: {{\[\[}}-0.75, {{ *}}-0.75, {{ *}}-0.25, {{ *}}-0.25],
  // CHECK-NEXT: [0.25, {{ *}}0.25, {{ *}}0.75, {{ *}}0.75]]]
  memref.copy %x, %y : memref<2x2x4xf32> to memref<2x2x4xf32>
  call @interleaved_sample(%yd, %yd) : (memref<?x?x4xf32>, memref<?x?x4xf32>) -> ()
  call @printMemrefF32(%out) : (memref<*xf32>) -> ()

  memref.dealloc %y : memref<2x2x4xf32>
  return
}
