"""The numeric cases, in families, and the data that they run on.

A case names everything that decides its input, so that a failing line can be
run again by itself. Every family is a function of the tier: "quick" is what the
test command runs, "full" what `-Dtier=full` asks for.
"""

import csv
import itertools
import math
import os
from dataclasses import dataclass

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
SHAPES = os.path.join(HERE, "..", "..", "benchmarks", "shapes.csv")

# Numbers of features: around the vector widths, odd ones, and those of models.
FEATURES = (1, 2, 3, 5, 6, 7, 10, 15, 16, 17, 31, 33, 40, 96, 320, 1000)
# Numbers of positions: around the rows in flight, the chunks and the pieces.
EXTENTS = (1, 2, 3, 7, 8, 9, 63, 64, 65, 130, 1000, 4097)


@dataclass(frozen=True)
class Case:
    shape: tuple
    groups: int
    pytorch_compatible: bool = False
    affine: bool = True
    outside_sqrt: bool = False
    eps: float = 1e-5
    data: str = "normal"
    threads: tuple = (None,)  # to run with each; None leaves it to the tool
    feature_dim: int = -1  # which dimension of the shape holds the features

    def __str__(self):
        words = ["x".join(map(str, self.shape)), f"G={self.groups}",
                 "contiguous" if self.pytorch_compatible else "interleaved",
                 "affine" if self.affine else "plain",
                 "outside_sqrt" if self.outside_sqrt else "inside_sqrt",
                 f"eps={self.eps:g}", self.data]
        if self.feature_dim != -1:
            words.append(f"feature_dim={self.feature_dim}")
        if self.threads != (None,):
            words.append("threads=" + ",".join(map(str, self.threads)))
        return " ".join(words)

    def arguments(self):
        """The keyword arguments that the reference and the driver share."""
        return dict(eps=self.eps, pytorch_compatible=self.pytorch_compatible,
                    outside_sqrt=self.outside_sqrt, feature_dim=self.feature_dim)

    def input(self):
        """x, gamma and beta (None without the affine step), in f32."""
        rng = np.random.default_rng(list(self.shape) + [self.groups])
        x = DATA[self.data](rng, self.shape)
        assert x.dtype == np.float32
        if not self.affine:
            return x, None, None
        gamma, beta = rng.standard_normal((2, self.shape[self.feature_dim]), dtype=np.float32)
        return x, gamma, beta

    def limit(self, expected):
        """The largest error that the numerics contract allows."""
        if self.data == "normal":
            return 4e-6
        finite = np.abs(expected[np.isfinite(expected)])
        return 2e-6 * max(1.0, finite.max(initial=0))


# --- data ------------------------------------------------------------------


def normal(rng, shape):
    return rng.standard_normal(shape, dtype=np.float32)


def around(mean, sigma):
    """N(mean, sigma), rounded to f32 as any data is."""
    return lambda rng, shape: (mean + sigma * rng.standard_normal(shape)).astype(np.float32)


def counting(rng, shape):
    """80000, 80001, 80002, 80003, 80000 ..."""
    return (80000 + np.arange(math.prod(shape)) % 4).astype(np.float32).reshape(shape)


def drifting(rng, shape):
    """A mean that wanders from 0 to 10000 along the positions."""
    x = rng.standard_normal((shape[0], math.prod(shape[1:-1]), shape[-1]))
    x += np.linspace(0, 1e4, x.shape[1])[:, None]
    return x.astype(np.float32).reshape(shape)


def outliers_first(rng, shape):
    """Rows of 1e4 that mislead an estimate of the mean from the first rows."""
    x = rng.standard_normal((shape[0], math.prod(shape[1:-1]), shape[-1]), dtype=np.float32)
    x[:, : 1 + x.shape[1] // 100] += 1e4
    return x.reshape(shape)


def rectified(rng, shape):
    """What a ReLU leaves: half of it zero, some features dead."""
    x = np.maximum(normal(rng, shape), 0)
    x[..., ::7] = 0
    return x


def huge(rng, shape):
    return rng.uniform(-1e18, 1e18, shape).astype(np.float32)


def constant(rng, shape):
    return np.full(shape, 0.1, np.float32)


def one_bad(value):
    """Normal data but for one element of the last sample's second feature."""
    def make(rng, shape):
        x = normal(rng, shape)
        x.reshape(shape[0], -1, shape[-1])[-1, -1, 1] = value
        return x
    return make


DATA = {
    "normal": normal,
    "N(1e4,1)": around(1e4, 1),
    "N(100,0.01)": around(100, 0.01),
    "N(-3,1e-3)": around(-3, 1e-3),
    "tiny": around(0, 1e-4),
    "80000..80003": counting,
    "drifting": drifting,
    "outliers-first": outliers_first,
    "rectified": rectified,
    "huge": huge,
    "constant": constant,
    "one-nan": one_bad(np.nan),
    "one-inf": one_bad(np.inf),
    "one-minus-inf": one_bad(-np.inf),
}

# --- families ---------------------------------------------------------------


def divisors(n):
    return [d for d in range(1, n + 1) if n % d == 0]


def spread(extent, rank):
    """`extent` positions in rank - 2 dimensions: the factors, largest last."""
    if rank == 2:
        return ()
    sizes = [1] * (rank - 2)
    factor = 2
    while extent > 1:
        while extent % factor:
            factor += 1
        extent //= factor
        sizes[sizes.index(min(sizes))] *= factor
    return tuple(sorted(sizes))


def variants():
    """Every mix of (affine, outside_sqrt), over and over; an odd number of them,
    so that they fall on both groupings alike."""
    mixes = list(itertools.product((True, False), (False, True)))
    return itertools.cycle(mixes + mixes[:1])


def features(tier):
    """Every number of features and group width, a few extents and ranks."""
    mix, extents, ranks = variants(), itertools.cycle(EXTENTS[:-2]), itertools.cycle((3, 4, 5))
    for c in FEATURES:
        all_groups = divisors(c)
        groups = all_groups if tier == "full" else {1, c, all_groups[len(all_groups) // 2]}
        repeats = len(EXTENTS) if tier == "full" else 1
        for g, compatible, _ in itertools.product(sorted(groups), (False, True), range(repeats)):
            affine, outside = next(mix)
            shape = (2, *spread(next(extents), next(ranks)), c)
            yield Case(shape, g, compatible, affine, outside)


def extents(tier):
    """Every number of positions, and rank 2, which has one."""
    mix, ranks = variants(), itertools.cycle((3, 4, 5))
    for c, g in ((3, 1), (32, 4), (320, 32)) if tier == "quick" else \
            ((1, 1), (3, 1), (6, 2), (32, 4), (40, 40), (96, 32), (320, 32), (1000, 8)):
        for compatible, extent in itertools.product((False, True), EXTENTS):
            affine, outside = next(mix)
            yield Case((1, *spread(extent, next(ranks)), c), g, compatible, affine, outside)
    for n, compatible in itertools.product((1, 3, 50), (False, True)):
        yield Case((n, 24), 4, compatible)


def widths(tier):
    """Groups of every width."""
    for c in (40, 96) if tier == "quick" else (12, 40, 96, 100, 128, 360):
        for g, compatible in itertools.product(divisors(c), (False, True)):
            yield Case((2, 5, 7, c), g, compatible)


def batches(tier):
    """Fewer and more pieces of work than threads, and nothing to do at all."""
    for n in (3, 17, 64):
        yield Case((n, 3, 3, 32), 8, True)
        yield Case((n, 50, 5), 5)
    for shape in ((0, 4, 8), (0, 8), (2, 0, 8), (2, 3, 0, 8)):
        yield Case(shape, 2)


def layouts(tier):
    """Features first, as PyTorch and ONNX have them, and in between."""
    mix = variants()
    shapes = [(2, 6, 5, 7), (3, 40, 31), (1, 96, 16, 16), (2, 32, 3, 5, 11), (5, 10, 1), (2, 16, 1000)]
    if tier == "full":
        shapes += [(2, c, 9, 29) for c in FEATURES] + [(2, 320, 64, 64), (1, 8, 300, 300)]
    for shape in shapes:
        for dim, compatible in itertools.product(range(1, len(shape) - 1), (False, True)):
            for g in sorted({1, shape[dim], divisors(shape[dim])[-2:][0]}):
                affine, outside = next(mix)
                yield Case(shape, g, compatible, affine, outside, feature_dim=dim)


def adversarial(tier):
    """Data that the one-pass formula E[x^2] - E[x]^2 gets wrong."""
    kinds = [k for k in DATA if k != "normal" and not k.startswith("one-")]
    shapes = [((2, 33, 31, 48), 6), ((1, 4097, 5), 1)]
    if tier == "full":
        shapes += [((3, 300, 300, 32), 32), ((1, 1000, 1000, 6), 2), ((32, 7, 7, 512), 32)]
    for (shape, g), kind, compatible in itertools.product(shapes, kinds, (False, True)):
        yield Case(shape, g, compatible, data=kind, eps=1e-8 if kind == "tiny" else 1e-5)
    # Features first: groups that are one long run, and groups of short ones.
    for kind, compatible in itertools.product(kinds, (False, True)):
        yield Case((2, 48, 33, 31), 6, compatible, data=kind, feature_dim=1,
                   eps=1e-8 if kind == "tiny" else 1e-5)


def nonfinite(tier):
    """NaN and Inf stay in their own sample and group."""
    for kind, compatible in itertools.product(("one-nan", "one-inf", "one-minus-inf"), (False, True)):
        yield Case((3, 9, 11, 24), 4, compatible, data=kind)
        yield Case((1, 700, 7), 7, compatible, data=kind)


def models(tier):
    """The norms of real networks: benchmarks/shapes.csv."""
    limit = 3e6 if tier == "quick" else 300 * 2**20
    with open(SHAPES, newline="") as file:
        for row in csv.DictReader(file):
            spatial = map(int, row["spatial"].split("x"))
            shape = (int(row["N"]), *spatial, int(row["C"]))
            if 4 * math.prod(shape) <= limit:
                for compatible in (False, True):
                    yield Case(shape, int(row["G"]), compatible, eps=float(row["eps"]))


def threads(tier):
    """Cases whose bits must not depend on the number of threads."""
    shapes = [((1, 4097, 33), 1), ((5, 20, 20, 320), 32), ((2, 129, 65, 6), 3), ((1, 64, 64, 96), 8)]
    if tier == "full":
        shapes += [((1, 512, 512, 128), 32), ((7, 1000, 1000), 10), ((64, 14, 14, 256), 32)]
    for (shape, g), compatible in itertools.product(shapes, (False, True)):
        yield Case(shape, g, compatible, data="N(100,0.01)", threads=(1, 2, 7))


FAMILIES = {f.__name__: f for f in (features, extents, widths, batches, layouts,
                                    adversarial, nonfinite, models, threads)}
