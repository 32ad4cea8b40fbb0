// Functions, kernels, parameters and memory that MSL has no words for.

// RUN: groupnorm-translate %s -mlir-to-msl -verify-diagnostics -split-input-file

gpu.module @kernels {
  // expected-error @below {{cannot be printed as MSL: only functions can stand here}}
  memref.global @table : memref<8xf32>
}

// -----

gpu.module @kernels {
  // expected-error @below {{cannot be printed as MSL: a device function must have one block}}
  func.func private @declared(f32) -> f32
}

// -----

gpu.module @kernels {
  // expected-error @below {{cannot be printed as MSL: a device function can have one result}}
  func.func @two(%a: f32) -> (f32, f32) {
    return %a, %a : f32, f32
  }
}

// -----

gpu.module @kernels {
  // expected-error @below {{cannot be printed as MSL: type 'f64' has no counterpart in MSL, which has no f64}}
  func.func @result() -> f64 {
    %0 = arith.constant 0.0 : f64
    return %0 : f64
  }
}

// -----

gpu.module @kernels {
  // expected-error @below {{cannot be printed as MSL: type 'memref<8xf32>' has no counterpart in MSL}}
  func.func @parameter(%x: memref<8xf32>) {
    return
  }
}

// -----

gpu.module @kernels {
  // expected-error @below {{cannot be printed as MSL: a gpu.func must be a kernel; use func.func for device functions}}
  gpu.func @helper() {
    gpu.return
  }
}

// -----

gpu.module @kernels {
  // expected-error @below {{cannot be printed as MSL: private attributions must be memref.alloca}}
  gpu.func @attribution() private(%a: memref<8xf32, #gpu.address_space<private>>) kernel {
    gpu.return
  }
}

// -----

gpu.module @kernels {
  // expected-error @below {{cannot be printed as MSL: a kernel must have one block}}
  gpu.func @blocks() kernel {
    gpu.return
  ^bb1:
    gpu.return
  }
}

// -----

gpu.module @kernels {
  // expected-error @below {{cannot be printed as MSL: 'kernel' cannot be a function's name in MSL}}
  gpu.func @kernel() kernel {
    gpu.return
  }
}

// -----

gpu.module @kernels {
  // expected-error @below {{cannot be printed as MSL: 'a-b' cannot be a function's name in MSL}}
  func.func @"a-b"() {
    return
  }
}

// -----

gpu.module @first {
  gpu.func @copy() kernel {
    gpu.return
  }
}
gpu.module @second {
  // expected-error @below {{cannot be printed as MSL: there is another function 'copy' in the same text}}
  gpu.func @copy() kernel {
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @caller(%y: memref<8xf32>, %a: f32) kernel {
    %i = gpu.thread_id x
    // expected-error @below {{cannot be printed as MSL: function 'twice' must stand above it}}
    %0 = func.call @twice(%a) : (f32) -> f32
    memref.store %0, %y[%i] : memref<8xf32>
    gpu.return
  }
  func.func @twice(%a: f32) -> f32 {
    %0 = arith.addf %a, %a : f32
    return %0 : f32
  }
}

// -----

gpu.module @kernels {
  func.func @waits() {
    // expected-error @below {{cannot be printed as MSL: a barrier must stand in a kernel}}
    gpu.barrier
    return
  }
}

// -----

gpu.module @kernels {
  func.func @position() -> index {
    // expected-error @below {{cannot be printed as MSL: only a kernel knows its position; pass it to the function}}
    %0 = gpu.thread_id x
    return %0 : index
  }
}

// -----

gpu.module @kernels {
  // expected-error @below {{cannot be printed as MSL: argument 0 has type 'memref<8x4xf32>', but must be a contiguous memref of rank 0 or 1 in device memory}}
  gpu.func @rank(%x: memref<8x4xf32>) kernel {
    gpu.return
  }
}

// -----

gpu.module @kernels {
  // expected-error @below {{cannot be printed as MSL: argument 1 has type 'memref<8xf32, strided<[2]>>', but must be a contiguous memref of rank 0 or 1 in device memory}}
  gpu.func @strided(%x: memref<8xf32>, %y: memref<8xf32, strided<[2]>>) kernel {
    gpu.return
  }
}

// -----

gpu.module @kernels {
  // expected-error @below {{cannot be printed as MSL: argument 0 has type 'memref<8xf32, 3>', but must be a contiguous memref of rank 0 or 1 in device memory}}
  gpu.func @space(%x: memref<8xf32, 3>) kernel {
    gpu.return
  }
}

// -----

gpu.module @kernels {
  // expected-error @below {{cannot be printed as MSL: type 'f64' has no counterpart in MSL, which has no f64}}
  gpu.func @inDouble(%x: memref<8xf64>) kernel {
    gpu.return
  }
}

// -----

gpu.module @kernels {
  // expected-error @below {{cannot be printed as MSL: threadgroup buffer 0 has type 'memref<8x4xf32, #gpu.address_space<workgroup>>', but must be a static memref of rank 1 in workgroup memory}}
  gpu.func @shared() workgroup(%s: memref<8x4xf32, #gpu.address_space<workgroup>>) kernel {
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @registers(%y: memref<8xf32>) kernel {
    // expected-error @below {{cannot be printed as MSL: its type is 'memref<8xf32>', but must be a static memref of rank 0 or 1 in private memory}}
    %0 = memref.alloca() : memref<8xf32>
    gpu.return
  }
}
