// Rounding to bf16 on integers of 32 bits; how exact it is, test/Numeric says.

// RUN: groupnorm-opt %s --gn-round-bf16 -canonicalize | FileCheck %s
// RUN: groupnorm-opt %s --gn-round-bf16=f32=false | FileCheck %s --check-prefix=ONCE

// ONCE: arith.truncf %{{.*}} : vector<8xf32> to vector<8xbf16>

// CHECK-LABEL: func.func @vector(
// CHECK-SAME:    %[[X:.*]]: vector<8xf32>)
// CHECK-DAG:     %[[C16:.*]] = arith.constant dense<16> : vector<8xi32>
// CHECK-DAG:     %[[ONE:.*]] = arith.constant dense<1> : vector<8xi32>
// CHECK-DAG:     %[[HALF:.*]] = arith.constant dense<32767> : vector<8xi32>
// 0x00400000, which makes NaN quiet
// CHECK-DAG:     %[[BIT:.*]] = arith.constant dense<4194304> : vector<8xi32>
// CHECK:         %[[BITS:.*]] = arith.bitcast %[[X]] : vector<8xf32> to vector<8xi32>
// CHECK:         %[[UPPER:.*]] = arith.shrui %[[BITS]], %[[C16]]
// CHECK:         %[[ODD:.*]] = arith.andi %[[UPPER]], %[[ONE]]
// CHECK:         %[[ADDED:.*]] = arith.addi %[[BITS]], %[[HALF]]
// CHECK:         %[[ROUNDED:.*]] = arith.addi %[[ADDED]], %[[ODD]]
// CHECK:         %[[UNO:.*]] = arith.cmpf uno, %[[X]], %[[X]]
// CHECK:         %[[QUIET:.*]] = arith.ori %[[BITS]], %[[BIT]]
// CHECK:         %[[CHOSEN:.*]] = arith.select %[[UNO]], %[[QUIET]], %[[ROUNDED]]
// CHECK:         %[[SHIFTED:.*]] = arith.shrui %[[CHOSEN]], %{{.*}}
// CHECK:         %[[NARROW:.*]] = arith.trunci %[[SHIFTED]] : vector<8xi32> to vector<8xi16>
// CHECK:         %[[Y:.*]] = arith.bitcast %[[NARROW]] : vector<8xi16> to vector<8xbf16>
// CHECK:         return %[[Y]]
func.func @vector(%x: vector<8xf32>) -> vector<8xbf16> {
  %y = arith.truncf %x : vector<8xf32> to vector<8xbf16>
  return %y : vector<8xbf16>
}

// CHECK-LABEL: func.func @scalar(
// CHECK:         arith.trunci %{{.*}} : i32 to i16
// CHECK-NEXT:    arith.bitcast %{{.*}} : i16 to bf16
func.func @scalar(%x: f32) -> bf16 {
  %y = arith.truncf %x : f32 to bf16
  return %y : bf16
}

// f64 is rounded once: to an f32 that tells what was lost by its last bit.
// CHECK-LABEL: func.func @double(
// CHECK-SAME:    %[[X:.*]]: vector<4xf64>)
// ONCE-LABEL:  func.func @double(
// ONCE-SAME:     %[[X:.*]]: vector<4xf64>)
// ONCE-NEXT:     %[[NEAREST:.*]] = arith.truncf %[[X]] : vector<4xf64> to vector<4xf32>
// ONCE-NEXT:     %[[BACK:.*]] = arith.extf %[[NEAREST]] : vector<4xf32> to vector<4xf64>
// ONCE-NEXT:     %[[ABS_BACK:.*]] = math.absf %[[BACK]]
// ONCE-NEXT:     %[[ABS:.*]] = math.absf %[[X]]
// ONCE-NEXT:     %[[AWAY:.*]] = arith.cmpf ogt, %[[ABS_BACK]], %[[ABS]]
// ONCE-NEXT:     %[[INEXACT:.*]] = arith.cmpf one, %[[BACK]], %[[X]]
// ONCE-NEXT:     %[[BITS:.*]] = arith.bitcast %[[NEAREST]] : vector<4xf32> to vector<4xi32>
// ONCE-NEXT:     %[[STEP:.*]] = arith.extui %[[AWAY]] : vector<4xi1> to vector<4xi32>
// ONCE-NEXT:     %[[TOWARDS:.*]] = arith.subi %[[BITS]], %[[STEP]]
// ONCE-NEXT:     %[[LAST:.*]] = arith.extui %[[INEXACT]] : vector<4xi1> to vector<4xi32>
// ONCE-NEXT:     %[[ODD:.*]] = arith.ori %[[TOWARDS]], %[[LAST]]
// ONCE-NEXT:     %[[F32:.*]] = arith.bitcast %[[ODD]] : vector<4xi32> to vector<4xf32>
// ONCE-NEXT:     arith.truncf %[[F32]] : vector<4xf32> to vector<4xbf16>
// CHECK-NOT:     to vector<4xbf16>
// CHECK:         arith.bitcast %{{.*}} : vector<4xi16> to vector<4xbf16>
func.func @double(%x: vector<4xf64>) -> vector<4xbf16> {
  %y = arith.truncf %x : vector<4xf64> to vector<4xbf16>
  return %y : vector<4xbf16>
}

// Other types and other roundings stay.
// CHECK-LABEL: func.func @others(
// CHECK-NEXT:    arith.truncf %{{.*}} : f32 to f16
// CHECK-NEXT:    arith.truncf %{{.*}} toward_zero : f32 to bf16
// CHECK-NEXT:    arith.truncf %{{.*}} toward_zero : f64 to bf16
func.func @others(%x: f64, %y: f32) -> (f16, bf16, bf16) {
  %0 = arith.truncf %y : f32 to f16
  %1 = arith.truncf %y toward_zero : f32 to bf16
  %2 = arith.truncf %x toward_zero : f64 to bf16
  return %0, %1, %2 : f16, bf16, bf16
}
