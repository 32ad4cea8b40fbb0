//===- Probes.cpp - What the memory of this machine can do ----------------===//
//
// Copies and a sweep to hold a kernel against. They are MLIR too, so that they
// run on the same threads, by the same OpenMP library, as the kernel does.
//
//===----------------------------------------------------------------------===//

#include "Probes.h"
#include "groupnorm/InitAll.h"
#include "groupnorm/Pipelines/Pipelines.h"
#include "groupnorm/Runtime/Codegen.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace gn;
using namespace gn::tool;
using llvm::Expected;

/// Each thread works on a run of whole blocks. {0} is their number, {1} what a
/// thread does with the words from %begin to %end.
static constexpr const char *kModule = R"(
  func.func @probe(%x: memref<?xi32>, %y: memref<?xi32>) {{
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %block = arith.constant 64 : index
    %threads = arith.constant {0} : index
    %size = memref.dim %x, %c0 : memref<?xi32>
    %last = arith.subi %size, %block : index
    %blocks = arith.ceildivui %size, %block : index
    %share = arith.ceildivui %blocks, %threads : index
    %piece = arith.muli %share, %block : index
    // A C interface looks for stores to tell which arguments are written, and
    // not behind pointers that are made of numbers.
    %first = memref.load %x[%c0] : memref<?xi32>
    memref.store %first, %y[%c0] : memref<?xi32>
    scf.parallel (%thread) = (%c0) to (%threads) step (%c1) {{
      %from = arith.muli %thread, %piece : index
      %begin = arith.minui %from, %size : index
      %to = arith.addi %from, %piece : index
      %end = arith.minui %to, %size : index
      {1}
    }
    return
  })";

static constexpr const char *kMemCpy = R"(
      %words = arith.subi %end, %begin : index
      %word = arith.constant 4 : index
      %bytes = arith.muli %words, %word : index
      %length = arith.index_cast %bytes : index to i64
      %offset = arith.muli %begin, %word : index
      %xStart = memref.extract_aligned_pointer_as_index %x : memref<?xi32> -> index
      %yStart = memref.extract_aligned_pointer_as_index %y : memref<?xi32> -> index
      %xPlace = arith.addi %xStart, %offset : index
      %yPlace = arith.addi %yStart, %offset : index
      %xInteger = arith.index_cast %xPlace : index to i64
      %yInteger = arith.index_cast %yPlace : index to i64
      %source = llvm.inttoptr %xInteger : i64 to !llvm.ptr
      %target = llvm.inttoptr %yInteger : i64 to !llvm.ptr
      "llvm.intr.memcpy"(%target, %source, %length)
        <{isVolatile = false}> : (!llvm.ptr, !llvm.ptr, i64) -> ())";

static constexpr const char *kStreamingCopy = R"(
      %line = arith.constant 16 : index
      %far = arith.constant 512 : index
      scf.for %i = %begin to %end step %line {
        %next = arith.addi %i, %far : index
        %ahead = arith.minui %next, %last : index
        memref.prefetch %x[%ahead], read, locality<2>, data : memref<?xi32>
        %v = vector.load %x[%i] : memref<?xi32>, vector<16xi32>
        vector.store %v, %y[%i] {nontemporal = true, alignment = 64 : i64}
          : memref<?xi32>, vector<16xi32>
      }
      // Others may rely on streaming stores only behind a fence.
      llvm.fence seq_cst)";

/// Several sums, so that additions do not wait for each other.
static constexpr const char *kReadSweep = R"(
      %zero = arith.constant dense<0> : vector<16xi32>
      %c16 = arith.constant 16 : index
      %c32 = arith.constant 32 : index
      %c48 = arith.constant 48 : index
      %far = arith.constant 1024 : index
      %sums:4 = scf.for %i = %begin to %end step %block
          iter_args(%s0 = %zero, %s1 = %zero, %s2 = %zero, %s3 = %zero)
          -> (vector<16xi32>, vector<16xi32>, vector<16xi32>, vector<16xi32>) {
        %i1 = arith.addi %i, %c16 : index
        %i2 = arith.addi %i, %c32 : index
        %i3 = arith.addi %i, %c48 : index
        %next = arith.addi %i, %far : index
        %a0 = arith.minui %next, %last : index
        %a1 = arith.addi %a0, %c16 : index
        %a2 = arith.addi %a0, %c32 : index
        %a3 = arith.addi %a0, %c48 : index
        memref.prefetch %x[%a0], read, locality<2>, data : memref<?xi32>
        memref.prefetch %x[%a1], read, locality<2>, data : memref<?xi32>
        memref.prefetch %x[%a2], read, locality<2>, data : memref<?xi32>
        memref.prefetch %x[%a3], read, locality<2>, data : memref<?xi32>
        %v0 = vector.load %x[%i] : memref<?xi32>, vector<16xi32>
        %v1 = vector.load %x[%i1] : memref<?xi32>, vector<16xi32>
        %v2 = vector.load %x[%i2] : memref<?xi32>, vector<16xi32>
        %v3 = vector.load %x[%i3] : memref<?xi32>, vector<16xi32>
        %t0 = arith.addi %s0, %v0 : vector<16xi32>
        %t1 = arith.addi %s1, %v1 : vector<16xi32>
        %t2 = arith.addi %s2, %v2 : vector<16xi32>
        %t3 = arith.addi %s3, %v3 : vector<16xi32>
        scf.yield %t0, %t1, %t2, %t3
          : vector<16xi32>, vector<16xi32>, vector<16xi32>, vector<16xi32>
      }
      %s01 = arith.addi %sums#0, %sums#1 : vector<16xi32>
      %s23 = arith.addi %sums#2, %sums#3 : vector<16xi32>
      %sum = arith.addi %s01, %s23 : vector<16xi32>
      %place = arith.minui %begin, %last : index
      vector.store %sum, %y[%place] : memref<?xi32>, vector<16xi32>)";

Expected<runtime::CPUEngine> tool::compileProbe(Probe probe, unsigned threads,
                                                llvm::TargetMachine &machine) {
  const char *body = nullptr;
  switch (probe) {
  case Probe::MemCpy:
    body = kMemCpy;
    break;
  case Probe::StreamingCopy:
    body = kStreamingCopy;
    break;
  case Probe::ReadSweep:
    body = kReadSweep;
    break;
  }
  std::string text =
      llvm::formatv(kModule, runtime::getThreadCount(threads), body);

  DialectRegistry registry;
  registerAllDialects(registry);
  runtime::registerTranslations(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
  PassManager pm(&context);
  ToLLVMOptions options;
  options.threads = threads;
  options.cInterface = true;
  buildToLLVMPipeline(pm, options);
  if (!module || failed(pm.run(*module)))
    return llvm::createStringError("a probe of the memory cannot be compiled");
  return runtime::CPUEngine::create(*module, "probe", machine);
}
