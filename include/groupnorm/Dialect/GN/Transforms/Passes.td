//===- Passes.td - Passes from gn to gn --------------------*- tablegen -*-===//

#ifndef GROUPNORM_DIALECT_GN_TRANSFORMS_PASSES
#define GROUPNORM_DIALECT_GN_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def GNDecomposePass : Pass<"gn-decompose"> {
  let summary = "Decompose gn ops on tensors into their halves and into linalg";
  let description = [{
    Rewrites `gn.group_norm` on tensors to `gn.group_stats` and
    `gn.group_normalize`, and these to `linalg.generic` with `arith` and `math`,
    which stock passes compile further:

    - the statistics by two sweeps over x, the mean first and then the
      deviations from it, merged with what `outs` held by Chan's formula;
    - the result as fma(x - m_hi, s, beta - m_lo * s), where m_hi + m_lo is the
      mean and s is gamma / sqrt(variance + epsilon).

    Groups come from a `tensor.expand_shape` of the features: to G x C/G where
    groups are contiguous, to C/G x G where they are interleaved. Ops on memrefs
    are left as they are: decompose before bufferization.
  }];
  let options = [
    Option<"halvesOnly", "halves-only", "bool", /*default=*/"false",
           "Stop at gn.group_stats and gn.group_normalize">,
    Option<"statisticsType", "statistics", "::gn::StatisticsType",
           /*default=*/"::gn::StatisticsType::F64",
           "Type in which the statistics of a gn.group_norm are taken",
           [{::llvm::cl::values(
             clEnumValN(::gn::StatisticsType::F64, "f64", "f64 for all data"),
             clEnumValN(::gn::StatisticsType::Compute, "compute",
                        "f32 except for f64 data: cheaper, and as inexact as "
                        "f32 is where the mean is large"))}]>,
  ];
  let dependentDialects = [
    "::gn::GNDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::tensor::TensorDialect"];
}

def GNFuseEpiloguePass : Pass<"gn-fuse-epilogue"> {
  let summary = "Pull element-wise consumers of gn ops into their epilogues";
  let description = [{
    Makes an element-wise op on the result of a `gn.group_norm` or a
    `gn.group_normalize` on tensors the end of that op's epilogue, and so on
    along the chain: `linalg.generic`, `linalg.map` and named linalg ops whose
    loops are all parallel, and ops of `arith` and `math` on tensors.

    An element y that the consumer widens to the compute type before it uses it
    is not rounded in between, so that the fused result is rounded once.

    What stays: a result that another op uses too; a consumer that reads y in
    another order or computes another shape, that reduces, reads what it writes
    to unless that is y, captures more than constants or holds an op that an
    epilogue must not (C22); an input whose map or type an epilogue cannot have (C19, C21).
    Several element-wise ops that share y become one by
    `linalg-fuse-elementwise-ops` first.
  }];
  let dependentDialects = ["::gn::GNDialect", "::mlir::arith::ArithDialect",
                           "::mlir::tensor::TensorDialect"];
}

def GNMarkInPlacePass : Pass<"gn-mark-in-place", "::mlir::func::FuncOp"> {
  let summary = "Say which results of a function may take an input's place";
  let description = [{
    For a function over memrefs, whose callers choose the buffers: gives each
    argument that one gn op writes, and nothing else uses, the attribute
    `gn.may_be`, a list of the arguments of the same type whose buffer it may
    be. These are x, and epilogue inputs that have an element for each of x's;
    if they are used by other ops too, then before the one that writes.

    ```mlir
    func.func @f(%x: memref<2x64x32xf32>, %y: memref<2x64x32xf32> {gn.may_be = array<i64: 0>}) {
      gn.group_norm num_groups(8) ins(%x : memref<2x64x32xf32>) outs(%y : memref<2x64x32xf32>)
      return
    }
    ```

    Every schedule allows it: the statistics of a group are complete before the
    first of its elements is written, and the work item that writes an element
    is the one that reads it last.
  }];
}

def GNSelectSchedulePass : Pass<"gn-select-schedule"> {
  let summary = "Give every gn op without a schedule one that suits a CPU";
  let description = [{
    Chooses a `#gn.cpu_schedule` for each gn op on memrefs or tensors that has
    none, from its shape and a description of the CPU. The description is, first
    to last: the options of this pass; the target system specification of the
    module, where it has one; this machine.

    ```mlir
    module attributes { dlti.target_system_spec = #dlti.target_system_spec<
      "CPU" = #dlti.target_device_spec<
        "max_vector_op_width" = 512 : i64,
        "L2_cache_size_in_bytes" = 1048576 : i64,
        "L3_cache_size_in_bytes" = 33554432 : i64>> } {}
    ```

    The number of threads decides whether work items run in parallel at all,
    whether they are samples, tiles or pieces of these, from which size of x on
    stores go around the cache, and how sweeps go where they do: nothing that a
    bit of the result depends on.
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "int64_t", /*default=*/"0",
           "Width of a vector register in bits">,
    Option<"l2Size", "l2-size", "int64_t", /*default=*/"0",
           "Size of a core's second-level cache in bytes">,
    Option<"l3Size", "l3-size", "int64_t", /*default=*/"0",
           "Size of the last-level cache in bytes">,
    Option<"vectorRegisters", "vector-registers", "int64_t", /*default=*/"0",
           "Number of vector registers; 0 is 32 for vectors of 512 bits, else 16">,
    Option<"threads", "threads", "int64_t", /*default=*/"0",
           "Threads that may be used; 1 is serial code, 0 leaves it to run time">,
    Option<"cores", "cores", "int64_t", /*default=*/"0",
           "Cores that are counted on where threads = 0 leaves it to run time; 0 "
           "is those of this machine">,
    Option<"scheduleFile", "schedule-file", "std::string", /*default=*/"",
           "Take schedules from this file (see ScheduleFile.h); an op that it "
           "has none for gets a warning, and one that is chosen">,
  ];
  let dependentDialects = ["::gn::GNDialect"];
}

def GNSelectMetalSchedulePass : Pass<"gn-select-metal-schedule"> {
  let summary = "Give every gn.group_norm without a schedule one that suits a Metal GPU";
  let description = [{
    Chooses a `#gn.metal_schedule` for each `gn.group_norm` that has none, from
    its shape and a description of the GPU: of all schedules that the lowering
    can serve, the one whose estimated time is least. The estimate counts the
    bytes moved, in the lines of memory that they lie in, divided by the share
    of the GPU that is busy, and a fixed time for each kernel. An op of dynamic
    sizes gets `#gn.metal_alternatives`, a few schedules of which each is nearly
    the best for some of the sizes. An op that no schedule serves is left as it
    is, for `convert-gn-to-gpu` to say why.

    The choice, and so the last bits of the result, depends on the options, not
    on the machine that compiles.
  }];
  let options = [
    Option<"maxThreads", "max-threads", "int64_t", /*default=*/"512",
           "Threads of a threadgroup, at most">,
    Option<"threadgroupMemory", "threadgroup-memory", "int64_t",
           /*default=*/"32768", "Bytes of threadgroup memory, at most">,
    Option<"cores", "cores", "int64_t", /*default=*/"10", "Cores of the GPU">,
  ];
  let dependentDialects = ["::gn::GNDialect"];
}

#endif // GROUPNORM_DIALECT_GN_TRANSFORMS_PASSES
