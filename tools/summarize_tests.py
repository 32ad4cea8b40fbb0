"""Closes a test run: what did not pass, then "N passed, N failed".

usage: summarize_tests.py RESULTS, a file that lit's --output wrote
"""

import json
import sys

with open(sys.argv[1]) as file:
    tests = json.load(file)["tests"]
passed = [t for t in tests if t["code"] == "PASS"]
unsupported = [t for t in tests if t["code"] == "UNSUPPORTED"]
failed = [t for t in tests if t not in passed and t not in unsupported]
for test in unsupported:
    print("not run here:", test["name"])
for test in failed:
    print("failed:", test["name"])
print(f"{len(passed)} passed, {len(failed)} failed")
sys.exit(1 if failed or not passed else 0)
