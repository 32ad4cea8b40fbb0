//===- GNInterfaces.td - Interfaces of the gn dialect ------*- tablegen -*-===//

#ifndef GROUPNORM_DIALECT_GN_IR_GNINTERFACES
#define GROUPNORM_DIALECT_GN_IR_GNINTERFACES

include "mlir/IR/OpBase.td"

def GN_ScheduleAttrInterface : AttrInterface<"ScheduleAttrInterface"> {
  let cppNamespace = "::gn";
  let description = [{
    An attribute that tells a lowering how to compile one `gn` op. Each target
    has its own; a lowering takes the one it knows and ignores the others.
  }];
  let methods = [
    InterfaceMethod<[{
      Checks that the schedule can be carried by `op`, and emits an error on it
      otherwise.
    }], "::llvm::LogicalResult", "verifyFor", (ins "::mlir::Operation *":$op)>,
  ];
}

#endif // GROUPNORM_DIALECT_GN_IR_GNINTERFACES
