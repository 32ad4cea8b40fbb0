"""The error of this project's group norm beside MLX's, over shapes of models.

usage: mlx_accuracy.py [--max-mb 300] [--match NAME] [--csv FILE] [--groupnorm TOOL]

For each shape of shapes.csv and both groupings, the same f32 data, N(0,1), goes
through `groupnorm run` and through mlx.nn.GroupNorm on the CPU; the columns are
the largest absolute differences from the definition evaluated in f64. Run it
with the Python of the build folder: build/venv/bin/python.
"""

import argparse
import csv
import math
import os
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "test", "Numeric"))
from driver import Driver
from mlx_layer import mlx_group_norm
from reference import group_norm


def shapes():
    with open(os.path.join(HERE, "shapes.csv"), newline="") as file:
        for row in csv.DictReader(file):
            spatial = map(int, row["spatial"].split("x"))
            shape = (int(row["N"]), *spatial, int(row["C"]))
            yield row["name"], shape, int(row["G"]), float(row["eps"])


def error(y, expected):
    """max |y - expected|, sample by sample to save memory."""
    return max(float(np.abs(a - b).max()) for a, b in zip(y, expected))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--max-mb", type=float, default=300)
    parser.add_argument("--match", default="")
    parser.add_argument("--csv")
    parser.add_argument("--groupnorm", default=os.path.join(HERE, "..", "build", "bin", "groupnorm"))
    options = parser.parse_args()
    rows = []
    print(f"{'shape':34} {'MiB':>6}  {'grouping':11} {'ours':>8} {'MLX':>8}")
    with tempfile.TemporaryDirectory() as folder:
        driver = Driver(folder, options.groupnorm)
        for name, shape, groups, eps in shapes():
            size = 4 * math.prod(shape) / 2**20
            if size > options.max_mb or options.match not in name:
                continue
            rng = np.random.default_rng(0)
            x = rng.standard_normal(shape, dtype=np.float32)
            gamma, beta = rng.standard_normal((2, shape[-1]), dtype=np.float32)
            for compatible in (False, True):
                arguments = dict(eps=eps, pytorch_compatible=compatible)
                expected = group_norm(x, groups, gamma, beta, **arguments)
                ours = error(driver.run(x, groups, gamma, beta, **arguments)[0], expected)
                theirs = error(mlx_group_norm(x, groups, gamma, beta, **arguments), expected)
                grouping = "contiguous" if compatible else "interleaved"
                rows.append((name, f"{size:.2f}", grouping, f"{ours:.1e}", f"{theirs:.1e}"))
                print("{:34} {:>6}  {:11} {:>8} {:>8}".format(*rows[-1]), flush=True)
    if options.csv:
        with open(options.csv, "w", newline="") as file:
            csv.writer(file).writerows([("name", "MiB", "grouping", "ours", "mlx"), *rows])


main()
