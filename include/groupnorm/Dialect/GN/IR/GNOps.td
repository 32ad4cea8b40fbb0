//===- GNOps.td - Operations of the gn dialect -------------*- tablegen -*-===//

#ifndef GROUPNORM_DIALECT_GN_IR_GNOPS
#define GROUPNORM_DIALECT_GN_IR_GNOPS

include "groupnorm/Dialect/GN/IR/GNAttrs.td"
include "groupnorm/Dialect/GN/IR/GNBase.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/CommonAttrConstraints.td"

// What the three ops share: x, its features and how they are grouped.
class GN_GroupedOp<string mnemonic, list<Trait> traits = []>
    : Op<GN_Dialect, mnemonic, !listconcat([
        DestinationStyleOpInterface,
        DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
        ConditionallySpeculatable,
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
    /// On tensors an op may run where it did not, unless its epilogue may not:
    /// one that divides integers, say.
    ::mlir::Speculation::Speculatability getSpeculatability() {
      return hasPureTensorSemantics()
                 ? ::mlir::Speculation::RecursivelySpeculatable
                 : ::mlir::Speculation::NotSpeculatable;
    }
  }];

  // Text that the ops with an epilogue add.
  code epilogueDeclaration = [{
    bool isAffine() { return static_cast<bool>(getGamma()); }
    bool hasEpilogue() { return !getEpilogue().empty(); }
    /// The body of the epilogue, which there must be.
    ::mlir::Block *getEpilogueBlock() { return &getEpilogue()[0].front(); }
    /// The map from the dimensions of x to those of an epilogue input.
    ::mlir::AffineMap getEpilogueMap(int64_t input) {
      return ::llvm::cast<::mlir::AffineMapAttr>(getEpilogueMaps()[input])
          .getValue();
    }
    /// Whether an element of the operand is no longer needed when that of
    /// `init` in the same place is written, so that `init` may be its buffer:
    /// those of x, and of an epilogue input of x's shape.
    bool isReadInPlace(::mlir::OpOperand &operand);
  }];
}

def GN_GroupNormOp : GN_GroupedOp<"group_norm", [AttrSizedOperandSegments,
                                                 IsolatedFromAbove]> {
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
    result. What is written must not overlap what is read, but for one case: x
    and `init` may be one buffer where they have one type.

    ### The epilogue

    A region holds an element-wise computation that follows the normalization,
    so that its result need not be written and read again. Its first argument is
    an element of y in compute type, not yet rounded. Each epilogue input adds
    an argument, its element in its own element type; a map tells which element
    belongs to which of x. `gn.yield` gives the element of the result, in the
    element type of `init`, which with an epilogue may also be an integer. No
    region stands for rounding y to that type. Where y is first multiplied with,
    or added to, what is the same at all positions, a lowering may make that part
    of what x is scaled by and offset by: fewer roundings, and no work for an
    element. A scale and shift of each feature of each sample, then SiLU:

    ```mlir
    #feature = affine_map<(n, h, w, c) -> (n, c)>
    %y = gn.group_norm num_groups(32) ins(%x : tensor<2x64x64x320xf16>)
           outs(%init : tensor<2x64x64x320xf16>)
           epilogue(%scale, %shift : tensor<2x320xf32>, tensor<2x320xf32>
                    by [#feature, #feature]) {
    ^bb0(%n: f32, %s: f32, %t: f32):
      %one = arith.constant 1.0 : f32
      %0 = arith.addf %s, %one : f32
      %1 = math.fma %n, %0, %t : f32
      %2 = arith.negf %1 : f32
      %3 = math.exp %2 : f32
      %4 = arith.addf %3, %one : f32
      %5 = arith.divf %1, %4 : f32
      %6 = arith.truncf %5 : f32 to f16
      gn.yield %6 : f16
    } -> tensor<2x64x64x320xf16>
    ```

    ### Saved statistics

    With `mean` and `rstd` behind `init`, the mean and the reciprocal deviation
    of each group of each sample are written too, `rstd` being what x - mean is
    multiplied by. Those of a group without elements are NaN.

    ```mlir
    %y, %m, %r = gn.group_norm num_groups(32) ins(%x : tensor<2x64x64x320xf16>)
      outs(%init, %mean, %rstd : tensor<2x64x64x320xf16>, tensor<2x32xf32>, tensor<2x32xf32>)
      -> tensor<2x64x64x320xf16>, tensor<2x32xf32>, tensor<2x32xf32>
    ```

    Constraints:

    - C1: the operands are all ranked tensors or all memrefs.
    - C2: x has rank 2 or more: N, spatial..., C.
    - C3: the element types of x and `init` are f16, bf16, f32 or f64; with an
      epilogue that of `init` may be i8, i16 or i32 too.
    - C4: 1 <= `feature_dim` < rank of x.
    - C5: the number of features C is static and positive.
    - C6: `num_groups` is positive and divides C.
    - C7: gamma and beta are both present or both absent.
    - C8: gamma and beta have the shape C.
    - C9: the element types of gamma and beta are x's element type or a wider one.
    - C10: `init` has the shape of x.
    - C11: `epsilon` is positive and finite. (Where x is not f64, less than
      2^-200 counts as that, outside the root less than 2^-100.)
    - C12: on tensors there is one result for each `outs` operand and of its
      type; on memrefs there is none.
    - C18: there is at most one epilogue; it has an argument of the compute type
      and one of the element type of each epilogue input. Without an epilogue
      there are no epilogue inputs.
    - C19: there is a map for each epilogue input, from as many dimensions as x
      has, without symbols, to some of them in the order that they have in x.
    - C20: an epilogue input has the sizes that its map takes from x.
    - C21: the element types of epilogue inputs are f16, bf16, f32, f64, i8, i16
      or i32.
    - C22: the epilogue holds nothing but `arith.constant` and ops of `arith`
      and `math` that are element-wise, free of side effects and known to
      become vector code without a call: all such ops of `arith` but
      `arith.remf`, and of `math` absf, absi, ceil, copysign, erf, exp,
      floor, fma, round, roundeven, rsqrt, sqrt, tanh and trunc; on scalars of
      the types in C21, of f64, or of integers of at most 64 bits.
    - C23: the epilogue yields one value of the element type of `init`.
    - C24: `mean` and `rstd` are both present or both absent, have the shape
      N x `num_groups` and the compute type as element type.
  }];
  let arguments = (ins
    AnyShaped:$x, Optional<AnyShaped>:$gamma, Optional<AnyShaped>:$beta,
    Variadic<AnyShaped>:$epilogue_inputs,
    AnyShaped:$init, Optional<AnyShaped>:$mean, Optional<AnyShaped>:$rstd,
    I64Attr:$num_groups,
    DefaultValuedAttr<F64Attr, "1.0e-5">:$epsilon,
    DefaultValuedAttr<GN_GroupingAttr, "::gn::Grouping::Interleaved">:$grouping,
    DefaultValuedAttr<GN_EpsilonPlacementAttr,
                      "::gn::EpsilonPlacement::InsideSqrt">:$epsilon_placement,
    OptionalAttr<I64Attr>:$feature_dim,
    DefaultValuedAttr<AffineMapArrayAttr, "{}">:$epilogue_maps
  );
  let results = (outs Variadic<AnyRankedTensor>:$result);
  // None or one: an op without a body would be one too many for MLIR's cloning.
  let regions = (region VariadicRegion<SizedRegion<1>>:$epilogue);
  let hasRegionVerifier = 1;
  let assemblyFormat = [{
    `num_groups` `(` $num_groups `)`
    `ins` `(` $x (`,` $gamma^ `,` $beta)? `:` type($x)
              (`,` type($gamma)^ `,` type($beta))? `)`
    `outs` `(` $init (`,` $mean^ `,` $rstd)? `:`
               type($init) (`,` type($mean)^ `,` type($rstd))? `)`
    attr-dict
    (`epilogue` (`(` $epilogue_inputs^ `:` type($epilogue_inputs)
                     `by` $epilogue_maps `)`)? $epilogue^)?
    (`->` type($result)^)?
  }];
  let builders = [
    // Without an epilogue and saved statistics.
    OpBuilder<(ins "::mlir::TypeRange":$types, "::mlir::Value":$x,
      "::mlir::Value":$gamma, "::mlir::Value":$beta, "::mlir::Value":$init,
      "::mlir::IntegerAttr":$num_groups, "::mlir::FloatAttr":$epsilon,
      "::gn::GroupingAttr":$grouping,
      "::gn::EpsilonPlacementAttr":$epsilon_placement,
      "::mlir::IntegerAttr":$feature_dim), [{
      build($_builder, $_state, types, x, gamma, beta, /*epilogue_inputs=*/{},
            init, /*mean=*/{}, /*rstd=*/{}, num_groups, epsilon, grouping,
            epsilon_placement, feature_dim, $_builder.getArrayAttr({}),
            /*epilogueCount=*/0);
    }]>
  ];
  let extraClassDeclaration = groupedDeclaration # epilogueDeclaration # [{
    bool savesStatistics() { return static_cast<bool>(getMean()); }
    ::mlir::MutableOperandRange getDpsInitsMutable();
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

def GN_GroupNormalizeOp : GN_GroupedOp<"group_normalize", [
    AttrSizedOperandSegments, IsolatedFromAbove]> {
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

    It has the epilogue of `gn.group_norm`. x and `init` may be one buffer where
    they have one type.

    Constraints: C1 to C14 and C18 to C23, as in `gn.group_norm` and
    `gn.group_stats`.
  }];
  let arguments = (ins
    AnyShaped:$x, AnyShaped:$count, AnyShaped:$mean, AnyShaped:$m2,
    Optional<AnyShaped>:$gamma, Optional<AnyShaped>:$beta,
    Variadic<AnyShaped>:$epilogue_inputs,
    AnyShaped:$init,
    I64Attr:$num_groups,
    DefaultValuedAttr<F64Attr, "1.0e-5">:$epsilon,
    DefaultValuedAttr<GN_GroupingAttr, "::gn::Grouping::Interleaved">:$grouping,
    DefaultValuedAttr<GN_EpsilonPlacementAttr,
                      "::gn::EpsilonPlacement::InsideSqrt">:$epsilon_placement,
    OptionalAttr<I64Attr>:$feature_dim,
    DefaultValuedAttr<AffineMapArrayAttr, "{}">:$epilogue_maps
  );
  let results = (outs Variadic<AnyRankedTensor>:$result);
  // None or one: an op without a body would be one too many for MLIR's cloning.
  let regions = (region VariadicRegion<SizedRegion<1>>:$epilogue);
  let hasRegionVerifier = 1;
  let assemblyFormat = [{
    `num_groups` `(` $num_groups `)`
    `ins` `(` $x `,` $count `,` $mean `,` $m2 (`,` $gamma^ `,` $beta)? `:`
              type($x) `,` type($count) `,` type($mean) `,` type($m2)
              (`,` type($gamma)^ `,` type($beta))? `)`
    `outs` `(` $init `:` type($init) `)`
    attr-dict
    (`epilogue` (`(` $epilogue_inputs^ `:` type($epilogue_inputs)
                     `by` $epilogue_maps `)`)? $epilogue^)?
    (`->` type($result)^)?
  }];
  let extraClassDeclaration = groupedDeclaration # epilogueDeclaration # [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
  }];
}

def GN_YieldOp : Op<GN_Dialect, "yield", [
    Pure, Terminator, ReturnLike,
    ParentOneOf<["GroupNormOp", "GroupNormalizeOp"]>]> {
  let summary = "The result of an epilogue";
  let description = [{
    Ends the epilogue of a `gn.group_norm` or a `gn.group_normalize` with the
    element that is written.
  }];
  let arguments = (ins AnyType:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

def GN_MaxThreadsOp : Op<GN_Dialect, "max_threads", [Pure]> {
  let summary = "Threads that a parallel loop may have";
  let description = [{
    The number of threads, 1 or more, that a parallel loop of the function has at
    most. What is dealt out to as many work items is in the caches of those that
    have it; no result may hang on the number.

    `convert-gn-to-openmp` turns it into a constant, or into a question to the
    OpenMP runtime.
  }];
  let results = (outs Index:$count);
  let assemblyFormat = "attr-dict";
}

#endif // GROUPNORM_DIALECT_GN_IR_GNOPS
