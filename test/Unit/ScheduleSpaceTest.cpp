//===- ScheduleSpaceTest.cpp - The schedules around a schedule ------------===//

#include "groupnorm/Dialect/GN/Transforms/ScheduleSpace.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/STLExtras.h"
#include "gtest/gtest.h"

using namespace gn;
using mlir::MLIRContext;

static CPUScheduleAttr parse(llvm::StringRef text, MLIRContext &context) {
  return mlir::dyn_cast_or_null<CPUScheduleAttr>(
      mlir::parseAttribute(text, &context));
}

namespace {
struct ScheduleSpace : testing::Test {
  ScheduleSpace() { context.loadDialect<GNDialect>(); }
  MLIRContext context;
};
} // namespace

TEST_F(ScheduleSpace, NeighboursAreOthersAndDistinct) {
  auto schedule = parse("#gn.cpu_schedule<strategy = sample, block = 8, "
                        "apply_rows = 2, parallel = false>",
                        context);
  ASSERT_TRUE(schedule);
  auto neighbours = getNeighbours(schedule);
  EXPECT_GT(neighbours.size(), 15u);
  EXPECT_FALSE(llvm::is_contained(neighbours, schedule));
  llvm::SmallPtrSet<const void *, 32> distinct;
  for (CPUScheduleAttr neighbour : neighbours)
    distinct.insert(neighbour.getAsOpaquePointer());
  EXPECT_EQ(distinct.size(), neighbours.size());
}

TEST_F(ScheduleSpace, OneFieldChangesAndTheOthersStay) {
  auto schedule = parse("#gn.cpu_schedule<block = 8, chunk = 48>", context);
  for (llvm::StringRef wanted :
       {"#gn.cpu_schedule<strategy = sample, block = 8, chunk = 48>",
        "#gn.cpu_schedule<block = 4, chunk = 48>",
        "#gn.cpu_schedule<block = 8, chunk = 32>",
        "#gn.cpu_schedule<block = 8, chunk = 48, stream = true>"})
    EXPECT_TRUE(
        llvm::is_contained(getNeighbours(schedule), parse(wanted, context)))
        << wanted.str();
}

TEST_F(ScheduleSpace, WhatTheVerifierRefusesIsNone) {
  // Rows in flight divide a chunk: 8 do not divide 20.
  auto schedule = parse("#gn.cpu_schedule<chunk = 20>", context);
  auto neighbours = getNeighbours(schedule);
  EXPECT_TRUE(llvm::any_of(
      neighbours, [](CPUScheduleAttr s) { return s.getApplyRows() == 4; }));
  EXPECT_TRUE(llvm::none_of(
      neighbours, [](CPUScheduleAttr s) { return s.getApplyRows() == 8; }));
}

TEST_F(ScheduleSpace, NeighboursReachBack) {
  auto schedule = parse("#gn.cpu_schedule<block = 8, stream = true>", context);
  for (CPUScheduleAttr neighbour : getNeighbours(schedule))
    if (neighbour.getStream() != schedule.getStream())
      EXPECT_TRUE(llvm::is_contained(getNeighbours(neighbour), schedule));
}
