// Powers of two by a table of eight in a register, where x86 has an instruction.

// RUN: groupnorm-opt %s --gn-expand-math=table-lanes=8 | FileCheck %s --check-prefixes=CHECK,AVX2
// RUN: groupnorm-opt %s --gn-expand-math=table-lanes=16 | FileCheck %s --check-prefixes=CHECK,AVX512

// 2^((n + j) / 8) is entry j and n, shifted to the exponent; what one step of the
// reduction loses is added to its last bits.
// CHECK-LABEL: func.func @sum(
// CHECK-SAME:    %[[X:.*]]: vector<16xf32>)
// CHECK:         %[[C:.*]] = arith.minimumf
// 1.5 * 2^23 + 256
// CHECK:         %[[SHIFT:.*]] = arith.constant dense<0x4B400100> : vector<16xf32>
// CHECK:         %[[SHIFTED:.*]] = math.fma %[[C]], %{{.*}}, %[[SHIFT]]
// CHECK:         %[[N:.*]] = arith.subf %[[SHIFT]], %[[SHIFTED]]
// CHECK:         %[[R:.*]] = math.fma %[[N]], %{{.*}}, %[[C]]
// CHECK-NEXT:    %[[BITS:.*]] = arith.bitcast %[[SHIFTED]]
// CHECK:         %[[LOST:.*]] = arith.shrui %[[BITS]]
// AVX2:          %[[TABLE:.*]] = arith.constant dense<{{.786063360, 785774018, 785553392, 785407703, 785343731, 785368874, 785491197, 785719495.}}> : vector<8xi32>
// AVX2:          %[[LOW:.*]] = vector.extract_strided_slice %[[BITS]] {offsets = [0], sizes = [8]
// AVX2-NEXT:     llvm.call_intrinsic "llvm.x86.avx2.permd"(%[[TABLE]], %[[LOW]])
// AVX2:          %[[HIGH:.*]] = vector.extract_strided_slice %[[BITS]] {offsets = [8], sizes = [8]
// AVX2-NEXT:     llvm.call_intrinsic "llvm.x86.avx2.permd"(%[[TABLE]], %[[HIGH]])
// AVX2:          %[[ENTRY:.*]] = vector.insert_strided_slice
// AVX512:        %[[TABLE:.*]] = arith.constant dense<{{.786063360, .*, 785719495, 786063360, .*, 785719495.}}> : vector<16xi32>
// AVX512-NEXT:   %[[ENTRY:.*]] = llvm.call_intrinsic "llvm.x86.avx512.permvar.si.512"(%[[TABLE]], %[[BITS]])
// CHECK:         %[[EXPONENT:.*]] = arith.shli %[[BITS]]
// CHECK-NEXT:    %[[POWER:.*]] = arith.addi %[[ENTRY]], %[[EXPONENT]]
// CHECK-NEXT:    %[[CORRECTED:.*]] = arith.addi %[[POWER]], %[[LOST]]
// CHECK-COUNT-3: math.fma %{{.*}}, %[[R]], %{{.*}}
// CHECK:         %[[FLOAT:.*]] = arith.bitcast %[[CORRECTED]]
// CHECK-NEXT:    math.fma %{{.*}}, %[[FLOAT]], %{{.*}}
func.func @sum(%x: vector<16xf32>) -> vector<16xf32> {
  %one = arith.constant dense<1.0> : vector<16xf32>
  %e = math.exp %x : vector<16xf32>
  %y = arith.addf %one, %e : vector<16xf32>
  return %y : vector<16xf32>
}

// 1 + erf(v / sqrt(2)) is 1 + v P(v^2), with the coefficients of one of eight
// intervals of v^2, each 4 long: no power, no division.
// CHECK-LABEL: func.func @one_plus_erf(
// CHECK-SAME:    %[[V:.*]]: vector<8xf32>)
// CHECK:         %[[LOW:.*]] = arith.constant dense<-5.468750e+00>
// CHECK:         %[[ABOVE:.*]] = arith.maximumf %[[V]], %[[LOW]]
// CHECK:         %[[C:.*]] = arith.minimumf %[[ABOVE]]
// CHECK:         %[[W:.*]] = arith.mulf %[[C]], %[[C]]
// 1.5 * 2^25
// CHECK:         %[[SHIFT:.*]] = arith.constant dense<0x4C400000> : vector<8xf32>
// CHECK:         %[[SHIFTED:.*]] = arith.addf %[[W]], %[[SHIFT]]
// CHECK:         %[[NEAR:.*]] = arith.subf %[[SHIFTED]], %[[SHIFT]]
// CHECK:         %[[F:.*]] = arith.subf %[[W]], %[[NEAR]]
// CHECK:         %[[BITS:.*]] = arith.bitcast %[[SHIFTED]]
// CHECK:         llvm.call_intrinsic "llvm.x86.avx2.permd"(%{{.*}}, %[[BITS]])
// CHECK-COUNT-6: math.fma %{{.*}}, %[[F]], %{{.*}}
// CHECK:         %[[E:.*]] = arith.mulf %{{.*}}, %[[C]]
// CHECK:         arith.addf %[[E]]
// CHECK-NOT:     arith.divf
// CHECK:         return
func.func @one_plus_erf(%v: vector<8xf32>) -> vector<8xf32> {
  %one = arith.constant dense<1.0> : vector<8xf32>
  %root = arith.constant dense<0.707106769> : vector<8xf32>
  %x = arith.mulf %v, %root : vector<8xf32>
  %e = math.erf %x : vector<8xf32>
  %y = arith.addf %e, %one : vector<8xf32>
  return %y : vector<8xf32>
}

// Not where a vector is no whole number of tables, nor of another type.
// CHECK-LABEL: func.func @others(
// CHECK-NOT:     call_intrinsic
// CHECK:         return
func.func @others(%x: vector<12xf32>, %s: f32, %d: vector<8xf64>) -> (vector<12xf32>, f32, vector<8xf64>) {
  %one = arith.constant dense<1.0> : vector<12xf32>
  %sone = arith.constant 1.0 : f32
  %done = arith.constant dense<1.0> : vector<8xf64>
  %0 = math.exp %x : vector<12xf32>
  %1 = arith.addf %one, %0 : vector<12xf32>
  %2 = math.exp %s : f32
  %3 = arith.addf %sone, %2 : f32
  %4 = math.exp %d : vector<8xf64>
  %5 = arith.addf %done, %4 : vector<8xf64>
  return %1, %3, %5 : vector<12xf32>, f32, vector<8xf64>
}
