"""The layer of an emitted module where there is no GPU, and where its kernels do
not fit: it is mlx.nn.GroupNorm, to the last bit.

usage: check_layer.py MODULE.py     compiled for ?x8x32 float32, 4 groups
"""

import importlib.util
import sys

import mlx.core as mx
import mlx.nn as nn
import mlx.optimizers as optimizers
from mlx.utils import tree_flatten

mx.set_default_device(mx.cpu)
spec = importlib.util.spec_from_file_location("compiled", sys.argv[1])
compiled = importlib.util.module_from_spec(spec)
spec.loader.exec_module(compiled)
GroupNorm = compiled.GroupNorm


def failure_of(layer, *arguments, **keywords):
    try:
        layer(*arguments, **keywords)
    except ValueError as error:
        return str(error)
    return None


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and bool(mx.array_equal(a, b))


# The constructor: its arguments, its complaints, the parameters, the text.
assert issubclass(GroupNorm, nn.GroupNorm)
for arguments in [(4, 32), (4, 32, 1e-3), (4, 32, 1e-5, False), (4, 32, 1e-5, True, True)]:
    ours, theirs = GroupNorm(*arguments), nn.GroupNorm(*arguments)
    assert repr(ours) == repr(theirs)
    flat = [tree_flatten(layer.parameters()) for layer in (ours, theirs)]
    assert [name for name, _ in flat[0]] == [name for name, _ in flat[1]]
    assert all(same(a, b) for (_, a), (_, b) in zip(*flat))
for arguments in [(0, 32), (4, 0), (3, 32), (4, 32, 0.0)]:
    complaint = failure_of(GroupNorm, *arguments)
    assert complaint is not None and complaint == failure_of(nn.GroupNorm, *arguments)
print("constructor: as mlx.nn.GroupNorm's")

# Without a GPU: its results, its gradients, its training.
x = mx.random.normal((2, 8, 32), key=mx.random.key(1))
probe = mx.random.normal((2, 8, 32), key=mx.random.key(2))
trained = []
for layer in (GroupNorm(4, 32), nn.GroupNorm(4, 32)):
    step = nn.value_and_grad(layer, lambda x, layer=layer: mx.sum(layer(x) * probe))
    optimizer = optimizers.SGD(learning_rate=0.1)
    for _ in range(3):
        loss, gradients = step(x)
        optimizer.update(layer, gradients)
    trained.append([loss, layer.weight, layer.bias, layer(x)])
assert all(same(a, b) for a, b in zip(*trained))
print("fallback and training: the same bits")


# With a GPU: kernels for what they were compiled for, and for nothing else.
def launched(layer, x):
    """Whether a call of the layer runs kernels."""
    found = []
    compiled._has_gpu = lambda: True
    compiled._run_kernels = lambda x, *_: found.append(x) or x
    layer(x)
    return bool(found)


fitting = GroupNorm(4, 32)
half = GroupNorm(4, 32)
half.set_dtype(mx.float16)
assert launched(fitting, x) and launched(fitting, x[:1])
for layer, other in [
    (fitting, x.astype(mx.float16)),            # type of x
    (half, x),                                  # type of the parameters
    (fitting, mx.zeros((2, 9, 32))),            # a size
    (fitting, mx.zeros((2, 2, 4, 32))),         # rank
    (GroupNorm(8, 32), x),                      # groups
    (GroupNorm(4, 32, 1e-6), x),                # epsilon
    (GroupNorm(4, 32, affine=False), x),        # no parameters
    (GroupNorm(4, 32, pytorch_compatible=True), x),
]:
    assert not launched(layer, other), (layer, other.shape, other.dtype)
    theirs = nn.GroupNorm(layer.num_groups, 32, layer.eps, "weight" in layer,
                          layer.pytorch_compatible)
    if layer is half:
        theirs.set_dtype(mx.float16)
    assert same(layer(other), theirs(other))
print("kernels: for their own shape and type alone")

# The gradients that go with the kernels, whatever the layer's parameters.
compiled._run_kernels = lambda x, weight, bias: nn.GroupNorm.__call__(fitting, x)
weighted = GroupNorm(4, 32)
weighted.weight, weighted.bias = probe[0, 0], probe[1, 1]
fitting.update(weighted.parameters())
reference = nn.GroupNorm(4, 32)
reference.update(weighted.parameters())


def total(layer):
    return lambda x: mx.sum(layer(x) * probe)


ours, theirs = (mx.grad(total(layer))(x) for layer in (weighted, reference))
assert mx.max(mx.abs(ours - theirs)) < 1e-5 * mx.max(mx.abs(theirs))
compiled_step = mx.compile(mx.grad(total(weighted)))
assert mx.max(mx.abs(compiled_step(x) - theirs)) < 1e-5 * mx.max(mx.abs(theirs))
print("gradients: MLX's own, also under mx.compile")
