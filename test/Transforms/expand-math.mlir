// exp, tanh and erf as arithmetic; how exact it is, test/Numeric/elementary.test says.

// RUN: groupnorm-opt %s --gn-expand-math | FileCheck %s
// RUN: groupnorm-opt %s --gn-expand-math | FileCheck %s --check-prefix=CALLS

// What is left is what a vector unit has, and the type that is not served.
// CALLS-NOT: math.{{exp|tanh|erf}}
// CALLS:     math.exp %{{.*}} : f80
// CALLS-NOT: math.{{exp|tanh|erf}}

// A power of two in two halves, for results that are infinite or subnormal.
// CHECK-LABEL: func.func @exp(
// CHECK-SAME:    %[[X:.*]]: vector<16xf32>)
// CHECK:         %[[LOW:.*]] = arith.constant dense<-1.040000e+02> : vector<16xf32>
// CHECK:         %[[ABOVE:.*]] = arith.maximumf %[[X]], %[[LOW]]
// CHECK:         %[[HIGH:.*]] = arith.constant dense<8.900000e+01> : vector<16xf32>
// CHECK:         %[[C:.*]] = arith.minimumf %[[ABOVE]], %[[HIGH]]
// 1.5 * 2^23 + 2 * 127
// CHECK:         %[[SHIFT:.*]] = arith.constant dense<0x4B4000FE> : vector<16xf32>
// CHECK:         %[[N:.*]] = math.fma %[[C]], %{{.*}}, %[[SHIFT]]
// CHECK-COUNT-2: math.fma
// CHECK:         %[[BITS:.*]] = arith.bitcast %[[N]] : vector<16xf32> to vector<16xi32>
// CHECK:         %[[HALF:.*]] = arith.shrui %[[BITS]]
// CHECK:         %[[REST:.*]] = arith.subi %[[BITS]], %[[HALF]]
// CHECK-COUNT-5: math.fma
// CHECK:         arith.shli %[[HALF]]
// CHECK:         arith.bitcast %{{.*}} : vector<16xi32> to vector<16xf32>
// CHECK:         arith.mulf
// CHECK:         arith.shli %[[REST]]
// CHECK:         arith.bitcast %{{.*}} : vector<16xi32> to vector<16xf32>
// CHECK-NEXT:    %[[Y:.*]] = arith.mulf
// CHECK-NEXT:    return %[[Y]]
func.func @exp(%x: vector<16xf32>) -> vector<16xf32> {
  %y = math.exp %x : vector<16xf32>
  return %y : vector<16xf32>
}

// In a sum with a number, one power of two is enough, and its product with the
// polynomial is added in one step. The sign of x goes into the constants, and
// one of the limits is there already.
// CHECK-LABEL: func.func @sum(
// CHECK-SAME:    %[[X:.*]]: vector<16xf32>)
// CHECK-DAG:     %[[ONE:.*]] = arith.constant dense<1.000000e+00>
// CHECK-DAG:     %[[CUT:.*]] = arith.constant dense<-8.900000e+01>
// CHECK:         %[[ABOVE:.*]] = arith.maximumf %[[X]], %[[CUT]]
// CHECK-NOT:     arith.maximumf
// CHECK:         %[[HIGH:.*]] = arith.constant dense<8.700000e+01>
// CHECK:         %[[C:.*]] = arith.minimumf %[[ABOVE]], %[[HIGH]]
// CHECK-NOT:     arith.negf
// 1.5 * 2^23 + 126
// CHECK:         %[[SHIFT:.*]] = arith.constant dense<0x4B40007E> : vector<16xf32>
// CHECK:         %[[N:.*]] = math.fma %[[C]], %{{.*}}, %[[SHIFT]]
// CHECK-NOT:     arith.shrui
// CHECK:         arith.shli
// CHECK:         %[[POWER:.*]] = arith.bitcast %{{.*}} : vector<16xi32> to vector<16xf32>
// CHECK:         math.fma %{{.*}}, %[[POWER]], %[[ONE]]
// CHECK-NOT:     math.exp
// CHECK:         return
func.func @sum(%x: vector<16xf32>) -> vector<16xf32> {
  %one = arith.constant dense<1.0> : vector<16xf32>
  %lowest = arith.constant dense<-89.0> : vector<16xf32>
  %cut = arith.maximumf %x, %lowest : vector<16xf32>
  %n = arith.negf %cut : vector<16xf32>
  %e = math.exp %n : vector<16xf32>
  %y = arith.addf %one, %e : vector<16xf32>
  return %y : vector<16xf32>
}

// Not so where the number is tiny, or e^x is used again.
// CHECK-LABEL: func.func @tiny_sum(
// CHECK:         arith.shrui
// CHECK:         arith.addf
func.func @tiny_sum(%x: f32) -> f32 {
  %tiny = arith.constant 1.0e-30 : f32
  %e = math.exp %x : f32
  %y = arith.addf %e, %tiny : f32
  return %y : f32
}
// CHECK-LABEL: func.func @used_again(
// CHECK:         arith.shrui
// CHECK:         arith.addf
func.func @used_again(%x: f32) -> (f32, f32) {
  %one = arith.constant 1.0 : f32
  %e = math.exp %x : f32
  %y = arith.addf %e, %one : f32
  return %y, %e : f32, f32
}

// 1 + tanh(x) is 2 / (1 + e^-2x).
// CHECK-LABEL: func.func @one_plus_tanh(
// CHECK-SAME:    %[[X:.*]]: vector<8xf64>)
// CHECK:         arith.addf %[[X]], %[[X]]
// CHECK:         %[[POWER:.*]] = arith.bitcast %{{.*}} : vector<8xi64> to vector<8xf64>
// CHECK:         %[[SUM:.*]] = math.fma %{{.*}}, %[[POWER]], %{{.*}}
// CHECK:         arith.divf %{{.*}}, %[[SUM]]
// CHECK-NOT:     math.tanh
// CHECK-NOT:     math.copysign
// CHECK:         return
func.func @one_plus_tanh(%x: vector<8xf64>) -> vector<8xf64> {
  %one = arith.constant dense<1.0> : vector<8xf64>
  %t = math.tanh %x : vector<8xf64>
  %y = arith.addf %t, %one : vector<8xf64>
  return %y : vector<8xf64>
}

// 1 + erf(x) is 2 / (1 + 2^z), and so is a product with it a division, that of
// what x is a half of.
// CHECK-LABEL: func.func @gelu(
// CHECK-SAME:    %[[X:.*]]: vector<8xf32>)
// CHECK:         %[[W:.*]] = arith.mulf %[[X]], %[[X]]
// CHECK-COUNT-6: math.fma %{{.*}}, %[[W]], %{{.*}}
// CHECK:         %[[Z:.*]] = arith.mulf %{{.*}}, %[[X]]
// CHECK:         arith.maximumf %[[Z]]
// CHECK:         arith.minimumf
// 1.5 * 2^23 + 127
// CHECK:         %[[SHIFT:.*]] = arith.constant dense<0x4B40007F> : vector<8xf32>
// CHECK:         arith.addf %{{.*}}, %[[SHIFT]]
// CHECK-NOT:     math.erf
// CHECK:         %[[Y:.*]] = arith.divf %[[X]], %{{.*}} : vector<8xf32>
// CHECK:         return %[[Y]]
func.func @gelu(%x: vector<8xf32>) -> vector<8xf32> {
  %half = arith.constant dense<0.5> : vector<8xf32>
  %one = arith.constant dense<1.0> : vector<8xf32>
  %root = arith.constant dense<0.707106769> : vector<8xf32>
  %h = arith.mulf %x, %half : vector<8xf32>
  %v = arith.mulf %x, %root : vector<8xf32>
  %e = math.erf %v : vector<8xf32>
  %s = arith.addf %e, %one : vector<8xf32>
  %y = arith.mulf %h, %s : vector<8xf32>
  return %y : vector<8xf32>
}

// Another factor is divided by a half of it.
// CHECK-LABEL: func.func @product(
// CHECK-SAME:    %[[A:.*]]: f32, %[[X:.*]]: f32)
// CHECK:         %[[HALF:.*]] = arith.constant 5.000000e-01 : f32
// CHECK-NEXT:    %[[HD:.*]] = arith.mulf %{{.*}}, %[[HALF]]
// CHECK:         %[[Y:.*]] = arith.divf %[[A]], %[[HD]]
// CHECK:         return %[[Y]]
func.func @product(%a: f32, %x: f32) -> f32 {
  %one = arith.constant 1.0 : f32
  %t = math.tanh %x : f32
  %s = arith.addf %one, %t : f32
  %y = arith.mulf %s, %a : f32
  return %y : f32
}

// Not so of f64, whose error function is exact to the end.
// CHECK-LABEL: func.func @double_sum(
// CHECK:         math.copysign
// CHECK:         arith.addf
func.func @double_sum(%x: f64) -> f64 {
  %one = arith.constant 1.0 : f64
  %e = math.erf %x : f64
  %y = arith.addf %e, %one : f64
  return %y : f64
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
