//===- Compiler.cpp - From the options to a module at any stage -----------===//

#include "Compiler.h"
#include "groupnorm/Dialect/GN/Transforms/Passes.h"
#include "groupnorm/InitAll.h"
#include "groupnorm/Pipelines/Pipelines.h"
#include "groupnorm/Support/FileInput.h"
#include "groupnorm/Target/MSL/MSL.h"
#include "groupnorm/Transforms/Passes.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace gn;
using namespace gn::tool;
using llvm::Error;
using llvm::Expected;

static DialectRegistry makeRegistry() {
  DialectRegistry registry;
  registerAllDialects(registry);
  runtime::registerTranslations(registry);
  return registry;
}

// Kernels are small: starting threads would take longer than they save.
Compiler::Compiler(const Options &options)
    : options(options),
      context(makeRegistry(), MLIRContext::Threading::DISABLED) {}

Error Compiler::collectDiagnostics(llvm::function_ref<LogicalResult()> action) {
  std::string message;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Warning)
      llvm::errs() << "groupnorm: warning: " << diagnostic << "\n";
    if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
      return failure();
    if (message.empty()) {
      llvm::raw_string_ostream stream(message);
      if (auto location =
              diagnostic.getLocation()->findInstanceOf<FileLineColLoc>())
        stream << location.getFilename().getValue() << ":" << location.getLine()
               << ":" << location.getColumn() << ": ";
      stream << diagnostic;
    }
    return success();
  });
  if (succeeded(action()))
    return Error::success();
  return llvm::createStringError(
      message.empty() ? "the module cannot be compiled" : message);
}

static Type convertType(runtime::ElementType type, Builder &builder) {
  switch (type) {
  case runtime::ElementType::F16:
    return builder.getF16Type();
  case runtime::ElementType::BF16:
    return builder.getBF16Type();
  case runtime::ElementType::F32:
    return builder.getF32Type();
  case runtime::ElementType::F64:
    return builder.getF64Type();
  case runtime::ElementType::I8:
  case runtime::ElementType::I16:
  case runtime::ElementType::I32:
    return builder.getIntegerType(8 * runtime::getSize(type));
  }
  llvm_unreachable("all types are listed");
}

Expected<Compiler::Module> Compiler::build(const reference::Problem &problem,
                                           const Signature &signature,
                                           StringRef name) {
  context.loadDialect<GNDialect, arith::ArithDialect, func::FuncDialect,
                      math::MathDialect, tensor::TensorDialect>();
  ImplicitLocOpBuilder b(UnknownLoc::get(&context), &context);
  Attribute schedule;
  if (!options.schedule.empty()) {
    Error error = collectDiagnostics([&] {
      schedule = parseAttribute(options.schedule, &context);
      return success(schedule != nullptr);
    });
    if (error)
      return llvm::make_error<UsageError>("--schedule: " +
                                          llvm::toString(std::move(error)));
    bool isMetal = options.machine == Target::Metal;
    if (isMetal ? !isa<MetalScheduleAttr>(schedule)
                : !isa<CPUScheduleAttr>(schedule))
      return llvm::make_error<UsageError>(
          "--schedule: '" + options.schedule + "' is not a #gn." +
          (isMetal ? "metal_schedule" : "cpu_schedule"));
  }

  Module module = ModuleOp::create(b.getLoc());
  b.setInsertionPointToStart(module->getBody());
  SmallVector<Type> argumentTypes, resultTypes;
  SmallVector<Attribute> epilogueMaps;
  SmallVector<Signature::Operand> operands = signature.getOperands(problem);
  int64_t rank = problem.shape.size();
  argumentNames.clear();
  for (const Signature::Operand &operand : operands) {
    // Dynamic sizes are those of x.
    std::string argumentName = operand.name.str();
    char separator = ':';
    for (int64_t dim : operand.dims)
      if (operand.name != "x" && ShapedType::isDynamic(problem.shape[dim])) {
        argumentName += separator + std::to_string(dim);
        separator = '+';
      }
    argumentNames.push_back(argumentName);
    auto type =
        RankedTensorType::get(operand.shape, convertType(operand.type, b));
    (operand.isInput ? argumentTypes : resultTypes).push_back(type);
    if (!operand.isEpilogueInput)
      continue;
    SmallVector<AffineExpr> dims =
        llvm::map_to_vector(operand.dims, [&](int64_t dim) -> AffineExpr {
          return b.getAffineDimExpr(dim);
        });
    epilogueMaps.push_back(
        AffineMapAttr::get(AffineMap::get(rank, 0, dims, &context)));
  }
  auto function = func::FuncOp::create(
      b, name, b.getFunctionType(argumentTypes, resultTypes));
  b.setInsertionPointToStart(function.addEntryBlock());

  Value x = function.getArgument(0);
  DenseMap<int64_t, Value> sizes;
  for (int64_t dim = 0; dim < rank; ++dim)
    if (ShapedType::isDynamic(problem.shape[dim]))
      sizes[dim] = tensor::DimOp::create(b, x, dim);
  SmallVector<Value> inits;
  for (const Signature::Operand &operand : operands) {
    if (operand.isInput)
      continue;
    SmallVector<Value> dynamic;
    for (int64_t dim : operand.dims)
      if (Value size = sizes.lookup(dim))
        dynamic.push_back(size);
    inits.push_back(tensor::EmptyOp::create(
        b, operand.shape, convertType(operand.type, b), dynamic));
  }
  ValueRange inputs = function.getArguments().drop_front();
  Value gamma, beta;
  if (signature.isAffine()) {
    gamma = inputs[0];
    beta = inputs[1];
    inputs = inputs.drop_front(2);
  }
  // The default needs no attribute.
  IntegerAttr featureDim;
  if (problem.featureDim != rank - 1)
    featureDim = b.getI64IntegerAttr(problem.featureDim);
  auto norm = GroupNormOp::create(
      b, resultTypes, x, gamma, beta, inputs, inits[0],
      signature.savesStatistics ? inits[1] : Value(),
      signature.savesStatistics ? inits[2] : Value(),
      b.getI64IntegerAttr(problem.numGroups),
      b.getF64FloatAttr(problem.epsilon),
      GroupingAttr::get(&context, problem.grouping),
      EpsilonPlacementAttr::get(&context, problem.epsilonPlacement), featureDim,
      b.getArrayAttr(epilogueMaps), signature.hasEpilogue());
  if (signature.hasEpilogue()) {
    SmallVector<Type> elements = {norm.getComputeType()};
    for (Value input : inputs)
      elements.push_back(getElementTypeOrSelf(input));
    Block &body = norm.getEpilogue()[0].emplaceBlock();
    body.addArguments(elements,
                      SmallVector<Location>(elements.size(), b.getLoc()));
    buildEpilogue(b, &body, signature, getElementTypeOrSelf(inits[0]));
  }
  if (schedule)
    norm->setAttr(GNDialect::kScheduleAttrName, schedule);
  func::ReturnOp::create(b, norm->getResults());

  if (Error error = collectDiagnostics([&] { return verify(*module); }))
    return error;
  return module;
}

Expected<Compiler::Module> Compiler::parse(StringRef path) {
  auto buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(*buffer), llvm::SMLoc());
  Module module;
  if (Error error = collectDiagnostics([&] {
        module = parseSourceFile<ModuleOp>(sources, &context);
        return success(static_cast<bool>(module));
      }))
    return error;
  return module;
}

CPUTarget Compiler::describe(const llvm::TargetMachine &machine) const {
  CPUTarget target{runtime::getVectorBits(machine), options.l2Size,
                   options.l3Size, runtime::getVectorRegisters(machine)};
  // The caches of this machine say nothing about another one.
  if (!options.target.isHost() && options.moduleFile.empty())
    target.complete(getCommonCPUTarget());
  return target;
}

Error Compiler::select(ModuleOp module, const llvm::TargetMachine &machine) {
  GNSelectSchedulePassOptions select;
  select.threads = options.threads;
  CPUTarget target = describe(machine);
  select.vectorBits = target.vectorBits;
  select.vectorRegisters = target.vectorRegisters;
  select.l2Size = target.l2Size;
  select.l3Size = target.l3Size;
  select.cores = target.cores;
  select.scheduleFile = options.scheduleFile;
  PassManager pm(&context);
  pm.addPass(createGNSelectSchedulePass(select));
  return collectDiagnostics([&] { return pm.run(module); });
}

Expected<MetalScheduleAttr> Compiler::selectMetal(ModuleOp module) {
  PassManager pm(&context);
  pm.addPass(createGNSelectMetalSchedulePass());
  if (Error error = collectDiagnostics([&] { return pm.run(module); }))
    return error;
  MetalScheduleAttr schedule;
  module->walk([&](GroupNormOp op) {
    schedule =
        op->getAttrOfType<MetalScheduleAttr>(GNDialect::kScheduleAttrName);
  });
  // The default says why it does not serve the op either.
  return schedule ? schedule : MetalScheduleAttr::getDefault(&context);
}

Error Compiler::lower(ModuleOp module, Stage stage,
                      const llvm::TargetMachine &machine) {
  if (stage == Stage::Tensors)
    return Error::success();
  if (Error error = select(module, machine))
    return error;
  if (stage == Stage::Affine) {
    LowerToAffineOptions toAffine;
    toAffine.threads = options.threads;
    toAffine.vectorBits = runtime::getVectorBits(machine);
    toAffine.vectorRegisters = runtime::getVectorRegisters(machine);
    return runPipeline(module, [&](OpPassManager &pm) {
      buildBufferizePipeline(pm);
      buildLowerToAffinePipeline(pm, toAffine);
    });
  }
  ToLLVMOptions toLLVM;
  toLLVM.threads = options.threads;
  toLLVM.vectorBits = runtime::getVectorBits(machine);
  toLLVM.vectorRegisters = runtime::getVectorRegisters(machine);
  toLLVM.expandBF16 = !runtime::hasBF16Conversion(machine);
  toLLVM.pairBF16 = machine.getTargetTriple().isLittleEndian();
  toLLVM.tableLanes = runtime::getTableLanes(machine);
  toLLVM.cInterface = true;
  for (const std::string &name : argumentNames)
    toLLVM.arguments.push_back(name);
  return runPipeline(
      module, [&](OpPassManager &pm) { buildToLLVMPipeline(pm, toLLVM); });
}

static Error tellFunctions(size_t count) {
  return llvm::createStringError(llvm::formatv(
      "the module has {0} public functions, but must have one", count));
}

Error Compiler::runPipeline(ModuleOp module,
                            llvm::function_ref<void(OpPassManager &)> build) {
  PassManager pm(&context);
  applyDefaultTimingPassManagerCLOptions(pm);
  // What goes in and what comes out is verified, not what is between passes.
  pm.enableVerifier(false);
  build(pm);
  return collectDiagnostics([&] {
    return success(succeeded(applyPassManagerCLOptions(pm)) &&
                   succeeded(pm.run(module)) && succeeded(verify(module)));
  });
}

Expected<func::FuncOp> Compiler::lowerToBuffers(ModuleOp module) {
  if (Error error = runPipeline(module, buildBufferizePipeline))
    return error;
  SmallVector<func::FuncOp> functions;
  for (auto function : module.getOps<func::FuncOp>())
    if (function.isPublic() && !function.isExternal())
      functions.push_back(function);
  if (functions.size() != 1)
    return tellFunctions(functions.size());
  return functions.front();
}

template <typename T>
Expected<T> Compiler::collect(llvm::function_ref<FailureOr<T>()> action) {
  FailureOr<T> result;
  Error error = collectDiagnostics([&] {
    result = action();
    return success(succeeded(result));
  });
  if (error)
    return error;
  return std::move(*result);
}

Expected<CInterface> Compiler::describe(func::FuncOp function) {
  return collect<CInterface>(
      [&] { return describeCInterface(function, argumentNames); });
}

Error Compiler::markInPlace(ModuleOp module) {
  return runPipeline(module, [](OpPassManager &pm) {
    pm.addNestedPass<func::FuncOp>(createGNMarkInPlacePass());
  });
}

Error Compiler::lowerToGPU(ModuleOp module) {
  return runPipeline(module, [](OpPassManager &pm) {
    buildLowerToGPUPipeline(pm, LowerToGPUOptions());
  });
}

Expected<MetalText> Compiler::printMetal(func::FuncOp function) {
  return collect<MetalText>([&]() -> FailureOr<MetalText> {
    MetalText metal;
    llvm::raw_string_ostream os(metal.text);
    if (failed(translateToMSL(function->getParentOfType<ModuleOp>(), os)))
      return failure();
    auto launches = LaunchDescription::create(function);
    if (failed(launches))
      return failure();
    metal.launches = std::move(*launches);
    return metal;
  });
}

Expected<MLXLayer> Compiler::getMLXLayer(func::FuncOp function) {
  return collect<MLXLayer>([&] { return MLXLayer::create(function); });
}

Expected<std::string> Compiler::printMLX(func::FuncOp function,
                                         const MLXLayer &layer) {
  return collect<std::string>([&]() -> FailureOr<std::string> {
    std::string text;
    llvm::raw_string_ostream os(text);
    if (failed(translateToMLX(function, layer, os)))
      return failure();
    return text;
  });
}

std::optional<runtime::ElementType> tool::getElementType(Type type) {
  if (type.isF16())
    return runtime::ElementType::F16;
  if (type.isBF16())
    return runtime::ElementType::BF16;
  if (type.isF32())
    return runtime::ElementType::F32;
  if (type.isF64())
    return runtime::ElementType::F64;
  if (type.isSignlessInteger(8))
    return runtime::ElementType::I8;
  if (type.isSignlessInteger(16))
    return runtime::ElementType::I16;
  if (type.isSignlessInteger(32))
    return runtime::ElementType::I32;
  return std::nullopt;
}

Expected<CInterface> tool::getOnlyFunction(ModuleOp module) {
  SmallVector<CInterface> functions;
  for (Operation &op : *module.getBody())
    if (std::optional<CInterface> function = getCInterface(&op))
      functions.push_back(std::move(*function));
  if (functions.size() != 1)
    return tellFunctions(functions.size());
  return std::move(functions.front());
}
