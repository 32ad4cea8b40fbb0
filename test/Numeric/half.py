"""f16 and bf16 on NumPy, which has no bf16: it is kept as its 16 bits."""

import numpy as np

STORAGE = {"f32": np.float32, "f16": np.float16, "bf16": np.uint16}


def bits_of(x, dtype):
    """f32 values as an array of `dtype`, rounded to nearest, ties to even."""
    if dtype != "bf16":
        with np.errstate(over="ignore"):
            return x.astype(STORAGE[dtype])
    wide = np.ascontiguousarray(x, np.float32).view(np.uint32)
    rounded = ((wide + 0x7FFF + ((wide >> 16) & 1)) >> 16).astype(np.uint16)
    return np.where(np.isnan(x), np.uint16(0x7FC0), rounded)


def from_bits(array, dtype):
    """The values of an array of `dtype`, in f32."""
    if dtype != "bf16":
        return array.astype(np.float32)
    return (array.astype(np.uint32) << 16).view(np.float32)


def round_to(x, dtype):
    """f32 values that `dtype` has."""
    return x if dtype == "f32" else from_bits(bits_of(x, dtype), dtype)


def save(path, array, dtype):
    """Writes an array of `dtype`; a bf16 is two bytes of no type, as ml_dtypes
    writes it."""
    np.save(path, array.view("V2") if dtype == "bf16" else array)


def load(path, dtype):
    array = np.load(path)
    return array.view(np.uint16) if dtype == "bf16" else array
