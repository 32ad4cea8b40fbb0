// The number of threads: a constant where it is known, else asked of OpenMP.

// RUN: groupnorm-opt %s -convert-gn-to-openmp -split-input-file -verify-diagnostics | FileCheck %s --check-prefixes=CHECK,ASK
// RUN: groupnorm-opt %s -convert-gn-to-openmp=threads=3 -split-input-file | FileCheck %s --check-prefixes=CHECK,KNOWN

// ASK:        func.func private @omp_get_max_threads() -> i32
// ASK-NOT:    func.func private
// KNOWN-NOT:  omp_get_max_threads
// CHECK-LABEL: func.func @twice
// ASK-NEXT:     %[[N:.*]] = call @omp_get_max_threads() : () -> i32
// ASK-NEXT:     %[[A:.*]] = arith.index_cast %[[N]] : i32 to index
// ASK-NEXT:     %[[M:.*]] = call @omp_get_max_threads() : () -> i32
// ASK-NEXT:     %[[B:.*]] = arith.index_cast %[[M]] : i32 to index
// ASK-NEXT:     return %[[A]], %[[B]]
// KNOWN-NEXT:   %[[A:.*]] = arith.constant 3 : index
// KNOWN-NEXT:   %[[B:.*]] = arith.constant 3 : index
// KNOWN-NEXT:   return %[[A]], %[[B]]
func.func @twice() -> (index, index) {
  %a = gn.max_threads
  %b = gn.max_threads
  return %a, %b : index, index
}

// -----

func.func private @omp_get_max_threads() -> i64
func.func @other() -> index {
  // expected-error @below {{'gn.max_threads' op needs @omp_get_max_threads, but the module has something else of that name}}
  %a = gn.max_threads
  return %a : index
}
