//===- GNDialect.cpp - The gn dialect -------------------------------------===//

#include "groupnorm/Dialect/GN/IR/GN.h"

using namespace mlir;
using namespace gn;

#include "groupnorm/Dialect/GN/IR/GNDialect.cpp.inc"

void GNDialect::initialize() {
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "groupnorm/Dialect/GN/IR/GNOps.cpp.inc"
      >();
}

LogicalResult GNDialect::verifyOperationAttribute(Operation *op,
                                                  NamedAttribute attribute) {
  if (attribute.getName() == kScheduleAttrName) {
    auto schedule = dyn_cast<ScheduleAttrInterface>(attribute.getValue());
    if (!schedule)
      return op->emitOpError()
             << "C15: '" << kScheduleAttrName
             << "' must be a schedule attribute, such as #gn.cpu_schedule<>";
    return schedule.verifyFor(op);
  }
  for (StringRef name : {kRoleAttrName, kNameAttrName, kCommentAttrName}) {
    if (attribute.getName() != name)
      continue;
    if (!isa<StringAttr>(attribute.getValue()))
      return op->emitOpError()
             << "C16: '" << name << "' must be a string attribute";
    return success();
  }
  return op->emitOpError() << "C17: unknown attribute '"
                           << attribute.getName().getValue() << "', not '"
                           << kScheduleAttrName << "' or '" << kRoleAttrName
                           << "'";
}
