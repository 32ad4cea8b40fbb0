// exp, tanh and erf as arithmetic; how exact it is, test/Numeric/elementary.test says.

// RUN: groupnorm-opt %s --gn-expand-math | FileCheck %s
// RUN: groupnorm-opt %s --gn-expand-math | FileCheck %s --check-prefix=CALLS

// What is left is what a vector unit has, and the type that is not served.
// CALLS-NOT: math.{{exp|tanh|erf}}
// CALLS:     math.exp %{{.*}} : f80
// CALLS-NOT: math.{{exp|tanh|erf}}

// CHECK-LABEL: func.func @exp(
// CHECK-SAME:    %[[X:.*]]: vector<16xf32>)
// CHECK:         %[[HIGH:.*]] = arith.constant dense<8.900000e+01> : vector<16xf32>
// CHECK:         %[[ABOVE:.*]] = arith.cmpf olt, %[[HIGH]], %[[X]]
// CHECK:         %[[CUT:.*]] = arith.select %[[ABOVE]], %[[HIGH]], %[[X]]
// CHECK:         %[[LOW:.*]] = arith.constant dense<-1.040000e+02> : vector<16xf32>
// CHECK:         %[[BELOW:.*]] = arith.cmpf olt, %[[CUT]], %[[LOW]]
// CHECK:         %[[C:.*]] = arith.select %[[BELOW]], %[[LOW]], %[[CUT]]
// CHECK:         %[[SHIFT:.*]] = arith.constant dense<0x4B400000> : vector<16xf32>
// CHECK:         %[[N:.*]] = math.fma %[[C]], %{{.*}}, %[[SHIFT]]
// CHECK:         arith.bitcast %[[N]] : vector<16xf32> to vector<16xi32>
// CHECK-COUNT-7: math.fma
// CHECK:         arith.shrsi
// CHECK-COUNT-2: arith.bitcast %{{.*}} : vector<16xi32> to vector<16xf32>
func.func @exp(%x: vector<16xf32>) -> vector<16xf32> {
  %y = math.exp %x : vector<16xf32>
  return %y : vector<16xf32>
}

// Halves by way of f32.
// CHECK-LABEL: func.func @half(
// CHECK-SAME:    %[[X:.*]]: f16)
// CHECK:         %[[WIDE:.*]] = arith.extf %[[X]] : f16 to f32
// CHECK:         math.absf %[[WIDE]] : f32
// CHECK:         %[[Y:.*]] = math.copysign %{{.*}}, %[[WIDE]] : f32
// CHECK:         arith.truncf %[[Y]] : f32 to f16
func.func @half(%x: f16) -> f16 {
  %y = math.tanh %x : f16
  return %y : f16
}

// CHECK-LABEL: func.func @double(
// CHECK:         arith.bitcast %{{.*}} : f64 to i64
// CHECK:         math.copysign %{{.*}}, %{{.*}} : f64
func.func @double(%x: f64) -> f64 {
  %y = math.erf %x : f64
  return %y : f64
}

func.func @other(%x: f80) -> f80 {
  %y = math.exp %x : f80
  return %y : f80
}
