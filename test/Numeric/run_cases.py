"""Runs families of numeric cases through the driver against the reference.

usage: run_cases.py --folder FOLDER [--tier quick|full] [--match TEXT] FAMILY...

Prints a line for each case, with the engine that ran, the error and its limit,
and closes with the number of cases and of failures; failures go to standard
error as well, and make the exit status 1. --match runs only the cases whose line contains the text.
"""

import argparse
import dataclasses
import sys

import numpy as np

from cases import FAMILIES
from driver import Driver, DriverError
from reference import group_norm

THREADS = (1, 2, 7)


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
    """Whether the case holds, and what to print of it."""
    x, gamma, beta = case.input()
    y, engine = driver.run(x, case.groups, gamma, beta, threads=case.threads, **case.arguments())
    with np.errstate(invalid="ignore"):
        expected = group_norm(x, case.groups, gamma, beta, **case.arguments())
    error, limit = largest_error(y, expected), case.limit(expected)
    return error <= limit, f"engine {engine}: error {error:.2e}, limit {limit:.2e}"


def check_threads(case, driver):
    """As check, for each number of threads, and the same bits from all."""
    bits = set()
    for threads in THREADS:
        good, text = check(dataclasses.replace(case, threads=threads), driver)
        x, gamma, beta = case.input()
        y, _ = driver.run(x, case.groups, gamma, beta, threads=threads, **case.arguments())
        bits.add(y.tobytes())
        if not good:
            return False, f"{text} at {threads} threads"
    counts = ", ".join(map(str, THREADS))
    if len(bits) != 1:
        return False, f"{text}; {len(bits)} different results from {counts} threads"
    return True, f"{text}; same bits from {counts} threads"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("families", nargs="+", choices=sorted(FAMILIES), metavar="FAMILY")
    parser.add_argument("--folder", required=True)
    parser.add_argument("--tier", choices=("quick", "full"), default="quick")
    parser.add_argument("--match", default="")
    options = parser.parse_args()
    driver = Driver(options.folder)
    total = failures = 0
    for family in options.families:
        checker = check_threads if family == "threads" else check
        for case in FAMILIES[family](options.tier):
            if options.match not in str(case):
                continue
            try:
                good, text = checker(case, driver)
            except DriverError as error:
                good, text = False, str(error)
            total, failures = total + 1, failures + (not good)
            print("pass" if good else "FAIL", case, "--", text, flush=True)
            if not good:
                print("FAIL", case, "--", text, file=sys.stderr)
    print(f"{total} cases, {failures} failures")
    sys.exit(1 if failures or not total else 0)


main()
