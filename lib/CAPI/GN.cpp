//===- GN.cpp - C API of the gn dialect -----------------------------------===//

#include "groupnorm-c/GN.h"
#include "groupnorm/Dialect/GN/IR/GN.h"
#include "groupnorm/InitAll.h"
#include "mlir/CAPI/IR.h"
#include "mlir/CAPI/Registration.h"

using namespace mlir;
using namespace gn;

MLIR_DEFINE_CAPI_DIALECT_REGISTRATION(GN, gn, gn::GNDialect)

void gnRegisterDialect(MlirDialectRegistry registry) {
  registerGNDialect(*unwrap(registry));
}

void gnRegisterAllPasses(void) { registerAllGroupNormPasses(); }

bool gnAttributeIsAGrouping(MlirAttribute attribute) {
  return isa<GroupingAttr>(unwrap(attribute));
}

MlirAttribute gnGroupingAttrGet(MlirContext context, GnGrouping value) {
  return wrap(GroupingAttr::get(unwrap(context), value == GN_GROUPING_CONTIGUOUS
                                                     ? Grouping::Contiguous
                                                     : Grouping::Interleaved));
}

GnGrouping gnGroupingAttrGetValue(MlirAttribute attribute) {
  return cast<GroupingAttr>(unwrap(attribute)).getValue() ==
                 Grouping::Contiguous
             ? GN_GROUPING_CONTIGUOUS
             : GN_GROUPING_INTERLEAVED;
}

bool gnAttributeIsAEpsilonPlacement(MlirAttribute attribute) {
  return isa<EpsilonPlacementAttr>(unwrap(attribute));
}

MlirAttribute gnEpsilonPlacementAttrGet(MlirContext context,
                                        GnEpsilonPlacement value) {
  return wrap(EpsilonPlacementAttr::get(unwrap(context),
                                        value == GN_EPSILON_OUTSIDE_SQRT
                                            ? EpsilonPlacement::OutsideSqrt
                                            : EpsilonPlacement::InsideSqrt));
}

GnEpsilonPlacement gnEpsilonPlacementAttrGetValue(MlirAttribute attribute) {
  return cast<EpsilonPlacementAttr>(unwrap(attribute)).getValue() ==
                 EpsilonPlacement::OutsideSqrt
             ? GN_EPSILON_OUTSIDE_SQRT
             : GN_EPSILON_INSIDE_SQRT;
}

bool gnAttributeIsASchedule(MlirAttribute attribute) {
  return isa<ScheduleAttrInterface>(unwrap(attribute));
}
