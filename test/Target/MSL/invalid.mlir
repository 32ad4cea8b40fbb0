// What the printer cannot say, each where it stands.

// RUN: groupnorm-translate %s -mlir-to-msl -verify-diagnostics -split-input-file

gpu.module @kernels {
  gpu.func @inDouble(%x: memref<8xf32>, %y: memref<8xf32>) kernel {
    %i = gpu.thread_id x
    %0 = memref.load %x[%i] : memref<8xf32>
    // expected-error @below {{cannot be printed as MSL: type 'f64' has no counterpart in MSL, which has no f64}}
    %1 = arith.extf %0 : f32 to f64
    %2 = arith.truncf %1 : f64 to f32
    memref.store %2, %y[%i] : memref<8xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @wide(%x: memref<8xf32>, %y: memref<8xf32>) kernel {
    %c0 = arith.constant 0 : index
    // expected-error @below {{cannot be printed as MSL: type 'vector<8xf32>' has no counterpart in MSL, whose vectors have 2 to 4 elements}}
    %0 = vector.load %x[%c0] : memref<8xf32>, vector<8xf32>
    %1 = arith.addf %0, %0 : vector<8xf32>
    vector.store %1, %y[%c0] : memref<8xf32>, vector<8xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  // expected-error @below {{cannot be printed as MSL: type 'i24' has no counterpart in MSL}}
  gpu.func @odd(%n: i24) kernel {
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
  gpu.func @vectorOp(%x: memref<8xf32>, %y: memref<8xf32>) kernel {
    %c0 = arith.constant 0 : index
    %0 = vector.load %x[%c0] : memref<8xf32>, vector<4xf32>
    // expected-error @below {{cannot be printed as MSL: the op is not one that the printer takes}}
    %1 = vector.shuffle %0, %0 [3, 2, 1, 0] : vector<4xf32>, vector<4xf32>
    vector.store %1, %y[%c0] : memref<8xf32>, vector<4xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @gpuOp(%x: memref<8xf32>, %y: memref<8xf32>) kernel {
    %i = gpu.thread_id x
    %0 = memref.load %x[%i] : memref<8xf32>
    // expected-error @below {{cannot be printed as MSL: the op is not one that the printer takes}}
    %1 = gpu.subgroup_reduce add %0 : (f32) -> f32
    memref.store %1, %y[%i] : memref<8xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @otherDialect(%x: memref<8xf32>, %y: memref<8xf32>) kernel {
    %c0 = arith.constant 0 : index
    // expected-error @below {{cannot be printed as MSL: the op is not one that the printer takes}}
    %0 = memref.dim %x, %c0 : memref<8xf32>
    %1 = memref.load %x[%0] : memref<8xf32>
    memref.store %1, %y[%0] : memref<8xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @loop(%x: memref<8xf32>) kernel {
    %c0 = arith.constant 0 : index
    // expected-error @below {{cannot be printed as MSL: the op is not one that the printer takes}}
    scf.while : () -> () {
      %0 = memref.load %x[%c0] : memref<8xf32>
      %1 = arith.cmpf olt, %0, %0 : f32
      scf.condition(%1)
    } do {
      scf.yield
    }
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @twoResults(%y: memref<8xi32>, %a: i32) kernel {
    %c0 = arith.constant 0 : index
    // expected-error @below {{cannot be printed as MSL: the op is not one that the printer takes}}
    %0:2 = arith.mului_extended %a, %a : i32
    memref.store %0#1, %y[%c0] : memref<8xi32>
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

// -----

gpu.module @kernels {
  gpu.func @narrow(%y: memref<8xi16>, %a: i16) kernel {
    %i = gpu.thread_id x
    // expected-error @below {{cannot be printed as MSL: MSL computes in 32 bits at least; extend 'i16' to i32 first}}
    %0 = arith.addi %a, %a : i16
    memref.store %0, %y[%i] : memref<8xi16>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @signedBool(%y: memref<8xf32>, %a: i1) kernel {
    %i = gpu.thread_id x
    // expected-error @below {{cannot be printed as MSL: a bool has no sign; convert it as unsigned}}
    %0 = arith.sitofp %a : i1 to f32
    memref.store %0, %y[%i] : memref<8xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @predicate(%y: memref<8xi1>, %a: f32, %b: f32) kernel {
    %i = gpu.thread_id x
    // expected-error @below {{cannot be printed as MSL: MSL has no operator for the comparison ueq}}
    %0 = arith.cmpf ueq, %a, %b : f32
    memref.store %0, %y[%i] : memref<8xi1>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @literal(%y: memref<8xf32>) kernel {
    %c0 = arith.constant 0 : index
    // expected-error @below {{cannot be printed as MSL: the constant has no literal}}
    %0 = arith.constant dense_resource<numbers> : vector<4xf32>
    vector.store %0, %y[%c0] : memref<8xf32>, vector<4xf32>
    gpu.return
  }
}
{-#
  dialect_resources: {
    builtin: { numbers: "0x040000000000803F000000400000404000008040" }
  }
#-}

// -----

gpu.module @kernels {
  gpu.func @broadcast(%x: memref<8xf32>, %y: memref<8xf32>) kernel {
    %c0 = arith.constant 0 : index
    %0 = vector.load %x[%c0] : memref<8xf32>, vector<4xf32>
    // expected-error @below {{cannot be printed as MSL: only a scalar can be broadcast}}
    %1 = vector.broadcast %0 : vector<4xf32> to vector<4xf32>
    vector.store %1, %y[%c0] : memref<8xf32>, vector<4xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @vectors(%x: memref<8xvector<4xf32>>, %y: memref<8xf32>) kernel {
    %c0 = arith.constant 0 : index
    // expected-error @below {{cannot be printed as MSL: a vector can be loaded from, and stored to, a row of scalars only}}
    %0 = vector.load %x[%c0] : memref<8xvector<4xf32>>, vector<4xf32>
    vector.store %0, %y[%c0] : memref<8xf32>, vector<4xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @width(%x: memref<8xf32>, %y: memref<8xf32>) kernel {
    %i = gpu.thread_id x
    %0 = memref.load %x[%i] : memref<8xf32>
    %c1 = arith.constant 1 : i32
    %c16 = arith.constant 16 : i32
    // expected-error @below {{cannot be printed as MSL: the width of a shuffle must be the constant 32, the width of a simdgroup}}
    %1, %valid = gpu.shuffle xor %0, %c1, %c16 : f32
    memref.store %1, %y[%i] : memref<8xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @valid(%x: memref<8xf32>, %y: memref<8xi1>) kernel {
    %i = gpu.thread_id x
    %0 = memref.load %x[%i] : memref<8xf32>
    %c1 = arith.constant 1 : i32
    %c32 = arith.constant 32 : i32
    // expected-error @below {{cannot be printed as MSL: MSL does not say whether a shuffle was valid}}
    %1, %valid = gpu.shuffle up %0, %c1, %c32 : f32
    memref.store %valid, %y[%i] : memref<8xi1>
    gpu.return
  }
}
