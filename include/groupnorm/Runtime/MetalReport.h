//===- MetalReport.h - What is known after Metal kernels ran ----*- C++ -*-===//

#ifndef GROUPNORM_RUNTIME_METALREPORT_H
#define GROUPNORM_RUNTIME_METALREPORT_H

#include "groupnorm/Runtime/Simulator.h"
#include <string>
#include <vector>

namespace gn::runtime {

struct MetalReport {
  struct Kernel {
    std::string name;
    /// Bytes that the kernel's threads asked for, a line a buffer; checked
    /// runs only.
    std::vector<sim::Traffic> traffic;
    uint64_t bytesRead = 0, bytesWritten = 0;
  };
  /// Whether the checks of the simulator watched.
  bool isChecked = false;
  /// The kernels in the order in which they ran.
  std::vector<Kernel> kernels;
  /// What the checks found, a line each: "kernels.metal:12: data race: ...".
  std::vector<std::string> findings;
  /// The time of the kernels: the GPU's own, or that of the simulation.
  double seconds = 0;
};

} // namespace gn::runtime

#endif // GROUPNORM_RUNTIME_METALREPORT_H
