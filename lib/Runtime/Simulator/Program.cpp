//===- Program.cpp - Compiling, loading and caching -----------------------===//
#include "Program.h"
#include "Checker.h"
#include "Toolchain.h"
#include "Worker.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Demangle/Demangle.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include <dlfcn.h>
#include <set>
#include <thread>

using namespace gn::sim;

char CompileError::ID;

void CompileError::log(llvm::raw_ostream &os) const {
  llvm::ListSeparator newline("\n");
  for (const Diagnostic &d : diagnostics) {
    os << newline;
    if (!d.file.empty())
      os << d.file << ":" << d.line << ": ";
    os << d.message;
  }
}

Program::Impl::~Impl() {
  if (handle)
    dlclose(handle);
}

const std::vector<Kernel> &Program::kernels() const { return impl->kernels; }
const std::vector<FunctionConstant> &Program::functionConstants() const {
  return impl->constants;
}
bool Program::checked() const { return impl->options.checked; }

static ScalarKind scalarKind(unsigned kind) {
  switch (kind) {
  case __gn::scalarSigned:
    return ScalarKind::Signed;
  case __gn::scalarUnsigned:
    return ScalarKind::Unsigned;
  case __gn::scalarFloat:
    return ScalarKind::Float;
  case __gn::scalarBfloat:
    return ScalarKind::BFloat;
  case __gn::scalarBool:
    return ScalarKind::Bool;
  default:
    return ScalarKind::Other;
  }
}

llvm::Error Program::Impl::load(const std::string &path) {
  library = path;
  handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    llvm::StringRef message = dlerror();
    auto [before, symbol] = message.split("undefined symbol: ");
    if (symbol.empty())
      return llvm::createStringError("cannot load the compiled kernel: " +
                                     message);
    std::vector<Diagnostic> missing{
        {"", 0,
         "'" + llvm::demangle(symbol) + "' is declared, but not defined"}};
    return llvm::make_error<CompileError>(std::move(missing));
  }
  module = static_cast<const __gn::Module *>(dlsym(handle, "__gn_module"));
  Dl_info info;
  if (!module || !dladdr(module, &info))
    return llvm::createStringError("the compiled kernel has no table");
  imageBegin = static_cast<const char *>(info.dli_fbase);
  llvm::sys::fs::file_status status;
  if (std::error_code ec = llvm::sys::fs::status(library, status))
    return llvm::errorCodeToError(ec);
  // With its zero-initialized data the image is larger than its file.
  imageEnd = imageBegin + status.getSize() + (1 << 20);
  __gn::Host host = {};
  Worker::fill(host);
  Checker::fill(host);
  module->bind(&host);
  return readTables();
}

// Kernels with their parameters; indices that the text leaves open are the next
// that are free.
llvm::Error Program::Impl::readTables() {
  std::vector<Diagnostic> wrong;
  std::set<std::string> names;
  for (unsigned i = 0; i < module->numConstants; ++i) {
    const __gn::FunctionConstant &c = module->constants[i];
    constants.push_back({(unsigned)c.index, c.name, c.type, c.size,
                         scalarKind(c.scalar), c.scalarSize});
  }
  module->setConstants();
  for (unsigned i = 0; i < module->numKernels; ++i) {
    const __gn::Kernel &k = module->kernels[i];
    auto complain = [&](const llvm::Twine &message) {
      wrong.push_back(
          {options.fileName, k.line,
           ("kernel '" + llvm::Twine(k.name) + "': " + message).str()});
    };
    if (!names.insert(k.name).second)
      complain("there are two of this name");
    if (k.maxThreads > maxThreads)
      complain(
          llvm::formatv("[[max_total_threads_per_threadgroup({0})]] is more "
                        "than the {1} that a threadgroup can have",
                        k.maxThreads, maxThreads));
    Kernel kernel{k.name, k.line, k.maxThreads, {}};
    std::set<int> used[2]; // buffers; threadgroup memory
    auto table = [&](const __gn::Parameter &p) -> std::set<int> & {
      return used[p.kind == __gn::parameterThreadgroup];
    };
    for (unsigned j = 0; j < k.numParameters; ++j) {
      const __gn::Parameter &p = k.parameters[j];
      if (p.kind == __gn::parameterBuiltin || p.index < 0)
        continue;
      if (!table(p).insert(p.index).second)
        complain(llvm::formatv(
            "[[{0}({1})]] is given twice, the second time to "
            "'{2}'",
            p.kind == __gn::parameterThreadgroup ? "threadgroup" : "buffer",
            p.index, p.name));
      if (p.index > 30)
        complain(llvm::formatv("'{0}' has index {1}; the largest is 30", p.name,
                               p.index));
    }
    for (unsigned j = 0; j < k.numParameters; ++j) {
      const __gn::Parameter &p = k.parameters[j];
      if (p.kind == __gn::parameterBuiltin)
        continue;
      int index = p.index;
      if (index < 0)
        for (index = 0; !table(p).insert(index).second; ++index)
          ;
      kernel.parameters.push_back({p.name, p.type, ParameterKind(p.kind),
                                   (unsigned)index, p.reference != 0,
                                   p.readOnly != 0, p.size,
                                   scalarKind(p.scalar), p.scalarSize});
    }
    kernels.push_back(std::move(kernel));
  }
  if (!wrong.empty())
    return llvm::make_error<CompileError>(std::move(wrong));
  return llvm::Error::success();
}

llvm::Error Program::Impl::unknownKernel(llvm::StringRef name) const {
  constexpr size_t most = 10;
  llvm::ArrayRef<std::string> names = source.kernelNames;
  std::string list = llvm::join(names.take_front(most), ", ");
  return llvm::createStringError(
      "there is no kernel '" + name + "'" +
      (names.empty() ? " and no other" : "; there is " + list) +
      (names.size() > most ? ", ..." : ""));
}

static llvm::Expected<Program> compileAnew(llvm::StringRef text,
                                           const CompileOptions &options) {
  llvm::Expected<TemporaryPath> folder = makeTemporaryFolder();
  if (!folder)
    return folder.takeError();
  std::string where = folder->str();
  auto impl = std::make_shared<Program::Impl>(options, std::move(*folder));
  llvm::Expected<std::string> preprocessed = preprocess(text, options, where);
  if (!preprocessed)
    return preprocessed.takeError();
  impl->source = FrontEnd(*preprocessed, options).run();
  if (!impl->source.diagnostics.empty())
    return llvm::make_error<CompileError>(impl->source.diagnostics);
  if (!options.kernel.empty() && impl->source.neededConstants.empty())
    return impl->unknownKernel(options.kernel);
  // Beside the compilation, which takes longer.
  std::vector<Diagnostic> mixed;
  std::thread strict([&] {
    FrontEndResult spaces =
        FrontEnd(*preprocessed, options, FrontEnd::Purpose::AddressSpaces)
            .run();
    mixed = checkAddressSpaces(spaces.text, where);
  });
  llvm::Expected<std::string> library =
      compileLibrary(impl->source.text, options, where);
  strict.join();
  if (!mixed.empty()) { // says more than what clang makes of it
    llvm::consumeError(library.takeError());
    return llvm::make_error<CompileError>(std::move(mixed));
  }
  if (!library)
    return library.takeError();
  if (llvm::Error e = impl->load(*library))
    return std::move(e);
  return Program(std::move(impl));
}

llvm::Expected<Program> gn::sim::compile(llvm::StringRef text,
                                         const CompileOptions &options) {
  static std::mutex mutex;
  static llvm::StringMap<Program> cache;
  std::string key;
  llvm::raw_string_ostream os(key);
  os << options.fileName << '\0' << options.kernel << '\0' << options.checked
     << options.contract << options.fastMath << options.metalVersion << '\0';
  for (const std::string &dir : options.includeDirs)
    os << "-I" << dir << '\0';
  for (const std::string &define : options.defines)
    os << "-D" << define << '\0';
  os << text;
  {
    std::lock_guard<std::mutex> lock(mutex);
    auto found = cache.find(key);
    if (found != cache.end())
      return found->second;
  }
  // Different texts may compile side by side.
  llvm::Expected<Program> program = compileAnew(text, options);
  if (!program)
    return program.takeError();
  std::lock_guard<std::mutex> lock(mutex);
  return cache.try_emplace(key, std::move(*program)).first->second;
}
