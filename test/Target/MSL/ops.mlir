// Every op that the printer takes, and how MSL says it. The table in
// docs/msl.md has the same ops; test/Docs/msl-ops.test holds it to that.

// RUN: groupnorm-translate %s -mlir-to-msl -split-input-file > %t.metal
// RUN: FileCheck %s < %t.metal

// And it compiles.
// RUN: groupnorm-msl-run %t.metal | FileCheck %s --check-prefix=LIST
// LIST: {{^}}arithmetic{{$}}
// LIST: {{^}}statements{{$}}

// CHECK-LABEL: kernel void arithmetic(
gpu.module @kernels {
  gpu.func @arithmetic(%y: memref<64xf32>, %a: f32, %b: f32, %c: f32) kernel {
    %c0 = arith.constant 0 : index
    // CHECK: arg0[0] = arg1 + arg2;
    %0 = arith.addf %a, %b : f32
    memref.store %0, %y[%c0] : memref<64xf32>
    // CHECK: arg0[0] = arg1 - arg2;
    %1 = arith.subf %a, %b : f32
    memref.store %1, %y[%c0] : memref<64xf32>
    // CHECK: arg0[0] = arg1 * arg2;
    %2 = arith.mulf %a, %b : f32
    memref.store %2, %y[%c0] : memref<64xf32>
    // CHECK: arg0[0] = arg1 / arg2;
    %3 = arith.divf %a, %b : f32
    memref.store %3, %y[%c0] : memref<64xf32>
    // CHECK: arg0[0] = fmod(arg1, arg2);
    %4 = arith.remf %a, %b : f32
    memref.store %4, %y[%c0] : memref<64xf32>
    // CHECK: arg0[0] = -arg1;
    %5 = arith.negf %a : f32
    memref.store %5, %y[%c0] : memref<64xf32>
    // CHECK: arg0[0] = fmax(arg1, arg2);
    %6 = arith.maxnumf %a, %b : f32
    memref.store %6, %y[%c0] : memref<64xf32>
    // CHECK: arg0[0] = fmin(arg1, arg2);
    %7 = arith.minnumf %a, %b : f32
    memref.store %7, %y[%c0] : memref<64xf32>
    // CHECK: arg0[0] = fma(arg1, arg2, arg3);
    %8 = math.fma %a, %b, %c : f32
    memref.store %8, %y[%c0] : memref<64xf32>
    // CHECK: arg0[0] = fabs(arg1);
    %9 = math.absf %a : f32
    memref.store %9, %y[%c0] : memref<64xf32>
    // CHECK: arg0[0] = floor(arg1);
    %10 = math.floor %a : f32
    memref.store %10, %y[%c0] : memref<64xf32>
    // CHECK: arg0[0] = ceil(arg1);
    %11 = math.ceil %a : f32
    memref.store %11, %y[%c0] : memref<64xf32>
    // CHECK: arg0[0] = rint(arg1);
    %12 = math.roundeven %a : f32
    memref.store %12, %y[%c0] : memref<64xf32>
    // CHECK: arg0[0] = round(arg1);
    %17 = math.round %a : f32
    memref.store %17, %y[%c0] : memref<64xf32>
    // CHECK: arg0[0] = trunc(arg1);
    %13 = math.trunc %a : f32
    memref.store %13, %y[%c0] : memref<64xf32>
    // CHECK: arg0[0] = copysign(arg1, arg2);
    %14 = math.copysign %a, %b : f32
    memref.store %14, %y[%c0] : memref<64xf32>
    // CHECK: arg0[0] = arg1 - (arg2 - arg3);
    %15 = arith.subf %b, %c : f32
    %16 = arith.subf %a, %15 : f32
    memref.store %16, %y[%c0] : memref<64xf32>
    gpu.return
  }
}

// -----

// The library's precise functions, whatever the math mode is.
// CHECK-LABEL: kernel void precise_functions(
gpu.module @kernels {
  gpu.func @precise_functions(%y: memref<64xf32>, %z: memref<64xf16>, %a: f32, %b: f32, %h: f16) kernel {
    %c0 = arith.constant 0 : index
    // CHECK: arg0[0] = precise::sqrt(arg2);
    %0 = math.sqrt %a : f32
    memref.store %0, %y[%c0] : memref<64xf32>
    // CHECK: arg0[0] = precise::rsqrt(arg2);
    %1 = math.rsqrt %a : f32
    memref.store %1, %y[%c0] : memref<64xf32>
    // CHECK: arg0[0] = precise::exp(arg2);
    %2 = math.exp %a : f32
    memref.store %2, %y[%c0] : memref<64xf32>
    // CHECK: arg0[0] = precise::exp2(arg2);
    %3 = math.exp2 %a : f32
    memref.store %3, %y[%c0] : memref<64xf32>
    // CHECK: arg0[0] = precise::log(arg2);
    %4 = math.log %a : f32
    memref.store %4, %y[%c0] : memref<64xf32>
    // CHECK: arg0[0] = precise::log2(arg2);
    %5 = math.log2 %a : f32
    memref.store %5, %y[%c0] : memref<64xf32>
    // CHECK: arg0[0] = precise::sin(arg2);
    %6 = math.sin %a : f32
    memref.store %6, %y[%c0] : memref<64xf32>
    // CHECK: arg0[0] = precise::cos(arg2);
    %7 = math.cos %a : f32
    memref.store %7, %y[%c0] : memref<64xf32>
    // CHECK: arg0[0] = precise::tanh(arg2);
    %8 = math.tanh %a : f32
    memref.store %8, %y[%c0] : memref<64xf32>
    // CHECK: arg0[0] = precise::pow(arg2, arg3);
    %9 = math.powf %a, %b : f32
    memref.store %9, %y[%c0] : memref<64xf32>
    // half has one of each only.
    // CHECK: arg1[0] = exp(arg4);
    %10 = math.exp %h : f16
    memref.store %10, %z[%c0] : memref<64xf16>
    gpu.return
  }
}

// -----

// CHECK-LABEL: kernel void integers(
gpu.module @kernels {
  gpu.func @integers(%y: memref<64xi32>, %a: i32, %b: i32, %p: i1, %q: i1, %z: memref<8xi1>) kernel {
    %c0 = arith.constant 0 : index
    // CHECK: arg0[0] = arg1 + arg2;
    %0 = arith.addi %a, %b : i32
    memref.store %0, %y[%c0] : memref<64xi32>
    // CHECK: arg0[0] = arg1 - arg2;
    %1 = arith.subi %a, %b : i32
    memref.store %1, %y[%c0] : memref<64xi32>
    // CHECK: arg0[0] = arg1 * arg2;
    %2 = arith.muli %a, %b : i32
    memref.store %2, %y[%c0] : memref<64xi32>
    // CHECK: arg0[0] = arg1 / arg2;
    %3 = arith.divui %a, %b : i32
    memref.store %3, %y[%c0] : memref<64xi32>
    // CHECK: arg0[0] = arg1 % arg2;
    %4 = arith.remui %a, %b : i32
    memref.store %4, %y[%c0] : memref<64xi32>
    // CHECK: arg0[0] = uint(int(arg1) / int(arg2));
    %5 = arith.divsi %a, %b : i32
    memref.store %5, %y[%c0] : memref<64xi32>
    // CHECK: arg0[0] = uint(int(arg1) % int(arg2));
    %6 = arith.remsi %a, %b : i32
    memref.store %6, %y[%c0] : memref<64xi32>
    // CHECK: arg0[0] = arg1 << arg2;
    %7 = arith.shli %a, %b : i32
    memref.store %7, %y[%c0] : memref<64xi32>
    // CHECK: arg0[0] = arg1 >> arg2;
    %8 = arith.shrui %a, %b : i32
    memref.store %8, %y[%c0] : memref<64xi32>
    // CHECK: arg0[0] = uint(int(arg1) >> int(arg2));
    %18 = arith.shrsi %a, %b : i32
    memref.store %18, %y[%c0] : memref<64xi32>
    // CHECK: arg0[0] = uint(max(int(arg1), int(arg2)));
    %19 = arith.maxsi %a, %b : i32
    memref.store %19, %y[%c0] : memref<64xi32>
    // CHECK: arg0[0] = uint(min(int(arg1), int(arg2)));
    %20 = arith.minsi %a, %b : i32
    memref.store %20, %y[%c0] : memref<64xi32>
    // CHECK: arg0[0] = arg1 & arg2;
    %9 = arith.andi %a, %b : i32
    memref.store %9, %y[%c0] : memref<64xi32>
    // CHECK: arg0[0] = arg1 | arg2;
    %10 = arith.ori %a, %b : i32
    memref.store %10, %y[%c0] : memref<64xi32>
    // CHECK: arg0[0] = arg1 ^ arg2;
    %11 = arith.xori %a, %b : i32
    memref.store %11, %y[%c0] : memref<64xi32>
    // CHECK: arg0[0] = max(arg1, arg2);
    %12 = arith.maxui %a, %b : i32
    memref.store %12, %y[%c0] : memref<64xi32>
    // CHECK: arg0[0] = min(arg1, arg2);
    %13 = arith.minui %a, %b : i32
    memref.store %13, %y[%c0] : memref<64xi32>
    // CHECK: arg5[0] = arg3 && arg4;
    %14 = arith.andi %p, %q : i1
    memref.store %14, %z[%c0] : memref<8xi1>
    // CHECK: arg5[0] = arg3 || arg4;
    %15 = arith.ori %p, %q : i1
    memref.store %15, %z[%c0] : memref<8xi1>
    // CHECK: arg5[0] = arg3 != arg4;
    %16 = arith.xori %p, %q : i1
    memref.store %16, %z[%c0] : memref<8xi1>
    // CHECK: arg0[0] = arg3 ? arg1 : arg2;
    %17 = arith.select %p, %a, %b : i32
    memref.store %17, %y[%c0] : memref<64xi32>
    gpu.return
  }
}

// -----

// What holds of NaN is said as the opposite of what does not.
// CHECK-LABEL: kernel void comparisons(
gpu.module @kernels {
  gpu.func @comparisons(%y: memref<8xi1>, %a: f32, %b: f32, %m: i32, %n: i32, %l: i64) kernel {
    %c0 = arith.constant 0 : index
    // CHECK: arg0[0] = arg1 == arg2;
    %0 = arith.cmpf oeq, %a, %b : f32
    memref.store %0, %y[%c0] : memref<8xi1>
    // CHECK: arg0[0] = arg1 != arg2;
    %1 = arith.cmpf une, %a, %b : f32
    memref.store %1, %y[%c0] : memref<8xi1>
    // CHECK: arg0[0] = arg1 < arg2;
    %2 = arith.cmpf olt, %a, %b : f32
    memref.store %2, %y[%c0] : memref<8xi1>
    // CHECK: arg0[0] = arg1 <= arg2;
    %3 = arith.cmpf ole, %a, %b : f32
    memref.store %3, %y[%c0] : memref<8xi1>
    // CHECK: arg0[0] = arg1 > arg2;
    %4 = arith.cmpf ogt, %a, %b : f32
    memref.store %4, %y[%c0] : memref<8xi1>
    // CHECK: arg0[0] = arg1 >= arg2;
    %5 = arith.cmpf oge, %a, %b : f32
    memref.store %5, %y[%c0] : memref<8xi1>
    // CHECK: arg0[0] = !(arg1 >= arg2);
    %6 = arith.cmpf ult, %a, %b : f32
    memref.store %6, %y[%c0] : memref<8xi1>
    // CHECK: arg0[0] = !(arg1 > arg2);
    %7 = arith.cmpf ule, %a, %b : f32
    memref.store %7, %y[%c0] : memref<8xi1>
    // CHECK: arg0[0] = !(arg1 <= arg2);
    %8 = arith.cmpf ugt, %a, %b : f32
    memref.store %8, %y[%c0] : memref<8xi1>
    // CHECK: arg0[0] = !(arg1 < arg2);
    %9 = arith.cmpf uge, %a, %b : f32
    memref.store %9, %y[%c0] : memref<8xi1>
    // CHECK: arg0[0] = isordered(arg1, arg2);
    %10 = arith.cmpf ord, %a, %b : f32
    memref.store %10, %y[%c0] : memref<8xi1>
    // CHECK: arg0[0] = isunordered(arg1, arg2);
    %11 = arith.cmpf uno, %a, %b : f32
    memref.store %11, %y[%c0] : memref<8xi1>
    // CHECK: arg0[0] = arg3 == arg4;
    %12 = arith.cmpi eq, %m, %n : i32
    memref.store %12, %y[%c0] : memref<8xi1>
    // CHECK: arg0[0] = arg3 != arg4;
    %13 = arith.cmpi ne, %m, %n : i32
    memref.store %13, %y[%c0] : memref<8xi1>
    // CHECK: arg0[0] = arg3 < arg4;
    %14 = arith.cmpi ult, %m, %n : i32
    memref.store %14, %y[%c0] : memref<8xi1>
    // CHECK: arg0[0] = arg3 <= arg4;
    %15 = arith.cmpi ule, %m, %n : i32
    memref.store %15, %y[%c0] : memref<8xi1>
    // CHECK: arg0[0] = arg3 > arg4;
    %16 = arith.cmpi ugt, %m, %n : i32
    memref.store %16, %y[%c0] : memref<8xi1>
    // CHECK: arg0[0] = arg3 >= arg4;
    %17 = arith.cmpi uge, %m, %n : i32
    memref.store %17, %y[%c0] : memref<8xi1>
    // CHECK: arg0[0] = int(arg3) < int(arg4);
    %18 = arith.cmpi slt, %m, %n : i32
    memref.store %18, %y[%c0] : memref<8xi1>
    // CHECK: arg0[0] = int(arg3) <= int(arg4);
    %19 = arith.cmpi sle, %m, %n : i32
    memref.store %19, %y[%c0] : memref<8xi1>
    // CHECK: arg0[0] = int(arg3) > int(arg4);
    %20 = arith.cmpi sgt, %m, %n : i32
    memref.store %20, %y[%c0] : memref<8xi1>
    // CHECK: arg0[0] = long(arg5) >= long(arg5);
    %21 = arith.cmpi sge, %l, %l : i64
    memref.store %21, %y[%c0] : memref<8xi1>
    gpu.return
  }
}

// -----

// CHECK-LABEL: kernel void conversions(
gpu.module @kernels {
  gpu.func @conversions(%f: memref<8xf32>, %h: memref<8xf16>, %b: memref<8xbf16>, %w: memref<8xi32>,
                        %s: memref<8xi16>, %a: f32, %n: i32, %m: i16) kernel {
    %c0 = arith.constant 0 : index
    // CHECK: arg1[0] = half(arg5);
    %0 = arith.truncf %a : f32 to f16
    memref.store %0, %h[%c0] : memref<8xf16>
    // CHECK: arg2[0] = bfloat(arg5);
    %1 = arith.truncf %a : f32 to bf16
    memref.store %1, %b[%c0] : memref<8xbf16>
    // CHECK: arg0[0] = float(arg2[0]);
    %2 = memref.load %b[%c0] : memref<8xbf16>
    %3 = arith.extf %2 : bf16 to f32
    memref.store %3, %f[%c0] : memref<8xf32>
    // CHECK: arg0[0] = float(arg6);
    %4 = arith.uitofp %n : i32 to f32
    memref.store %4, %f[%c0] : memref<8xf32>
    // CHECK: arg0[0] = float(int(arg6));
    %5 = arith.sitofp %n : i32 to f32
    memref.store %5, %f[%c0] : memref<8xf32>
    // CHECK: arg3[0] = uint(arg5);
    %6 = arith.fptoui %a : f32 to i32
    memref.store %6, %w[%c0] : memref<8xi32>
    // CHECK: arg3[0] = uint(int(arg5));
    %7 = arith.fptosi %a : f32 to i32
    memref.store %7, %w[%c0] : memref<8xi32>
    // CHECK: arg3[0] = as_type<uint>(arg5);
    %8 = arith.bitcast %a : f32 to i32
    memref.store %8, %w[%c0] : memref<8xi32>
    // CHECK: arg3[0] = uint(arg7);
    %9 = arith.extui %m : i16 to i32
    memref.store %9, %w[%c0] : memref<8xi32>
    // CHECK: arg3[0] = uint(short(arg7));
    %13 = arith.extsi %m : i16 to i32
    memref.store %13, %w[%c0] : memref<8xi32>
    // CHECK: arg4[0] = ushort(int(arg5));
    %14 = arith.fptosi %a : f32 to i16
    memref.store %14, %s[%c0] : memref<8xi16>
    // CHECK: arg4[0] = ushort(arg6);
    %10 = arith.trunci %n : i32 to i16
    memref.store %10, %s[%c0] : memref<8xi16>
    // index is uint, as i32 is.
    // CHECK: arg0[arg6] = arg5;
    %11 = arith.index_cast %n : i32 to index
    memref.store %a, %f[%11] : memref<8xf32>
    // CHECK: arg0[uint(arg7)] = arg5;
    %12 = arith.index_castui %m : i16 to index
    memref.store %a, %f[%12] : memref<8xf32>
    gpu.return
  }
}

// -----

// Literals have exactly the value of the constant.
// CHECK-LABEL: kernel void literals(
gpu.module @kernels {
  gpu.func @literals(%f: memref<8xf32>, %h: memref<8xf16>, %b: memref<8xbf16>, %w: memref<8xi32>, %l: memref<8xi64>, %p: memref<8xi1>) kernel {
    %c0 = arith.constant 0 : index
    // CHECK: arg0[0] = 0.1f;
    %0 = arith.constant 0.1 : f32
    memref.store %0, %f[%c0] : memref<8xf32>
    // CHECK: arg0[0] = -0.0f;
    %1 = arith.constant -0.0 : f32
    memref.store %1, %f[%c0] : memref<8xf32>
    // CHECK: arg0[0] = 1.0e-45f;
    %2 = arith.constant 1.4e-45 : f32
    memref.store %2, %f[%c0] : memref<8xf32>
    // CHECK: arg0[0] = 16777215.0f;
    %3 = arith.constant 16777215.0 : f32
    memref.store %3, %f[%c0] : memref<8xf32>
    // CHECK: arg0[0] = -INFINITY;
    %4 = arith.constant 0xFF800000 : f32
    memref.store %4, %f[%c0] : memref<8xf32>
    // CHECK: arg0[0] = as_type<float>(0x7fc01234u);
    %5 = arith.constant 0x7FC01234 : f32
    memref.store %5, %f[%c0] : memref<8xf32>
    // CHECK: arg1[0] = 65504.0h;
    %6 = arith.constant 65504.0 : f16
    memref.store %6, %h[%c0] : memref<8xf16>
    // CHECK: arg1[0] = as_type<half>(ushort(0x7c00));
    %7 = arith.constant 0x7C00 : f16
    memref.store %7, %h[%c0] : memref<8xf16>
    // CHECK: arg2[0] = bfloat(0.100097656f);
    %8 = arith.constant 0.1 : bf16
    memref.store %8, %b[%c0] : memref<8xbf16>
    // CHECK: arg3[0] = 4294967295u;
    %9 = arith.constant -1 : i32
    memref.store %9, %w[%c0] : memref<8xi32>
    // CHECK: arg4[0] = 7ul;
    %10 = arith.constant 7 : i64
    memref.store %10, %l[%c0] : memref<8xi64>
    // CHECK: arg5[0] = true;
    %11 = arith.constant true
    memref.store %11, %p[%c0] : memref<8xi1>
    // CHECK: *(device float4 *)&arg0[0] = float4(1.0f, 2.0f, 3.0f, 4.0f);
    %12 = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : vector<4xf32>
    vector.store %12, %f[%c0] : memref<8xf32>, vector<4xf32>
    gpu.return
  }
}

// -----

// CHECK-LABEL: kernel void vectors(
gpu.module @kernels {
  // CHECK-NEXT: device const half *arg0 {{\[\[}}buffer(0){{\]\]}},
  // CHECK-NEXT: device float *arg1 {{\[\[}}buffer(1){{\]\]}},
  // CHECK-NEXT: device const float3 *arg2 {{\[\[}}buffer(2){{\]\]}},
  gpu.func @vectors(%x: memref<64xf16>, %y: memref<64xf32>, %t: memref<8xvector<3xf32>>, %r: memref<f32>, %i: index, %a: f32) kernel {
    %c0 = arith.constant 0 : index
    %lane = gpu.lane_id
    // CHECK: *(device float4 *)&arg1[arg4] = float4(*(device const half4 *)&arg0[arg4]);
    %0 = vector.load %x[%i] : memref<64xf16>, vector<4xf16>
    %1 = arith.extf %0 : vector<4xf16> to vector<4xf32>
    vector.store %1, %y[%i] : memref<64xf32>, vector<4xf32>
    // CHECK: const float3 v = arg2[arg4];
    %2 = memref.load %t[%i] : memref<8xvector<3xf32>>
    %3 = vector.extract %2[2] : f32 from vector<3xf32>
    // CHECK: arg1[0] = v.z;
    memref.store %3, %y[%c0] : memref<64xf32>
    // CHECK: arg1[0] = v[thread_index_in_simdgroup];
    %4 = vector.extract %2[%lane] : f32 from vector<3xf32>
    memref.store %4, %y[%c0] : memref<64xf32>
    // CHECK: *(device float2 *)&arg1[0] = float2(arg5, arg5 + arg5);
    %5 = arith.addf %a, %a : f32
    %6 = vector.from_elements %a, %5 : vector<2xf32>
    vector.store %6, %y[%c0] : memref<64xf32>, vector<2xf32>
    // A vector and a scalar can be combined.
    // CHECK: *(device float3 *)&arg1[0] = v * arg5 + 2.0f;
    %7 = vector.broadcast %a : f32 to vector<3xf32>
    %8 = arith.mulf %2, %7 : vector<3xf32>
    %9 = arith.constant dense<2.0> : vector<3xf32>
    %10 = arith.addf %8, %9 : vector<3xf32>
    vector.store %10, %y[%c0] : memref<64xf32>, vector<3xf32>
    // CHECK: *(device float3 *)&arg1[0] = fma(v, float3(arg5), v);
    %11 = vector.fma %2, %7, %2 : vector<3xf32>
    vector.store %11, %y[%c0] : memref<64xf32>, vector<3xf32>
    // CHECK: *(device float3 *)&arg1[0] = select(v, float3(arg5), v < arg5);
    %12 = arith.cmpf olt, %2, %7 : vector<3xf32>
    %13 = arith.select %12, %7, %2 : vector<3xi1>, vector<3xf32>
    vector.store %13, %y[%c0] : memref<64xf32>, vector<3xf32>
    // CHECK: *arg3 = arg5;
    memref.store %a, %r[] : memref<f32>
    gpu.return
  }
}

// -----

// CHECK-LABEL: kernel void positions(
gpu.module @kernels {
  gpu.func @positions(%y: memref<64xindex>) kernel {
    %c0 = arith.constant 0 : index
    // CHECK: arg0[0] = threadgroup_position_in_grid.y;
    %0 = gpu.block_id y
    memref.store %0, %y[%c0] : memref<64xindex>
    // CHECK: arg0[0] = threadgroups_per_grid.x;
    %1 = gpu.grid_dim x
    memref.store %1, %y[%c0] : memref<64xindex>
    // CHECK: arg0[0] = thread_position_in_threadgroup.z;
    %2 = gpu.thread_id z
    memref.store %2, %y[%c0] : memref<64xindex>
    // CHECK: arg0[0] = threads_per_threadgroup.x;
    %3 = gpu.block_dim x
    memref.store %3, %y[%c0] : memref<64xindex>
    // CHECK: arg0[0] = thread_position_in_grid.x;
    %4 = gpu.global_id x
    memref.store %4, %y[%c0] : memref<64xindex>
    // CHECK: arg0[0] = simdgroup_index_in_threadgroup;
    %5 = gpu.subgroup_id : index
    memref.store %5, %y[%c0] : memref<64xindex>
    // CHECK: arg0[0] = simdgroups_per_threadgroup;
    %6 = gpu.num_subgroups : index
    memref.store %6, %y[%c0] : memref<64xindex>
    // CHECK: arg0[0] = thread_index_in_simdgroup;
    %7 = gpu.lane_id
    memref.store %7, %y[%c0] : memref<64xindex>
    // CHECK: arg0[0] = threads_per_simdgroup;
    %8 = gpu.subgroup_size : index
    memref.store %8, %y[%c0] : memref<64xindex>
    gpu.return
  }
}

// -----

// CHECK: static inline float twice(float arg0) {
// CHECK-NEXT: return arg0 + arg0;
// CHECK-NEXT: }
// CHECK-LABEL: kernel void statements(
gpu.module @kernels {
  func.func @twice(%a: f32) -> f32 {
    %0 = arith.addf %a, %a : f32
    return %0 : f32
  }
  gpu.func @statements(%x: memref<64xf32>, %y: memref<64xf32>, %n: index) workgroup(%s: memref<32xf32, #gpu.address_space<workgroup>>) kernel {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %zero = arith.constant 0.0 : f32
    %c16 = arith.constant 16 : i32
    %c32 = arith.constant 32 : i32
    %i = gpu.thread_id x
    // CHECK: threadgroup float arg3[32];
    // CHECK-NEXT: float local[2];
    %values = memref.alloca() : memref<2xf32, #gpu.address_space<private>>
    // CHECK-NEXT: float local_1 = 0.0f;
    %one = memref.alloca() : memref<f32, #gpu.address_space<private>>
    memref.store %zero, %one[] : memref<f32, #gpu.address_space<private>>
    // CHECK-NEXT: const float v = simd_shuffle_xor(arg0[thread_position_in_threadgroup.x], 16u);
    %0 = memref.load %x[%i] : memref<64xf32>
    %1, %v1 = gpu.shuffle xor %0, %c16, %c32 : f32
    // CHECK-NEXT: local[0] = simd_shuffle_up(v, 16u);
    %2, %v2 = gpu.shuffle up %1, %c16, %c32 : f32
    memref.store %2, %values[%c0] : memref<2xf32, #gpu.address_space<private>>
    // CHECK-NEXT: local[1] = simd_shuffle_down(v, 16u);
    %3, %v3 = gpu.shuffle down %1, %c16, %c32 : f32
    memref.store %3, %values[%c1] : memref<2xf32, #gpu.address_space<private>>
    // CHECK-NEXT: arg3[thread_position_in_threadgroup.x] = simd_shuffle(v, 16u);
    %4, %v4 = gpu.shuffle idx %1, %c16, %c32 : f32
    memref.store %4, %s[%i] : memref<32xf32, #gpu.address_space<workgroup>>
    // CHECK-NEXT: threadgroup_barrier(mem_flags::mem_threadgroup);
    gpu.barrier
    // CHECK: float carried = local_1;
    // CHECK-NEXT: for (uint i = 0; i < arg2; ++i) {
    // CHECK-NEXT:   carried += arg3[i];
    // CHECK-NEXT: }
    %5 = memref.load %one[] : memref<f32, #gpu.address_space<private>>
    %6 = scf.for %j = %c0 to %n step %c1 iter_args(%sum = %5) -> f32 {
      %7 = memref.load %s[%j] : memref<32xf32, #gpu.address_space<workgroup>>
      %8 = arith.addf %sum, %7 : f32
      scf.yield %8 : f32
    }
    // CHECK: const bool v_1 = thread_position_in_threadgroup.x == 0;
    %9 = arith.cmpi eq, %i, %c0 : index
    // CHECK-NEXT: float result;
    // CHECK-NEXT: if (v_1) {
    // CHECK-NEXT:   result = twice(carried);
    // CHECK-NEXT: } else {
    // CHECK-NEXT:   result = -carried;
    // CHECK-NEXT: }
    %10 = scf.if %9 -> f32 {
      %11 = func.call @twice(%6) : (f32) -> f32
      scf.yield %11 : f32
    } else {
      %12 = arith.negf %6 : f32
      scf.yield %12 : f32
    }
    // CHECK-NEXT: if (v_1) {
    // CHECK-NEXT:   arg1[0] = result;
    // CHECK-NEXT: }
    scf.if %9 {
      memref.store %10, %y[%c0] : memref<64xf32>
    }
    gpu.return
  }
}
