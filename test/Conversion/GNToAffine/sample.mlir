// RUN: groupnorm-opt %s -convert-gn-to-affine -canonicalize -cse | FileCheck %s

// Strategy `sample`: one work item gathers the statistics of a sample and
// normalizes it. In order `blocks`, accumulators and parameters of two vectors stay
// in registers while the rows go by; the third vector is a block of its own.
// A sample that is one chunk needs no merge of chunks.

// CHECK-LABEL: func.func @sample
// CHECK-SAME: (%[[XARG:.+]]: memref<2x1x5x12xf32>, %[[YARG:.+]]: memref<2x1x5x12xf32>) {
// CHECK-DAG: %[[C1_15V:.+]] = arith.constant dense<0.066666666666666666> : vector<4xf64>
// CHECK-DAG: %[[C15V:.+]] = arith.constant dense<1.500000e+01> : vector<4xf64>
// CHECK-DAG: %[[C5V:.+]] = arith.constant dense<5.000000e+00> : vector<4xf64>
// CHECK-DAG: %[[C1V:.+]] = arith.constant dense<1.000000e+00> : vector<4xf64>
// CHECK-DAG: %[[C0_5V:.+]] = arith.constant dense<5.000000e-01> : vector<4xf64>
// CHECK-DAG: %[[C0V:.+]] = arith.constant dense<0.000000e+00> : vector<4xf64>
// CHECK-DAG: %[[C0V_F32:.+]] = arith.constant dense<0.000000e+00> : vector<4xf32>
// CHECK-DAG: %[[C0_2V_F32:.+]] = arith.constant dense<2.000000e-01> : vector<4xf32>
// CHECK-DAG: %[[C0_2V:.+]] = arith.constant dense<2.000000e-01> : vector<4xf64>
// CHECK: %[[X:.+]] = memref.collapse_shape %[[XARG]] {{\[\[}}0], [1, 2, 3]] : memref<2x1x5x12xf32> into memref<2x60xf32>
// CHECK-NEXT: %[[Y:.+]] = memref.collapse_shape %[[YARG]] {{\[\[}}0], [1, 2, 3]] : memref<2x1x5x12xf32> into memref<2x60xf32>

// Statistics never leave the work item.

// CHECK-NEXT: affine.parallel (%[[N:.+]], %[[J:.+]]) = (0, 0) to (2, 1) {
// CHECK-NEXT:   %[[MEAN:.+]] = memref.alloca() {alignment = 64 : i64} : memref<4xf64>
// CHECK-NEXT:   %[[M2:.+]] = memref.alloca() {alignment = 64 : i64} : memref<4xf64>
// CHECK-NEXT:   %[[LANE_MEAN:.+]] = memref.alloca() {alignment = 64 : i64} : memref<12xf64>
// CHECK-NEXT:   %[[LANE_M2:.+]] = memref.alloca() {alignment = 64 : i64} : memref<12xf64>
// CHECK-NEXT:   %[[SHIFT:.+]] = memref.alloca() {alignment = 64 : i64} : memref<12xf32>
// CHECK-NEXT:   %[[SHIFTS:.+]] = memref.alloca() {alignment = 64 : i64} : memref<12xf32>
// CHECK-NEXT:   %[[SCALES:.+]] = memref.alloca() {alignment = 64 : i64} : memref<12xf32>
// CHECK-NEXT:   %[[OFFSETS:.+]] = memref.alloca() {alignment = 64 : i64} : memref<12xf32>

// The first shift: the mean of all five rows.

// CHECK-NEXT:   affine.for %[[L0:.+]] = 0 to 12 step 4 {
// CHECK-NEXT:     %[[LOAD0:.+]] = affine.vector_load %[[X]][%[[N]], %[[L0]]] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT:     %[[LOAD1:.+]] = affine.vector_load %[[X]][%[[N]], %[[L0]] + 12] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT:     %[[LOAD2:.+]] = affine.vector_load %[[X]][%[[N]], %[[L0]] + 24] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT:     %[[LOAD3:.+]] = affine.vector_load %[[X]][%[[N]], %[[L0]] + 36] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT:     %[[LOAD4:.+]] = affine.vector_load %[[X]][%[[N]], %[[L0]] + 48] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT:     %[[ADD0:.+]] = arith.addf %[[LOAD0]], %[[LOAD1]] : vector<4xf32>
// CHECK-NEXT:     %[[ADD1:.+]] = arith.addf %[[LOAD2]], %[[LOAD3]] : vector<4xf32>
// CHECK-NEXT:     %[[ADD2:.+]] = arith.addf %[[ADD0]], %[[ADD1]] : vector<4xf32>
// CHECK-NEXT:     %[[ADD3:.+]] = arith.addf %[[ADD2]], %[[LOAD4]] : vector<4xf32>
// CHECK-NEXT:     %[[MUL0:.+]] = arith.mulf %[[ADD3]], %[[C0_2V_F32]] : vector<4xf32>
// CHECK-NEXT:     affine.vector_store %[[MUL0]], %[[SHIFT]][%[[L0]]] : memref<12xf32>, vector<4xf32>
// CHECK-NEXT:   } {gn.role = "statistics"}

// A block of two vectors, with sums and squares of both as loop-carried registers.

// CHECK-NEXT:   %[[LOAD5:.+]] = affine.vector_load %[[SHIFT]][0] : memref<12xf32>, vector<4xf32>
// CHECK-NEXT:   %[[LOAD6:.+]] = affine.vector_load %[[SHIFT]][4] : memref<12xf32>, vector<4xf32>
// CHECK-NEXT:   %[[LOOP0:.+]]:4 = affine.for %[[ROW0:.+]] = 0 to 5 iter_args(%[[ACC0:.+]] = %[[C0V_F32]], %[[ACC1:.+]] = %[[C0V_F32]], %[[ACC2:.+]] = %[[C0V_F32]], %[[ACC3:.+]] = %[[C0V_F32]]) -> (vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>) {
// CHECK-NEXT:     %[[LOAD7:.+]] = affine.vector_load %[[X]][%[[N]], %[[ROW0]] * 12] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT:     %[[SUB0:.+]] = arith.subf %[[LOAD5]], %[[LOAD7]] : vector<4xf32>
// CHECK-NEXT:     %[[ADD4:.+]] = arith.addf %[[ACC0]], %[[SUB0]] : vector<4xf32>
// CHECK-NEXT:     %[[FMA0:.+]] = math.fma %[[SUB0]], %[[SUB0]], %[[ACC1]] : vector<4xf32>
// CHECK-NEXT:     %[[LOAD8:.+]] = affine.vector_load %[[X]][%[[N]], %[[ROW0]] * 12 + 4] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT:     %[[SUB1:.+]] = arith.subf %[[LOAD6]], %[[LOAD8]] : vector<4xf32>
// CHECK-NEXT:     %[[ADD5:.+]] = arith.addf %[[ACC2]], %[[SUB1]] : vector<4xf32>
// CHECK-NEXT:     %[[FMA1:.+]] = math.fma %[[SUB1]], %[[SUB1]], %[[ACC3]] : vector<4xf32>
// CHECK-NEXT:     affine.yield %[[ADD4]], %[[FMA0]], %[[ADD5]], %[[FMA1]] : vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>
// CHECK-NEXT:   } {gn.role = "statistics"}
// CHECK-NEXT:   %[[EXT0:.+]] = arith.extf %[[LOOP0]]#0 : vector<4xf32> to vector<4xf64>
// CHECK-NEXT:   %[[DIV0:.+]] = arith.mulf %[[EXT0]], %[[C0_2V]] : vector<4xf64>
// CHECK-NEXT:   %[[EXT1:.+]] = arith.extf %[[LOAD5]] : vector<4xf32> to vector<4xf64>
// CHECK-NEXT:   %[[ADD6:.+]] = arith.subf %[[EXT1]], %[[DIV0]] : vector<4xf64>
// CHECK-NEXT:   %[[EXT2:.+]] = arith.extf %[[LOOP0]]#1 : vector<4xf32> to vector<4xf64>
// CHECK-NEXT:   %[[MUL1:.+]] = arith.mulf %[[EXT0]], %[[DIV0]] : vector<4xf64>
// CHECK-NEXT:   %[[SUB2:.+]] = arith.subf %[[EXT2]], %[[MUL1]] : vector<4xf64>
// CHECK-NEXT:   affine.vector_store %[[ADD6]], %[[LANE_MEAN]][0] : memref<12xf64>, vector<4xf64>
// CHECK-NEXT:   affine.vector_store %[[SUB2]], %[[LANE_M2]][0] : memref<12xf64>, vector<4xf64>
// CHECK-NEXT:   %[[EXT3:.+]] = arith.extf %[[LOOP0]]#2 : vector<4xf32> to vector<4xf64>
// CHECK-NEXT:   %[[DIV1:.+]] = arith.mulf %[[EXT3]], %[[C0_2V]] : vector<4xf64>
// CHECK-NEXT:   %[[LOAD9:.+]] = affine.vector_load %[[SHIFT]][4] : memref<12xf32>, vector<4xf32>
// CHECK-NEXT:   %[[EXT4:.+]] = arith.extf %[[LOAD9]] : vector<4xf32> to vector<4xf64>
// CHECK-NEXT:   %[[ADD7:.+]] = arith.subf %[[EXT4]], %[[DIV1]] : vector<4xf64>
// CHECK-NEXT:   %[[EXT5:.+]] = arith.extf %[[LOOP0]]#3 : vector<4xf32> to vector<4xf64>
// CHECK-NEXT:   %[[MUL2:.+]] = arith.mulf %[[EXT3]], %[[DIV1]] : vector<4xf64>
// CHECK-NEXT:   %[[SUB3:.+]] = arith.subf %[[EXT5]], %[[MUL2]] : vector<4xf64>
// CHECK-NEXT:   affine.vector_store %[[ADD7]], %[[LANE_MEAN]][4] : memref<12xf64>, vector<4xf64>
// CHECK-NEXT:   affine.vector_store %[[SUB3]], %[[LANE_M2]][4] : memref<12xf64>, vector<4xf64>

// The block of one vector.

// CHECK-NEXT:   %[[LOAD10:.+]] = affine.vector_load %[[SHIFT]][8] : memref<12xf32>, vector<4xf32>
// CHECK-NEXT:   %[[LOOP1:.+]]:2 = affine.for %[[ROW1:.+]] = 0 to 5 iter_args(%[[ACC4:.+]] = %[[C0V_F32]], %[[ACC5:.+]] = %[[C0V_F32]]) -> (vector<4xf32>, vector<4xf32>) {
// CHECK-NEXT:     %[[LOAD11:.+]] = affine.vector_load %[[X]][%[[N]], %[[ROW1]] * 12 + 8] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT:     %[[SUB4:.+]] = arith.subf %[[LOAD10]], %[[LOAD11]] : vector<4xf32>
// CHECK-NEXT:     %[[ADD8:.+]] = arith.addf %[[ACC4]], %[[SUB4]] : vector<4xf32>
// CHECK-NEXT:     %[[FMA2:.+]] = math.fma %[[SUB4]], %[[SUB4]], %[[ACC5]] : vector<4xf32>
// CHECK-NEXT:     affine.yield %[[ADD8]], %[[FMA2]] : vector<4xf32>, vector<4xf32>
// CHECK-NEXT:   } {gn.role = "statistics"}
// CHECK-NEXT:   %[[EXT6:.+]] = arith.extf %[[LOOP1]]#0 : vector<4xf32> to vector<4xf64>
// CHECK-NEXT:   %[[DIV2:.+]] = arith.mulf %[[EXT6]], %[[C0_2V]] : vector<4xf64>
// CHECK-NEXT:   %[[EXT7:.+]] = arith.extf %[[LOAD10]] : vector<4xf32> to vector<4xf64>
// CHECK-NEXT:   %[[ADD9:.+]] = arith.subf %[[EXT7]], %[[DIV2]] : vector<4xf64>
// CHECK-NEXT:   %[[EXT8:.+]] = arith.extf %[[LOOP1]]#1 : vector<4xf32> to vector<4xf64>
// CHECK-NEXT:   %[[MUL3:.+]] = arith.mulf %[[EXT6]], %[[DIV2]] : vector<4xf64>
// CHECK-NEXT:   %[[SUB5:.+]] = arith.subf %[[EXT8]], %[[MUL3]] : vector<4xf64>
// CHECK-NEXT:   affine.vector_store %[[ADD9]], %[[LANE_MEAN]][8] : memref<12xf64>, vector<4xf64>
// CHECK-NEXT:   affine.vector_store %[[SUB5]], %[[LANE_M2]][8] : memref<12xf64>, vector<4xf64>

// Interleaved groups: a vector holds the four groups, and features 4 apart meet.

// CHECK-NEXT:   %[[LOOP2:.+]] = affine.for %[[D0:.+]] = 0 to 3 iter_args(%[[ACC6:.+]] = %[[C0V]]) -> (vector<4xf64>) {
// CHECK-NEXT:     %[[LOAD12:.+]] = affine.vector_load %[[LANE_MEAN]][%[[D0]] * 4] : memref<12xf64>, vector<4xf64>
// CHECK-NEXT:     %[[MUL4:.+]] = arith.mulf %[[LOAD12]], %[[C5V]] : vector<4xf64>
// CHECK-NEXT:     %[[ADD10:.+]] = arith.addf %[[ACC6]], %[[MUL4]] : vector<4xf64>
// CHECK-NEXT:     affine.yield %[[ADD10]] : vector<4xf64>
// CHECK-NEXT:   } {gn.role = "merge"}
// CHECK-NEXT:   %[[DIV3:.+]] = arith.mulf %[[LOOP2]], %[[C1_15V]] : vector<4xf64>
// CHECK-NEXT:   %[[LOOP3:.+]] = affine.for %[[D1:.+]] = 0 to 3 iter_args(%[[ACC7:.+]] = %[[C0V]]) -> (vector<4xf64>) {
// CHECK-NEXT:     %[[LOAD13:.+]] = affine.vector_load %[[LANE_MEAN]][%[[D1]] * 4] : memref<12xf64>, vector<4xf64>
// CHECK-NEXT:     %[[SUB6:.+]] = arith.subf %[[LOAD13]], %[[DIV3]] : vector<4xf64>
// CHECK-NEXT:     %[[MUL5:.+]] = arith.mulf %[[SUB6]], %[[SUB6]] : vector<4xf64>
// CHECK-NEXT:     %[[LOAD14:.+]] = affine.vector_load %[[LANE_M2]][%[[D1]] * 4] : memref<12xf64>, vector<4xf64>
// CHECK-NEXT:     %[[FMA3:.+]] = math.fma %[[MUL5]], %[[C5V]], %[[LOAD14]] : vector<4xf64>
// CHECK-NEXT:     %[[ADD11:.+]] = arith.addf %[[ACC7]], %[[FMA3]] : vector<4xf64>
// CHECK-NEXT:     affine.yield %[[ADD11]] : vector<4xf64>
// CHECK-NEXT:   } {gn.role = "merge"}
// CHECK-NEXT:   affine.vector_store %[[DIV3]], %[[MEAN]][0] : memref<4xf64>, vector<4xf64>
// CHECK-NEXT:   affine.vector_store %[[LOOP3]], %[[M2]][0] : memref<4xf64>, vector<4xf64>
// CHECK-NEXT:   %[[LOAD15:.+]] = affine.vector_load %[[MEAN]][0] : memref<4xf64>, vector<4xf64>
// CHECK-NEXT:   %[[LOAD16:.+]] = affine.vector_load %[[M2]][0] : memref<4xf64>, vector<4xf64>

// Epsilon is added outside the square root.

// CHECK-NEXT:   %[[MAX0:.+]] = arith.maximumf %[[LOAD16]], %[[C0V]] : vector<4xf64>
// CHECK-NEXT:   %[[DIV4:.+]] = arith.divf %[[MAX0]], %[[C15V]] : vector<4xf64>
// CHECK-NEXT:   %[[SQRT0:.+]] = math.sqrt %[[DIV4]] : vector<4xf64>
// CHECK-NEXT:   %[[ADD12:.+]] = arith.addf %[[SQRT0]], %[[C0_5V]] : vector<4xf64>
// CHECK-NEXT:   %[[DIV5:.+]] = arith.divf %[[C1V]], %[[ADD12]] : vector<4xf64>
// CHECK-NEXT:   affine.for %[[D2:.+]] = 0 to 3 {
// CHECK-NEXT:     %[[ROUND0:.+]] = arith.truncf %[[LOAD15]] : vector<4xf64> to vector<4xf32>
// CHECK-NEXT:     %[[EXT9:.+]] = arith.extf %[[ROUND0]] : vector<4xf32> to vector<4xf64>
// CHECK-NEXT:     %[[SUB7:.+]] = arith.subf %[[LOAD15]], %[[EXT9]] : vector<4xf64>
// CHECK-NEXT:     %[[MUL6:.+]] = arith.mulf %[[SUB7]], %[[DIV5]] : vector<4xf64>
// CHECK-NEXT:     %[[SUB8:.+]] = arith.subf %[[C0V]], %[[MUL6]] : vector<4xf64>
// CHECK-NEXT:     %[[ROUND1:.+]] = arith.truncf %[[DIV5]] : vector<4xf64> to vector<4xf32>
// CHECK-NEXT:     %[[ROUND2:.+]] = arith.truncf %[[SUB8]] : vector<4xf64> to vector<4xf32>
// CHECK-NEXT:     affine.vector_store %[[ROUND0]], %[[SHIFTS]][%[[D2]] * 4] : memref<12xf32>, vector<4xf32>
// CHECK-NEXT:     affine.vector_store %[[ROUND1]], %[[SCALES]][%[[D2]] * 4] : memref<12xf32>, vector<4xf32>
// CHECK-NEXT:     affine.vector_store %[[ROUND2]], %[[OFFSETS]][%[[D2]] * 4] : memref<12xf32>, vector<4xf32>
// CHECK-NEXT:   } {gn.role = "normalize"}

// Two rows in flight, then the one that is left, block by block.

// CHECK-NEXT:   %[[LOAD17:.+]] = affine.vector_load %[[SHIFTS]][0] : memref<12xf32>, vector<4xf32>
// CHECK-NEXT:   %[[LOAD18:.+]] = affine.vector_load %[[SCALES]][0] : memref<12xf32>, vector<4xf32>
// CHECK-NEXT:   %[[LOAD19:.+]] = affine.vector_load %[[OFFSETS]][0] : memref<12xf32>, vector<4xf32>
// CHECK-NEXT:   %[[LOAD20:.+]] = affine.vector_load %[[SHIFTS]][4] : memref<12xf32>, vector<4xf32>
// CHECK-NEXT:   %[[LOAD21:.+]] = affine.vector_load %[[SCALES]][4] : memref<12xf32>, vector<4xf32>
// CHECK-NEXT:   %[[LOAD22:.+]] = affine.vector_load %[[OFFSETS]][4] : memref<12xf32>, vector<4xf32>
// CHECK-NEXT:   affine.for %[[UNIT0:.+]] = 0 to 2 {
// CHECK-NEXT:     %[[LOAD23:.+]] = affine.vector_load %[[X]][%[[N]], %[[UNIT0]] * 24] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT:     %[[SUB9:.+]] = arith.subf %[[LOAD23]], %[[LOAD17]] : vector<4xf32>
// CHECK-NEXT:     %[[FMA4:.+]] = math.fma %[[SUB9]], %[[LOAD18]], %[[LOAD19]] : vector<4xf32>
// CHECK-NEXT:     %[[LOAD24:.+]] = affine.vector_load %[[X]][%[[N]], %[[UNIT0]] * 24 + 12] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT:     %[[SUB10:.+]] = arith.subf %[[LOAD24]], %[[LOAD17]] : vector<4xf32>
// CHECK-NEXT:     %[[FMA5:.+]] = math.fma %[[SUB10]], %[[LOAD18]], %[[LOAD19]] : vector<4xf32>
// CHECK-NEXT:     affine.vector_store %[[FMA4]], %[[Y]][%[[N]], %[[UNIT0]] * 24] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT:     affine.vector_store %[[FMA5]], %[[Y]][%[[N]], %[[UNIT0]] * 24 + 12] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT:     %[[LOAD25:.+]] = affine.vector_load %[[X]][%[[N]], %[[UNIT0]] * 24 + 4] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT:     %[[SUB11:.+]] = arith.subf %[[LOAD25]], %[[LOAD20]] : vector<4xf32>
// CHECK-NEXT:     %[[FMA6:.+]] = math.fma %[[SUB11]], %[[LOAD21]], %[[LOAD22]] : vector<4xf32>
// CHECK-NEXT:     %[[LOAD26:.+]] = affine.vector_load %[[X]][%[[N]], %[[UNIT0]] * 24 + 16] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT:     %[[SUB12:.+]] = arith.subf %[[LOAD26]], %[[LOAD20]] : vector<4xf32>
// CHECK-NEXT:     %[[FMA7:.+]] = math.fma %[[SUB12]], %[[LOAD21]], %[[LOAD22]] : vector<4xf32>
// CHECK-NEXT:     affine.vector_store %[[FMA6]], %[[Y]][%[[N]], %[[UNIT0]] * 24 + 4] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT:     affine.vector_store %[[FMA7]], %[[Y]][%[[N]], %[[UNIT0]] * 24 + 16] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT:   } {gn.role = "normalize"}
// CHECK-NEXT:   %[[LOAD27:.+]] = affine.vector_load %[[X]][%[[N]], 48] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT:   %[[SUB13:.+]] = arith.subf %[[LOAD27]], %[[LOAD17]] : vector<4xf32>
// CHECK-NEXT:   %[[FMA8:.+]] = math.fma %[[SUB13]], %[[LOAD18]], %[[LOAD19]] : vector<4xf32>
// CHECK-NEXT:   affine.vector_store %[[FMA8]], %[[Y]][%[[N]], 48] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT:   %[[LOAD28:.+]] = affine.vector_load %[[X]][%[[N]], 52] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT:   %[[SUB14:.+]] = arith.subf %[[LOAD28]], %[[LOAD20]] : vector<4xf32>
// CHECK-NEXT:   %[[FMA9:.+]] = math.fma %[[SUB14]], %[[LOAD21]], %[[LOAD22]] : vector<4xf32>
// CHECK-NEXT:   affine.vector_store %[[FMA9]], %[[Y]][%[[N]], 52] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT:   %[[LOAD29:.+]] = affine.vector_load %[[SHIFTS]][8] : memref<12xf32>, vector<4xf32>
// CHECK-NEXT:   %[[LOAD30:.+]] = affine.vector_load %[[SCALES]][8] : memref<12xf32>, vector<4xf32>
// CHECK-NEXT:   %[[LOAD31:.+]] = affine.vector_load %[[OFFSETS]][8] : memref<12xf32>, vector<4xf32>
// CHECK-NEXT:   affine.for %[[UNIT1:.+]] = 0 to 2 {
// CHECK-NEXT:     %[[LOAD32:.+]] = affine.vector_load %[[X]][%[[N]], %[[UNIT1]] * 24 + 8] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT:     %[[SUB15:.+]] = arith.subf %[[LOAD32]], %[[LOAD29]] : vector<4xf32>
// CHECK-NEXT:     %[[FMA10:.+]] = math.fma %[[SUB15]], %[[LOAD30]], %[[LOAD31]] : vector<4xf32>
// CHECK-NEXT:     %[[LOAD33:.+]] = affine.vector_load %[[X]][%[[N]], %[[UNIT1]] * 24 + 20] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT:     %[[SUB16:.+]] = arith.subf %[[LOAD33]], %[[LOAD29]] : vector<4xf32>
// CHECK-NEXT:     %[[FMA11:.+]] = math.fma %[[SUB16]], %[[LOAD30]], %[[LOAD31]] : vector<4xf32>
// CHECK-NEXT:     affine.vector_store %[[FMA10]], %[[Y]][%[[N]], %[[UNIT1]] * 24 + 8] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT:     affine.vector_store %[[FMA11]], %[[Y]][%[[N]], %[[UNIT1]] * 24 + 20] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT:   } {gn.role = "normalize"}
// CHECK-NEXT:   %[[LOAD34:.+]] = affine.vector_load %[[X]][%[[N]], 56] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT:   %[[SUB17:.+]] = arith.subf %[[LOAD34]], %[[LOAD29]] : vector<4xf32>
// CHECK-NEXT:   %[[FMA12:.+]] = math.fma %[[SUB17]], %[[LOAD30]], %[[LOAD31]] : vector<4xf32>
// CHECK-NEXT:   affine.vector_store %[[FMA12]], %[[Y]][%[[N]], 56] : memref<2x60xf32>, vector<4xf32>
// CHECK-NEXT: }
// CHECK-NEXT: return

func.func @sample(%x: memref<2x1x5x12xf32>, %y: memref<2x1x5x12xf32>) {
  gn.group_norm num_groups(4) ins(%x : memref<2x1x5x12xf32>)
    outs(%y : memref<2x1x5x12xf32>)
    {epsilon = 0.5, epsilon_placement = #gn.epsilon_placement<outside_sqrt>,
     gn.schedule = #gn.cpu_schedule<
       strategy = sample, vector = 4, block = 2, order = blocks,
       apply_order = blocks, apply_rows = 2, chunk = 8>}
  return
}
