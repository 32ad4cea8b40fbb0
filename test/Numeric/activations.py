"""Activations of numbers that are not usual: infinite, NaN, huge, subnormal.

usage: activations.py --folder FOLDER

gamma is 0, so that what the activation is applied to is beta. Prints a line for each
activation and type; the limits are relative to the result, and for GELU to the argument:
1 + erf cancels, and the exponential of a cube magnifies what rounding the cube costs.
"""

import argparse
import math
import os
import sys

import numpy as np

from driver import run_tool
from epilogues import ERF

SPECIAL = [np.inf, -np.inf, np.nan, 0.0, 1e-40, -1e-40, 1e-30, -1e-30, 3e38, -3e38, 1e30, -1e30, 1e19, -1e19,
           3e6, -3e6, 1024.0, -1024.0, 104.0, -104.0, 89.0, -89.0, 88.0, -88.0, 87.0, -87.0, 20.0, -20.0]
FEATURES = 64


def silu(v):
    return np.where(v < -800, -0.0, v / (1 + np.exp(-np.maximum(v, -700))))


def gelu_tanh(v):
    c = np.clip(v, -1e6, 1e6)
    e = np.exp(np.clip(-2 * math.sqrt(2 / math.pi) * (c + 0.044715 * c**3), -700, 700))
    return np.where(v < -30, -0.0, v / (1 + e))


EXACT = {"silu": silu, "relu": lambda v: np.maximum(v, 0), "leaky_relu": lambda v: np.where(v < 0, 0.01 * v, v),
         "gelu": lambda v: np.where(v < -30, -0.0, v / 2 * (1 + ERF(v / math.sqrt(2)))), "gelu_tanh": gelu_tanh}
# Relative to the result and to the argument, and what stands for zero.
LIMITS = {"f4": (4e-7, 1e-7, 1e-36), "f2": (1e-3, 1e-7, 1e-7)}


def run(folder, activation, kind, beta):
    path = lambda name: os.path.join(folder, name)
    x = np.random.default_rng(0).standard_normal((1, 8, FEATURES))
    for name, values in (("x", x), ("w", np.zeros(FEATURES)), ("b", beta)):
        np.save(path(name + ".npy"), values.astype(kind if name == "x" else "f4"))
    _, engine = run_tool(["groupnorm", "run", "--input", path("x.npy"), "--weight", path("w.npy"), "--bias", path("b.npy"),
                          "--num-groups", "4", "--activation", activation, "--out-dtype", {"f2": "f16", "f4": "f32"}[kind],
                          "-o", path("y.npy")])
    return np.load(path("y.npy")), engine


def check(folder, activation, kind):
    """The largest error in units of what is allowed, whether the rest is right, and
    the engine."""
    beta = np.array(SPECIAL + list(np.linspace(-9, 9, FEATURES - len(SPECIAL))), np.float32)
    y, engine = run(folder, activation, kind, beta)
    y = y.reshape(8, FEATURES)
    with np.errstate(all="ignore"):
        exact = EXACT[activation](beta.astype(np.float64))
        wanted = exact.astype(kind)
    if not all(row.tobytes() == y[0].tobytes() for row in y):
        return np.nan, False, engine
    finite = np.isfinite(wanted)
    good = np.array_equal(y[0][~finite], wanted[~finite], equal_nan=True)
    relative, argument, zero = LIMITS[kind]
    v = np.abs(np.where(np.isfinite(beta), beta, 0).astype(np.float64))
    allowed = relative * np.abs(exact) + zero + (argument * np.where(v < 30, v, 0) if "gelu" in activation else 0)
    error = np.abs(y[0][finite].astype(np.float64) - exact[finite])
    return float((error / allowed[finite]).max()), good, engine


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", required=True)
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    failed = False
    for kind in LIMITS:
        for activation in EXACT:
            worst, good, engine = check(options.folder, activation, kind)
            failed |= not (worst <= 1 and good)
            print(f"{activation} {kind}: engine {engine}, {worst:.2f} of what is allowed; not finite "
                  f"{'right' if good else 'WRONG'}")
    sys.exit(failed)


main()
