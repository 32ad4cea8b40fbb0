"""One compiled function for dynamic sizes, called at many sizes.

usage: dynamic.py TIER

Each function is emitted as a shared library and called through its C interface.
The sizes lie on both sides of the bounds between the alternatives of its
schedule, and at what rows and pieces leave over; some are empty. Every result is
compared with the definition evaluated in f64.
"""
import ctypes
import itertools
import subprocess
import sys
import tempfile

import numpy as np

SPACE = [0, 1, 2, 7, 63, 64, 65, 130, 1000, 1027]
# Shape, groups, flags, and samples and positions besides the common ones.
FUNCTIONS = [
    ("?x?x320", 32, [], [(1, 5000), (2, 640), (2, 660), (2, 3000), (9, 640)]),
    ("?x?x?x24", 4, ["--pytorch-compatible"], [(1, 70000), (2, 9000), (3, 40000)]),
    ("?x?x6", 3, [], [(2, 35000), (1, 300000)]),
    ("?x33x?", 11, ["--feature-dim", "1", "--pytorch-compatible"], [(1, 70000), (2, 7000)]),
    ("?x?x24x?", 4, ["--feature-dim", "2"], [(1, 9000), (2, 4000)]),
    ("3x?x40", 8, ["--no-affine"], [(3, 5300), (3, 20000)]),
    # Samples of which a large second-level cache keeps a part.
    ("?x?x640", 32, ["--threads", "3", "--l2", "2097152", "--l3", "33554432"], [(1, 1000), (2, 1471), (1, 3333), (3, 1089)]),
    ("?x?x?x640", 32, ["--threads", "1", "--l2", "2097152", "--l3", "33554432"], [(1, 1000), (2, 1471), (1, 3333)]),
    ("?x49x64", 8, ["--threads", "1"], [(700, 49), (1, 49), (3, 49)]),
]
EPSILON = 1e-5
TOLERANCE = 4e-6


def reference(x, gamma, beta, groups, contiguous, feature_dim):
    """Group normalization of x in f64."""
    x = np.moveaxis(x.astype(np.float64), feature_dim, -1)
    n, c = x.shape[0], x.shape[-1]
    order = (groups, c // groups) if contiguous else (c // groups, groups)
    flat = x.reshape((n, int(np.prod(x.shape[1:-1]))) + order)
    axes = (1, 3) if contiguous else (1, 2)
    if flat.size:
        mean = flat.mean(axis=axes, keepdims=True)
        variance = flat.var(axis=axes, keepdims=True)
        flat = (flat - mean) / np.sqrt(variance + EPSILON)
    y = flat.reshape(x.shape) * gamma + beta
    return np.moveaxis(y, -1, feature_dim)


def factors(positions, count):
    """`positions` as `count` sizes."""
    sizes = [1] * count
    for i in range(count - 1):
        sizes[i] = next((f for f in (7, 5, 3, 2) if positions and positions % f == 0), 1)
        positions //= sizes[i]
    sizes[-1] = positions
    return sizes


def check(folder, shape, groups, flags, more, tier):
    library = f"{folder}/{shape.replace('?', 'd')}.so"
    subprocess.run(
        ["groupnorm", "emit", "--shape", shape, "--num-groups", str(groups), "--emit=shared", "-o", library, *flags],
        check=True,
    )
    function = ctypes.CDLL(library).group_norm
    dims = shape.split("x")
    feature_dim = int(flags[flags.index("--feature-dim") + 1]) if "--feature-dim" in flags else len(dims) - 1
    affine = "--no-affine" not in flags
    random = np.random.default_rng(1)
    features = int(dims[feature_dim])
    gamma = random.normal(1, 0.5, features).astype(np.float32)
    beta = random.normal(0, 0.5, features).astype(np.float32)
    free = [i for i in range(1, len(dims)) if i != feature_dim and dims[i] == "?"]
    samples = [0, 1, 3] if dims[0] == "?" else [int(dims[0])]
    space = SPACE if free else [int(dims[1])]
    calls = list(itertools.product(samples, space)) + more
    if tier == "full":
        more_samples = [2 * n for n in samples] if dims[0] == "?" else samples
        calls += itertools.product(more_samples, range(2, 700, 23) if free else space)
    worst = 0.0
    for n, positions in calls:
        sizes = [n] + [int(d) if d != "?" else 0 for d in dims[1:]]
        for dim, size in zip(free, factors(positions, len(free)) if free else []):
            sizes[dim] = size
        x = (3 + random.normal(size=sizes)).astype(np.float32)
        y = np.full(sizes, np.nan, np.float32)
        arrays = [x, gamma, beta, y] if affine else [x, y]
        arguments = [ctypes.c_void_p(a.ctypes.data) for a in arrays]
        arguments += [ctypes.c_int64(sizes[i]) for i, d in enumerate(dims) if d == "?"]
        status = function(*arguments)
        if status != 0:
            sys.exit(f"{shape} at {sizes}: status {status}")
        g, b = (gamma, beta) if affine else (1, 0)
        wanted = reference(x, g, b, groups, "--pytorch-compatible" in flags, feature_dim)
        error = np.abs(y - wanted).max(initial=0.0)
        if not error <= TOLERANCE:
            sys.exit(f"{shape} at {sizes}: error {error}")
        worst = max(worst, error)
    print(f"cpu: {shape} {groups} groups {' '.join(flags)}: {len(calls)} sizes, error {worst:.1e}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        for shape, groups, flags, more in FUNCTIONS:
            check(folder, shape, groups, flags, more, sys.argv[1])


main()
