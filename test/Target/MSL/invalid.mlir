// What the printer cannot say, each where it stands.

// RUN: groupnorm-translate %s -mlir-to-msl -verify-diagnostics -split-input-file

gpu.module @kernels {
  gpu.func @double(%x: memref<8xf32>, %y: memref<8xf32>) kernel {
    %i = gpu.thread_id x
    %0 = memref.load %x[%i] : memref<8xf32>
    // expected-error @below {{cannot be printed as MSL: }}
    %1 = arith.extf %0 : f32 to f64
    %2 = arith.truncf %1 : f64 to f32
    memref.store %2, %y[%i] : memref<8xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @op(%x: memref<8xf32>, %y: memref<8xf32>) kernel {
    %i = gpu.thread_id x
    %0 = memref.load %x[%i] : memref<8xf32>
    // expected-error @below {{cannot be printed as MSL: the op is not one that the printer takes}}
    %1 = math.tan %0 : f32
    memref.store %1, %y[%i] : memref<8xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  // expected-error @below {{cannot be printed as MSL: argument 0 has type 'memref<8x4xf32>', but must be a contiguous memref of rank 0 or 1 in device memory}}
  gpu.func @rank(%x: memref<8x4xf32>, %y: memref<8xf32>) kernel {
    %i = gpu.thread_id x
    %0 = memref.load %x[%i, %i] : memref<8x4xf32>
    memref.store %0, %y[%i] : memref<8xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @bf16(%x: memref<8xbf16>, %y: memref<8xbf16>) kernel {
    %i = gpu.thread_id x
    %0 = memref.load %x[%i] : memref<8xbf16>
    // expected-error @below {{cannot be printed as MSL: arithmetic on bf16 must be done in f32; run prepare-for-msl}}
    %1 = arith.addf %0, %0 : bf16
    memref.store %1, %y[%i] : memref<8xbf16>
    gpu.return
  }
}
