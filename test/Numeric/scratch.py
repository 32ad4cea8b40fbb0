"""Scratch memory whose size only a call knows: what it gives, and what happens
where there is none.

usage: scratch.py
"""
import ctypes
import resource
import subprocess
import tempfile

import numpy as np

SIZE_TOO_LARGE = 4
OUT_OF_MEMORY = 5


def emit(folder, name, shape, groups, flags):
    library = f"{folder}/{name}.so"
    subprocess.run(
        ["groupnorm", "emit", "--shape", shape, "--num-groups", str(groups), "--no-affine", "--name", name,
         "--emit=shared", "-o", library, *flags],
        check=True,
    )
    return getattr(ctypes.CDLL(library), name)


def call(function, x, y, *sizes):
    pointers = [ctypes.c_void_p(array.ctypes.data) for array in (x, y)]
    return function(*pointers, *[ctypes.c_int64(size) for size in sizes])


def error(x, y, groups):
    wide = x.astype(np.float64).reshape(x.shape[0], -1, x.shape[-1] // groups, groups)
    mean = wide.mean(axis=(1, 2), keepdims=True)
    variance = wide.var(axis=(1, 2), keepdims=True)
    return np.abs((wide - mean) / np.sqrt(variance + 1e-5) - y.reshape(wide.shape)).max()


def main():
    with tempfile.TemporaryDirectory() as folder:
        random = np.random.default_rng(1)

        # Buffers of a work item that are too large for a stack: one for each thread.
        for flags in ([], ["--threads", "1"], ["--threads", "2"]):
            function = emit(folder, f"wide{len(flags)}{flags[-1:] == ['1']}", "?x?x20000", 4, flags)
            x = random.normal(2, 3, (3, 9, 20000)).astype(np.float32)
            y = np.full_like(x, np.nan)
            status = call(function, x, y, 3, 9)
            print(f"cpu: 20000 features {' '.join(flags)}: status {status}, right: {error(x, y, 4) <= 4e-6}")

        # 16 bytes of statistics for each sample and group.
        schedule = "#gn.cpu_schedule<strategy = split>"
        function = emit(folder, "split", "?x?x64", 64, ["--schedule", schedule])
        x = random.normal(2, 3, (5, 33, 64)).astype(np.float32)
        y = np.full_like(x, np.nan)
        status = call(function, x, y, 5, 33)
        print(f"cpu: some samples: status {status}, right: {error(x, y, 64) <= 4e-6}")

        # No elements, but statistics of more samples than there are bytes.
        status = call(function, x, y, 1 << 60, 0)
        print(f"cpu: 2^60 empty samples: status {status}, {status == SIZE_TOO_LARGE}")

        # Less memory than the statistics take.
        x = np.ones((100000, 1, 64), np.float32)
        y = np.full_like(x, np.nan)
        used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
        limit = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (used + (50 << 20), limit[1]))
        status = call(function, x, y, 100000, 1)
        resource.setrlimit(resource.RLIMIT_AS, limit)
        print(f"cpu: too little memory: status {status}, {status == OUT_OF_MEMORY}, untouched: {np.isnan(y).all()}")


main()
