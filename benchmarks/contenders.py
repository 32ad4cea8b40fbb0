"""What compare.py times: copies, this project, and the libraries beside it.

A maker takes a Case and returns a Contender, or None where the library cannot
compute the case; it raises where the library is not there. Every contender gets
the same numbers. Features are last in `case.x`, as MLX, Flax and this project
have them; libraries that want them first get `case.x_first`, transposed
beforehand: what a transpose costs is nobody's.
"""

import ctypes
import os
import subprocess
import sysconfig
import tempfile

import numpy as np

LAST, FIRST = "features last", "features first"


class Case:
    """One problem and its data."""

    def __init__(self, name, shape, groups, eps, activation, threads):
        self.name, self.shape, self.groups, self.eps = name, shape, groups, eps
        self.activation, self.threads = activation, threads
        self.features = shape[-1]
        self.rows = int(np.prod(shape[1:-1]))
        rng = np.random.default_rng(0)
        self.x = aligned(shape)
        rng.standard_normal(out=self.x, dtype=np.float32)
        self.gamma, self.beta = rng.standard_normal((2, self.features), dtype=np.float32)
        self._first = None

    def new_result(self):
        """Memory for y, of a contender's own, as the libraries have it: what one has
        stored around the cache, another one would find in memory."""
        y = aligned(self.shape)
        y.fill(0)
        return y

    @property
    def x_first(self):
        """x as N, C, spatial."""
        if self._first is None:
            self._first = aligned((self.shape[0], self.features, *self.shape[1:-1]))
            self._first[...] = np.moveaxis(self.x, -1, 1)
        return self._first

    @property
    def mebibytes(self):
        return self.x.nbytes / 2**20


class Contender:
    """`call()` computes; `result(what call returned)` is y, features last."""

    def __init__(self, call, result=np.asarray):
        self.call, self.result = call, result


def aligned(shape):
    """An f32 array at the start of a page."""
    size = 4 * int(np.prod(shape))
    memory = np.empty(size + 4096, np.uint8)
    start = -memory.ctypes.data % 4096
    return memory[start:start + size].view(np.float32).reshape(shape)


def features_last(y):
    return np.moveaxis(np.asarray(y), 1, -1)


# ------------------------------------------------------------------------------
# This project
# ------------------------------------------------------------------------------

class Compiler:
    """Makes shared libraries by `groupnorm emit`, in a folder of its own."""

    def __init__(self, tool):
        self.tool = tool
        self.folder = tempfile.TemporaryDirectory()
        self.count = 0

    def build(self, *arguments):
        self.count += 1
        library = os.path.join(self.folder.name, f"{self.count}.so")
        command = [self.tool, "emit", *arguments, "--emit=shared", "-o", library]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        return ctypes.CDLL(library)

    def build_module(self, text, threads):
        path = os.path.join(self.folder.name, "module.mlir")
        with open(path, "w") as file:
            file.write(text)
        return self.build(path, "--threads", str(threads))


def bind(library, name, *arrays, sizes=()):
    """A call of a C function that takes pointers and sizes and returns a status."""
    function = getattr(library, name)
    function.restype = ctypes.c_int32
    function.argtypes = [ctypes.c_void_p] * len(arrays) + [ctypes.c_int64] * len(sizes)
    pointers = tuple(array.ctypes.data for array in arrays)
    result = arrays[-1]
    if function(*pointers, *sizes):
        raise RuntimeError(f"{name} failed")

    def call():
        function(*pointers, *sizes)
        return result

    call.keep = (library, arrays)
    return call


def groupnorm(compiler, case, grouping="contiguous", layout=LAST, dynamic=False):
    """This project; with `dynamic`, the sizes but that of the features are arguments."""
    x = case.x if layout == LAST else case.x_first
    features = x.ndim - 1 if layout == LAST else 1
    sizes = [n for i, n in enumerate(x.shape) if dynamic and i != features]
    shape = ["?" if dynamic and i != features else str(n) for i, n in enumerate(x.shape)]
    y = case.new_result().reshape(x.shape)
    flags = ["--shape", "x".join(shape), "--num-groups", str(case.groups),
             "--eps", repr(case.eps), "--threads", str(case.threads)]
    if grouping == "contiguous":
        flags += ["--pytorch-compatible"]
    if layout == FIRST:
        flags += ["--feature-dim", "1"]
    if case.activation != "none":
        flags += ["--activation", case.activation]
    library = compiler.build(*flags)
    call = bind(library, "group_norm", x, case.gamma, case.beta, y, sizes=sizes)
    return Contender(call, np.asarray if layout == LAST else features_last)


# ------------------------------------------------------------------------------
# Copies
# ------------------------------------------------------------------------------

# Threads cost more than they gain on a copy of less than this.
SERIAL_BYTES = 1 << 20

COPY = """
func.func @copy(%x: memref<{size}xf32>, %y: memref<{size}xf32>) {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %threads = arith.constant {threads} : index
  %piece = arith.constant {piece} : index
  scf.parallel (%thread) = (%c0) to (%threads) step (%c1) {{
    %begin = arith.muli %thread, %piece : index
{body}
  }}
  return
}}
"""

MEMCPY = """
    %from = memref.subview %x[%begin][{piece}][1]
      : memref<{size}xf32> to memref<{piece}xf32, strided<[1], offset: ?>>
    %to = memref.subview %y[%begin][{piece}][1]
      : memref<{size}xf32> to memref<{piece}xf32, strided<[1], offset: ?>>
    memref.copy %from, %to
      : memref<{piece}xf32, strided<[1], offset: ?>> to memref<{piece}xf32, strided<[1], offset: ?>>
"""

STREAMING = """
    %line = arith.constant 16 : index
    %far = arith.constant 512 : index
    %last = arith.constant {last} : index
    %end = arith.addi %begin, %piece : index
    scf.for %i = %begin to %end step %line {{
      %next = arith.addi %i, %far : index
      %ahead = arith.minui %next, %last : index
      memref.prefetch %x[%ahead], read, locality<2>, data : memref<{size}xf32>
      %v = vector.load %x[%i] : memref<{size}xf32>, vector<16xf32>
      vector.store %v, %y[%i] {{nontemporal = true, alignment = 64 : i64}}
        : memref<{size}xf32>, vector<16xf32>
    }}
    llvm.fence seq_cst
"""


def copy(compiler, case, body):
    size = case.x.size
    unit = 16 if body is STREAMING else 1
    if size % unit:
        return None
    threads = 1 if case.x.nbytes < SERIAL_BYTES else case.threads
    # As many as have equal parts.
    while size % (unit * threads):
        threads -= 1
    values = dict(size=size, threads=threads, piece=size // threads, last=size - 1)
    library = compiler.build_module(COPY.format(body=body.format(**values), **values), threads)
    return Contender(bind(library, "copy", case.x, case.new_result()))


# ------------------------------------------------------------------------------
# The libraries
# ------------------------------------------------------------------------------

def mlx(case, compatible=False, compiled=False):
    import mlx.core as mx
    import mlx.nn as nn
    mx.set_default_device(mx.cpu)
    layer = nn.GroupNorm(case.groups, case.features, eps=case.eps,
                         pytorch_compatible=compatible)
    layer.weight, layer.bias = mx.array(case.gamma), mx.array(case.beta)
    activation = {"none": lambda t: t, "silu": nn.silu, "relu": nn.relu, "gelu": nn.gelu,
                  "leaky_relu": nn.leaky_relu}[case.activation]
    x = mx.array(case.x)
    mx.eval(x, layer.parameters())
    function = lambda t: activation(layer(t))
    if compiled:
        function = mx.compile(function)

    def call():
        y = function(x)
        mx.eval(y)
        return y

    return Contender(call)


def torch(case, layout=LAST, inductor=False):
    import torch
    import torch.nn.functional as F
    torch.set_num_threads(case.threads)
    rank = case.x.ndim
    if layout == LAST:
        x = torch.from_numpy(case.x).permute(0, rank - 1, *range(1, rank - 1))
        # There is no channels-last format for one spatial dimension.
        x = x.unsqueeze(-1) if rank == 3 else x
        formats = {4: torch.channels_last, 5: torch.channels_last_3d}
        if x.ndim in formats:
            x = x.contiguous(memory_format=formats[x.ndim])
    else:
        x = torch.from_numpy(case.x_first)
    gamma, beta = torch.from_numpy(case.gamma), torch.from_numpy(case.beta)
    activation = {"none": lambda t: t, "silu": F.silu, "relu": F.relu, "gelu": F.gelu,
                  "leaky_relu": F.leaky_relu}[case.activation]
    function = lambda t: activation(F.group_norm(t, case.groups, gamma, beta, case.eps))
    if inductor:
        torch._dynamo.config.recompile_limit = 1000
        function = torch.compile(function, dynamic=False)

    def call():
        with torch.inference_mode():
            return function(x)

    first_shape = (case.shape[0], case.features, *case.shape[1:-1])
    return Contender(call, lambda y: features_last(y.reshape(first_shape).numpy()))


def onednn(case, layout=LAST):
    # Post-ops would have to be built for an activation.
    if case.activation != "none":
        return None
    from onednn_capi import GroupNormalization
    return GroupNormalization.contender(case, layout == LAST, features_last)


def onnx_model(case):
    from onnx import TensorProto, helper
    shape = [case.shape[0], case.features, *case.shape[1:-1]]
    plain = case.activation == "none"
    nodes = [helper.make_node("GroupNormalization", ["x", "gamma", "beta"],
                              ["y" if plain else "t"], num_groups=case.groups,
                              epsilon=case.eps)]
    if case.activation == "silu":
        nodes += [helper.make_node("Sigmoid", ["t"], ["s"]),
                  helper.make_node("Mul", ["t", "s"], ["y"])]
    elif not plain:
        operator = {"relu": "Relu", "gelu": "Gelu", "leaky_relu": "LeakyRelu"}
        nodes.append(helper.make_node(operator[case.activation], ["t"], ["y"]))
    parameters = [helper.make_tensor(name, TensorProto.FLOAT, [case.features], values)
                  for name, values in (("gamma", case.gamma), ("beta", case.beta))]
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in "xy")
    graph = helper.make_graph(nodes, "group_norm", [x], [y], parameters)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])
    model.ir_version = 10
    return model.SerializeToString()


def onnxruntime(case):
    import onnxruntime as ort
    options = ort.SessionOptions()
    options.intra_op_num_threads = case.threads
    session = ort.InferenceSession(onnx_model(case), options,
                                   providers=["CPUExecutionProvider"])
    feed = {"x": case.x_first}
    return Contender(lambda: session.run(None, feed)[0], features_last)


def openvino(case):
    import openvino as ov
    core = ov.Core()
    model = core.read_model(onnx_model(case))
    compiled = core.compile_model(model, "CPU", {"INFERENCE_NUM_THREADS": case.threads,
                                                 "INFERENCE_PRECISION_HINT": "f32"})
    request = compiled.create_infer_request()
    request.set_input_tensor(ov.Tensor(case.x_first, shared_memory=True))

    def call():
        request.infer()
        return request.get_output_tensor().data

    return Contender(call, features_last)


def xla(case):
    import flax.linen as nn
    import jax
    import jax.numpy as jnp
    activation = {"none": lambda t: t, "silu": jax.nn.silu, "relu": jax.nn.relu,
                  "gelu": lambda t: jax.nn.gelu(t, approximate=False),
                  "leaky_relu": jax.nn.leaky_relu}[case.activation]
    layer = nn.GroupNorm(num_groups=case.groups, epsilon=case.eps)
    parameters = {"params": {"scale": jnp.asarray(case.gamma), "bias": jnp.asarray(case.beta)}}
    x = jnp.asarray(case.x)
    function = jax.jit(lambda x: activation(layer.apply(parameters, x)))
    return Contender(lambda: function(x).block_until_ready())


def makers(compiler):
    """Every contender by name: copies, this project, peers."""
    copies = {
        "memcpy": lambda case: copy(compiler, case, MEMCPY),
        "streaming copy": lambda case: copy(compiler, case, STREAMING),
    }
    ours = {
        "groupnorm": lambda case: groupnorm(compiler, case),
        "groupnorm interleaved": lambda case: groupnorm(compiler, case, "interleaved"),
        "groupnorm NCHW": lambda case: groupnorm(compiler, case, layout=FIRST),
    }
    peers = {
        "MLX": mlx,
        "MLX compatible": lambda case: mlx(case, compatible=True),
        "MLX compiled": lambda case: mlx(case, compiled=True),
        "PyTorch NHWC": torch,
        "PyTorch NCHW": lambda case: torch(case, FIRST),
        "Inductor NHWC": lambda case: torch(case, inductor=True),
        "Inductor NCHW": lambda case: torch(case, FIRST, inductor=True),
        "oneDNN NHWC": onednn,
        "oneDNN NCHW": lambda case: onednn(case, FIRST),
        "ONNX Runtime": onnxruntime,
        "OpenVINO": openvino,
        "XLA": xla,
    }
    return copies, ours, peers


def interleaved(name):
    """Whether a contender puts feature c into group c mod G."""
    return name in ("groupnorm interleaved", "MLX", "MLX compiled")


def features_come_last(name):
    return name in ("MLX", "MLX compatible", "MLX compiled", "PyTorch NHWC",
                    "Inductor NHWC", "oneDNN NHWC", "XLA")


def warm_environment(threads):
    """What must be in the environment before any library is loaded."""
    threads = str(threads)
    environment = {
        # Allocators keep their memory, so that nobody pays for page faults.
        "MALLOC_MMAP_MAX_": "0",
        "MALLOC_TRIM_THRESHOLD_": str(1 << 40),
        "MALLOC_TOP_PAD_": str(1 << 26),
        "OMP_NUM_THREADS": threads,
        "MKL_NUM_THREADS": threads,
        # A thread of one library must not spin while another's turn has come.
        "KMP_BLOCKTIME": "1",
        "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=" + ("false" if threads == "1" else "true"),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    # oneDNN's package finds neither its own libraries nor its device.
    folder = os.path.join(sysconfig.get_path("data"), "lib")
    if os.path.exists(os.path.join(folder, "libintelocl.so")):
        environment["LD_LIBRARY_PATH"] = folder
        environment["OCL_ICD_FILENAMES"] = os.path.join(folder, "libintelocl.so")
    return environment
