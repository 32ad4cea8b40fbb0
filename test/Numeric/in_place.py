"""y in the buffer of x: the bits that it has in one of its own, and right ones.

usage: in_place.py --folder FOLDER [--tier quick|full]

Every schedule allows it, so each strategy runs with each layout and grouping;
the fields of the schedules move loads, stores and prefetches about.
"""

import filecmp
import itertools
import os
import re
from dataclasses import dataclass

import numpy as np

from case_loop import main
from driver import DriverError, run_tool

# The shape and the dimension of the features; two groups of several features.
LAYOUTS = [((3, 150, 24), 2), ((3, 24, 150), 1), ((2, 5, 24, 33), 2)]
CPU = ["strategy = sample, apply_next = 2, stream = true, apply_order = blocks, block = 2, apply_rows = 2",
       "strategy = sample, flatten = 2, parallel = false",
       "piece = 64, span = 2, rows = 4, apply_rows = 4, prefetch = 4096, apply_prefetch = 512",
       "piece = 64, shares = 2, apply_backwards = true, stream = true",
       "piece = 64, apply_order = blocks, block = 1, stream = true",
       "strategy = sample, tile = 2, apply_next = 1, apply_backwards = true, stream = true"]
METAL = ["strategy = single, threads = 128", "strategy = looped, threads = 128, chunk = 4",
         "strategy = split, threads = 64, chunk = 2, piece = 4"]


@dataclass(frozen=True)
class Case:
    target: str
    shape: tuple
    feature_dim: int
    contiguous: bool
    schedule: str

    def __str__(self):
        return (f"{self.target} {'x'.join(map(str, self.shape))} feature_dim={self.feature_dim} "
                f"{'contiguous' if self.contiguous else 'interleaved'} <{self.schedule}>")

    def check(self, folder):
        x = np.random.default_rng(1).standard_normal(self.shape, np.float32)
        path = lambda name: os.path.join(folder, name)
        np.save(path("x.npy"), x)
        kind = "cpu" if self.target == "cpu" else "metal"
        command = ["groupnorm", "run", "--input", path("x.npy"), "--num-groups", "4", "--verify",
                   "--feature-dim", str(self.feature_dim), "--target", kind,
                   "--schedule", f"#gn.{kind}_schedule<{self.schedule}>"]
        command += ["--pytorch-compatible"] * self.contiguous + ["--checked"] * (kind == "metal")
        run_tool(command + ["-o", path("y.npy")])
        report, engine = run_tool(command + ["--in-place", "-o", path("same.npy")])
        error = re.search(r"^error .* (\d+)% of what is allowed", report, re.MULTILINE)[1]
        same = filecmp.cmp(path("y.npy"), path("same.npy"), shallow=False)
        return same and int(error) <= 100, f"engine {engine}: {error}% of what is allowed, {'same' if same else 'other'} bits"


def cases(tier):
    for target, schedules in (("cpu", CPU), ("metal", METAL)):
        for number, ((shape, dim), contiguous) in enumerate(itertools.product(LAYOUTS, (False, True))):
            # In the quick tier the groupings share the schedules out.
            for i, schedule in enumerate(schedules):
                if tier == "full" or (i + number) % 2 == 0:
                    yield Case(target, shape, dim, contiguous, schedule)


main(__doc__, cases, DriverError)
