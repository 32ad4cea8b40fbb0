//===- Helpers.cpp - Device functions on statistics -----------------------===//

#include "Helpers.h"
#include "groupnorm/Dialect/GN/IR/GN.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace gn;

VectorType Helpers::getStatisticsType(MLIRContext *context) {
  return VectorType::get({4}, Float32Type::get(context));
}

func::FuncOp
Helpers::getOrCreate(StringRef name, StringRef comment,
                     ArrayRef<std::pair<StringRef, Type>> arguments,
                     Type result, function_ref<Value(ValueRange)> body) {
  if (auto function = module.lookupSymbol<func::FuncOp>(name))
    return function;
  SmallVector<Type> types =
      llvm::map_to_vector(arguments, [](auto &pair) { return pair.second; });
  // Built away from the open kernel, so that its constants are not used here.
  OpBuilder outer(module.getBodyRegion());
  // Functions stand above the kernels, in the order in which they are made.
  auto firstKernel = module.getOps<gpu::GPUFuncOp>();
  if (!firstKernel.empty())
    outer.setInsertionPoint(*firstKernel.begin());
  auto function = func::FuncOp::create(outer, b.getLoc(), name,
                                       outer.getFunctionType(types, result));
  function.setPrivate();
  if (!comment.empty())
    function->setAttr(GNDialect::kCommentAttrName,
                      outer.getStringAttr(comment));
  Block *block = function.addEntryBlock();
  for (auto [i, pair] : llvm::enumerate(arguments)) {
    StringAttr argumentName = outer.getStringAttr(pair.first);
    function.setArgAttr(i, GNDialect::kNameAttrName, argumentName);
    block->getArgument(i).setLoc(NameLoc::get(argumentName, b.getLoc()));
  }
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(block);
  func::ReturnOp::create(b, body(block->getArguments()));
  return function;
}

func::FuncOp Helpers::sumLanesFunction(VectorType type) {
  StringRef name = type.getNumElements() == 2 ? "sum2" : "sum4";
  return getOrCreate(
      name, "", {{"v", type}}, b.floatType(1), [&](ValueRange args) {
        auto at = [&](int64_t i) { return b.extract(args[0], i); };
        Value sum = b.add(at(0), at(1));
        return type.getNumElements() == 2 ? sum
                                          : b.add(sum, b.add(at(2), at(3)));
      });
}

func::FuncOp Helpers::twoSumFunction() {
  Type scalar = b.floatType(1);
  return getOrCreate(
      "two_sum", "a + b as a rounded sum and the error of rounding it.",
      {{"a", scalar}, {"b", scalar}}, b.floatType(2), [&](ValueRange args) {
        Value sum = b.named(b.add(args[0], args[1]), "sum");
        Value rest = b.named(b.sub(sum, args[0]), "rest");
        Value error =
            b.add(b.sub(args[0], b.sub(sum, rest)), b.sub(args[1], rest));
        return b.pack({sum, error});
      });
}

func::FuncOp Helpers::fromSumsFunction() {
  func::FuncOp twoSum = twoSumFunction();
  Type scalar = b.floatType(1);
  return getOrCreate(
      "statistics_from_sums",
      "The statistics (count, mean, low part of the mean, variance) of `count` "
      "values,\nfrom the sums of (value - shift) and of its square.",
      {{"count", scalar},
       {"shift", scalar},
       {"sum", scalar},
       {"squares", scalar}},
      getStatisticsType(b.getContext()), [&](ValueRange args) {
        Value count = args[0], shift = args[1], sum = args[2];
        Value offset = b.named(b.div(sum, count), "offset");
        Value mean = b.named(b.call(twoSum, {shift, offset}), "mean");
        Value variance = b.named(
            b.sub(b.div(args[3], count), b.mul(offset, offset)), "variance");
        Value zero = b.constant(0, scalar);
        // NaN passes.
        Value isNegative =
            arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, variance, zero);
        return b.pack({count, b.extract(mean, 0), b.extract(mean, 1),
                       b.select(isNegative, zero, variance)});
      });
}

func::FuncOp Helpers::mergeFunction() {
  func::FuncOp twoSum = twoSumFunction();
  Type scalar = b.floatType(1);
  VectorType type = getStatisticsType(b.getContext());
  return getOrCreate(
      "merge_statistics",
      "The statistics of two disjoint sets together (Chan, Golub and LeVeque).",
      {{"a", type}, {"b", type}}, type, [&](ValueRange args) {
        auto [first, second] = std::pair(args[0], args[1]);
        Value one = b.constant(1, scalar);
        Value count = b.named(
            b.add(b.extract(first, Count), b.extract(second, Count)), "count");
        Value weight = b.named(b.div(b.extract(second, Count),
                                     arith::MaxNumFOp::create(b, count, one)),
                               "weight");
        Value rest = b.named(b.sub(one, weight), "rest");
        Value delta = b.named(
            b.add(b.sub(b.extract(second, Mean), b.extract(first, Mean)),
                  b.sub(b.extract(second, MeanLow), b.extract(first, MeanLow))),
            "delta");
        Value low = b.fma(weight, delta, b.extract(first, MeanLow));
        Value mean =
            b.named(b.call(twoSum, {b.extract(first, Mean), low}), "mean");
        // Every term is positive: nothing cancels.
        Value variance =
            b.named(b.add(b.mul(rest, b.extract(first, Variance)),
                          b.mul(weight, b.fma(b.mul(rest, delta), delta,
                                              b.extract(second, Variance)))),
                    "variance");
        Value merged =
            b.pack({count, b.extract(mean, 0), b.extract(mean, 1), variance});
        // The mean of an empty set is no number to start from.
        Value isEmpty = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ,
                                              b.extract(first, Count),
                                              b.constant(0, scalar));
        return b.select(isEmpty, second, merged);
      });
}

func::FuncOp Helpers::mergeSimdgroupFunction() {
  func::FuncOp mergeTwo = mergeFunction();
  VectorType type = getStatisticsType(b.getContext());
  return getOrCreate(
      "merge_simdgroup",
      "The statistics of a simdgroup's 32 threads together, in lane 0.",
      {{"statistics", type}}, type, [&](ValueRange args) {
        Type i32 = b.getI32Type();
        auto constant = [&](int64_t value, Type type) -> Value {
          return arith::ConstantOp::create(b, b.getIntegerAttr(type, value));
        };
        auto index = [&](int64_t value) {
          return b.index(constant(value, b.getIndexType()));
        };
        Value widest = constant(16, i32), width = constant(32, i32);
        return b.forLoop(
            "i", index(0), index(5), index(1), {{"merged", args[0]}},
            [&](Index i, ValueRange carried) {
              Value shift = arith::IndexCastUIOp::create(b, i32, i);
              Value offset = arith::ShRUIOp::create(b, widest, shift);
              auto other = gpu::ShuffleOp::create(b, carried[0], offset, width,
                                                  gpu::ShuffleMode::XOR);
              return SmallVector<Value>{
                  b.call(mergeTwo, {carried[0], other.getShuffleResult()})};
            })[0];
      });
}

Value Helpers::sumLanes(Value vector) {
  auto type = dyn_cast<VectorType>(vector.getType());
  return type ? b.call(sumLanesFunction(type), {vector}) : vector;
}

Value Helpers::fromSums(Value count, Value shift, Value sum, Value squares) {
  return b.call(fromSumsFunction(), {count, shift, sum, squares});
}

Value Helpers::merge(Value a, Value c) {
  return b.call(mergeFunction(), {a, c});
}

Value Helpers::mergeSimdgroup(Value statistics) {
  return b.call(mergeSimdgroupFunction(), {statistics});
}

Value Helpers::erf(Value x) {
  auto vector = dyn_cast<VectorType>(x.getType());
  std::string name = "erf";
  if (vector)
    name += llvm::utostr(vector.getNumElements());
  func::FuncOp function = getOrCreate(
      name, "The error function, within 2 units in the last place.",
      {{"x", x.getType()}}, x.getType(), [&](ValueRange args) -> Value {
        return math::ErfOp::create(b, args[0]);
      });
  return b.call(function, {x});
}
