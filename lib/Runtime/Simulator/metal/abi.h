// The contract between the simulator and the kernels that it compiles. Both
// sides include this file, so it uses nothing but the core language.
#ifndef GROUPNORM_SIMULATOR_ABI_H
#define GROUPNORM_SIMULATOR_ABI_H

namespace __gn {

/// Where a thread stands; the values of the [[...]] attributes of a kernel.
struct Position {
  unsigned threadgroup_position_in_grid[3];
  unsigned thread_position_in_grid[3];
  unsigned thread_position_in_threadgroup[3];
  unsigned threads_per_threadgroup[3];
  unsigned threads_per_grid[3];
  unsigned threadgroups_per_grid[3];
  unsigned dispatch_threads_per_threadgroup[3];
  unsigned thread_index_in_threadgroup;
  unsigned thread_index_in_simdgroup;
  unsigned simdgroup_index_in_threadgroup;
  unsigned simdgroups_per_threadgroup;
  unsigned dispatch_simdgroups_per_threadgroup;
  unsigned threads_per_simdgroup;
  unsigned thread_index_in_quadgroup;
  unsigned quadgroup_index_in_threadgroup;
  unsigned quadgroups_per_threadgroup;
};

constexpr unsigned simdWidth = 32;
constexpr unsigned laneBytes = 16;

/// What the lanes of a simdgroup gave to an operation that they met at.
struct Exchange {
  alignas(16) unsigned char lane[simdWidth][laneBytes];
  alignas(16) unsigned char result[laneBytes]; // set by the first lane that asks
  unsigned active;                             // one bit a lane that took part
  unsigned resultValid;
};

enum Scope : unsigned { scopeQuad, scopeSimdgroup, scopeThreadgroup };
enum MemFlags : unsigned { memNone = 0, memDevice = 1, memThreadgroup = 2 };
enum AtomicKind : unsigned { atomicLoad, atomicStore, atomicUpdate };

/// What a kernel may ask of the simulator. Loaded code holds a copy.
struct Host {
  const Position *(*self)();
  void (*barrier)(unsigned memFlags, unsigned scope);
  Exchange *(*exchange)(const void *value, unsigned size, unsigned scope,
                        const char *operation);
  void *(*threadgroupVariable)(unsigned id, unsigned long size,
                               const char *name);
  // The rest is called by checked code only; the tables are indexed by the
  // logarithm of the size, 1 to 16 bytes.
  void (*atomic)(const void *address, unsigned size, unsigned kind);
  void (*read[5])(void *address);
  void (*write[5])(void *address);
  void *(*copy)(void *to, const void *from, unsigned long size);
  void *(*fill)(void *to, int byte, unsigned long size);
  void (*outOfBounds)(void *where, unsigned long index);
  void (*pastEnd)(const char *array, unsigned long size);
};

enum ParameterKind : unsigned {
  parameterBuffer,      // device
  parameterConstant,    // constant
  parameterThreadgroup, // threadgroup memory sized by the launch
  parameterBuiltin      // a thread position and the like
};

/// What a pointer or a reference points to.
enum ScalarKind : unsigned {
  scalarOther,
  scalarSigned,
  scalarUnsigned,
  scalarFloat,
  scalarBfloat,
  scalarBool
};

struct Parameter {
  const char *name;
  const char *type; // as the kernel spells it
  unsigned kind;
  int index;           // -1: the next one that is free
  unsigned size;       // of the pointee
  unsigned scalarSize; // of its scalar, 0 for a struct
  unsigned scalar;     // ScalarKind
  unsigned reference;  // 1: T&, 0: T*
  unsigned readOnly;
  unsigned enabled; // 0: switched off by a function constant
};

/// The resolved arguments of a launch, one pointer a parameter.
struct Arguments {
  void *const *pointers;
};

struct Kernel {
  const char *name;
  const Parameter *parameters; // refreshed by setConstants
  unsigned numParameters;
  unsigned maxThreads; // 0: no [[max_total_threads_per_threadgroup]]
  unsigned line;
  void (*run)(const Arguments *arguments);
};

struct FunctionConstant {
  const char *name;
  const char *type;
  int index;
  unsigned size;
  unsigned scalar;
  unsigned scalarSize;
  void *value;
  bool *defined;
};

/// What a loaded kernel library exports, under the name __gn_module.
struct Module {
  const Kernel *kernels;
  unsigned numKernels;
  const FunctionConstant *constants;
  unsigned numConstants;
  void (*bind)(const Host *host);
  void (*setConstants)(); // after the values are stored: dependent globals
};

} // namespace __gn

#endif // GROUPNORM_SIMULATOR_ABI_H
