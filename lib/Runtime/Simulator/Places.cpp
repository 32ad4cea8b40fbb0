//===- Places.cpp - From an address to a line of the kernel ---------------===//
#include "Checker.h"
#include "Program.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/DebugInfo/Symbolize/Symbolize.h"
#include "llvm/Support/FormatVariadic.h"
#include <map>

using namespace gn::sim;

llvm::StringRef gn::sim::toString(FindingKind kind) {
  switch (kind) {
  case FindingKind::Race:
    return "data race";
  case FindingKind::RaceBetweenThreadgroups:
    return "data race between threadgroups";
  case FindingKind::OutOfBounds:
    return "out of bounds";
  case FindingKind::Uninitialized:
    return "uninitialized read";
  case FindingKind::DivergentBarrier:
    return "divergent barrier";
  case FindingKind::DivergentSimd:
    return "divergent simd operation";
  case FindingKind::InvalidAddress:
    return "invalid address";
  }
  llvm_unreachable("a kind of finding without a name");
}

std::string Finding::str() const {
  std::string out;
  llvm::raw_string_ostream os(out);
  if (!file.empty())
    os << file << ":" << line << ": ";
  os << toString(kind) << ": " << message;
  if (count > 1)
    os << " (and " << count - 1 << " more like it)";
  return out;
}

namespace {
class Places {
public:
  explicit Places(const Program::Impl &program)
      : program(program), symbolizer(options()) {}

  // The innermost frame that lies in the kernel's own text. `pc` is where a
  // call returns to, one past the call.
  SourcePlace find(const void *pc) {
    uint64_t offset = (const char *)pc - program.imageBegin - 1;
    auto frames = symbolizer.symbolizeInlinedCode(
        program.library,
        {offset, llvm::object::SectionedAddress::UndefSection});
    if (!frames) {
      llvm::consumeError(frames.takeError());
      return {};
    }
    for (uint32_t i = 0; i < frames->getNumberOfFrames(); ++i) {
      const llvm::DILineInfo &frame = frames->getFrame(i);
      llvm::StringRef file = frame.FileName;
      if (frame.Line && !file.contains("groupnorm-msl-") &&
          !file.contains("<simulator>"))
        return {relative(file), frame.Line};
    }
    return {};
  }

private:
  // Line 0 is what becomes of an instruction made out of several: the line
  // before it is the best guess.
  static llvm::symbolize::LLVMSymbolizer::Options options() {
    llvm::symbolize::LLVMSymbolizer::Options options;
    options.SkipLineZero = true;
    return options;
  }

  // clang makes names absolute; a diagnostic names the file as it was given.
  std::string relative(llvm::StringRef file) const {
    llvm::StringRef own = program.options.fileName;
    return (file.ends_with(own) ? own : file).str();
  }

  const Program::Impl &program;
  llvm::symbolize::LLVMSymbolizer symbolizer;
};
} // namespace

std::vector<Finding> gn::sim::resolveFindings(const Program::Impl &program,
                                              const Checker &checker) {
  std::vector<Finding> result;
  if (checker.findings().empty())
    return result;
  Places places(program);
  std::map<std::tuple<FindingKind, std::string, std::string, unsigned>, size_t>
      known;
  for (const RawFinding &raw : checker.findings()) {
    SourcePlace place = places.find(raw.pc);
    auto [it, fresh] = known.insert(
        {{raw.kind, raw.buffer, place.file, place.line}, result.size()});
    if (!fresh) {
      result[it->second].count += raw.count;
      continue;
    }
    Finding f{raw.kind,   raw.buffer, raw.index,   raw.thread,
              place.file, place.line, raw.message, raw.count};
    if (raw.otherPc) {
      SourcePlace other = places.find(raw.otherPc);
      f.message += llvm::formatv(
          " ({0} {1})", other.file == place.file ? "line" : other.file + ":",
          other.line);
    }
    result.push_back(std::move(f));
  }
  return result;
}
