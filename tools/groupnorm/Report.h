//===- Report.h - What a verb says of its work ------------------*- C++ -*-===//

#ifndef GROUPNORM_TOOLS_GROUPNORM_REPORT_H
#define GROUPNORM_TOOLS_GROUPNORM_REPORT_H

#include "Options.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

namespace gn::tool {
class Executable;

/// Lines of a name and a value.
class Report {
public:
  /// On the standard error where `path`, a result, is the standard output.
  explicit Report(llvm::StringRef path)
      : stream(path == "-" ? llvm::errs() : llvm::outs()) {}
  void line(llvm::StringRef name, const llvm::Twine &value) {
    stream << llvm::formatv("{0,-9} {1}\n", name, value.str());
  }
  llvm::raw_ostream &getStream() { return stream; }

private:
  llvm::raw_ostream &stream;
};

/// "10.0 MiB".
std::string formatSize(double bytes);

/// The lines about what is computed.
void reportProblem(Report &report, const reference::Problem &problem,
                   runtime::ElementType type);

/// "2x64x64x320 f32".
std::string describe(const runtime::HostArray &array);

/// "-" where a result of the verb goes to the standard output.
llvm::StringRef getReportPath(const Options &options);

/// The lines about the engine, and the seconds that compiling and a run took.
void reportEngine(Report &report, const Executable &executable,
                  double compileTime, double time);

} // namespace gn::tool

#endif // GROUPNORM_TOOLS_GROUPNORM_REPORT_H
