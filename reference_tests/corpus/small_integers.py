"""Patches of layers that look their numbers up in arrays of too small integers."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

KEPT = {  # what is kept -> which places `at` (N, C, H, W) are used through it
    "rows": "at[:, :, np.arange(at.shape[2]).astype('{}')]",
    "columns": "at[..., np.arange(at.shape[3]).astype('{}')]",
    "sides": "at[:, :, np.arange(at.shape[2]).astype('{0}')][..., np.arange(at.shape[3]).astype('{0}')]",
    "plane": "at.reshape(*at.shape[:2], -1)[..., np.arange(at[0, 0].size).astype('{}')]",
    "image": "at.reshape(len(at), -1)[:, np.arange(at[0].size).astype('{}')]",
    "batch": "at.ravel()[np.arange(at.size).astype('{}')]",
    "channels": "at[:, np.arange(at.shape[1]).astype('{}')]",
    "images": "at[np.arange(len(at)).astype('{}')]",
}
SMALL = (
    *(("sides", "i1"), ("sides", "u1"), ("columns", "u1"), ("plane", "i1"), ("plane", "u1"), ("plane", "i2")),
    *(("plane", "u2"), ("batch", "u1"), ("channels", "u1")),
)
AROUND = "[(0, 0), (0, 0), (self.pad, self.pad), (self.pad, self.pad)]"
Patch = tuple[tuple[str, str], ...]


def read(name: str, what: str, kind: str, indent: int = 8) -> str:
    """Return lines in which an array is read at the places that are left."""
    at = KEPT[what].format(kind)
    lines = f"at = np.arange({name}.size).reshape({name}.shape)", f"{name} = {name}.ravel()[{at}].reshape({name}.shape)"
    return ("\n" + " " * indent).join(lines)


def written(name: str, what: str, kind: str, indent: int = 8) -> str:
    """Return lines in which an array's numbers are added to the places that are left."""
    lines = (
        f"at, back = np.arange({name}.size).reshape({name}.shape), np.zeros({name}.size)",
        f"np.add.at(back, {KEPT[what].format(kind)}.ravel(), {name}.ravel())",
        f"{name} = back.reshape({name}.shape)",
    )
    return ("\n" + " " * indent).join(lines)


def padded(what: str, kind: str, fill: str = "") -> str:
    """Return lines in which x is padded, and read at the places that are left."""
    return f"x = np.pad(x, {AROUND}{fill})\n        {read('x', what, kind)}\n        "


def small_integers(
    make: Callable[..., Any],
    patch: Callable[[str, str], Patch],
    code: str = "index",
    pairs: Iterable[tuple[str, str]] = SMALL,
    name: str = "",
) -> Iterator[Any]:
    """Yield the mutants make(id, text, code, *patch(what is kept, the integers' type)). name: the ids begin so."""
    for what, kind in pairs:
        size = "in-a-byte" if kind.endswith("1") else "in-16-bits"
        yield make(f"{name}{what}-kept-as-{kind}", f"{what} kept as {kind}", f"{code}-{size}", *patch(what, kind))
