"""Runs the commands of a file and prints what each says and its exit status.

    fails.py COMMANDS

A line that starts with '$ ' is a command. The script itself fails where a
command succeeds, crashes, writes to the standard output, or leaves a file
behind: these are tests of errors.
"""
import os
import shlex
import subprocess
import sys

before = set(os.listdir("."))
bad = False
for line in open(sys.argv[1]):
    if not line.startswith("$ "):
        continue
    command = shlex.split(line[2:])
    result = subprocess.run(command, capture_output=True, text=True)
    print("$ " + line[2:].strip())
    print(result.stderr, end="")
    print("exit status %d" % result.returncode)
    if result.returncode not in (1, 2) or result.stdout or result.stderr.count("\n") != 1:
        print("BAD: an error is one line and the status 1 or 2: " + result.stdout)
        bad = True
left = set(os.listdir(".")) - before
if left:
    print("BAD: left behind: " + " ".join(sorted(left)))
    bad = True
sys.exit(bad)
