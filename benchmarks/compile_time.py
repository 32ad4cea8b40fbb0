"""Times the compiler: from the command line to an object file, for every shape.

The time is that of the whole process, `groupnorm emit --emit=obj`, the best of
three runs; the median and the longest over all shapes are printed. With --dynamic
only the number of features is known to the compiler, and the rest a call's argument.

    python benchmarks/compile_time.py [--act] [--dynamic]
"""

import argparse
import csv
import os
import statistics
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
RUNS = 3


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shapes", default=os.path.join(HERE, "shapes.csv"))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--act", action="store_true", help="with the shape's activation")
    parser.add_argument("--dynamic", action="store_true", help="of any N and spatial sizes")
    parser.add_argument("--groupnorm",
                        default=os.path.join(HERE, "..", "build", "bin", "groupnorm"))
    options = parser.parse_args()
    times = {}
    with open(options.shapes, newline="") as file, tempfile.TemporaryDirectory() as folder:
        for row in csv.DictReader(file):
            sizes = [row["N"], *row["spatial"].split("x"), row["C"]]
            if options.dynamic:
                sizes[:-1] = "?" * (len(sizes) - 1)
            command = [options.groupnorm, "emit", "--emit=obj", "--shape", "x".join(sizes),
                       "--num-groups", row["G"], "--threads", str(options.threads),
                       "-o", os.path.join(folder, "norm.o")]
            if options.act and row["act"] != "none":
                command += ["--activation", row["act"]]
            runs = []
            for _ in range(RUNS):
                start = time.perf_counter()
                subprocess.run(command, check=True)
                runs.append(time.perf_counter() - start)
            times[row["name"]] = min(runs)
    longest = max(times, key=times.get)
    print(f"{len(times)} shapes, {options.threads} thread(s): "
          f"median {statistics.median(times.values()):.3f} s, "
          f"longest {times[longest]:.3f} s ({longest})")


if __name__ == "__main__":
    main()
