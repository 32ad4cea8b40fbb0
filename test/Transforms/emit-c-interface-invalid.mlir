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
