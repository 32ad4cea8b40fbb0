//===- GNMetalAttrs.td - Schedules for Metal GPUs ----------*- tablegen -*-===//

#ifndef GROUPNORM_DIALECT_GN_IR_GNMETALATTRS
#define GROUPNORM_DIALECT_GN_IR_GNMETALATTRS

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "groupnorm/Dialect/GN/IR/GNAlternatives.td"
include "groupnorm/Dialect/GN/IR/GNBase.td"
include "groupnorm/Dialect/GN/IR/GNInterfaces.td"

def GN_MetalStrategy
    : I32EnumAttr<"MetalStrategy", "how often a kernel reads x", [
    I32EnumAttrCase<"Single", 0, "single">,
    I32EnumAttrCase<"Looped", 1, "looped">,
    I32EnumAttrCase<"Split", 2, "split">]> {
  let cppNamespace = "::gn";
}

def GN_MetalScheduleAttr : AttrDef<GN_Dialect, "MetalSchedule", [
    DeclareAttrInterfaceMethods<GN_ScheduleAttrInterface>]> {
  let mnemonic = "metal_schedule";
  let summary = "How an op becomes kernels on a GPU";
  let description = [{
    A threadgroup works on a tile: `groups` neighbouring groups of one sample.
    In one round, each of its threads takes one vector of x.

    | field | unit | meaning |
    |---|---|---|
    | `strategy` | | `single`: a thread keeps its part of the tile in registers, so that x is read once; `looped`: a threadgroup sweeps its tile twice, and reads x again but for what `keep` holds; `split`: several threadgroups share a tile, in three kernels: partial statistics, their merge, normalization |
    | `threads` | | threads of a threadgroup, a multiple of 32 |
    | `vector` | elements | the widest load, 1, 2 or 4; it is narrower where the layout needs it |
    | `groups` | groups | groups of a tile; divides the number of groups |
    | `chunk` | rounds | what a thread holds in registers at a time in `looped` and `split` |
    | `keep` | rounds | the first rounds of a tile, whose x a thread keeps in registers between the two sweeps of `looped`: what fits is read once, whatever the size at run time is |
    | `piece` | rounds | what one threadgroup takes of a tile in `split`; a multiple of `chunk` |

    All of them decide the order of the roundings, and with it the last bits of
    the result. For a given schedule the bits are the same in every run.
  }];
  let parameters = (ins
    DefaultValuedParameter<"MetalStrategy", "MetalStrategy::Looped">:$strategy,
    DefaultValuedParameter<"int64_t", "512">:$threads,
    DefaultValuedParameter<"int64_t", "4">:$vector,
    DefaultValuedParameter<"int64_t", "1">:$groups,
    DefaultValuedParameter<"int64_t", "8">:$chunk,
    DefaultValuedParameter<"int64_t", "0">:$keep,
    DefaultValuedParameter<"int64_t", "64">:$piece
  );
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// What an op without a schedule is lowered by.
    static MetalScheduleAttr getDefault(::mlir::MLIRContext *context) {
      return get(context, MetalStrategy::Looped, /*threads=*/512, /*vector=*/4,
                 /*groups=*/1, /*chunk=*/8, /*keep=*/0, /*piece=*/64);
    }
  }];
}

def GN_MetalAlternativeAttr
    : GN_AlternativeAttr<"MetalAlternative", "metal_alternative",
                         "MetalSchedule"> {
  let summary = "A Metal schedule for sizes within some bounds";
}

def GN_MetalAlternativesAttr
    : GN_AlternativesAttr<"MetalAlternatives", "metal_alternatives",
                          "MetalAlternative"> {
  let summary = "Metal schedules of which the sizes at run time choose one";
  let description = [{
    For an op with dynamic sizes: the first alternative that serves the sizes of
    x is launched. Each schedule becomes kernels of its own. The last
    alternative serves all sizes.

    ```mlir
    #gn.metal_alternatives<[
      #gn.metal_alternative<positions = 2048, schedule = #gn.metal_schedule<strategy = looped, keep = 12>>,
      #gn.metal_alternative<schedule = #gn.metal_schedule<strategy = split>>]>
    ```

    A given size always takes the same alternative, so its bits are the same in
    every run.
  }];
}

#endif // GROUPNORM_DIALECT_GN_IR_GNMETALATTRS
