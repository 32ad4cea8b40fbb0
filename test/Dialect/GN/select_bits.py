"""What decides the bits of a result must be chosen alike for every number of threads.

usage: select_bits.py FOLDER

Asks the policy for schedules of many shapes, of some of which a cache of a core
holds samples, or tiles or parts of them, for several targets and numbers of
threads, and compares the fields that decide bits.
"""

import os
import random
import re
import subprocess
import sys

TARGETS = ["vector-bits=512 l2-size=2097152 l3-size=33554432",
           "vector-bits=512 l2-size=1048576 l3-size=268435456",
           "vector-bits=256 l2-size=2097152 l3-size=33554432",
           "vector-bits=256 l2-size=524288 l3-size=16777216",
           "vector-bits=128 l2-size=1048576 l3-size=8388608"]
THREADS = ["threads=1", "threads=2", "threads=3", "threads=8", "threads=16", "threads=64",
           "threads=300", "cores=2", "cores=40"]
DEFAULTS = {"strategy": "split", "vector": "16", "chunk": "64", "piece": "0", "flatten": "1"}
SHAPES = 600


def make_op(rng):
    """One op of a function's, on memory that is not there, and its type."""
    groups = rng.choice([1, 2, 8, 32, 32, 32])
    features = groups * rng.choice([1, 2, 3, 4, 10, 16, 20, 32, 40, 60, 64, 80, 96, 256])
    samples = rng.choice([1, 1, 2, 2, 3, 4, 8, 15, 16, 20, 32])
    side = rng.choice([1, 5, 7, 8, 12, 14, 16, 56, 64, 128])
    if rng.random() < 0.5:
        # Samples about as large as a cache of a core.
        groups, features, side = 32, 32 * rng.choice([16, 20, 30, 32]), rng.choice([24, 28, 32])
    element = rng.choice(["f32", "f32", "f32", "f16", "bf16", "f64"])
    first = rng.random() < 0.2
    sizes = [samples, features, side, side] if first else [samples, side, side, features]
    memory = "x".join(map(str, sizes)) + "x" + element
    attributes = ["feature_dim = 1 : i64"] if first else []
    if rng.random() < 0.6:
        attributes.append("grouping = #gn.grouping<contiguous>")
    op = (f"gn.group_norm num_groups({groups}) ins(%x : memref<{memory}>) "
          f"outs(%x : memref<{memory}>) {{{', '.join(attributes)}}}")
    return memory, first, op


def get_bits(schedule, first):
    """Its fields that decide bits: the strategy too where features are first."""
    fields = DEFAULTS | dict(re.findall(r"(\w+) = ([\w-]+)", schedule))
    return {name: fields[name] for name in DEFAULTS if first or name != "strategy"}


def main():
    rng = random.Random(1)
    ops = [make_op(rng) for _ in range(SHAPES)]
    path = os.path.join(sys.argv[1], "shapes.mlir")
    os.makedirs(sys.argv[1], exist_ok=True)
    with open(path, "w") as file:
        for i, (memory, _, op) in enumerate(ops):
            file.write(f"func.func @f{i}(%x: memref<{memory}>) {{\n  {op}\n  return\n}}\n")
    failures = strategies = 0
    for target in TARGETS:
        found = []
        for threads in THREADS:
            text = subprocess.run(
                ["groupnorm-opt", path, f"--gn-select-schedule={target} {threads}"],
                capture_output=True, text=True, check=True).stdout
            found.append(re.findall(r"gn\.schedule = #gn\.cpu_schedule<([^>]*)>", text))
            assert len(found[-1]) == SHAPES
        for i, (memory, first, op) in enumerate(ops):
            schedules = [of_threads[i] for of_threads in found]
            bits = [get_bits(schedule, first) for schedule in schedules]
            strategies += len({"strategy = sample" in schedule for schedule in schedules}) > 1
            if any(other != bits[0] for other in bits):
                failures += 1
                print(f"FAIL {target}: {op}", *zip(THREADS, schedules), sep="\n  ",
                      file=sys.stderr)
    print(f"{SHAPES} shapes, {len(TARGETS)} targets, {len(THREADS)} numbers of threads: "
          f"{failures} failures; the strategy differs {strategies} times")
    sys.exit(failures != 0)


main()
