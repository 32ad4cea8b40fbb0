//===- GNOps.td - Operations of the gn dialect -------------*- tablegen -*-===//

#ifndef GROUPNORM_DIALECT_GN_IR_GNOPS
#define GROUPNORM_DIALECT_GN_IR_GNOPS

include "groupnorm/Dialect/GN/IR/GNAttrs.td"
include "groupnorm/Dialect/GN/IR/GNBase.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/IR/OpBase.td"

// What the three ops share: x, its features and how they are grouped.
class GN_GroupedOp<string mnemonic, list<Trait> traits = []>
    : Op<GN_Dialect, mnemonic, !listconcat([
        DestinationStyleOpInterface,
        DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
                                  ["reifyResultShapes"]>], traits)> {
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;

  // Text that each op's own declarations add to.
  code groupedDeclaration = [{
    ::mlir::ShapedType getXType() {
      return ::llvm::cast<::mlir::ShapedType>(getX().getType());
    }
    /// The dimension of x that holds the features; the last one by default.
    int64_t getFeatureDimension() {
      return getFeatureDim().value_or(getXType().getRank() - 1);
    }
    /// C, the number of features.
    int64_t getNumFeatures() {
      return getXType().getDimSize(getFeatureDimension());
    }
    /// The type that statistics and the affine step are computed in: f64 for
    /// f64, f32 for everything narrower.
    ::mlir::FloatType getComputeType() {
      return ::gn::getComputeType(getXType().getElementType());
    }
    bool isInterleaved() { return getGrouping() == ::gn::Grouping::Interleaved; }
    bool hasPureBufferSemantics() {
      return ::llvm::isa<::mlir::BaseMemRefType>(getX().getType());
    }
    bool hasPureTensorSemantics() { return !hasPureBufferSemantics(); }
  }];
}

def GN_GroupNormOp : GN_GroupedOp<"group_norm", [AttrSizedOperandSegments]> {
  let summary = "Group normalization";
  let description = [{
    Normalizes each group of features of each sample to mean 0 and variance 1,
    then scales and shifts each feature:

    ```
    y = (x - E[x]) / sqrt(Var[x] + epsilon) * gamma + beta
    ```

    Mean and (population) variance are taken over all spatial positions of a
    sample and the features of one group. x has the dimensions N, spatial..., C;
    `feature_dim` moves C elsewhere behind N. The result is written to `init`.

    ```mlir
    %y = gn.group_norm num_groups(32)
           ins(%x, %gamma, %beta : tensor<2x64x64x320xf32>, tensor<320xf32>, tensor<320xf32>)
           outs(%init : tensor<2x64x64x320xf32>) {epsilon = 1.0e-06 : f64}
           -> tensor<2x64x64x320xf32>
    gn.group_norm num_groups(8) ins(%m : memref<?x?x96xf16>) outs(%o : memref<?x?x96xf16>)
           {grouping = #gn.grouping<contiguous>}
    ```

    Attributes and their defaults: `epsilon`, 1e-5, positive and finite;
    `grouping`, `#gn.grouping<interleaved>`; `epsilon_placement`,
    `#gn.epsilon_placement<inside_sqrt>`; `feature_dim`, the last dimension.

    Statistics and the affine step are computed in f32, or in f64 for f64 data,
    and rounded once to the element type of `init`. Without gamma and beta the
    op computes what gamma = 1 and beta = +0.0 give. NaN and Inf propagate within
    their own sample and group and nowhere else. An empty x gives an empty
    result.

    Constraints:

    - C1: the operands are all ranked tensors or all memrefs.
    - C2: x has rank 2 or more: N, spatial..., C.
    - C3: the element types of x and `init` are f16, bf16, f32 or f64.
    - C4: 1 <= `feature_dim` < rank of x.
    - C5: the number of features C is static and positive.
    - C6: `num_groups` is positive and divides C.
    - C7: gamma and beta are both present or both absent.
    - C8: gamma and beta have the shape C.
    - C9: the element types of gamma and beta are x's element type or a wider one.
    - C10: `init` has the shape of x.
    - C11: `epsilon` is positive and finite.
    - C12: on tensors there is one result for each `outs` operand and of its
      type; on memrefs there is none.
  }];
  let arguments = (ins
    AnyShaped:$x, Optional<AnyShaped>:$gamma, Optional<AnyShaped>:$beta,
    AnyShaped:$init,
    I64Attr:$num_groups,
    DefaultValuedAttr<F64Attr, "1.0e-5">:$epsilon,
    DefaultValuedAttr<GN_GroupingAttr, "::gn::Grouping::Interleaved">:$grouping,
    DefaultValuedAttr<GN_EpsilonPlacementAttr,
                      "::gn::EpsilonPlacement::InsideSqrt">:$epsilon_placement,
    OptionalAttr<I64Attr>:$feature_dim
  );
  let results = (outs Variadic<AnyRankedTensor>:$result);
  let assemblyFormat = [{
    `num_groups` `(` $num_groups `)`
    `ins` `(` $x (`,` $gamma^ `,` $beta)? `:` type($x)
              (`,` type($gamma)^ `,` type($beta))? `)`
    `outs` `(` $init `:` type($init) `)`
    attr-dict (`->` type($result)^)?
  }];
  let extraClassDeclaration = groupedDeclaration # [{
    bool isAffine() { return static_cast<bool>(getGamma()); }
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
  }];
}

def GN_GroupStatsOp : GN_GroupedOp<"group_stats"> {
  let summary = "Count, mean and M2 of each group: the reduction of group_norm";
  let description = [{
    Merges the statistics of x into those that `outs` holds, for each sample and
    group: the number of elements, their mean, and M2, the sum of the squared
    deviations from that mean. Two sets (n, m, M2) merge by the formula of Chan,
    Golub and LeVeque:

    ```
    n = na + nb;  d = mb - ma;  m = ma + d * nb / n;  M2 = M2a + M2b + d * d * na * nb / n
    ```

    Zeros in all three are the neutral element. Since the op merges, a reduction
    over space may be split into several of them. The variance is M2 / count.

    ```mlir
    %s:3 = gn.group_stats num_groups(32) ins(%x : tensor<2x4096x320xf32>)
             outs(%n, %m, %m2 : tensor<2x32xf64>, tensor<2x32xf64>, tensor<2x32xf64>)
             -> tensor<2x32xf64>, tensor<2x32xf64>, tensor<2x32xf64>
    ```

    Constraints: C1 to C6 and C12 of `gn.group_norm`, and

    - C13: count, mean and M2 have the shape N x `num_groups`.
    - C14: count, mean and M2 have one element type, f32 or f64, and it is f64
      where x is.
  }];
  let arguments = (ins
    AnyShaped:$x, AnyShaped:$count, AnyShaped:$mean, AnyShaped:$m2,
    I64Attr:$num_groups,
    DefaultValuedAttr<GN_GroupingAttr, "::gn::Grouping::Interleaved">:$grouping,
    OptionalAttr<I64Attr>:$feature_dim
  );
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    `num_groups` `(` $num_groups `)`
    `ins` `(` $x `:` type($x) `)`
    `outs` `(` $count `,` $mean `,` $m2 `:`
               type($count) `,` type($mean) `,` type($m2) `)`
    attr-dict (`->` type($results)^)?
  }];
  let extraClassDeclaration = groupedDeclaration # [{
    ::mlir::MutableOperandRange getDpsInitsMutable();
  }];
}

def GN_GroupNormalizeOp : GN_GroupedOp<"group_normalize", [AttrSizedOperandSegments]> {
  let summary = "Normalization by given statistics: the element-wise half";
  let description = [{
    Computes `y = (x - mean) / sqrt(m2 / count + epsilon) * gamma + beta`, with
    the statistics of each element's own sample and group, as `gn.group_stats`
    gives them.

    ```mlir
    %y = gn.group_normalize num_groups(32)
           ins(%x, %n, %m, %m2, %gamma, %beta : tensor<2x4096x320xf32>,
               tensor<2x32xf64>, tensor<2x32xf64>, tensor<2x32xf64>,
               tensor<320xf32>, tensor<320xf32>)
           outs(%init : tensor<2x4096x320xf32>) -> tensor<2x4096x320xf32>
    ```

    Constraints: C1 to C14, as in `gn.group_norm` and `gn.group_stats`.
  }];
  let arguments = (ins
    AnyShaped:$x, AnyShaped:$count, AnyShaped:$mean, AnyShaped:$m2,
    Optional<AnyShaped>:$gamma, Optional<AnyShaped>:$beta,
    AnyShaped:$init,
    I64Attr:$num_groups,
    DefaultValuedAttr<F64Attr, "1.0e-5">:$epsilon,
    DefaultValuedAttr<GN_GroupingAttr, "::gn::Grouping::Interleaved">:$grouping,
    DefaultValuedAttr<GN_EpsilonPlacementAttr,
                      "::gn::EpsilonPlacement::InsideSqrt">:$epsilon_placement,
    OptionalAttr<I64Attr>:$feature_dim
  );
  let results = (outs Variadic<AnyRankedTensor>:$result);
  let assemblyFormat = [{
    `num_groups` `(` $num_groups `)`
    `ins` `(` $x `,` $count `,` $mean `,` $m2 (`,` $gamma^ `,` $beta)? `:`
              type($x) `,` type($count) `,` type($mean) `,` type($m2)
              (`,` type($gamma)^ `,` type($beta))? `)`
    `outs` `(` $init `:` type($init) `)`
    attr-dict (`->` type($result)^)?
  }];
  let extraClassDeclaration = groupedDeclaration # [{
    bool isAffine() { return static_cast<bool>(getGamma()); }
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
  }];
}

#endif // GROUPNORM_DIALECT_GN_IR_GNOPS
