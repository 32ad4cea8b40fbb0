/* The C API as a program in C uses it; gn.test says what it prints. */

#include "groupnorm-c/GN.h"
#include "mlir-c/Pass.h"

#include <stdio.h>

static MlirStringRef text(const char *string) {
  return mlirStringRefCreateFromCString(string);
}

static void print(MlirStringRef part, void *unused) {
  (void)unused;
  fwrite(part.data, 1, part.length, stdout);
}

int main(void) {
  MlirContext context = mlirContextCreate();
  MlirDialectRegistry registry = mlirDialectRegistryCreate();
  gnRegisterDialect(registry);
  mlirContextAppendDialectRegistry(context, registry);
  mlirDialectRegistryDestroy(registry);
  MlirDialect dialect =
      mlirDialectHandleLoadDialect(mlirGetDialectHandle__gn__(), context);
  printf("dialect: ");
  print(mlirDialectGetNamespace(dialect), NULL);

  MlirAttribute grouping = gnGroupingAttrGet(context, GN_GROUPING_CONTIGUOUS);
  printf("\ngrouping: ");
  mlirAttributePrint(grouping, print, NULL);
  printf(" %d %d %d", gnAttributeIsAGrouping(grouping),
         gnGroupingAttrGetValue(grouping) == GN_GROUPING_CONTIGUOUS,
         gnAttributeIsAEpsilonPlacement(grouping));

  MlirAttribute placement =
      gnEpsilonPlacementAttrGet(context, GN_EPSILON_OUTSIDE_SQRT);
  printf("\nplacement: ");
  mlirAttributePrint(placement, print, NULL);
  printf(" %d %d %d", gnAttributeIsAEpsilonPlacement(placement),
         gnEpsilonPlacementAttrGetValue(placement) == GN_EPSILON_OUTSIDE_SQRT,
         gnAttributeIsASchedule(placement));

  MlirAttribute schedule =
      mlirAttributeParseGet(context, text("#gn.cpu_schedule<block = 2>"));
  printf("\nschedule: %d\n", gnAttributeIsASchedule(schedule));

  gnRegisterAllPasses();
  MlirModule module = mlirModuleCreateParse(
      context, text("gn.group_norm num_groups(2) ins(%x : tensor<2x8xf32>)"));
  printf("a module with an error: %s\n",
         mlirModuleIsNull(module) ? "null" : "there");
  module = mlirModuleCreateParse(context, text("module {}"));
  MlirPassManager manager = mlirPassManagerCreate(context);
  MlirLogicalResult parsed = mlirParsePassPipeline(
      mlirPassManagerGetAsOpPassManager(manager),
      text("builtin.module(gn-select-schedule)"), print, NULL);
  printf("pipeline: %d %d\n", mlirLogicalResultIsSuccess(parsed),
         mlirLogicalResultIsSuccess(
             mlirPassManagerRunOnOp(manager, mlirModuleGetOperation(module))));
  mlirPassManagerDestroy(manager);
  mlirModuleDestroy(module);
  mlirContextDestroy(context);
  return 0;
}
