// Rounding to bf16 on integers of 32 bits; how exact it is, test/Numeric says.

// RUN: groupnorm-opt %s --gn-round-bf16 -canonicalize | FileCheck %s

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

// Other types and other roundings stay.
// CHECK-LABEL: func.func @others(
// CHECK-NEXT:    arith.truncf %{{.*}} : f64 to bf16
// CHECK-NEXT:    arith.truncf %{{.*}} : f32 to f16
// CHECK-NEXT:    arith.truncf %{{.*}} toward_zero : f32 to bf16
func.func @others(%x: f64, %y: f32) -> (bf16, f16, bf16) {
  %0 = arith.truncf %x : f64 to bf16
  %1 = arith.truncf %y : f32 to f16
  %2 = arith.truncf %y toward_zero : f32 to bf16
  return %0, %1, %2 : bf16, f16, bf16
}
