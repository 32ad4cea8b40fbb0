"""Parts of larger buffers, features last or not, with any number of sizes that only
a call knows: no copy, and the result within the contract.

usage: strided.py --folder FOLDER [--tier quick|full]

A case normalizes a window of x into a window of y; around it y keeps what it
had.
"""

import itertools
import os
from dataclasses import dataclass

import numpy as np

from case_loop import main
from driver import DriverError, run_tool
from reference import group_norm

# The shape of the buffers, offsets and sizes of the window, and the dimension of
# the features.
WINDOWS = {
    "samples": ((5, 24, 6, 7), (1, 0, 0, 0), (3, 24, 6, 7), 1),
    "features": ((2, 40, 6, 7), (0, 8, 0, 0), (2, 24, 6, 7), 1),
    "rows": ((2, 24, 9, 37), (0, 0, 2, 3), (2, 24, 6, 33), 1),
    "short rows": ((2, 24, 20, 9), (0, 0, 1, 2), (2, 24, 18, 5), 1),
    "planes and rows": ((2, 8, 5, 6, 19), (0, 0, 1, 1, 1), (2, 8, 3, 4, 17), 1),
    "before and behind": ((2, 4, 30, 6, 9), (0, 1, 2, 0, 1), (2, 3, 24, 6, 8), 2),
    "all": ((2, 4, 24, 150), (0, 0, 0, 0), (2, 4, 24, 150), 2),
    "features last": ((2, 6, 9, 30), (0, 1, 2, 4), (2, 5, 6, 24), 3),
    "column": ((2, 5, 4, 24), (0, 0, 2, 0), (2, 5, 1, 24), 3),
    "volumes": ((2, 4, 3, 5, 20), (0, 1, 0, 2, 0), (2, 3, 3, 3, 20), 4),
}
# Of the dimensions of the window, those whose sizes are not in its type.
DYNAMIC = {"samples": (0,), "features": (0, 2, 3), "rows": (0, 2), "short rows": (2,),
           "planes and rows": (0, 2, 3), "before and behind": (0, 1, 3, 4), "all": (0, 1, 3),
           "features last": (0, 1, 2), "column": (0, 1), "volumes": (1, 2)}
SCHEDULES = ["strategy = sample, flatten = 16", "piece = 64, flatten = 16, vector = 16, chunk = 32, stream = true"]
EPILOGUES = {"none": "", "residual": "x", "shift": "c"}


@dataclass(frozen=True)
class Case:
    window: str
    contiguous: bool
    dynamic: bool
    schedule: str
    epilogue: str

    def __str__(self):
        return (f"{self.window} {'contiguous' if self.contiguous else 'interleaved'} "
                f"{'dynamic' if self.dynamic else 'static'} epilogue {self.epilogue} <{self.schedule}>")

    def module(self):
        """The norm of a window, as a function over memrefs."""
        shape, offsets, sizes, dim = WINDOWS[self.window]
        unknown = DYNAMIC[self.window] if self.dynamic else ()
        spell = lambda numbers: "x".join(map(str, numbers))
        types = ["?" if d in unknown else n for d, n in enumerate(sizes)]
        part = f"memref<{spell(types)}xf32>"
        head, x, y = "", "%x", "%y"
        if sizes == shape:
            whole = part
        else:
            whole = f"memref<{spell('?' if d in unknown else n for d, n in enumerate(shape))}xf32>"
            # What follows from sizes that only a call knows is not in the type.
            strides = ["?" if any(e > d for e in unknown) else int(np.prod(shape[d + 1:])) for d in range(len(shape))]
            parts = [s if isinstance(s, str) else o * s for o, s in zip(offsets, strides) if o]
            offset = "?" if any(isinstance(p, str) for p in parts) else sum(parts)
            layout = f", strided<[{', '.join(map(str, strides))}]" + (f", offset: {offset}>" if offset else ">")
            part = part[:-1] + layout + ">"
            for d in unknown:
                head += (f"  %i{d} = arith.constant {d} : index\n  %less{d} = arith.constant {shape[d] - sizes[d]} : index\n"
                         f"  %all{d} = memref.dim %x, %i{d} : {whole}\n  %d{d} = arith.subi %all{d}, %less{d} : index\n")
            for name in "xy":
                head += (f"  %{name}w = memref.subview %{name}[{', '.join(map(str, offsets))}] "
                         f"[{', '.join(f'%d{d}' if d in unknown else str(n) for d, n in enumerate(sizes))}] "
                         f"[{', '.join('1' * len(sizes))}] : {whole} to {part}\n")
            x, y = "%xw", "%yw"
        dims = [f"d{d}" for d in range(len(sizes))]
        kind = EPILOGUES[self.epilogue]
        extra = {"": "", "x": f", %e: memref<{spell(types)}xf32>", "c": f", %e: memref<{types[0]}x{sizes[dim]}xf32>"}[kind]
        region = ""
        if kind:
            results = dims if kind == "x" else [dims[0], dims[dim]]
            region = f"""
    epilogue(%e : {extra.split(': ')[1]} by [affine_map<({', '.join(dims)}) -> ({', '.join(results)})>]) {{
  ^bb0(%n: f32, %v: f32):
    %r = arith.addf %n, %v : f32
    gn.yield %r : f32
  }}"""
        grouping = "contiguous" if self.contiguous else "interleaved"
        return f"""func.func @f(%x: {whole}{extra}, %y: {whole}) {{
{head}  gn.group_norm num_groups(4) ins({x} : {part}) outs({y} : {part})
    {{feature_dim = {dim} : i64, grouping = #gn.grouping<{grouping}>, gn.schedule = #gn.cpu_schedule<{self.schedule}>}}{region}
  return
}}
"""

    def check(self, folder):
        path = lambda name: os.path.join(folder, name)
        shape, offsets, sizes, dim = WINDOWS[self.window]
        random = np.random.default_rng(1)
        x = (100 + random.standard_normal(shape)).astype(np.float32)
        window = tuple(slice(o, o + n) for o, n in zip(offsets, sizes))
        wanted = np.zeros(shape)
        wanted[window] = group_norm(x[window], 4, pytorch_compatible=self.contiguous, feature_dim=dim)
        np.save(path("x.npy"), x)
        command = ["groupnorm", "run", path("f.mlir"), "--input", path("x.npy"), "-o", path("y.npy")]
        kind = EPILOGUES[self.epilogue]
        if kind:
            extra = random.standard_normal(sizes if kind == "x" else (sizes[0], sizes[dim])).astype(np.float32)
            np.save(path("e.npy"), extra)
            command += ["--input", path("e.npy")]
            wanted[window] += extra if kind == "x" else extra.reshape([n if d in (0, dim) else 1 for d, n in enumerate(sizes)])
        with open(path("f.mlir"), "w", encoding="ascii") as file:
            file.write(self.module())
        _, engine = run_tool(command)
        error = np.abs(np.load(path("y.npy")) - wanted).max()
        return error <= 5e-6, f"engine {engine}: error {error:.1e}"


def cases(tier):
    turn = itertools.cycle(range(5))
    for window, contiguous, dynamic, schedule, epilogue in itertools.product(
            WINDOWS, (False, True), (False, True), SCHEDULES, EPILOGUES):
        # Inputs of one dynamic type have one size.
        if window == "samples" and dynamic and epilogue == "residual":
            continue
        if tier == "full" or next(turn) == 0:
            yield Case(window, contiguous, dynamic, schedule, epilogue)


main(__doc__, cases, DriverError)
