"""Vectors in pairs: the bits that single vectors give, and right ones.

usage: pairs.py --folder FOLDER [--tier quick|full]

Two samples of 150 positions, the first with NaN and infinities, the second of few
values, so that results are close to being midway between two of bf16. The fields
of the schedules move loads and stores about; features leave whole vectors and
parts of them over.
"""

import itertools
import os
import re
from dataclasses import dataclass

import numpy as np

from case_loop import main
from driver import DriverError, run_tool
from half import bits_of, from_bits, load, save

SCHEDULES = ["strategy = sample, order = blocks, apply_order = blocks, block = 4",
             "piece = 64, rows = 2, prefetch = 8192, apply_prefetch = 12288, stream = true",
             "piece = 64, band = 3, rows = 4, apply_rows = 2",
             "strategy = sample, flatten = 2, apply_order = blocks, block = 1, stream = true"]
EPILOGUES = [[], ["--residual", "r.npy", "--activation", "relu"],
             ["--scale", "s.npy", "--shift", "t.npy", "--residual", "r.npy", "--activation", "silu"]]


@dataclass(frozen=True)
class Case:
    dtype: str
    features: int
    schedule: str
    epilogue: list

    def __str__(self):
        flags = "".join(f" {flag}" for flag in self.epilogue)
        return f"{self.dtype} 2x150x{self.features}{flags} <{self.schedule}>"

    def input(self):
        rng = np.random.default_rng(self.features)
        shape = (2, 150, self.features)
        x = rng.standard_normal(shape, np.float32)
        # Group 0 and 1 of the first sample.
        x[0, 3, 0], x[0, 70, 1], x[0, 149, 1] = np.nan, np.inf, -np.inf
        x[1] = rng.choice(np.float32([-1, -0.5, 0.5, 1]), shape[1:])
        return {"x.npy": x, "r.npy": rng.standard_normal(shape, np.float32),
                "s.npy": rng.standard_normal((2, self.features), np.float32),
                "t.npy": rng.standard_normal((2, self.features), np.float32)}

    def check(self, folder):
        path = lambda name: os.path.join(folder, name)
        for name, values in self.input().items():
            save(path(name), bits_of(values, self.dtype), self.dtype)
        command = ["groupnorm", "run", "--input", path("x.npy"), "--num-groups", "5", "--no-affine", "--verify"]
        command += [path(word) if word.endswith(".npy") else word for word in self.epilogue]
        results, errors = [], []
        for pairs in ("false", "true"):
            schedule = f"#gn.cpu_schedule<vector = 8, pairs = {pairs}, {self.schedule}>"
            report, engine = run_tool(command + ["--schedule", schedule, "-o", path("y.npy")])
            errors.append(int(re.search(r"^error .* (\d+)% of what is allowed", report, re.MULTILINE)[1]))
            results.append(load(path("y.npy"), self.dtype))
        one, two = results
        # A NaN is a NaN, whatever its bits.
        are_nan = [np.isnan(from_bits(y, self.dtype)) for y in results]
        same = np.array_equal(*are_nan) and np.array_equal(one[~are_nan[0]].view(np.uint8), two[~are_nan[1]].view(np.uint8))
        return (same and max(errors) <= 100 and are_nan[0].any(),
                f"engine {engine}: {max(errors)}% of what is allowed, {'same' if same else 'other'} bits")


def cases(tier):
    for dtype, (number, features), (i, schedule), (j, epilogue) in itertools.product(
            ("bf16", "f16", "f32"), enumerate((40, 75)), enumerate(SCHEDULES), enumerate(EPILOGUES)):
        # In the quick tier the features share the rest out, and other types get little.
        if tier == "full" or ((i + number) % 2 == 0 and (dtype == "bf16" or i % 3 == j)):
            yield Case(dtype, features, schedule, epilogue)


main(__doc__, cases, DriverError)
