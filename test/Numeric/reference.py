"""Group normalization as mlx.nn.GroupNorm defines it, in f64.

The layer's page gives y = (x - E[x]) / sqrt(Var[x] + eps) * gamma + beta, with
mean and variance over the spatial positions and over the features of one group,
separately for each sample; features come last. Which features form a group
depends on the layer's mode:

  default                  x is seen as (N, rows, G): feature c is in group c mod G
  pytorch_compatible=True  x is seen as (N, positions, G, C/G): c is in c div (C/G)

Nothing here is shared with the compiler or its oracle.
"""

import numpy as np


def grouped_view(sample, groups, pytorch_compatible):
    """One sample as (positions, width, G) or (positions, G, width), and the two
    axes that a group's statistics run over."""
    features = sample.shape[-1]
    if pytorch_compatible:
        return sample.reshape(-1, groups, features // groups), (0, 2)
    return sample.reshape(-1, features // groups, groups), (0, 1)


def group_norm(x, groups, gamma=None, beta=None, *, eps=1e-5,
               pytorch_compatible=False, outside_sqrt=False):
    """y in f64; sample by sample, so that only one is held twice."""
    y = np.empty(x.shape, np.float64)
    for source, target in zip(x, y):
        view, axes = grouped_view(source.astype(np.float64), groups, pytorch_compatible)
        if view.size == 0:
            continue
        view -= view.mean(axis=axes, keepdims=True)
        # Deviations that sum to a little more than zero make the mean better.
        view -= view.mean(axis=axes, keepdims=True)
        variance = np.square(view).mean(axis=axes, keepdims=True)
        if outside_sqrt:
            view /= np.sqrt(variance) + eps
        else:
            view /= np.sqrt(variance + eps)
        target[...] = view.reshape(source.shape)
        if gamma is not None:
            target *= gamma.astype(np.float64)
            target += beta.astype(np.float64)
    return y
