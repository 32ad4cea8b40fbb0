"""Writes an .npy file for a test, without NumPy.

    make_npy.py OUT SHAPE [--type f4] [--fill normal|zero|index] [--fortran]
                [--big-endian] [--header TEXT] [--truncate BYTES]

SHAPE is like 2x8x8x16. The type V2 is bfloat16, as ml_dtypes stores it. --header replaces the whole header, --truncate keeps
only the first bytes of the file.
"""
import argparse
import math
import random
import struct

parser = argparse.ArgumentParser()
parser.add_argument("out")
parser.add_argument("shape")
parser.add_argument("--type", default="f4", choices=["f2", "f4", "f8", "i4", "V2"])
parser.add_argument("--fill", default="normal", choices=["normal", "zero", "index"])
parser.add_argument("--fortran", action="store_true")
parser.add_argument("--big-endian", action="store_true")
parser.add_argument("--header")
parser.add_argument("--truncate", type=int)
arguments = parser.parse_args()

shape = [int(size) for size in arguments.shape.split("x")]
count = math.prod(shape)
random.seed(1)
values = {
    "normal": lambda: [random.gauss(0, 1) for _ in range(count)],
    "zero": lambda: [0] * count,
    "index": lambda: list(range(count)),
}[arguments.fill]()
if arguments.fortran:
    # Walk the indices with the first one fastest; the values are in C order.
    order = []
    for linear in range(count):
        index, rest = 0, linear
        for dim, size in enumerate(shape):
            index += (rest % size) * math.prod(shape[dim + 1 :])
            rest //= size
        order.append(index)
    values = [values[index] for index in order]

if arguments.type == "i4":
    values = [int(value) for value in values]
byte_order = ">" if arguments.big_endian else "<"
code = {"f2": "e", "f4": "f", "f8": "d", "i4": "i", "V2": "H"}[arguments.type]
if arguments.type == "V2":
    # The upper half of an f32, cut off.
    values = [struct.unpack("<I", struct.pack("<f", value))[0] >> 16 for value in values]
header = arguments.header or "{'descr': '%s%s', 'fortran_order': %s, 'shape': (%s,), }" % (
    byte_order,
    arguments.type,
    arguments.fortran,
    ", ".join(str(size) for size in shape),
)
header += "\n"
data = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
data += struct.pack("%s%d%s" % (byte_order, count, code), *values)
with open(arguments.out, "wb") as file:
    file.write(data[: arguments.truncate])
