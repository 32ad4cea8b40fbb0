// RUN: groupnorm-opt %s --split-input-file --gn-emit-c-interface --verify-diagnostics

// expected-error @below {{'func.func' op has results; a C interface needs them as memref arguments (see buffer-results-to-out-params)}}
func.func @results(%x: memref<8xf32>) -> memref<8xf32> {
  return %x : memref<8xf32>
}

// -----

// expected-error @below {{'func.func' op has argument 1 of type 'tensor<8xf32>'; a C interface takes only memrefs in row-major order of numbers of whole bytes}}
func.func @tensor(%x: memref<8xf32>, %y: tensor<8xf32>) {
  return
}

// -----

// expected-error @below {{'func.func' op has argument 0 of type 'memref<8xf32, strided<[2]>>'; a C interface takes only}}
func.func @strided(%x: memref<8xf32, strided<[2]>>) {
  return
}

// -----

// expected-error @below {{'func.func' op has argument 0 of type 'memref<8xi1>'; a C interface takes only}}
func.func @bits(%x: memref<8xi1>) {
  return
}

// -----

// expected-error @below {{'func.func' op has the name of a function that its code may call}}
func.func @free(%x: memref<8xf32>) {
  return
}

// -----

// A buffer for each thread, of which OpenMP would have to tell.
func.func private @omp_get_max_threads() -> i32 {
  %c1 = arith.constant 1 : i32
  return %c1 : i32
}

// expected-error @below {{'func.func' op needs the OpenMP function 'omp_get_max_threads', but the module has something else of that name}}
func.func @threads(%x: memref<8xf32>) {
  affine.parallel (%i) = (0) to (8) {
    %own = memref.alloc() : memref<4xf32>
    %v = affine.load %x[%i] : memref<8xf32>
    affine.store %v, %own[0] : memref<4xf32>
    memref.dealloc %own : memref<4xf32>
  }
  return
}
