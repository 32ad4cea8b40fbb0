//===- Pipelines.cpp - The named pass pipelines ---------------------------===//

#include "groupnorm/Pipelines/Pipelines.h"
#include "groupnorm/Conversion/Passes.h"
#include "groupnorm/Dialect/GN/Transforms/Passes.h"
#include "groupnorm/Target/MSL/Passes.h"
#include "groupnorm/Transforms/Passes.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Affine/Transforms/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

/// The clean-up between two steps.
static void addSimplification(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void gn::buildBufferizePipeline(OpPassManager &pm) {
  bufferization::OneShotBufferizePassOptions bufferize;
  bufferize.bufferizeFunctionBoundaries = true;
  bufferize.functionBoundaryTypeConversion =
      bufferization::LayoutMapOption::IdentityLayoutMap;
  pm.addPass(bufferization::createOneShotBufferizePass(bufferize));
  addSimplification(pm);

  // A result that is an argument's buffer needs no argument of its own. The
  // others are written where the caller wants them: hoisting the allocation
  // to the caller leaves no copy.
  pm.addPass(bufferization::createDropEquivalentBufferResultsPass());
  pm.addPass(createDropReturnedArgumentsPass());
  bufferization::BufferResultsToOutParamsPassOptions outParams;
  outParams.hoistStaticAllocs = true;
  outParams.hoistDynamicAllocs = true;
  outParams.modifyPublicFunctions = true;
  pm.addPass(bufferization::createBufferResultsToOutParamsPass(outParams));
  pm.addPass(createDeallocateBuffersPass());
  pm.addPass(createConvertBufferizationToMemRefPass());
  addSimplification(pm);
}

void gn::buildLowerToAffinePipeline(OpPassManager &pm,
                                    const LowerToAffineOptions &options) {
  GNSelectSchedulePassOptions schedule;
  schedule.threads = options.threads;
  schedule.vectorBits = options.vectorBits;
  schedule.vectorRegisters = options.vectorRegisters;
  pm.addPass(createGNSelectSchedulePass(schedule));
  // What the module computes besides gn ops, and copies between buffers.
  pm.addPass(createCopyByLoopsPass());
  pm.addNestedPass<func::FuncOp>(createConvertLinalgToAffineLoopsPass());
  pm.addPass(createConvertGNToAffinePass());
  pm.addNestedPass<func::FuncOp>(createHoistStackBuffersPass());
  addSimplification(pm);
}

/// Parallel loops to OpenMP. Before control flow becomes branches: the scope
/// of an iteration's stack buffers must be one block.
static void addOpenMP(OpPassManager &pm, unsigned threads) {
  ConvertSCFToOpenMPPassOptions options;
  options.numThreads = threads;
  pm.addPass(createConvertSCFToOpenMPPass(options));
}

void gn::buildAffineToLLVMPipeline(OpPassManager &pm,
                                   const AffineToLLVMOptions &options) {
  ConvertGNToOpenMPPassOptions openMP;
  openMP.threads = options.threads;
  pm.addPass(createConvertGNToOpenMPPass(openMP));
  pm.addNestedPass<func::FuncOp>(affine::createSimplifyAffineStructuresPass());
  ExpandMathPassOptions expandMath;
  expandMath.tableLanes = options.tableLanes;
  pm.addNestedPass<func::FuncOp>(createExpandMathPass(expandMath));
  addSimplification(pm);
  pm.addPass(createLowerAffinePass());
  if (options.threads == 1)
    pm.addNestedPass<func::FuncOp>(createParallelForToNestedForsPass());
  else
    addOpenMP(pm, options.threads);
  pm.addNestedPass<func::FuncOp>(createHoistStackBuffersPass());

  // Views become sizes and strides, whose computation is affine again.
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  addSimplification(pm);

  if (options.expandBF16 && options.pairBF16)
    pm.addPass(createPairBF16Pass());
  pm.addPass(createRoundBF16Pass(RoundBF16PassOptions{options.expandBF16}));
  if (options.expandBF16) {
    // What is left: bf16 to wider types.
    arith::ArithExpandOpsPassOptions expand;
    expand.includeBf16 = true;
    pm.addPass(arith::createArithExpandOpsPass(expand));
  }
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertIndexToLLVMPass());
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  if (options.threads != 1)
    pm.addPass(createConvertOpenMPToLLVMPass());
  addSimplification(pm);
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(createStreamBitsPass());
}

void gn::buildToLLVMPipeline(OpPassManager &pm, const ToLLVMOptions &options) {
  buildBufferizePipeline(pm);
  if (options.cInterface)
    pm.addNestedPass<func::FuncOp>(createGNMarkInPlacePass());
  LowerToAffineOptions toAffine;
  toAffine.threads = options.threads;
  toAffine.vectorBits = options.vectorBits;
  toAffine.vectorRegisters = options.vectorRegisters;
  buildLowerToAffinePipeline(pm, toAffine);
  if (options.cInterface) {
    EmitCInterfacePassOptions cInterface;
    cInterface.threads = options.threads;
    cInterface.argumentNames =
        llvm::to_vector_of<std::string>(options.arguments);
    pm.addPass(createEmitCInterfacePass(cInterface));
  }
  AffineToLLVMOptions toLLVM;
  toLLVM.threads = options.threads;
  toLLVM.expandBF16 = options.expandBF16;
  toLLVM.pairBF16 = options.pairBF16;
  toLLVM.tableLanes = options.tableLanes;
  buildAffineToLLVMPipeline(pm, toLLVM);
}

void gn::buildLowerToGPUPipeline(OpPassManager &pm,
                                 const LowerToGPUOptions &options) {
  GNSelectMetalSchedulePassOptions schedule;
  schedule.maxThreads = options.maxThreads;
  schedule.threadgroupMemory = options.threadgroupMemory;
  schedule.cores = options.cores;
  pm.addPass(createGNSelectMetalSchedulePass(schedule));
  pm.addPass(createConvertGNToGPUPass());
  addSimplification(pm);
  pm.addNestedPass<gpu::GPUModuleOp>(createPrepareForMSLPass());
}

void gn::registerPipelines() {
  PassPipelineRegistration<>(
      "gn-bufferize",
      "Tensors to memrefs, with results written where the caller wants them",
      buildBufferizePipeline);
  PassPipelineRegistration<LowerToAffineOptions>(
      "gn-lower-to-affine",
      "gn ops on memrefs to affine loops, with a schedule chosen where none is "
      "given",
      buildLowerToAffinePipeline);
  PassPipelineRegistration<AffineToLLVMOptions>(
      "gn-affine-to-llvm",
      "Affine loops to the llvm dialect, and parallel ones to OpenMP",
      buildAffineToLLVMPipeline);
  PassPipelineRegistration<LowerToGPUOptions>(
      "gn-lower-to-gpu",
      "gn ops on memrefs to GPU kernels that can be printed as Metal text, "
      "with "
      "a schedule chosen where none is given",
      buildLowerToGPUPipeline);
  PassPipelineRegistration<ToLLVMOptions>(
      "gn-to-llvm", "gn ops on tensors or memrefs to the llvm dialect",
      buildToLLVMPipeline);
}
