"""Epilogues of the numeric tests: each as the body of an op's region and as NumPy,
in f64, and the inputs that it takes.

An input is named by what it is: "x" has the shape of x, "features" is one number
for each feature of each sample, "row" one for each sample and place along the first
spatial dimension, "column" one for each place along the last one and each feature.
"""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Epilogue:
    text: str  # of %n and of %a, %b, all of the compute type T; defines %r
    apply: object  # the same in f64
    inputs: tuple = ()
    # By how much it can make an error of the normalized value larger.
    gain: object = lambda *inputs: 1

    def body(self, compute):
        """The text for a compute type."""
        return self.text.replace(": T", ": " + compute)


def sigmoid(x):
    # Without overflow on either side.
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


ERF = np.vectorize(math.erf, otypes=[np.float64])
HALVED = """
    %half = arith.constant 0.5 : T
    %one = arith.constant 1.0 : T
    %h = arith.mulf %n, %half : T
    %u = arith.addf %t, %one : T
    %r = arith.mulf %h, %u : T"""
# By the names that `groupnorm --activation` has for them, but for a slope that every
# type holds.
ACTIVATIONS = {
    "silu": Epilogue("""
    %one = arith.constant 1.0 : T
    %m = arith.negf %n : T
    %e = math.exp %m : T
    %d = arith.addf %e, %one : T
    %r = arith.divf %n, %d : T""", lambda n: n * sigmoid(n), gain=lambda: 1.1),
    "relu": Epilogue("""
    %zero = arith.constant 0.0 : T
    %r = arith.maximumf %n, %zero : T""", lambda n: np.maximum(n, 0)),
    "leaky_relu": Epilogue("""
    %zero = arith.constant 0.0 : T
    %slope = arith.constant 0.125 : T
    %below = arith.mulf %n, %slope : T
    %is = arith.cmpf ogt, %n, %zero : T
    %r = arith.select %is, %n, %below : T""", lambda n: np.where(n > 0, n, n / 8)),
    "gelu": Epilogue("""
    %root = arith.constant 0.70710678118654752440 : T
    %q = arith.mulf %n, %root : T
    %t = math.erf %q : T""" + HALVED, lambda n: n / 2 * (1 + ERF(n * math.sqrt(0.5))), gain=lambda: 1.2),
    "gelu_tanh": Epilogue("""
    %c0 = arith.constant 0.79788456080286535588 : T
    %c1 = arith.constant 0.044715 : T
    %n2 = arith.mulf %n, %n : T
    %k = arith.mulf %n2, %c1 : T
    %p = math.fma %k, %n, %n : T
    %q = arith.mulf %p, %c0 : T
    %t = math.tanh %q : T""" + HALVED,
                          lambda n: n / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (n + 0.044715 * n**3))),
                          gain=lambda: 1.2),
}

EPILOGUES = ACTIVATIONS | {
    "residual": Epilogue("""
    %r = arith.addf %n, %a : T""", lambda n, a: n + a, ("x",)),
    "row-column": Epilogue("""
    %0 = arith.addf %n, %a : T
    %r = arith.addf %0, %b : T""", lambda n, a, b: n + a + b, ("row", "column")),
    "scale-shift": Epilogue("""
    %one = arith.constant 1.0 : T
    %0 = arith.addf %a, %one : T
    %r = math.fma %n, %0, %b : T""", lambda n, a, b: n * (1 + a) + b,
                            ("features", "features"),
                            gain=lambda a, b: np.maximum(1, np.abs(1 + a))),
}
