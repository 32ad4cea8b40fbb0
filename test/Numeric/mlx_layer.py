"""mlx.nn.GroupNorm on the CPU, with the arguments of reference.group_norm.

Run as a program, it compares the reference with it on the small cases of the
families `features` and `widths`: that they agree is what makes the reference
MLX's definition and not merely ours.
"""

import sys

import mlx.core as mx
import mlx.nn as nn
import numpy as np

from cases import features, widths
from reference import group_norm

# MLX's own error on these sizes; a wrong group or factor is off by far more.
LIMIT = 5e-5


def mlx_group_norm(x, groups, gamma=None, beta=None, *, eps=1e-5,
                   pytorch_compatible=False):
    mx.set_default_device(mx.cpu)
    layer = nn.GroupNorm(groups, x.shape[-1], eps=eps, affine=gamma is not None,
                         pytorch_compatible=pytorch_compatible)
    if gamma is not None:
        layer.weight, layer.bias = mx.array(gamma), mx.array(beta)
    return np.array(layer(mx.array(x)))


def main():
    compared, worst = 0, 0.0
    for case in [*features("quick"), *widths("quick")]:
        if case.outside_sqrt:  # which MLX has not
            continue
        x, gamma, beta = case.input()
        ours = group_norm(x, case.groups, gamma, beta, **case.arguments())
        theirs = mlx_group_norm(x, case.groups, gamma, beta, eps=case.eps,
                                pytorch_compatible=case.pytorch_compatible)
        error = float(np.abs(ours - theirs).max())
        compared, worst = compared + 1, max(worst, error)
        if not error <= LIMIT:
            print(f"FAIL {case}: the reference and MLX differ by {error:.2e}")
    print(f"{compared} cases, MLX {mx.__version__} and the reference differ by "
          f"{worst:.2e} at most, limit {LIMIT:.0e}")
    sys.exit(not worst <= LIMIT)


if __name__ == "__main__":
    main()
