//===- ScheduleFile.cpp - Schedules of problems, in a file ----------------===//

#include "groupnorm/Dialect/GN/Transforms/ScheduleFile.h"
#include "groupnorm/Support/FileInput.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FormatAdapters.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace gn;
using llvm::Expected;
namespace json = llvm::json;

//===----------------------------------------------------------------------===//
// Keys
//===----------------------------------------------------------------------===//

static std::string formatType(ShapedType type) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  for (int64_t size : type.getShape())
    ShapedType::isDynamic(size) ? stream << "?x" : stream << size << "x";
  stream << type.getElementType();
  return text;
}

ScheduleKey ScheduleKey::get(Operation *op) {
  return llvm::TypeSwitch<Operation *, ScheduleKey>(op)
      .Case<GroupNormOp, GroupStatsOp, GroupNormalizeOp>([](auto op) {
        return ScheduleKey{formatType(op.getXType()),
                           static_cast<int64_t>(op.getFeatureDimension()),
                           static_cast<int64_t>(op.getNumGroups()),
                           op.getGrouping()};
      });
}

bool ScheduleKey::operator==(const ScheduleKey &other) const {
  return x == other.x && featureDim == other.featureDim &&
         numGroups == other.numGroups && grouping == other.grouping;
}

std::string ScheduleKey::describe() const {
  return llvm::formatv("x {0} with {1} {2} groups of dimension {3}", x,
                       numGroups, stringifyGrouping(grouping), featureDim);
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

/// The attribute that `text` says, or an error of what MLIR says of it.
static Expected<CPUScheduleAttr> parseSchedule(StringRef text,
                                               MLIRContext *context) {
  std::string message;
  Attribute attribute;
  {
    ScopedDiagnosticHandler handler(context, [&](Diagnostic &diagnostic) {
      if (message.empty())
        message = diagnostic.str();
    });
    attribute = parseAttribute(text, context);
  }
  if (!attribute)
    return llvm::createStringError(message);
  auto schedule = dyn_cast<CPUScheduleAttr>(attribute);
  if (!schedule)
    return llvm::createStringError(
        llvm::formatv("'{0}' is not a #gn.cpu_schedule", text));
  return schedule;
}

namespace {
/// An entry as it stands in the file.
struct RawEntry {
  ScheduleKey key;
  std::string grouping, schedule;
  std::optional<std::string> note;
};

bool fromJSON(const json::Value &value, RawEntry &entry, json::Path path) {
  json::ObjectMapper mapper(value, path);
  if (!mapper || !mapper.map("x", entry.key.x) ||
      !mapper.map("feature_dim", entry.key.featureDim) ||
      !mapper.map("num_groups", entry.key.numGroups) ||
      !mapper.map("grouping", entry.grouping) ||
      !mapper.map("schedule", entry.schedule) ||
      !mapper.mapOptional("note", entry.note))
    return false;
  std::optional<Grouping> grouping = symbolizeGrouping(entry.grouping);
  if (!grouping) {
    path.field("grouping").report("expected 'interleaved' or 'contiguous'");
    return false;
  }
  entry.key.grouping = *grouping;
  return true;
}
} // namespace

Expected<ScheduleFile> ScheduleFile::read(StringRef path,
                                          MLIRContext *context) {
  auto buffer = readFile(path);
  if (!buffer)
    return buffer.takeError();
  auto fail = [&](llvm::Error error) {
    return llvm::createStringError(
        llvm::formatv("'{0}' is not a schedule file: {1}", path,
                      llvm::fmt_consume(std::move(error))));
  };
  Expected<json::Value> value = json::parse((*buffer)->getBuffer());
  if (!value)
    return fail(value.takeError());
  std::vector<RawEntry> raw;
  json::Path::Root root("file");
  json::ObjectMapper mapper(*value, root);
  if (!mapper || !mapper.map("schedules", raw))
    return fail(root.getError());

  ScheduleFile file;
  for (auto [index, entry] : llvm::enumerate(raw)) {
    Expected<CPUScheduleAttr> schedule = parseSchedule(entry.schedule, context);
    if (!schedule)
      return fail(llvm::createStringError(
          llvm::formatv("{0} at file.schedules[{1}].schedule",
                        llvm::fmt_consume(schedule.takeError()), index)));
    file.set(entry.key, *schedule, entry.note.value_or(""));
  }
  return file;
}

CPUScheduleAttr ScheduleFile::lookup(Operation *op) const {
  ScheduleKey key = ScheduleKey::get(op);
  auto entry = llvm::find_if(
      entries, [&](const Entry &entry) { return entry.key == key; });
  return entry == entries.end() ? CPUScheduleAttr() : entry->schedule;
}

void ScheduleFile::set(const ScheduleKey &key, CPUScheduleAttr schedule,
                       std::string note) {
  llvm::erase_if(entries, [&](const Entry &entry) { return entry.key == key; });
  entries.push_back({key, schedule, std::move(note)});
}

void ScheduleFile::print(llvm::raw_ostream &stream) const {
  json::OStream out(stream, /*IndentSize=*/2);
  out.object([&] {
    out.attributeArray("schedules", [&] {
      for (const Entry &entry : entries)
        out.object([&] {
          out.attribute("x", entry.key.x);
          out.attribute("feature_dim", entry.key.featureDim);
          out.attribute("num_groups", entry.key.numGroups);
          out.attribute("grouping", stringifyGrouping(entry.key.grouping));
          std::string text;
          llvm::raw_string_ostream(text) << entry.schedule;
          out.attribute("schedule", text);
          if (!entry.note.empty())
            out.attribute("note", entry.note);
        });
    });
  });
  stream << "\n";
}
