"""The numeric cases of the Metal kernels, in families.

Like those in cases.py, and what is a matter of kernels besides: element types,
schedules, sizes that are not known when the kernel is printed.
"""

import csv
import itertools
import math
from dataclasses import dataclass, replace

import numpy as np

from cases import SHAPES, Case
from epilogues import EPILOGUES
from half import round_to

ULP_BITS = {"f32": 23, "f16": 10, "bf16": 7}
SMALLEST = {"f32": -126, "f16": -14, "bf16": -126}  # exponent of normal numbers


@dataclass(frozen=True)
class KernelCase(Case):
    dtype: str = "f32"  # of x
    weights: str = ""  # of gamma and beta; that of x if empty
    out: str = ""  # of y; that of x if empty
    schedule: str = ""  # the fields of one; empty: gn-select-metal-schedule's
    epilogue: str = ""  # one of epilogues.py
    statistics: bool = False  # whether mean and rstd are saved
    dynamic: bool = False  # whether N and the spatial sizes are known to the host only
    dynamic_samples: bool = False  # whether N alone is

    @property
    def weight_type(self):
        return self.weights or self.dtype

    @property
    def out_type(self):
        return self.out or self.dtype

    def __str__(self):
        words = [super().__str__(), self.dtype]
        if self.weights:
            words.append("weights " + self.weights)
        if self.out:
            words.append("into " + self.out)
        if self.epilogue:
            words.append("epilogue " + self.epilogue)
        if self.statistics:
            words.append("statistics")
        if self.dynamic:
            words.append("dynamic")
        if self.dynamic_samples:
            words.append("dynamic samples")
        if self.schedule:
            words.append("<" + self.schedule + ">")
        return " ".join(words)

    def arrays(self):
        """x, gamma and beta as their types round them, in f32."""
        rng = np.random.default_rng(list(self.shape) + [self.groups])
        if self.data in EXTREMES:
            x, gamma, beta = EXTREMES[self.data](rng, self.shape), None, None
            if self.affine:
                gamma, beta = rng.standard_normal((2, self.shape[self.feature_dim]), np.float32)
        else:
            x, gamma, beta = self.input()
        weights = (round_to(w, self.weight_type) for w in (gamma, beta)) if self.affine \
            else (None, None)
        return round_to(x, self.dtype), *weights

    def limits(self, expected, inputs=()):
        """What the contract allows each element of y to be off: the bound of f32,
        as the epilogue magnifies it, and half a unit in the last place of a
        narrower y."""
        limit = np.full(expected.shape, self.limit(expected))
        if self.epilogue:
            limit *= EPILOGUES[self.epilogue].gain(*inputs)
        if self.out_type != "f32":
            finite = np.where(np.isfinite(expected), np.abs(expected), 0)
            exponent = np.frexp(finite)[1] - 1
            exponent = np.maximum(exponent, SMALLEST[self.out_type])
            limit += np.ldexp(0.5, exponent - ULP_BITS[self.out_type])
        return limit

    def epilogue_inputs(self):
        """The inputs of the epilogue, as x's type rounds them, in f32."""
        if not self.epilogue:
            return []
        rng = np.random.default_rng(1)
        return [round_to(rng.standard_normal([self.shape[d] for d in self.input_dims(kind)],
                                             np.float32), self.dtype)
                for kind in EPILOGUES[self.epilogue].inputs]

    def input_dims(self, kind):
        """The dimensions of x that an input of the epilogue has."""
        rank = len(self.shape)
        feature = self.feature_dim % rank
        spatial = [d for d in range(1, rank) if d != feature]
        return {"x": range(rank), "features": (0, feature), "row": (0, spatial[0]),
                "column": sorted((spatial[-1], feature))}[kind]

    def along_x(self, inputs):
        """Inputs of the epilogue so that they combine with x."""
        dims = map(self.input_dims, EPILOGUES[self.epilogue].inputs if self.epilogue else ())
        return [array.reshape([n if d in own else 1 for d, n in enumerate(self.shape)])
                for own, array in zip(dims, inputs, strict=True)]

    def limit(self, expected):
        if self.data in EXTREMES:
            return 2e-6 * max(1.0, np.abs(expected).max(initial=0))
        return super().limit(expected)


def alternating(size):
    """Values of one magnitude and of both signs."""
    return lambda rng, shape: (size * np.sign(rng.standard_normal(shape))).astype(np.float32)


# Data that a sum in half precision would overflow on, or lose in epsilon.
EXTREMES = {
    "+-600": alternating(600),
    "+-60000": alternating(60000),
    "all 60000": lambda rng, shape: np.full(shape, 60000, np.float32),
}

# --- families ---------------------------------------------------------------


def shapes(tier):
    """The norms of real networks, with the schedules of the policy. What is
    larger than the limit is cut down in its spatial extent."""
    limit = 2**21 if tier == "quick" else 300 * 2**20
    seen = set()
    with open(SHAPES, newline="") as file:
        for row in csv.DictReader(file):
            spatial = list(map(int, row["spatial"].split("x")))
            n, c = int(row["N"]), int(row["C"])
            while 4 * n * c * math.prod(spatial) > limit and max(spatial) > 1:
                longest = spatial.index(max(spatial))
                spatial[longest] = -(-spatial[longest] // 2)
            for compatible in (False, True):
                case = KernelCase((n, *spatial, c), int(row["G"]), compatible,
                                  eps=float(row["eps"]))
                if case not in seen:
                    yield case
                seen.add(case)
    # Rows wider than a threadgroup, which only a large sample has in pieces.
    yield KernelCase((1, 24, 24, 3072), 32)


STRATEGIES = (
    "strategy = single, threads = 128",
    "strategy = looped, threads = 128, chunk = 4",
    "strategy = looped, threads = 64, chunk = 3, piece = 3, vector = 2",
    "strategy = split, threads = 64, chunk = 2, piece = 4",
    "strategy = split, threads = 96, chunk = 1, piece = 3, vector = 1",
)
# What is in registers is all of a tile, all but one round, or a part; a thread
# has none, or a part of the last round.
KEEPING = (
    "strategy = looped, threads = 128, chunk = 4, keep = 28",
    "strategy = looped, threads = 64, chunk = 2, keep = 3",
    "strategy = looped, threads = 64, chunk = 8, keep = 1, vector = 2",
)


def strategies(tier):
    """Every strategy by hand: one group a threadgroup and all of them, widths
    that leave threads idle, rows of an odd number of features."""
    examples = [((2, 12, 11, 64), 8), ((1, 333, 10), 5), ((3, 7, 5, 24), 3), ((2, 77, 33), 3),
                ((2, 61, 7), 7), ((1, 129, 96), 1)]
    mix = itertools.cycle(itertools.product((True, False), (False, True)))
    for (shape, g), schedule, compatible in itertools.product(
            examples, (*STRATEGIES, *KEEPING), (False, True)):
        for groups in sorted({1, g}):
            affine, outside = next(mix)
            if tier == "quick" and groups == 1 != g and schedule != STRATEGIES[1]:
                continue
            yield KernelCase(shape, g, compatible, affine, outside,
                             data="N(1e4,1)" if affine else "normal",
                             schedule=f"{schedule}, groups = {groups}")


def types(tier):
    """f16 and bf16 beside f32, alone and mixed; magnitudes at the end of f16."""
    shape, g = (2, 9, 10, 32), 4
    schedules = (*STRATEGIES[:2], KEEPING[1], STRATEGIES[3])
    for schedule, compatible in itertools.product(schedules, (False, True)):
        fields = f"{schedule}, groups = 4"
        yield KernelCase(shape, g, compatible, dtype="f16", schedule=fields)
        yield KernelCase(shape, g, compatible, dtype="bf16", schedule=fields)
        yield KernelCase(shape, g, compatible, dtype="f16", weights="f32", out="f32", schedule=fields)
        yield KernelCase(shape, g, compatible, dtype="bf16", weights="f32", schedule=fields)
        yield KernelCase(shape, g, compatible, dtype="f16", data="+-600", schedule=fields)
        yield KernelCase(shape, g, compatible, False, dtype="f16", data="+-60000", schedule=fields)
    yield KernelCase(shape, g, dtype="f16", data="all 60000")
    yield KernelCase(shape, g, True, dtype="f16", data="tiny", eps=1e-8)
    yield KernelCase(shape, g, True, dtype="bf16", data="N(100,0.01)", out="f32", eps=1e-8)
    yield KernelCase(shape, g, dtype="f32", out="f16", data="N(1e4,1)")
    if tier == "full":
        for dtype, c in itertools.product(("f16", "bf16"), (1, 2, 3, 6, 7, 10, 33, 320)):
            for g, compatible in itertools.product(sorted({1, c}), (False, True)):
                yield KernelCase((2, 17, 5, c), g, compatible, dtype=dtype)


def adversarial(tier):
    """Data that careless statistics get wrong, in every strategy."""
    kinds = ("N(1e4,1)", "N(100,0.01)", "80000..80003", "drifting", "outliers-first", "huge",
             "constant", "tiny")
    examples = [((1, 61, 33, 16), 4)] + ([((1, 30011, 6), 1)] if tier == "full" else [])
    for (shape, g), kind, (i, schedule) in itertools.product(
            examples, kinds, enumerate((*STRATEGIES[1::2], KEEPING[1]) if tier == "quick" else (*STRATEGIES[1:], *KEEPING))):
        yield KernelCase(shape, g, i % 2 == 1, data=kind, eps=1e-8 if kind == "tiny" else 1e-5,
                         schedule=schedule)


def nonfinite(tier):
    """NaN and Inf stay in their own sample and group."""
    for kind, schedule in itertools.product(("one-nan", "one-inf", "one-minus-inf"),
                                            (*STRATEGIES[:2], KEEPING[1], STRATEGIES[3])):
        dtype = "f32" if kind == "one-nan" else "f16"
        for compatible in (False, True):
            yield KernelCase((2, 9, 11, 24), 4, compatible, data=kind, dtype=dtype,
                             schedule=f"{schedule}, groups = 4")


def layouts(tier):
    """Features first and in between."""
    examples = [(2, 6, 5, 7), (3, 40, 31), (1, 16, 16, 12), (2, 12, 3, 5, 4)]
    for shape in examples:
        for dim, compatible in itertools.product(range(1, len(shape) - 1), (False, True)):
            for g in sorted({1, 2, shape[dim]}) if shape[dim] % 2 == 0 else (1, shape[dim]):
                for schedule in ("", *(STRATEGIES[1::2] if tier == "full" else ())):
                    yield KernelCase(shape, g, compatible, feature_dim=dim, schedule=schedule)
    yield KernelCase((5, 12), 3)
    yield KernelCase((5, 12), 3, True)


def dynamic(tier):
    """Sizes that the kernels are told at run time."""
    examples = [((2, 9, 11, 24), 4, -1), ((3, 100, 10), 5, -1), ((2, 12, 7, 9), 3, 1),
                ((2, 5, 8, 9), 2, 2), ((1, 1, 16), 4, -1), ((2, 77, 33), 1, -1)]
    for (shape, g, dim), schedule, compatible in itertools.product(
            examples, ("", *KEEPING, *STRATEGIES[1::2]), (False, True)):
        yield KernelCase(shape, g, compatible, feature_dim=dim, dynamic=True, schedule=schedule)
    # Samples that are far smaller than what the policy looks at.
    for shape, g, dim in (((3, 9, 16), 2, -1), ((2, 320), 32, -1), ((5, 32, 64), 4, 1),
                          ((3, 3, 320, 1), 32, 2)):
        for compatible in (False, True):
            yield KernelCase(shape, g, compatible, feature_dim=dim, dynamic_samples=True)
    # Of real networks, beside the kernels for their sizes.
    layers = [KernelCase(shape, 32, compatible, feature_dim=dim)
              for shape, dim in (((2, 32, 32, 640), -1), ((2, 8, 8, 2560), -1),
                                 ((20, 14, 14, 256), -1), ((1, 320, 64, 64), 1))
              for compatible in (False, True)]
    for case in [*layers, *(shapes("quick") if tier == "full" else ())]:
        yield case
        yield replace(case, dynamic=True)


def epilogues(tier):
    """What follows the normalization, and statistics that are saved."""
    rest = [dict(), dict(dtype="f16"), dict(dtype="bf16", weights="f32"), dict(dynamic=True),
            dict(feature_dim=1), dict(pytorch_compatible=True, affine=False)]
    for epilogue, (i, schedule) in itertools.product(EPILOGUES, enumerate((*STRATEGIES[:4], KEEPING[1]))):
        for options in rest if tier == "full" else rest[i % 2::2][:2]:
            dim = options.get("feature_dim", -1)
            shape = (2, 7, 9, 12) if dim == -1 else (2, 12, 6, 8)
            if "single" in schedule and options.get("dynamic"):
                continue
            if epilogue == "row-column" and options.get("dynamic"):
                continue  # some spatial dimensions, whose sizes must be known
            yield KernelCase(shape, 3, epilogue=epilogue, schedule=schedule,
                             statistics=i % 2 == 0, **options)
    yield KernelCase((2, 12, 16, 16), 4, feature_dim=1, epilogue="scale-shift", statistics=True)
    yield KernelCase((1, 40, 77, 6), 1, epilogue="scale-shift", statistics=True)
    yield KernelCase((1, 100, 33), 1, True, epilogue="residual", statistics=True)
    yield KernelCase((2, 12, 6, 8), 3, feature_dim=1, epilogue="row-column", statistics=True)
    yield KernelCase((2, 5, 7, 6), 1, True, feature_dim=2, epilogue="row-column")
    yield KernelCase((2, 33, 10), 5, True, epilogue="gelu", schedule=STRATEGIES[1] + ", groups = 5")


FAMILIES = {f.__name__: f for f in (shapes, strategies, types, adversarial, nonfinite, layouts,
                                    dynamic, epilogues)}

