// Streaming stores of bf16 and f16 store their bits; all other stores stay.

// RUN: groupnorm-opt %s --gn-stream-bits | FileCheck %s

// CHECK-LABEL: llvm.func @stores(
// CHECK-SAME:    %[[P:.*]]: !llvm.ptr, %[[V:.*]]: vector<16xbf16>, %[[H:.*]]: vector<16xf16>, %[[S:.*]]: bf16)
// CHECK-NEXT:    %[[BITS:.*]] = llvm.bitcast %[[V]] : vector<16xbf16> to vector<8xf32>
// CHECK-NEXT:    %[[FENCED:.*]] = llvm.call_intrinsic "llvm.arithmetic.fence"(%[[BITS]])
// CHECK-NEXT:    llvm.store %[[FENCED]], %[[P]] {alignment = 32 : i64, nontemporal} : vector<8xf32>, !llvm.ptr
// CHECK-NEXT:    llvm.store %[[V]], %[[P]] {alignment = 32 : i64} : vector<16xbf16>, !llvm.ptr
// CHECK-NEXT:    %[[HBITS:.*]] = llvm.bitcast %[[H]] : vector<16xf16> to vector<8xf32>
// CHECK-NEXT:    %[[HFENCED:.*]] = llvm.call_intrinsic "llvm.arithmetic.fence"(%[[HBITS]])
// CHECK-NEXT:    llvm.store %[[HFENCED]], %[[P]] {alignment = 32 : i64, nontemporal} : vector<8xf32>, !llvm.ptr
// CHECK-NEXT:    llvm.store %[[H]], %[[P]] {alignment = 32 : i64} : vector<16xf16>, !llvm.ptr
// CHECK-NEXT:    llvm.store %[[S]], %[[P]] {alignment = 2 : i64, nontemporal} : bf16, !llvm.ptr
llvm.func @stores(%p: !llvm.ptr, %v: vector<16xbf16>, %h: vector<16xf16>, %s: bf16) {
  llvm.store %v, %p {alignment = 32 : i64, nontemporal} : vector<16xbf16>, !llvm.ptr
  llvm.store %v, %p {alignment = 32 : i64} : vector<16xbf16>, !llvm.ptr
  llvm.store %h, %p {alignment = 32 : i64, nontemporal} : vector<16xf16>, !llvm.ptr
  llvm.store %h, %p {alignment = 32 : i64} : vector<16xf16>, !llvm.ptr
  llvm.store %s, %p {alignment = 2 : i64, nontemporal} : bf16, !llvm.ptr
  llvm.return
}
