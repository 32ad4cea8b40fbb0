"""Runs printed Metal kernels in the simulator's checked mode, against NumPy.

usage: simulate.py --folder FOLDER

For each case gn.group_norm is lowered to GPU kernels, printed as Metal text, and
launched as the launch description says. The case passes if no kernel has a
finding, the result is within its limit of the definition in f64, and x and y are
read and written as often as the strategy allows. Prints a line for each case and
closes with the number of cases and of failures, which make the exit status 1.
"""

import argparse
import json
import os
import re
import subprocess
import sys

import numpy as np

from reference import group_norm

MLIR_TYPES = {"f32": np.float32, "f16": np.float16}
# Reads and writes of x and y, each as a multiple of the tensor's size.
TRAFFIC = {"single": (1.02, 1.02), "looped": (2.02, 1.02), "split": (2.02, 1.02)}

# strategy, further fields, shape, groups, contiguous, type, mean, affine
CASES = [
    ("single", "threads = 128", (2, 16, 16, 64), 8, False, "f32", 0, True),
    ("single", "threads = 128", (2, 16, 16, 64), 8, True, "f32", 1e4, True),
    ("single", "threads = 64", (3, 7, 5, 24), 3, True, "f16", 600, False),
    ("looped", "threads = 128, chunk = 4", (2, 24, 24, 32), 4, False, "f32", 1e4, True),
    ("looped", "threads = 64, chunk = 2", (1, 333, 10), 5, True, "f32", 0, True),
    ("looped", "threads = 64, chunk = 2", (2, 100, 40), 4, False, "f16", 600, True),
    ("split", "threads = 64, chunk = 2, piece = 8", (1, 48, 48, 32), 4, False, "f32", 100, True),
    ("split", "threads = 64, chunk = 2, piece = 8", (2, 1000, 12), 3, True, "f32", 0, False),
]


def run(*command, text=None):
    result = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"{command[0]}: {(result.stderr or result.stdout).strip()}")
    return result.stdout


def module(strategy, fields, shape, groups, contiguous, dtype, affine):
    x = f"memref<{'x'.join(map(str, shape))}x{dtype}>"
    weight = f"memref<{shape[-1]}x{dtype}>"
    inputs, types = ("%x, %g, %b", f"{x}, {weight}, {weight}") if affine else ("%x", x)
    grouping = "contiguous" if contiguous else "interleaved"
    schedule = f"#gn.metal_schedule<strategy = {strategy}, groups = {groups}, {fields}>"
    return f"""func.func @gn(%x: {x}, %g: {weight}, %b: {weight}, %y: {x}) {{
  gn.group_norm num_groups({groups}) ins({inputs} : {types}) outs(%y : {x})
    {{grouping = #gn.grouping<{grouping}>, gn.schedule = {schedule}}}
  return
}}"""


def launch(folder, text, launches, arrays):
    """Runs the kernels in order. Returns y and the bytes of x read and of y
    written."""
    source = os.path.join(folder, "kernels.metal")
    with open(source, "w", encoding="ascii") as file:
        file.write(text)
    buffers = {buffer["name"]: buffer for buffer in launches["buffers"]}
    files = {name: os.path.join(folder, name + ".npy") for name in buffers}
    for name, array in arrays.items():
        np.save(files[name], array)
    read = written = 0
    for kernel in launches["kernels"]:
        command = ["groupnorm-msl-run", source, "--check", "--kernel", kernel["name"],
                   "--grid", "x".join(map(str, kernel["threadgroups"])),
                   "--threadgroup", "x".join(map(str, kernel["threads_per_threadgroup"]))]
        for position, argument in enumerate(kernel["arguments"]):
            buffer = buffers[argument["buffer"]]
            path = files[buffer["name"]]
            if argument["access"] == "read":
                command += ["--buffer", f"{position}={path}"]
                continue
            # float4 is four numbers in a row.
            lanes = 4 if buffer["type"].endswith("4") else 1
            size = buffer["elements"] * lanes
            kind = {4: "f32", 2: "f16"}[buffer["element_bytes"] // lanes]
            command += ["--buffer", f"{position}=out:{kind}[{size}]", "-o", f"{position}={path}"]
        report = run(*command)
        if "0 findings" not in report:
            raise RuntimeError(report)
        for name, reads, writes in re.findall(r"^(\w+): (\d+) bytes read, (\d+) written",
                                              report, re.MULTILINE):
            read += int(reads) if name == "x" else 0
            written += int(writes) if name == "y" else 0
    return np.load(files["y"]), read, written


def check(folder, strategy, fields, shape, groups, contiguous, dtype, mean, affine):
    rng = np.random.default_rng(0)
    x = (rng.standard_normal(shape) + mean).astype(MLIR_TYPES[dtype])
    gamma, beta = (rng.standard_normal(shape[-1]).astype(x.dtype) for _ in range(2))
    arrays = {"x": x, **({"gamma": gamma, "beta": beta} if affine else {})}
    lowered = run("groupnorm-opt", "--convert-gn-to-gpu", "--prepare-for-msl",
                  text=module(strategy, fields, shape, groups, contiguous, dtype, affine))
    text = run("groupnorm-translate", "--mlir-to-msl", text=lowered)
    (launches,) = json.loads(run("groupnorm-translate", "--mlir-to-msl-launch", text=lowered))
    y, read, written = launch(folder, text, launches, arrays)

    expected = group_norm(x, groups, *((gamma, beta) if affine else (None, None)),
                          pytorch_compatible=contiguous)
    error = np.abs(y.reshape(shape).astype(np.float64) - expected).max()
    scale = np.abs(gamma).max() if affine else 1
    limit = 4e-6 * scale
    if dtype == "f16":
        limit += 0.5 * np.spacing(np.abs(expected).max().astype(np.float16)).astype(np.float64)
    reads, writes = read / x.nbytes, written / x.nbytes
    passed = error <= limit and reads <= TRAFFIC[strategy][0] and writes <= TRAFFIC[strategy][1]
    grouping = "contiguous" if contiguous else "interleaved"
    print(f"{'pass' if passed else 'FAIL'} {strategy} {'x'.join(map(str, shape))} G={groups} "
          f"{grouping} {dtype} mean {mean:g} -- engine simulator: error {error:.2e}, limit "
          f"{limit:.2e}; x read {reads:.3f} times, y written {writes:.3f} times, no finding")
    return passed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", required=True)
    arguments = parser.parse_args()
    os.makedirs(arguments.folder, exist_ok=True)
    failures = 0
    for case in CASES:
        try:
            failures += not check(arguments.folder, *case)
        except RuntimeError as error:
            print(f"FAIL {case[0]} {case[2]}: {error}")
            failures += 1
    print(f"{len(CASES)} cases, {failures} failures")
    sys.exit(failures != 0)


if __name__ == "__main__":
    main()
