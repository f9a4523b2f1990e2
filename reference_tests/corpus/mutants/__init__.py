"""Wrong implementations, each one realistic mistake in one component: small patches on the base, which is right.

A file a component, each with its MUTANTS.
"""

import linecache
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
SEEN = ("", "precision", "scaled", "constant-added", "place", "when", "type", "exception")  # codes of any component
# read as one text, without what they import from each other
BASE = ("base", "base_windows", "base_network", "base_beyond")


@dataclass(frozen=True)
class Mutant:
    """code: the diagnosis it should get. patch: (fragment of the base, what stands there instead), each found once.

    witness: an expression in the base's names, np, used() and twice(), whose value the mutant gets wrong.
    """

    id: str
    component: str
    text: str
    code: str
    patch: tuple[tuple[str, str], ...]
    witness: str

    @property
    def source(self) -> str:
        """The base, patched. Raises ValueError where a fragment does not stand there exactly once."""
        source = base()
        for old, new in self.patch:
            if source.count(old) != 1:
                raise ValueError(f"mutant {self.id}: {old!r} stands {source.count(old)} times in the base")
            source = source.replace(old, new)
        return source

    def names(self) -> dict[str, Any]:
        """The mutant's names, its file among them as __file__."""
        return executed(self.source, f"<mutant {self.id}>")


@cache
def base() -> str:
    lines = [line for name in BASE for line in (HERE / f"{name}.py").read_text(encoding="utf-8").splitlines()]
    return "\n".join(line for line in lines if not line.startswith("from .")) + "\n"


def executed(source: str, file: str) -> dict[str, Any]:
    """The names that the source binds; its lines are there for tracebacks."""
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    names: dict[str, Any] = {"__file__": file, "__name__": file}
    exec(compile(source, file, "exec"), names)
    return names


def mutants(*components: str) -> list[Mutant]:
    """Of these components; of all where none is named."""
    no_mutants = ("__init__", "witnesses", "beyond", *BASE)
    files = components or sorted(p.stem for p in HERE.glob("*.py") if p.stem not in no_mutants)
    return [m for name in files for m in import_module(f"{__name__}.{name}").MUTANTS]


def used(layer: Any, *args: Any, **named: Any) -> dict[str, np.ndarray]:
    """What forward, then backward of a dout of 1, -2, 3, -4 ... give."""
    out = np.array(layer.forward(*args, **named), copy=True)
    dout = np.arange(1.0, out.size + 1).reshape(out.shape) * (-1.0) ** np.arange(out.size).reshape(out.shape)
    dx = np.array(layer.backward(dout if out.ndim else 1.0), copy=True)
    return {"out": out, "dx": dx, **{k: np.array(getattr(layer, k)) for k in ("dW", "db") if hasattr(layer, k)}}


def twice(layer: Any, first: tuple, second: tuple) -> dict[str, np.ndarray]:
    """What the second use of a layer gives."""
    used(layer, *first)
    return used(layer, *second)


def witnessed(expression: str, names: dict[str, Any]) -> Any:
    """The expression's value; None where it raises."""
    try:
        with np.errstate(all="ignore"):
            return eval(expression, {**names, "np": np, "used": used, "twice": twice})
    except Exception:
        return None


def alike(a: Any, b: Any) -> bool:
    """Whether two witnesses say the same."""
    if a is None or b is None:
        return a is b
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(alike(a[k], b[k]) for k in a)
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.dtype.kind not in "biuf" or b.dtype.kind not in "biuf":
        return False
    return bool(np.allclose(a, b, rtol=1e-6, atol=1e-9, equal_nan=True))


def differs(mutant: Mutant) -> bool:
    """Whether the mutant's witness shows it: another value, or an error where there is none, or none where there is."""
    right, got = (witnessed(mutant.witness, names) for names in (executed(base(), "<base>"), mutant.names()))
    return not alike(right, got)
