//===- GNBase.td - The gn dialect --------------------------*- tablegen -*-===//

#ifndef GROUPNORM_DIALECT_GN_IR_GNBASE
#define GROUPNORM_DIALECT_GN_IR_GNBASE

include "mlir/IR/DialectBase.td"

def GN_Dialect : Dialect {
  let name = "gn";
  let cppNamespace = "::gn";
  let summary = "Group normalization and the two halves it is made of";
  let description = [{
    The `gn` dialect holds one operator, group normalization (Wu and He, "Group
    Normalization", 2018), in three ops:

    - `gn.group_norm`, the whole operator;
    - `gn.group_stats`, its reduction: count, mean and sum of squared deviations
      (M2) per sample and group, mergeable by the formula of Chan, Golub and
      LeVeque ("Updating formulae and a pairwise algorithm for computing sample
      variances", 1979);
    - `gn.group_normalize`, its element-wise half.

    All are in destination-passing style and take tensors or memrefs. A schedule
    is carried as the discardable attribute `gn.schedule`; it never changes what
    an op computes beyond the order of its roundings.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let extraClassDeclaration = [{
    /// The discardable attribute that holds an op's schedule.
    static constexpr ::llvm::StringLiteral kScheduleAttrName = "gn.schedule";
    /// The discardable attribute by which generated loops and buffers say what
    /// they are for ("statistics", "merge", "normalize").
    static constexpr ::llvm::StringLiteral kRoleAttrName = "gn.role";
    /// The discardable attributes that a target's text shows: the name of an
    /// argument or a buffer, and a comment on a kernel or a module of kernels.
    static constexpr ::llvm::StringLiteral kNameAttrName = "gn.name";
    static constexpr ::llvm::StringLiteral kCommentAttrName = "gn.comment";
    void registerAttributes();
  }];
}

#endif // GROUPNORM_DIALECT_GN_IR_GNBASE
