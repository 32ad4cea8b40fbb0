"""Makes the demonstration's input: the features of a photograph.

usage: demo_features.py FOLDER

The first layer of a vision network answers to edges, spots and colours. The
same is had without training from a fixed bank of filters, so this script
expands the photograph of Grace Hopper that matplotlib ships (U.S. Navy, public
domain) into 64 features per pixel:

  48  edges and bars: Gabor-like filters (derivatives of a Gaussian) in 8
      orientations and 3 scales on the luminance, each with its positive and
      its negative part, as a rectifier leaves them
  16  spots: differences of Gaussians in 4 scales on two colour-opponent
      planes, positive and negative parts

Two samples, the whole picture and its middle at twice the scale, give x.npy of
2x128x128x64 in f32; gamma.npy and beta.npy hold one scale and one shift per
feature. Like the activations of a network, the features are sparse, skewed and
of very unequal size. In 32 groups, the interleaved grouping pairs the two
parts of each filter, the contiguous one pairs neighbours. The same files come
out of every run.
"""

import importlib.util
import os
import sys

import numpy as np
from PIL import Image

SIZE = 128
ORIENTATIONS = 8
EDGE_SCALES = (1.0, 2.0, 4.0)  # standard deviations in pixels
SPOT_SCALES = (0.7, 1.4, 2.8, 5.6)
MARGIN = 32  # mirrored pixels around the picture: the widest filter's reach


def photograph():
    """The sample photograph, found without importing matplotlib."""
    package = importlib.util.find_spec("matplotlib").submodule_search_locations[0]
    path = os.path.join(package, "mpl-data", "sample_data", "grace_hopper.jpg")
    return Image.open(path).convert("RGB")


def views(picture):
    """The largest square of the picture, and the middle half of that square."""
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    whole = (left, top, left + side, top + side)
    quarter = side // 4
    middle = (left + quarter, top + quarter, left + side - quarter, top + side - quarter)
    for box in (whole, middle):
        small = picture.resize((SIZE, SIZE), Image.Resampling.BOX, box=box)
        yield np.asarray(small, dtype=np.float64) / 255


def frequencies():
    """The two axes of the frequency plane of a picture with its margin, in
    radians per pixel."""
    f = 2 * np.pi * np.fft.fftfreq(SIZE + 2 * MARGIN)
    return f[:, None], f[None, :]


def gaussian(sigma):
    """Frequency response of a Gaussian blur."""
    v, u = frequencies()
    return np.exp(-0.5 * sigma**2 * (u**2 + v**2))


def edge(sigma, orientation, order):
    """Frequency response of a Gaussian's first (edge) or second (bar)
    derivative across an orientation, of the same strength at every scale."""
    v, u = frequencies()
    across = u * np.cos(orientation) + v * np.sin(orientation)
    return (1j * sigma * across) ** order * gaussian(sigma)


def respond(plane, response):
    """Filters a plane, mirrored at its borders."""
    wide = np.pad(plane, MARGIN, mode="symmetric")
    filtered = np.fft.ifft2(np.fft.fft2(wide) * response).real
    return filtered[MARGIN:-MARGIN, MARGIN:-MARGIN]


def features(rgb):
    """64 features of every pixel."""
    red, green, blue = np.moveaxis(rgb, -1, 0)
    luminance = (red + green + blue) / 3
    answers = []
    for sigma in EDGE_SCALES:
        for i in range(ORIENTATIONS):
            order = 1 + i % 2  # edges and bars take turns
            response = edge(sigma, np.pi * i / ORIENTATIONS, order)
            answers.append(respond(luminance, response))
    for plane in (red - green, (red + green) / 2 - blue):
        for sigma in SPOT_SCALES:
            response = gaussian(sigma) - gaussian(1.6 * sigma)
            answers.append(respond(plane, response))
    answers = np.stack(answers, axis=-1)
    return np.concatenate([np.maximum(answers, 0), np.maximum(-answers, 0)], axis=-1)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: demo_features.py FOLDER")
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    x = np.stack([features(view) for view in views(photograph())]).astype(np.float32)
    feature = np.arange(x.shape[-1])
    gamma = (1 + 0.25 * np.cos(0.7 * feature)).astype(np.float32)
    beta = (0.1 * np.sin(1.3 * feature)).astype(np.float32)
    # beta.npy comes last: where it is, the set is complete.
    for name, array in (("x", x), ("gamma", gamma), ("beta", beta)):
        np.save(os.path.join(folder, name + ".npy"), array)


main()
