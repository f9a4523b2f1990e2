"""Trials: small calls of the target's code, with arrays of which no two sides are equal."""

import contextlib
import copy
import linecache
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import CellType, CodeType, FunctionType
from typing import Any

import numpy as np

from ..timing.alarms import OutOfTime
from .families import Array, Family
from .layouts import NAMES, Layout, Sizes
from .vocabulary import normalize

DEPTH = 3  # of the objects inside an object that are looked at
MOST = 200  # things inside an object that are looked at
Env = dict[str, Any]


class Refused(Exception):
    """The target's code raised something, or gave nothing that can be read. on_purpose: by a statement of its own.

    line: that statement.
    """

    on_purpose = False
    line = ""

    @property
    def of_remainder(self) -> bool:
        """Whether the code refuses sizes that leave a remainder, by its own reckoning."""
        return self.on_purpose and "%" in self.line


class Descent:
    """An optimizer for targets that keep one inside a layer: the gradient itself is subtracted."""

    learning_rate = lr = 1.0

    def update(self, w: Any, grad: Any = None) -> Any:
        """Return the parameter less its gradient; a layer that hands itself over keeps its gradients, and is left."""
        return w if grad is None else w - grad


class Spread:
    """An initializer for targets that are handed one: numbers of any shape."""

    def W(self, *shape: int) -> Any:
        """Return weights of this shape."""
        return np.random.default_rng(0).standard_normal(shape) * 0.1

    B = b = bias = weight = initialize = W

    def __call__(self, *shape: Any) -> Any:
        """Return weights of this shape, that of one tuple or of several numbers."""
        return self.W(*(shape[0] if len(shape) == 1 and isinstance(shape[0], tuple) else shape))


class Plain:
    """An activation for targets that are handed one as an object: it changes nothing."""

    def forward(self, x: Any, *more: Any) -> Any:
        """Return x itself."""
        return x

    __call__ = activation = activate = function = func = compute = backward = forward

    def derivative(self, x: Any, *more: Any) -> Any:
        """Return the slope, which is 1."""
        return x * 0 + 1

    gradient = grad = prime = deriv = derivative


FOREIGN = ("numpy", "scipy", "torch", "jax", "cupy")  # whose code refuses nothing on the target's behalf
HANDED = {"Descent": Descent, "Spread": Spread, "Plain": Plain}  # what generated code may hand to a target


def evaluate(code: str, env: Env) -> Any:
    """Return the value of code. Raises Refused if the target's code raises anything."""
    try:
        return eval(compiled(code), env)
    except (KeyboardInterrupt, OutOfTime):
        raise
    except BaseException as error:
        raise refused(error) from None


@lru_cache(maxsize=4096)
def compiled(code: str) -> CodeType:
    """Return an expression compiled: the same calls and layouts are tried again and again. Raises SyntaxError."""
    return compile(code, "<string>", "eval")


def refused(error: BaseException) -> Refused:
    """Return what a trial raises for an exception of the target's code."""
    found, last = Refused(f"{type(error).__name__}: {error}"[:300]), error.__traceback__
    while last and last.tb_next:
        last = last.tb_next
    if last and str(last.tb_frame.f_globals.get("__name__")).partition(".")[0] not in FOREIGN:
        line = linecache.getline(last.tb_frame.f_code.co_filename, last.tb_lineno).strip()
        found.line = line
        found.on_purpose = isinstance(error, SystemExit | AssertionError) or is_raise(line)
    return found


def is_raise(line: str) -> bool:
    """Return whether a line raises an exception itself, be it behind its condition: if h != w: raise ValueError."""
    return bool(re.match(r"((el)?if\b.*: *|else: *)?raise\b", line))


def execute(statement: str, env: Env) -> None:
    """Run a statement. Raises Refused if it raises anything."""
    try:
        exec(statement, env)
    except (KeyboardInterrupt, OutOfTime):
        raise
    except BaseException as error:
        raise refused(error) from None


def environment(things: Mapping[str, Any], family: Family, sizes: Sizes, values: Mapping[str, Any]) -> Env:
    """Return the names of a trial: the target's things, the sizes, the contract's arrays and arguments."""
    env: Env = {**things, "np": np, **HANDED, **{NAMES[k]: n for k, n in sizes.items()}, **values}
    arrays: dict[str, Array] = {"x": family.x, **family.params, "dout": family.out}
    drawn = draw(tuple(tuple(sizes[a] for a in array.axes) for array in arrays.values()))
    return env | {name: one.copy() for name, one in zip(arrays, drawn)}


@lru_cache(maxsize=32)
def draw(shapes: tuple[tuple[int, ...], ...]) -> list[np.ndarray]:
    """Draw the contract's arrays, the same for each trial of these shapes."""
    rng = np.random.default_rng(5)
    return [rng.standard_normal(shape) for shape in shapes]


def arranged(env: Env, name: str, layout: Layout) -> np.ndarray:
    """Return a copy of the contract's array in the layout; of the first image where the layout is of one."""
    code = layout.there("one" if "N" in layout.lacking else name)
    found = eval(compiled(code), {**env, "one": env[name][0] if "N" in layout.lacking else None})
    return np.array(found, order="C")


def arrays_inside(thing: Any, path: str, depth: int = DEPTH) -> Iterator[tuple[str, Any]]:
    """Yield (code, number or array) of what an object, dict, list or tuple holds, the nearest first."""
    queue: list[tuple[str, Any, int]] = [(path, thing, depth)]
    seen: set[int] = set()
    while queue and len(seen) < MOST:
        where, one, left = queue.pop(0)
        if id(one) in seen and not isinstance(one, int | float):
            continue
        seen.add(id(one))
        if is_number_like(one):
            yield where, one
            continue
        if whole := as_array(one, where):
            yield whole
        if left:
            queue += [(code, inner, left - 1) for code, inner in parts_of(one, where)]


def returned_arrays(got: Any, path: str = "got", depth: int = 3) -> Iterator[tuple[str, Any]]:
    """Yield (code, array) of what backward returned: an array, or a tuple, list, dict or object of some."""
    if is_number_like(got):
        yield path, got
    elif isinstance(got, tuple | list | Mapping) and depth:
        if whole := as_array(got, path):
            yield whole
        parts = got.items() if isinstance(got, Mapping) else enumerate(got)
        for key, part in parts:
            yield from returned_arrays(part, f"{path}[{key!r}]", depth - 1)
    elif got is not None and depth and type(got).__module__ not in ("builtins", "numpy"):
        yield from arrays_inside(got, path, 2)


def cache_beside(got: Any, result: str) -> str:
    """Return the code of what a forward pass returned besides its output: backward may need it."""
    if not (isinstance(got, tuple | list) and result.startswith("got[")):
        return ""
    rest = [i for i in range(len(got)) if f"got[{i}]" != result]
    return f"got[{rest[0]}]" if len(rest) == 1 else "got[1:]" if rest else ""


def gives_array(got: Any) -> bool:
    """Return whether a call gave an array, alone or among others."""
    return any(isinstance(part, np.ndarray) for part in (got if isinstance(got, tuple | list) else [got]))


def as_array(one: Any, where: str) -> tuple[str, np.ndarray] | None:
    """Return (code, array) of a list of arrays of one shape, a filter each, or of a list of floats; None for others."""
    if not isinstance(one, list) or len(one) < 2:
        return None
    if all(isinstance(part, float) for part in one):
        return f"np.array({where})", np.array(one)
    if all(isinstance(part, np.ndarray) and part.ndim and part.shape == one[0].shape for part in one):
        return f"np.stack({where})", np.stack(one)
    return None


def likeness(where: str, name: str) -> tuple[int, int]:
    """Rank a place by its name: a parameter's own first, a gradient's or a moment's last; the nearer the better."""
    plain = where.rstrip(")").replace("']", "").replace(".data", "").replace(".value", "")
    last = normalize(plain.split(".")[-1].split("['")[-1])
    words = {"W": "w weight weights kernel kernels filters filter convfilter k", "b": "b bias biases w0 b0"}[
        name
    ].split()
    gradient = "grad" in where or last.startswith(("d", "g", "v", "m", "cache"))
    return (2 if gradient else 0 if last in words else 1), where.count(".") + where.count("[")


def is_number_like(one: Any) -> bool:
    """Return whether it is an array of numbers, or one of NumPy's numbers."""
    return isinstance(one, np.ndarray | np.floating) and one.dtype.kind in "fiu"


def parts_of(one: Any, where: str) -> list[tuple[str, Any]]:
    """List the parts of a container or of an object of the target's own, with their code."""
    if isinstance(one, Mapping):
        return [(f"{where}[{key!r}]", part) for key, part in one.items() if isinstance(key, str | int)]
    if isinstance(one, list | tuple):
        return [(f"{where}[{i}]", part) for i, part in enumerate(one[:20])]
    if isinstance(one, FunctionType):  # what it holds for a function beside it
        cells = [(i, cell) for i, cell in enumerate(one.__closure__ or ()) if holds_something(cell)]
        inside = [(f"{where}.__closure__[{i}].cell_contents", cell.cell_contents) for i, cell in cells]
        return [*((f"{where}.{name}", part) for name, part in vars(one).items()), *inside]
    slots = [s for kind in type(one).__mro__ for s in listed(getattr(kind, "__slots__", ()))]
    found = dict(getattr(one, "__dict__", {}))
    for name in slots:
        with contextlib.suppress(Exception):
            found[name] = getattr(one, name)
    if type(one).__module__ in ("builtins", "numpy"):
        return []
    return [(f"{where}.{name}", part) for name, part in found.items() if name.isidentifier()]


def holds_something(cell: CellType) -> bool:
    """Return whether a variable of an enclosing function has a value yet."""
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def listed(slots: Any) -> list[str]:
    """Return a class's slots as a list of names."""
    return [slots] if isinstance(slots, str) else [s for s in slots if not s.startswith("__")]


def snapshot(thing: Any, path: str = "layer") -> dict[str, Any]:
    """Return copies of all arrays inside an object, by their code."""
    return {where: copy.copy(one) for where, one in arrays_inside(thing, path)}
