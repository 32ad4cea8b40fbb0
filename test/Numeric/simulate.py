"""Runs printed Metal kernels in the simulator, against NumPy.

usage: simulate.py --folder FOLDER [--tier quick|full] [--match TEXT] FAMILY

The cases of a family become functions of one module, which is lowered to GPU
kernels, printed as one Metal text and compiled once for each way of running it.
A case passes if

- in checked mode no kernel has a finding,
- y is within the numerics contract of the definition in f64,
- y has the same bits where threads and threadgroups run in the opposite order,
- y is within the contract where products and sums are contracted,
- no more bytes of device memory are moved than the strategy allows.

The last is held against x and y: single may move 1.02 times their size, looped
and split 1.02 times their size and that of x again. Everything that the kernels
read and write counts, scratch memory too, but for one reading of gamma and beta
a sample: nobody can normalize a sample without them, and where samples are small
they are no small share. Kernels that are told sizes at run time may move 1.1 times
what those for the same sizes, of the case just before, have moved. Schedules that
a case gives by hand need not be frugal; their traffic is printed only.

Prints a line for each case, and closes with the number of cases and of failures;
failures go to standard error as well, and make the exit status 1.
"""

import argparse
import dataclasses
import itertools
import json
import os
import re
import subprocess
import sys

import numpy as np

from case_loop import run_cases
from epilogues import EPILOGUES
from half import STORAGE, bits_of, from_bits, load, save
from metal_cases import FAMILIES
from reference import group_norm, grouped_view

# Of x.
READS = {"single": 1, "looped": 2, "split": 2}
TOLERANCE = 1.02
DYNAMIC_TOLERANCE = 1.1  # of the bytes that kernels for known sizes move


class SimulationError(Exception):
    """A tool said no, or a kernel did what it must not."""


def run(*command, text):
    result = subprocess.run(command, input=text, capture_output=True, check=False)
    if result.returncode != 0:
        raise SimulationError(f"{command[0]}: {result.stderr.decode().strip()}")
    return result.stdout


# --- the module ----------------------------------------------------------------


def memref(shape, dtype):
    return "memref<" + "x".join([*("?" if s is None else str(s) for s in shape), dtype]) + ">"


def epilogue(case, shape):
    """The epilogue of the op, its inputs as arguments, and its region."""
    if not case.epilogue:
        return [], ""
    chosen, rank = EPILOGUES[case.epilogue], len(case.shape)
    dims = [f"d{i}" for i in range(rank)]
    inputs = [(f"%e{i}", memref([shape[d] for d in case.input_dims(kind)], case.dtype))
              for i, kind in enumerate(chosen.inputs)]
    maps = [f"affine_map<({', '.join(dims)}) -> "
            f"({', '.join(dims[d] for d in case.input_dims(kind))})>" for kind in chosen.inputs]
    text = " epilogue"
    if inputs:
        names, kinds = (", ".join(column) for column in zip(*inputs))
        text += f"({names} : {kinds} by [{', '.join(maps)}])"
    wide = case.dtype == "f32"
    arguments = ["%n: f32"] + [f"%{name}{'' if wide else '_half'}: {case.dtype}"
                               for name in "ab"[:len(inputs)]]
    body = chosen.body("f32")
    if not wide:
        body = "".join(f"\n    %{name} = arith.extf %{name}_half : {case.dtype} to f32"
                       for name in "ab"[:len(inputs)]) + body
    result = "%r"
    if case.out_type != "f32":
        result = "%narrow"
        body += f"\n    %narrow = arith.truncf %r : f32 to {case.out_type}"
    return inputs, (text + f" {{\n  ^bb0({', '.join(arguments)}):{body}"
                    f"\n    gn.yield {result} : {case.out_type}\n  }}")


def function(name, case):
    """The case as a function on memrefs."""
    rank = len(case.shape)
    dim = case.feature_dim % rank
    is_known = lambda i: i == dim or not (case.dynamic or case.dynamic_samples and i == 0)
    shape = [s if is_known(i) else None for i, s in enumerate(case.shape)]
    weight = memref([case.shape[dim]], case.weight_type)
    inputs = [("%x", memref(shape, case.dtype))]
    inputs += [("%gamma", weight), ("%beta", weight)] if case.affine else []
    extra, region = epilogue(case, shape)
    outputs = [("%y", memref(shape, case.out_type))]
    if case.statistics:
        saved = memref([shape[0], case.groups], "f32")
        outputs += [("%mean", saved), ("%rstd", saved)]
    attributes = [f"epsilon = {case.eps:.17e} : f64"]
    if case.pytorch_compatible:
        attributes.append("grouping = #gn.grouping<contiguous>")
    if case.outside_sqrt:
        attributes.append("epsilon_placement = #gn.epsilon_placement<outside_sqrt>")
    if dim != rank - 1:
        attributes.append(f"feature_dim = {dim} : i64")
    if case.schedule:
        attributes.append(f"gn.schedule = #gn.metal_schedule<{case.schedule}>")
    arguments = ", ".join(f"{value}: {kind}" for value, kind in [*inputs, *extra, *outputs])
    operands = [f"{', '.join(v for v, _ in values)} : {', '.join(t for _, t in values)}"
                for values in (inputs, outputs)]
    return f"""func.func @{name}({arguments}) {{
  gn.group_norm num_groups({case.groups}) ins({operands[0]}) outs({operands[1]}) {{{", ".join(attributes)}}}{region}
  return
}}
"""


def lower(cases, folder):
    """A file with the kernels of all cases, and the strategy of each kernel."""
    module = "".join(function(f"case_{i}", case) for i, case in enumerate(cases))
    # Bytecode keeps the names of values: these are the kernels that users see.
    lowered = run("groupnorm-opt", "--gn-select-metal-schedule", "--convert-gn-to-gpu",
                  "--prepare-for-msl", "--emit-bytecode", text=module.encode())
    path = os.path.join(folder, "kernels.mlirbc")
    with open(path, "wb") as file:
        file.write(lowered)
    text = run("groupnorm-translate", "--mlir-to-msl", text=lowered).decode()
    strategies, strategy = {}, None
    for line in text.splitlines():
        if match := re.match(r"// Strategy (\w+)", line):
            strategy = match.group(1)
        elif match := re.match(r"kernel void (\w+)\(", line):
            strategies[match.group(1)] = strategy
    return path, strategies


# --- the check -----------------------------------------------------------------


class Simulator:
    """The tool that runs the functions of one module."""

    def __init__(self, module, folder):
        self.folder = folder
        self.tool = subprocess.Popen(["groupnorm-simulate", module, "--folder", folder],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, name, inputs, outputs):
        """What the function wrote, as bits, for each way of running, and the
        report. Inputs are arrays with their types, outputs shapes."""
        arrays = inputs + [(np.zeros(shape, STORAGE[t]), t) for shape, t in outputs]
        stem = os.path.join(self.folder, name)
        for i, (array, dtype) in enumerate(arrays):
            save(f"{stem}.{i}.npy", array, dtype)
        print(name, file=self.tool.stdin, flush=True)
        answer = self.tool.stdout.readline()
        if not answer:
            raise SimulationError("groupnorm-simulate has ended")
        report = json.loads(answer)
        if "error" in report:
            raise SimulationError(report["error"])
        results = {way: [load(f"{stem}.{i + len(inputs)}.{way}.npy", dtype)
                         for i, (_, dtype) in enumerate(outputs)]
                   for way in ("checked", "reverse", "contracted")}
        for file in os.listdir(self.folder):
            if file.startswith(name + "."):
                os.remove(os.path.join(self.folder, file))
        return results, report


def worst(y, case, expected, limits):
    """The largest error, and the largest as a share of what the contract allows
    there; both infinite where y is not finite in the same places."""
    values = from_bits(y, case.out_type).astype(np.float64)
    finite = np.isfinite(expected)
    if not np.array_equal(np.isnan(values), np.isnan(expected)):
        return np.inf, np.inf
    error = np.abs(np.subtract(values, expected, where=finite, out=np.zeros(y.shape)))
    shares = np.divide(error, limits, where=finite, out=np.zeros(y.shape))
    return error.max(initial=0), shares.max(initial=0)


def saved_share(saved, case, x):
    """The largest error of the saved statistics, relative to the mean's scale and
    to rstd, as a share of 1e-6."""
    x = np.moveaxis(x.astype(np.float64), case.feature_dim, -1)
    worst_share = 0
    for sample, mean, rstd in zip(x, *saved):
        view, axes = grouped_view(sample, case.groups, case.pytorch_compatible)
        deviation = np.sqrt(view.var(axis=axes) + case.eps)
        errors = (np.abs(mean - view.mean(axis=axes)) / (np.abs(view).max() + deviation),
                  np.abs(rstd * deviation - 1))
        worst_share = max(worst_share, np.max(errors) / 1e-6)
    return worst_share


def check(number, case, simulator, strategies, moved_before):
    """Whether the case passes, and what to print of it. `moved_before` has the
    bytes of the case before this one."""
    x, gamma, beta = case.arrays()
    weights = [] if gamma is None else [(bits_of(w, case.weight_type), case.weight_type)
                                        for w in (gamma, beta)]
    extra = case.epilogue_inputs()
    inputs = [(bits_of(x, case.dtype), case.dtype), *weights,
              *((bits_of(e, case.dtype), case.dtype) for e in extra)]
    outputs = [(case.shape, case.out_type)]
    if case.statistics:
        outputs += [((case.shape[0], case.groups), "f32")] * 2
    with np.errstate(invalid="ignore"):
        expected = group_norm(x, case.groups, gamma, beta, **case.arguments())
    extra = case.along_x([e.astype(np.float64) for e in extra])
    if case.epilogue:
        expected = EPILOGUES[case.epilogue].apply(expected, *extra)
    limits = case.limits(expected, extra)
    results, report = simulator.run(f"case_{number}", inputs, outputs)

    findings = [f for way in results for f in report[way]["findings"]]
    error, share = np.max([worst(results[way][0], case, expected, limits)
                           for way in ("checked", "contracted")], axis=0)
    if case.statistics:
        share = max(share, *(saved_share(results[way][1:], case, x) for way in results))
    same = all(np.array_equal(a.view(np.uint8), b.view(np.uint8))
               for a, b in zip(results["checked"], results["reverse"]))

    kernels = report["checked"]["kernels"]
    strategy = strategies[kernels[-1]] if kernels else "none"
    x_bytes, y_bytes = (x.size * np.dtype(STORAGE[t]).itemsize for t in (case.dtype, case.out_type))
    once = READS.get(strategy, 0) * x_bytes + y_bytes
    moved = report["checked"]["read"] + report["checked"]["written"]
    moved -= sum(array.nbytes for array, _ in weights) * case.shape[0]
    twin = moved_before.get(dataclasses.replace(case, dynamic=False)) if case.dynamic else None
    allowed = DYNAMIC_TOLERANCE * twin if twin else TOLERANCE * once
    frugal = bool(case.schedule) or (case.dynamic and not twin) or case.epilogue or moved <= allowed
    moved_before.clear()
    moved_before[case] = moved
    text = (f"engine simulator: {strategy}, error {error:.2e}, {share:.0%} of what is allowed, "
            f"{len(findings)} findings, {'the same' if same else 'OTHER'} bits in reverse, "
            f"moved {moved / max(once, 1):.3f} of {READS.get(strategy, 0)} reads and 1 write"
            + (f", {moved / twin:.3f} of that for known sizes" if twin else ""))
    text = "; ".join([text, *findings])
    return share <= 1 and same and frugal and not findings, text


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("family", choices=sorted(FAMILIES))
    parser.add_argument("--folder", required=True)
    parser.add_argument("--tier", choices=("quick", "full"), default="quick")
    parser.add_argument("--match", default="")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    cases = [c for c in FAMILIES[options.family](options.tier) if options.match in str(c)]
    module, strategies = lower(cases, options.folder)
    simulator = Simulator(module, options.folder)
    numbers, moved = itertools.count(), {}
    status = run_cases(cases, lambda case: check(next(numbers), case, simulator, strategies, moved),
                       SimulationError)
    simulator.tool.stdin.close()
    simulator.tool.wait()
    sys.exit(status)


if __name__ == "__main__":
    main()
