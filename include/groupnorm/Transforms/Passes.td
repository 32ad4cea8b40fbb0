//===- Passes.td - Passes on upstream dialects -------------*- tablegen -*-===//
//
// What the pipelines need between the affine and the llvm dialect. None of
// these passes knows the gn dialect.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_TRANSFORMS_PASSES
#define GROUPNORM_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def DeallocateBuffersPass : Pass<"gn-deallocate-buffers", "::mlir::ModuleOp"> {
  let summary = "Free the buffers that bufferization has made";
  let description = [{
    Runs upstream's buffer-deallocation-pipeline where it applies: on a module
    that allocates memory, and that does not free memory itself.
  }];
}

def DropReturnedArgumentsPass
    : Pass<"gn-drop-returned-arguments", "::mlir::ModuleOp"> {
  let summary = "Drop results of public functions that are their arguments";
  let description = [{
    After bufferization a function in destination-passing style returns the
    buffer that it was given. Such a result of a public function that nothing in
    the module calls goes away. Upstream's drop-equivalent-buffer-results leaves
    public functions alone, and buffer-results-to-out-params would copy the
    buffer to a third one.
  }];
}

def CopyByLoopsPass : Pass<"gn-copy-by-loops"> {
  let summary = "Copy parts of buffers by linalg.copy";
  let description = [{
    Rewrites `memref.copy` between buffers of known rank to `linalg.copy`, which
    becomes loops, where one of them is not contiguous as far as its type says.
    The conversion to the llvm dialect would call MLIR's runtime library.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def ExpandMathPass : Pass<"gn-expand-math"> {
  let summary = "Write exp, tanh and erf as arithmetic, without calls";
  let description = [{
    Rewrites `math.exp`, `math.tanh` and `math.erf` of floats and vectors of
    floats to fused multiply-adds, comparisons and shifts of exponents, so that
    a loop over vectors has no call in it. In f32 the result is within 2 units
    in the last place, in f64 within 8; f16 and bf16 are computed in f32 and
    rounded. NaN gives NaN, zeros keep their sign, and e^x overflows to infinity
    and underflows by way of the subnormal numbers. The sum of e^x and a number,
    as in the logistic function, takes fewer operations than its terms, and so
    does 1 + tanh(x), which becomes 2 / (1 + e^-2x); in f32 these sums are within
    4 units in the last place. So does 1 + erf(x) in f32, which is within 2^-21
    and, in the same way, a division; a factor of these two sums becomes what is
    divided.

    With `table-lanes`, the sums of vectors of f32 whose length is a multiple of
    8 look numbers up in a register of so many, by intrinsics of x86: e^x + c
    powers of two, and 1 + erf(x) the coefficients of a polynomial on one of
    eight intervals, so that it has no division.
  }];
  let options = [
    Option<"tableLanes", "table-lanes", "int64_t", /*default=*/"0",
           "Lanes of 32 bits that a target can take by index: 8 for x86 with "
           "AVX2, 16 with AVX-512; 0 for others">,
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::vector::VectorDialect"];
}

def HoistStackBuffersPass
    : Pass<"gn-hoist-stack-buffers", "::mlir::func::FuncOp"> {
  let summary = "Allocate the stack buffers of a loop once, outside of it";
  let description = [{
    Moves each `memref.alloca` of constant size out of the loops around it: to
    the beginning of the function, or of the `omp.parallel` that it is in, so
    that each thread has its own. LLVM then sees an allocation in the entry of a
    function, which it can keep in registers. A buffer in a loop that is still
    to be made parallel (`affine.parallel`, `scf.parallel`, `scf.forall`) stays.

    A buffer above `max-bytes` moves from the stack to the heap.

    An iteration reads only what it wrote itself: an alloca has no value of its
    own, so sharing its memory between the iterations of one thread changes
    nothing.
  }];
  let options = [
    Option<"maxBytes", "max-bytes", "int64_t", /*default=*/"65536",
           "Size of the largest buffer on the stack">,
  ];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
}

def PackScratchPass : Pass<"gn-pack-scratch", "::mlir::func::FuncOp"> {
  let summary = "Put a function's own buffers into one that it is given";
  let description = [{
    Replaces each `memref.alloc` of constant size in the outermost block of the
    function by a `memref.view` of one buffer of bytes, and makes that buffer
    the last argument of the function. Each view starts at a multiple of 64
    bytes. The matching `memref.dealloc` goes away. A function without such
    allocations keeps its type.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
}

def PairBF16Pass : Pass<"gn-pair-bf16"> {
  let summary = "Widen and round pairs of bf16 where they stand";
  let description = [{
    Rewrites what takes a vector of bf16 apart, and what puts one together of two
    vectors of f32, to arithmetic on integers, in which each pair of bf16 stays in
    the 32 bits that it lies in:

    - `arith.extf` of a result of `vector.deinterleave`: a shift, or a mask;
    - `vector.interleave` of two `arith.truncf`: the upper halves of both are
      rounded together, to the nearest, ties to even.

    The operands of the latter must be results of arithmetic, in which NaN is
    quiet: it stays so, of the same sign. What else there is of bf16 stays for
    `gn-round-bf16`.

    For targets that have the first element of a vector in its lowest bits, and no
    instruction that rounds.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::vector::VectorDialect"];
}

def RoundBF16Pass : Pass<"gn-round-bf16"> {
  let summary = "Round f64 and f32 to bf16 by integer arithmetic";
  let description = [{
    Rewrites `arith.truncf` from f64 to bf16, for which no target has an
    instruction, and from f32 to bf16, for targets that have none for that
    either, of floats and vectors of floats, to arithmetic on integers of 32
    bits. It rounds once, to the nearest, ties to even; NaN keeps its
    sign and upper bits, and is quiet. Other than what `arith-expand-ops` makes
    of it, the result stays a computation on vectors in LLVM.
  }];
  let options = [
    Option<"roundF32", "f32", "bool", /*default=*/"true",
           "Rewrite what rounds f32 too">,
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect"];
}

def EmitCInterfacePass : Pass<"gn-emit-c-interface", "::mlir::ModuleOp"> {
  let summary = "Give each public function over memrefs a plain C interface";
  let description = [{
    For each public function over memrefs this pass creates a function of the
    same name that C can call, and makes the one that it found its private
    kernel:

    ```c
    int32_t NAME(const float *x, const float *gamma, const float *beta, float *y,
                 int64_t n);
    ```

    There is one pointer for each memref, in order, and then one `int64_t` for
    each dynamic size, in order; a memref argument of the same type as an
    earlier one takes its sizes from there. Buffers that the kernel allocates
    become one block of scratch memory (`gn-pack-scratch`), on the stack up to
    `stack-limit` bytes and from `malloc` above that. Buffers whose size follows
    from the arguments, and one of each buffer in a parallel loop for each
    thread, are part of it.

    The function returns 0, or an error code before it has touched anything:

    | code | meaning |
    |---|---|
    | 1 | a pointer is null |
    | 2 | a pointer is not aligned to its element |
    | 3 | a size is negative |
    | 4 | a size is too large: the bytes of an array do not fit an `int64_t` |
    | 5 | there is no memory for the scratch buffer |

    What a header needs to know is left on the new function as the attribute
    `c_interface`.
  }];
  let options = [
    ListOption<"argumentNames", "arguments", "std::string",
               "Names of the pointers in the attribute; arg0, arg1... otherwise. "
               "'mean:0' is one whose dynamic size is that of dimension 0 of "
               "the first pointer, 'scale:0+2' one with two">,
    Option<"stackLimit", "stack-limit", "int64_t", /*default=*/"16384",
           "Scratch memory of up to this many bytes is on the stack">,
    Option<"threads", "threads", "int64_t", /*default=*/"0",
           "Threads of the parallel loops; 1 makes them serial, 0 leaves it to "
           "OpenMP">,
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::cf::ControlFlowDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::memref::MemRefDialect"];
}

def StreamBitsPass : Pass<"gn-stream-bits"> {
  let summary = "Stream vectors of bf16 and f16 as the bits of f32";
  let description = [{
    A nontemporal `llvm.store` of a vector of bf16 or f16 stores its bits
    instead, as a vector of half as many f32: for x86, LLVM has no streaming
    store of bf16, nor of f16 where the processor has arithmetic of f16, and
    makes an ordinary one of it.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // GROUPNORM_TRANSFORMS_PASSES
