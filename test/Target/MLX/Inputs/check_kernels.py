"""The kernels of emitted modules, run by the modules' own Python.

usage: check_kernels.py FOLDER

Emits a module for each case and imports it with a stand-in for Metal that runs
kernels in the simulator's checked mode. The layer's result is compared with the
definition in f64, its gradients with those that MLX derives from
mlx.nn.GroupNorm, on the CPU. Prints a line a case; a failure makes the exit
status 1.
"""

import importlib.util
import os
import subprocess
import sys

import mlx.core as mx
import mlx.nn as nn
import numpy as np

from metal_kernel import MetalKernel

sys.path.append(os.path.join(os.path.dirname(__file__), "../../../Numeric"))
from reference import group_norm  # noqa: E402

DTYPES = {"f32": mx.float32, "f16": mx.float16, "bf16": mx.bfloat16}
# Half an ulp at 1.
ROUNDING = {"f32": 2.0**-24, "f16": 2.0**-11, "bf16": 2.0**-8}
SPLIT = "#gn.metal_schedule<strategy = split, threads = 64, groups = 4, chunk = 2, piece = 4>"
LOOPED = "#gn.metal_schedule<threads = 64, groups = 4, chunk = 2>"
SMALL = "#gn.metal_schedule<strategy = split, threads = 32, groups = 1, chunk = 2, piece = 4>"

# name, shape, further shapes of x, groups, dtype, contiguous, affine (or the type
# of the weight, if another), schedule
CASES = [
    ("single", "2x9x9x32", [(2, 9, 9, 32)], 8, "f32", False, True, None),
    ("looped", "2x100x24", [(2, 100, 24)], 4, "f16", True, False, LOOPED),
    ("split", "?x?x16", [(1, 90, 16), (3, 41, 16)], 4, "f32", False, True, SPLIT),
    ("split", "2x60x16", [(2, 60, 16)], 4, "bf16", True, True, SPLIT),
    # The weight and the bias in f32, and so the result.
    ("single", "2x8x32", [(2, 8, 32)], 4, "f16", False, "f32", None),
    ("looped", "2x70x24", [(2, 70, 24)], 4, "bf16", True, "f32", LOOPED),
    # Weights of four elements are in the constant address space, and so would
    # be the statistics of one group.
    ("split", "1x50x4", [(1, 50, 4)], 1, "f32", False, True, SMALL),
]


def emit(folder, number, case):
    _, shape, _, groups, dtype, contiguous, affine, schedule = case
    path = os.path.join(folder, f"module_{number}.py")
    command = ["groupnorm", "emit", "--shape", shape, "--dtype", dtype,
               "--num-groups", str(groups), "--emit=mlx", "-o", path]
    command += ["--pytorch-compatible"] if contiguous else []
    command += [] if affine else ["--no-affine"]
    command += ["--weight-dtype", affine] if affine in DTYPES else []
    command += ["--schedule", schedule] if schedule else []
    subprocess.run(command, check=True)
    spec = importlib.util.spec_from_file_location(f"module_{number}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module._has_gpu = lambda: True
    return module


def gradients(layer, x, weights):
    """By x and by the parameters, of a weighted sum of the result."""
    def total(parameters, x):
        layer.update(parameters)
        return mx.sum(layer(x).astype(mx.float32) * weights)

    by_parameters, by_x = mx.grad(total, argnums=(0, 1))(layer.trainable_parameters(), x)
    return {"x": by_x, **by_parameters}


def compare(name, case, module, shape):
    _, _, _, groups, dtype, contiguous, affine, _ = case
    rng = np.random.default_rng(0)
    x = mx.array(rng.standard_normal(shape).astype(np.float32)).astype(DTYPES[dtype])
    weight_dtype = affine if affine in DTYPES else dtype
    result_dtype = weight_dtype if affine else dtype
    arguments = dict(affine=bool(affine), pytorch_compatible=contiguous)
    ours = module.GroupNorm(groups, shape[-1], **arguments)
    theirs = nn.GroupNorm(groups, shape[-1], **arguments)
    gamma = beta = None
    if affine:
        gamma, beta = (mx.array(rng.standard_normal(shape[-1:]).astype(np.float32))
                       .astype(DTYPES[weight_dtype]) for _ in range(2))
        for layer in (ours, theirs):
            layer.weight, layer.bias = gamma, beta
    before = MetalKernel.calls
    y = ours(x)
    launched = MetalKernel.calls - before
    wide = [None if a is None else np.array(a.astype(mx.float32)) for a in (x, gamma, beta)]
    expected = group_norm(wide[0], groups, *wide[1:], pytorch_compatible=contiguous)
    error = np.abs(np.array(y.astype(mx.float32)) - expected).max()
    scale = np.abs(wide[1]).max() if affine else 1
    limit = 4e-6 * scale + ROUNDING[result_dtype] * np.abs(expected).max()
    promoted = theirs(x).dtype

    # MLX derives them in f32; the layer's are rounded to its type.
    weights = mx.array(rng.standard_normal(shape).astype(np.float32))
    found = gradients(ours, x, weights)
    theirs.set_dtype(mx.float32)
    wanted = gradients(theirs, x.astype(mx.float32), weights)
    gradient_error = max(
        float(mx.max(mx.abs(found[key].astype(mx.float32) - wanted[key])))
        / float(mx.max(mx.abs(wanted[key])))
        for key in wanted)
    gradient_limit = 1e-5 + 2 * ROUNDING[dtype]
    passed = (y.dtype == promoted == DTYPES[result_dtype] and y.shape == x.shape
              and launched > 0
              and error <= limit and found.keys() == wanted.keys()
              and gradient_error <= gradient_limit)
    types = dtype if result_dtype == dtype else f"{dtype} weight {weight_dtype}"
    print(f"{'pass' if passed else 'FAIL'} {name} {'x'.join(map(str, shape))} {types} "
          f"-- engine simulator: {launched} kernels, error {error:.1e}, limit {limit:.1e}; "
          f"gradients {gradient_error:.1e}, limit {gradient_limit:.1e}")
    return passed


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    mx.set_default_device(mx.cpu)
    mx.fast.metal_kernel = MetalKernel
    failures = 0
    for number, case in enumerate(CASES):
        module = emit(folder, number, case)
        for shape in case[2]:
            failures += not compare(case[0], case, module, shape)
    print(f"{failures} failures")
    sys.exit(failures != 0)


if __name__ == "__main__":
    main()
