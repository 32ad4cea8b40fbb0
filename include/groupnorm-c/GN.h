/*===- GN.h - C API of the gn dialect -----------------------------*- C -*-===*\
|*                                                                            *|
|* In the manner of MLIR's own: to be used beside mlir-c/IR.h.                *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef GROUPNORM_C_GN_H
#define GROUPNORM_C_GN_H

#include "mlir-c/IR.h"

#ifdef __cplusplus
extern "C" {
#endif

/* mlirGetDialectHandle__gn__: the dialect alone. */
MLIR_DECLARE_CAPI_DIALECT_REGISTRATION(GN, gn);

/* The dialect with the interfaces that tiling, bufferization and decomposition
 * need. */
MLIR_CAPI_EXPORTED void gnRegisterDialect(MlirDialectRegistry registry);

/* All passes and named pipelines of the project, for mlirParsePassPipeline. */
MLIR_CAPI_EXPORTED void gnRegisterAllPasses(void);

/*===----------------------------------------------------------------------===*\
|* Attributes
\*===----------------------------------------------------------------------===*/

typedef enum GnGrouping {
  GN_GROUPING_INTERLEAVED,
  GN_GROUPING_CONTIGUOUS
} GnGrouping;

MLIR_CAPI_EXPORTED bool gnAttributeIsAGrouping(MlirAttribute attribute);
MLIR_CAPI_EXPORTED MlirAttribute gnGroupingAttrGet(MlirContext context,
                                                   GnGrouping value);
MLIR_CAPI_EXPORTED GnGrouping gnGroupingAttrGetValue(MlirAttribute attribute);

typedef enum GnEpsilonPlacement {
  GN_EPSILON_INSIDE_SQRT,
  GN_EPSILON_OUTSIDE_SQRT
} GnEpsilonPlacement;

MLIR_CAPI_EXPORTED bool gnAttributeIsAEpsilonPlacement(MlirAttribute attribute);
MLIR_CAPI_EXPORTED MlirAttribute
gnEpsilonPlacementAttrGet(MlirContext context, GnEpsilonPlacement value);
MLIR_CAPI_EXPORTED GnEpsilonPlacement
gnEpsilonPlacementAttrGetValue(MlirAttribute attribute);

/* A schedule for any target; mlirAttributeParseGet makes one of its text. */
MLIR_CAPI_EXPORTED bool gnAttributeIsASchedule(MlirAttribute attribute);

#ifdef __cplusplus
}
#endif

#endif /* GROUPNORM_C_GN_H */
