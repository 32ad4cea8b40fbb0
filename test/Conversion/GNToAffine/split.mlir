// RUN: groupnorm-opt %s -convert-gn-to-affine -canonicalize -cse | FileCheck %s

// Strategy `split`: 19 rows are pieces of 8, 8 and 3 rows, these are chunks of 4 and
// what is left. Two parallel passes over x with a merge of the pieces between.

// CHECK-DAG: #[[$CHUNKS:.+]] = affine_map<(d0) -> (2, d0 * -2 + 4)>
// CHECK-DAG: #[[$BEFORE:.+]] = affine_map<(d0) -> (d0 * 4)>
// CHECK-DAG: #[[$IS_LAST:.+]] = affine_set<(d0) : (-d0 + 2 == 0)>
// CHECK-DAG: #[[$BEFORE_LAST:.+]] = affine_map<(d0) -> (d0 * -8 + 16)>
// CHECK-DAG: #[[$ROWS:.+]] = affine_map<(d0) -> (d0 * -8 + 19, 8)>
// CHECK-DAG: #[[$PIECE_COUNT:.+]] = affine_map<(d0) -> (d0 * 32)>
// CHECK-DAG: #[[$UNITS:.+]] = affine_map<(d0) -> (4, d0 * -4 + 9)>
// CHECK-LABEL: func.func @split
// CHECK-SAME: (%[[XARG:.+]]: memref<2x19x8xf32>, %[[GAMMA:.+]]: memref<8xf32>, %[[BETA:.+]]: memref<8xf32>, %[[YARG:.+]]: memref<2x19x8xf32>) {
// CHECK-DAG: %[[C10_1053V2:.+]] = arith.constant dense<10.105263157894736> : vector<2xf64>
// CHECK-DAG: %[[C0_157895V2:.+]] = arith.constant dense<0.15789473684210525> : vector<2xf64>
// CHECK-DAG: %[[C1_3V:.+]] = arith.constant dense<0.33333333333333331> : vector<4xf64>
// CHECK-DAG: %[[C0_25V:.+]] = arith.constant dense<2.500000e-01> : vector<4xf64>
// CHECK-DAG: %[[C1:.+]] = arith.constant 1.000000e+00 : f64
// CHECK-DAG: %[[C1eM05V2:.+]] = arith.constant dense<1.000000e-05> : vector<2xf64>
// CHECK-DAG: %[[C1V2:.+]] = arith.constant dense<1.000000e+00> : vector<2xf64>
// CHECK-DAG: %[[C76V2:.+]] = arith.constant dense<7.600000e+01> : vector<2xf64>
// CHECK-DAG: %[[C32V2:.+]] = arith.constant dense<3.200000e+01> : vector<2xf64>
// CHECK-DAG: %[[C0V2:.+]] = arith.constant dense<0.000000e+00> : vector<2xf64>
// CHECK-DAG: %[[C3:.+]] = arith.constant 3.000000e+00 : f64
// CHECK-DAG: %[[C4:.+]] = arith.constant 4.000000e+00 : f64
// CHECK-DAG: %[[C0V_F32:.+]] = arith.constant dense<0.000000e+00> : vector<4xf32>
// CHECK-DAG: %[[C0_333333V_F32:.+]] = arith.constant dense<0.333333343> : vector<4xf32>
// CHECK-DAG: %[[C0V:.+]] = arith.constant dense<0.000000e+00> : vector<4xf64>

// A sample is one row of memory; statistics of pieces go to buffers that work items share.

// CHECK: %[[X:.+]] = memref.collapse_shape %[[XARG]] {{\[\[}}0], [1, 2]] : memref<2x19x8xf32> into memref<2x152xf32>
// CHECK-NEXT: %[[Y:.+]] = memref.collapse_shape %[[YARG]] {{\[\[}}0], [1, 2]] : memref<2x19x8xf32> into memref<2x152xf32>
// CHECK-NEXT: %[[PIECE_MEAN:.+]] = memref.alloc() {alignment = 64 : i64} : memref<2x3x2xf64>
// CHECK-NEXT: %[[PIECE_M2:.+]] = memref.alloc() {alignment = 64 : i64} : memref<2x3x2xf64>
// CHECK-NEXT: %[[MEAN:.+]] = memref.alloc() {alignment = 64 : i64} : memref<2x2xf64>
// CHECK-NEXT: %[[M2:.+]] = memref.alloc() {alignment = 64 : i64} : memref<2x2xf64>

// Every lane of a row has statistics of its own. A vector of shifts, its sums and its
// squares stand side by side.

// CHECK-NEXT: affine.parallel (%[[N:.+]], %[[P:.+]]) = (0, 0) to (2, 3) {
// CHECK-NEXT:   %[[LANE_MEAN:.+]] = memref.alloca() {alignment = 64 : i64} : memref<8xf64>
// CHECK-NEXT:   %[[LANE_M2:.+]] = memref.alloca() {alignment = 64 : i64} : memref<8xf64>
// CHECK-NEXT:   %[[RECORDS:.+]] = memref.alloca() {alignment = 64 : i64} : memref<24xf32>
// CHECK-NEXT:   affine.for %[[L0:.+]] = 0 to 8 step 4 {
// CHECK-NEXT:     affine.vector_store %[[C0V]], %[[LANE_MEAN]][%[[L0]]] : memref<8xf64>, vector<4xf64>
// CHECK-NEXT:     affine.vector_store %[[C0V]], %[[LANE_M2]][%[[L0]]] : memref<8xf64>, vector<4xf64>
// CHECK-NEXT:   } {gn.role = "statistics"}

// The first shift: the mean of the first rows, here of the three that the last piece has; it is renewed after each chunk.

// CHECK-NEXT:   affine.for %[[L1:.+]] = 0 to 8 step 4 {
// CHECK-NEXT:     %[[LOAD0:.+]] = affine.vector_load %[[X]][%[[N]], %[[P]] * 64 + %[[L1]]] : memref<2x152xf32>, vector<4xf32>
// CHECK-NEXT:     %[[LOAD1:.+]] = affine.vector_load %[[X]][%[[N]], %[[P]] * 64 + %[[L1]] + 8] : memref<2x152xf32>, vector<4xf32>
// CHECK-NEXT:     %[[LOAD2:.+]] = affine.vector_load %[[X]][%[[N]], %[[P]] * 64 + %[[L1]] + 16] : memref<2x152xf32>, vector<4xf32>
// CHECK-NEXT:     %[[ADD0:.+]] = arith.addf %[[LOAD0]], %[[LOAD1]] : vector<4xf32>
// CHECK-NEXT:     %[[ADD1:.+]] = arith.addf %[[ADD0]], %[[LOAD2]] : vector<4xf32>
// CHECK-NEXT:     %[[MUL0:.+]] = arith.mulf %[[ADD1]], %[[C0_333333V_F32]] : vector<4xf32>
// CHECK-NEXT:     affine.vector_store %[[MUL0]], %[[RECORDS]][%[[L1]] * 3] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:     affine.vector_store %[[C0V_F32]], %[[RECORDS]][%[[L1]] * 3 + 4] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:     affine.vector_store %[[C0V_F32]], %[[RECORDS]][%[[L1]] * 3 + 8] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:   } {gn.role = "statistics"}

// Chunks accumulate about the shift in f32, in the order of memory.

// CHECK-NEXT:   affine.for %[[CHUNK:.+]] = 0 to min #[[$CHUNKS]](%[[P]]) {
// CHECK-NEXT:     affine.for %[[ROW:.+]] = 0 to 4 {
// CHECK-NEXT:       affine.for %[[L2:.+]] = 0 to 8 step 4 {
// CHECK-NEXT:         %[[LOAD3:.+]] = affine.vector_load %[[RECORDS]][%[[L2]] * 3 + 4] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:         %[[LOAD4:.+]] = affine.vector_load %[[RECORDS]][%[[L2]] * 3 + 8] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:         %[[LOAD5:.+]] = affine.vector_load %[[RECORDS]][%[[L2]] * 3] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:         %[[LOAD6:.+]] = affine.vector_load %[[X]][%[[N]], %[[P]] * 64 + %[[CHUNK]] * 32 + %[[ROW]] * 8 + %[[L2]]] : memref<2x152xf32>, vector<4xf32>
// CHECK-NEXT:         %[[SUB0:.+]] = arith.subf %[[LOAD5]], %[[LOAD6]] : vector<4xf32>
// CHECK-NEXT:         %[[ADD2:.+]] = arith.addf %[[LOAD3]], %[[SUB0]] : vector<4xf32>
// CHECK-NEXT:         %[[FMA0:.+]] = math.fma %[[SUB0]], %[[SUB0]], %[[LOAD4]] : vector<4xf32>
// CHECK-NEXT:         affine.vector_store %[[ADD2]], %[[RECORDS]][%[[L2]] * 3 + 4] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:         affine.vector_store %[[FMA0]], %[[RECORDS]][%[[L2]] * 3 + 8] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:       } {gn.role = "statistics"}
// CHECK-NEXT:     } {gn.role = "statistics"}

// A flush merges the chunk in f64 (Chan) and makes its mean the next shift.

// CHECK-NEXT:     %[[INDEX0:.+]] = affine.apply #[[$BEFORE]](%[[CHUNK]])
// CHECK-NEXT:     %[[INT0:.+]] = arith.index_cast %[[INDEX0]] : index to i64
// CHECK-NEXT:     %[[F0:.+]] = arith.sitofp %[[INT0]] : i64 to f64
// CHECK-NEXT:     %[[ADD3:.+]] = arith.addf %[[F0]], %[[C4]] : f64
// CHECK-NEXT:     %[[DIV0:.+]] = arith.divf %[[C4]], %[[ADD3]] : f64
// CHECK-NEXT:     %[[MUL1:.+]] = arith.mulf %[[F0]], %[[DIV0]] : f64
// CHECK-NEXT:     affine.for %[[L3:.+]] = 0 to 8 step 4 {
// CHECK-NEXT:       %[[LOAD7:.+]] = affine.vector_load %[[RECORDS]][%[[L3]] * 3 + 4] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:       %[[LOAD8:.+]] = affine.vector_load %[[RECORDS]][%[[L3]] * 3 + 8] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:       %[[EXT0:.+]] = arith.extf %[[LOAD7]] : vector<4xf32> to vector<4xf64>
// CHECK-NEXT:       %[[DIV1:.+]] = arith.mulf %[[EXT0]], %[[C0_25V]] : vector<4xf64>
// CHECK-NEXT:       %[[LOAD9:.+]] = affine.vector_load %[[RECORDS]][%[[L3]] * 3] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:       %[[EXT1:.+]] = arith.extf %[[LOAD9]] : vector<4xf32> to vector<4xf64>
// CHECK-NEXT:       %[[ADD4:.+]] = arith.subf %[[EXT1]], %[[DIV1]] : vector<4xf64>
// CHECK-NEXT:       %[[EXT2:.+]] = arith.extf %[[LOAD8]] : vector<4xf32> to vector<4xf64>
// CHECK-NEXT:       %[[MUL2:.+]] = arith.mulf %[[EXT0]], %[[DIV1]] : vector<4xf64>
// CHECK-NEXT:       %[[SUB1:.+]] = arith.subf %[[EXT2]], %[[MUL2]] : vector<4xf64>
// CHECK-NEXT:       %[[ROUND0:.+]] = arith.truncf %[[ADD4]] : vector<4xf64> to vector<4xf32>
// CHECK-NEXT:       affine.vector_store %[[ROUND0]], %[[RECORDS]][%[[L3]] * 3] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:       %[[LOAD10:.+]] = affine.vector_load %[[LANE_MEAN]][%[[L3]]] : memref<8xf64>, vector<4xf64>
// CHECK-NEXT:       %[[LOAD11:.+]] = affine.vector_load %[[LANE_M2]][%[[L3]]] : memref<8xf64>, vector<4xf64>
// CHECK-NEXT:       %[[SUB2:.+]] = arith.subf %[[ADD4]], %[[LOAD10]] : vector<4xf64>
// CHECK-NEXT:       %[[WIDE0:.+]] = vector.broadcast %[[DIV0]] : f64 to vector<4xf64>
// CHECK-NEXT:       %[[FMA1:.+]] = math.fma %[[SUB2]], %[[WIDE0]], %[[LOAD10]] : vector<4xf64>
// CHECK-NEXT:       %[[MUL3:.+]] = arith.mulf %[[SUB2]], %[[SUB2]] : vector<4xf64>
// CHECK-NEXT:       %[[WIDE1:.+]] = vector.broadcast %[[MUL1]] : f64 to vector<4xf64>
// CHECK-NEXT:       %[[ADD5:.+]] = arith.addf %[[SUB1]], %[[LOAD11]] : vector<4xf64>
// CHECK-NEXT:       %[[FMA2:.+]] = math.fma %[[MUL3]], %[[WIDE1]], %[[ADD5]] : vector<4xf64>
// CHECK-NEXT:       affine.vector_store %[[FMA1]], %[[LANE_MEAN]][%[[L3]]] : memref<8xf64>, vector<4xf64>
// CHECK-NEXT:       affine.vector_store %[[FMA2]], %[[LANE_M2]][%[[L3]]] : memref<8xf64>, vector<4xf64>
// CHECK-NEXT:       affine.vector_store %[[C0V_F32]], %[[RECORDS]][%[[L3]] * 3 + 4] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:       affine.vector_store %[[C0V_F32]], %[[RECORDS]][%[[L3]] * 3 + 8] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:     } {gn.role = "statistics"}
// CHECK-NEXT:   } {gn.role = "statistics"}

// The last piece has a shorter chunk.

// CHECK-NEXT:   affine.if #[[$IS_LAST]](%[[P]]) {
// CHECK-NEXT:     affine.for %[[ROW2:.+]] = 0 to 3 {
// CHECK-NEXT:       affine.for %[[L4:.+]] = 0 to 8 step 4 {
// CHECK-NEXT:         %[[LOAD12:.+]] = affine.vector_load %[[RECORDS]][%[[L4]] * 3 + 4] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:         %[[LOAD13:.+]] = affine.vector_load %[[RECORDS]][%[[L4]] * 3 + 8] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:         %[[LOAD14:.+]] = affine.vector_load %[[RECORDS]][%[[L4]] * 3] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:         %[[LOAD15:.+]] = affine.vector_load %[[X]][%[[N]], %[[ROW2]] * 8 + %[[L4]] + 128] : memref<2x152xf32>, vector<4xf32>
// CHECK-NEXT:         %[[SUB3:.+]] = arith.subf %[[LOAD14]], %[[LOAD15]] : vector<4xf32>
// CHECK-NEXT:         %[[ADD6:.+]] = arith.addf %[[LOAD12]], %[[SUB3]] : vector<4xf32>
// CHECK-NEXT:         %[[FMA3:.+]] = math.fma %[[SUB3]], %[[SUB3]], %[[LOAD13]] : vector<4xf32>
// CHECK-NEXT:         affine.vector_store %[[ADD6]], %[[RECORDS]][%[[L4]] * 3 + 4] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:         affine.vector_store %[[FMA3]], %[[RECORDS]][%[[L4]] * 3 + 8] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:       } {gn.role = "statistics"}
// CHECK-NEXT:     } {gn.role = "statistics"}

// Lanes merge into the groups of the piece; the last piece counts fewer rows.

// CHECK:   %[[MIN0:.+]] = affine.min #[[$ROWS]](%[[P]])
// CHECK-NEXT:   %[[INT2:.+]] = arith.index_cast %[[MIN0]] : index to i64
// CHECK-NEXT:   %[[F2:.+]] = arith.sitofp %[[INT2]] : i64 to f64
// CHECK-NEXT:   %[[MUL7:.+]] = arith.mulf %[[F2]], %[[C4]] : f64
// CHECK-NEXT:   %[[DIV4:.+]] = arith.divf %[[C1]], %[[MUL7]] : f64
// CHECK-NEXT:   affine.for %[[G0:.+]] = 0 to 2 {
// CHECK-NEXT:     %[[LOAD21:.+]] = affine.vector_load %[[LANE_MEAN]][%[[G0]] * 4] : memref<8xf64>, vector<4xf64>
// CHECK-NEXT:     %[[WIDE4:.+]] = vector.broadcast %[[F2]] : f64 to vector<4xf64>
// CHECK-NEXT:     %[[MUL8:.+]] = arith.mulf %[[LOAD21]], %[[WIDE4]] : vector<4xf64>
// CHECK-NEXT:     %[[ADD10:.+]] = arith.addf %[[MUL8]], %[[C0V]] : vector<4xf64>
// CHECK-NEXT:     %[[SUM0:.+]] = vector.reduction <add>, %[[ADD10]] fastmath<reassoc> : vector<4xf64> into f64
// CHECK-NEXT:     %[[MUL16:.+]] = arith.mulf %[[SUM0]], %[[DIV4]] : f64
// CHECK-NEXT:     %[[WIDE5:.+]] = vector.broadcast %[[MUL16]] : f64 to vector<4xf64>
// CHECK-NEXT:     %[[SUB6:.+]] = arith.subf %[[LOAD21]], %[[WIDE5]] : vector<4xf64>
// CHECK-NEXT:     %[[MUL9:.+]] = arith.mulf %[[SUB6]], %[[SUB6]] : vector<4xf64>
// CHECK-NEXT:     %[[LOAD22:.+]] = affine.vector_load %[[LANE_M2]][%[[G0]] * 4] : memref<8xf64>, vector<4xf64>
// CHECK-NEXT:     %[[FMA6:.+]] = math.fma %[[MUL9]], %[[WIDE4]], %[[LOAD22]] : vector<4xf64>
// CHECK-NEXT:     %[[ADD11:.+]] = arith.addf %[[FMA6]], %[[C0V]] : vector<4xf64>
// CHECK-NEXT:     %[[SUM1:.+]] = vector.reduction <add>, %[[ADD11]] fastmath<reassoc> : vector<4xf64> into f64
// CHECK-NEXT:     affine.store %[[MUL16]], %[[PIECE_MEAN]][%[[N]], %[[P]], %[[G0]]] : memref<2x3x2xf64>
// CHECK-NEXT:     affine.store %[[SUM1]], %[[PIECE_M2]][%[[N]], %[[P]], %[[G0]]] : memref<2x3x2xf64>
// CHECK-NEXT:   } {gn.role = "merge"}
// CHECK-NEXT: } {gn.role = "statistics"}

// Pieces merge in order, all groups at a time; the last one, of 3 rows, weighs
// 12/76 of the sample.

// CHECK-NEXT: affine.for %[[N1:.+]] = 0 to 2 {
// CHECK-NEXT:   %[[LOOP0:.+]]:2 = affine.for %[[P1:.+]] = 0 to 2 iter_args(%[[ACC0:.+]] = %[[C0V2]], %[[ACC1:.+]] = %[[C0V2]]) -> (vector<2xf64>, vector<2xf64>) {
// CHECK-NEXT:     %[[INDEX2:.+]] = affine.apply #[[$PIECE_COUNT]](%[[P1]])
// CHECK-NEXT:     %[[INT3:.+]] = arith.index_cast %[[INDEX2]] : index to i64
// CHECK-NEXT:     %[[F3:.+]] = arith.sitofp %[[INT3]] : i64 to f64
// CHECK-NEXT:     %[[WIDE8:.+]] = vector.broadcast %[[F3]] : f64 to vector<2xf64>
// CHECK-NEXT:     %[[LOAD23:.+]] = affine.vector_load %[[PIECE_MEAN]][%[[N1]], %[[P1]], 0] : memref<2x3x2xf64>, vector<2xf64>
// CHECK-NEXT:     %[[LOAD24:.+]] = affine.vector_load %[[PIECE_M2]][%[[N1]], %[[P1]], 0] : memref<2x3x2xf64>, vector<2xf64>
// CHECK-NEXT:     %[[ADD12:.+]] = arith.addf %[[WIDE8]], %[[C32V2]] : vector<2xf64>
// CHECK-NEXT:     %[[DIV5:.+]] = arith.divf %[[C32V2]], %[[ADD12]] : vector<2xf64>
// CHECK-NEXT:     %[[SUB7:.+]] = arith.subf %[[LOAD23]], %[[ACC0]] : vector<2xf64>
// CHECK-NEXT:     %[[FMA7:.+]] = math.fma %[[SUB7]], %[[DIV5]], %[[ACC0]] : vector<2xf64>
// CHECK-NEXT:     %[[MUL10:.+]] = arith.mulf %[[SUB7]], %[[SUB7]] : vector<2xf64>
// CHECK-NEXT:     %[[MUL11:.+]] = arith.mulf %[[WIDE8]], %[[DIV5]] : vector<2xf64>
// CHECK-NEXT:     %[[ADD13:.+]] = arith.addf %[[ACC1]], %[[LOAD24]] : vector<2xf64>
// CHECK-NEXT:     %[[FMA8:.+]] = math.fma %[[MUL10]], %[[MUL11]], %[[ADD13]] : vector<2xf64>
// CHECK-NEXT:     affine.yield %[[FMA7]], %[[FMA8]] : vector<2xf64>, vector<2xf64>
// CHECK-NEXT:   } {gn.role = "merge"}
// CHECK-NEXT:   %[[LOAD25:.+]] = affine.vector_load %[[PIECE_MEAN]][%[[N1]], 2, 0] : memref<2x3x2xf64>, vector<2xf64>
// CHECK-NEXT:   %[[LOAD26:.+]] = affine.vector_load %[[PIECE_M2]][%[[N1]], 2, 0] : memref<2x3x2xf64>, vector<2xf64>
// CHECK-NEXT:   %[[SUB8:.+]] = arith.subf %[[LOAD25]], %[[LOOP0]]#0 : vector<2xf64>
// CHECK-NEXT:   %[[FMA9:.+]] = math.fma %[[SUB8]], %[[C0_157895V2]], %[[LOOP0]]#0 : vector<2xf64>
// CHECK-NEXT:   %[[MUL12:.+]] = arith.mulf %[[SUB8]], %[[SUB8]] : vector<2xf64>
// CHECK-NEXT:   %[[ADD14:.+]] = arith.addf %[[LOOP0]]#1, %[[LOAD26]] : vector<2xf64>
// CHECK-NEXT:   %[[FMA10:.+]] = math.fma %[[MUL12]], %[[C10_1053V2]], %[[ADD14]] : vector<2xf64>
// CHECK-NEXT:   affine.vector_store %[[FMA9]], %[[MEAN]][%[[N1]], 0] : memref<2x2xf64>, vector<2xf64>
// CHECK-NEXT:   affine.vector_store %[[FMA10]], %[[M2]][%[[N1]], 0] : memref<2x2xf64>, vector<2xf64>
// CHECK-NEXT: } {gn.role = "merge"}

// The second pass: the deviations of all groups, the parameters of each lane, a
// vector of shifts, of scales and of offsets side by side, and then
// y = (x - shift) * scale + offset.

// CHECK-NEXT: affine.parallel (%[[N2:.+]], %[[P2:.+]]) = (0, 0) to (2, 3) {
// CHECK-NEXT:   %[[PARAMETERS:.+]] = memref.alloca() {alignment = 64 : i64} : memref<24xf32>
// CHECK-NEXT:   %[[DEVIATIONS:.+]] = memref.alloca() {alignment = 64 : i64} : memref<2xf64>
// CHECK-NEXT:   %[[LOAD28:.+]] = affine.vector_load %[[M2]][%[[N2]], 0] : memref<2x2xf64>, vector<2xf64>
// CHECK-NEXT:   %[[MAX0:.+]] = arith.maximumf %[[LOAD28]], %[[C0V2]] : vector<2xf64>
// CHECK-NEXT:   %[[DIV6:.+]] = arith.divf %[[MAX0]], %[[C76V2]] : vector<2xf64>
// CHECK-NEXT:   %[[ADD15:.+]] = arith.addf %[[DIV6]], %[[C1eM05V2]] : vector<2xf64>
// CHECK-NEXT:   %[[SQRT0:.+]] = math.sqrt %[[ADD15]] : vector<2xf64>
// CHECK-NEXT:   %[[DIV7:.+]] = arith.divf %[[C1V2]], %[[SQRT0]] : vector<2xf64>
// CHECK-NEXT:   affine.vector_store %[[DIV7]], %[[DEVIATIONS]][0] : memref<2xf64>, vector<2xf64>
// CHECK-NEXT:   affine.for %[[G2:.+]] = 0 to 2 {
// CHECK-NEXT:     %[[LOAD27:.+]] = affine.load %[[MEAN]][%[[N2]], %[[G2]]] : memref<2x2xf64>
// CHECK-NEXT:     %[[LOAD40:.+]] = affine.load %[[DEVIATIONS]][%[[G2]]] : memref<2xf64>
// CHECK-NEXT:     %[[WIDE6:.+]] = vector.broadcast %[[LOAD27]] : f64 to vector<4xf64>
// CHECK-NEXT:     %[[WIDE7:.+]] = vector.broadcast %[[LOAD40]] : f64 to vector<4xf64>
// CHECK-NEXT:     %[[LOAD29:.+]] = affine.vector_load %[[GAMMA]][%[[G2]] * 4] : memref<8xf32>, vector<4xf32>
// CHECK-NEXT:     %[[EXT6:.+]] = arith.extf %[[LOAD29]] : vector<4xf32> to vector<4xf64>
// CHECK-NEXT:     %[[LOAD30:.+]] = affine.vector_load %[[BETA]][%[[G2]] * 4] : memref<8xf32>, vector<4xf32>
// CHECK-NEXT:     %[[EXT7:.+]] = arith.extf %[[LOAD30]] : vector<4xf32> to vector<4xf64>
// CHECK-NEXT:     %[[MUL13:.+]] = arith.mulf %[[WIDE7]], %[[EXT6]] : vector<4xf64>
// CHECK-NEXT:     %[[ROUND2:.+]] = arith.truncf %[[WIDE6]] : vector<4xf64> to vector<4xf32>
// CHECK-NEXT:     %[[EXT8:.+]] = arith.extf %[[ROUND2]] : vector<4xf32> to vector<4xf64>
// CHECK-NEXT:     %[[SUB9:.+]] = arith.subf %[[WIDE6]], %[[EXT8]] : vector<4xf64>
// CHECK-NEXT:     %[[MUL14:.+]] = arith.mulf %[[SUB9]], %[[MUL13]] : vector<4xf64>
// CHECK-NEXT:     %[[SUB10:.+]] = arith.subf %[[EXT7]], %[[MUL14]] : vector<4xf64>
// CHECK-NEXT:     %[[ROUND3:.+]] = arith.truncf %[[MUL13]] : vector<4xf64> to vector<4xf32>
// CHECK-NEXT:     %[[ROUND4:.+]] = arith.truncf %[[SUB10]] : vector<4xf64> to vector<4xf32>
// CHECK-NEXT:     affine.vector_store %[[ROUND2]], %[[PARAMETERS]][%[[G2]] * 12] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:     affine.vector_store %[[ROUND3]], %[[PARAMETERS]][%[[G2]] * 12 + 4] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:     affine.vector_store %[[ROUND4]], %[[PARAMETERS]][%[[G2]] * 12 + 8] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:   } {gn.role = "normalize"}

// Two rows in flight, and in the last piece the row that is left.

// CHECK-NEXT:   affine.for %[[R2:.+]] = 0 to min #[[$UNITS]](%[[P2]]) {
// CHECK-NEXT:     affine.for %[[L6:.+]] = 0 to 8 step 4 {
// CHECK-NEXT:       %[[LOAD31:.+]] = affine.vector_load %[[PARAMETERS]][%[[L6]] * 3] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:       %[[LOAD32:.+]] = affine.vector_load %[[PARAMETERS]][%[[L6]] * 3 + 4] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:       %[[LOAD33:.+]] = affine.vector_load %[[PARAMETERS]][%[[L6]] * 3 + 8] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:       %[[LOAD34:.+]] = affine.vector_load %[[X]][%[[N2]], %[[P2]] * 64 + %[[R2]] * 16 + %[[L6]]] : memref<2x152xf32>, vector<4xf32>
// CHECK-NEXT:       %[[SUB11:.+]] = arith.subf %[[LOAD34]], %[[LOAD31]] : vector<4xf32>
// CHECK-NEXT:       %[[FMA11:.+]] = math.fma %[[SUB11]], %[[LOAD32]], %[[LOAD33]] : vector<4xf32>
// CHECK-NEXT:       %[[LOAD35:.+]] = affine.vector_load %[[X]][%[[N2]], %[[P2]] * 64 + %[[R2]] * 16 + %[[L6]] + 8] : memref<2x152xf32>, vector<4xf32>
// CHECK-NEXT:       %[[SUB12:.+]] = arith.subf %[[LOAD35]], %[[LOAD31]] : vector<4xf32>
// CHECK-NEXT:       %[[FMA12:.+]] = math.fma %[[SUB12]], %[[LOAD32]], %[[LOAD33]] : vector<4xf32>
// CHECK-NEXT:       affine.vector_store %[[FMA11]], %[[Y]][%[[N2]], %[[P2]] * 64 + %[[R2]] * 16 + %[[L6]]] : memref<2x152xf32>, vector<4xf32>
// CHECK-NEXT:       affine.vector_store %[[FMA12]], %[[Y]][%[[N2]], %[[P2]] * 64 + %[[R2]] * 16 + %[[L6]] + 8] : memref<2x152xf32>, vector<4xf32>
// CHECK-NEXT:     } {gn.role = "normalize"}
// CHECK-NEXT:   } {gn.role = "normalize"}
// CHECK-NEXT:   affine.if #[[$IS_LAST]](%[[P2]]) {
// CHECK-NEXT:     affine.for %[[L7:.+]] = 0 to 8 step 4 {
// CHECK-NEXT:       %[[LOAD36:.+]] = affine.vector_load %[[PARAMETERS]][%[[L7]] * 3] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:       %[[LOAD37:.+]] = affine.vector_load %[[PARAMETERS]][%[[L7]] * 3 + 4] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:       %[[LOAD38:.+]] = affine.vector_load %[[PARAMETERS]][%[[L7]] * 3 + 8] : memref<24xf32>, vector<4xf32>
// CHECK-NEXT:       %[[LOAD39:.+]] = affine.vector_load %[[X]][%[[N2]], %[[L7]] + 144] : memref<2x152xf32>, vector<4xf32>
// CHECK-NEXT:       %[[SUB13:.+]] = arith.subf %[[LOAD39]], %[[LOAD36]] : vector<4xf32>
// CHECK-NEXT:       %[[FMA13:.+]] = math.fma %[[SUB13]], %[[LOAD37]], %[[LOAD38]] : vector<4xf32>
// CHECK-NEXT:       affine.vector_store %[[FMA13]], %[[Y]][%[[N2]], %[[L7]] + 144] : memref<2x152xf32>, vector<4xf32>
// CHECK-NEXT:     } {gn.role = "normalize"}
// CHECK-NEXT:   }
// CHECK-NEXT: } {gn.role = "normalize"}
// CHECK-NEXT: memref.dealloc %[[PIECE_MEAN]] : memref<2x3x2xf64>
// CHECK-NEXT: memref.dealloc %[[PIECE_M2]] : memref<2x3x2xf64>
// CHECK-NEXT: memref.dealloc %[[MEAN]] : memref<2x2xf64>
// CHECK-NEXT: memref.dealloc %[[M2]] : memref<2x2xf64>
// CHECK-NEXT: return

func.func @split(%x: memref<2x19x8xf32>, %gamma: memref<8xf32>, %beta: memref<8xf32>, %y: memref<2x19x8xf32>) {
  gn.group_norm num_groups(2)
    ins(%x, %gamma, %beta : memref<2x19x8xf32>, memref<8xf32>, memref<8xf32>)
    outs(%y : memref<2x19x8xf32>)
    {grouping = #gn.grouping<contiguous>, gn.schedule = #gn.cpu_schedule<
       strategy = split, vector = 4, order = rows, apply_order = rows,
       apply_rows = 2, chunk = 4, piece = 8>}
  return
}
