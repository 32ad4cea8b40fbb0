"""Times group normalization here and in other libraries, side by side.

One process times everything: in each round every contender runs on the same f32
data, and so do two copies of the tensor, by memcpy and by streaming stores. The
figure of a contender is the median over the rounds of its time over that of the
faster copy in the same round: 1 is one read and one write of the tensor, 1.5 is
two reads and one write. Each result is compared with f64 first.

The process, not its threads, is bound to as many CPUs as there are threads. Idle
threads of a library spin for a while, in case more work comes: libgomp's for
milliseconds. So that nobody's spinning threads take a CPU from the next one, a
contender waits until the process has stopped using its CPUs, and then calls
untimed, once or with several threads until they run on as many CPUs: they wake up on
whatever CPU the kernel thinks of, and two may share one for 20 ms and more.

    benchmarks/setup DIR                                       (once)
    DIR/bin/python benchmarks/compare.py --threads 1 --csv one.csv
    DIR/bin/python benchmarks/compare.py --threads 2 --csv two.csv
    DIR/bin/python benchmarks/report.py one.csv two.csv --svg comparison.svg

A long run can be made in pieces: with --resume, shapes that the file has are left
out, and those that it has not are appended. Libraries that are missing are named and left out.
"""

import argparse
import csv
import math
import os
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "test", "Numeric")]

FIELDS = ("name", "shape", "groups", "activation", "MiB", "threads", "contender", "of_copy",
          "microseconds", "copy", "copy_microseconds", "error", "rounds")
# One sample lasts about this long.
SAMPLE_SECONDS = 0.01
# The process is looked at for this long to tell whether threads still spin, and
# at most so many times.
SETTLE_SECONDS, SETTLE_TRIES = 0.002, 150
# Several threads are called for this long before they are timed, and then, no
# longer than MOST_WARM_SECONDS, until the process has used this share of its CPUs
# for the time of a look: a library may have work for fewer threads.
WARM_SECONDS, MOST_WARM_SECONDS, LOOK_SECONDS, SPREAD = 0.03, 0.2, 0.005, 0.85


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shapes", default=os.path.join(HERE, "shapes.csv"),
                        help="the problems (default: those of this folder)")
    parser.add_argument("--threads", type=int, default=1, help="threads, on as many CPUs")
    parser.add_argument("--names", default="", help="only these shapes, separated by commas")
    parser.add_argument("--only", default="",
                        help="only these contenders, separated by commas; 'ours', 'peers'")
    parser.add_argument("--skip", default="", help="without these, separated by commas")
    parser.add_argument("--min-mb", type=float, default=0, help="smallest x in MiB")
    parser.add_argument("--max-mb", type=float, default=300, help="largest x in MiB")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--budget", type=float, default=3,
                        help="seconds for one contender on one shape; fewer rounds, but "
                             "three, where more would take longer (default 3)")
    parser.add_argument("--act", action="store_true", help="with the shape's activation")
    parser.add_argument("--csv", help="write every figure")
    parser.add_argument("--resume", action="store_true",
                        help="append to --csv, without the shapes that it has already")
    parser.add_argument("--groupnorm",
                        default=os.path.join(HERE, "..", "build", "bin", "groupnorm"),
                        help="the compiler (default: the build folder's)")
    return parser.parse_args()


def prepare_process(threads):
    """Pins to as many CPUs, and starts again where the environment was not so."""
    from contenders import warm_environment
    environment = warm_environment(threads)
    if any(os.environ.get(name) != value for name, value in environment.items()):
        os.environ.update(environment)
        os.execv(sys.executable, [sys.executable] + sys.argv)
    if hasattr(os, "sched_setaffinity"):
        cpus = sorted(os.sched_getaffinity(0))
        if len(cpus) < threads:
            sys.exit(f"compare.py: error: {threads} threads, but {len(cpus)} CPUs")
        os.sched_setaffinity(0, cpus[:threads])


def read_done(options):
    """The rows that a file to be resumed has of this number of threads."""
    if not options.resume or not os.path.exists(options.csv):
        return []
    with open(options.csv, newline="") as file:
        return [row for row in csv.DictReader(file)
                if int(row["threads"]) == options.threads]


def read_cases(options, done):
    """(name, shape, groups, eps, activation) of the shapes that are asked for."""
    names = set(filter(None, options.names.split(",")))
    done = {(row["name"], row["activation"]) for row in done}
    with open(options.shapes, newline="") as file:
        for row in csv.DictReader(file):
            shape = (int(row["N"]), *map(int, row["spatial"].split("x")), int(row["C"]))
            size = 4 * math.prod(shape) / 2**20
            if names and row["name"] not in names:
                continue
            if not options.min_mb <= size <= options.max_mb:
                continue
            activation = row["act"] if options.act else "none"
            if (row["name"], activation) in done:
                continue
            yield row["name"], shape, int(row["G"]), float(row["eps"]), activation


def choose(options, compiler):
    """The makers that --only and --skip leave, copies first."""
    from contenders import makers
    copies, ours, peers = makers(compiler)
    known = {**ours, **peers}
    only = list(filter(None, options.only.split(",")))
    skip = set(filter(None, options.skip.split(",")))
    for name in [*only, *skip]:
        if name not in known and name not in ("ours", "peers"):
            sys.exit(f"compare.py: error: there is no '{name}'; there are: " + ", ".join(known))
    wanted = {name: maker for name, maker in known.items()
              if not only or name in only or ("ours" if name in ours else "peers") in only}
    return copies, {name: maker for name, maker in wanted.items() if name not in skip}


def activate(y, activation):
    """The activation of y in f64."""
    import numpy as np
    if activation == "silu":
        return y / (1 + np.exp(-y))
    if activation == "relu":
        return np.maximum(y, 0)
    if activation == "leaky_relu":
        return np.where(y > 0, y, 0.01 * y)
    if activation == "gelu":
        return 0.5 * y * (1 + np.vectorize(math.erf)(y / math.sqrt(2)))
    return y


class Expected:
    """The result in f64, of either grouping, computed when it is needed."""

    def __init__(self, case):
        self.case, self.results = case, {}

    def error(self, y, interleaved):
        import numpy as np
        from reference import group_norm
        if interleaved not in self.results:
            y64 = group_norm(self.case.x, self.case.groups, self.case.gamma, self.case.beta,
                             eps=self.case.eps, pytorch_compatible=not interleaved)
            self.results[interleaved] = activate(y64, self.case.activation)
        expected = self.results[interleaved]
        y = np.asarray(y).reshape(expected.shape)
        return max(float(np.abs(a - b).max()) for a, b in zip(y, expected))


def make_contenders(case, makers, unavailable):
    """The contenders that work, each with its error."""
    from contenders import interleaved
    expected, made = Expected(case), {}
    for name, maker in makers.items():
        if name in unavailable:
            continue
        try:
            contender = maker(case)
            if contender is None:
                continue
            contender.error = expected.error(contender.result(contender.call()),
                                             interleaved(name))
        except (ImportError, OSError) as error:
            unavailable.add(name)
            print(f"{name} is not here: {error}", file=sys.stderr)
            continue
        except Exception as error:  # whatever a library does, the others go on
            text = str(error).strip().splitlines()
            print(f"{case.name}: {name}: {type(error).__name__}: {text[0] if text else ''}",
                  file=sys.stderr)
            continue
        made[name] = contender
    return made


def settle():
    """Waits until no thread of this process spins any more."""
    for _ in range(SETTLE_TRIES):
        wall, used = time.perf_counter(), time.process_time()
        time.sleep(SETTLE_SECONDS)
        if time.process_time() - used < 0.1 * (time.perf_counter() - wall):
            return


def call_for(call, seconds):
    """Calls for so long; the share of this process in that time, in CPUs."""
    start, used = time.perf_counter(), time.process_time()
    elapsed = 0
    while elapsed < seconds:
        call()
        elapsed = time.perf_counter() - start
    return (time.process_time() - used) / elapsed


def warm_up(call, threads):
    """Calls once, or with several threads until they are spread."""
    if threads == 1:
        call()
        return
    start = time.perf_counter()
    call_for(call, WARM_SECONDS)
    while (call_for(call, LOOK_SECONDS) < SPREAD * threads
           and time.perf_counter() - start < MOST_WARM_SECONDS):
        pass


def measure(contenders, rounds, budget, threads):
    """Samples of each, round by round; fewer where the budget was spent."""
    calls, limit = {}, {}
    for name, contender in contenders.items():
        contender.call()
        start = time.perf_counter()
        contender.call()
        seconds = time.perf_counter() - start
        calls[name] = max(1, min(2000, math.ceil(SAMPLE_SECONDS / max(seconds, 1e-7))))
        # A round is one call and a sample.
        limit[name] = max(3, int(budget / (seconds * (calls[name] + 1))))
    samples = {name: [] for name in contenders}
    for round in range(rounds):
        for name, contender in contenders.items():
            if round >= limit[name]:
                continue
            call, count = contender.call, calls[name]
            settle()
            warm_up(call, threads)
            start = time.perf_counter()
            for _ in range(count):
                call()
            samples[name].append((time.perf_counter() - start) / count)
    return samples


def compare(case, copies, makers, unavailable, options):
    """The rows of one case."""
    contenders = make_contenders(case, makers, unavailable)
    copying = {name: contender for name, maker in copies.items()
               if (contender := maker(case))}
    samples = measure({**copying, **contenders}, options.rounds, options.budget,
                      case.threads)
    best = min(copying, key=lambda name: statistics.median(samples[name]))
    copy_time = statistics.median(samples[best])
    for name, contender in contenders.items():
        ratio = statistics.median(a / b for a, b in zip(samples[name], samples[best]))
        yield {"name": case.name, "shape": "x".join(map(str, case.shape)),
               "groups": case.groups, "activation": case.activation,
               "MiB": f"{case.mebibytes:.2f}", "threads": case.threads, "contender": name,
               "of_copy": f"{ratio:.3f}",
               "microseconds": f"{statistics.median(samples[name]) * 1e6:.1f}",
               "copy": best, "copy_microseconds": f"{copy_time * 1e6:.1f}",
               "error": f"{contender.error:.1e}", "rounds": len(samples[name])}


def print_case(rows):
    first = rows[0]
    print("{name} {shape}, {MiB} MiB, {threads} thread(s), {copy} {copy_microseconds} us"
          .format(**first))
    for row in rows:
        print("  {contender:24} {of_copy:>8}  error {error}".format(**row))
    sys.stdout.flush()


def open_csv(options):
    """A writer of rows, and its file."""
    append = options.resume and os.path.exists(options.csv)
    file = open(options.csv, "a" if append else "w", newline="")
    writer = csv.DictWriter(file, FIELDS)
    if not append:
        writer.writeheader()
    return writer, file


def main():
    options = parse_arguments()
    if options.resume and not options.csv:
        sys.exit("compare.py: error: --resume needs the --csv to go on with")
    prepare_process(options.threads)
    from contenders import Case, Compiler
    compiler = Compiler(options.groupnorm)
    copies, makers = choose(options, compiler)
    everything = read_done(options)
    cases = list(read_cases(options, everything))
    if not cases and not everything:
        sys.exit("compare.py: error: no shape is left by --names, --min-mb and --max-mb")
    writer, file = open_csv(options) if options.csv else (None, None)
    unavailable = set()
    for arguments in cases:
        case = Case(*arguments, options.threads)
        rows = list(compare(case, copies, makers, unavailable, options))
        if not rows:
            continue
        print_case(rows)
        everything += rows
        if writer:
            writer.writerows(rows)
            file.flush()
    from report import summarize
    print("\n" + summarize(everything))


if __name__ == "__main__":
    main()
