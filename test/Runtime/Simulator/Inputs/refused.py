"""Compiles each case of a test and prints what the first error says.

A case's line `flags: ...` goes to groupnorm-msl-run, not to the compiler.
"""
import re
import subprocess
import sys

test, scratch = sys.argv[1:]
head = "#include <metal_stdlib>\nusing namespace metal;\n"
for name, body in re.findall(r"^case: (.*)\n((?:.+\n)+)", open(test).read(), re.M):
    lines = [l for l in body.splitlines() if not re.match(r"CHECK", l)]
    flags = lines.pop(0).split()[1:] if lines[0].startswith("flags:") else []
    with open(scratch, "w") as f:
        f.write(head + "\n".join(lines) + "\n")
    run = subprocess.run(["groupnorm-msl-run", scratch, *flags], capture_output=True, text=True)
    first = (run.stderr.splitlines() or ["accepted"])[0]
    place = re.match(r"groupnorm-msl-run: error: .*?\.metal:(\d+): (.*)", first)
    message = f"{place[1]}: {place[2]}" if place and run.returncode == 1 else first
    print(f"{name}: {message}")
