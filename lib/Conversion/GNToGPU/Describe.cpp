//===- Describe.cpp - What a kernel says about itself ---------------------===//

#include "Describe.h"
#include "Epilogue.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace gn;

static std::string shapeOf(Value value) {
  auto type = cast<MemRefType>(value.getType());
  std::string text;
  llvm::raw_string_ostream os(text);
  for (int64_t size : type.getShape()) {
    if (ShapedType::isDynamic(size))
      os << "?x";
    else
      os << size << "x";
  }
  os << type.getElementType();
  return text;
}

static int64_t elementBytes(Value value) {
  return cast<MemRefType>(value.getType()).getElementTypeBitWidth() / 8;
}

/// What the threadgroups of one kernel read of gamma and beta together.
static Size affineBytes(const KernelPlan &p, Size pieces) {
  if (!p.affine)
    return 0;
  if (!p.samples || !pieces)
    return std::nullopt;
  return *p.samples * *pieces * p.features *
         (elementBytes(p.op.getGamma()) + elementBytes(p.op.getBeta()));
}

static std::string bytes(Size size) {
  return size ? llvm::formatv("{0} bytes", *size).str() : "all";
}

static std::string describeOp(const KernelPlan &p) {
  std::string text;
  llvm::raw_string_ostream os(text);
  GroupNormOp op = p.op;
  os << "group_norm of x: " << shapeOf(op.getX());
  if (op.getFeatureDimension() != op.getXType().getRank() - 1)
    os << " (features are dimension " << op.getFeatureDimension() << ")";
  os << " into y: " << shapeOf(op.getInit()) << ",\n";
  os << p.groups << (p.interleaved ? " interleaved" : " contiguous")
     << (p.groups == 1 ? " group of " : " groups of ") << p.groupWidth
     << (p.groupWidth == 1 ? " feature, " : " features, ");
  if (p.affine)
    os << "gamma: " << shapeOf(op.getGamma())
       << ", beta: " << shapeOf(op.getBeta()) << ", ";
  os << "epsilon " << llvm::format("%g", op.getEpsilon().convertToDouble())
     << " "
     << (op.getEpsilonPlacement() == EpsilonPlacement::InsideSqrt ? "inside"
                                                                  : "outside")
     << " the square root.\n";
  if (op.hasEpilogue()) {
    os << "An epilogue follows";
    for (auto [i, input] : llvm::enumerate(op.getEpilogueInputs()))
      os << (i == 0 ? ", with " : ", ") << getEpilogueInputName(i) << ": "
         << shapeOf(input);
    os << ".\n";
  }
  if (op.savesStatistics())
    os << "The mean and the reciprocal deviation of each group are saved.\n";
  return text;
}

std::string gn::describeKernel(const KernelPlan &p, StringRef stage) {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (stage != "merge")
    os << describeOp(p);
  if (stage == "empty") {
    os << "A thread takes one group, which has no elements: NaN is saved.";
    return text;
  }
  MetalStrategy strategy = p.schedule.getStrategy();
  os << "Strategy " << stringifyMetalStrategy(strategy);
  if (!stage.empty())
    os << ", " << stage;
  os << ": ";

  std::string tile = p.tileGroups == 1
                         ? "one group"
                         : llvm::formatv("{0} groups", p.tileGroups).str();
  Size elements;
  if (p.op.getXType().hasStaticShape())
    elements = p.op.getXType().getNumElements();
  Size xBytes, yBytes, setBytes;
  Size pieces = p.pieces();
  if (elements) {
    xBytes = *elements * elementBytes(p.op.getX());
    yBytes = *elements * elementBytes(p.op.getInit());
    setBytes = *p.samples * p.groups * 16;
  }
  Size partialBytes;
  if (setBytes && pieces)
    partialBytes = *setBytes * *pieces;
  std::string affine =
      p.affine ? llvm::formatv(
                     ", {0} of gamma and beta",
                     bytes(affineBytes(p, stage.empty() ? Size(1) : pieces)))
                     .str()
               : "";

  if (strategy == MetalStrategy::Single)
    os << "a threadgroup takes " << tile << " of a sample and keeps x in "
       << "registers.\nReads " << bytes(xBytes) << " of x (once)" << affine
       << "; writes " << bytes(yBytes) << " of y.";
  else if (strategy == MetalStrategy::Looped) {
    os << "a threadgroup takes " << tile << " of a sample in two sweeps";
    int64_t kept = p.schedule.getKeep() * p.activeThreads() * p.vector;
    if (kept != 0)
      os << ",\nthe first " << kept << " elements of which stay in registers";
    os << ".\nReads " << bytes(xBytes) << " of x ("
       << (kept == 0 ? "twice" : "once, what is not kept twice") << ")"
       << affine << "; writes " << bytes(yBytes) << " of y.";
  } else if (stage == "statistics")
    os << "a threadgroup takes a piece of " << tile << " of a sample.\nReads "
       << bytes(xBytes) << " of x (once); writes " << bytes(partialBytes)
       << " of partial statistics.";
  else if (stage == "merge")
    os << "a simdgroup takes one group of a sample.\nReads "
       << bytes(partialBytes) << " of partial statistics; writes "
       << bytes(setBytes) << " of statistics.";
  else
    os << "a threadgroup takes a piece of " << tile << " of a sample.\nReads "
       << bytes(xBytes) << " of x (once)" << affine << "; writes "
       << bytes(yBytes) << " of y.";
  return text;
}
