"""Every combination of what the operator offers, on every engine, against f64.

usage: matrix.py --folder FOLDER [--tier quick|full] [--match TEXT]

A combination is one value of each of DIMENSIONS. The full tier has all of them,
each on two shapes; the quick tier takes as many as are needed for every four
values to meet, each on one. Functions are compiled in batches: for the CPU into a
shared library, for Metal into one text that the simulator runs in its checked
mode, where a finding fails the case.

Prints a line for each case and closes with a table and the number of cases and
of failures, which make the exit status 1.
"""

import argparse
import concurrent.futures
import ctypes
import itertools
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass

import numpy as np

import epilogues
from reference import group_norm


class Bfloat:
    """bf16 as the upper half of an f32, kept in 16-bit integers."""

    @staticmethod
    def pack(x):
        bits = np.ascontiguousarray(x, np.float32).view(np.uint32)
        return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype(np.uint16)

    @staticmethod
    def unpack(x):
        return (x.astype(np.uint32) << 16).view(np.float32).astype(np.float64)


# Element types: NumPy's type, and the bits of the significand.
TYPES = {"f16": (np.float16, 11), "bf16": (np.uint16, 8), "f32": (np.float32, 24), "f64": (np.float64, 53)}


def pack(values, dtype):
    return Bfloat.pack(values) if dtype == "bf16" else values.astype(TYPES[dtype][0])


def unpack(array, dtype):
    return Bfloat.unpack(array) if dtype == "bf16" else array.astype(np.float64)


def save(path, array, dtype):
    np.save(path, array.view("V2") if dtype == "bf16" else array)


def load(path, dtype):
    array = np.load(path)
    return array.view(np.uint16) if dtype == "bf16" else array


# What follows the normalization, as the table calls it, and what that makes of an
# error of the normalized value, at most.
EPILOGUES = {
    "none": None,
    "relu": "relu",
    "leaky relu": "leaky_relu",
    "silu": "silu",
    "gelu": "gelu",
    "gelu by tanh": "gelu_tanh",
    "residual": "residual",
    "scale and shift": "scale-shift",
}


def slope(name, n, *inputs):
    return 1.2 * np.abs(1 + inputs[0]) if name == "scale-shift" else 1.2


# Samples, spatial extents, features, groups.
SHAPES = (
    (2, (5, 7), 24, 4),
    (1, (33,), 40, 5),
    (3, (4, 4), 96, 32),
    (2, (130,), 6, 3),
    (1, (9, 8, 3), 33, 1),
    (2, (257,), 64, 64),
)

DIMENSIONS = {
    "target": ("cpu", "metal"),
    "type": ("f32", "f16", "bf16", "f64"),
    "grouping": ("interleaved", "contiguous"),
    "affine": ("affine", "affine in f32", "plain"),
    "sizes": ("static", "dynamic"),
    "layout": ("features last", "features first"),
    "epilogue": tuple(EPILOGUES),
}


def possible(choice):
    if choice["affine"] == "affine in f32" and choice["type"] not in ("f16", "bf16"):
        return False
    return not (choice["target"] == "metal" and choice["type"] == "f64")  # Metal has none


@dataclass
class Case:
    choice: dict
    shape: tuple
    name: str  # of its function
    error: float = np.inf  # as a share of what is allowed
    problem: str = ""

    def __post_init__(self):
        samples, spatial, self.features, self.groups = self.shape
        first = self.choice["layout"] == "features first"
        self.feature_dim = 1 if first else len(spatial) + 1
        self.extents = (samples, self.features, *spatial) if first else (samples, *spatial, self.features)
        self.type = self.choice["type"]
        self.weight_type = "f32" if self.choice["affine"] == "affine in f32" else self.type
        # A hash that does not change from run to run.
        rng = np.random.default_rng(list(f"{self.choice}{self.shape}".encode()))
        self.inputs = {"x": (pack(rng.standard_normal(self.extents), self.type), self.type)}
        if self.choice["affine"] != "plain":
            for name in ("gamma", "beta"):
                weight = rng.standard_normal(self.features)
                self.inputs[name] = (pack(weight, self.weight_type), self.weight_type)
        name = EPILOGUES[self.choice["epilogue"]]
        self.epilogue = epilogues.EPILOGUES[name] if name else None
        for name, kind in zip("ab", self.epilogue.inputs if self.epilogue else ()):
            extents = self.extents if kind == "x" else (samples, self.features)
            self.inputs[name] = (pack(rng.standard_normal(extents), self.type), self.type)

    def __str__(self):
        return f"{', '.join(self.choice.values())}, {'x'.join(map(str, self.extents))} G={self.groups}"

    def function(self):
        """The operator as a function on tensors."""
        def tensor(extents, dtype, features):
            sizes = [str(n) if i == features or self.choice["sizes"] == "static" else "?" for i, n in enumerate(extents)]
            return f"tensor<{'x'.join(sizes)}x{dtype}>"

        types = {}
        for name, (array, dtype) in self.inputs.items():
            whole = array.shape == self.extents
            types[name] = tensor(array.shape, dtype, self.feature_dim if whole else array.ndim - 1)
        y = types["x"]
        arguments = ", ".join(f"%{name}{'_in' if name in 'ab' else ''}: {t}" for name, t in types.items())
        ins = [name for name in types if name not in "ab"]
        return f"""func.func @{self.name}({arguments}, %y: {y}) -> {y} {{
  %0 = gn.group_norm num_groups({self.groups})
    ins({', '.join('%' + n for n in ins)} : {', '.join(types[n] for n in ins)}) outs(%y : {y})
    {{grouping = #gn.grouping<{self.choice['grouping']}>, feature_dim = {self.feature_dim} : i64}}
    {self.region(types)} -> {y}
  return %0 : {y}
}}
"""

    def region(self, types):
        if not self.epilogue:
            return ""
        compute = "f64" if self.type == "f64" else "f32"
        dims = [f"d{i}" for i in range(len(self.extents))]
        extra = [name for name in types if name in "ab"]
        maps = [f"affine_map<({', '.join(dims)}) -> ({', '.join(dims if kind == 'x' else [dims[0], dims[self.feature_dim]])})>"
                for kind in self.epilogue.inputs]
        inputs = f"({', '.join(f'%{n}_in' for n in extra)} : {', '.join(types[n] for n in extra)} by [{', '.join(maps)}])"
        narrow = self.type != compute
        text = self.epilogue.body(compute)
        for name in extra if narrow else []:
            text = f"\n  %{name} = arith.extf %{name}0 : {self.type} to {compute}" + text
        arguments = "".join(f", %{name}{'0' if narrow else ''}: {self.type}" for name in extra)
        result = "%r"
        if narrow:
            text, result = text + f"\n  %w = arith.truncf %r : {compute} to {self.type}", "%w"
        return f"""epilogue{inputs if extra else ''} {{
  ^bb0(%n: {compute}{arguments}):{text}
  gn.yield {result} : {self.type}
  }}"""

    def expected(self):
        """The result in f64, and what it may be wrong by, element for element."""
        values = {name: unpack(*pair) for name, pair in self.inputs.items()}
        y = group_norm(values["x"], self.groups, values.get("gamma"), values.get("beta"), feature_dim=self.feature_dim,
                       pytorch_compatible=self.choice["grouping"] == "contiguous")
        scale = np.abs(values["gamma"]).max() if "gamma" in values else 1.0
        if self.epilogue:
            extra = []
            for name, kind in zip("ab", self.epilogue.inputs):
                sizes = [n if kind == "x" or i in (0, self.feature_dim) else 1 for i, n in enumerate(self.extents)]
                extra.append(values[name].reshape(sizes))
            scale = scale * slope(EPILOGUES[self.choice["epilogue"]], y, *extra)
            y = self.epilogue.apply(y, *extra)
        compute = 53 if self.type == "f64" else 24
        limit = (1e-14 if compute == 53 else 4e-6) * scale
        if self.epilogue:  # its own arithmetic
            limit = limit + 2.0 ** (2 - compute) * np.abs(y)
        if self.type == "f64":
            return y, limit
        if self.type != "f32":
            smallest = {"f16": -14, "bf16": -126}[self.type]  # exponent of a normal number
            exponent = np.maximum(np.frexp(y)[1] - 1, smallest)
            limit = limit + 0.5 * np.ldexp(1.0, exponent - TYPES[self.type][1] + 1)
        return y, limit

    def judge(self, y):
        expected, limit = self.expected()
        share = np.abs(unpack(y, self.type).reshape(self.extents) - expected) / limit
        self.error = float(share.max()) if np.isfinite(share).all() else np.inf
        if self.error > 1:
            self.problem = "too far from the reference"


def run(*command, text=None, status=(0,)):
    done = subprocess.run(command, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode not in status:
        raise RuntimeError(f"{command[0]}: {done.stdout.strip()[:2000]}")
    return done.stdout


# --- engines ------------------------------------------------------------------


def run_cpu(cases, folder):
    """The loops of all cases in one shared library."""
    module = run("groupnorm-opt", "--gn-to-llvm=threads=1 c-interface", text="".join(c.function() for c in cases))
    ir, library = os.path.join(folder, "cases.ll"), os.path.join(folder, "cases.so")
    run("mlir-translate", "--mlir-to-llvmir", "-o", ir, text=module)
    run("clang", "-w", "-O2", "-march=native", "-shared", "-fPIC", ir, "-o", library)
    loaded = ctypes.CDLL(os.path.abspath(library))
    for case in cases:
        y = np.full(case.extents, 0xFF, np.uint8).astype(TYPES[case.type][0])
        arguments = [ctypes.c_void_p(a.ctypes.data) for a in [*(a for a, _ in case.inputs.values()), y]]
        if case.choice["sizes"] == "dynamic":
            arguments += [ctypes.c_int64(n) for i, n in enumerate(case.extents) if i != case.feature_dim]
        status = getattr(loaded, case.name)(*arguments)
        if status != 0:
            case.problem = f"returned {status}"
        else:
            case.judge(y)


def run_metal(cases, folder):
    """The printed kernels of all cases in one text, each launched as its
    description says."""
    lowered = run("groupnorm-opt", "--gn-bufferize", "--gn-lower-to-gpu", text="".join(c.function() for c in cases))
    source, sequence = os.path.join(folder, "cases.metal"), os.path.join(folder, "cases.json")
    with open(source, "w", encoding="ascii") as file:
        file.write(run("groupnorm-translate", "--mlir-to-msl", text=lowered))
    functions = {f["function"]: f for f in json.loads(run("groupnorm-translate", "--mlir-to-msl-launch", text=lowered))}
    buffers, launches, outputs = {}, [], {}
    for case in cases:
        function = functions[case.name]
        sizes = {s["name"]: case.extents[s["dimension"]] for s in function["sizes"]}

        def value(expression):
            return expression if isinstance(expression, int) else eval(expression, {}, sizes)

        for buffer in function["buffers"]:
            name = f"{case.name}.{buffer['name']}"
            if buffer["role"] == "input":
                buffers[name] = f"{name}.npy"
                own = {"input0": "a", "input1": "b"}.get(buffer["name"], buffer["name"])
                save(os.path.join(folder, f"{name}.npy"), *case.inputs[own])
                continue
            base, lanes = re.fullmatch(r"([a-z]+)(\d?)", buffer["type"]).groups()
            buffers[name] = f"out:{base}[{value(buffer['elements']) * int(lanes or 1)}]"
            if buffer["role"] == "output":
                outputs[name] = f"{name}.npy"
        case.launches = [k for k in function["kernels"] if eval(k.get("when", "True"), {}, sizes)]
        for kernel in case.launches:
            arguments = [f"{case.name}.{a['buffer']}" if "buffer" in a else f"const:{a['type']}:{value(a['value'])}"
                         for a in kernel["arguments"]]
            launches.append({"kernel": kernel["name"], "grid": [value(n) for n in kernel["threadgroups"]],
                             "threadgroup": [value(n) for n in kernel["threads_per_threadgroup"]],
                             "arguments": arguments})
    with open(sequence, "w", encoding="ascii") as file:
        json.dump({"buffers": buffers, "launches": launches, "outputs": outputs}, file)
    report = run("groupnorm-msl-run", source, "--check", "--launches", sequence, status=(0, 3))
    reports = iter(re.split(r"^kernel ", report, flags=re.MULTILINE)[1:])
    for case in cases:
        for _ in case.launches:
            finding = re.search(r"^.*cases\.metal:\d+: .*$", next(reports), re.MULTILINE)
            case.problem = case.problem or (finding[0] if finding else "")
        if not case.problem:
            (output,) = (b["name"] for b in functions[case.name]["buffers"] if b["role"] == "output")
            case.judge(load(os.path.join(folder, f"{case.name}.{output}.npy"), case.type))


ENGINES = {"cpu": (run_cpu, "cpu"), "metal": (run_metal, "simulator")}
BATCH = 28  # functions in a compilation


def run_batch(cases, folder):
    os.makedirs(folder, exist_ok=True)
    try:
        ENGINES[cases[0].choice["target"]][0](cases, folder)
    except RuntimeError as error:
        for case in cases:
            case.problem = str(error)


# --- which combinations ---------------------------------------------------------


def combinations():
    for values in itertools.product(*DIMENSIONS.values()):
        choice = dict(zip(DIMENSIONS, values))
        if possible(choice):
            yield choice


def covering(choices, strength):
    """Choices in which all that `strength` dimensions can be together occurs."""
    def parts(choice):
        return set(itertools.combinations(choice.items(), strength))

    chosen, left, missing = [], list(choices), set().union(*map(parts, choices))
    while missing:
        best = max(left, key=lambda choice: len(parts(choice) & missing))
        left.remove(best)
        chosen.append(best)
        missing -= parts(best)
    return chosen


def make_cases(tier):
    choices = list(combinations())
    if tier == "quick":
        choices = covering(choices, 4)
    for number, choice in enumerate(choices):
        # Shapes take turns.
        shapes = SHAPES[number % len(SHAPES)], SHAPES[(number // 2 + 3) % len(SHAPES)]
        for i, shape in enumerate(dict.fromkeys(shapes[:2 if tier == "full" else 1])):
            yield Case(choice, shape, f"case{number}_{i}")


def table(cases):
    """The largest error of each kind of case, as a share of what is allowed."""
    print(f"| engine | type | cases | {' | '.join(EPILOGUES)} |")
    print("|---|---|---|" + "---|" * len(EPILOGUES))
    for target, dtype in itertools.product(DIMENSIONS["target"], DIMENSIONS["type"]):
        own = [c for c in cases if c.choice["target"] == target and c.type == dtype]
        if own:
            shares = [[c.error for c in own if c.choice["epilogue"] == name] for name in EPILOGUES]
            cells = [f"{max(share):.0%}" if share else "" for share in shares]
            print(f"| {ENGINES[target][1]} | {dtype} | {len(own)} | {' | '.join(cells)} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", required=True)
    parser.add_argument("--tier", choices=("quick", "full"), default="quick")
    parser.add_argument("--match", default="")
    options = parser.parse_args()
    cases = [c for c in make_cases(options.tier) if options.match in str(c)]
    batches = []
    for target in ENGINES:
        own = [c for c in cases if c.choice["target"] == target]
        batches += [own[i:i + BATCH] for i in range(0, len(own), BATCH)]
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(run_batch, batches, [os.path.join(options.folder, str(i)) for i in range(len(batches))]))
    failures = [c for c in cases if c.problem]
    for case in cases:
        engine = ENGINES[case.choice["target"]][1]
        result = case.problem or f"error {case.error:.0%} of what is allowed"
        print(f"{'FAIL' if case.problem else 'pass'} {case} -- engine {engine}: {result}")
        if case.problem:
            print(f"FAIL {case}: {case.problem}", file=sys.stderr)
    print()
    table(cases)
    print(f"\n{len(cases)} cases, {len(failures)} failures")
    sys.exit(1 if failures or not cases else 0)


if __name__ == "__main__":
    main()
