// RUN: groupnorm-opt %s --split-input-file --gn-emit-c-interface="arguments=x,y stack-limit=64" | FileCheck %s

// CHECK-LABEL: func.func @static(
// CHECK-SAME:      %[[X:.*]]: !llvm.ptr {llvm.noalias, llvm.readonly}, %[[Y:.*]]: !llvm.ptr {llvm.noalias}) -> i32
// CHECK-SAME:      c_interface = {allocates_more = false,
// CHECK-SAME:        arguments = [{name = "x", sizes = array<i64: -1, -1>, type = memref<2x8xf32>, written = false},
// CHECK-SAME:                     {name = "y", sizes = array<i64: -1, -1>, type = memref<2x8xf32>, written = true}],
// CHECK-SAME:        num_sizes = 0 : i64, scratch_bytes = 0 : i64, scratch_on_stack = true}
// Null and misaligned pointers, in turn.
// CHECK:         %[[XI:.*]] = llvm.ptrtoint %[[X]]
// CHECK:         %[[XNULL:.*]] = arith.cmpi eq, %[[XI]], %{{.*}} : i64
// CHECK:         %[[NULL:.*]] = arith.constant 1 : i32
// CHECK:         cf.cond_br %[[XNULL]], ^[[EXIT:.*]](%[[NULL]] : i32)
// CHECK:         %[[C3:.*]] = arith.constant 3 : i64
// CHECK:         %[[XBITS:.*]] = arith.andi %[[XI]], %[[C3]]
// CHECK:         %[[XODD:.*]] = arith.cmpi ne, %[[XBITS]]
// CHECK:         %[[ODD:.*]] = arith.constant 2 : i32
// CHECK:         cf.cond_br %[[XODD]], ^[[EXIT]](%[[ODD]] : i32)
// CHECK:         llvm.ptrtoint %[[Y]]
// CHECK-COUNT-2: cf.cond_br
// CHECK:         call @static_kernel(
// CHECK:         %[[OK:.*]] = arith.constant 0 : i32
// CHECK:         cf.br ^[[EXIT]](%[[OK]] : i32)
// CHECK:       ^[[EXIT]](%[[CODE:.*]]: i32):
// CHECK-NEXT:    return %[[CODE]]

// CHECK:       func.func private @static_kernel(%{{.*}}: memref<2x8xf32>, %{{.*}}: memref<2x8xf32>)
// CHECK-SAME:      llvm.linkage = #llvm.linkage<internal>, passthrough = ["alwaysinline"]
func.func @static(%x: memref<2x8xf32>, %y: memref<2x8xf32>) {
  %flat = memref.collapse_shape %x [[0, 1]] : memref<2x8xf32> into memref<16xf32>
  affine.prefetch %flat[0], read, locality<2>, data : memref<16xf32>
  %v = affine.load %flat[0] : memref<16xf32>
  %out = memref.collapse_shape %y [[0, 1]] : memref<2x8xf32> into memref<16xf32>
  affine.store %v, %out[0] : memref<16xf32>
  return
}

// -----

// y has x's type, and so its sizes.
// CHECK-LABEL: func.func @dynamic(
// CHECK-SAME:      %{{.*}}: !llvm.ptr {{{[^}]*}}}, %{{.*}}: !llvm.ptr {{{[^}]*}}}, %[[N:.*]]: i64, %[[S:.*]]: i64) -> i32
// CHECK-SAME:      {name = "x", sizes = array<i64: 0, 1, -1>, type = memref<?x?x8xf64>, written = false}
// CHECK-SAME:      {name = "y", sizes = array<i64: 0, 1, -1>
// CHECK-SAME:      num_sizes = 2 : i64
// CHECK:         %[[NEGN:.*]] = arith.cmpi slt, %[[N]], %{{.*}} : i64
// CHECK:         %[[NEGATIVE:.*]] = arith.constant 3 : i32
// CHECK:         cf.cond_br %[[NEGN]], ^[[EXIT:.*]](%[[NEGATIVE]] : i32)
// CHECK:         arith.cmpi slt, %[[S]]
// CHECK:         %[[C8:.*]] = arith.constant 8 : i64
// CHECK:         "llvm.intr.smul.with.overflow"(%[[C8]], %[[N]])
// CHECK:         "llvm.intr.smul.with.overflow"(%{{.*}}, %[[S]])
// CHECK:         %[[LARGE:.*]] = arith.constant 4 : i32
// CHECK:         cf.cond_br %{{.*}}, ^[[EXIT]](%[[LARGE]] : i32)
// A null pointer to no elements passes.
// CHECK:         %[[NULL:.*]] = arith.cmpi eq
// CHECK:         %[[SOME:.*]] = arith.cmpi ne
// CHECK:         arith.andi %[[NULL]], %[[SOME]]
// CHECK:         llvm.ptrtoint
// CHECK:         arith.cmpi ne, %[[ELEMENTS:.*]], %{{.*}} : i64
// CHECK:         %[[EMPTY:.*]] = arith.cmpi eq, %[[ELEMENTS]], %{{.*}} : i64
// CHECK:         %[[OK:.*]] = arith.constant 0 : i32
// CHECK:         cf.cond_br %[[EMPTY]], ^[[EXIT]](%[[OK]] : i32)
// CHECK:         call @dynamic_kernel(
func.func @dynamic(%x: memref<?x?x8xf64>, %y: memref<?x?x8xf64>) {
  %v = affine.load %x[0, 0, 0] : memref<?x?x8xf64>
  affine.store %v, %y[0, 0, 0] : memref<?x?x8xf64>
  return
}

// -----

// 64 bytes of scratch memory stay on the stack.
// CHECK-LABEL: func.func @small(
// CHECK-SAME:      scratch_bytes = 64 : i64, scratch_on_stack = true
// CHECK:         %[[C64:.*]] = arith.constant 64 : i64
// CHECK:         llvm.alloca %[[C64]] x i8 {alignment = 64 : i64}
// CHECK-NOT:     llvm.call @malloc
// CHECK:         call @small_kernel(
func.func @small(%y: memref<8xf32>) {
  %s = memref.alloc() : memref<16xf32>
  %v = affine.load %s[0] : memref<16xf32>
  affine.store %v, %y[0] : memref<8xf32>
  memref.dealloc %s : memref<16xf32>
  return
}

// -----

// CHECK-LABEL: func.func @heap(
// CHECK-SAME:      scratch_bytes = 128 : i64, scratch_on_stack = false
// CHECK:         %[[BYTES:.*]] = arith.constant 191 : i64
// CHECK:         %[[P:.*]] = llvm.call @malloc(%[[BYTES]])
// CHECK:         %[[I:.*]] = llvm.ptrtoint %[[P]]
// CHECK:         %[[NONE:.*]] = arith.cmpi eq, %[[I]]
// CHECK:         %[[CODE:.*]] = arith.constant 5 : i32
// CHECK:         cf.cond_br %[[NONE]], ^{{.*}}(%[[CODE]] : i32)
// CHECK:         %[[NEG:.*]] = arith.subi %{{.*}}, %[[I]]
// CHECK:         %[[SKIP:.*]] = arith.andi %[[NEG]]
// CHECK:         llvm.getelementptr %[[P]][%[[SKIP]]]
// CHECK:         call @heap_kernel(
// CHECK:         llvm.call @free(%[[P]])
func.func @heap(%y: memref<8xf32>) {
  %s = memref.alloc() : memref<17xf32>
  %v = affine.load %s[0] : memref<17xf32>
  affine.store %v, %y[0] : memref<8xf32>
  memref.dealloc %s : memref<17xf32>
  return
}

// -----

// What a call decides is allocated by the kernel itself.
// CHECK-LABEL: func.func @more(
// CHECK-SAME:      c_interface = {allocates_more = true
func.func @more(%y: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %y, %c0 : memref<?xf32>
  %s = memref.alloc(%n) : memref<?xf32>
  %v = affine.load %s[0] : memref<?xf32>
  affine.store %v, %y[0] : memref<?xf32>
  memref.dealloc %s : memref<?xf32>
  return
}

// -----

// A name that is taken, and a function that C does not call.
// CHECK-LABEL: func.func @twice(
// CHECK:         call @twice_kernel_0(
// CHECK:       func.func private @twice_kernel_0(
// CHECK:       func.func private @twice_kernel(%{{.*}}: memref<8xf32>) {
func.func @twice(%y: memref<8xf32>) {
  call @twice_kernel(%y) : (memref<8xf32>) -> ()
  return
}
func.func private @twice_kernel(%y: memref<8xf32>) {
  return
}

// -----

// A buffer of a size that follows from the arguments: the function computes it
// and says so where there is no such memory. Exclusive buffers share memory.
// CHECK-LABEL: func.func @sized(
// CHECK-SAME:      %{{.*}}: !llvm.ptr {{{[^}]*}}}, %[[N:.*]]: i64) -> i32
// CHECK-SAME:      allocates_more = true
// CHECK:         %[[STACK:.*]] = llvm.alloca %{{.*}} x i8 {alignment = 64 : i64}
// CHECK:         %[[Y:.*]] = builtin.unrealized_conversion_cast
// CHECK-SAME:      to memref<?xf32>
// CHECK:         memref.dim %[[Y]]
// CHECK:         %[[FIRST:.*]] = arith.andi %{{.*}}, %c-64_i64{{.*}} : i64
// CHECK:         "llvm.intr.smul.with.overflow"
// CHECK:         %[[SECOND:.*]] = arith.andi %{{.*}}, %c-64_i64{{.*}} : i64
// CHECK:         %[[BYTES:.*]] = arith.maxsi %[[FIRST]], %[[SECOND]]
// CHECK:         arith.constant 4 : i32
// CHECK:         arith.cmpi sgt, %[[BYTES]]
// CHECK:         %[[FITS:.*]] = arith.cmpi sle, %[[BYTES]], %c64_i64
// CHECK:         cf.cond_br %[[FITS]], ^[[BOTH:.*]](%[[STACK]], %{{.*}} : !llvm.ptr, !llvm.ptr), ^[[HEAP:.*]]
// CHECK:       ^[[HEAP]]:
// CHECK:         %[[MEMORY:.*]] = llvm.call @malloc(
// CHECK:         arith.constant 5 : i32
// CHECK:         cf.br ^[[BOTH]](%{{.*}}, %[[MEMORY]] : !llvm.ptr, !llvm.ptr)
// CHECK:       ^[[BOTH]](%[[BASE:.*]]: !llvm.ptr, %[[FREE:.*]]: !llvm.ptr):
// CHECK-COUNT-2: llvm.getelementptr %[[BASE]]
// CHECK:         call @sized_kernel(
// CHECK:         llvm.call @free(%[[FREE]])
// CHECK:       func.func private @sized_kernel(%{{.*}}: memref<?xf32>, %{{.*}}: memref<?xf64>, %{{.*}}: memref<?x2xf64>)
// CHECK-NOT:     memref.alloc
func.func @sized(%y: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c9 = arith.constant 9 : index
  %n = memref.dim %y, %c0 : memref<?xf32>
  %few = arith.cmpi slt, %n, %c9 : index
  scf.if %few {
    %s = memref.alloc(%n) : memref<?xf64>
    %v = memref.load %s[%c0] : memref<?xf64>
    %t = arith.truncf %v : f64 to f32
    memref.store %t, %y[%c0] : memref<?xf32>
    memref.dealloc %s : memref<?xf64>
  } else {
    %s = memref.alloc(%n) : memref<?x2xf64>
    %v = memref.load %s[%c0, %c0] : memref<?x2xf64>
    %t = arith.truncf %v : f64 to f32
    memref.store %t, %y[%c0] : memref<?xf32>
    memref.dealloc %s : memref<?x2xf64>
  }
  return
}

// -----

// A buffer in a parallel loop: one for each thread.
// CHECK-DAG:   func.func private @omp_get_max_threads() -> i32
// CHECK-DAG:   func.func private @omp_get_thread_num() -> i32
// CHECK-LABEL: func.func @parallel(
// CHECK:         %[[T:.*]] = call @omp_get_max_threads()
// CHECK:         %[[COUNT:.*]] = arith.extsi %[[T]]
// CHECK:         "llvm.intr.smul.with.overflow"(%[[COUNT]], %c448_i64)
// CHECK:       func.func private @parallel_kernel(%{{.*}}: memref<8xf32>, %[[SCRATCH:.*]]: memref<?xi8>)
// CHECK:         affine.parallel
// CHECK:           %[[THREAD:.*]] = func.call @omp_get_thread_num()
// CHECK:           %[[INDEX:.*]] = arith.index_cast %[[THREAD]]
// CHECK:           %[[PART:.*]] = arith.muli %[[INDEX]], %c448
// CHECK:           %[[START:.*]] = arith.addi %[[PART]]
// CHECK:           memref.view %[[SCRATCH]][%[[START]]][] : memref<?xi8> to memref<100xf32>
// CHECK-NOT:       memref.dealloc
func.func @parallel(%y: memref<8xf32>) {
  affine.parallel (%i) = (0) to (8) {
    %s = memref.alloc() : memref<100xf32>
    %v = affine.load %s[0] : memref<100xf32>
    affine.store %v, %y[%i] : memref<8xf32>
    memref.dealloc %s : memref<100xf32>
  }
  return
}

// -----

// What may be one buffer is not promised to be apart; what else there is, is.
// CHECK-LABEL: func.func @in_place(
// CHECK-SAME:      %{{[a-z0-9]*}}: !llvm.ptr {llvm.readonly}, %{{[a-z0-9]*}}: !llvm.ptr {llvm.noalias, llvm.readonly}, %{{[a-z0-9]*}}: !llvm.ptr) -> i32
// CHECK-SAME:      {may_be = array<i64: 0>, name = "arg2"
// CHECK:       func.func private @in_place_kernel(
// CHECK-SAME:      memref<8xf32>, %{{[a-z0-9]*}}: memref<f32>, %{{[a-z0-9]*}}: memref<8xf32>)
func.func @in_place(%x: memref<8xf32>, %s: memref<f32>, %y: memref<8xf32> {gn.may_be = array<i64: 0>}) {
  %v = affine.load %x[0] : memref<8xf32>
  %w = affine.load %s[] : memref<f32>
  %z = arith.addf %v, %w : f32
  affine.store %z, %y[0] : memref<8xf32>
  return
}
