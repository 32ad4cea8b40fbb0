"""exp, tanh and erf as the pipelines expand them, and sums with 1 that are expanded
as a whole, against NumPy and math in f64.

usage: elementary.py --folder FOLDER [--tier full]

Prints a line for each function and type with the largest error in units in the
last place, and checks infinities, NaN, zeros and subnormal results. Sums of f32 are
computed once by loops over scalars, and once by an epilogue's vectors, which may do
it otherwise. 1 + erf is exact to a few units of 1, however small it is. The full tier
goes through every f32 of exp and tanh whose result is not x, 1, infinite or subnormal.
"""

import argparse
import math
import os
import sys

import numpy as np

from driver import run_tool
from epilogues import ERF

LIMITS = {"f32": 2.0, "f64": 8.0}
# A sum has a rounding of its own, and 1 + tanh a division.
SUM_LIMITS = {"f32": 4.0, "f64": 8.0}
NUMPY = {"f32": np.float32, "f64": np.float64}
RANGES = {"exp": {"f32": (-87.3, 88.7), "f64": (-708, 709)}, "tanh": {"f32": (-12, 12), "f64": (-22, 22)},
          "erf": {"f32": (-5, 5), "f64": (-6.5, 6.5)}, "exp + 1": {"f32": (-120, 88.7), "f64": (-800, 709)},
          "tanh + 1": {"f32": (-43, 12), "f64": (-350, 22)}, "erf + 1": {"f32": (-7, 7), "f64": (-7, 7)}}
EXACT = {"exp": np.exp, "tanh": np.tanh, "erf": ERF,
         "exp + 1": lambda x: np.exp(x) + 1, "tanh + 1": lambda x: 2 / (np.exp(-2 * x) + 1),
         "erf + 1": np.vectorize(lambda x: math.erfc(-x), otypes=[np.float64])}
# x and f(x) where no error is allowed.
SPECIAL = {"exp": [(np.inf, np.inf), (-np.inf, 0.0), (0.0, 1.0), (-0.0, 1.0), (800.0, np.inf), (-800.0, 0.0)],
           "tanh": [(np.inf, 1.0), (-np.inf, -1.0), (0.0, 0.0), (-0.0, -0.0), (50.0, 1.0), (-50.0, -1.0)],
           "erf": [(np.inf, 1.0), (-np.inf, -1.0), (0.0, 0.0), (-0.0, -0.0), (50.0, 1.0), (-50.0, -1.0)],
           "exp + 1": [(np.inf, np.inf), (-np.inf, 1.0), (0.0, 2.0), (-0.0, 2.0), (800.0, np.inf), (-800.0, 1.0)],
           "tanh + 1": [(np.inf, 2.0), (-np.inf, 0.0), (0.0, 1.0), (-0.0, 1.0), (50.0, 2.0), (-500.0, 0.0)],
           "erf + 1": [(np.inf, 2.0), (-np.inf, 0.0), (0.0, 1.0), (-0.0, 1.0), (50.0, 2.0), (-50.0, 0.0)]}

MODULE = """#id = affine_map<(i) -> (i)>
func.func @f(%x: tensor<SIZExTYPE>) -> tensor<SIZExTYPE> {
  %init = tensor.empty() : tensor<SIZExTYPE>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
    ins(%x : tensor<SIZExTYPE>) outs(%init : tensor<SIZExTYPE>) {
  ^bb0(%e: TYPE, %o: TYPE):
    %f = math.NAME %e : TYPE
SUM
    linalg.yield %v : TYPE
  } -> tensor<SIZExTYPE>
  return %y : tensor<SIZExTYPE>
}
"""


SUM = """    %one = arith.constant 1.0 : TYPE
    %v = arith.addf %f, %one : TYPE"""


# gamma is 0, so that the epilogue is applied to beta.
EPILOGUE = """func.func @f(%x: tensor<1x1xSIZExTYPE>, %g: tensor<SIZExTYPE>, %b: tensor<SIZExTYPE>) -> tensor<1x1xSIZExTYPE> {
  %init = tensor.empty() : tensor<1x1xSIZExTYPE>
  %y = gn.group_norm num_groups(1) ins(%x, %g, %b : tensor<1x1xSIZExTYPE>, tensor<SIZExTYPE>, tensor<SIZExTYPE>)
    outs(%init : tensor<1x1xSIZExTYPE>) epilogue {
  ^bb0(%e: TYPE):
    %f = math.NAME %e : TYPE
SUM
    gn.yield %v : TYPE
  } -> tensor<1x1xSIZExTYPE>
  return %y : tensor<1x1xSIZExTYPE>
}
"""


def run(folder, name, kind, x, in_epilogue=False):
    function, _, one = name.partition(" + ")
    module = EPILOGUE if in_epilogue else MODULE
    body = module.replace("SUM", SUM) if one else module.replace("SUM\n", "").replace("%f =", "%v =")
    path = lambda file: os.path.join(folder, file)
    inputs = (np.zeros((1, 1, x.size), x.dtype), np.zeros_like(x), x) if in_epilogue else (x,)
    flags = []
    for number, values in enumerate(inputs):
        np.save(path(f"x{number}.npy"), values)
        flags += ["--input", path(f"x{number}.npy")]
    with open(path("f.mlir"), "w", encoding="utf-8") as file:
        file.write(body.replace("SIZE", str(x.size)).replace("TYPE", kind).replace("NAME", function))
    run_tool(["groupnorm", "run", path("f.mlir"), *flags, "-o", path("y.npy")])
    return np.load(path("y.npy")).reshape(x.shape)


def check(folder, name, kind, in_epilogue=False):
    """The largest error in the range, and whether the special values are right."""
    dtype, (low, high) = NUMPY[kind], RANGES[name][kind]
    rng = np.random.default_rng(1)
    count = 200000 if "erf" in name or in_epilogue else 2000000
    x = np.concatenate([rng.uniform(low, high, count), rng.uniform(-1.5, 1.5, count),
                        rng.choice([-1, 1], count // 4) * 10.0 ** rng.uniform(-30, 0, count // 4)]).astype(dtype)
    x = x[(x >= low) & (x <= high)]
    special = np.array([pair[0] for pair in SPECIAL[name]] + [np.nan] + ([-95.0] if kind == "f32" else [-740.0]), dtype)
    y = run(folder, name, kind, np.concatenate([x, special, np.ones(-(x.size + special.size) % 16, dtype)]), in_epilogue)
    y = y[: x.size + special.size]
    # f64 is its own measure: NumPy's functions are within an ulp.
    with np.errstate(over="ignore"):
        exact = EXACT[name](x.astype(np.float64))
    unit = np.spacing(np.abs(exact.astype(dtype))).astype(np.float64)
    if name == "erf + 1":
        unit = np.maximum(unit, np.spacing(dtype(0.5)))
    worst = float((np.abs(y[: x.size].astype(np.float64) - exact) / unit).max())
    found, last = y[x.size : -2], y[-2:]
    wanted = np.array([pair[1] for pair in SPECIAL[name]], dtype)
    good = found.tobytes() == wanted.tobytes() and np.isnan(last[0])
    if name == "exp":
        subnormal = np.exp(special[-1].astype(np.float64))
        smallest = np.finfo(dtype).smallest_subnormal
        good &= bool(abs(float(last[1]) - subnormal) <= 2 * float(smallest))
    return worst, bool(good)


# The least and the greatest magnitude, and whether signs differ in more than sign.
EVERY = {"exp": (2.0**-26, 88.7, True), "tanh": (2.0**-13, 9.1, False)}


def check_every(folder, name):
    """The largest error over all f32 in the range."""
    low, high, signed = EVERY[name]
    first, last = (int(np.float32(limit).view(np.int32)) for limit in (low, high))
    worst, step = 0.0, 1 << 24
    for start in range(first, last, step):
        positive = np.arange(start, min(start + step, last), dtype=np.int32).view(np.float32)
        for x in (positive, -positive[positive < 87.3]) if signed else (positive,):
            exact = EXACT[name](x.astype(np.float64))
            error = np.abs(run(folder, name, "f32", x).astype(np.float64) - exact)
            worst = max(worst, float((error / np.spacing(exact.astype(np.float32))).max()) if x.size else 0)
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", required=True)
    parser.add_argument("--tier", choices=["quick", "full"], default="quick")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    failed = False
    for kind in LIMITS:
        for name in EXACT:
            limit = (SUM_LIMITS if "+" in name else LIMITS)[kind]
            worst, good = check(options.folder, name, kind)
            failed |= worst > limit or not good
            print(f"{name} {kind}: {worst:.2f} ulp, limit {limit:g}; special values {'right' if good else 'WRONG'}")
    for name in EXACT:
        if "+" in name:
            worst, good = check(options.folder, name, "f32", in_epilogue=True)
            failed |= worst > SUM_LIMITS["f32"] or not good
            print(f"{name} f32 in an epilogue: {worst:.2f} ulp, limit {SUM_LIMITS['f32']:g}; "
                  f"special values {'right' if good else 'WRONG'}")
    for name in EVERY if options.tier == "full" else ():
        worst = check_every(options.folder, name)
        failed |= worst > LIMITS["f32"]
        print(f"{name} f32, every number: {worst:.3f} ulp, limit {LIMITS['f32']:g}")
    sys.exit(failed)


main()
