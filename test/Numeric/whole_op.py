"""Epilogues, saved statistics and mixed types through compiled modules, against
NumPy in f64.

usage: whole_op.py --folder FOLDER [--tier quick|full] [--match TEXT]

Prints a line for each case, with the engine that ran, the error and its limit,
and closes with the number of cases and of failures.
"""

import argparse
import itertools
import os
import sys

import numpy as np

import epilogues
from case_loop import run_cases
from driver import DriverError, run_tool
from reference import group_norm

# For each epilogue: its inputs as (letters of dimensions, type), its text on %n and
# %a, %b... of the compute type T, which defines %r, and the same in f64.
SHARED = epilogues.EPILOGUES
SILU = epilogues.ACTIVATIONS["silu"]
EPILOGUES = {"none": ([], None, lambda n: n)} | {
    name: ([], activation.text, activation.apply) for name, activation in epilogues.ACTIVATIONS.items()} | {
    "residual": ([("all", "x")], SHARED["residual"].text, SHARED["residual"].apply),
    # The shifted value takes the place of the normalized one.
    "scale_shift_silu": (
        [("nc", "x"), ("nc", "x")],
        SHARED["scale-shift"].text.replace("%r", "%y").replace("%one", "%1") + SILU.text.replace("%n", "%y"),
        lambda n, s, t: SILU.apply(SHARED["scale-shift"].apply(n, s, t))),
    # Inputs of every other shape, by their own dimensions.
    "broadcasts": ([("c", "x"), ("n", "x"), ("", "x"), ("ns", "x"), ("s", "x")], """
%0 = math.fma %n, %a, %b : T
%1 = arith.addf %0, %c : T
%2 = arith.addf %1, %d : T
%r = arith.addf %2, %e : T""", lambda n, a, b, c, d, e: n * a + b + c + d + e),
}

WIDTH = {"f16": 16, "bf16": 16, "f32": 32, "f64": 64}
BITS = {"f16": 11, "bf16": 8, "f32": 24, "f64": 53}


def to_bf16(values):
    """The bits of the nearest bf16 numbers."""
    bits = np.asarray(values, np.float32).view(np.uint32).astype(np.uint64)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def from_bits(bits):
    return (bits.astype(np.uint32) << 16).view(np.float32)


NUMPY = {"f16": np.float16, "f32": np.float32, "f64": np.float64}


def rounded(values, kind):
    """`values` as an array of `kind` holds them, in f64."""
    if kind == "bf16":
        return from_bits(to_bf16(values)).astype(np.float64)
    return np.asarray(values).astype(NUMPY[kind]).astype(np.float64)


def save(path, values, kind):
    if kind == "bf16":
        np.save(path, to_bf16(values).view("V2"))
    else:
        np.save(path, np.asarray(values, NUMPY[kind]))


def load(path, kind):
    array = np.load(path)
    if kind == "bf16":
        return from_bits(array.view(np.uint16)).astype(np.float64)
    assert array.dtype == NUMPY[kind], array.dtype
    return array.astype(np.float64)


class Case:
    def __init__(self, shape, groups, epilogue, kind="f32", out=None, weights=None,
                 contiguous=False, dim=-1, stats=False, dynamic=False):
        self.shape, self.groups, self.epilogue, self.kind = shape, groups, epilogue, kind
        self.out, self.weights = out or kind, weights
        self.contiguous, self.dim, self.stats, self.dynamic = contiguous, dim % len(shape), stats, dynamic
        self.compute = "f64" if kind == "f64" else "f32"

    def __str__(self):
        return " ".join(["x".join(map(str, self.shape)), f"G={self.groups}", self.epilogue,
                         f"{self.kind}->{self.out}", f"weights={self.weights}",
                         "contiguous" if self.contiguous else "interleaved", f"dim={self.dim}",
                         "dynamic" if self.dynamic else "static"] + ["stats"] * self.stats)

    def dims(self, letters):
        """The dimensions of x that an input has."""
        every = range(len(self.shape))
        if letters == "all":
            return list(every)
        spatial = [d for d in every if d not in (0, self.dim)]
        chosen = {"n": [0], "c": [self.dim], "s": spatial}
        return sorted(d for letter in letters for d in chosen[letter])

    def type(self, dims, kind):
        sizes = ["?" if self.dynamic and d != self.dim else str(self.shape[d]) for d in dims]
        return "tensor<" + "".join(size + "x" for size in sizes) + kind + ">"

    def module(self):
        inputs, body, _ = EPILOGUES[self.epilogue]
        all_dims = self.dims("all")
        x, y = self.type(all_dims, self.kind), self.type(all_dims, self.out)
        w = self.type([self.dim], self.weights) if self.weights else None
        arguments = [("%x", x)] + ([("%gamma", w), ("%beta", w)] if w else [])
        in_types = [self.type(self.dims(letters), self.kind) for letters, _ in inputs]
        arguments += [(f"%i{i}", t) for i, t in enumerate(in_types)]
        lines, sizes = [], []
        for d in all_dims:
            if self.dynamic and d != self.dim:
                lines += [f"%c{d} = arith.constant {d} : index", f"%d{d} = tensor.dim %x, %c{d} : {x}"]
                sizes.append(f"%d{d}")
        lines.append(f"%init = tensor.empty({', '.join(sizes)}) : {y}")
        outs, results = ["%init"], [y]
        if self.stats:
            s = f"tensor<{'?' if self.dynamic else self.shape[0]}x{self.groups}x{self.compute}>"
            n = "%d0" if self.dynamic else ""
            lines += [f"%m = tensor.empty({n}) : {s}", f"%s = tensor.empty({n}) : {s}"]
            outs, results = outs + ["%m", "%s"], results + [s, s]
        operands = arguments[:3] if w else arguments[:1]
        grouping = "#gn.grouping<contiguous>" if self.contiguous else "#gn.grouping<interleaved>"
        op = (f"%r:{len(outs)} = gn.group_norm num_groups({self.groups}) "
              f"ins({', '.join(a for a, _ in operands)} : {', '.join(t for _, t in operands)}) "
              f"outs({', '.join(outs)} : {', '.join(results)}) "
              f"{{grouping = {grouping}, feature_dim = {self.dim} : i64}}")
        if body is not None:
            maps = []
            names = [f"d{d}" for d in all_dims]
            for letters, _ in inputs:
                maps.append(f"affine_map<({', '.join(names)}) -> ({', '.join(names[d] for d in self.dims(letters))})>")
            if inputs:
                op += (f" epilogue({', '.join(f'%i{i}' for i in range(len(inputs)))} : {', '.join(in_types)}"
                       f" by [{', '.join(maps)}])")
            else:
                op += " epilogue"
            names = "abcde"[:len(inputs)]
            narrow = WIDTH[self.kind] < WIDTH[self.compute]
            block = [f"%body_n: {self.compute}"]
            block += [f"%body_{name}{'_narrow' if narrow else ''}: {self.kind}" for name in names]
            op += " {\n^bb0(" + ", ".join(block) + "):\n"
            if narrow:
                op += "".join(f"%body_{name} = arith.extf %body_{name}_narrow : {self.kind} to {self.compute}\n"
                              for name in names)
            # Names of their own, apart from those of the function.
            op += body.strip().replace(": T", ": " + self.compute).replace("%", "%body_") + "\n"
            value = "%body_r"
            if WIDTH[self.out] != WIDTH[self.compute]:
                name = "truncf" if WIDTH[self.out] < WIDTH[self.compute] else "extf"
                op += f"%w = arith.{name} {value} : {self.compute} to {self.out}\n"
                value = "%w"
            op += f"gn.yield {value} : {self.out}\n}}"
        op += " -> " + ", ".join(results)
        lines.append(op)
        names = [f"%r#{i}" for i in range(len(outs))] if len(outs) > 1 else ["%r#0"]
        lines.append(f"return {', '.join(names)} : {', '.join(results)}")
        signature = ", ".join(f"{a}: {t}" for a, t in arguments)
        return f"func.func @f({signature}) -> ({', '.join(results)}) {{\n" + "\n".join(lines) + "\n}\n"

    def run(self, folder, tool="groupnorm"):
        """The largest error as a share of the limit, and the engine."""
        path = lambda name: os.path.join(folder, name)
        rng = np.random.default_rng(abs(hash(self.shape)) % 1000 + self.groups)
        x = rounded(rng.standard_normal(self.shape) * 2 + 3, self.kind)
        save(path("x.npy"), x, self.kind)
        files, gamma, beta = ["x"], None, None
        if self.weights:
            gamma, beta = (rounded(v, self.weights) for v in rng.standard_normal((2, self.shape[self.dim])))
            save(path("gamma.npy"), gamma, self.weights)
            save(path("beta.npy"), beta, self.weights)
            files += ["gamma", "beta"]
        inputs, _, function = EPILOGUES[self.epilogue]
        values = []
        for i, (letters, _) in enumerate(inputs):
            dims = self.dims(letters)
            value = rounded(rng.standard_normal([self.shape[d] for d in dims]), self.kind)
            save(path(f"i{i}.npy"), value, self.kind)
            files.append(f"i{i}")
            values.append(value.reshape([self.shape[d] if d in dims else 1 for d in range(len(self.shape))]))
        with open(path("f.mlir"), "w", encoding="utf-8") as file:
            file.write(self.module())
        outputs = ["y"] + ["mean", "rstd"] * self.stats
        command = [tool, "run", path("f.mlir")]
        command += [part for name in files for part in ("--input", path(name + ".npy"))]
        command += [part for name in outputs for part in ("-o", path(name + ".npy"))]
        _, engine = run_tool(command)
        normalized = group_norm(x, self.groups, gamma, beta, pytorch_compatible=self.contiguous, feature_dim=self.dim)
        expected = function(normalized, *values)
        y = load(path("y.npy"), self.out)
        if y.shape != expected.shape:
            return np.inf, engine
        # The norm's own error, which an epilogue makes larger by its slope, a
        # few roundings of what it works on, and that of the result.
        slope = 1.2 + max([0] + [np.abs(v).max() for v in values if v.size])
        scale = np.abs(normalized) * slope + sum(np.abs(v) for v in values) if values else np.abs(normalized)
        bits = BITS[self.compute]
        limit = slope * 4e-6 * (1 if self.compute == "f32" else 1e-6) * max(1, np.abs(gamma).max() if gamma is not None else 1)
        limit = limit + scale * 2.0 ** (3 - bits) + np.abs(expected) * 2.0 ** -BITS[self.out]
        if self.out == "f16":
            limit = limit + 2.0**-25
        worst = float((np.abs(y - expected) / limit).max()) if y.size else 0.0
        if np.isnan(y).any():
            worst = np.inf
        if self.stats:
            moved = np.moveaxis(x, self.dim, -1).reshape(self.shape[0], x.size // max(1, self.shape[0] * self.shape[self.dim]), self.shape[self.dim])
            width = self.shape[self.dim] // self.groups
            view = moved.reshape(*moved.shape[:2], *((self.groups, width) if self.contiguous else (width, self.groups)))
            axes = (1, 3) if self.contiguous else (1, 2)
            with np.errstate(invalid="ignore", divide="ignore"):
                count = view.size // max(1, self.shape[0] * self.groups)
                mean = view.sum(axis=axes) / count if count else np.full((self.shape[0], self.groups), np.nan)
                rstd = 1 / np.sqrt(view.var(axis=axes) + 1e-5) if count else mean
            for name, wanted in (("mean", mean), ("rstd", rstd)):
                found = load(path(name + ".npy"), self.compute)
                if found.shape != wanted.shape or not np.array_equal(np.isnan(found), np.isnan(wanted)):
                    return np.inf, engine
                if count:
                    worst = max(worst, float((np.abs(found - wanted) / (np.abs(wanted) * (2.0**-22 if bits == 24 else 2.0**-46) + 2.0 ** -(bits + 20))).max()))
        return worst, engine


def cases(tier):
    shapes = [((2, 5, 7, 40), -1, 4), ((3, 9, 6), -1, 3), ((2, 24, 5, 9), 1, 4), ((2, 64, 320), -1, 32)]
    if tier == "full":
        shapes += [((2, 3, 8, 17), 2, 4), ((1, 64, 64, 96), -1, 32), ((2, 33, 4, 33), 1, 3), ((5, 12), -1, 4)]
    kinds = ["f32", "f16", "bf16", "f64"]
    turn = itertools.cycle(range(4))
    for (shape, dim, groups), name in itertools.product(shapes, EPILOGUES):
        some = kinds if tier == "full" else [kinds[next(turn)]]
        for kind in some:
            for contiguous, dynamic in [(False, True), (True, False)] if tier == "quick" else itertools.product((False, True), repeat=2):
                # Inputs of one dynamic type have one size.
                if dynamic and name == "broadcasts":
                    continue
                yield Case(shape, groups, name, kind, weights=[None, kind][contiguous], contiguous=contiguous,
                           dim=dim, stats=contiguous, dynamic=dynamic)
    # Types that differ, bytes, and nothing at all.
    for kind, weights, out in [("f16", "f32", "f32"), ("bf16", "f32", "bf16"), ("f32", "f64", "f16"),
                               ("f32", "f32", "bf16"), ("f16", "f16", "f64"), ("f64", "f64", "f32")]:
        yield Case((2, 6, 5, 32), 8, "silu", kind, out, weights)
        yield Case((2, 32, 6, 5), 8, "none", kind, out, weights, contiguous=True, dim=1, stats=True)
    for shape in ((0, 4, 8), (2, 0, 8)):
        yield Case(shape, 2, "scale_shift_silu", stats=True)
        yield Case(shape, 2, "residual", "f16", dynamic=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", required=True)
    parser.add_argument("--tier", choices=("quick", "full"), default="quick")
    parser.add_argument("--match", default="")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)

    def check(case):
        worst, engine = case.run(options.folder)
        return worst <= 1, f"engine {engine}: {worst:.0%} of the limit"

    own = (case for case in cases(options.tier) if options.match in str(case))
    sys.exit(run_cases(own, check, DriverError))


main()
