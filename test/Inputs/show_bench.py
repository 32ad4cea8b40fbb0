"""What `groupnorm bench --json FILE` wrote, times left out.

usage: show_bench.py FILE      ('-' is the standard input)
"""
import json
import statistics
import sys

with (sys.stdin if sys.argv[1] == "-" else open(sys.argv[1])) as file:
    bench = json.load(file)
print("shape", bench["shape"], bench["dtype"])
print(bench["num_groups"], bench["grouping"], "groups,", bench["threads"], "threads")
print("schedule", bench["schedule"])
print("predicted", [sweep["bytes"] for sweep in bench["predicted"]], "bound", bench["bound"])
for name, contender in bench["contenders"].items():
    samples = contender["samples_seconds"]
    print(name, len(samples), "samples,", int(contender["bytes"]), "bytes")
    assert abs(contender["median_seconds"] / statistics.median(samples) - 1) < 1e-9
    assert min(samples) > 0 and contender["calls_per_sample"] >= 1
print("the medians are those of the samples")
