// Pairs of bf16 are widened and rounded in the 32 bits that they lie in. How
// exact that is, test/Integration/pair-bf16.mlir says.

// RUN: groupnorm-opt %s --gn-pair-bf16 --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func.func @widen(
// CHECK-SAME:    %[[X:.*]]: vector<16xbf16>)
// CHECK-DAG:     %[[C16:.*]] = arith.constant dense<16> : vector<8xi32>
// 0xffff0000
// CHECK-DAG:     %[[MASK:.*]] = arith.constant dense<-65536> : vector<8xi32>
// CHECK:         %[[PAIRS:.*]] = vector.bitcast %[[X]] : vector<16xbf16> to vector<8xi32>
// CHECK:         %[[SHIFTED:.*]] = arith.shli %[[PAIRS]], %[[C16]]
// CHECK:         %[[EVEN:.*]] = arith.bitcast %[[SHIFTED]] : vector<8xi32> to vector<8xf32>
// CHECK:         %[[MASKED:.*]] = arith.andi %[[PAIRS]], %[[MASK]]
// CHECK:         %[[ODD:.*]] = arith.bitcast %[[MASKED]] : vector<8xi32> to vector<8xf32>
// CHECK:         return %[[EVEN]], %[[ODD]]
func.func @widen(%x: vector<16xbf16>) -> (vector<8xf32>, vector<8xf32>) {
  %even, %odd = vector.deinterleave %x : vector<16xbf16> -> vector<8xbf16>
  %0 = arith.extf %even : vector<8xbf16> to vector<8xf32>
  %1 = arith.extf %odd : vector<8xbf16> to vector<8xf32>
  return %0, %1 : vector<8xf32>, vector<8xf32>
}

// CHECK-LABEL: func.func @round(
// CHECK-DAG:     %[[C16:.*]] = arith.constant dense<16> : vector<2xi32>
// CHECK-DAG:     %[[IS_EVEN:.*]] = arith.constant dense<[true, false, true, false]> : vector<4xi1>
// CHECK-DAG:     %[[ONE:.*]] = arith.constant dense<1> : vector<4xi16>
// 0x8000
// CHECK-DAG:     %[[HALF:.*]] = arith.constant dense<-32768> : vector<4xi16>
// CHECK:         %[[A:.*]] = arith.mulf
// CHECK:         %[[B:.*]] = math.fma
// CHECK:         %[[EVEN:.*]] = arith.bitcast %[[A]] : vector<2xf32> to vector<2xi32>
// CHECK:         %[[ODD:.*]] = arith.bitcast %[[B]] : vector<2xf32> to vector<2xi32>
// CHECK-DAG:     %[[DOWN:.*]] = arith.shrui %[[EVEN]], %[[C16]]
// CHECK-DAG:     %[[EVEN_UPPER:.*]] = vector.bitcast %[[DOWN]] : vector<2xi32> to vector<4xi16>
// CHECK-DAG:     %[[ODD_WORDS:.*]] = vector.bitcast %[[ODD]] : vector<2xi32> to vector<4xi16>
// CHECK:         %[[UPPER:.*]] = arith.select %[[IS_EVEN]], %[[EVEN_UPPER]], %[[ODD_WORDS]]
// CHECK-DAG:     %[[UP:.*]] = arith.shli %[[ODD]], %[[C16]]
// CHECK-DAG:     %[[EVEN_WORDS:.*]] = vector.bitcast %[[EVEN]] : vector<2xi32> to vector<4xi16>
// CHECK-DAG:     %[[ODD_LOWER:.*]] = vector.bitcast %[[UP]] : vector<2xi32> to vector<4xi16>
// CHECK:         %[[LOWER:.*]] = arith.select %[[IS_EVEN]], %[[EVEN_WORDS]], %[[ODD_LOWER]]
// CHECK:         %[[IS_ODD:.*]] = arith.andi %[[UPPER]], %[[ONE]]
// CHECK:         %[[REST:.*]] = arith.ori %[[LOWER]], %[[IS_ODD]]
// CHECK:         %[[GOES_UP:.*]] = arith.cmpi ugt, %[[REST]], %[[HALF]]
// CHECK:         %[[MINUS_ONE:.*]] = arith.extsi %[[GOES_UP]] : vector<4xi1> to vector<4xi16>
// CHECK:         %[[ROUNDED:.*]] = llvm.intr.ssub.sat(%[[UPPER]], %[[MINUS_ONE]])
// CHECK:         %[[KEPT:.*]] = arith.maxui %[[UPPER]], %[[ROUNDED]]
// CHECK:         %[[Y:.*]] = arith.bitcast %[[KEPT]] : vector<4xi16> to vector<4xbf16>
// CHECK:         return %[[Y]]
func.func @round(%x: vector<2xf32>, %y: vector<2xf32>) -> vector<4xbf16> {
  %a = arith.mulf %x, %x : vector<2xf32>
  %b = math.fma %x, %y, %y : vector<2xf32>
  %even = arith.truncf %a : vector<2xf32> to vector<2xbf16>
  %odd = arith.truncf %b : vector<2xf32> to vector<2xbf16>
  %0 = vector.interleave %even, %odd : vector<2xbf16> -> vector<4xbf16>
  return %0 : vector<4xbf16>
}

// What chooses between results of arithmetic and numbers has no other NaN.

// CHECK-LABEL: func.func @chosen(
// CHECK-NOT:     arith.truncf
// CHECK-NOT:     vector.interleave
// CHECK:         llvm.intr.ssub.sat
func.func @chosen(%c: vector<4xi1>, %x: vector<4xf32>, %y: vector<4xf32>) -> vector<8xbf16> {
  %zero = arith.constant dense<0.0> : vector<4xf32>
  %a = arith.divf %x, %y : vector<4xf32>
  %b = arith.select %c, %a, %zero : vector<4xi1>, vector<4xf32>
  %d = arith.maximumf %a, %zero : vector<4xf32>
  %even = arith.truncf %b : vector<4xf32> to vector<4xbf16>
  %odd = arith.truncf %d : vector<4xf32> to vector<4xbf16>
  %0 = vector.interleave %even, %odd : vector<4xbf16> -> vector<8xbf16>
  return %0 : vector<8xbf16>
}

// Of unknown values NaN may be a signalling one; other types, roundings and
// uses stay too.

// CHECK-LABEL: func.func @others(
// CHECK-COUNT-3: vector.interleave
// CHECK-COUNT-2: vector.deinterleave
// CHECK-NOT:     vector.bitcast
func.func @others(%x: vector<4xf32>, %h: vector<8xf16>, %b: vector<8xbf16>)
    -> (vector<8xbf16>, vector<8xf16>, vector<8xbf16>, vector<4xf32>, vector<4xf64>, vector<4xbf16>) {
  %0 = arith.truncf %x : vector<4xf32> to vector<4xbf16>
  %1 = vector.interleave %0, %0 : vector<4xbf16> -> vector<8xbf16>
  %sum = arith.addf %x, %x : vector<4xf32>
  %2 = arith.truncf %sum : vector<4xf32> to vector<4xf16>
  %3 = vector.interleave %2, %2 : vector<4xf16> -> vector<8xf16>
  %4 = arith.truncf %sum toward_zero : vector<4xf32> to vector<4xbf16>
  %5 = vector.interleave %4, %4 : vector<4xbf16> -> vector<8xbf16>
  %6, %7 = vector.deinterleave %h : vector<8xf16> -> vector<4xf16>
  %8 = arith.extf %6 : vector<4xf16> to vector<4xf32>
  %9, %10 = vector.deinterleave %b : vector<8xbf16> -> vector<4xbf16>
  %11 = arith.extf %9 : vector<4xbf16> to vector<4xf64>
  %12, %13 = vector.deinterleave %b : vector<8xbf16> -> vector<4xbf16>
  return %1, %3, %5, %8, %11, %13 : vector<8xbf16>, vector<8xf16>, vector<8xbf16>, vector<4xf32>, vector<4xf64>, vector<4xbf16>
}
