// Group normalization on memrefs, for the Metal kernels of the README.
func.func @gn(%x: memref<2x128x128x64xf32>, %y: memref<2x128x128x64xf32>) {
  gn.group_norm num_groups(32)
    ins(%x : memref<2x128x128x64xf32>) outs(%y : memref<2x128x128x64xf32>)
    {gn.schedule = #gn.metal_schedule<strategy = looped, threads = 256, groups = 8>}
  return
}
