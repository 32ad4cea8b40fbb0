//===- GNToGPU.cpp - gn ops on memrefs to GPU kernels ---------------------===//
//
// The host side: which kernels an op becomes, their arguments and launches. The
// kernels themselves are in Kernels.cpp.
//
//===----------------------------------------------------------------------===//

#include "groupnorm/Conversion/GNToGPU/GNToGPU.h"
#include "../SizeCondition.h"
#include "Describe.h"
#include "Epilogue.h"
#include "Kernels.h"
#include "TileView.h"
#include "groupnorm/Conversion/Passes.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/SymbolTable.h"

namespace gn {
#define GEN_PASS_DEF_CONVERTGNTOGPUPASS
#include "groupnorm/Conversion/Passes.h.inc"
} // namespace gn

using namespace mlir;
using namespace gn;

namespace {

/// The kernels of one op, by schedule and stage: alternatives may have the same
/// schedule.
using KernelMap =
    std::map<std::pair<const void *, std::string>, gpu::GPUFuncOp>;

/// The lowering of one op for one schedule.
class OpLowering {
public:
  OpLowering(const KernelPlan &p, gpu::GPUModuleOp kernels, KernelMap &made,
             OpBuilder &builder)
      : p(p), kernels(kernels), made(made), b(p.op.getLoc(), builder),
        helpers(b, kernels) {}

  void lower();

private:
  struct Operand {
    std::string name;
    StringRef role;
    Value value;
  };
  using Operands = SmallVector<Operand>;
  struct Grid {
    Value x, y, z;
  };

  Value flatten(Value buffer);
  Value sizeOf(int64_t begin, int64_t end, Size known);
  Value scratch(ArrayRef<Value> sizes, ArrayRef<Size> known);
  /// x and `scratch`; y and what it is made of, if asked for; the statistics
  /// that are saved, if asked for; sizes.
  Operands operands(bool withY, bool withSaved, ArrayRef<Operand> scratch);
  void addSaved(Operands &operands);
  void launch(StringRef stage, const Operands &operands, Grid grid,
              int64_t threads, function_ref<void()> body);
  gpu::GPUFuncOp makeKernel(StringRef stage, const Operands &operands,
                            int64_t threads, function_ref<void()> body);
  void lowerSplit();
  void lowerEmpty();

  const KernelPlan &p;
  gpu::GPUModuleOp kernels;
  KernelMap &made;
  KernelBuilder b;
  Helpers helpers;
  Value x, y, samples, before, after;
};

} // namespace

/// A buffer as one row of elements.
Value OpLowering::flatten(Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  int64_t rank = type.getRank();
  if (rank == 1)
    return buffer;
  if (rank == 0)
    return memref::ExpandShapeOp::create(
        b, MemRefType::get({1}, type.getElementType()), buffer,
        ArrayRef<ReassociationIndices>());
  ReassociationIndices all = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  return memref::CollapseShapeOp::create(b, buffer,
                                         ArrayRef<ReassociationIndices>{all});
}

/// The product of x's sizes [begin, end).
Value OpLowering::sizeOf(int64_t begin, int64_t end, Size known) {
  if (known)
    return b.index(*known);
  Index size = b.index(1);
  for (int64_t i = begin; i < end; ++i)
    size = size * b.index(b.createOrFold<memref::DimOp>(p.op.getX(), i));
  return size;
}

/// A buffer for sets of statistics.
Value OpLowering::scratch(ArrayRef<Value> sizes, ArrayRef<Size> known) {
  Index count = b.index(p.groups);
  for (Value size : sizes)
    count = count * b.index(size);
  int64_t staticCount = ShapedType::kDynamic;
  if (llvm::all_of(known, [](Size size) { return size.has_value(); })) {
    staticCount = p.groups;
    for (Size size : known)
      staticCount *= *size;
  }
  auto type = MemRefType::get({staticCount},
                              Helpers::getStatisticsType(b.getContext()));
  SmallVector<Value> dynamic;
  if (ShapedType::isDynamic(staticCount))
    dynamic.push_back(count);
  return memref::AllocOp::create(b, type, dynamic);
}

void OpLowering::addSaved(Operands &operands) {
  if (!p.op.savesStatistics())
    return;
  operands.push_back({"mean", "output", flatten(p.op.getMean())});
  operands.push_back({"rstd", "output", flatten(p.op.getRstd())});
}

OpLowering::Operands OpLowering::operands(bool withY, bool withSaved,
                                          ArrayRef<Operand> scratch) {
  Operands operands{{"x", "input", x}};
  llvm::append_range(operands, scratch);
  if (withY) {
    if (p.affine) {
      operands.push_back({"gamma", "input", p.op.getGamma()});
      operands.push_back({"beta", "input", p.op.getBeta()});
    }
    for (auto [i, input] : llvm::enumerate(p.op.getEpilogueInputs()))
      operands.push_back({getEpilogueInputName(i), "input", flatten(input)});
    operands.push_back({"y", "output", y});
  }
  if (withSaved)
    addSaved(operands);
  if (!p.before)
    operands.push_back({kBeforeName.str(), "size", before});
  if (!p.after)
    operands.push_back({kAfterName.str(), "size", after});
  return operands;
}

gpu::GPUFuncOp OpLowering::makeKernel(StringRef stage, const Operands &operands,
                                      int64_t threads,
                                      function_ref<void()> body) {
  // Kernels of a program have different names, whatever op they come from.
  std::string base =
      stage.empty() ? "group_norm" : ("group_norm_" + stage).str();
  std::string name = base;
  for (int i = 1; kernels.lookupSymbol(name); ++i)
    name = llvm::formatv("{0}_{1}", base, i);

  auto arguments = llvm::map_to_vector(operands, [](const Operand &operand) {
    return KernelBuilder::Argument{operand.name, operand.role,
                                   operand.value.getType()};
  });
  gpu::GPUFuncOp kernel = b.beginKernel(kernels, name, arguments, threads);
  kernel->setAttr(GNDialect::kCommentAttrName,
                  b.getStringAttr(describeKernel(p, stage)));
  body();
  b.endKernel();
  return kernel;
}

void OpLowering::launch(StringRef stage, const Operands &operands, Grid grid,
                        int64_t threads, function_ref<void()> body) {
  gpu::GPUFuncOp &kernel = made[{p.schedule.getAsOpaquePointer(), stage.str()}];
  if (!kernel)
    kernel = makeKernel(stage, operands, threads, body);
  auto values = llvm::map_to_vector(
      operands, [](const Operand &operand) { return operand.value; });
  Value one = b.index(1);
  gpu::LaunchFuncOp::create(b, kernel, gpu::KernelDim3{grid.x, grid.y, grid.z},
                            gpu::KernelDim3{b.index(threads), one, one},
                            /*dynamicSharedMemorySize=*/Value(), values);
}

void OpLowering::lowerSplit() {
  Index one = b.index(1);
  int64_t pieceItems = p.schedule.getPiece() * p.itemsPerRound;
  Size pieces = p.pieces();
  Index items = p.items ? b.index(*p.items) : b.index(before);
  if (!p.items) {
    // Elements of a tile (Slab) or rows of it, in vectors.
    if (p.map == KernelPlan::Map::Rows)
      items = items * p.rowSplit;
    else
      items = items * b.index(after) * p.groupWidth / p.vector;
  }
  Index pieceCount =
      pieces ? b.index(*pieces) : (items + (pieceItems - 1)) / pieceItems;
  Index groupCount = b.index(samples) * p.groups;
  Value partial = scratch({samples, pieceCount}, {p.samples, pieces});
  Value statistics = scratch({samples}, {p.samples});

  auto withPieces = [&](Operands operands) {
    if (!pieces)
      operands.push_back({kPiecesName.str(), "size", pieceCount});
    return operands;
  };
  Grid tiles{b.index(p.tiles), pieceCount, samples};
  launch("statistics",
         withPieces(operands(/*withY=*/false, /*withSaved=*/false,
                             {{"partial", "scratch", partial}})),
         tiles, p.threads,
         [&] { emitStatisticsKernel(b, p, helpers, pieces); });
  Operands merged{{"partial", "scratch", partial},
                  {"statistics", "scratch", statistics}};
  addSaved(merged);
  launch("merge", withPieces(merged), {groupCount, one, one}, /*threads=*/32,
         [&] { emitMergeKernel(b, p, helpers, pieces); });
  launch("normalize",
         operands(/*withY=*/true, /*withSaved=*/false,
                  {{"statistics", "scratch", statistics}}),
         tiles, p.threads, [&] { emitNormalizeKernel(b, p, helpers); });
  memref::DeallocOp::create(b, partial);
  memref::DeallocOp::create(b, statistics);
}

/// Nothing is computed of nothing, but that it has no statistics.
void OpLowering::lowerEmpty() {
  if (!p.op.savesStatistics() || p.samples == 0)
    return;
  Operands saved;
  addSaved(saved);
  Value blocks = b.index(llvm::divideCeil(p.groups, p.threads));
  launch("empty", saved, {blocks, b.index(1), samples}, p.threads,
         [&] { emitEmptyKernel(b, p); });
}

void OpLowering::lower() {
  ShapedType type = p.op.getXType();
  int64_t featureDim = p.op.getFeatureDimension();
  samples = sizeOf(0, 1, p.samples);
  if (p.isEmpty())
    return lowerEmpty();
  before = sizeOf(1, featureDim, p.before);
  after = sizeOf(featureDim + 1, type.getRank(), p.after);
  x = flatten(p.op.getX());
  y = flatten(p.op.getInit());
  Grid tiles{b.index(p.tiles), b.index(1), samples};
  switch (p.schedule.getStrategy()) {
  case MetalStrategy::Single:
    return launch("", operands(/*withY=*/true, /*withSaved=*/true, {}), tiles,
                  p.threads, [&] { emitSingleKernel(b, p, helpers); });
  case MetalStrategy::Looped:
    return launch("", operands(/*withY=*/true, /*withSaved=*/true, {}), tiles,
                  p.threads, [&] { emitLoopedKernel(b, p, helpers); });
  case MetalStrategy::Split:
    return lowerSplit();
  }
}

//===----------------------------------------------------------------------===//
// Alternatives
//===----------------------------------------------------------------------===//

/// The alternatives of `op`; one without bounds where there is a schedule, or
/// none of them, or where the sizes are known.
static SmallVector<MetalAlternativeAttr> getAlternatives(GroupNormOp op) {
  constexpr int64_t kUnbounded = MetalAlternativeAttr::kUnbounded;
  Attribute schedule = op->getAttr(GNDialect::kScheduleAttrName);
  auto always = [&](MetalScheduleAttr schedule) {
    return MetalAlternativeAttr::get(op.getContext(), /*min_samples=*/0,
                                     kUnbounded, kUnbounded, schedule);
  };
  auto alternatives = dyn_cast_or_null<MetalAlternativesAttr>(schedule);
  if (!alternatives) {
    // A schedule for another target says nothing here.
    auto own = dyn_cast_or_null<MetalScheduleAttr>(schedule);
    return {always(own ? own : MetalScheduleAttr::getDefault(op.getContext()))};
  }
  ShapedType x = op.getXType();
  if (!x.hasStaticShape())
    return llvm::to_vector(alternatives.getAlternatives());
  int64_t samples = x.getDimSize(0);
  int64_t positions =
      samples == 0 ? 0 : x.getNumElements() / samples / op.getNumFeatures();
  auto serving = llvm::find_if(alternatives.getAlternatives(),
                               [&](MetalAlternativeAttr alternative) {
                                 return alternative.serves(samples, positions);
                               });
  return {always(serving->getSchedule())};
}

/// The product of x's spatial sizes.
static Value createPositions(ImplicitLocOpBuilder &b, GroupNormOp op) {
  Value positions;
  for (int64_t dim = 1, rank = op.getXType().getRank(); dim < rank; ++dim) {
    if (dim == op.getFeatureDimension())
      continue;
    Value size = b.createOrFold<memref::DimOp>(op.getX(), dim);
    positions = positions ? arith::MulIOp::create(b, positions, size) : size;
  }
  return positions ? positions : arith::ConstantIndexOp::create(b, 1);
}

/// Launches `op`, by the first alternative that serves the sizes at run time.
/// Fails, with errors, where no kernel serves it.
static LogicalResult lowerOp(GroupNormOp op, gpu::GPUModuleOp kernels,
                             OpBuilder &builder) {
  SmallVector<MetalAlternativeAttr> alternatives = getAlternatives(op);
  std::vector<KernelPlan> plans;
  for (MetalAlternativeAttr alternative : alternatives) {
    FailureOr<KernelPlan> plan = KernelPlan::create(
        op, alternative.getSchedule(), [&](const Twine &reason) {
          op.emitOpError("cannot become a GPU kernel: ") << reason;
        });
    if (failed(plan))
      return failure();
    plans.push_back(std::move(*plan));
  }

  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(op);
  KernelMap made;
  auto lower = [&](const KernelPlan &plan) {
    OpLowering(plan, kernels, made, builder).lower();
  };
  if (plans.size() == 1 || plans.front().isEmpty()) {
    lower(plans.front());
    return success();
  }
  ImplicitLocOpBuilder b(op.getLoc(), builder);
  Value samples = b.createOrFold<memref::DimOp>(op.getX(), 0);
  Value positions = createPositions(b, op);
  Value total = arith::MulIOp::create(b, samples, positions);
  for (auto [alternative, plan] : llvm::zip(alternatives, plans)) {
    Value condition =
        createSizeCondition(b, alternative, samples, positions, total);
    if (!condition) {
      builder.restoreInsertionPoint(b.saveInsertionPoint());
      lower(plan);
      break;
    }
    auto branch = scf::IfOp::create(b, condition, /*withElseRegion=*/true);
    builder.setInsertionPoint(branch.thenYield());
    lower(plan);
    b.setInsertionPoint(branch.elseYield());
  }
  return success();
}

LogicalResult gn::convertGNToGPU(ModuleOp module) {
  SmallVector<GroupNormOp> ops;
  bool isOk = true;
  module.walk([&](Operation *op) {
    if (auto norm = dyn_cast<GroupNormOp>(op);
        norm && norm.hasPureBufferSemantics())
      ops.push_back(norm);
    if (isa<GroupStatsOp, GroupNormalizeOp>(op) &&
        isa<MemRefType>(op->getOperand(0).getType())) {
      op->emitOpError("cannot become a GPU kernel; only gn.group_norm can");
      isOk = false;
    }
  });
  if (ops.empty())
    return success(isOk);

  OpBuilder builder(module.getContext());
  auto kernels =
      gpu::GPUModuleOp::create(builder, module.getLoc(), "group_norm_kernels");
  for (GroupNormOp op : ops) {
    if (failed(lowerOp(op, kernels, builder))) {
      isOk = false;
      continue;
    }
    op.erase();
  }
  if (kernels.getBody()->empty()) {
    kernels.erase();
    return success(isOk);
  }
  SymbolTable(module).insert(kernels, module.getBody()->begin());
  module->setAttr(gpu::GPUDialect::getContainerModuleAttrName(),
                  builder.getUnitAttr());
  return success(isOk);
}

namespace {
struct ConvertGNToGPU : gn::impl::ConvertGNToGPUPassBase<ConvertGNToGPU> {
  void runOnOperation() override {
    if (failed(convertGNToGPU(getOperation())))
      signalPassFailure();
  }
};
} // namespace
