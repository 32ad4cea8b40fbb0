//===- GNAlternatives.td - Schedules for sizes at run time -*- tablegen -*-===//
//
// What the lists of alternatives have in common, whatever the target.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_DIALECT_GN_IR_GNALTERNATIVES
#define GROUPNORM_DIALECT_GN_IR_GNALTERNATIVES

include "mlir/IR/AttrTypeBase.td"
include "groupnorm/Dialect/GN/IR/GNBase.td"
include "groupnorm/Dialect/GN/IR/GNInterfaces.td"

/// A schedule and the sizes that it is for.
class GN_AlternativeAttr<string name, string attrMnemonic, string schedule>
    : AttrDef<GN_Dialect, name> {
  let mnemonic = attrMnemonic;
  let description = [{
    For x of `min_samples` samples or more, of at most `positions` spatial
    positions each, and at most `total` positions over all samples. A bound that
    is left out is none.
  }];
  let parameters = (ins
    DefaultValuedParameter<"int64_t", "0">:$min_samples,
    DefaultValuedParameter<"int64_t", "kUnbounded">:$positions,
    DefaultValuedParameter<"int64_t", "kUnbounded">:$total,
    AttrParameter<"::gn::" # schedule # "Attr", "the schedule">:$schedule
  );
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Larger than any size.
    static constexpr int64_t kUnbounded = INT64_MAX;
    bool isBounded() const {
      return getMinSamples() != 0 || getPositions() != kUnbounded ||
             getTotal() != kUnbounded;
    }
    /// Whether it serves an x of these sizes.
    bool serves(int64_t samples, int64_t positions) const {
      return samples >= getMinSamples() && positions <= getPositions() &&
             samples * positions <= getTotal();
    }
  }];
}

/// Alternatives, of which the first that serves the sizes of x is run.
class GN_AlternativesAttr<string name, string attrMnemonic, string alternative>
    : AttrDef<GN_Dialect, name, [
          DeclareAttrInterfaceMethods<GN_ScheduleAttrInterface>]> {
  let mnemonic = attrMnemonic;
  let parameters = (ins
    ArrayRefParameter<"::gn::" # alternative # "Attr">:$alternatives);
  let assemblyFormat = "`<` `[` $alternatives `]` `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// There are no more of them.
    static constexpr size_t kMost = 12;
  }];
}

#endif // GROUPNORM_DIALECT_GN_IR_GNALTERNATIVES
