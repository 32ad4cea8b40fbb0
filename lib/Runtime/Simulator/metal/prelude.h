// Everything that <metal_stdlib> gives to a kernel, in one precompiled header.
// Each file uses what stands above it.
// clang-format off
#include "abi.h"
#include "types.h"
#include "traits.h"
#include "vec.h"
#include "math.h"
#include "integer.h"
#include "matrix.h"
#include "runtime.h"
#include "simdgroup.h"
#include "entry.h"
