// Alternatives become conditions on the sizes of x, which choose one of their
// schedules; each of these has loops of its own. The sizes are computed once.

// RUN: groupnorm-opt %s -convert-gn-to-affine -canonicalize -cse | FileCheck %s

// CHECK-LABEL: func.func @norm
// CHECK-SAME:    %[[X:[^:]*]]: memref<?x?x?x32xf32>
// CHECK-DAG:     %[[C400:.+]] = arith.constant 400 : index
// CHECK-DAG:     %[[C100:.+]] = arith.constant 100 : index
// CHECK-DAG:     %[[C2:.+]] = arith.constant 2 : index
// CHECK-DAG:     %[[N:.+]] = memref.dim %[[X]], %c0 :
// CHECK-DAG:     %[[H:.+]] = memref.dim %[[X]], %c1 :
// CHECK-DAG:     %[[W:.+]] = memref.dim %[[X]], %c2 :
// CHECK:         %[[S:.+]] = arith.muli %[[H]], %[[W]]
// CHECK:         %[[TOTAL:.+]] = arith.muli %[[N]], %[[S]]
// CHECK:         %[[SEVERAL:.+]] = arith.cmpi sge, %[[N]], %[[C2]]
// CHECK:         %[[LAST:.+]] = arith.select %[[SEVERAL]], %c1, %c0
// CHECK-DAG:     %[[FEW:.+]] = arith.cmpi sle, %[[S]], %[[C100]]
// CHECK-DAG:     %[[LITTLE:.+]] = arith.cmpi sle, %[[TOTAL]], %[[C400]]
// CHECK:         %[[SMALL:.+]] = arith.andi %[[FEW]], %[[LITTLE]]
// CHECK-NEXT:    %[[FIRST:.+]] = arith.select %[[SMALL]], %c2, %[[LAST]]
// CHECK-NEXT:    scf.index_switch %[[FIRST]]
// CHECK-NEXT:    case 1 {
// CHECK:           affine.parallel (%{{.+}}, %{{.+}}) = (0, 0) to (symbol(%[[N]]), 1)
// CHECK:         case 2 {
// CHECK-NEXT:      affine.for %{{.+}} = 0 to %[[N]] {
// CHECK-NOT:         affine.parallel
// CHECK:         default {
// CHECK:           affine.parallel (%{{.+}}, %{{.+}}) = (0, 0) to (symbol(%[[N]]), symbol(%[[S]]) floordiv 256 + 1)
func.func @norm(%x: memref<?x?x?x32xf32>, %y: memref<?x?x?x32xf32>) {
  gn.group_norm num_groups(8) ins(%x : memref<?x?x?x32xf32>) outs(%y : memref<?x?x?x32xf32>)
    {gn.schedule = #gn.cpu_alternatives<[
       <positions = 100, total = 400, schedule = <strategy = sample, parallel = false>>,
       <min_samples = 2, schedule = <strategy = sample>>,
       <schedule = <piece = 256>>]>}
  return
}

// A schedule of two alternatives has its loops once.

// CHECK-LABEL: func.func @shared
// CHECK:         %[[SEVERAL:.+]] = arith.cmpi sge, %[[N:.+]], %c2
// CHECK:         %[[SECOND:.+]] = arith.select %[[SEVERAL]], %c1, %c0
// CHECK:         %[[SMALL:.+]] = arith.cmpi sle, %{{.+}}, %c100
// CHECK:         %[[FIRST:.+]] = arith.select %[[SMALL]], %c0, %[[SECOND]]
// CHECK:         scf.index_switch %[[FIRST]]
// CHECK-NEXT:    case 1 {
// CHECK-NEXT:      affine.for %{{.+}} = 0 to %[[N]] {
// CHECK:         default {
// CHECK:           affine.parallel
// CHECK-NOT:     case
// CHECK:         return
func.func @shared(%x: memref<?x?x32xf32>, %y: memref<?x?x32xf32>) {
  gn.group_norm num_groups(8) ins(%x : memref<?x?x32xf32>) outs(%y : memref<?x?x32xf32>)
    {gn.schedule = #gn.cpu_alternatives<[
       <positions = 100, schedule = <>>,
       <min_samples = 2, schedule = <strategy = sample, parallel = false>>,
       <schedule = <>>]>}
  return
}

// With features that are not last, and in the halves.

// CHECK-LABEL: func.func @features_first
// CHECK-SAME:    %[[X:[^:]*]]: memref<2x32x?xf32>
// CHECK:         %[[S:.+]] = memref.dim %[[X]]
// CHECK:         %[[TOTAL:.+]] = arith.muli %[[S]], %c2
// CHECK:         %[[LITTLE:.+]] = arith.cmpi sle, %[[TOTAL]], %c400
// CHECK:         %[[CHOSEN:.+]] = arith.select %[[LITTLE]], %c1, %c0
// CHECK-NEXT:    scf.index_switch %[[CHOSEN]]
// CHECK-NEXT:    case 1 {
// CHECK-NOT:       affine.parallel
// CHECK:         default {
// CHECK:           affine.parallel
func.func @features_first(%x: memref<2x32x?xf32>, %y: memref<2x32x?xf32>) {
  gn.group_norm num_groups(8) ins(%x : memref<2x32x?xf32>) outs(%y : memref<2x32x?xf32>)
    {feature_dim = 1 : i64, gn.schedule = #gn.cpu_alternatives<[
       <total = 400, schedule = <strategy = sample, parallel = false>>,
       <schedule = <>>]>}
  return
}

// CHECK-LABEL: func.func @stats
// CHECK:         scf.index_switch
// CHECK-NEXT:    case 1 {
// CHECK-NOT:       affine.parallel
// CHECK:         default {
// CHECK:           affine.parallel
func.func @stats(%x: memref<?x9x32xf32>, %s: memref<?x8xf64>) {
  gn.group_stats num_groups(8) ins(%x : memref<?x9x32xf32>)
    outs(%s, %s, %s : memref<?x8xf64>, memref<?x8xf64>, memref<?x8xf64>)
    {gn.schedule = #gn.cpu_alternatives<[
       <total = 400, schedule = <parallel = false>>, <schedule = <>>]>}
  return
}

// CHECK-LABEL: func.func @normalize
// CHECK:         scf.index_switch
// CHECK-NEXT:    case 1 {
// CHECK-NOT:       affine.parallel
// CHECK:         default {
// CHECK:           affine.parallel
func.func @normalize(%x: memref<?x9x32xf32>, %s: memref<?x8xf64>, %y: memref<?x9x32xf32>) {
  gn.group_normalize num_groups(8)
    ins(%x, %s, %s, %s : memref<?x9x32xf32>, memref<?x8xf64>, memref<?x8xf64>, memref<?x8xf64>)
    outs(%y : memref<?x9x32xf32>)
    {gn.schedule = #gn.cpu_alternatives<[
       <total = 400, schedule = <parallel = false>>, <schedule = <>>]>}
  return
}

// Known sizes choose one of them now: 2 x 100 is the second.

// CHECK-LABEL: func.func @static
// CHECK-NOT:     scf.index_switch
// CHECK:         affine.parallel (%{{.+}}, %{{.+}}) = (0, 0) to (2, 2)
// CHECK-NOT:     scf.index_switch
func.func @static(%x: memref<2x100x32xf32>, %y: memref<2x100x32xf32>) {
  gn.group_norm num_groups(8) ins(%x : memref<2x100x32xf32>) outs(%y : memref<2x100x32xf32>)
    {gn.schedule = #gn.cpu_alternatives<[
       <total = 199, schedule = <strategy = sample, parallel = false>>,
       <total = 200, schedule = <piece = 64>>,
       <schedule = <>>]>}
  return
}
