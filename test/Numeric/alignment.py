"""x and y wherever they may be in memory: the bits that they have at the start of a line.

usage: alignment.py --folder FOLDER [--tier quick|full]

Streaming stores want aligned vectors, so that rows begin at lines of y rather
than at the first feature, with what is left at both ends beside them. Each case
is one compiled function, called with y at every multiple of an element up to a
line, with x at like places and others, and with y in the place of x. What
surrounds y must stay as it was.
"""

import ctypes
import os
import subprocess
from dataclasses import dataclass

import numpy as np

from case_loop import main
from reference import group_norm

LINE = 64
TYPES = {"f16": np.float16, "f32": np.float32, "f64": np.float64}
# What the function is compiled for, its sizes if they are dynamic, the schedule;
# where features are not last, the runs of one are long.
CASES = [
    ("2x200x64", (), "strategy = split, piece = 64, stream = true, apply_prefetch = 2048"),
    ("3x150x200", (), "strategy = sample, band = 2, apply_next = 1, stream = true"),
    ("2x70x264", (), "strategy = split, chunk = 16, piece = 16, apply_order = blocks, apply_rows = 2, stream = true"),
    ("2x1x64", (), "strategy = sample, stream = true"),
    ("2x200x64", (), "strategy = sample, apply_rows = 2, apply_backwards = true, stream = true"),
    ("2x200x64", (), "strategy = split, piece = 64, apply_rows = 4, apply_apart = 8, stream = true"),
    ("?x?x64", (2, 200), "strategy = split, piece = 64, apply_rows = 2, apply_apart = 32, stream = true"),
    ("3x70x256", (), "strategy = sample, tile = 2, apply_backwards = true, stream = true"),
    ("3x70x200", (), "strategy = sample, tile = 4, order = blocks, apply_rows = 2, stream = true"),
    ("2x192x64", (), "strategy = split, piece = 64, shares = 2, apply_backwards = true, stream = true"),
    ("2x130x200", (), "strategy = split, piece = 64, shares = 3, apply_rows = 2, apply_backwards = true, stream = true"),
    ("?x?x64", (2, 200), "strategy = split, piece = 64, shares = 3, apply_backwards = true, stream = true"),
    ("2x130x200", (), "strategy = split, piece = 64, shares = -1, apply_rows = 2, apply_backwards = true, stream = true"),
    ("?x?x64", (2, 200), "strategy = split, piece = 64, shares = -1, apply_backwards = true, stream = true"),
    ("5x99x40", (), "strategy = split, flatten = 2, piece = 8, chunk = 8, apply_rows = 2, stream = true"),
    ("4x75x24", (), "strategy = sample, flatten = 4, stream = true"),
    ("3x203x8", (), "strategy = split, flatten = 16, piece = 4, chunk = 4, shares = 2, apply_backwards = true, stream = true"),
    ("2x96x24", (), "strategy = split, flatten = 8, piece = 2, chunk = 2, stream = true"),
    ("?x?x64", (3, 33), "strategy = split, chunk = 16, piece = 16, stream = true"),
    ("?x?x64", (2, 32), "strategy = split, chunk = 16, piece = 16, stream = true, apply_rows = 2"),
    ("?x?x128", (2, 0), "strategy = sample, stream = true"),
    ("2x8x?", (4204,), "strategy = sample, order = blocks, flatten = 32, stream = true"),
    ("2x8x4203", (), "strategy = sample, order = blocks, flatten = 32, stream = true"),
    ("2x8x4203", (), "strategy = split, order = blocks, flatten = 256, chunk = 2, piece = 2, stream = true"),
]
FEATURES_FIRST = {"2x8x4203", "2x8x?"}


class BuildError(Exception):
    """The tool did not make a library."""


@dataclass(frozen=True)
class Case:
    shape: str
    sizes: tuple
    schedule: str
    dtype: str
    flags: tuple

    def __str__(self):
        return " ".join([self.shape, *map(str, self.sizes), self.dtype, *self.flags,
                         f"<{self.schedule}>"])

    def feature_dim(self):
        return 1 if self.shape in FEATURES_FIRST else 2

    def build(self, folder):
        library = os.path.join(folder, f"{abs(hash(self))}.so")
        vector = 32 // np.dtype(TYPES[self.dtype]).itemsize
        done = subprocess.run(
            ["groupnorm", "emit", "--shape", self.shape, "--feature-dim", str(self.feature_dim()), "--num-groups", "8", "--dtype",
             self.dtype, "--threads", "2", *self.flags, "--emit=shared", "-o", library,
             "--schedule", f"#gn.cpu_schedule<vector = {vector}, {self.schedule}>"],
            capture_output=True, text=True, check=False)
        if done.returncode:
            raise BuildError(done.stderr)
        return ctypes.CDLL(library).group_norm

    def check(self, folder):
        function, dtype = self.build(folder), TYPES[self.dtype]
        sizes = iter(self.sizes)
        shape = [next(sizes) if size == "?" else int(size) for size in self.shape.split("x")]
        rng = np.random.default_rng(1)
        x = rng.standard_normal(shape).astype(dtype)
        gamma, beta = rng.standard_normal((2, shape[self.feature_dim()])).astype(dtype)

        def call(x_offset, y_offset, in_place=False):
            source, target = Place(x, x_offset), Place(np.zeros_like(x), y_offset)
            if in_place:
                target = source
            status = function(*(ctypes.c_void_p(pointer) for pointer in (
                source.pointer, gamma.ctypes.data, beta.ctypes.data, target.pointer)),
                *map(ctypes.c_int64, self.sizes))
            return None if status or not target.is_surrounded() else target.bytes()

        expected = call(0, 0)
        if expected is None:
            return False, "fails where x and y are aligned"
        error = self.error(x, gamma, beta, np.frombuffer(expected, dtype).reshape(shape))
        wrong = [f"{x_offset}:{y_offset}{' in place' * in_place}"
                 for offset in range(0, LINE, x.itemsize)
                 for x_offset, y_offset, in_place in (
                     (offset, offset, False), (0, offset, False), (LINE - x.itemsize, offset, False),
                     (offset, offset, True))
                 if call(x_offset, y_offset, in_place) != expected]
        good = not wrong and error <= 16 * np.finfo(dtype).eps
        return good, f"error {error:.1e}, other bits at: {', '.join(wrong) or 'no place'}"

    def error(self, x, gamma, beta, y):
        """The largest error, of results that are about 1."""
        right = group_norm(x, 8, gamma, beta, feature_dim=self.feature_dim(),
                           pytorch_compatible="--pytorch-compatible" in self.flags)
        if "silu" in self.flags:
            right = right / (1 + np.exp(-right))
        return float(np.max(np.abs(y - right), initial=0))


class Place:
    """An array `offset` bytes behind the start of a line, with room around it."""

    def __init__(self, array, offset):
        self.memory = np.full(array.nbytes + 4 * LINE, 0xA5, np.uint8)
        self.start = -self.memory.ctypes.data % LINE + LINE + offset
        self.end = self.start + array.nbytes
        self.memory[self.start:self.end] = array.reshape(-1).view(np.uint8)
        self.pointer = self.memory.ctypes.data + self.start

    def bytes(self):
        return self.memory[self.start:self.end].tobytes()

    def is_surrounded(self):
        return np.all(self.memory[:self.start] == 0xA5) and np.all(self.memory[self.end:] == 0xA5)


def cases(tier):
    for number, (shape, sizes, schedule) in enumerate(CASES):
        for i, (dtype, flags) in enumerate((("f32", ()), ("f16", ()), ("f32", ("--activation", "silu")),
                                            ("f64", ("--pytorch-compatible",)))):
            # In the quick tier the shapes share the types out.
            # Tiles are of contiguous groups.
            if "tile" in schedule and "--pytorch-compatible" not in flags:
                flags += ("--pytorch-compatible",)
            if tier == "full" or (i + number) % 2 == 0:
                yield Case(shape, sizes, schedule, dtype, flags)


main(__doc__, cases, BuildError)
