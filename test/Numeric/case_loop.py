"""The loop over cases that the numeric tests share."""

import argparse
import os
import sys


def main(description, cases, error_type):
    """A script of cases that check themselves in a folder: runs those that
    `cases` yields for a tier."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--folder", required=True)
    parser.add_argument("--tier", choices=("quick", "full"), default="quick")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    sys.exit(run_cases(cases(options.tier), lambda case: case.check(options.folder), error_type))


def run_cases(cases, check, error_type):
    """Prints a line for each case, failures to standard error as well, and
    closes with their numbers. `check` returns whether a case is right and what
    to print of it; an `error_type` that it raises is a failure. Returns the exit
    status: a failure, or nothing to run, is 1."""
    total = failures = 0
    for case in cases:
        try:
            good, text = check(case)
        except error_type as error:
            good, text = False, str(error)
        total, failures = total + 1, failures + (not good)
        print("pass" if good else "FAIL", case, "--", text, flush=True)
        if not good:
            print("FAIL", case, "--", text, file=sys.stderr)
    print(f"{total} cases, {failures} failures")
    return 1 if failures or not total else 0
