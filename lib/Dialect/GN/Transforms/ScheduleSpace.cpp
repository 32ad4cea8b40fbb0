//===- ScheduleSpace.cpp - The schedules around a schedule ----------------===//
//
// A schedule is changed in its printed form, so that this needs to know only
// the fields that are worth a search and not how an attribute is built of all
// of them; the attribute's own parser and verifier decide what is one.
//
//===----------------------------------------------------------------------===//

#include "groupnorm/Dialect/GN/Transforms/ScheduleSpace.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace gn;

namespace {

/// What a field may become.
struct Field {
  StringRef name;
  SmallVector<std::string> values;
};

/// The fields that a schedule's text gives; the others have their default.
using Fields = llvm::MapVector<StringRef, std::string>;

} // namespace

static SmallVector<std::string> toText(ArrayRef<int64_t> values) {
  return llvm::map_to_vector(
      values, [](int64_t value) { return std::to_string(value); });
}

/// Of two fields of equal promise, the one that needs the other first.
static SmallVector<Field> getFields(CPUScheduleAttr schedule) {
  int64_t vector = schedule.getVector(), flatten = schedule.getFlatten();
  int64_t piece = schedule.getPiece(), chunk = schedule.getChunk();
  SmallVector<int64_t> pieces = {0};
  for (int64_t size : {piece / 4, piece / 2, piece * 2, piece * 4})
    if (size >= chunk)
      pieces.push_back(size / chunk * chunk);
  SmallVector<std::string> orders = {"rows", "blocks"};
  SmallVector<std::string> flags = {"false", "true"};
  return {
      {"strategy", {"sample", "split"}},
      {"tile", toText({0, 1, 2, 4, 8, 16})},
      {"order", orders},
      {"apply_order", orders},
      {"stream", flags},
      {"pairs", flags},
      {"rows", toText({1, 2, 4, 8})},
      {"apply_rows", toText({1, 2, 4, 8})},
      {"apply_apart", toText({1, 4, 8, 16})},
      {"apply_prefetch", toText({0, 1024, 2048, 4096, 6144, 12288})},
      {"apply_again", flags},
      {"prefetch", toText({0, 4096, 6144, 8192, 12288})},
      {"prefetch_again", flags},
      {"apply_next", toText({0, 1, 2, 3})},
      {"span", toText({0, 1, 2, 4})},
      {"apply_backwards", flags},
      {"shares", toText({-1, 0, 2, 4, 8})},
      {"band", toText({0, 32, 64, 128})},
      {"block", toText({2, 4, 8, 16})},
      {"piece", toText(pieces)},
      {"flatten", toText({flatten / 2, flatten * 2})},
      {"vector", toText({vector / 2, vector * 2})},
      // Longer chunks of f32 would overflow on large numbers.
      {"chunk", toText({16, 32, 64, 80})},
      {"parallel", flags},
  };
}

static Fields getText(CPUScheduleAttr schedule, std::string &storage) {
  llvm::raw_string_ostream(storage) << schedule;
  StringRef text = storage;
  text.consume_front("#gn.cpu_schedule<");
  text.consume_back(">");
  Fields fields;
  SmallVector<StringRef> parts;
  text.split(parts, ", ", /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  for (StringRef part : parts) {
    auto [name, value] = part.split(" = ");
    fields[name] = value.str();
  }
  return fields;
}

/// The attribute, or null where it would not be one.
static CPUScheduleAttr parse(const Fields &fields, MLIRContext *context) {
  std::string text = "#gn.cpu_schedule<";
  llvm::ListSeparator separator;
  for (const auto &[name, value] : fields)
    text += StringRef(separator).str() + name.str() + " = " + value;
  text += ">";
  // Not being a schedule is no error here.
  ScopedDiagnosticHandler handler(context, [](Diagnostic &) {});
  return dyn_cast_or_null<CPUScheduleAttr>(parseAttribute(text, context));
}

SmallVector<CPUScheduleAttr> gn::getNeighbours(CPUScheduleAttr schedule) {
  std::string storage;
  Fields fields = getText(schedule, storage);
  llvm::SetVector<CPUScheduleAttr> neighbours;
  for (const Field &field : getFields(schedule))
    for (const std::string &value : field.values) {
      Fields changed = fields;
      changed[field.name] = value;
      CPUScheduleAttr neighbour = parse(changed, schedule.getContext());
      if (neighbour && neighbour != schedule)
        neighbours.insert(neighbour);
    }
  return neighbours.takeVector();
}
