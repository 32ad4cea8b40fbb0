// Function constants take values of the type that they have, however the text
// spells it: numbers for the lanes of a vector, of which three take the room of
// four.

// RUN: groupnorm-msl-run %s --kernel one --grid 1 --buffer 0=out:f32[9] --print 0 \
// RUN:   --function-constant 0=1.5,-2 --function-constant 1=1,2,0.25 \
// RUN:   --function-constant 2=0,true --function-constant 3=-3 \
// RUN:   --function-constant 4=0.5 --function-constant 5=200 \
// RUN:   --function-constant 6=-300 --function-constant 7=3 | FileCheck %s
// CHECK: {{^}}1.5 -2 0.25 1 -3 0.5 200 -300 3{{$}}

// RUN: not groupnorm-msl-run %s --kernel one --grid 1 --buffer 0=out:f32[9] \
// RUN:   --function-constant 5=-1 2>&1 | FileCheck %s --check-prefix=UNSIGNED
// UNSIGNED: error: '-1' is not a value of type u8

#include <metal_stdlib>
using namespace metal;
typedef float2 two_floats;
constant two_floats pair [[function_constant(0)]];
constant half3 three [[function_constant(1)]];
constant bool2 flags [[function_constant(2)]];
constant int8_t small [[function_constant(3)]];
constant bfloat brain [[function_constant(4)]];
constant uchar byte [[function_constant(5)]];
constant int whole [[function_constant(6)]];
constant ulong large [[function_constant(7)]];
kernel void one(device float *y [[buffer(0)]]) {
  y[0] = pair.x;
  y[1] = pair.y;
  y[2] = three.z;
  y[3] = flags.y && !flags.x;
  y[4] = small;
  y[5] = float(brain);
  y[6] = byte;
  y[7] = whole;
  y[8] = large;
}
