//===- GNAttrs.td - Attributes of the gn dialect -----------*- tablegen -*-===//

#ifndef GROUPNORM_DIALECT_GN_IR_GNATTRS
#define GROUPNORM_DIALECT_GN_IR_GNATTRS

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "groupnorm/Dialect/GN/IR/GNBase.td"
include "groupnorm/Dialect/GN/IR/GNAlternatives.td"
include "groupnorm/Dialect/GN/IR/GNInterfaces.td"

//===----------------------------------------------------------------------===//
// What is computed
//===----------------------------------------------------------------------===//

def GN_Grouping : I32EnumAttr<"Grouping", "which features form a group", [
    I32EnumAttrCase<"Interleaved", 0, "interleaved">,
    I32EnumAttrCase<"Contiguous", 1, "contiguous">]> {
  let cppNamespace = "::gn";
  let genSpecializedAttr = 0;
}

def GN_GroupingAttr : EnumAttr<GN_Dialect, GN_Grouping, "grouping"> {
  let summary = "Which features form a group";
  let description = [{
    With G groups of C features: `interleaved` puts feature c into group c mod G
    (the default of `mlx.nn.GroupNorm`), `contiguous` puts it into group
    c div (C/G) (PyTorch, ONNX, and MLX with `pytorch_compatible=True`).
  }];
  let assemblyFormat = "`<` $value `>`";
}

def GN_EpsilonPlacement
    : I32EnumAttr<"EpsilonPlacement", "where epsilon is added", [
    I32EnumAttrCase<"InsideSqrt", 0, "inside_sqrt">,
    I32EnumAttrCase<"OutsideSqrt", 1, "outside_sqrt">]> {
  let cppNamespace = "::gn";
  let genSpecializedAttr = 0;
}

def GN_EpsilonPlacementAttr
    : EnumAttr<GN_Dialect, GN_EpsilonPlacement, "epsilon_placement"> {
  let summary = "Where epsilon is added";
  let description = [{
    `inside_sqrt` divides by sqrt(var + eps), as every library does;
    `outside_sqrt` divides by sqrt(var) + eps.
  }];
  let assemblyFormat = "`<` $value `>`";
}

//===----------------------------------------------------------------------===//
// How it is computed on a CPU
//===----------------------------------------------------------------------===//

def GN_CPUStrategy : I32EnumAttr<"CPUStrategy", "what one work item covers", [
    I32EnumAttrCase<"Sample", 0, "sample">,
    I32EnumAttrCase<"Split", 1, "split">]> {
  let cppNamespace = "::gn";
}

def GN_LoopOrder : I32EnumAttr<"LoopOrder", "which loop is innermost", [
    I32EnumAttrCase<"Rows", 0, "rows">,
    I32EnumAttrCase<"Blocks", 1, "blocks">]> {
  let cppNamespace = "::gn";
}

def GN_CPUScheduleAttr : AttrDef<GN_Dialect, "CPUSchedule", [
    DeclareAttrInterfaceMethods<GN_ScheduleAttrInterface>]> {
  let mnemonic = "cpu_schedule";
  let summary = "How an op becomes loops on a CPU";
  let description = [{
    x is seen as N samples of S rows (the spatial positions) of C features. The
    statistics of a sample are a tree of fixed shape: each feature sums `chunk`
    rows in compute type about a shift, the mean of the chunk before; chunks are
    merged in f64, `piece` rows at a time; the features of a group are merged,
    then the pieces of a sample, in order. Where the features are not last and a
    work item is a group, its elements share one shift, and meet at the end of
    each chunk. Only `chunk`, `piece`, `flatten` and `vector` decide the bits of
    the result, and `strategy` where the features are not last; the other fields,
    and the number of threads, never do, but that `tile` does where a tile's part
    of a row ends within a vector and an epilogue has elementary functions: a part
    of a vector has no table of them.

    With `chunk` up to 80, f32 data of magnitude up to 1e18 does not overflow.

    | field | unit | meaning |
    |---|---|---|
    | `strategy` | | `sample`: one work item computes the statistics of a whole sample (of one group, where the features are not last) and normalizes it while it is in the cache; `split`: work items are pieces of samples, in two passes over x |
    | `tile` | groups | in strategy `sample`, with features last, one spatial position a row and contiguous groups: the neighbouring groups of a work item, where they divide G; 0 is all groups of the sample. With `stream`, tiles of whole cache lines and vectors are made if y begins at a line at run time, and elsewhere the op goes by as in strategy `split`, with the same bits |
    | `vector` | elements | width of a vector of the compute type |
    | `pairs` | | with features last: take vectors of x and y in pairs, one of the even elements and one of the odd ones, which is how two of bf16 are unpacked and packed by the fewest instructions |
    | `block` | vectors | vectors in a register block, in order `blocks` |
    | `order` | | of the statistics. `rows`: rows outermost, so that memory is swept once and linearly; `blocks`: accumulators stay in registers while the rows of a chunk go by |
    | `rows` | rows | rows in flight in the statistics, in order `rows`: each lane still adds them one after another, but its accumulators are loaded and stored once for all of them |
    | `prefetch` | bytes | how far ahead in x the statistics prefetch, in order `rows`: up to 4096 into the first-level cache, farther into the second; each cache line once; 0 is not at all |
    | `prefetch_again` | | ask for each of these lines a second time, half as far ahead, or in a band two rows ahead if that is nearer, where it is more than 4096: processors drop prefetches while memory keeps them busy |
    | `band` | vectors | in order `rows`, the part of a row that is swept through a chunk before the next part, so that what is kept for it stays in the first-level cache; 0 is the whole row |
    | `apply_order` | | of the normalization, likewise; `blocks` keeps scale and offset in registers |
    | `apply_rows` | rows | rows in flight in the normalization |
    | `apply_apart` | rows | not in bands: how far apart these are; 1 is neighbours; rows that are pages apart are streams, which memory serves side by side |
    | `apply_prefetch` | bytes | how far ahead in x the normalization prefetches, likewise |
    | `apply_again` | | in order `rows`, ask for each of these lines a second time, likewise |
    | `apply_next` | times | in strategy `sample`, how often the normalization prefetches each line of the next work item: several times since processors drop prefetches while stores keep them busy |
    | `apply_backwards` | | not in bands: a work item that is a sample or a share is normalized from the last row to the first, since what the statistics have read last is in the cache still |
    | `chunk` | rows | rows between two flushes to f64; a multiple of `apply_rows` |
    | `piece` | rows | rows whose statistics are merged into those of the sample: with features last, one after another in strategy `sample`, with the same bits as on several threads; a work item of strategy `split`, also of the normalization; a multiple of `chunk`, and of `apply_rows` times `apply_apart`; 0 is the whole sample |
    | `shares` | | in strategy `split`, with features last: work items that the pieces of a sample are dealt out to, as many neighbours to each, for either pass: then a thread normalizes what it has read; 0: each piece is one; -1: as many as there are threads at run time |
    | `span` | samples | in strategy `split`, with features last: samples that are normalized before the statistics of the next ones are computed; 0 is all of them |
    | `flatten` | positions | spatial positions that make up one row: more than one for features that do not fill whole vectors, and where the features are not last |
    | `stream` | | write y around the cache where its address allows it |
    | `parallel` | | run work items on several threads |
  }];
  let parameters = (ins
    DefaultValuedParameter<"CPUStrategy", "CPUStrategy::Split">:$strategy,
    DefaultValuedParameter<"int64_t", "0">:$tile,
    DefaultValuedParameter<"int64_t", "16">:$vector,
    DefaultValuedParameter<"bool", "false">:$pairs,
    DefaultValuedParameter<"int64_t", "4">:$block,
    DefaultValuedParameter<"LoopOrder", "LoopOrder::Rows">:$order,
    DefaultValuedParameter<"int64_t", "1">:$rows,
    DefaultValuedParameter<"int64_t", "0">:$prefetch,
    DefaultValuedParameter<"bool", "false">:$prefetch_again,
    DefaultValuedParameter<"int64_t", "0">:$band,
    DefaultValuedParameter<"LoopOrder", "LoopOrder::Rows">:$apply_order,
    DefaultValuedParameter<"int64_t", "1">:$apply_rows,
    DefaultValuedParameter<"int64_t", "1">:$apply_apart,
    DefaultValuedParameter<"int64_t", "0">:$apply_prefetch,
    DefaultValuedParameter<"bool", "false">:$apply_again,
    DefaultValuedParameter<"int64_t", "0">:$apply_next,
    DefaultValuedParameter<"bool", "false">:$apply_backwards,
    DefaultValuedParameter<"int64_t", "64">:$chunk,
    DefaultValuedParameter<"int64_t", "0">:$piece,
    DefaultValuedParameter<"int64_t", "0">:$shares,
    DefaultValuedParameter<"int64_t", "0">:$span,
    DefaultValuedParameter<"int64_t", "1">:$flatten,
    DefaultValuedParameter<"bool", "false">:$stream,
    DefaultValuedParameter<"bool", "true">:$parallel
  );
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    static constexpr int64_t kMostShares = 1 << 16;
    /// Of `shares`: one for each thread.
    static constexpr int64_t kPerThread = -1;

    /// What an op without a schedule is lowered by: every field's default.
    static CPUScheduleAttr getDefault(::mlir::MLIRContext *context);
    /// The same but for its strategy.
    CPUScheduleAttr with(CPUStrategy strategy) const;
  }];
}

def GN_CPUAlternativeAttr
    : GN_AlternativeAttr<"CPUAlternative", "cpu_alternative", "CPUSchedule"> {
  let summary = "A CPU schedule for sizes within some bounds";
}

def GN_CPUAlternativesAttr
    : GN_AlternativesAttr<"CPUAlternatives", "cpu_alternatives",
                          "CPUAlternative"> {
  let summary = "CPU schedules of which the sizes at run time choose one";
  let description = [{
    For an op with dynamic sizes: the first alternative that serves the sizes of
    x is run. Each schedule becomes loops of its own. The last alternative
    serves all sizes.

    ```mlir
    #gn.cpu_alternatives<[
      #gn.cpu_alternative<total = 4096, schedule = #gn.cpu_schedule<strategy = sample, parallel = false>>,
      #gn.cpu_alternative<schedule = #gn.cpu_schedule<piece = 1024>>]>
    ```

    A given size always takes the same alternative, so its bits are the same in
    every run. Where `chunk`, `piece`, `flatten` or `vector` differ between two
    alternatives, or between an alternative and the schedule of an op with
    static sizes, the last bits of the result may differ too.
  }];
}

include "groupnorm/Dialect/GN/IR/GNMetalAttrs.td"

#endif // GROUPNORM_DIALECT_GN_IR_GNATTRS
