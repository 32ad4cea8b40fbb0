"""Compares functions whose sizes only a call knows with those of static shapes.

Of every shape two functions are compiled: one for it alone, and one for which N and
all spatial sizes are arguments. On the CPU they are called in turn on the same
arrays, as compare.py does it, with features last and first; the figure is the median
over the rounds of the dynamic one's time over the static one's. With --metal it is
the bytes that the kernels of either move in the simulator, which times nothing. The
results are compared too.

    build/venv/bin/python benchmarks/dynamic.py [--threads 2] [--names A,B] [--metal]
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile

from compare import HERE, measure, prepare_process, read_cases

# From 1 to 60 MiB: a sample or a group that fits a cache, and one that does not.
NAMES = ("maskrcnn_fpn_p5_256,sd15_unet_8_2560,htdemucs_time_85995_6_g1,sd15_unet_16_1280,"
         "sd15_unet_32_640,sd15_unet_64_320,r50gn_res4_14_1024,r50gn_res3_28_512,sdxl_unet_64_1920")
# What the simulator does in seconds.
METAL_NAMES = ("tiny_onnx_2x2_4,encodec48k_t150_512_g1,maskrcnn_fpn_p5_256,sd15_unet_8_2560,"
               "htdemucs_time_85995_6_g1,sd15_unet_16_1280,sd15_unet_32_640")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shapes", default=os.path.join(HERE, "shapes.csv"))
    parser.add_argument("--names", default="", help="only these shapes, separated by commas")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--budget", type=float, default=1, help="seconds for a function (default 1)")
    parser.add_argument("--metal", action="store_true", help="bytes in the simulator instead")
    parser.add_argument("--groupnorm",
                        default=os.path.join(HERE, "..", "build", "bin", "groupnorm"))
    options = parser.parse_args()
    options.names = options.names or (METAL_NAMES if options.metal else NAMES)
    options.min_mb, options.max_mb, options.act = 0, float("inf"), False
    return options


def time_on_cpu(case, options, compiler):
    """Microseconds of the static functions, and the ratio, for either layout."""
    from contenders import FIRST, LAST, groupnorm
    for layout in (LAST, FIRST):
        contenders = {dynamic: groupnorm(compiler, case, layout=layout, dynamic=dynamic)
                      for dynamic in (False, True)}
        static, dynamic = (contender.result(contender.call()).copy()
                           for contender in contenders.values())
        if abs(static - dynamic).max() > 1e-5:
            sys.exit(f"dynamic.py: error: {case.name}: the results differ")
        samples = measure(contenders, options.rounds, options.budget, case.threads)
        yield layout, statistics.median(samples[False]) * 1e6, statistics.median(
            b / a for a, b in zip(samples[False], samples[True]))


def count_on_metal(case, options, folder):
    """Bytes that the static function's kernels move, and the ratio."""
    import numpy as np

    def run(*arguments):
        return subprocess.run([options.groupnorm, *arguments], check=True, text=True,
                              capture_output=True).stdout

    inputs = []
    for name, array in (("x", case.x), ("gamma", case.gamma), ("beta", case.beta)):
        path = os.path.join(folder, f"{name}.npy")
        np.save(path, array)
        inputs += ["--input", path]
    moved, results = [], []
    for dynamic in (False, True):
        sizes = ["?" if dynamic else str(n) for n in case.shape[:-1]] + [str(case.features)]
        module, y = os.path.join(folder, "norm.mlir"), os.path.join(folder, "y.npy")
        run("emit", "--shape", "x".join(sizes), "--num-groups", str(case.groups),
            "--eps", repr(case.eps), "--pytorch-compatible", "--emit=mlir", "-o", module)
        report = run("run", module, *inputs, "--target", "metal", "--checked", "-o", y)
        moved.append(sum(int(read) + int(written) for read, written in
                         re.findall(r"^kernel .*: (\d+) bytes read, (\d+) written", report,
                                    re.MULTILINE)))
        results.append(np.load(y))
    if abs(results[0] - results[1]).max() > 1e-5:
        sys.exit(f"dynamic.py: error: {case.name}: the results differ")
    return moved[0], moved[1] / moved[0]


def main():
    options = parse_arguments()
    if not options.metal:
        prepare_process(options.threads)
    from contenders import Case, Compiler
    compiler = Compiler(options.groupnorm)
    for arguments in read_cases(options, done=[]):
        case = Case(*arguments, options.threads)
        label = f"{case.name} {'x'.join(map(str, case.shape))}"
        if options.metal:
            with tempfile.TemporaryDirectory() as folder:
                moved, ratio = count_on_metal(case, options, folder)
            print(f"{label}: {moved} bytes, dynamic {ratio:.3f}", flush=True)
            continue
        for layout, microseconds, ratio in time_on_cpu(case, options, compiler):
            print(f"{label}, {layout}, {case.threads} thread(s): {microseconds:.1f} us, "
                  f"dynamic {ratio:.3f}", flush=True)


if __name__ == "__main__":
    main()
