"""Runs the tool `groupnorm` on NumPy arrays, by way of .npy files."""

import os
import re
import subprocess

import numpy as np


class DriverError(Exception):
    """The tool said no, or something that this module does not understand."""


def run_tool(command):
    """What `groupnorm run` prints, and the name of its engine."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    engine = re.search(r"^engine +(\w+)", done.stdout, re.MULTILINE)
    if done.returncode or not engine:
        raise DriverError(f"{' '.join(command)}: exit status {done.returncode}\n"
                          f"{done.stdout}{done.stderr}")
    return done.stdout, engine.group(1)


class Driver:
    """Keeps its files in `folder`; `tool` is found on PATH."""

    def __init__(self, folder, tool="groupnorm"):
        os.makedirs(folder, exist_ok=True)
        self.folder, self.tool = folder, tool

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, x, groups, gamma=None, beta=None, *, eps=1e-5,
            pytorch_compatible=False, outside_sqrt=False, feature_dim=-1, threads=None):
        """y, and the name of the engine that computed it."""
        np.save(self.path("x.npy"), x)
        command = [self.tool, "run", "--input", self.path("x.npy"),
                   "--num-groups", str(groups), "--eps", repr(eps)]
        if gamma is None:
            command += ["--no-affine"]
        else:
            np.save(self.path("gamma.npy"), gamma)
            np.save(self.path("beta.npy"), beta)
            command += ["--weight", self.path("gamma.npy"), "--bias", self.path("beta.npy")]
        if pytorch_compatible:
            command += ["--pytorch-compatible"]
        if outside_sqrt:
            command += ["--epsilon-placement", "outside_sqrt"]
        if feature_dim != -1:
            command += ["--feature-dim", str(feature_dim)]
        if threads:
            command += ["--threads", str(threads)]
        command += ["-o", self.path("y.npy")]
        _, engine = run_tool(command)
        y = np.load(self.path("y.npy"))
        os.remove(self.path("y.npy"))
        return y, engine
