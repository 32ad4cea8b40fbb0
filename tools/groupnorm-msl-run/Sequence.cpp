//===- Sequence.cpp - Launches over common buffers ------------------------===//
#include "Sequence.h"
#include "groupnorm/Support/FileInput.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"

using namespace gn;
using namespace gn::tool;
using llvm::Error;
using llvm::Expected;
using llvm::formatv;
using llvm::StringRef;
namespace json = llvm::json;

Sequence::Memory &Sequence::add(Buffer buffer) {
  Memory &memory = memories.emplace_back(Memory{std::move(buffer), {}});
  bool written = memory.buffer.role == sim::BufferRole::Out;
  memory.initialized.resize(memory.buffer.getData().size(), !written);
  return memory;
}

void Sequence::bind(sim::Launch &launch, unsigned index, Memory &memory) {
  Buffer &buffer = memory.buffer;
  // What is full of data stays so, and need not be followed byte by byte.
  bool follow = buffer.role == sim::BufferRole::Out;
  launch.buffers.push_back({index, buffer.getData().data(),
                            buffer.getData().size(), buffer.role, "",
                            follow ? &memory.initialized : nullptr});
}

/// The type of the numbers that a function constant consists of, however the
/// text spells it: a float2 takes two f32. None for a struct.
static std::optional<Type>
getNumberType(const sim::FunctionConstant &constant) {
  auto ofSize = [&](StringRef kind) {
    return parseType(formatv("{0}{1}", kind, 8 * constant.scalarSize).str());
  };
  switch (constant.scalar) {
  case sim::ScalarKind::Signed:
    return ofSize("i");
  case sim::ScalarKind::Unsigned:
    return ofSize("u");
  case sim::ScalarKind::Float:
    return ofSize("f");
  case sim::ScalarKind::BFloat:
    return ofSize("bf");
  case sim::ScalarKind::Bool:
    return Type::Bool;
  case sim::ScalarKind::Other:
    return std::nullopt;
  }
  llvm_unreachable("a scalar is of one of these kinds");
}

static Error setConstant(const sim::Program &program, sim::Launch &launch,
                         unsigned index, StringRef text) {
  auto known = llvm::find_if(program.functionConstants(),
                             [&](const auto &c) { return c.index == index; });
  if (known == program.functionConstants().end())
    return llvm::createStringError(
        formatv("there is no function constant {0}", index));
  std::optional<Type> type = getNumberType(*known);
  if (!type)
    return llvm::createStringError(
        formatv("function constant {0} is a {1}; values of that type cannot be "
                "given here",
                index, known->type));
  auto bytes = parseValues(*type, text);
  if (!bytes)
    return bytes.takeError();
  // A vector of three takes the room of four.
  if (bytes->size() == 3 * known->scalarSize &&
      known->size == 4 * known->scalarSize)
    bytes->resize(known->size);
  launch.functionConstants.push_back({index, *bytes});
  return Error::success();
}

Error Sequence::setConstants(const sim::Program &program) {
  for (const Constant &c : constants)
    if (Error e = setConstant(program, launches[c.launch], c.index, c.text))
      return llvm::createStringError(llvm::toString(std::move(e)) + c.place);
  return Error::success();
}

namespace {

/// Reads the file. A path tells where in it something is wrong.
class Reader {
public:
  Reader(Sequence &sequence, StringRef folder)
      : sequence(sequence), folder(folder) {}

  bool read(const json::Value &value, json::Path path) {
    json::ObjectMapper top(value, path);
    std::map<std::string, std::string> buffers, outputs;
    if (!top || !top.map("buffers", buffers) ||
        !top.mapOptional("outputs", outputs) ||
        !onlyKeys(value, {"buffers", "outputs", "launches"}, path))
      return false;
    for (const auto &[name, spec] : buffers)
      if (!buffer(name, spec, path.field("buffers").field(name)))
        return false;
    const json::Array *launches = value.getAsObject()->getArray("launches");
    if (!launches)
      return fail(path.field("launches"), "expected an array of launches");
    for (auto [i, launch] : llvm::enumerate(*launches))
      if (!this->launch(launch, path.field("launches").index(i)))
        return false;
    for (const auto &[name, file] : outputs) {
      auto found = byName.find(name);
      if (found == byName.end())
        return fail(path.field("outputs").field(name),
                    "there is no buffer of this name");
      sequence.outputs.push_back({found->second, inFolder(file)});
    }
    return true;
  }

  /// What a path cannot carry: its messages are literals.
  std::string message;

private:
  bool fail(json::Path path, const llvm::Twine &text) {
    message = text.str();
    path.report("?");
    return false;
  }
  bool fail(json::Path path, Error error) {
    return fail(path, llvm::toString(std::move(error)));
  }

  bool onlyKeys(const json::Value &value, llvm::ArrayRef<StringRef> known,
                json::Path path) {
    for (const auto &entry : *value.getAsObject())
      if (!llvm::is_contained(known, StringRef(entry.first)))
        return fail(path.field(entry.first), "unknown key");
    return true;
  }

  std::string inFolder(StringRef file) const {
    llvm::SmallString<128> path(folder);
    llvm::sys::path::append(path, file);
    return llvm::sys::path::is_absolute(file) ? file.str() : path.str().str();
  }

  bool buffer(const std::string &name, StringRef spec, json::Path path) {
    auto parsed = parseBuffer(byName.size(), spec, folder);
    if (!parsed)
      return fail(path, parsed.takeError());
    if (parsed->constant)
      return fail(path, "a value is given among the arguments of a launch");
    byName[name] = &sequence.add(std::move(*parsed));
    return true;
  }

  bool dimensions(const json::Value &value, sim::Dim3 &size, json::Path path) {
    std::vector<int64_t> sizes;
    if (!fromJSON(value, sizes, path))
      return false;
    if (sizes.empty() || sizes.size() > 3 ||
        llvm::any_of(sizes, [](int64_t s) { return s < 0; }))
      return fail(path, "expected one to three sizes");
    size = {1, 1, 1};
    llvm::copy(sizes, size.begin());
    return true;
  }

  bool argument(unsigned index, const json::Value &value, sim::Launch &launch,
                json::Path path) {
    if (value.getAsNull())
      return true;
    std::optional<StringRef> text = value.getAsString();
    if (!text)
      return fail(path, "expected the name of a buffer, const:TYPE:VALUES or "
                        "null");
    if (auto found = byName.find(text->str()); found != byName.end()) {
      Sequence::bind(launch, index, *found->second);
      return true;
    }
    if (!text->starts_with("const:"))
      return fail(path, "there is no buffer '" + *text + "'");
    auto parsed = parseBuffer(index, *text, folder);
    if (!parsed)
      return fail(path, parsed.takeError());
    launch.constants.push_back(
        {index, {parsed->getData().begin(), parsed->getData().end()}});
    return true;
  }

  bool launch(const json::Value &value, json::Path path) {
    json::ObjectMapper map(value, path);
    sim::Launch launch;
    std::vector<int64_t> memory;
    std::map<std::string, std::string> constants;
    if (!map || !map.map("kernel", launch.kernel) ||
        !map.mapOptional("threadgroup_memory", memory) ||
        !map.mapOptional("function_constants", constants) ||
        !onlyKeys(value,
                  {"kernel", "grid", "grid_threads", "threadgroup", "arguments",
                   "threadgroup_memory", "function_constants"},
                  path))
      return false;
    const json::Object &object = *value.getAsObject();
    const json::Value *grid = object.get("grid"),
                      *threads = object.get("grid_threads"),
                      *threadgroup = object.get("threadgroup");
    if (!grid == !threads)
      return fail(path, "expected one of grid and grid_threads");
    launch.gridInThreads = threads;
    if (!dimensions(grid ? *grid : *threads, launch.grid,
                    path.field(grid ? "grid" : "grid_threads")))
      return false;
    if (threadgroup && !dimensions(*threadgroup, launch.threadgroup,
                                   path.field("threadgroup")))
      return false;
    if (const json::Value *arguments = object.get("arguments")) {
      json::Path at = path.field("arguments");
      if (!arguments->getAsArray())
        return fail(at, "expected an array");
      for (auto [i, a] : llvm::enumerate(*arguments->getAsArray()))
        if (!argument(i, a, launch, at.index(i)))
          return false;
    }
    for (auto [i, size] : llvm::enumerate(memory)) {
      if (size < 0)
        return fail(path.field("threadgroup_memory").index(i),
                    "expected a number of bytes");
      launch.threadgroupMemory.push_back({unsigned(i), size_t(size)});
    }
    for (const auto &[key, text] : constants) {
      unsigned index;
      if (StringRef(key).getAsInteger(10, index))
        return fail(path.field("function_constants").field(key),
                    "expected the index of a function constant");
      size_t number = sequence.launches.size();
      sequence.constants.push_back(
          {number, index, text, formatv(" in launch {0}", number)});
    }
    sequence.launches.push_back(std::move(launch));
    return true;
  }

  Sequence &sequence;
  StringRef folder;
  std::map<std::string, Sequence::Memory *> byName;
};

} // namespace

Expected<Sequence> tool::readSequence(StringRef path) {
  auto text = readFile(path);
  if (!text)
    return text.takeError();
  auto fail = [&](Error error) {
    return llvm::createStringError(path + ": " +
                                   llvm::toString(std::move(error)));
  };
  Expected<json::Value> value = json::parse((*text)->getBuffer());
  if (!value)
    return fail(value.takeError());
  Sequence sequence;
  json::Path::Root root("file");
  Reader reader(sequence, llvm::sys::path::parent_path(path));
  if (!reader.read(*value, root)) {
    std::string where = llvm::toString(root.getError());
    if (!reader.message.empty()) // "? at PLACE"
      where.replace(0, 1, reader.message);
    return llvm::createStringError(path + ": " + where);
  }
  return std::move(sequence);
}
