//===- GNToGPU.cpp - gn ops on memrefs to GPU kernels ---------------------===//
//
// The host side: which kernels an op becomes, their arguments and launches. The
// kernels themselves are in Kernels.cpp.
//
//===----------------------------------------------------------------------===//

#include "groupnorm/Conversion/GNToGPU/GNToGPU.h"
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

/// The lowering of one op.
class OpLowering {
public:
  OpLowering(const KernelPlan &p, gpu::GPUModuleOp kernels, OpBuilder &builder)
      : p(p), kernels(kernels), b(p.op.getLoc(), builder), helpers(b, kernels) {
  }

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
  void lowerSplit();
  void lowerEmpty();

  const KernelPlan &p;
  gpu::GPUModuleOp kernels;
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

void OpLowering::launch(StringRef stage, const Operands &operands, Grid grid,
                        int64_t threads, function_ref<void()> body) {
  // Kernels of a program have different names, whatever op they come from.
  std::string base =
      stage.empty() ? "group_norm" : ("group_norm_" + stage).str();
  std::string name = base;
  for (int i = 1; kernels.lookupSymbol(name); ++i)
    name = llvm::formatv("{0}_{1}", base, i);

  SmallVector<KernelBuilder::Argument> arguments;
  SmallVector<Value> values;
  for (const Operand &operand : operands) {
    arguments.push_back({operand.name, operand.role, operand.value.getType()});
    values.push_back(operand.value);
  }
  gpu::GPUFuncOp kernel = b.beginKernel(kernels, name, arguments, threads);
  kernel->setAttr(GNDialect::kCommentAttrName,
                  b.getStringAttr(describeKernel(p, stage)));
  body();
  b.endKernel();
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
    auto schedule =
        op->getAttrOfType<MetalScheduleAttr>(GNDialect::kScheduleAttrName);
    if (!schedule)
      schedule = MetalScheduleAttr::getDefault(op.getContext());
    FailureOr<KernelPlan> plan =
        KernelPlan::create(op, schedule, [&](const Twine &reason) {
          op.emitOpError("cannot become a GPU kernel: ") << reason;
        });
    if (failed(plan)) {
      isOk = false;
      continue;
    }
    builder.setInsertionPoint(op);
    OpLowering(*plan, kernels, builder).lower();
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
