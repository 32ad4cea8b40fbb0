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
    body: str  # of %n and of %a, %b; defines %r, in f32
    apply: object  # the same in f64
    inputs: tuple = ()
    # By how much it can make an error of the normalized value larger.
    gain: object = lambda *inputs: 1


def sigmoid(x):
    # Without overflow on either side.
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


ERF = np.vectorize(math.erf, otypes=[np.float64])

EPILOGUES = {
    "silu": Epilogue("""
    %one = arith.constant 1.0 : f32
    %0 = arith.negf %n : f32
    %1 = math.exp %0 : f32
    %2 = arith.addf %1, %one : f32
    %r = arith.divf %n, %2 : f32""", lambda n: n * sigmoid(n), gain=lambda: 1.1),
    "relu": Epilogue("""
    %zero = arith.constant 0.0 : f32
    %r = arith.maximumf %n, %zero : f32""", lambda n: np.maximum(n, 0)),
    "leaky-relu": Epilogue("""
    %zero = arith.constant 0.0 : f32
    %slope = arith.constant 0.01 : f32
    %0 = arith.mulf %n, %slope : f32
    %1 = arith.cmpf ogt, %n, %zero : f32
    %r = arith.select %1, %n, %0 : f32""", lambda n: np.where(n > 0, n, np.float32(0.01) * n)),
    "gelu": Epilogue("""
    %half = arith.constant 0.5 : f32
    %one = arith.constant 1.0 : f32
    %root = arith.constant 0.707106769 : f32
    %0 = arith.mulf %n, %root : f32
    %1 = math.erf %0 : f32
    %2 = arith.addf %1, %one : f32
    %3 = arith.mulf %n, %half : f32
    %r = arith.mulf %3, %2 : f32""", lambda n: 0.5 * n * (1 + ERF(n / math.sqrt(2))), gain=lambda: 1.2),
    "gelu-tanh": Epilogue("""
    %half = arith.constant 0.5 : f32
    %one = arith.constant 1.0 : f32
    %c = arith.constant 0.044715 : f32
    %root = arith.constant 0.797884583 : f32
    %0 = arith.mulf %n, %n : f32
    %1 = arith.mulf %0, %c : f32
    %2 = math.fma %1, %n, %n : f32
    %3 = arith.mulf %2, %root : f32
    %4 = math.tanh %3 : f32
    %5 = arith.addf %4, %one : f32
    %6 = arith.mulf %n, %half : f32
    %r = arith.mulf %6, %5 : f32""", lambda n: 0.5 * n * (1 + np.tanh(
        math.sqrt(2 / math.pi) * (n + 0.044715 * n**3))), gain=lambda: 1.2),
    "residual": Epilogue("""
    %r = arith.addf %n, %a : f32""", lambda n, a: n + a, ("x",)),
    "row-column": Epilogue("""
    %0 = arith.addf %n, %a : f32
    %r = arith.addf %0, %b : f32""", lambda n, a, b: n + a + b, ("row", "column")),
    "scale-shift": Epilogue("""
    %one = arith.constant 1.0 : f32
    %0 = arith.addf %a, %one : f32
    %r = math.fma %n, %0, %b : f32""", lambda n, a, b: n * (1 + a) + b,
                            ("features", "features"),
                            gain=lambda a, b: np.maximum(1, np.abs(1 + a))),
}
