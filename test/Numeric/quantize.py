"""The int8 result of an epilogue, on every engine: round(y / scale) + zero point.

usage: quantize.py --folder FOLDER

An element may differ from NumPy's by one step, and only where the exact value
is within the contract's error of the middle between two steps.
"""

import itertools
import os
from dataclasses import dataclass

import numpy as np

from case_loop import main
from driver import DriverError, run_tool
from reference import group_norm

STEPS, ZERO = 60.0, 3  # of a unit, and for 0: much is clamped


@dataclass(frozen=True)
class Case:
    target: str
    shape: tuple
    feature_dim: int
    dtype: str
    contiguous: bool

    def __str__(self):
        return (f"{self.target} {'x'.join(map(str, self.shape))} feature_dim={self.feature_dim} {self.dtype} "
                f"{'contiguous' if self.contiguous else 'interleaved'}")

    def module(self):
        tensor = lambda kind: f"tensor<{'x'.join(map(str, self.shape))}x{kind}>"
        x, q = tensor(self.dtype), tensor("i8")
        return f"""func.func @quantized(%x: {x}, %zero: tensor<i32>) -> {q} {{
  %init = tensor.empty() : {q}
  %q = gn.group_norm num_groups(4) ins(%x : {x}) outs(%init : {q})
    {{feature_dim = {self.feature_dim} : i64, grouping = #gn.grouping<{'contiguous' if self.contiguous else 'interleaved'}>}}
    epilogue(%zero : tensor<i32> by [affine_map<({', '.join(f'd{d}' for d in range(len(self.shape)))}) -> ()>]) {{
  ^bb0(%n: f32, %z: i32):
    %steps = arith.constant {STEPS} : f32
    %least = arith.constant -128.0 : f32
    %most = arith.constant 127.0 : f32
    %offset = arith.sitofp %z : i32 to f32
    %0 = arith.mulf %n, %steps : f32
    %1 = math.roundeven %0 : f32
    %2 = arith.addf %1, %offset : f32
    %3 = arith.maximumf %2, %least : f32
    %4 = arith.minimumf %3, %most : f32
    %5 = arith.fptosi %4 : f32 to i8
    gn.yield %5 : i8
  }} -> {q}
  return %q : {q}
}}
"""

    def check(self, folder):
        path = lambda name: os.path.join(folder, name)
        x = np.random.default_rng(1).standard_normal(self.shape).astype({"f32": np.float32, "f16": np.float16}[self.dtype])
        np.save(path("x.npy"), x)
        np.save(path("zero.npy"), np.int32(ZERO))
        with open(path("q.mlir"), "w", encoding="ascii") as file:
            file.write(self.module())
        command = ["groupnorm", "run", path("q.mlir"), "--input", path("x.npy"), "--input", path("zero.npy"), "-o", path("q.npy"),
                   "--target", self.target] + ["--checked"] * (self.target == "metal")
        _, engine = run_tool(command)
        q = np.load(path("q.npy"))
        exact = STEPS * group_norm(x.astype(np.float64), 4, pytorch_compatible=self.contiguous, feature_dim=self.feature_dim)
        quantize = lambda value: np.clip(np.rint(value) + ZERO, -128, 127)
        low, high = quantize(exact - STEPS * 4e-6), quantize(exact + STEPS * 4e-6)
        good = q.dtype == np.int8 and q.shape == self.shape and np.all((low <= q) & (q <= high))
        clamped = np.mean((q == -128) | (q == 127))
        return bool(good), f"engine {engine}: {np.count_nonzero(q != quantize(exact))} elements one step off, {clamped:.1%} clamped"


def cases(_tier):  # few, for both
    for target, (shape, dim), dtype, contiguous in itertools.product(
            ("cpu", "metal"), (((2, 33, 24), 2), ((2, 24, 35), 1)), ("f32", "f16"), (False, True)):
        yield Case(target, shape, dim, dtype, contiguous)


main(__doc__, cases, DriverError)
