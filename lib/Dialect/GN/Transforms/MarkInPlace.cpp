//===- MarkInPlace.cpp - Results that may take an input's place -----------===//

#include "groupnorm/Dialect/GN/Transforms/Passes.h"
#include "groupnorm/Transforms/CInterface.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace gn {
#define GEN_PASS_DEF_GNMARKINPLACEPASS
#include "groupnorm/Dialect/GN/Transforms/Passes.h.inc"
} // namespace gn

using namespace mlir;
using namespace gn;

/// Whether `writer` is done with the buffer when it writes, and no other op
/// needs it from then on.
template <typename OpTy> static bool isReadInPlace(OpTy writer, Value buffer) {
  return llvm::all_of(buffer.getUses(), [&](OpOperand &use) {
    Operation *user = use.getOwner();
    if (user == writer)
      return writer.isReadInPlace(use);
    // A view may be read later on.
    bool makesViews =
        llvm::any_of(user->getResultTypes(), llvm::IsaPred<BaseMemRefType>);
    Operation *atLevel = writer->getBlock()->findAncestorOpInBlock(*user);
    return !makesViews && atLevel && atLevel->isBeforeInBlock(writer);
  });
}

/// The arguments whose buffer `init` may be, if `writer` writes it.
template <typename OpTy>
static SmallVector<int64_t> findPlaces(OpTy writer, Value init) {
  SmallVector<int64_t> places;
  Block *entry = writer->getBlock();
  for (BlockArgument argument : entry->getArguments())
    if (argument != init && argument.getType() == init.getType() &&
        llvm::is_contained(writer->getOperands(), argument) &&
        isReadInPlace(writer, argument))
      places.push_back(argument.getArgNumber());
  return places;
}

namespace {
struct GNMarkInPlace : gn::impl::GNMarkInPlacePassBase<GNMarkInPlace> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    for (BlockArgument argument : function.getArguments()) {
      if (!isa<MemRefType>(argument.getType()) || !argument.hasOneUse())
        continue;
      Operation *user = *argument.user_begin();
      if (user->getBlock() != argument.getOwner())
        continue;
      SmallVector<int64_t> places;
      if (auto norm = dyn_cast<GroupNormOp>(user);
          norm && norm.getInit() == argument)
        places = findPlaces(norm, argument);
      else if (auto normalize = dyn_cast<GroupNormalizeOp>(user);
               normalize && normalize.getInit() == argument)
        places = findPlaces(normalize, argument);
      if (!places.empty())
        function.setArgAttr(
            argument.getArgNumber(), kMayBeAttrName,
            Builder(&getContext()).getDenseI64ArrayAttr(places));
    }
  }
};
} // namespace
