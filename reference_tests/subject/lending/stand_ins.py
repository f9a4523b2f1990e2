"""Harmless stand-ins for packages that layers use by the way: progress bars, plots, compilers, CuPy.

A stand-in is put in place only where the package is not installed, and that is said. It holds no answer to any check.
"""

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

_MODULES = """
    tqdm tqdm.auto tqdm.notebook tqdm.std tqdm.autonotebook matplotlib matplotlib.pyplot matplotlib.cm matplotlib.image
    matplotlib.animation matplotlib.colors matplotlib.patches mpl_toolkits mpl_toolkits.mplot3d pylab seaborn
    japanize_matplotlib numba numba.typed IPython IPython.display ipywidgets cupy line_profiler memory_profiler"""
MODULES = frozenset(_MODULES.split())
PACKAGES = frozenset(name.partition(".")[0] for name in MODULES)


class Silent:
    """Whatever is asked of it, it does nothing and gives itself: a figure, an axis, a widget, a number type."""

    def __call__(self, *args: Any, **keywords: Any) -> "Silent":
        return self

    def __getattr__(self, name: str) -> "Silent":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key: Any) -> "Silent":
        return self

    def __iter__(self) -> Iterator["Silent"]:
        return iter((self, self))  # fig, ax = plt.subplots()

    def __enter__(self) -> "Silent":
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Bar:
    """A progress bar that shows nothing: tqdm(range(3)), or `with tqdm(total=3) as bar`."""

    def __init__(self, iterable: Any = (), *args: Any, **keywords: Any) -> None:
        self.iterable = iterable

    def __iter__(self) -> Iterator[Any]:
        return iter(self.iterable)

    def __len__(self) -> int:
        return len(self.iterable)

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return SILENT


SILENT = Silent()


def leave_alone(*args: Any, **keywords: Any) -> Any:
    """Decorate a function with nothing: @jit, @jit(nopython=True), @njit("f8(f8)")."""
    if len(args) == 1 and callable(args[0]) and not keywords and not isinstance(args[0], Silent):
        return args[0]
    return lambda function: function


def vectorize(*args: Any, **keywords: Any) -> Any:
    """Decorate a function of numbers so that it takes arrays, as numba.vectorize does."""
    if len(args) == 1 and callable(args[0]) and not isinstance(args[0], Silent):
        return functools.wraps(args[0])(np.vectorize(args[0]))
    return vectorize


def progress_range(*args: int, **keywords: Any) -> Bar:
    """Return tqdm's trange."""
    return Bar(range(*args))


def to_numpy(array: Any, *args: Any, **keywords: Any) -> Any:
    """Return CuPy's asnumpy and get of an array that is NumPy's already."""
    return np.asarray(array)


JIT = dict.fromkeys(("jit", "njit", "generated_jit", "guvectorize", "stencil", "jit_module", "profile"), leave_alone)
CUPY = {"asnumpy": to_numpy, "get_array_module": lambda *_: np, "cuda": SILENT, "fuse": leave_alone}
CONTENTS: Mapping[str, Mapping[str, Any]] = {
    "tqdm": {"tqdm": Bar, "trange": progress_range, "tqdm_notebook": Bar, "tnrange": progress_range},
    "numba": {**JIT, "vectorize": vectorize, "prange": range},
    "line_profiler": JIT,
    "memory_profiler": JIT,
    "cupy": {**{name: thing for name, thing in vars(np).items() if not name.startswith("__")}, **CUPY},
    "IPython": {"get_ipython": lambda: None},
}


def contents_of(module: str) -> dict[str, Any]:
    """Return what a stand-in module holds."""
    return dict(CONTENTS.get(module.partition(".")[0], {}))


def missing_attribute(module: str) -> Callable[[str], Any]:
    """Return the module's __getattr__: whatever else is asked of a package for show is silent."""

    def look_up(name: str) -> Any:
        if module == "cupy" and hasattr(np, name):
            return getattr(np, name)  # numpy.random and others come when they are asked for
        if name.startswith("__") or module.partition(".")[0] in ("cupy", "tqdm"):
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        return SILENT

    return look_up
