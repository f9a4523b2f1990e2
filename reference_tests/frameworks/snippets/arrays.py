"""Arrays as Python: short where they follow a rule, number by number where they do not."""

from typing import Any

import numpy as np

NOISE = 'np.arange(1, {n}, dtype="float64")'
FEW = 40  # numbers that are written out though they follow a rule
RARE = 3  # places of a constant array that may differ


def value_code(value: Any) -> str:
    """Return Python for an input of a question: an array, a number or a list."""
    return array_code(value) if isinstance(value, np.ndarray) else repr(value)


def array_code(array: np.ndarray) -> str:
    """Return Python that makes this very array, bit by bit."""
    candidates = [written_out(array)] if array.size <= FEW else [*by_rule(array), written_out(array)]
    if array.size > 4 and constant(array):
        candidates.insert(0, f"np.full({array.shape}, {number(array.flat[0])}, {dtype(array)})")
    return next(code for code in candidates if is_same(code, array))


def constant(array: np.ndarray) -> bool:
    """Tell whether every number is the same; NaN equals NaN."""
    return bool((array == array.flat[0]).all() or np.isnan(array).all())


def is_same(code: str, array: np.ndarray) -> bool:
    """Tell whether the code makes exactly this array."""
    made = eval(code, {"np": np})
    return made.shape == array.shape and made.dtype == array.dtype and made.tobytes() == array.tobytes()


def by_rule(array: np.ndarray) -> list[str]:
    """Return candidates: numbers that count, numbers without a pattern as questions draw them, almost a constant."""
    n, shape, kind = array.size, array.shape, dtype(array)
    count = f"np.arange(1, {n + 1}, dtype={kind}).reshape{shape}"
    drawn = "(2 * ((k * 0.6180339887498949 + k * k * 0.0137) % 1) - 1)"
    tenths = f"(np.arange({n}) / 10).astype({kind}).reshape{shape}"
    found = [count, tenths]
    one_of_two = [(2, (shape[0], 2, *shape[2:]))] if shape[1:2] == (1,) else []  # the second channel of two
    for more, whole in ((1, shape), *one_of_two):
        k = NOISE.format(n=n * more + 1)
        noise = f"(lambda k: {drawn})({k}).astype({kind}).reshape{whole}{'[:, 1:]' if more == 2 else ''}"
        found += [noise, f"abs({noise})", f"np.ascontiguousarray({noise})"]
    return [*found, *alternating(array), *almost_constant(array)]


def alternating(array: np.ndarray) -> list[str]:
    """Return code for two numbers in turn."""
    a, b = array.flat[0], array.flat[1]
    return [f"np.resize(np.array([{number(a)}, {number(b)}], {dtype(array)}), {array.shape})"]


def almost_constant(array: np.ndarray) -> list[str]:
    """Return code for an array of one number but for a few places."""
    values, counts = np.unique(array, return_counts=True)
    most = values[counts.argmax()]
    places = np.flatnonzero(~((array == most).ravel()))
    if len(places) > RARE:
        return []
    pairs = ", ".join(f"{int(i)}: {number(array.flat[i])}" for i in places)
    numbers = f"[{{{pairs}}}.get(i, {number(most)}) for i in range({array.size})]"
    return [f"np.array({numbers}, {dtype(array)}).reshape{array.shape}"]


def written_out(array: np.ndarray) -> str:
    """Return code with every number."""
    numbers = ", ".join(map(number, array.ravel()))
    made = f"np.array([{numbers}], {dtype(array)})"
    return made if array.ndim == 1 else f"{made}.reshape{array.shape}"


def number(value: Any) -> str:
    """Return a number as Python, NaN and the infinities by their names in NumPy."""
    if np.issubdtype(type(value), np.integer):
        return str(int(value))
    if np.isnan(value):
        return "np.nan"
    if np.isinf(value):
        return "np.inf" if value > 0 else "-np.inf"
    if type(value) is not np.float64 and type(value) is not float:
        return shortest(value)
    return repr(float(value))


def shortest(value: Any) -> str:
    """Return the shortest decimal that is this number in its own type."""
    text = np.format_float_positional(value, unique=True, trim="0")
    if len(text) > 12:
        text = np.format_float_scientific(value, unique=True, trim="-")
    return text.removesuffix(".0") if text != "-0.0" else text


def dtype(array: np.ndarray) -> str:
    """Return the name of its type as Python."""
    return f'"{array.dtype}"'
