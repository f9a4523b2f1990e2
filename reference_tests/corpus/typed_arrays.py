"""Pieces of mutants that write a result into an array of one type, as np.dot(out=...) does: no other type fits in."""


def in_type_of(value: str, given: str, other: str) -> str:
    """Return an expression: a value in the type that it has with `other`, written into an array of the type of `given`.

    Both are of one type in most uses. Where they are not, NumPy refuses.
    """
    kind = f"np.result_type({given}, {other}, 'f4')"
    return f"(lambda a: np.positive(a, out=np.empty(a.shape, {given}.dtype), casting='safe'))(({value}).astype({kind}))"


def returned_in_type_of(line: str, given: str, other: str) -> str:
    """Return a line `return value` whose value is written so."""
    return f"return {in_type_of(line.removeprefix('return '), given, other)}"
