// Pairs that are rounded together have the bits of numbers that are rounded one
// by one: of 2^24 numbers, 257 apart, and of as many that lie between two of
// bf16. Of NaN, that it stays one. What is rounded is widened again.

// RUN: groupnorm-opt %s --gn-affine-to-llvm=threads=1 | FileCheck %s --check-prefix=PAIRS
// RUN: groupnorm-opt %s --gn-affine-to-llvm=threads=1 \
// RUN:   | mlir-runner -O2 -e main --entry-point-result=i64 | FileCheck %s

// PAIRS-COUNT-1: llvm.intr.ssub.sat
// CHECK: {{^}}0{{$}}

/// How many of these pairs have other bits, or are no NaN where they should be.
func.func private @differences(%even: vector<8xi32>, %odd: vector<8xi32>) -> i64 {
  %one = arith.constant dense<1.0> : vector<8xf32>
  %zero = arith.constant dense<-0.0> : vector<8xf32>
  %limit = arith.constant dense<0x7f80> : vector<16xi16>
  %mask = arith.constant dense<0x7fff> : vector<16xi16>
  %a = arith.bitcast %even : vector<8xi32> to vector<8xf32>
  %b = arith.bitcast %odd : vector<8xi32> to vector<8xf32>
  // Arithmetic, as far as the pass can see.
  %fa = math.fma %a, %one, %zero : vector<8xf32>
  %fb = math.fma %b, %one, %zero : vector<8xf32>
  %ra = arith.truncf %fa : vector<8xf32> to vector<8xbf16>
  %rb = arith.truncf %fb : vector<8xf32> to vector<8xbf16>
  %pairs = vector.interleave %ra, %rb : vector<8xbf16> -> vector<16xbf16>
  %pairBits = arith.bitcast %pairs : vector<16xbf16> to vector<16xi16>

  %sa = arith.truncf %a : vector<8xf32> to vector<8xbf16>
  %sb = arith.truncf %b : vector<8xf32> to vector<8xbf16>
  %ia = arith.bitcast %sa : vector<8xbf16> to vector<8xi16>
  %ib = arith.bitcast %sb : vector<8xbf16> to vector<8xi16>
  %bits = vector.interleave %ia, %ib : vector<8xi16> -> vector<16xi16>

  %differ = arith.cmpi ne, %pairBits, %bits : vector<16xi16>
  %magnitude = arith.andi %bits, %mask : vector<16xi16>
  %pairMagnitude = arith.andi %pairBits, %mask : vector<16xi16>
  %isNaN = arith.cmpi ugt, %magnitude, %limit : vector<16xi16>
  %isPairNaN = arith.cmpi ugt, %pairMagnitude, %limit : vector<16xi16>
  %wrongNaN = arith.xori %isNaN, %isPairNaN : vector<16xi1>
  %wrong = arith.select %isNaN, %wrongNaN, %differ : vector<16xi1>, vector<16xi1>

  // Widened as pairs, and one by one.
  %e, %o = vector.deinterleave %pairs : vector<16xbf16> -> vector<8xbf16>
  %we = arith.extf %e : vector<8xbf16> to vector<8xf32>
  %wo = arith.extf %o : vector<8xbf16> to vector<8xf32>
  %be, %bo = vector.deinterleave %pairBits : vector<16xi16> -> vector<8xi16>
  %se = arith.bitcast %be : vector<8xi16> to vector<8xbf16>
  %so = arith.bitcast %bo : vector<8xi16> to vector<8xbf16>
  %xe = arith.extf %se : vector<8xbf16> to vector<8xf32>
  %xo = arith.extf %so : vector<8xbf16> to vector<8xf32>
  %wrongEven = arith.cmpf one, %we, %xe : vector<8xf32>
  %wrongOdd = arith.cmpf one, %wo, %xo : vector<8xf32>
  %wrongWide = vector.interleave %wrongEven, %wrongOdd : vector<8xi1> -> vector<16xi1>
  %any = arith.ori %wrong, %wrongWide : vector<16xi1>
  %counts = arith.extui %any : vector<16xi1> to vector<16xi64>
  %count = vector.reduction <add>, %counts : vector<16xi64> into i64
  return %count : i64
}

/// NaN as arithmetic makes it, quiet.
func.func private @quiet(%bits: vector<8xi32>) -> vector<8xi32> {
  %bit = arith.constant dense<0x00400000> : vector<8xi32>
  %x = arith.bitcast %bits : vector<8xi32> to vector<8xf32>
  %isNaN = arith.cmpf uno, %x, %x : vector<8xf32>
  %quiet = arith.ori %bits, %bit : vector<8xi32>
  %result = arith.select %isNaN, %quiet, %bits : vector<8xi1>, vector<8xi32>
  return %result : vector<8xi32>
}

func.func @main() -> i64 {
  %evens = arith.constant dense<[0, 514, 1028, 1542, 2056, 2570, 3084, 3598]> : vector<8xi32>
  %odds = arith.constant dense<[257, 771, 1285, 1799, 2313, 2827, 3341, 3855]> : vector<8xi32>
  %apart = arith.constant 4112 : i32
  %upper = arith.constant dense<0xffff0000> : vector<8xi32>
  %half = arith.constant dense<0x8000> : vector<8xi32>
  %none = arith.constant 0 : i64
  %total = affine.for %i = 0 to 1048576 iter_args(%sum = %none) -> i64 {
    %number = arith.index_cast %i : index to i32
    %first = arith.muli %number, %apart : i32
    %start = vector.broadcast %first : i32 to vector<8xi32>
    %even = arith.addi %start, %evens : vector<8xi32>
    %odd = arith.addi %start, %odds : vector<8xi32>
    %quietEven = func.call @quiet(%even) : (vector<8xi32>) -> vector<8xi32>
    %quietOdd = func.call @quiet(%odd) : (vector<8xi32>) -> vector<8xi32>
    %n = func.call @differences(%quietEven, %quietOdd) : (vector<8xi32>, vector<8xi32>) -> i64

    %upperEven = arith.andi %quietEven, %upper : vector<8xi32>
    %upperOdd = arith.andi %quietOdd, %upper : vector<8xi32>
    %tieEven = arith.ori %upperEven, %half : vector<8xi32>
    %tieOdd = arith.ori %upperOdd, %half : vector<8xi32>
    // An infinity is not between two numbers, but a signalling NaN then.
    %quietTieEven = func.call @quiet(%tieEven) : (vector<8xi32>) -> vector<8xi32>
    %quietTieOdd = func.call @quiet(%tieOdd) : (vector<8xi32>) -> vector<8xi32>
    %m = func.call @differences(%quietTieEven, %quietTieOdd) : (vector<8xi32>, vector<8xi32>) -> i64

    %more = arith.addi %n, %m : i64
    %next = arith.addi %sum, %more : i64
    affine.yield %next : i64
  }
  return %total : i64
}
