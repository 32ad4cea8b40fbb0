"""Breaks printed kernels, one fault at a time, and sees whether the check finds it.

usage: mutate.py FOLDER

Each function of FOLDER/kernels.metal, as FOLDER/launch.json describes it, is
launched as it is and once for each fault. All copies stand in one text, so
that it is compiled once. A fault counts as found if the check reports it at the
line, and for the memory, where it is. A shifted index that stays within memory
that holds data is none that a check of memory can see: there the result must
differ. Prints a line for each function and kind of fault; what was not found is
listed before it.
"""

import json
import re
import subprocess
import sys
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Kernel:
    name: str
    lines: list  # of its text, from the attribute to the closing brace

    def arrays(self):
        """Names that can be indexed in memory: parameters and arrays."""
        text = "\n".join(self.lines)
        return set(re.findall(r"\*(\w+) \[\[buffer", text)) | set(re.findall(r"^  (?:threadgroup )?\w+ (\w+)\[\d+\];", text, re.M))

    def shared(self):
        return re.findall(r"^  threadgroup \w+ (\w+)\[\d+\];", "\n".join(self.lines), re.M)


@dataclass
class Mutant:
    fault: str
    function: dict
    kernel: str = ""
    lines: list = field(default_factory=list)
    expected: str = ""  # kinds of finding, as a pattern
    at: tuple = ()  # indices of lines of the kernel, any of which will do
    name: str = ""  # of the memory
    shrink: str = ""  # a buffer to be bound one element short


def close(text, opening):
    """The bracket that closes the one at `opening`."""
    depth = 0
    for i in range(opening, len(text)):
        depth += {"[": 1, "(": 1, "]": -1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return i
    return None  # on another line


def statement(lines, i):
    """The indices of the lines of the statement that line i begins or belongs to."""
    first = last = i
    while not re.search(r"[;{}]$|^ *(//|#).*|^$", lines[first - 1]):
        first -= 1
    while not re.search(r"[;{]$", lines[last]):
        last += 1
    return range(first, last + 1)


def mutants(function, kernels):
    for name in [k["name"] for k in function["kernels"]]:
        kernel = kernels[name]
        body = next(i for i, l in enumerate(kernel.lines) if l.endswith("{")) + 1

        def changed(i, new, fault, expected, at, memory=""):
            lines = kernel.lines[:i] + [new] + kernel.lines[i + 1:]
            return Mutant(fault, function, name, lines, expected, tuple(at), memory)

        for i in range(body, len(kernel.lines)):
            line = kernel.lines[i]
            if "threadgroup_barrier(" in line:
                # Found where the memory is used too early, or again too early.
                yield changed(i, "", "delete a barrier", "data race|uninitialized read",
                              range(body, len(kernel.lines)))
            for match in re.finditer(r"(?<![\w.])(\w+)\[", line):
                end = close(line, match.end() - 1)
                declared = re.search(r"\w+ \w+\[\d+\];$", line)
                if match[1] not in kernel.arrays() or end is None or declared:
                    continue
                new = f"{line[:match.end()]}1 + ({line[match.end():end]}){line[end:]}"
                yield changed(i, new, "shift an index by one", "out of bounds|uninitialized read",
                              statement(kernel.lines, i), match[1])
            for shared in kernel.shared():
                if re.match(rf" *{shared}\[.*\] = ", line):
                    span = statement(kernel.lines, i)
                    reads = [j for j in range(body, len(kernel.lines)) if f"{shared}[" in kernel.lines[j]]
                    mutant = changed(i, "", "read memory that nobody wrote", "uninitialized read", reads, shared)
                    for j in span:
                        mutant.lines[j] = ""
                    yield mutant
            call = re.search(r"= (\w*simd\w*)\(", line)
            if call:
                end = close(line, call.end() - 1)
                value = line[call.end():end]
                new = f"{line[:call.start()]}= thread_index_in_simdgroup < 31 ? {line[call.start() + 2:end + 1]} : {value}{line[end + 1:]}"
                yield changed(i, new, "put a simd operation under a branch", "divergent simd operation", ())
    for buffer in function["buffers"]:
        users = [(k["name"], a) for k in function["kernels"] for a in k["arguments"] if a["buffer"] == buffer["name"]]
        mutant = Mutant("shrink a buffer", function, expected="out of bounds", name=buffer["name"], shrink=buffer["name"])
        mutant.kernel = users[0][0]
        mutant.lines = kernels[mutant.kernel].lines
        mutant.at = tuple(j for j, l in enumerate(mutant.lines) if f"{buffer['name']}[" in l)
        yield mutant


def specification(folder, buffer, shrink):
    lanes = 4 if buffer["type"].endswith("4") else 1
    kind = {4: "f32", 2: "f16"}[buffer["element_bytes"] // lanes]
    elements = buffer["elements"] * lanes - (1 if shrink else 0)
    if buffer["role"] != "input":
        return f"out:{kind}[{elements}]"
    name = f"{buffer['name']}-{kind}-{elements}.npy"
    values = np.random.default_rng(len(buffer["name"])).standard_normal(elements)
    np.save(f"{folder}/{name}", values.astype({"f32": np.float32, "f16": np.float16}[kind]))
    return name


def main():
    folder = sys.argv[1]
    with open(f"{folder}/kernels.metal", encoding="ascii") as file:
        text = file.read().splitlines()
    with open(f"{folder}/launch.json", encoding="ascii") as file:
        functions = json.load(file)

    # A kernel goes from its comment to the brace in the first column.
    kernels = {}
    for i, line in enumerate(text):
        if line.startswith("kernel void "):
            end = next(j for j in range(i, len(text)) if text[j] == "}")
            name = re.match(r"kernel void (\w+)", line)[1]
            kernels[name] = Kernel(name, text[i - 1:end + 1])

    out, buffers, launches, outputs, ranges, tried = list(text), {}, [], {}, {}, []
    for function in functions:
        unbroken = Mutant("", function, function["kernels"][0]["name"])
        unbroken.lines = kernels[unbroken.kernel].lines
        for mutant in [unbroken, *mutants(function, kernels)]:
            number = len(tried)
            tried.append(mutant)
            copy = f"mutant{number}"
            ranges[number] = len(out) + 1  # the number of the copy's first line
            out += [re.sub(rf"\b{mutant.kernel}\b\(", f"{copy}(", l) for l in mutant.lines]
            for buffer in function["buffers"]:
                buffers[f"{number}.{buffer['name']}"] = specification(folder, buffer, buffer["name"] == mutant.shrink)
                if buffer["role"] == "output":
                    outputs[f"{number}.{buffer['name']}"] = f"{number}.npy"
            for kernel in function["kernels"]:
                launches.append({
                    "kernel": copy if kernel["name"] == mutant.kernel else kernel["name"],
                    "grid": kernel["threadgroups"], "threadgroup": kernel["threads_per_threadgroup"],
                    "arguments": [f"{number}.{a['buffer']}" for a in kernel["arguments"]]})
    with open(f"{folder}/mutants.metal", "w", encoding="ascii") as file:
        file.write("\n".join(out) + "\n")
    with open(f"{folder}/mutants.json", "w", encoding="ascii") as file:
        json.dump({"buffers": buffers, "launches": launches, "outputs": outputs}, file)
    run = subprocess.run(["groupnorm-msl-run", f"{folder}/mutants.metal", "--check", "--launches", f"{folder}/mutants.json"],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    reports = run.stdout.split("kernel ")[1:]
    if len(reports) != len(launches):
        sys.exit(run.stdout)
    reports = iter(reports)

    tally = {}
    for number, mutant in enumerate(tried):
        report = "".join(next(reports) for _ in mutant.function["kernels"])
        findings = re.findall(r"\.metal:(\d+): (.*?): (.*)", report)
        allowed = [ranges[number] + i for i in mutant.at]
        result = np.load(f"{folder}/{number}.npy")
        differs = False
        if not mutant.fault:
            found, right = not findings, result
        elif mutant.fault.startswith("put"):  # at the call, or in the function that is called
            found = any(kind == mutant.expected for _, kind, _ in findings)
        else:
            found = any(re.fullmatch(mutant.expected, kind) and int(line) in allowed and
                        (not mutant.name or f"'{mutant.name}'" in message) for line, kind, message in findings)
            if mutant.fault.startswith("shift") and not findings:
                differs = not np.array_equal(result, right, equal_nan=True)
        count = tally.setdefault((mutant.function["function"], mutant.fault), [0, 0, 0])
        count[0] += found
        count[1] += differs
        count[2] += 1
        if not found and not differs:
            print(f"not found: {mutant.fault} in {mutant.kernel}: {mutant.name} at {allowed}: "
                  f"line {ranges[number]}, got {findings[:3]}")
    order = list(dict.fromkeys(function for function, _ in tally))
    for (function, fault), (found, differs, total) in sorted(
            tally.items(), key=lambda item: (order.index(item[0][0]), item[0][1])):
        if not fault:
            print(f"{function}: unbroken: {total - found} findings")
        elif differs:
            print(f"{function}: {fault}: {found + differs} of {total}, {differs} by a wrong result")
        else:
            print(f"{function}: {fault}: {found} of {total}")


main()
