//===- MetalEngine.h - Runs printed Metal kernels ---------------*- C++ -*-===//
//
// Takes the text of Metal kernels and the description of their launches, and
// runs them on arrays of the host: by Apple's runtime where there is a GPU of
// Apple's, by the simulator anywhere.
//
//===----------------------------------------------------------------------===//

#ifndef GROUPNORM_RUNTIME_METALENGINE_H
#define GROUPNORM_RUNTIME_METALENGINE_H

#include "groupnorm/Runtime/MetalReport.h"
#include "groupnorm/Target/MSL/LaunchDescription.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace gn::runtime {

class MetalDevice;

struct MetalEngineOptions {
  /// Use the simulator even where there is a GPU.
  bool simulate = false;
  /// Use the simulator and let it check every access.
  bool checked = false;
  /// The order of threads and threadgroups in the simulator.
  sim::ScheduleOrder order = sim::ScheduleOrder::Forward;
  /// Let the simulator's compiler make one fma of a product and a sum, as
  /// Metal's does.
  bool contract = false;
  /// The name of the text in errors and findings.
  std::string fileName = "kernels.metal";
};

/// The memory of one argument of the function.
struct MetalArgument {
  void *data = nullptr;
  llvm::ArrayRef<int64_t> shape;
  size_t numBytes = 0;
  /// Whether there are values in it; only checked runs ask.
  bool holdsValues = true;
};

/// The kernels of one function, compiled.
class MetalEngine {
public:
  /// Compiles `text`, whose kernels are launched as `launches` says. The MLIR
  /// context of the description outlives the engine.
  static llvm::Expected<MetalEngine> create(llvm::StringRef text,
                                            LaunchDescription launches,
                                            const MetalEngineOptions &options);
  MetalEngine(MetalEngine &&);
  ~MetalEngine();

  /// What a report calls the engine: "metal: Apple M2" and the like.
  std::string describe() const;

  /// Runs the function on its arguments. Findings of the checks are no error.
  llvm::Expected<MetalReport>
  run(llvm::ArrayRef<MetalArgument> arguments) const;

private:
  MetalEngine(std::unique_ptr<MetalDevice> device, LaunchDescription launches);

  std::unique_ptr<MetalDevice> device;
  LaunchDescription launches;
};

} // namespace gn::runtime

#endif // GROUPNORM_RUNTIME_METALENGINE_H
