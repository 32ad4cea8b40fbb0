"""Runs families of numeric cases through the driver against the reference.

usage: run_cases.py --folder FOLDER [--tier quick|full] [--match TEXT] FAMILY...

Prints a line for each case, with the engine that ran, the error and its limit,
and closes with the number of cases and of failures; failures go to standard
error as well, and make the exit status 1. --match runs only the cases whose line contains the text.
"""

import argparse
import sys

import numpy as np

from case_loop import run_cases
from cases import FAMILIES
from driver import Driver, DriverError
from reference import group_norm

def largest_error(y, expected):
    """max |y - expected|; infinite where shape, type or the places of what is
    not finite differ."""
    if y.shape != expected.shape or y.dtype != np.float32:
        return np.inf
    if y.size == 0:
        return 0.0
    finite = np.isfinite(expected)
    if not np.array_equal(np.isnan(y), ~finite):
        return np.inf
    difference = np.subtract(y, expected, dtype=np.float64, where=finite, out=np.zeros(y.shape))
    return float(np.abs(difference).max())


def check(case, driver):
    """Whether each of the case's thread counts gives the right result, and all
    the same bits; and what to print of it."""
    x, gamma, beta = case.input()
    with np.errstate(invalid="ignore"):
        expected = group_norm(x, case.groups, gamma, beta, **case.arguments())
    limit, errors, bits, engines = case.limit(expected), [], set(), set()
    for threads in case.threads:
        y, engine = driver.run(x, case.groups, gamma, beta, threads=threads, **case.arguments())
        errors.append(largest_error(y, expected))
        bits.add(y.tobytes())
        engines.add(engine)
    text = f"engine {' '.join(engines)}: error {max(errors):.2e}, limit {limit:.2e}"
    if len(case.threads) > 1:
        text += f"; {len(bits)} distinct result(s)"
    return max(errors) <= limit and len(bits) == 1, text


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("families", nargs="+", choices=sorted(FAMILIES), metavar="FAMILY")
    parser.add_argument("--folder", required=True)
    parser.add_argument("--tier", choices=("quick", "full"), default="quick")
    parser.add_argument("--match", default="")
    options = parser.parse_args()
    driver = Driver(options.folder)
    cases = (case for family in options.families for case in FAMILIES[family](options.tier)
             if options.match in str(case))
    sys.exit(run_cases(cases, lambda case: check(case, driver), DriverError))


main()
