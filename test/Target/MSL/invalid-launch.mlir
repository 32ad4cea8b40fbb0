// Launches that the description cannot say.

// RUN: groupnorm-translate %s -mlir-to-msl-launch -verify-diagnostics -split-input-file

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @k(%y: memref<?xf32>) kernel {
      gpu.return
    }
  }
  func.func @count(%y: memref<?xf32>, %n: index) {
    %c1 = arith.constant 1 : index
    // expected-error @below {{cannot be described: a size is not arithmetic on dimensions of the function's arguments}}
    gpu.launch_func @kernels::@k blocks in (%n, %c1, %c1) threads in (%c1, %c1, %c1) args(%y : memref<?xf32>)
    return
  }
}

// -----

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @k(%y: memref<?xf32>) kernel {
      gpu.return
    }
  }
  func.func @dimension(%y: memref<?xf32>, %i: index) {
    %c1 = arith.constant 1 : index
    %n = memref.dim %y, %i : memref<?xf32>
    // expected-error @below {{cannot be described: a size is not a dimension of the function's arguments}}
    gpu.launch_func @kernels::@k blocks in (%n, %c1, %c1) threads in (%c1, %c1, %c1) args(%y : memref<?xf32>)
    return
  }
}

// -----

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @k(%y: memref<8xf32>) kernel {
      gpu.return
    }
  }
  // expected-error @below {{cannot be described: argument 1 gives a size, but is no buffer of a kernel}}
  func.func @elsewhere(%y: memref<8xf32>, %z: memref<?xf32>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %n = memref.dim %z, %c0 : memref<?xf32>
    gpu.launch_func @kernels::@k blocks in (%n, %c1, %c1) threads in (%c1, %c1, %c1) args(%y : memref<8xf32>)
    return
  }
}

// -----

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @k(%y: memref<8xf32>) kernel {
      gpu.return
    }
  }
  func.func @buffer() {
    %c1 = arith.constant 1 : index
    %y = memref.alloca() : memref<8xf32>
    // expected-error @below {{cannot be described: a buffer is neither an argument of the function, nor a constant, nor a memref.alloc}}
    gpu.launch_func @kernels::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%y : memref<8xf32>)
    return
  }
}

// -----

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @k(%y: memref<8xf64>) kernel {
      gpu.return
    }
  }
  func.func @inDouble(%y: memref<8xf64>) {
    %c1 = arith.constant 1 : index
    // expected-error @below {{cannot be described: type 'f64' has no counterpart in MSL, which has no f64}}
    gpu.launch_func @kernels::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%y : memref<8xf64>)
    return
  }
}

// -----

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @k(%y: memref<8xf32>, %n: i24) kernel {
      gpu.return
    }
  }
  func.func @constant(%y: memref<8xf32>) {
    %c1 = arith.constant 1 : index
    %n = arith.index_cast %c1 : index to i24
    // expected-error @below {{cannot be described: type 'i24' has no counterpart in MSL}}
    gpu.launch_func @kernels::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%y : memref<8xf32>, %n : i24)
    return
  }
}

// -----

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @k(%y: memref<8xf32>) kernel {
      gpu.return
    }
  }
  func.func @shared(%y: memref<8xf32>) {
    %c1 = arith.constant 1 : index
    %bytes = arith.constant 64 : i32
    // expected-error @below {{cannot be described: threadgroup memory of dynamic size}}
    gpu.launch_func @kernels::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) dynamic_shared_memory_size %bytes args(%y : memref<8xf32>)
    return
  }
}

// -----

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @k(%y: memref<8xf32>) kernel {
      gpu.return
    }
  }
  func.func @loop(%y: memref<8xf32>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    scf.for %i = %c0 to %c1 step %c1 {
      // expected-error @below {{cannot be described: it must stand at the top of a function, or in an scf.if there}}
      gpu.launch_func @kernels::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%y : memref<8xf32>)
    }
    return
  }
}

// -----

module attributes {gpu.container_module} {
  gpu.module @kernels {
    llvm.func @k(%y: !llvm.ptr) attributes {gpu.kernel} {
      llvm.return
    }
  }
  func.func @lowered(%y: memref<8xf32>) {
    %c1 = arith.constant 1 : index
    // expected-error @below {{cannot be described: its kernel is not a gpu.func}}
    gpu.launch_func @kernels::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%y : memref<8xf32>)
    return
  }
}

// -----

module attributes {gpu.container_module} {
  memref.global "private" @table : memref<8xf32> = dense<1.0>
  gpu.module @kernels {
    gpu.func @k(%y: memref<8xf32>) kernel {
      gpu.return
    }
  }
  func.func @variable() {
    %c1 = arith.constant 1 : index
    %table = memref.get_global @table : memref<8xf32>
    // expected-error @below {{cannot be described: @table is not a constant with a value}}
    gpu.launch_func @kernels::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%table : memref<8xf32>)
    return
  }
}

// -----

module attributes {gpu.container_module} {
  memref.global "private" constant @table : memref<8xf32>
  gpu.module @kernels {
    gpu.func @k(%y: memref<8xf32>) kernel {
      gpu.return
    }
  }
  func.func @no_value() {
    %c1 = arith.constant 1 : index
    %table = memref.get_global @table : memref<8xf32>
    // expected-error @below {{cannot be described: @table is not a constant with a value}}
    gpu.launch_func @kernels::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%table : memref<8xf32>)
    return
  }
}

// -----

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @k(%y: memref<8xf32>) kernel {
      gpu.return
    }
  }
  func.func @flag(%y: memref<8xf32>, %flag: i1) {
    %c1 = arith.constant 1 : index
    // expected-error @below {{cannot be described: its condition is not made of comparisons of sizes}}
    scf.if %flag {
      gpu.launch_func @kernels::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%y : memref<8xf32>)
    }
    return
  }
}

// -----

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @k(%y: memref<?xf32>) kernel {
      gpu.return
    }
  }
  func.func @more(%y: memref<?xf32>, %v: f32) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %n = memref.dim %y, %c0 : memref<?xf32>
    %is_one = arith.cmpi eq, %n, %c1 : index
    scf.if %is_one {
      gpu.launch_func @kernels::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%y : memref<?xf32>)
    } else {
      // expected-error @below {{cannot be described: the function does more than launch kernels}}
      memref.store %v, %y[%c0] : memref<?xf32>
    }
    return
  }
}
