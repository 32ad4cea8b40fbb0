"""oneDNN's group normalization through its C interface (version 3).

The library is the one that GROUPNORM_ONEDNN names, or that of the Python
package `onednn`. Nothing is compiled, so the few constants of its headers that
matter here are below.
"""

import ctypes as c
import os
import sysconfig

import numpy as np

ENGINE_CPU, STREAM_DEFAULT, F32 = 1, 1, 3
FORWARD_INFERENCE, USE_SCALE, USE_SHIFT = 96, 2, 4
SOURCE, TARGET, SCALE, SHIFT = 1, 17, 51, 52
ALLOCATE = c.c_void_p(2**64 - 1)


class Argument(c.Structure):
    _fields_ = [("index", c.c_int), ("memory", c.c_void_p)]


def load():
    path = os.environ.get("GROUPNORM_ONEDNN")
    if not path:
        path = os.path.join(sysconfig.get_path("data"), "lib", "libdnnl.so.3")
    return c.CDLL(path)


class GroupNormalization:
    """A primitive with memory of the library's own, which holds a case's data."""

    def __init__(self, case, nhwc):
        self.library = load()
        self.engine = self.make("engine_create", ENGINE_CPU, c.c_size_t(0))
        self.stream = self.make("stream_create", self.engine, STREAM_DEFAULT)
        samples, rows, features = case.shape[0], case.rows, case.features
        strides = (rows * features, 1, features, features) if nhwc else \
            (rows * features, rows, 1, 1)
        data = self.describe((samples, features, rows, 1), strides)
        parameter = self.describe((features,), (1,))
        description = self.make("group_normalization_forward_primitive_desc_create",
                                self.engine, FORWARD_INFERENCE, data, data,
                                c.c_int64(case.groups), c.c_float(case.eps),
                                c.c_uint(USE_SCALE | USE_SHIFT), None)
        self.primitive = self.make("primitive_create", description)
        self.memories = [self.make("memory_create", kind, self.engine, ALLOCATE)
                         for kind in (data, data, parameter, parameter)]
        self.arguments = (Argument * 4)(*(
            Argument(index, memory) for index, memory in
            zip((SOURCE, TARGET, SCALE, SHIFT), self.memories)))
        x, _, gamma, beta = self.memories
        self.access(x, case.x if nhwc else case.x_first)
        self.access(gamma, case.gamma)
        self.access(beta, case.beta)
        self.shape = case.shape if nhwc else case.x_first.shape

    def check(self, status, what):
        if status:
            raise RuntimeError(f"oneDNN: dnnl_{what} returned {status}")

    def make(self, what, *arguments):
        handle = c.c_void_p()
        self.check(getattr(self.library, "dnnl_" + what)(c.byref(handle), *arguments), what)
        return handle

    def describe(self, sizes, strides):
        dims = c.c_int64 * 12
        return self.make("memory_desc_create_with_strides", len(sizes), dims(*sizes), F32,
                         dims(*strides))

    def access(self, memory, array, read=False):
        """Copies the array into the memory, or the memory into the array."""
        place = c.c_void_p()
        self.check(self.library.dnnl_memory_map_data(memory, c.byref(place)), "memory_map_data")
        pair = (place, array.ctypes.data)
        c.memmove(*(reversed(pair) if read else pair), array.nbytes)
        self.library.dnnl_memory_unmap_data(memory, place)

    def call(self):
        self.library.dnnl_primitive_execute(self.primitive, self.stream, 4, self.arguments)
        self.library.dnnl_stream_wait(self.stream)

    def result(self, _):
        y = np.empty(self.shape, np.float32)
        self.access(self.memories[1], y, read=True)
        return y

    @staticmethod
    def contender(case, nhwc, features_last):
        from contenders import Contender
        self = GroupNormalization(case, nhwc)
        return Contender(self.call, self.result if nhwc else
                         lambda _: features_last(self.result(_)))
