// The ranges of the fields of #gn.cpu_schedule, and names that are none.

// RUN: groupnorm-opt %s -verify-diagnostics -split-input-file

// Both ends of every range are in it.
func.func @ends(%x: memref<2x8xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x8xf32>) outs(%x : memref<2x8xf32>)
    {gn.schedule = #gn.cpu_schedule<vector = 1, rows = 1, apply_rows = 1, apply_apart = 1, block = 1, chunk = 1,
       piece = 0, flatten = 1, prefetch = 0, apply_prefetch = 0, band = 0,
       apply_next = 0, shares = 0, span = 0>}
  gn.group_norm num_groups(4) ins(%x : memref<2x8xf32>) outs(%x : memref<2x8xf32>)
    {gn.schedule = #gn.cpu_schedule<vector = 64, rows = 32, apply_rows = 32, apply_apart = 1048576, block = 16,
       chunk = 1048576, piece = 1099511627776, flatten = 64,
       prefetch = 1099511627776, apply_prefetch = 1099511627776,
       band = 1099511627776, apply_next = 4, shares = 65536,
       span = 1099511627776>}
  return
}

// -----

// expected-error @below {{vector = 0 is not in [1, 64]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<vector = 0>}

// -----

// expected-error @below {{vector = 65 is not in [1, 64]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<vector = 65>}

// -----

// expected-error @below {{rows = 0 is not in [1, 32]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<rows = 0>}

// -----

// expected-error @below {{rows = 33 is not in [1, 32]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<rows = 33>}

// -----

// expected-error @below {{apply_rows = 0 is not in [1, 32]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<apply_rows = 0>}

// -----

// expected-error @below {{apply_rows = 33 is not in [1, 32]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<apply_rows = 33>}

// -----

// expected-error @below {{apply_apart = 0 is not in [1, 1048576]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<apply_apart = 0>}

// -----

// expected-error @below {{apply_apart = 1048577 is not in [1, 1048576]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<apply_apart = 1048577>}

// -----

// expected-error @below {{block = 0 is not in [1, 16]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<block = 0>}

// -----

// expected-error @below {{block = 17 is not in [1, 16]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<block = 17>}

// -----

// expected-error @below {{chunk = 0 is not in [1, 1048576]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<chunk = 0>}

// -----

// expected-error @below {{chunk = 1048577 is not in [1, 1048576]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<chunk = 1048577>}

// -----

// expected-error @below {{flatten = 0 is not in [1, 256]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<flatten = 0>}

// -----

// expected-error @below {{flatten = 257 is not in [1, 256]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<flatten = 257>}

// -----

// expected-error @below {{prefetch = -1 is not in [0, 1099511627776]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<prefetch = -1>}

// -----

// expected-error @below {{prefetch = 1099511627777 is not in [0, 1099511627776]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<prefetch = 1099511627777>}

// -----

// expected-error @below {{apply_prefetch = -1 is not in [0, 1099511627776]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<apply_prefetch = -1>}

// -----

// expected-error @below {{apply_prefetch = 1099511627777 is not in [0, 1099511627776]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<apply_prefetch = 1099511627777>}

// -----

// expected-error @below {{band = -1 is not in [0, 1099511627776]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<band = -1>}

// -----

// expected-error @below {{band = 1099511627777 is not in [0, 1099511627776]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<band = 1099511627777>}

// -----

// expected-error @below {{tile = -1 is not in [0, 1099511627776]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<tile = -1>}

// -----

// expected-error @below {{apply_next = -1 is not in [0, 4]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<apply_next = -1>}

// -----

// expected-error @below {{apply_next = 5 is not in [0, 4]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<apply_next = 5>}

// -----

// expected-error @below {{shares = -2 is not in [-1, 65536]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<shares = -2>}

// -----

// expected-error @below {{shares = 65537 is not in [-1, 65536]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<shares = 65537>}

// -----

// expected-error @below {{span = -1 is not in [0, 1099511627776]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<span = -1>}

// -----

// expected-error @below {{span = 1099511627777 is not in [0, 1099511627776]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<span = 1099511627777>}

// -----

// expected-error @below {{piece = -1 is not in [0, 1099511627776]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<piece = -1>}

// -----

// expected-error @below {{piece = 1099511627777 is not in [0, 1099511627776]}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<piece = 1099511627777>}

// -----

// expected-error @below {{chunk = 64 is not a multiple of apply_rows = 3}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<apply_rows = 3>}

// -----

// expected-error @below {{piece = 96 is not a multiple of chunk = 64}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<piece = 96>}

// -----

// expected-error @below {{piece = 192 is not a multiple of apply_rows * apply_apart = 128}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<piece = 192, apply_rows = 4, apply_apart = 32>}

// -----

// expected-error @below {{duplicate or unknown struct parameter name: unrol}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<unrol = 3>}

// -----

// expected-error @below {{expected one of [sample, split] for what one work item covers, got: mixed}}
// expected-error @below {{failed to parse GN_CPUScheduleAttr parameter 'strategy'}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<strategy = mixed>}

// -----

// expected-error @below {{expected one of [rows, blocks] for which loop is innermost, got: both}}
// expected-error @below {{failed to parse GN_CPUScheduleAttr parameter 'apply_order'}}
func.func private @f() attributes {gn.schedule = #gn.cpu_schedule<apply_order = both>}

// -----

// expected-error @below {{expected ::gn::Grouping to be one of: interleaved, contiguous}}
// expected-error @below {{failed to parse GN_GroupingAttr parameter 'value'}}
func.func private @f() attributes {a = #gn.grouping<mixed>}

// -----

// expected-error @below {{expected ::gn::EpsilonPlacement to be one of: inside_sqrt, outside_sqrt}}
// expected-error @below {{failed to parse GN_EpsilonPlacementAttr parameter 'value'}}
func.func private @f() attributes {a = #gn.epsilon_placement<inside>}

// -----

// expected-error @below {{unknown attribute `nonsense` in dialect `gn`}}
func.func private @f() attributes {a = #gn.nonsense<3>}

// -----

// expected-error @below {{13 alternatives, not 1 to 12}}
func.func private @f() attributes {gn.schedule = #gn.cpu_alternatives<[
  <total = 1, schedule = <>>, <total = 2, schedule = <>>, <total = 3, schedule = <>>,
  <total = 4, schedule = <>>, <total = 5, schedule = <>>, <total = 6, schedule = <>>,
  <total = 7, schedule = <>>, <total = 8, schedule = <>>, <total = 9, schedule = <>>,
  <total = 10, schedule = <>>, <total = 11, schedule = <>>, <total = 12, schedule = <>>,
  <schedule = <>>]>}

// -----

// expected-error @below {{an alternative behind #gn.cpu_alternative<schedule = <>> is never chosen}}
func.func private @f() attributes {gn.schedule = #gn.cpu_alternatives<[<schedule = <>>, <schedule = <>>]>}

// -----

// expected-error @below {{the last alternative has a bound: #gn.cpu_alternative<total = 4, schedule = <>> does not serve all sizes}}
func.func private @f() attributes {gn.schedule = #gn.cpu_alternatives<[<total = 4, schedule = <>>]>}

// -----

// expected-error @below {{positions = -1 is negative}}
// expected-error @below {{failed to parse GN_CPUAlternativesAttr parameter 'alternatives'}}
func.func private @f() attributes {gn.schedule = #gn.cpu_alternatives<[<positions = -1, schedule = <>>, <schedule = <>>]>}

// -----

// expected-error @below {{C15: a schedule belongs on gn.group_norm, gn.group_stats or gn.group_normalize}}
func.func private @f() attributes {gn.schedule = #gn.cpu_alternatives<[<schedule = <>>]>}

// -----

// Alternatives for Metal have the same bounds.
// expected-error @below {{the last alternative has a bound: #gn.metal_alternative<min_samples = 2, schedule = <>> does not serve all sizes}}
func.func private @f() attributes {gn.schedule = #gn.metal_alternatives<[<min_samples = 2, schedule = <>>]>}

// -----

// expected-error @below {{total = -3 is negative}}
// expected-error @below {{failed to parse GN_MetalAlternativesAttr parameter 'alternatives'}}
func.func private @f() attributes {gn.schedule = #gn.metal_alternatives<[<total = -3, schedule = <>>, <schedule = <>>]>}

// -----

// expected-error @below {{C15: a #gn.metal_schedule belongs on gn.group_norm}}
func.func private @f() attributes {gn.schedule = #gn.metal_alternatives<[<schedule = <>>]>}
