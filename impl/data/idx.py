"""The IDX format of the MNIST files: a magic number, the sizes, then the bytes.

Source: Y. LeCun, C. Cortes, C. Burges, The MNIST database of handwritten digits, "File formats".
"""

import gzip
import struct
import zlib
from math import prod
from pathlib import Path

import numpy as np

UINT8 = 8  # the type code of the magic number's third byte; the fourth is the number of axes


class DataError(ValueError):
    """A data file is missing, damaged or of another kind: one sentence that names the file and the fault."""


def read_idx(path: str | Path, axes: int) -> np.ndarray:
    """Read the uint8 array of an IDX file, raw or gzipped (recognized by its first bytes, not by its name).

    Raises DataError if the file cannot be read, is cut, too long, or does not hold bytes with that many axes.
    """
    content = _content(path)
    header = 4 + 4 * axes
    if len(content) < header:
        raise DataError(f"{path} is cut: {len(content)} bytes, the header alone has {header}")
    magic, *shape = struct.unpack(f">{1 + axes}I", content[:header])
    if magic != UINT8 << 8 | axes:
        raise DataError(f"{path} is not an IDX file of bytes with {axes} axes: it starts with {content[:4].hex(' ')}")
    if len(content) - header != prod(shape):
        size = "x".join(map(str, shape))
        state = "cut" if len(content) - header < prod(shape) else "too long"
        raise DataError(f"{path} is {state}: {len(content) - header} bytes of data, its header says {size}")
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def write_idx(array: np.ndarray) -> bytes:
    """Return the bytes of the IDX file of a uint8 array."""
    magic = UINT8 << 8 | array.ndim
    return struct.pack(f">{1 + array.ndim}I", magic, *array.shape) + np.ascontiguousarray(array, np.uint8).tobytes()


def _content(path: str | Path) -> bytes:
    try:
        packed = Path(path).read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from None
    if not packed.startswith(b"\x1f\x8b"):
        return packed
    try:
        return gzip.decompress(packed)
    except EOFError:
        raise DataError(f"{path} is cut: its gzip stream ends early, after {len(packed)} bytes") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path} is damaged: {error}") from None
