// Where results go: into the buffer of their init, into that of x, or into a
// new one, and whether the new one needs what the init held.

// RUN: groupnorm-opt %s --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" --split-input-file | FileCheck %s
// RUN: groupnorm-opt %s --one-shot-bufferize="bufferize-function-boundaries test-analysis-only" --split-input-file | FileCheck %s --check-prefix=ANALYSIS

// Across function boundaries, with a dynamic size; attributes stay.
// CHECK-LABEL: func.func @into_new(
// CHECK-SAME:    %[[X:.*]]: memref<2x?x8xf32>, %[[GAMMA:.*]]: memref<8xf32>, %[[BETA:.*]]: memref<8xf32>) -> memref<2x?x8xf32>
// CHECK:         %[[SIZE:.*]] = memref.dim %[[X]]
// CHECK:         %[[ALLOC:.*]] = memref.alloc(%[[SIZE]]) {{.*}} : memref<2x?x8xf32>
// CHECK-NEXT:    gn.group_norm num_groups(2) ins(%[[X]], %[[GAMMA]], %[[BETA]] : memref<2x?x8xf32>, memref<8xf32>, memref<8xf32>) outs(%[[ALLOC]] : memref<2x?x8xf32>) {epsilon = 2.500000e-01 : f64, gn.schedule = #gn.cpu_schedule<vector = 8>, grouping = #gn.grouping<contiguous>}{{$}}
// CHECK-NEXT:    return %[[ALLOC]]
func.func @into_new(%x: tensor<2x?x8xf32>, %gamma: tensor<8xf32>, %beta: tensor<8xf32>)
    -> tensor<2x?x8xf32> {
  %c1 = arith.constant 1 : index
  %size = tensor.dim %x, %c1 : tensor<2x?x8xf32>
  %empty = tensor.empty(%size) : tensor<2x?x8xf32>
  %y = gn.group_norm num_groups(2)
         ins(%x, %gamma, %beta : tensor<2x?x8xf32>, tensor<8xf32>, tensor<8xf32>)
         outs(%empty : tensor<2x?x8xf32>)
         {epsilon = 0.25 : f64, grouping = #gn.grouping<contiguous>,
          gn.schedule = #gn.cpu_schedule<vector = 8>} -> tensor<2x?x8xf32>
  return %y : tensor<2x?x8xf32>
}

// -----

// CHECK-LABEL: func.func @into_init(
// CHECK-SAME:    %[[X:.*]]: memref<2x4x8xf32>, %[[INIT:.*]]: memref<2x4x8xf16>
// CHECK-NEXT:    gn.group_norm num_groups(2) ins(%[[X]] : memref<2x4x8xf32>) outs(%[[INIT]] : memref<2x4x8xf16>)
// CHECK-NEXT:    return %[[INIT]]
// ANALYSIS-LABEL: func.func @into_init(
// ANALYSIS:       gn.group_norm {{.*}}__inplace_operands_attr__ = ["true", "true"]
func.func @into_init(%x: tensor<2x4x8xf32>, %init: tensor<2x4x8xf16>) -> tensor<2x4x8xf16> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%init : tensor<2x4x8xf16>)
         -> tensor<2x4x8xf16>
  return %y : tensor<2x4x8xf16>
}

// -----

// An init that may not be written: another buffer, into which nothing is
// copied, since the init is never read.
// CHECK-LABEL: func.func @read_only_init(
// CHECK-SAME:    %[[X:.*]]: memref<2x4x8xf32>, %[[INIT:.*]]: memref<2x4x8xf32>
// CHECK-NEXT:    %[[ALLOC:.*]] = memref.alloc()
// CHECK-NEXT:    gn.group_norm num_groups(2) ins(%[[X]] : memref<2x4x8xf32>) outs(%[[ALLOC]] : memref<2x4x8xf32>)
// CHECK-NEXT:    return %[[ALLOC]]
// ANALYSIS-LABEL: func.func @read_only_init(
// ANALYSIS:       gn.group_norm {{.*}}__inplace_operands_attr__ = ["true", "false"]
func.func @read_only_init(%x: tensor<2x4x8xf32>,
                          %init: tensor<2x4x8xf32> {bufferization.writable = false})
    -> tensor<2x4x8xf32> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%init : tensor<2x4x8xf32>)
         -> tensor<2x4x8xf32>
  return %y : tensor<2x4x8xf32>
}

// -----

// The result may take the place of x.
// CHECK-LABEL: func.func @norm_of_init(
// CHECK-SAME:    %[[X:.*]]: memref<2x4x8xf32>
// CHECK-NEXT:    gn.group_norm num_groups(2) ins(%[[X]] : memref<2x4x8xf32>) outs(%[[X]] : memref<2x4x8xf32>)
// CHECK-NEXT:    return %[[X]]
// ANALYSIS-LABEL: func.func @norm_of_init(
// ANALYSIS:       gn.group_norm {{.*}}__inplace_operands_attr__ = ["true", "true"]
func.func @norm_of_init(%x: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<2x4x8xf32>) outs(%x : tensor<2x4x8xf32>)
         -> tensor<2x4x8xf32>
  return %y : tensor<2x4x8xf32>
}

// -----

// gn.group_normalize does: it is element-wise.
// CHECK-LABEL: func.func @normalize_of_init(
// CHECK-SAME:    %[[X:.*]]: memref<2x4x8xf32>, %[[S:.*]]: memref<2x2xf64>
// CHECK-NEXT:    gn.group_normalize num_groups(2) ins(%[[X]], %[[S]], %[[S]], %[[S]] : {{.*}}) outs(%[[X]] : memref<2x4x8xf32>)
// CHECK-NEXT:    return %[[X]]
// ANALYSIS-LABEL: func.func @normalize_of_init(
// ANALYSIS:       gn.group_normalize {{.*}}__inplace_operands_attr__ = ["true", "true", "true", "true", "true"]
func.func @normalize_of_init(%x: tensor<2x4x8xf32>, %s: tensor<2x2xf64>) -> tensor<2x4x8xf32> {
  %y = gn.group_normalize num_groups(2)
         ins(%x, %s, %s, %s : tensor<2x4x8xf32>, tensor<2x2xf64>, tensor<2x2xf64>, tensor<2x2xf64>)
         outs(%x : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  return %y : tensor<2x4x8xf32>
}

// -----

// But not where x is needed later,
// CHECK-LABEL: func.func @normalize_of_used(
// CHECK-SAME:    %[[X:.*]]: memref<2x4x8xf32>, %[[S:.*]]: memref<2x2xf64>
// CHECK-NEXT:    %[[ALLOC:.*]] = memref.alloc()
// CHECK-NEXT:    gn.group_normalize num_groups(2) ins(%[[X]], %{{.*}}) outs(%[[ALLOC]] : memref<2x4x8xf32>)
// CHECK-NEXT:    return %[[X]], %[[ALLOC]]
// ANALYSIS-LABEL: func.func @normalize_of_used(
// ANALYSIS:       gn.group_normalize {{.*}}__inplace_operands_attr__ = ["true", "true", "true", "true", "false"]
func.func @normalize_of_used(%x: tensor<2x4x8xf32>, %s: tensor<2x2xf64>)
    -> (tensor<2x4x8xf32>, tensor<2x4x8xf32>) {
  %y = gn.group_normalize num_groups(2)
         ins(%x, %s, %s, %s : tensor<2x4x8xf32>, tensor<2x2xf64>, tensor<2x2xf64>, tensor<2x2xf64>)
         outs(%x : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  return %x, %y : tensor<2x4x8xf32>, tensor<2x4x8xf32>
}

// -----

// and not over the statistics, which are read for each element.
// CHECK-LABEL: func.func @normalize_of_statistics(
// CHECK-SAME:    %[[X:.*]]: memref<2x2xf32>, %[[S:.*]]: memref<2x2xf32>
// CHECK-NEXT:    %[[ALLOC:.*]] = memref.alloc()
// CHECK-NEXT:    gn.group_normalize num_groups(2) ins(%[[X]], %{{.*}}) outs(%[[ALLOC]] : memref<2x2xf32>)
// CHECK-NEXT:    return %[[ALLOC]]
func.func @normalize_of_statistics(%x: tensor<2x2xf32>, %s: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %y = gn.group_normalize num_groups(2)
         ins(%x, %s, %s, %s : tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>)
         outs(%s : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// -----

// gn.group_stats merges into its inits; what it may not write is copied first.
// CHECK-LABEL: func.func @stats(
// CHECK-SAME:    %[[X:.*]]: memref<2x4x8xf32>, %[[COUNT:.*]]: memref<2x2xf64>, %[[MEAN:.*]]: memref<2x2xf64>, %[[M2:.*]]: memref<2x2xf64>
// CHECK-NEXT:    %[[ALLOC:.*]] = memref.alloc()
// CHECK-NEXT:    memref.copy %[[M2]], %[[ALLOC]]
// CHECK-NEXT:    gn.group_stats num_groups(2) ins(%[[X]] : memref<2x4x8xf32>) outs(%[[COUNT]], %[[MEAN]], %[[ALLOC]] : memref<2x2xf64>, memref<2x2xf64>, memref<2x2xf64>)
// CHECK-NEXT:    return %[[COUNT]], %[[MEAN]], %[[ALLOC]]
// ANALYSIS-LABEL: func.func @stats(
// ANALYSIS:       gn.group_stats {{.*}}__inplace_operands_attr__ = ["true", "true", "true", "false"]
func.func @stats(%x: tensor<2x4x8xf32>, %count: tensor<2x2xf64>, %mean: tensor<2x2xf64>,
                 %m2: tensor<2x2xf64> {bufferization.writable = false})
    -> (tensor<2x2xf64>, tensor<2x2xf64>, tensor<2x2xf64>) {
  %r:3 = gn.group_stats num_groups(2) ins(%x : tensor<2x4x8xf32>)
           outs(%count, %mean, %m2 : tensor<2x2xf64>, tensor<2x2xf64>, tensor<2x2xf64>)
           -> tensor<2x2xf64>, tensor<2x2xf64>, tensor<2x2xf64>
  return %r#0, %r#1, %r#2 : tensor<2x2xf64>, tensor<2x2xf64>, tensor<2x2xf64>
}

// -----

// One tensor of zeros for three inits becomes three buffers.
// CHECK-LABEL: func.func @stats_of_one_init(
// CHECK:         linalg.fill {{.*}} outs(%[[ZERO:.*]] : memref<2x2xf64>)
// CHECK:         memref.copy %[[ZERO]], %[[A:.*]] :
// CHECK:         memref.copy %[[ZERO]], %[[B:.*]] :
// CHECK:         memref.copy %[[ZERO]], %[[C:.*]] :
// CHECK:         gn.group_stats {{.*}} outs(%[[A]], %[[B]], %[[C]] :
func.func @stats_of_one_init(%x: tensor<2x4x8xf32>)
    -> (tensor<2x2xf64>, tensor<2x2xf64>, tensor<2x2xf64>) {
  %c0 = arith.constant 0.0 : f64
  %empty = tensor.empty() : tensor<2x2xf64>
  %zero = linalg.fill ins(%c0 : f64) outs(%empty : tensor<2x2xf64>) -> tensor<2x2xf64>
  %r:3 = gn.group_stats num_groups(2) ins(%x : tensor<2x4x8xf32>)
           outs(%zero, %zero, %zero : tensor<2x2xf64>, tensor<2x2xf64>, tensor<2x2xf64>)
           -> tensor<2x2xf64>, tensor<2x2xf64>, tensor<2x2xf64>
  return %r#0, %r#1, %r#2 : tensor<2x2xf64>, tensor<2x2xf64>, tensor<2x2xf64>
}

// -----

// A slice of a larger tensor is normalized where it lies.
// CHECK-LABEL: func.func @slice(
// CHECK-SAME:    %[[X:.*]]: memref<4x4x8xf32>, %[[Y:.*]]: memref<4x4x8xf32>
// CHECK-NOT:     memref.alloc
// CHECK-DAG:     %[[XS:.*]] = memref.subview %[[X]][1, 0, 0]
// CHECK-DAG:     %[[YS:.*]] = memref.subview %[[Y]][1, 0, 0]
// CHECK:         gn.group_norm num_groups(2) ins(%[[XS]] : memref<2x4x8xf32, strided<[32, 8, 1], offset: 32>>) outs(%[[YS]] : memref<2x4x8xf32, strided<[32, 8, 1], offset: 32>>)
// CHECK-NOT:     memref.alloc
// CHECK:         return %[[Y]]
func.func @slice(%x: tensor<4x4x8xf32>, %y: tensor<4x4x8xf32>) -> tensor<4x4x8xf32> {
  %xs = tensor.extract_slice %x[1, 0, 0] [2, 4, 8] [1, 1, 1] : tensor<4x4x8xf32> to tensor<2x4x8xf32>
  %ys = tensor.extract_slice %y[1, 0, 0] [2, 4, 8] [1, 1, 1] : tensor<4x4x8xf32> to tensor<2x4x8xf32>
  %z = gn.group_norm num_groups(2) ins(%xs : tensor<2x4x8xf32>) outs(%ys : tensor<2x4x8xf32>)
         -> tensor<2x4x8xf32>
  %r = tensor.insert_slice %z into %y[1, 0, 0] [2, 4, 8] [1, 1, 1] : tensor<2x4x8xf32> into tensor<4x4x8xf32>
  return %r : tensor<4x4x8xf32>
}

// -----

// It may take the place of a residual, of which it reads the element that it
// writes.
// CHECK-LABEL: func.func @norm_of_inputs(
// CHECK-SAME:    %[[X:.*]]: memref<8x8xf32>, %[[R:.*]]: memref<8x8xf32>, %[[S:.*]]: memref<8xf32>)
// CHECK:         gn.group_norm num_groups(2) ins(%[[X]] : memref<8x8xf32>) outs(%[[R]] : memref<8x8xf32>)
#all = affine_map<(n, c) -> (n, c)>
#feature = affine_map<(n, c) -> (c)>
func.func @norm_of_inputs(%x: tensor<8x8xf32>, %r: tensor<8x8xf32>, %s: tensor<8xf32>) -> tensor<8x8xf32> {
  %y = gn.group_norm num_groups(2) ins(%x : tensor<8x8xf32>) outs(%r : tensor<8x8xf32>)
    epilogue(%r, %s : tensor<8x8xf32>, tensor<8xf32> by [#all, #feature]) {
  ^bb0(%n: f32, %e: f32, %f: f32):
    %0 = math.fma %n, %f, %e : f32
    gn.yield %0 : f32
  } -> tensor<8x8xf32>
  return %y : tensor<8x8xf32>
}
