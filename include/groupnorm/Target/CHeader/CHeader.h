//===- CHeader.h - The header of generated C functions ----------*- C++ -*-===//

#ifndef GROUPNORM_TARGET_CHEADER_CHEADER_H
#define GROUPNORM_TARGET_CHEADER_CHEADER_H

#include "mlir/Support/LLVM.h"

namespace mlir {
class ModuleOp;
} // namespace mlir

namespace gn {

struct CHeaderOptions {
  /// What the function computes, in a line or a few.
  std::string summary;
  /// As gn-to-llvm takes it: 0 as many as OpenMP offers, 1 no threads.
  unsigned threads = 1;
};

/// Prints a header that declares each function of `module` that
/// gn-emit-c-interface has made, at any later stage of its lowering.
void printCHeader(mlir::ModuleOp module, const CHeaderOptions &options,
                  llvm::raw_ostream &stream);

} // namespace gn

#endif // GROUPNORM_TARGET_CHEADER_CHEADER_H
