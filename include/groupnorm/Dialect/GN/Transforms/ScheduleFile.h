//===- ScheduleFile.h - Schedules of problems, in a file --------*- C++ -*-===//
//
// {
//   "schedules": [
//     {
//       "x": "2x64x64x320xf32",
//       "feature_dim": 3,
//       "num_groups": 32,
//       "grouping": "interleaved",
//       "schedule": "#gn.cpu_schedule<chunk = 32>",
//       "note": "1.08 times as fast as the policy's, AMD EPYC, 1 thread"
//     }
//   ]
// }
//
// The first four say which problem; the number of threads is not among them,
// so that it does not decide the bits of a result. The note is for readers.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_DIALECT_GN_TRANSFORMS_SCHEDULEFILE_H
#define GROUPNORM_DIALECT_GN_TRANSFORMS_SCHEDULEFILE_H

#include "groupnorm/Dialect/GN/IR/GN.h"
#include "llvm/Support/Error.h"

namespace gn {

/// What two ops that one schedule suits have in common.
struct ScheduleKey {
  std::string x; // "2x64x64x320xf32"
  int64_t featureDim = 0;
  int64_t numGroups = 0;
  Grouping grouping = Grouping::Interleaved;

  /// The key of a gn op, on tensors or memrefs.
  static ScheduleKey get(mlir::Operation *op);
  bool operator==(const ScheduleKey &other) const;
  /// "x 2x64x64x320xf32 with 32 interleaved groups of dimension 3".
  std::string describe() const;
};

class ScheduleFile {
public:
  /// Reads a file; the error says what is wrong with it, and where.
  static llvm::Expected<ScheduleFile> read(llvm::StringRef path,
                                           mlir::MLIRContext *context);

  /// The schedule for the op, or null where the file has none.
  CPUScheduleAttr lookup(mlir::Operation *op) const;
  /// Adds a schedule, or replaces the one that there is.
  void set(const ScheduleKey &key, CPUScheduleAttr schedule, std::string note);
  void print(llvm::raw_ostream &stream) const;

private:
  struct Entry {
    ScheduleKey key;
    CPUScheduleAttr schedule;
    std::string note;
  };
  std::vector<Entry> entries;
};

} // namespace gn

#endif // GROUPNORM_DIALECT_GN_TRANSFORMS_SCHEDULEFILE_H
