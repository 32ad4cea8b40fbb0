"""Compares the ops that docs/msl.md says the printer takes with those that the
printer's test prints.

usage: msl_ops.py docs/msl.md ops.mlir
"""

import re
import sys

DIALECTS = "arith|func|gpu|math|memref|scf|vector"
# What a kernel stands in, not an op of it.
AROUND = {"gpu.module", "gpu.func", "gpu.address_space", "func.func"}

with open(sys.argv[1], encoding="utf-8") as file:
    rows = [line.split("|")[1] for line in file if line.startswith("| `")]
documented = set(re.findall(rf"`((?:{DIALECTS})\.\w+)`", " ".join(rows)))
with open(sys.argv[2], encoding="utf-8") as file:
    code = [line.split("//")[0] for line in file]
tested = set(re.findall(rf"(?<![#\w.@%])(?:{DIALECTS})\.\w+", " ".join(code))) - AROUND
# `return` is short for func.return.
if any(re.match(r"\s+return\b", line) for line in code):
    tested.add("func.return")
for op in sorted(documented - tested):
    print(f"{op} is documented, but not tested")
for op in sorted(tested - documented):
    print(f"{op} is tested, but not documented")
print(f"{len(documented & tested)} ops documented and tested")
